// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Errors as values. A function that can fail because of the world returns Result<T>; a broken
// invariant of our own is a WF_CHECK (check.h). Exceptions stay inside third-party seams.

#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace watchfire {

enum class Code {
  kInvalidArgument,
  kNotFound,
  kConflict,
  kExhausted,    // A limit of limits.h was reached.
  kUnavailable,  // The other side is down or refuses; trying again may help.
  kTimeout,
  kCorrupt,
  kPermission,
};

// Returns the lower-case snake form of `code`, for logs and JSON ("invalid_argument").
const char* CodeName(Code code);

struct Error {
  Code code = Code::kInvalidArgument;
  std::string message;      // Subject, offending text, place. Never a secret.
  bool never_sent = false;  // Of a request: surely nobody has received it (net/client.h).

  bool operator==(const Error&) const = default;
};

template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

inline tl::unexpected<Error> Fail(Code code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}
inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }
inline tl::unexpected<Error> InvalidArgument(std::string message) {
  return Fail(Code::kInvalidArgument, std::move(message));
}

// Leaves the enclosing function with the error of `expr`, a Status or Result.
#define WF_RETURN_IF_ERROR(expr)                                              \
  do {                                                                        \
    auto wf_status_ = (expr);                                                 \
    if (!wf_status_) return ::watchfire::Fail(std::move(wf_status_.error())); \
  } while (false)

}  // namespace watchfire
