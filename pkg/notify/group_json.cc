// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/group_json.h"

#include <algorithm>
#include <vector>

#include "pkg/base/json.h"
#include "pkg/base/regex.h"
#include "pkg/base/strings.h"

namespace watchfire::notify {
namespace {

void WriteMap(JsonWriter* json, std::string_view key, const labels::LabelSet& pairs) {
  json->Key(key).StartObject();
  for (const labels::Label& pair : pairs) json->Field(pair.name, pair.value);
  json->EndObject();
}

// Writes a map that each of the alerts has. Neighbours have most of its texts in the same place
// (labels/set_pool.h): what lies between those that differ is copied from the map before.
class MapOfEach {
 public:
  explicit MapOfEach(std::string_view key) : key_(key) {}

  // `pairs` outlive the next call.
  void Write(JsonWriter* json, const labels::LabelSet& pairs) {
    json->Key(key_).StartObject();
    if (before_ == nullptr || !WriteLike(json, pairs, *before_)) WriteAll(json, pairs);
    json->EndObject();
    before_ = &pairs;
  }

 private:
  void WriteAll(JsonWriter* json, const labels::LabelSet& pairs) {
    begins_.clear();
    begins_.reserve(pairs.size() + 1);
    for (const labels::Label& pair : pairs) {
      begins_.push_back(json->size());
      json->Field(pair.name, pair.value);
    }
    begins_.push_back(json->size());
  }
  // False, and nothing done, where it is not known what differs.
  bool WriteLike(JsonWriter* json, const labels::LabelSet& pairs, const labels::LabelSet& before) {
    size_t next = 0;  // To be written.
    const bool is_known = pairs.VisitUnlike(before, [&](size_t place, std::string_view value) {
      Copy(json, next, place);
      next = place + 1;
      begins_[place] = json->size();  // Those behind it are still where they were.
      json->Field(pairs.at(place).name, value);
    });
    if (!is_known) return false;
    Copy(json, next, pairs.size());
    begins_.back() = json->size();
    return true;
  }
  // Those from `first` up to `end` as they are in the map before.
  void Copy(JsonWriter* json, size_t first, size_t end) {
    const size_t begin = json->size();
    const size_t from = begins_[first];
    if (first < end) json->Again(from, begins_[end], end - first);
    for (size_t place = first; place < end; ++place) begins_[place] += begin - from;
  }

  const std::string_view key_;
  const labels::LabelSet* before_ = nullptr;
  std::vector<size_t> begins_;  // Where each of its members stands, and where they end.
};

// Writes a member that each of the alerts has, and most have like the one before.
class MemberOfEach {
 public:
  template <typename Write>
  void Put(JsonWriter* json, bool is_like_before, Write write) {
    if (is_like_before) {
      json->Again(from_, to_);
      return;
    }
    from_ = json->size();
    write();
    to_ = json->size();
  }

 private:
  size_t from_ = 0;
  size_t to_ = 0;
};

// What alerts have in common.
struct OfEach {
  MapOfEach labels{"labels"};
  MapOfEach annotations{"annotations"};
  MemberOfEach start;
  MemberOfEach url;
  const std::string no_end = FormatRfc3339(kNoTime, 9, true);
};

// `before`: the one that was written before it, or null.
void WriteAlert(JsonWriter* json, const alert::Alert& alert, const alert::Alert* before,
                bool firing, OfEach* each) {
  json->StartObject().Field("status", firing ? "firing" : "resolved");
  each->labels.Write(json, alert.labels);
  each->annotations.Write(json, alert.annotations);
  const bool starts_alike = before != nullptr && alert.starts_at == before->starts_at &&
                            alert.starts_zone == before->starts_zone;
  each->start.Put(json, starts_alike,
                  [&] { json->Field("startsAt", alert::FormatStart(alert, 9, true)); });
  json->Field("endsAt", firing ? each->no_end : alert::FormatEnd(alert, 9, true));
  each->url.Put(json, before != nullptr && alert.generator_url == before->generator_url,
                [&] { json->Field("generatorURL", alert.generator_url); });
  json->Field("fingerprint", Hex64(alert.fingerprint())).EndObject();
}

// About what WriteAlert() writes of one, and mostly of its neighbours, rather more than less.
size_t BytesOf(const alert::Alert& alert) {
  constexpr size_t kFixed = 260;      // Names of members, times.
  constexpr size_t kPunctuation = 6;  // "":"",
  return kFixed + alert.labels.bytes() + alert.annotations.bytes() + alert.generator_url.size() +
         kPunctuation * (alert.labels.size() + alert.annotations.size());
}

}  // namespace

std::string GroupJson(const dispatch::Notification& shown, const GroupJsonOptions& options) {
  constexpr size_t kFrame = 1024;  // Mostly labels of the group.
  const size_t listed = std::min(shown.alerts.size(), options.listed_max);
  constexpr size_t kReservedMost = size_t{1} << 20;  // The first may be the longest by far.
  const size_t usual = listed == 0 ? 0 : listed * BytesOf(shown.alerts.front());
  JsonWriter json(/*escape_html=*/true);
  json.Reserve(std::min(kFrame + usual, kReservedMost));
  json.StartObject().Field("receiver", QuoteRegex(shown.receiver));
  json.Field("status", shown.firing() ? "firing" : "resolved");
  json.Key("alerts").StartArray();
  OfEach each;
  for (size_t i = 0; i < listed; ++i) {
    const alert::Alert* before = i == 0 ? nullptr : &shown.alerts[i - 1];
    WriteAlert(&json, shown.alerts[i], before, shown.Firing(shown.alerts[i]), &each);
  }
  json.EndArray().Field("notification_reason", dispatch::ReasonText(shown.reason));
  WriteMap(&json, "groupLabels", shown.group_labels);
  WriteMap(&json, "commonLabels", shown.common_labels());
  WriteMap(&json, "commonAnnotations", shown.common_annotations());
  WriteMap(&json, "routeLabels", options.route_labels);
  json.Field("externalURL", shown.external_url).Field("version", options.version);
  json.Field("groupKey", shown.group_key);
  json.Field("truncatedAlerts", static_cast<int64_t>(options.truncated_alerts));
  if (!options.metadata.empty()) {
    json.Key("metadata").StartObject();
    for (const auto& [key, value] : options.metadata) json.Field(key, value);
    json.EndObject();
  }
  return json.EndObject().Take() + "\n";
}

}  // namespace watchfire::notify
