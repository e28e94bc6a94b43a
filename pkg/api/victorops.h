// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What VictorOps' custom outgoing webhook says. Users write its payload by hand and the vendor
// fills in variables as plain text, so a quote in a note breaks the JSON: reading is tolerant.
// Private to pkg/api. Source: reference paging-backends §1.4.

#pragma once

#include <string>
#include <string_view>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::api {

struct VictorOpsNews {
  std::string entity_id;
  std::string phase;  // UNACKED, ACKED, RESOLVED; "" for news of paging and on-call.
  std::string user;   // Who acknowledged or resolved; "SYSTEM" or "" when it was nobody.
  std::string note;
  WallTime at = kNoTime;  // When it was done there; kNoTime: it does not say.
};

// Reads the vendor's default payload (one flat object, dots in the keys) or the one we recommend
// (entity_id, phase, ack_user …), also when its JSON is broken. Values may be strings, numbers or
// null; a variable that was not expanded counts as absent. Errors: kInvalidArgument when the body
// is no JSON object and names neither entity nor phase.
Result<VictorOpsNews> ParseVictorOps(std::string_view body);

}  // namespace watchfire::api
