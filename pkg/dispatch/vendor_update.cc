// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/vendor_update.h"

namespace watchfire::dispatch {

const char* VendorActName(config::VendorAct act) {
  switch (act) {
    case config::kVendorAcknowledge:
      return "acknowledge";
    case config::kVendorUnacknowledge:
      return "unacknowledge";
    case config::kVendorNote:
      return "note";
    case config::kVendorResolve:
      return "resolve";
  }
  return "note";
}

std::string Sentence(const VendorUpdate& update) {
  const std::string said = update.text.empty() ? "" : ": " + update.text;
  switch (update.act) {
    case config::kVendorAcknowledge:
      return update.by + " acknowledged it in Watchfire" + said;
    case config::kVendorUnacknowledge:
      return "nobody has it in hand in Watchfire any more" + said;
    case config::kVendorNote:
      return update.by + said;
    case config::kVendorResolve:
      return update.by + " resolved it in Watchfire" + said;
  }
  return said;
}

}  // namespace watchfire::dispatch
