// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/silence.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/base/uuid.h"

namespace watchfire::silence {
namespace {

using matcher::Matcher;
using matcher::Op;
using Element = simdjson::dom::element;

constexpr int kExactDigits = 9;

void WriteMatchers(JsonWriter* json, const matcher::Matchers& matchers) {
  json->StartArray();
  for (const Matcher& matcher : matchers) {
    const Op op = matcher.op();
    json->StartObject()
        .Field("isEqual", op == Op::kEqual || op == Op::kRegex)
        .Field("isRegex", op == Op::kRegex || op == Op::kNotRegex)
        .Field("name", matcher.name())
        .Field("value", matcher.value())
        .EndObject();
  }
  json->EndArray();
}

// With `state` for the API, without it for the store.
std::string Write(const Silence& silence, const char* state) {
  const auto time = [state](WallTime at) {
    return state != nullptr ? FormatRfc3339(at) : FormatRfc3339(at, kExactDigits, /*trim=*/true);
  };
  JsonWriter json;
  json.StartObject().Field("id", silence.id);
  if (state != nullptr) json.Key("status").StartObject().Field("state", state).EndObject();
  json.Field("updatedAt", time(silence.updated_at));
  if (!silence.annotations.empty()) {
    json.Key("annotations").StartObject();
    for (const labels::Label& label : silence.annotations) json.Field(label.name, label.value);
    json.EndObject();
  }
  json.Field("comment", silence.comment);
  json.Field("createdBy", silence.created_by);
  json.Field("endsAt", time(silence.ends_at));
  json.Key("matchers");
  WriteMatchers(&json, silence.matcher_sets.front());
  if (silence.matcher_sets.size() > 1) {
    json.Key("matcherSets").StartArray();
    for (const matcher::Matchers& set : silence.matcher_sets) WriteMatchers(&json, set);
    json.EndArray();
  }
  json.Field("startsAt", time(silence.starts_at));
  return json.EndObject().Take();
}

Result<WallTime> ReadTime(Element value) { return ParseTime(std::string_view(value)); }

Result<Matcher> ReadMatcher(Element value) {
  const bool is_equal = value["isEqual"];
  const bool is_regex = value["isRegex"];
  const Op op =
      is_regex ? (is_equal ? Op::kRegex : Op::kNotRegex) : (is_equal ? Op::kEqual : Op::kNotEqual);
  return Matcher::Create(op, std::string(std::string_view(value["name"])),
                         std::string(std::string_view(value["value"])));
}

Result<matcher::Matchers> ReadMatchers(Element list) {
  matcher::Matchers matchers;
  for (const Element item : simdjson::dom::array(list)) {
    Result<Matcher> matcher = ReadMatcher(item);
    if (!matcher) return Fail(matcher.error());
    matchers.push_back(*std::move(matcher));
  }
  if (matchers.empty()) return InvalidArgument("no matchers");
  return matchers;
}

// A silence with one set has no `matcherSets`.
Result<std::vector<matcher::Matchers>> ReadMatcherSets(Element root) {
  std::vector<Element> lists;
  simdjson::dom::array sets;
  if (root["matcherSets"].get(sets) == simdjson::SUCCESS) {
    for (const Element set : sets) lists.push_back(set);
  } else {
    lists.push_back(root["matchers"]);
  }
  std::vector<matcher::Matchers> out;
  for (const Element list : lists) {
    Result<matcher::Matchers> matchers = ReadMatchers(list);
    if (!matchers) return Fail(matchers.error());
    out.push_back(*std::move(matchers));
  }
  if (out.empty()) return InvalidArgument("no matchers");
  return out;
}

// Throws simdjson::simdjson_error for what is missing or of the wrong type.
Result<Silence> Read(Element root) {
  Silence silence;
  silence.id = std::string_view(root["id"]);
  silence.comment = std::string_view(root["comment"]);
  silence.created_by = std::string_view(root["createdBy"]);
  for (const auto& [name, field] :
       {std::pair{"startsAt", &silence.starts_at}, std::pair{"endsAt", &silence.ends_at},
        std::pair{"updatedAt", &silence.updated_at}}) {
    const Result<WallTime> time = ReadTime(root[name]);
    if (!time) return Fail(time.error());
    *field = *time;
  }
  Result<std::vector<matcher::Matchers>> sets = ReadMatcherSets(root);
  if (!sets) return Fail(sets.error());
  silence.matcher_sets = *std::move(sets);
  simdjson::dom::object annotations;
  if (root["annotations"].get(annotations) == simdjson::SUCCESS) {
    labels::LabelSet::Pairs pairs;
    for (const auto& [name, value] : annotations) pairs.emplace_back(name, std::string_view(value));
    silence.annotations = labels::LabelSet(std::move(pairs));
  }
  if (silence.starts_at == kNoTime) return InvalidArgument("no start");
  if (silence.ends_at < silence.starts_at) return InvalidArgument("it ends before it starts");
  return silence;
}

// Sizes of protocol buffer fields; all of their numbers are below 16, so a tag is one byte.
size_t VarintBytes(uint64_t value) {
  size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}
size_t FieldBytes(size_t length) { return 1 + VarintBytes(length) + length; }
size_t TextBytes(std::string_view text) { return text.empty() ? 0 : FieldBytes(text.size()); }
size_t NumberBytes(int64_t value) {
  return value == 0 ? 0 : 1 + VarintBytes(static_cast<uint64_t>(value));
}
size_t TimeBytes(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return FieldBytes(NumberBytes(whole.time_since_epoch().count()) +
                    NumberBytes((time - whole).count()));
}

}  // namespace

State StateAt(const Silence& silence, WallTime now) {
  if (now < silence.starts_at) return State::kPending;
  return now < silence.ends_at ? State::kActive : State::kExpired;
}

bool Matches(const Silence& silence, const labels::LabelSet& labels) {
  return std::ranges::any_of(silence.matcher_sets, [&labels](const matcher::Matchers& set) {
    return matcher::MatchesAll(set, labels);
  });
}

const char* StateName(State state) {
  switch (state) {
    case State::kActive:
      return "active";
    case State::kPending:
      return "pending";
    case State::kExpired:
      return "expired";
  }
  return "expired";
}

std::string NewId(Rng* rng) {
  const uint64_t high = rng->Next();
  return Uuid4(high, rng->Next());
}

std::string ToJson(const Silence& silence, WallTime now) {
  return Write(silence, StateName(StateAt(silence, now)));
}

Record Encode(const Silence& silence) {
  return {Table::kSilence, silence.id, Write(silence, nullptr)};
}

Result<Silence> Decode(const Record& record) {
  const auto corrupt = [&record](const std::string& why) {
    return Fail(Code::kCorrupt, "silence " + record.key + ": " + why);
  };
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    Result<Silence> silence = Read(parser.parse(text));
    if (!silence) return corrupt(silence.error().message);
    if (silence->id != record.key) return corrupt("it holds another id");
    return silence;
  } catch (const simdjson::simdjson_error& error) {
    return corrupt(error.what());
  }
}

size_t StoredBytes(const Silence& silence, Duration retention) {
  size_t sets = 0;
  for (const matcher::Matchers& set : silence.matcher_sets) {
    size_t matchers = 0;
    for (const Matcher& matcher : set) {
      // EQUAL, which is 0, REGEXP, NOT_EQUAL, NOT_REGEXP.
      const size_t type = matcher.op() == Op::kEqual ? 0 : 2;
      matchers += FieldBytes(type + TextBytes(matcher.name()) + TextBytes(matcher.value()));
    }
    sets += FieldBytes(matchers);
  }
  size_t bytes = TextBytes(silence.id) + TimeBytes(silence.starts_at) + TimeBytes(silence.ends_at) +
                 TimeBytes(silence.updated_at) + TextBytes(silence.created_by) +
                 TextBytes(silence.comment) + sets;
  for (const labels::Label& label : silence.annotations) {
    bytes += FieldBytes(FieldBytes(label.name.size()) + FieldBytes(label.value.size()));
  }
  const bool fits = silence.ends_at < WallTime::max() - retention;
  const WallTime expires_at = fits ? silence.ends_at + retention : WallTime::max();
  return FieldBytes(bytes) + TimeBytes(expires_at);
}

}  // namespace watchfire::silence
