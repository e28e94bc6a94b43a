// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a record of ServiceNow's is to hold: the columns of the Table API.
// Source: reference paging-backends §4.2.

#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "pkg/base/result.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/servicenow/servicenow.h"

namespace watchfire::notify::servicenow {

// The vendor's limits, in characters.
inline constexpr size_t kShortDescriptionRunesMax = 160;
inline constexpr size_t kTextRunesMax = 4000;

using Columns = std::map<std::string, std::string>;  // Values are JSON.

// What is written when the record is new, when its group fires on, and when nothing fires any more.
struct Record {
  Columns created, updated, resolved;
};

// Returns everything that may be needed; `group` is its key hashed. Errors: those of the templates,
// naming the field.
Result<Record> Render(const Options& options, const std::string& group, Rendering* message);

// A JSON object with a final newline.
std::string ToJson(const Columns& columns);

}  // namespace watchfire::notify::servicenow
