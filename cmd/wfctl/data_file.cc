// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/data_file.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "cmd/wfctl/api.h"
#include "pkg/alert/wire.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using notify::GivenAlert;
using notify::GivenMessage;
using simdjson::dom::element;
using simdjson::dom::object;

// Members by name, in any case, as Go's decoder finds them.
class Members {
 public:
  explicit Members(object json) : json_(json) {}

  std::optional<element> Find(std::string_view name) const {
    for (const auto field : json_) {
      if (ToLower(field.key) == ToLower(name) && !field.value.is_null()) return field.value;
    }
    return std::nullopt;
  }

  Status Read(std::string_view name, std::string* out) const {
    const std::optional<element> value = Find(name);
    if (!value) return {};
    if (!value->is_string()) return Wrong(name, "a string");
    *out = Text(*value);
    return {};
  }

  Status Read(std::string_view name, labels::LabelSet* out) const {
    const std::optional<element> value = Find(name);
    if (!value) return {};
    object pairs;
    if (value->get(pairs) != simdjson::SUCCESS) return Wrong(name, "an object of strings");
    for (const auto field : pairs) {
      if (!field.value.is_string()) return Wrong(name, "an object of strings");
    }
    *out = labels::LabelSet(Pairs(element(*value)));
    return {};
  }

  Status Read(std::string_view name, ZonedTime* out) const {
    std::string text;
    WF_RETURN_IF_ERROR(Read(name, &text));
    if (text.empty()) return {};
    const Result<ZonedTime> time = ParseZonedTime(text);
    if (!time) return Wrong(name, "a time like 2026-01-31T15:04:05Z");
    *out = *time;
    return {};
  }

 private:
  static tl::unexpected<Error> Wrong(std::string_view name, const std::string& want) {
    return InvalidArgument(std::string(name) + " is not " + want);
  }

  const object json_;
};

Status ReadAlert(element json, GivenAlert* alert) {
  object members;
  if (json.get(members) != simdjson::SUCCESS) return InvalidArgument("not an object");
  const Members in(members);
  WF_RETURN_IF_ERROR(in.Read("status", &alert->status));
  WF_RETURN_IF_ERROR(in.Read("labels", &alert->labels));
  WF_RETURN_IF_ERROR(in.Read("annotations", &alert->annotations));
  WF_RETURN_IF_ERROR(in.Read("startsAt", &alert->starts_at));
  WF_RETURN_IF_ERROR(in.Read("endsAt", &alert->ends_at));
  WF_RETURN_IF_ERROR(in.Read("generatorURL", &alert->generator_url));
  return in.Read("fingerprint", &alert->fingerprint);
}

Status ReadAlerts(const Members& in, GivenMessage* message) {
  const std::optional<element> value = in.Find("alerts");
  if (!value) return {};
  simdjson::dom::array list;
  if (value->get(list) != simdjson::SUCCESS) return InvalidArgument("alerts is not a list");
  for (const element item : list) {
    const size_t number = message->alerts.size();
    if (Status read = ReadAlert(item, &message->alerts.emplace_back()); !read) {
      return InvalidArgument("alert " + std::to_string(number) + ": " + read.error().message);
    }
  }
  return {};
}

Status ReadMessage(object json, DataFile* file) {
  const Members in(json);
  GivenMessage& message = file->message.emplace();
  WF_RETURN_IF_ERROR(in.Read("receiver", &message.receiver));
  WF_RETURN_IF_ERROR(in.Read("status", &message.status));
  WF_RETURN_IF_ERROR(in.Read("groupKey", &file->group_key));
  WF_RETURN_IF_ERROR(in.Read("groupLabels", &message.group_labels));
  WF_RETURN_IF_ERROR(in.Read("commonLabels", &message.common_labels));
  WF_RETURN_IF_ERROR(in.Read("commonAnnotations", &message.common_annotations));
  WF_RETURN_IF_ERROR(in.Read("routeLabels", &message.route_labels));
  WF_RETURN_IF_ERROR(in.Read("externalURL", &message.external_url));
  WF_RETURN_IF_ERROR(in.Read("notification_reason", &message.notification_reason));
  return ReadAlerts(in, &message);
}

alert::Alert AlertOf(const GivenAlert& given, WallTime now) {
  alert::Alert alert;
  alert.labels = given.labels;
  alert.annotations = given.annotations;
  alert.starts_at = given.starts_at.time == kNoTime ? now : given.starts_at.time;
  alert.starts_zone = given.starts_at.zone_minutes;
  alert.generator_url = given.generator_url;
  if (given.status != "resolved") return alert;
  alert.ends_at = given.ends_at.time == kNoTime ? now : std::min(given.ends_at.time, now);
  alert.ends_zone = given.ends_at.zone_minutes;
  return alert;
}

}  // namespace

Result<DataFile> ReadDataFile(const std::string& text, WallTime now) {
  simdjson::dom::parser parser;
  element json;
  const simdjson::padded_string padded(text);
  if (const auto error = parser.parse(padded).get(json); error != simdjson::SUCCESS) {
    return InvalidArgument(std::string("not JSON: ") + simdjson::error_message(error));
  }
  DataFile file;
  object message;
  if (json.get(message) == simdjson::SUCCESS) {
    WF_RETURN_IF_ERROR(ReadMessage(message, &file));
    for (const GivenAlert& given : file.message->alerts) {
      file.alerts.push_back(AlertOf(given, now));
    }
    return file;
  }
  auto batch = alert::DecodeAlerts(text, {.now = now, .resolve_timeout = std::chrono::hours(1)});
  if (!batch) return InvalidArgument(batch.error().message);
  if (!batch->errors.empty()) return InvalidArgument(batch->errors.front());
  file.alerts = std::move(batch->valid);
  SettleEnds(/*resolve=*/false, now, &file.alerts);
  return file;
}

GivenMessage ExampleMessage(WallTime now) {
  const auto alert = [&](const std::string& instance, std::chrono::minutes age) {
    GivenAlert example{"firing"};
    example.labels = labels::LabelSet{{"alertname", "ExampleAlert"},
                                      {"instance", instance},
                                      {"service", "example"},
                                      {"severity", "warning"}};
    example.annotations = labels::LabelSet{
        {"description", "Nothing is wrong with " + instance + "."}, {"summary", "An example"}};
    example.starts_at.time = now - age;
    example.generator_url = "https://prometheus.example.com/graph?g0.expr=up";
    example.fingerprint = Hex64(example.labels.fingerprint());
    return example;
  };
  GivenMessage message;
  message.receiver = "example";
  message.status = "firing";
  message.alerts = {alert("one.example.com:9100", std::chrono::minutes(10)),
                    alert("two.example.com:9100", std::chrono::minutes(5))};
  message.notification_reason = "first notification";
  message.group_labels = labels::LabelSet{{"alertname", "ExampleAlert"}};
  message.common_labels = labels::LabelSet{
      {"alertname", "ExampleAlert"}, {"service", "example"}, {"severity", "warning"}};
  message.common_annotations = labels::LabelSet{{"summary", "An example"}};
  message.external_url = "https://alerts.example.com";
  return message;
}

void SettleEnds(bool resolve, WallTime now, std::vector<alert::Alert>* alerts) {
  for (alert::Alert& alert : *alerts) {
    const bool fires = alert.ends_at == kNoTime || alert.ends_at > now;
    if (fires) alert.ends_at = resolve ? now : kNoTime;
  }
}

}  // namespace watchfire::wfctl
