// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Lists of fingerprints inside stored records: 64 bits do not fit JSON's safe integers, so they
// travel as 16 hexadecimal digits each.

#pragma once

#include <cstdint>
#include <vector>

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::nflog {

void WriteHashes(JsonWriter* json, const char* name, const std::vector<uint64_t>& hashes);

// Throws simdjson_error when `list` is not an array of texts.
std::vector<uint64_t> ReadHashes(simdjson::dom::element list);

}  // namespace watchfire::nflog
