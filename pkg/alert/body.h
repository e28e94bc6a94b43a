// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// JSON bodies of API v2, read as leniently as Go's decoder does and refused in the words of
// Alertmanager's framework. Shared by what decodes alerts and what decodes silences. Source:
// reference §2.1, §2.2.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/labels/labels.h"

namespace watchfire::alert {

// A body that the whole request fails on, and the HTTP answer that Alertmanager's framework gives:
// 400 for what is no JSON or has a wrong type, 422 with a code of go-openapi for what is missing,
// malformed, too many or too few.
struct WireError {
  int http_status = 400;
  int code = 400;  // The "code" member of the body.
  std::string message;
};

// Codes of go-openapi/errors.
inline constexpr int kFormatCode = 601;
inline constexpr int kRequiredCode = 602;
inline constexpr int kMaxItemsCode = 611;
inline constexpr int kMinItemsCode = 612;

// How much of the offending text an error repeats, at most.
inline constexpr size_t kEchoRunes = 1024;

WireError Unparsable(const std::string& body_name, const std::string& why);
// "comment in body is required"
WireError Required(const std::string& member);

// "an array", "null" …
const char* TypeName(simdjson::dom::element value);

// Returns the first JSON value of `body`, which `parser` keeps. Errors: missing, or no JSON.
// `body_name` is what the API calls it, "alerts". A body with room for 64 bytes more is not copied.
tl::expected<simdjson::dom::element, WireError> ParseBody(const std::string& body_name,
                                                          const std::string& body,
                                                          simdjson::dom::parser* parser);

// A copy of `body` with that room.
std::string WithRoom(std::string_view body);

// Reads members of an object; remembers the first that has a wrong type, which fails the body.
class FieldReader {
 public:
  // `kind` is what the object is called in faults: "silence".
  explicit FieldReader(std::string kind) : kind_(std::move(kind)) {}
  // What follows is of the object of that number: "alert 0".
  void StartObject(size_t index) { index_ = index; }

  std::string_view Text(const std::string& member, simdjson::dom::element value);
  bool Bool(const std::string& member, simdjson::dom::element value);
  // An empty text is 1970, a quirk of go-openapi. Beyond 1678..2261 it saturates: some senders mean
  // "never" by the year 9999, and Go counts that far.
  ZonedTime Time(const std::string& member, simdjson::dom::element value);
  // Adds to `out`, as Go's decoder does with a second map of the same name; null clears it, and as
  // a value is the empty text. The texts live as long as the parser.
  void Map(const std::string& member, simdjson::dom::element value,
           std::optional<std::vector<labels::Label>>* out);

  // Reports that `member`, "" for the object itself, is not `want` ("a string").
  void Mismatch(const std::string& member, const char* want, simdjson::dom::element value);
  const std::string& fault() const { return fault_; }  // Empty: none.

 private:
  void Fault(const std::string& what);

  const std::string kind_;
  std::optional<size_t> index_;
  std::string fault_;
};

}  // namespace watchfire::alert
