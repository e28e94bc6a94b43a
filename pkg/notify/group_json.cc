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
// (labels/set_pool.h): such a pair is copied from the map of the alert before.
class MapOfEach {
 public:
  explicit MapOfEach(std::string_view key) : key_(key) {}

  void Write(JsonWriter* json, const labels::LabelSet& pairs) {
    json->Key(key_).StartObject();
    size_t place = 0;
    for (const labels::Label& pair : pairs) {
      if (place == written_.size()) written_.emplace_back();
      auto& [before, from, to] = written_[place];
      if (place > 0 && IsSame(before.name, pair.name) && IsSame(before.value, pair.value)) {
        json->Again(from, to);
      } else {
        before = pair;
        from = json->size();
        json->Field(pair.name, pair.value);
        to = json->size();
      }
      ++place;
    }
    json->EndObject();
  }

 private:
  struct Written {
    labels::Label pair;
    size_t from = 0;
    size_t to = 0;
  };
  static bool IsSame(std::string_view a, std::string_view b) {
    return a.data() == b.data() && a.size() == b.size();
  }

  const std::string_view key_;
  std::vector<Written> written_;  // The last at each place.
};

// What alerts have in common.
struct OfEach {
  MapOfEach labels{"labels"};
  MapOfEach annotations{"annotations"};
  const std::string no_end = FormatRfc3339(kNoTime, 9, true);
};

void WriteAlert(JsonWriter* json, const alert::Alert& alert, bool firing, OfEach* each) {
  json->StartObject().Field("status", firing ? "firing" : "resolved");
  each->labels.Write(json, alert.labels);
  each->annotations.Write(json, alert.annotations);
  json->Field("startsAt", alert::FormatStart(alert, 9, true));
  json->Field("endsAt", firing ? each->no_end : alert::FormatEnd(alert, 9, true));
  json->Field("generatorURL", alert.generator_url);
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
    WriteAlert(&json, shown.alerts[i], shown.Firing(shown.alerts[i]), &each);
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
