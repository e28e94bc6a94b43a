// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/group_json.h"

#include <algorithm>
#include <array>
#include <vector>

#include "pkg/base/hex64.h"
#include "pkg/base/json.h"
#include "pkg/base/regex.h"
#include "pkg/base/strings.h"

namespace watchfire::notify {
namespace {

void WriteMap(JsonWriter* json, std::string_view key, const labels::LabelSet& pairs) {
  json->PlainKey(key).StartObject();
  for (const labels::Label& pair : pairs) json->Field(pair.name, pair.value);
  json->EndObject();
}

bool HasSameNames(const labels::LabelSet& a, const labels::LabelSet& b) {
  return a.names().IsThat(b.names()) ||
         std::ranges::equal(a, b, {}, &labels::Label::name, &labels::Label::name);
}

// Writes a map that each of the alerts has. Neighbours have most of its texts in the same place
// (labels/set_pool.h): what lies between those that differ is copied from the map before.
class MapOfEach {
 public:
  explicit MapOfEach(std::string_view key) : key_(key) {}

  // `pairs` outlive this.
  void Write(JsonWriter* json, const labels::LabelSet& pairs) {
    json->PlainKey(key_).StartObject();
    if (last_ == nullptr || !WriteLike(json, pairs)) {
      is_known_ = last_ == nullptr;
      WriteAll(json, pairs);
    }
    json->EndObject();
    last_ = &pairs;
  }
  // Writes what all the maps have alike. False, and nothing done, where there are none, or their
  // names differ.
  bool WriteCommon(JsonWriter* json, std::string_view key) const {
    if (!is_known_) return false;
    json->PlainKey(key).StartObject();
    bool is_first = true;
    for (size_t place = 0; place < members_.size(); ++place) {
      if (!members_[place].is_common) continue;
      if (is_first && place > 0) {  // Where it stands a comma is in front of it.
        const labels::Label pair = last_->at(place);
        json->Field(pair.name, pair.value);
      } else {
        const size_t first = place;
        while (place + 1 < members_.size() && members_[place + 1].is_common) ++place;
        json->Again(members_[first].begin, EndOf(place), place + 1 - first);
      }
      is_first = false;
    }
    json->EndObject();
    return true;
  }

 private:
  struct Member {
    size_t begin = 0;  // Where it stands in the last map.
    bool is_common = true;
  };

  size_t EndOf(size_t place) const {
    return place + 1 < members_.size() ? members_[place + 1].begin : end_;
  }
  void WriteAll(JsonWriter* json, const labels::LabelSet& pairs) {
    members_.clear();
    members_.reserve(pairs.size());
    for (const labels::Label& pair : pairs) {
      members_.push_back({json->size()});
      json->Field(pair.name, pair.value);
    }
    end_ = json->size();
  }
  // False, and nothing done, where the names differ.
  bool WriteLike(JsonWriter* json, const labels::LabelSet& pairs) {
    size_t next = 0;  // To be written.
    const auto write = [&](size_t place, std::string_view value) {
      Copy(json, next, place);
      next = place + 1;
      Member& member = members_[place];
      member.is_common = member.is_common && value == last_->ValueAt(place);
      member.begin = json->size();  // Those behind it are still where they were.
      json->Field(pairs.at(place).name, value);
    };
    if (!pairs.VisitUnlike(*last_, write)) {
      if (!HasSameNames(pairs, *last_)) return false;
      for (size_t place = 0; place < pairs.size(); ++place) {
        const std::string_view value = pairs.ValueAt(place);
        if (value != last_->ValueAt(place)) write(place, value);
      }
    }
    Copy(json, next, members_.size());
    end_ = json->size();
    return true;
  }
  // Those from `first` up to `end` as they are in the map before.
  void Copy(JsonWriter* json, size_t first, size_t end) {
    if (first == end) return;
    const size_t begin = json->size();
    const size_t from = members_[first].begin;
    json->Again(from, EndOf(end - 1), end - first);
    for (size_t place = first; place < end; ++place) members_[place].begin += begin - from;
  }

  const std::string_view key_;
  const labels::LabelSet* last_ = nullptr;
  std::vector<Member> members_;
  size_t end_ = 0;         // Of the last of them.
  bool is_known_ = false;  // Which of them all maps have: all have the same names.
};

// Writes members that each of the alerts has, and most have like the one before.
class MembersOfEach {
 public:
  explicit MembersOfEach(size_t count) : count_(count) {}

  template <typename Write>
  void Put(JsonWriter* json, bool are_like_before, Write write) {
    if (are_like_before) {
      json->Again(from_, to_, count_);
      return;
    }
    from_ = json->size();
    write();
    to_ = json->size();
  }

 private:
  const size_t count_;
  size_t from_ = 0;
  size_t to_ = 0;
};

// What alerts have in common.
struct OfEach {
  MembersOfEach status{1};
  MapOfEach labels{"labels"};
  MapOfEach annotations{"annotations"};
  MembersOfEach start{1};
  MembersOfEach url{1};
  MembersOfEach start_end_and_url{3};
  const std::string no_end = FormatRfc3339(kNoTime, 9, true);
  const alert::Alert* last = nullptr;
  bool was_firing = false;
};

void WriteAlert(JsonWriter* json, const alert::Alert& alert, bool firing, OfEach* each) {
  const alert::Alert* const last = each->last;
  const bool is_alike = last != nullptr && firing == each->was_firing;
  json->StartObject();
  each->status.Put(json, is_alike, [&] { json->Field("status", firing ? "firing" : "resolved"); });
  each->labels.Write(json, alert.labels);
  each->annotations.Write(json, alert.annotations);
  const bool starts_alike = last != nullptr && alert.starts_at == last->starts_at &&
                            alert.starts_zone == last->starts_zone;
  const bool ends_alike =
      is_alike &&
      (firing || (alert.ends_at == last->ends_at && alert.ends_zone == last->ends_zone));
  const bool is_same_url = last != nullptr && alert.generator_url == last->generator_url;
  each->start_end_and_url.Put(json, starts_alike && ends_alike && is_same_url, [&] {
    each->start.Put(json, starts_alike,
                    [&] { json->Field("startsAt", alert::FormatStart(alert, 9, true)); });
    if (firing) {
      json->Field("endsAt", each->no_end);
    } else {
      json->Field("endsAt", alert::FormatEnd(alert, 9, true));
    }
    each->url.Put(json, is_same_url, [&] { json->Field("generatorURL", alert.generator_url); });
  });
  std::array<char, kHex64Digits> fingerprint;
  WriteHex64(alert.fingerprint(), fingerprint.data());
  json->Field("fingerprint", std::string_view(fingerprint.data(), fingerprint.size())).EndObject();
  each->last = &alert;
  each->was_firing = firing;
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
  const bool are_all = listed == shown.alerts.size();
  json.EndArray().Field("notification_reason", dispatch::ReasonText(shown.reason));
  WriteMap(&json, "groupLabels", shown.group_labels);
  if (!are_all || !each.labels.WriteCommon(&json, "commonLabels")) {
    WriteMap(&json, "commonLabels", shown.common_labels());
  }
  if (!are_all || !each.annotations.WriteCommon(&json, "commonAnnotations")) {
    WriteMap(&json, "commonAnnotations", shown.common_annotations());
  }
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
