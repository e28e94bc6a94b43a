// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A JSON body and its members by path. What is absent, null, or of no use as a text is "": senders
// fill their templates with anything, and a page is not refused for a detail.

#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "pkg/base/result.h"
#include "pkg/base/time.h"

namespace watchfire::inbound {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

// A text as it is, numbers and booleans as they are written; lists and objects as JSON; null is "".
// Malformed UTF-8 cannot occur: Parse() mends it.
std::string TextOf(const Element& value);
// The same of a member, "" when absent.
std::string TextOf(const Object& object, std::string_view name);
// Returns the value at `path`, "build.url" or "alerts.0.name"; nullopt when there is none.
std::optional<Element> At(const Element& root, std::string_view path);
// An object or list that is a member; empty ones when it is something else.
std::optional<Object> ObjectOf(const Object& object, std::string_view name);
std::vector<Element> ListOf(const Object& object, std::string_view name);

// A time as senders write it: seconds or milliseconds since 1970, as number or text, or RFC 3339.
// kNoTime for anything else, and for what lies after `now`.
WallTime TimeOf(const Object& object, std::string_view name, WallTime now);

class JsonIn {
 public:
  // A byte order mark is passed over, malformed UTF-8 reads as U+FFFD, and what MendJson() knows is
  // put right: no page is lost for a letter. Errors: kInvalidArgument: no JSON object, with the
  // place.
  static Result<JsonIn> Parse(std::string_view body);

  const Object& root() const { return root_; }
  Element element() const { return element_; }
  std::string Text(std::string_view name) const { return TextOf(root_, name); }
  // Returns the first of `names` that is a list or an object where a text belongs, "" if none is.
  std::string NoText(std::initializer_list<std::string_view> names) const;

 private:
  std::unique_ptr<simdjson::dom::parser> parser_;  // Owns what the rest refers to.
  Element element_;
  Object root_;
};

// The first `max` code points.
std::string Cut(std::string_view text, size_t max);

}  // namespace watchfire::inbound
