// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/shadow/wire.h"

#include <utility>

#include <simdjson.h>

#include "pkg/alert/body.h"
#include "pkg/base/strings.h"
#include "pkg/silence/wire.h"

namespace watchfire::shadow {
namespace {

using simdjson::simdjson_result;
using simdjson::dom::element;

using Parsed = tl::expected<element, alert::WireError>;

tl::unexpected<Error> Wrong(const std::string& what) { return InvalidArgument(what); }

// The value of a string member, "" when it is missing.
std::string Text(simdjson_result<element> value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

Result<labels::LabelSet> ReadLabels(const std::string& place, simdjson_result<element> value) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return Wrong(place + " is not an object");
  labels::LabelSet::Pairs pairs;
  for (const auto& [name, member] : object) {
    std::string_view text;
    if (member.get(text) != simdjson::SUCCESS) {
      return Wrong(place + "." + std::string(name) + " is not a string");
    }
    pairs.emplace_back(name, text);
  }
  return labels::LabelSet(std::move(pairs));
}

Result<simdjson::dom::array> ReadArray(const std::string& place, simdjson_result<element> value) {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return Wrong(place + " is not an array");
  return array;
}

// "a, b" of an array of strings; "" when it is missing or empty.
std::string Names(simdjson_result<element> value) {
  std::string names;
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return names;
  for (const element item : array) names += (names.empty() ? "" : ", ") + Text(element(item));
  return names;
}

Result<GroupAlert> ReadGroupAlert(const std::string& place, element json, bool* shows_muting) {
  Result<labels::LabelSet> labels = ReadLabels(place + ".labels", json["labels"]);
  if (!labels) return Fail(labels.error());
  GroupAlert alert;
  alert.labels = *std::move(labels);
  const simdjson_result<element> status = json["status"];
  *shows_muting |= status["mutedBy"].error() == simdjson::SUCCESS;
  if (const std::string ids = Names(status["silencedBy"]); !ids.empty()) {
    alert.quiet = "silenced by " + ids;
  } else if (const std::string by = Names(status["inhibitedBy"]); !by.empty()) {
    alert.quiet = "inhibited by " + by;
  } else if (const std::string muted = Names(status["mutedBy"]); !muted.empty()) {
    alert.quiet = "muted by " + muted;
    alert.by_mutes = true;
  }
  return alert;
}

Result<Group> ReadGroup(const std::string& place, element json, bool* shows_muting) {
  Group group;
  group.receiver = Text(json["receiver"]["name"]);
  if (group.receiver.empty()) return Wrong(place + ".receiver.name is missing");
  Result<labels::LabelSet> labels = ReadLabels(place + ".labels", json["labels"]);
  if (!labels) return Fail(labels.error());
  group.labels = *std::move(labels);
  const Result<simdjson::dom::array> alerts = ReadArray(place + ".alerts", json["alerts"]);
  if (!alerts) return Fail(alerts.error());
  for (const element item : *alerts) {
    Result<GroupAlert> alert = ReadGroupAlert(place + ".alerts", item, shows_muting);
    if (!alert) return Fail(alert.error());
    group.alerts.push_back(*std::move(alert));
  }
  return group;
}

TheirSilence ReadSilence(element json, std::string* fault) {
  TheirSilence silence;
  auto draft = silence::DecodeDraft(simdjson::minify(json));
  if (draft && draft->id.empty()) *fault = "a silence has no id";
  if (!draft) *fault = "silence " + Text(json["id"]) + ": " + draft.error().message;
  if (!fault->empty()) return silence;
  silence.draft = *std::move(draft);
  silence.expired = Text(json["status"]["state"]) == "expired";
  return silence;
}

}  // namespace

Result<TheirGroups> DecodeGroups(std::string_view body) {
  simdjson::dom::parser parser;
  const Parsed root = alert::ParseBody("groups", alert::WithRoom(body), &parser);
  if (!root) return Wrong(root.error().message);
  const Result<simdjson::dom::array> array = ReadArray("groups", element(*root));
  if (!array) return Fail(array.error());
  TheirGroups out;
  for (const element item : *array) {
    Result<Group> group =
        ReadGroup("groups." + std::to_string(out.groups.size()), item, &out.shows_muting);
    if (!group) return Fail(group.error());
    out.groups.push_back(*std::move(group));
  }
  return out;
}

Result<Message> DecodeWebhook(const std::string& receiver, std::string_view body) {
  simdjson::dom::parser parser;
  const Parsed root = alert::ParseBody("webhook", alert::WithRoom(body), &parser);
  if (!root) return Wrong(root.error().message);
  const std::string version = Text((*root)["version"]);
  if (version != "4") {
    return Wrong("version is " + GoQuote(TruncateRunes(version, 20)) + ", want \"4\"");
  }
  Message message;
  message.receiver = receiver;
  Result<labels::LabelSet> group = ReadLabels("groupLabels", (*root)["groupLabels"]);
  if (!group) return Fail(group.error());
  message.group = *std::move(group);
  const Result<simdjson::dom::array> alerts = ReadArray("alerts", (*root)["alerts"]);
  if (!alerts) return Fail(alerts.error());
  for (const element item : *alerts) {
    const std::string place = "alerts." + std::to_string(message.items.size());
    Result<labels::LabelSet> labels = ReadLabels(place + ".labels", item["labels"]);
    if (!labels) return Fail(labels.error());
    const std::string status = Text(item["status"]);
    if (status != "firing" && status != "resolved") {
      return Wrong(place + ".status is neither firing nor resolved");
    }
    message.items.push_back({*std::move(labels), status == "firing"});
  }
  message.items = Sorted(std::move(message.items));
  uint64_t truncated = 0;
  if ((*root)["truncatedAlerts"].get(truncated) == simdjson::SUCCESS) message.truncated = truncated;
  return message;
}

Result<TheirSilences> DecodeSilences(std::string_view body) {
  simdjson::dom::parser parser;
  const Parsed root = alert::ParseBody("silences", alert::WithRoom(body), &parser);
  if (!root) return Wrong(root.error().message);
  const Result<simdjson::dom::array> array = ReadArray("silences", element(*root));
  if (!array) return Fail(array.error());
  TheirSilences out;
  for (const element item : *array) {
    std::string fault;
    TheirSilence silence = ReadSilence(item, &fault);
    if (fault.empty()) {
      out.silences.push_back(std::move(silence));
    } else {
      out.faults.push_back(std::move(fault));
    }
  }
  return out;
}

}  // namespace watchfire::shadow
