// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/function.h"

#include <algorithm>
#include <string>
#include <utility>

#include <re2/re2.h>

#include "pkg/base/limits.h"
#include "pkg/base/regex.h"

namespace watchfire::templates {
namespace {

// What a step pays for.
constexpr size_t kBytesRead = 8;  // Some go through a text character by character.
constexpr size_t kBytesMade = 4;  // Times within JSON are the dearest.
constexpr size_t kItemsMade = 4;
constexpr size_t kEntrySteps = 4;
constexpr size_t kObjectSteps = 16;  // Named maps and lists are built when somebody looks inside.
// Compiling a regular expression, in steps: once, per byte of it, and per instruction of its
// program, which a class such as \pL fills with hundreds.
constexpr size_t kRegexSteps = 1000;
constexpr size_t kRegexByteSteps = 20;
constexpr size_t kRegexInstructionSteps = 10;
constexpr int64_t kRegexMemory = 1024 * 1024;

}  // namespace

Budget::Budget() : left_(limits::kTemplateSteps) {}
Budget::~Budget() = default;

Status Budget::SpendCall(const Function& function, const Call& call, const Value& result) {
  size_t steps = function.steps + (call.self == nullptr ? 0 : kObjectSteps);
  for (const Value& arg : call.args) {
    if (const std::string_view* text = arg.as_string()) steps += text->size() / kBytesRead;
    if (arg.as_object() != nullptr) steps += kObjectSteps;
  }
  if (const std::string_view* text = result.as_string()) {
    if (text->size() > limits::kTemplateOutputBytes) return TooMuchOutput();
    steps += text->size() / kBytesMade;
  } else if (const List* list = result.as_list()) {
    steps += list->items.size() / kItemsMade;
  } else if (const Map* map = result.as_map()) {
    steps += map->entries.size() * kEntrySteps;
  }
  if (!Spend(steps)) return OutOfSteps();
  return {};
}

Result<const re2::RE2*> Budget::Regex(std::string_view pattern) {
  const auto known = regexes_.find(pattern);
  if (known != regexes_.end()) return known->second.get();
  if (pattern.size() > limits::kRegexBytes) {
    return Fail(Code::kExhausted, "regular expression is longer than " +
                                      std::to_string(limits::kRegexBytes) + " bytes");
  }
  if (!Spend(kRegexSteps + kRegexByteSteps * pattern.size())) return OutOfSteps();
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  auto regex = std::make_unique<re2::RE2>(WithOldGroupNames(pattern), options);
  if (!regex->ok()) {
    return InvalidArgument(std::string("error parsing regexp: ") +
                           RegexReason(regex->error_code()) + ": `" + regex->error_arg() + "`");
  }
  if (!Spend(kRegexInstructionSteps * static_cast<size_t>(regex->ProgramSize()))) {
    return OutOfSteps();
  }
  return regexes_.emplace(std::string(pattern), std::move(regex)).first->second.get();
}

tl::unexpected<Error> OutOfSteps() {
  return Fail(Code::kExhausted,
              "more than " + std::to_string(limits::kTemplateSteps) + " steps of work");
}

tl::unexpected<Error> TooMuchOutput() {
  return Fail(Code::kExhausted,
              "output is larger than " + std::to_string(limits::kTemplateOutputBytes) + " bytes");
}

const Function* FindFunction(FunctionTable table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Function& function) { return function.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string_view ParameterType(char parameter) {
  switch (parameter) {
    case 'a':
      return kAnyType;
    case 'b':
      return "bool";
    case 'd':
      return "time.Duration";
    case 'f':
      return "float64";
    case 'i':
      return "int";
    case 'l':
      return "int64";
    case 's':
      return kStringType;
    case 't':
      return "time.Time";
    case 'A':
      return kAnyListType;
    case 'L':
      return kStringListType;
    case 'S':
      return kSampleType;
    case 'Q':
      return kSamplesType;
    default:
      return "reflect.Value";
  }
}

bool Truth(const Value& value) {
  const Object* object = value.as_object();
  if (const auto size = object != nullptr ? object->size() : std::nullopt) return *size > 0;
  const Value base = value.Base();
  if (const bool* truth = base.as_bool()) return *truth;
  if (const int64_t* integer = base.as_int()) return *integer != 0;
  if (const double* real = base.as_float()) return *real != 0;
  if (const std::string_view* text = base.as_string()) return !text->empty();
  if (const List* list = base.as_list()) return !list->items.empty();
  if (const Map* map = base.as_map()) return !map->entries.empty();
  return base.as_object() != nullptr;
}

}  // namespace watchfire::templates
