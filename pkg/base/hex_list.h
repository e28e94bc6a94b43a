// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Lists of 64-bit hashes as JSON: they do not fit its safe integers, so each is a text of 16
// hexadecimal digits, as Hex64 has them. A message of ten alerts is written down with forty.

#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace watchfire {

// Returns ["00000000000000ab","fedcba9876543210"], for JsonWriter::Raw.
std::string HexList(std::span<const uint64_t> values);

}  // namespace watchfire
