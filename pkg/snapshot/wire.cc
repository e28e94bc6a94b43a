// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/snapshot/wire.h"

#include <cstdint>

namespace watchfire::snapshot {
namespace {

constexpr size_t kVarintBytesMax = 10;
constexpr uint64_t kFieldNumberMax = (1 << 29) - 1;

}  // namespace

tl::unexpected<Error> Corrupt(size_t at, const std::string& why) {
  return Fail(Code::kCorrupt, "byte " + std::to_string(at) + ": " + why);
}

void Reader::Skip(size_t bytes) {
  text_.remove_prefix(bytes);
  at_ += bytes;
}

Result<uint64_t> Reader::Varint() {
  uint64_t value = 0;
  for (size_t i = 0; i < kVarintBytesMax; ++i) {
    if (i == text_.size()) return Corrupt(at_, "the text ends within a number");
    const auto byte = static_cast<unsigned char>(text_[i]);
    if (i + 1 == kVarintBytesMax && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      Skip(i + 1);
      return value;
    }
  }
  return Corrupt(at_, "a number of more than 64 bits");
}

Result<uint64_t> Reader::Fixed(size_t bytes) {
  if (text_.size() < bytes) return Corrupt(at_, "the text ends within a number");
  uint64_t value = 0;
  for (size_t i = bytes; i > 0; --i) value = value << 8 | static_cast<unsigned char>(text_[i - 1]);
  Skip(bytes);
  return value;
}

Result<Reader> Reader::NextMessage(size_t bytes_max) {
  const size_t start = at_;
  const Result<uint64_t> size = Varint();
  if (!size) return Fail(size.error());
  if (*size > bytes_max) {
    return Corrupt(start, "a message of " + std::to_string(*size) + " bytes, at most " +
                              std::to_string(bytes_max) + " are read");
  }
  if (*size > text_.size()) {
    return Corrupt(start, "a message of " + std::to_string(*size) + " bytes, of which " +
                              std::to_string(text_.size()) + " are there");
  }
  const Reader message(text_.substr(0, *size), at_);
  Skip(*size);
  return message;
}

Result<std::optional<Field>> Reader::NextField() {
  if (done()) return std::optional<Field>();
  Field field;
  field.at = at_;
  const Result<uint64_t> tag = Varint();
  if (!tag) return Fail(tag.error());
  field.number = *tag >> 3;
  if (field.number == 0 || field.number > kFieldNumberMax) return Corrupt(field.at, "no field");
  const uint64_t type = *tag & 7;
  Result<uint64_t> value = 0;
  switch (type) {
    case static_cast<uint64_t>(WireType::kVarint):
      value = Varint();
      break;
    case static_cast<uint64_t>(WireType::kFixed64):
      value = Fixed(8);
      break;
    case static_cast<uint64_t>(WireType::kFixed32):
      value = Fixed(4);
      break;
    case static_cast<uint64_t>(WireType::kBytes): {
      const Result<Reader> bytes = NextMessage(SIZE_MAX);
      if (!bytes) return Fail(bytes.error());
      field.bytes = bytes->text_;
      field.bytes_at = bytes->at_;
      break;
    }
    default:
      return Corrupt(field.at, "a field of unknown type " + std::to_string(type));
  }
  if (!value) return Fail(value.error());
  field.type = static_cast<WireType>(type);
  field.value = *value;
  return std::optional(field);
}

}  // namespace watchfire::snapshot
