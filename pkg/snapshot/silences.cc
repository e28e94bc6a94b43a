// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// MeshSilence{silence=1, expires_at=2}
// Silence{id=1, matchers=2, starts_at=3, ends_at=4, updated_at=5, comments=7, created_by=8,
//   comment=9, annotations=10, matcher_sets=11, receiver_matcher_sets=12}
// Matcher{type=1, name=2, pattern=3}, MatcherSet{matchers=1}, Comment{author=1, comment=2}
//
// 0.25 writes one list of matchers. Later ones write the sets, and the first of them as that list.
// Once, a silence had several comments; the first of them counts, as with Alertmanager.

#include <iterator>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/snapshot/message.h"

namespace watchfire::snapshot {
namespace {

using matcher::Matcher;
using matcher::Op;

constexpr size_t kIdBytesMax = 256;

// The message as it stands.
struct Message {
  std::string id;
  matcher::Matchers matchers;
  std::vector<matcher::Matchers> matcher_sets;
  WallTime starts_at = kNoTime;
  WallTime ends_at = kNoTime;
  WallTime updated_at = kNoTime;
  bool has_comments = false;
  std::string created_by;
  std::string comment;
  labels::LabelSet::Pairs annotations;
  bool is_for_receivers = false;
};

Result<Matcher> ReadMatcher(const Field& field) {
  const Result<Reader> message = MessageOf(field);
  if (!message) return Fail(message.error());
  static constexpr Op kOps[] = {Op::kEqual, Op::kRegex, Op::kNotEqual, Op::kNotRegex};
  uint64_t type = 0;
  std::string name;
  std::string value;
  const Status read = ForEachField(*message, [&](const Field& part) -> Status {
    if (part.number == 1) return Assign(NumberOf(part), &type);
    if (part.number == 2) return Assign(TextOf(part), &name);
    if (part.number == 3) return Assign(TextOf(part), &value);
    return {};
  });
  if (!read) return Fail(read.error());
  if (type >= std::size(kOps)) return Corrupt(field.at, "a matcher of an unknown type");
  if (name.empty() || !IsValidUtf8(name)) {
    return Corrupt(field.at, "a matcher of a label named " + GoQuote(name));
  }
  if (!IsValidUtf8(value)) return Corrupt(field.at, "a matcher of the value " + GoQuote(value));
  Result<Matcher> matcher = Matcher::Create(kOps[type], std::move(name), value);
  if (!matcher) {
    return Corrupt(field.at,
                   "the regular expression " + GoQuote(value) + ": " + matcher.error().message);
  }
  return matcher;
}

Status AppendMatcher(const Field& field, matcher::Matchers* out) {
  Result<Matcher> matcher = ReadMatcher(field);
  if (!matcher) return Fail(std::move(matcher.error()));
  out->push_back(*std::move(matcher));
  return {};
}

Status AppendSet(const Field& field, std::vector<matcher::Matchers>* out) {
  const Result<Reader> message = MessageOf(field);
  if (!message) return Fail(message.error());
  matcher::Matchers& set = out->emplace_back();
  WF_RETURN_IF_ERROR(ForEachField(*message, [&set](const Field& part) -> Status {
    return part.number == 1 ? AppendMatcher(part, &set) : Status();
  }));
  return set.empty() ? Status(Corrupt(field.at, "an empty set of matchers")) : Status();
}

Status AppendAnnotation(const Field& field, labels::LabelSet::Pairs* out) {
  const Result<Reader> message = MessageOf(field);
  if (!message) return Fail(message.error());
  auto& pair = out->emplace_back();
  return ForEachField(*message, [&](const Field& part) -> Status {
    if (part.number == 1) return Assign(TextOf(part), &pair.first);
    if (part.number == 2) return Assign(TextOf(part), &pair.second);
    return {};
  });
}

// One of the old comments, which win over the new one.
Status ReadComment(const Field& field, Message* out) {
  const Result<Reader> message = MessageOf(field);
  if (!message) return Fail(message.error());
  if (std::exchange(out->has_comments, true)) return {};
  out->created_by.clear();
  out->comment.clear();
  return ForEachField(*message, [out](const Field& part) -> Status {
    if (part.number == 1) return Assign(TextOf(part), &out->created_by);
    if (part.number == 2) return Assign(TextOf(part), &out->comment);
    return {};
  });
}

Status ReadField(const Field& field, Message* out) {
  switch (field.number) {
    case 1:
      return Assign(TextOf(field), &out->id);
    case 2:
      return AppendMatcher(field, &out->matchers);
    case 3:
      return Assign(TimeOf(field), &out->starts_at);
    case 4:
      return Assign(TimeOf(field), &out->ends_at);
    case 5:
      return Assign(TimeOf(field), &out->updated_at);
    case 7:
      return ReadComment(field, out);
    case 8:
      return out->has_comments ? Status() : Assign(TextOf(field), &out->created_by);
    case 9:
      return out->has_comments ? Status() : Assign(TextOf(field), &out->comment);
    case 10:
      return AppendAnnotation(field, &out->annotations);
    case 11:
      return AppendSet(field, &out->matcher_sets);
    case 12:
      out->is_for_receivers = true;
      return {};
    default:
      return {};
  }
}

// Why `message` is of no use; "" when it is.
std::string Fault(const Message& message) {
  if (message.id.size() > kIdBytesMax || !IsValidUtf8(message.id)) return "no id";
  if (message.matchers.empty() && message.matcher_sets.empty()) return "no matchers";
  if (message.starts_at == kNoTime) return "no start";
  if (message.ends_at < message.starts_at) return "it ends before it starts";
  if (message.is_for_receivers) return "silences for some receivers only are not supported";
  return "";
}

Result<silence::Silence> Complete(Message message, size_t at) {
  const auto skip = [&](const std::string& why) {
    return Corrupt(at, "silence " + GoQuote(message.id) + ": " + why);
  };
  if (message.id.empty()) return Corrupt(at, "a silence without id");
  if (const std::string fault = Fault(message); !fault.empty()) return skip(fault);
  silence::Silence silence;
  silence.id = message.id;
  silence.matcher_sets = std::move(message.matcher_sets);
  if (silence.matcher_sets.empty()) silence.matcher_sets.push_back(std::move(message.matchers));
  silence.starts_at = message.starts_at;
  silence.ends_at = message.ends_at;
  silence.updated_at = message.updated_at;
  silence.created_by = RepairUtf8(message.created_by);
  silence.comment = RepairUtf8(message.comment);
  for (auto& [name, value] : message.annotations) {
    name = RepairUtf8(name);
    value = RepairUtf8(value);
  }
  silence.annotations = labels::LabelSet(std::move(message.annotations));
  const size_t bytes = silence::StoredBytes(silence, Duration::zero());
  if (bytes <= limits::kSilenceBytes) return silence;
  return skip(std::to_string(bytes) + " bytes, at most " + std::to_string(limits::kSilenceBytes));
}

Result<silence::Silence> ReadSilence(Reader mesh) {
  const size_t at = mesh.at();
  Message message;
  const Status read = ForEachField(mesh, [&message](const Field& field) -> Status {
    if (field.number != 1) return {};
    const Result<Reader> silence = MessageOf(field);
    if (!silence) return Fail(silence.error());
    return ForEachField(*silence,
                        [&message](const Field& part) { return ReadField(part, &message); });
  });
  if (read) return Complete(std::move(message), at);
  Error error = read.error();
  if (!message.id.empty()) error.message += " (in silence " + GoQuote(message.id) + ")";
  return Fail(std::move(error));
}

}  // namespace

Decoded<silence::Silence> DecodeSilences(std::string_view file) {
  return DecodeAll<silence::Silence>(file, limits::kSilences, ReadSilence);
}

}  // namespace watchfire::snapshot
