// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The client of the server's API that all commands share, and what they print of its answers.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "cmd/wfctl/command.h"
#include "pkg/base/json.h"
#include "pkg/labels/labels.h"

namespace watchfire::wfctl {

class Api {
 public:
  // Both outlive it. The first request is preceded by the version check.
  Api(const Invocation& invocation, World& world) : invocation_(invocation), world_(world) {}

  // Returns the body of a 2xx answer. Anything else is explained on `err`, and then exit_code()
  // says what to return.
  std::optional<std::string> Call(const ApiRequest& request);
  // All at once, nothing explained.
  std::vector<Result<net::OutResponse>> CallAll(const std::vector<ApiRequest>& requests);

  int exit_code() const { return exit_code_; }

 private:
  void CheckVersion();

  const Invocation& invocation_;
  World& world_;
  bool checked_ = false;
  int exit_code_ = kOk;
};

// What an answer that is no success says: "HTTP 400: bad matcher format: x", or why none came.
std::string Describe(const Result<net::OutResponse>& response);

// Parses an answer and hands it to `print`, or prints it as -o json or yaml says.
template <typename Print>
int Show(const Invocation& invocation, World& world, const std::string& body, Print print);

// GETs `path`, then Show().
template <typename Print>
int GetAndShow(const Invocation& invocation, World& world, const std::string& path, Print print) {
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call({"GET", path, ""});
  return body ? Show(invocation, world, *body, print) : api.exit_code();
}

// Prints one JSON value on a line of its own, or as YAML. True if `output` is one of the two.
bool PrintRaw(const std::string& output, World& world, const std::string& json);

// JSON as a YAML document in block style: keys in their order, texts quoted where they must be.
std::string ToYaml(simdjson::dom::element json);

// Text of a JSON string, "" for anything else.
std::string Text(simdjson::simdjson_result<simdjson::dom::element> value);
inline std::string Text(simdjson::dom::element value) {
  return Text(simdjson::simdjson_result<simdjson::dom::element>(std::move(value)));
}
// Four digits of a JSON number, "-" for anything else.
std::string Number(simdjson::simdjson_result<simdjson::dom::element> value);
// kNoTime for anything but a time.
WallTime Time(simdjson::simdjson_result<simdjson::dom::element> value);
// Strings of a JSON array; for objects among them, their `name`.
std::vector<std::string> Texts(simdjson::simdjson_result<simdjson::dom::element> value);
// Pairs of a JSON object, sorted by name.
std::vector<std::pair<std::string, std::string>> Pairs(
    simdjson::simdjson_result<simdjson::dom::element> value);
// a="1" b="2", without the pair called `except`.
std::string PairsText(simdjson::simdjson_result<simdjson::dom::element> value,
                      std::string_view except = "");

// Matchers as typed: a first one without operator is the value of alertname. Source: amtool
// (reference §8). Errors: kInvalidArgument with the parser's text.
Result<matcher::Matchers> ReadMatchers(const Invocation& invocation);
// "?filter=…&filter=…" of the operands, passed on as they are but for such a first one.
std::vector<std::string> ReadFilters(const Invocation& invocation);
// name=value operands or flags, as a set. Errors: kInvalidArgument also for other operators.
Result<std::vector<std::pair<std::string, std::string>>> ReadPairs(
    const std::vector<std::string>& texts, matcher::Mode mode, const std::string& what);
// The value of a flag that holds a time; kNoTime if absent. Errors: kInvalidArgument.
Result<WallTime> ReadTimeFlag(const Invocation& invocation, const std::string& name);

template <typename Print>
int Show(const Invocation& invocation, World& world, const std::string& body, Print print) {
  if (PrintRaw(invocation.output, world, body)) return kOk;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(body);
  print(parser.parse(padded).value());
  return kOk;
}

}  // namespace watchfire::wfctl
