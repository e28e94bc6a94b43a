// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/wire.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "pkg/alert/lenient.h"

namespace watchfire::silence {
namespace {

using alert::EqualsIgnoringCase;
using alert::FieldReader;
using alert::Required;
using alert::WireError;
using simdjson::dom::element;

constexpr const char* kBody = "silence";

// What the body says; nullopt: missing or null.
struct PostedMatcher {
  std::optional<std::string> name;
  std::optional<std::string> value;
  std::optional<bool> is_regex;
  std::optional<bool> is_equal;

  bool operator==(const PostedMatcher& other) const {
    return name == other.name && value == other.value && is_regex == other.is_regex &&
           is_equal.value_or(true) == other.is_equal.value_or(true);
  }
};
using PostedSet = std::optional<std::vector<std::optional<PostedMatcher>>>;
struct Posted {
  std::string id;
  PostedSet matchers;
  std::optional<std::vector<PostedSet>> matcher_sets;
  std::optional<WallTime> starts_at;
  std::optional<WallTime> ends_at;
  std::optional<std::string> created_by;
  std::optional<std::string> comment;
  std::optional<std::vector<labels::Label>> annotations;
};

std::optional<std::string> MaybeText(const std::string& member, element value,
                                     FieldReader* reader) {
  if (value.is_null()) return std::nullopt;
  return std::string(reader->Text(member, value));
}

std::optional<bool> MaybeBool(const std::string& member, element value, FieldReader* reader) {
  if (value.is_null()) return std::nullopt;
  return reader->Bool(member, value);
}

std::optional<WallTime> MaybeTime(const std::string& member, element value, FieldReader* reader) {
  if (value.is_null()) return std::nullopt;
  return reader->Time(member, value).time;
}

std::optional<PostedMatcher> ReadMatcher(const std::string& place, element value,
                                         FieldReader* reader) {
  if (value.is_null()) return std::nullopt;
  PostedMatcher matcher;
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    reader->Mismatch(place, "an object", value);
    return matcher;
  }
  for (const auto& [key, member] : object) {
    if (EqualsIgnoringCase(key, "name")) {
      matcher.name = MaybeText(place + ".name", member, reader);
    } else if (EqualsIgnoringCase(key, "value")) {
      matcher.value = MaybeText(place + ".value", member, reader);
    } else if (EqualsIgnoringCase(key, "isRegex")) {
      matcher.is_regex = MaybeBool(place + ".isRegex", member, reader);
    } else if (EqualsIgnoringCase(key, "isEqual")) {
      matcher.is_equal = MaybeBool(place + ".isEqual", member, reader);
    }
  }
  return matcher;
}

// Reads an array whose items `read` reads, given their place; nullopt for null.
template <typename Read>
auto MaybeArray(const std::string& place, element value, FieldReader* reader, Read read) {
  std::optional<std::vector<decltype(read(place, value, reader))>> items;
  if (value.is_null()) return items;
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) {
    reader->Mismatch(place, "an array", value);
    return items;
  }
  items.emplace();
  for (const element item : array) {
    items->push_back(read(place + "." + std::to_string(items->size()), item, reader));
  }
  return items;
}

PostedSet ReadMatchers(const std::string& place, element value, FieldReader* reader) {
  return MaybeArray(place, value, reader, ReadMatcher);
}

Posted Read(simdjson::dom::object object, FieldReader* reader) {
  Posted posted;
  for (const auto& [key, value] : object) {
    if (EqualsIgnoringCase(key, "id")) {
      if (!value.is_null()) posted.id = reader->Text("id", value);
    } else if (EqualsIgnoringCase(key, "matchers")) {
      posted.matchers = ReadMatchers("matchers", value, reader);
    } else if (EqualsIgnoringCase(key, "matcherSets")) {
      posted.matcher_sets = MaybeArray("matcherSets", value, reader, ReadMatchers);
    } else if (EqualsIgnoringCase(key, "startsAt")) {
      posted.starts_at = MaybeTime("startsAt", value, reader);
    } else if (EqualsIgnoringCase(key, "endsAt")) {
      posted.ends_at = MaybeTime("endsAt", value, reader);
    } else if (EqualsIgnoringCase(key, "createdBy")) {
      posted.created_by = MaybeText("createdBy", value, reader);
    } else if (EqualsIgnoringCase(key, "comment")) {
      posted.comment = MaybeText("comment", value, reader);
    } else if (EqualsIgnoringCase(key, "annotations")) {
      reader->Map("annotations", value, &posted.annotations);
    }
  }
  return posted;
}

std::optional<WireError> TooFew(const std::string& place) {
  return WireError{422, alert::kMinItemsCode, place + " in body should have at least 1 items"};
}

