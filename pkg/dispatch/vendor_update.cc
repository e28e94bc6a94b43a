// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/dispatch/vendor_update.h"

namespace watchfire::dispatch {

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
    case config::kVendorEscalate:
      return (update.by == "watchfire" ? "escalated" : update.by + " escalated it") +
             std::string(" in Watchfire") + said;
  }
  return said;
}

}  // namespace watchfire::dispatch
