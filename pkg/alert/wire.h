// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The body of POST /api/v2/alerts: decoding and validation, Alertmanager's rules and texts.

#pragma once

#include <string>
#include <vector>

#include "pkg/alert/alert.h"
#include "pkg/alert/body.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::alert {

struct DecodeOptions {
  WallTime now;              // updated_at, and the default of starts_at.
  Duration resolve_timeout;  // ends_at = now + this, when the sender gave none.
  bool classic_names = false;
};

struct DecodedBatch {
  std::vector<Alert> valid;
  std::vector<std::string> errors;  // One text per invalid alert, in order: "… (alert 3)".
  size_t firing = 0;                // Counted before validation.
  size_t resolved = 0;
  size_t over_limit = 0;  // Of the errors: those for a bound of limits.h.
};

// Decodes a JSON array of {labels, annotations, startsAt, endsAt, generatorURL}. Unknown members
// and all behind the first JSON value are ignored; names of members match in any case; labels with
// an empty value are dropped, malformed UTF-8 is repaired, null counts as absent. A bad alert is
// reported in `errors` and the others stay valid; a structural fault (not JSON, wrong type, labels
// missing, bad generatorURL, too many alerts) fails the batch. Times beyond 1678..2261 saturate.
// `body` may have up to limits::kBodyBytes, which its reader enforces. Source: Alertmanager api/v2
// postAlerts (reference §2.1, §2.2, §2.4).
tl::expected<DecodedBatch, WireError> DecodeAlerts(const std::string& body,
                                                   const DecodeOptions& options);

}  // namespace watchfire::alert
