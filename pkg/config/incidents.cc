// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/incidents.h"

namespace watchfire::config {

const char* VendorActName(VendorAct act) {
  switch (act) {
    case kVendorAcknowledge:
      return "acknowledge";
    case kVendorUnacknowledge:
      return "unacknowledge";
    case kVendorNote:
      return "note";
    case kVendorResolve:
      return "resolve";
    case kVendorEscalate:
      return "escalate";
  }
  return "note";
}

}  // namespace watchfire::config
