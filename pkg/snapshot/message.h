// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the messages of both files have in common. Private to pkg/snapshot.

#pragma once

#include <functional>
#include <string>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/time.h"
#include "pkg/snapshot/snapshot.h"
#include "pkg/snapshot/wire.h"

namespace watchfire::snapshot {

// A file of which so many messages are of no use is no such file.
inline constexpr size_t kSkippedMax = 10'000;

// Calls `take` for each field, in order, until one of them fails.
Status ForEachField(Reader reader, const std::function<Status(const Field&)>& take);

// What a field holds. Errors: it is of another type.
Result<std::string> TextOf(const Field& field);  // Bytes, whatever they are.
Result<uint64_t> NumberOf(const Field& field);
Result<Reader> MessageOf(const Field& field);
// google.protobuf.Timestamp. Saturates beyond 1678..2261; Go's zero time is kNoTime.
Result<WallTime> TimeOf(const Field& field);

// Assigns what `read` makes of a field, or returns its error.
template <typename T, typename U>
Status Assign(Result<T> read, U* out) {
  if (!read) return Fail(std::move(read.error()));
  *out = *std::move(read);
  return {};
}

// Reads message by message. `read` makes an item of one; its errors, which have their place, skip
// it. A message cannot put out of step what follows it: only lengths can, and they end the reading.
template <typename T>
Decoded<T> DecodeAll(std::string_view file, size_t items_max,
                     const std::function<Result<T>(Reader)>& read) {
  Decoded<T> decoded;
  Reader reader(file);
  while (!reader.done()) {
    const size_t at = reader.at();
    if (decoded.items.size() == items_max) {
      decoded.damage = Error{Code::kExhausted, "byte " + std::to_string(at) + ": more than " +
                                                   std::to_string(items_max) + " records"};
      break;
    }
    if (decoded.skipped.size() == kSkippedMax) {
      decoded.damage =
          Error{Code::kCorrupt, "byte " + std::to_string(at) + ": " + std::to_string(kSkippedMax) +
                                    " records before this are of no use"};
      break;
    }
    const Result<Reader> message = reader.NextMessage(limits::kSnapshotMessageBytes);
    if (!message) {
      decoded.damage = message.error();
      break;
    }
    Result<T> item = read(*message);
    if (item) {
      decoded.items.push_back(*std::move(item));
    } else {
      decoded.skipped.push_back(std::move(item.error().message));
    }
  }
  return decoded;
}

}  // namespace watchfire::snapshot
