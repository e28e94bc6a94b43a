// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The body of POST /api/v2/silences: decoding, with the checks of Alertmanager's framework. What a
// silence may be is for Set::Put() to say.

#pragma once

#include <string_view>

#include "pkg/alert/body.h"
#include "pkg/silence/set.h"

namespace watchfire::silence {

// Decodes {id, matchers: [{name, value, isRegex, isEqual}], startsAt, endsAt, createdBy, comment,
// annotations}; all but id, isEqual (default true) and annotations must be there. As lenient with
// JSON, names and times as alert::DecodeAlerts. Errors: as there, in the order of the generated
// code; 400 for one that is over limits::kSilenceBytes even before it is compiled. Source:
// reference §2.1, §2.9. Ours is `matcherSets`, an array of such arrays: `matchers` may then be left
// out, or must be the first of them.
tl::expected<Draft, alert::WireError> DecodeDraft(std::string_view body);

// Returns whether `text` is a UUID to go-openapi: 32 hex digits, with the four dashes or without
// any, or the former in braces or behind "urn:uuid:". Source: google/uuid Parse.
bool IsUuid(std::string_view text);

}  // namespace watchfire::silence