std::optional<WireError> SetFault(const std::string& place, const PostedSet& set) {
  if (!set) return Required(place);
  if (set->empty()) return TooFew(place);
  for (size_t i = 0; i < set->size(); ++i) {
    const std::string item = place + "." + std::to_string(i);
    const std::optional<PostedMatcher>& matcher = (*set)[i];
    if (!matcher) return Required(item);
    if (!matcher->is_regex) return Required(item + ".isRegex");
    if (!matcher->name) return Required(item + ".name");
    if (!matcher->value) return Required(item + ".value");
  }
  return std::nullopt;
}

std::optional<WireError> MatchersFault(const Posted& posted) {
  if (!posted.matcher_sets) return SetFault("matchers", posted.matchers);
  if (posted.matcher_sets->empty()) return TooFew("matcherSets");
  for (size_t i = 0; i < posted.matcher_sets->size(); ++i) {
    const std::string place = "matcherSets." + std::to_string(i);
    if (auto fault = SetFault(place, (*posted.matcher_sets)[i])) return fault;
  }
  if (!posted.matchers) return std::nullopt;
  if (auto fault = SetFault("matchers", posted.matchers)) return fault;
  if (posted.matchers == posted.matcher_sets->front()) return std::nullopt;
  return WireError{422, alert::kFormatCode,
                   "matchers in body must be the first of matcherSets, or be left out"};
}

// The generated code goes through the members by name, and answers with the first fault.
std::optional<WireError> StructuralFault(const Posted& posted) {
  if (!posted.comment) return Required("comment");
  if (!posted.created_by) return Required("createdBy");
  if (!posted.ends_at) return Required("endsAt");
  if (auto fault = MatchersFault(posted)) return fault;
  if (!posted.starts_at) return Required("startsAt");
  return std::nullopt;
}

matcher::Op OpOf(const PostedMatcher& posted) {
  using matcher::Op;
  const bool is_equal = posted.is_equal.value_or(true);
  if (*posted.is_regex) return is_equal ? Op::kRegex : Op::kNotRegex;
  return is_equal ? Op::kEqual : Op::kNotEqual;
}

std::vector<Condition> ConditionsOf(PostedSet set) {
  std::vector<Condition> conditions;
  for (std::optional<PostedMatcher>& matcher : *set) {
    conditions.push_back({OpOf(*matcher), *std::move(matcher->name), *std::move(matcher->value)});
  }
  return conditions;
}

Draft Complete(Posted posted) {
  Draft draft;
  draft.id = std::move(posted.id);
  if (posted.matcher_sets) {
    for (PostedSet& set : *posted.matcher_sets) {
      draft.matcher_sets.push_back(ConditionsOf(std::move(set)));
    }
  } else {
    draft.matchers = ConditionsOf(std::move(posted.matchers));
  }
  draft.starts_at = *posted.starts_at;
  draft.ends_at = *posted.ends_at;
  draft.created_by = *std::move(posted.created_by);
  draft.comment = *std::move(posted.comment);
  if (posted.annotations) {
    draft.annotations = labels::LabelSet::FromViews(*std::move(posted.annotations));
  }
  return draft;
}

}  // namespace

tl::expected<Draft, WireError> DecodeDraft(std::string_view body) {
  simdjson::dom::parser parser;
  const auto root = alert::ParseBody(kBody, alert::WithRoom(body), &parser);
  if (!root) return tl::unexpected(root.error());
  FieldReader reader("silence");
  simdjson::dom::object object;
  Posted posted;
  if (root->get(object) == simdjson::SUCCESS) {
    posted = Read(object, &reader);
  } else if (!root->is_null()) {  // A null has no member, and the first of them is missed below.
    reader.Mismatch("", "an object", *root);
  }
  // Type faults win over structural ones: Go decodes the whole body first.
  if (!reader.fault().empty()) return tl::unexpected(alert::Unparsable(kBody, reader.fault()));
  if (const auto fault = StructuralFault(posted)) return tl::unexpected(*fault);
  return Complete(std::move(posted));
}

bool IsUuid(std::string_view text) {
  constexpr std::string_view kUrn = "urn:uuid:";
  if (text.size() == 36 + kUrn.size() && EqualsIgnoringCase(text.substr(0, kUrn.size()), kUrn)) {
    text.remove_prefix(kUrn.size());
  } else if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
    text = text.substr(1, 36);
  }
  if (text.size() != 32 && text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = text.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
    const bool is_good = is_dash ? text[i] == '-'
                                 : std::string_view("0123456789abcdefABCDEF").find(text[i]) !=
                                       std::string_view::npos;
    if (!is_good) return false;
  }
  return true;
}

}  // namespace watchfire::silence
