// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Protocol buffers, as much of them as reading needs: varints, fields, messages with their length
// before them. Private to pkg/snapshot. Every view stays within the text it was given. Source:
// https://protobuf.dev/programming-guides/encoding, read on 2026-11-26.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pkg/base/result.h"

namespace watchfire::snapshot {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct Field {
  uint64_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t value = 0;      // Of a number.
  std::string_view bytes;  // Of kBytes.
  size_t at = 0;           // Offset of its tag in the file.
  size_t bytes_at = 0;     // Offset of `bytes` in the file.
};

// Reads a text from its front. All errors are kCorrupt and begin with "byte <offset>: ".
class Reader {
 public:
  // `at`: where `text` stands in the file, for errors.
  explicit Reader(std::string_view text, size_t at = 0) : text_(text), at_(at) {}
  // Of a field of type kBytes.
  explicit Reader(const Field& field) : Reader(field.bytes, field.bytes_at) {}

  bool done() const { return text_.empty(); }
  size_t at() const { return at_; }

  // Errors: the text ends within it, or it is no 64-bit number.
  Result<uint64_t> Varint();
  // Returns nullopt at the end of the text. Groups, which nobody writes any more, are errors.
  Result<std::optional<Field>> NextField();
  // A message behind its length. Errors: the text ends within it, or it is larger than `bytes_max`;
  // the reader is then of no more use.
  Result<Reader> NextMessage(size_t bytes_max);

 private:
  void Skip(size_t bytes);
  Result<uint64_t> Fixed(size_t bytes);

  std::string_view text_;  // What is left.
  size_t at_;
};

// "byte 17: <why>", kCorrupt.
tl::unexpected<Error> Corrupt(size_t at, const std::string& why);

}  // namespace watchfire::snapshot
