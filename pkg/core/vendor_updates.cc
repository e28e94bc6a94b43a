// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/vendor_updates.h"

#include <algorithm>
#include <charconv>

#include <simdjson.h>

#include "pkg/base/check.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"

namespace watchfire::core {
namespace {

using dispatch::VendorUpdate;
using Id = VendorLine::Id;

constexpr size_t kToldMax = 16;  // Of one line that are remembered.

void Write(const char* key, const VendorUpdate& update, JsonWriter* json) {
  json->StartObject().Field("act", config::VendorActName(update.act));
  json->Field("by", update.by).Field("text", update.text);
  json->Field(key, ToNanos(update.at)).EndObject();
}

std::string TextOf(simdjson::simdjson_result<simdjson::dom::element> json) {
  return std::string(std::string_view(json));
}

// Whether it is told beside what was said before, and does not take its place.
bool IsOneOfMany(const VendorUpdate& update) {
  return update.act == config::kVendorNote || update.act == config::kVendorEscalate;
}

config::VendorAct ActOf(std::string_view name) {
  for (const config::VendorAct act : config::kVendorActs) {
    if (name == config::VendorActName(act)) return act;
  }
  return config::kVendorNote;
}

VendorUpdate Read(simdjson::dom::element json, const char* key, uint64_t incident) {
  return {ActOf(std::string_view(json["act"])), incident, TextOf(json["by"]), TextOf(json["text"]),
          FromNanos(json[key])};
}

std::string KeyOf(const Id& id) {
  return std::to_string(id.incident) + " " + nflog::Encode(id.key, {}).key;
}

}  // namespace

VendorUpdates::Added VendorUpdates::Add(const Id& id, VendorUpdate update) {
  Added added;
  const auto found = lines_.find(id);
  if (found == lines_.end()) {
    if (lines_.size() >= limits::kVendorLines) {
      added.is_refused = true;
      return added;
    }
    VendorLine line;
    line.id = id;
    line.waiting.push_back(std::move(update));
    Put(std::move(line));
    return added;
  }
  VendorLine& line = found->second;
  if (IsOneOfMany(update)) {
    added.is_refused = line.waiting.size() >= limits::kVendorUpdates;
    if (!added.is_refused) line.waiting.push_back(std::move(update));
    return added;
  }
  std::deque<VendorUpdate> kept;
  for (VendorUpdate& known : line.waiting) {
    const bool is_first = &known == &line.waiting.front();
    if (IsOneOfMany(known) || (is_first && line.under_way)) {
      kept.push_back(std::move(known));
      continue;
    }
    if (is_first) line.attempts = 0;
    added.superseded.push_back(std::move(known));
  }
  line.waiting = std::move(kept);
  line.waiting.push_back(std::move(update));
  return added;
}

VendorLine* VendorUpdates::Find(const Id& id) {
  const auto found = lines_.find(id);
  return found == lines_.end() ? nullptr : &found->second;
}

VendorLine* VendorUpdates::FindByDelivery(DeliveryId id) {
  const auto found = deliveries_.find(id);
  return found == deliveries_.end() ? nullptr : Find(found->second);
}

std::vector<Id> VendorUpdates::OfGroup(const std::string& group_key) const {
  const auto found = by_group_.find(group_key);
  if (found == by_group_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

VendorLine* VendorUpdates::Put(VendorLine line) {
  const Id id = line.id;
  by_group_[id.key.group_key].insert(id);
  return &lines_.emplace(id, std::move(line)).first->second;
}

void VendorUpdates::Arm(VendorLine* line, std::optional<MonoTime> due) {
  if (line->due) timers_.erase({*line->due, line->id});
  line->due = due;
  if (due) timers_.emplace(*due, line->id);
}

void VendorUpdates::AwaitStore(VendorLine* line, Ticket ticket, MonoTime latest) {
  storing_.erase({line->intent, line->id});
  line->intent = ticket;
  storing_.emplace(ticket, line->id);
  Arm(line, latest);
}

std::vector<Id> VendorUpdates::TakeDue(const Outbox& outbox, MonoTime now) {
  std::vector<Id> ids;
  const auto take = [&](const Id& id) {
    VendorLine* line = Find(id);
    storing_.erase({line->intent, id});
    line->intent = 0;
    Arm(line, std::nullopt);
    ids.push_back(id);
  };
  while (!storing_.empty() && outbox.durable(storing_.begin()->first)) {
    take(Id(storing_.begin()->second));
  }
  while (!timers_.empty() && timers_.begin()->first <= now) take(Id(timers_.begin()->second));
  return ids;
}

std::optional<MonoTime> VendorUpdates::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

void VendorUpdates::Start(VendorLine* line, DeliveryId delivery) {
  WF_CHECK(!line->under_way && !line->waiting.empty());
  line->under_way = delivery;
  ++line->attempts;
  deliveries_.emplace(delivery, line->id);
}

size_t VendorUpdates::InFlightTo(const nflog::Key& key) const {
  return static_cast<size_t>(std::ranges::count_if(deliveries_, [&](const auto& delivery) {
    const nflog::Key& other = delivery.second.key;
    return other.receiver == key.receiver && other.integration == key.integration &&
           other.index == key.index;
  }));
}

void VendorUpdates::End(VendorLine* line) {
  deliveries_.erase(line->under_way);
  line->under_way = {};
}

VendorUpdate VendorUpdates::Pop(VendorLine* line, std::optional<WallTime> told_at) {
  WF_CHECK(!line->under_way && !line->waiting.empty());
  VendorUpdate update = std::move(line->waiting.front());
  line->waiting.pop_front();
  line->backoff = {};
  line->attempts = 0;
  if (!told_at) return update;
  line->told.push_back(update);
  line->told.back().at = *told_at;
  if (line->told.size() > kToldMax) line->told.erase(line->told.begin());
  return update;
}

Record VendorUpdates::Encode(const VendorLine& line) {
  const std::string key = KeyOf(line.id);
  if (line.waiting.empty() && line.told.empty()) return {Table::kVendor, key, std::nullopt};
  const nflog::Key& who = line.id.key;
  JsonWriter json;
  json.StartObject().Field("group_key", who.group_key).Field("receiver", who.receiver);
  json.Field("integration", who.integration).Field("index", who.index);
  json.Field("via", who.via).Field("person", who.person).Key("waiting").StartArray();
  for (const VendorUpdate& update : line.waiting) Write("at", update, &json);
  json.EndArray().Key("told").StartArray();
  for (const VendorUpdate& update : line.told) Write("told_at", update, &json);
  return {Table::kVendor, key, json.EndArray().EndObject().Take()};
}

std::vector<Record> VendorUpdates::Collect(WallTime now) {
  std::vector<Record> records;
  for (auto it = lines_.begin(); it != lines_.end();) {
    VendorLine& line = it->second;
    const size_t forgotten = std::erase_if(line.told, [&](const VendorUpdate& update) {
      return update.at + kEchoWindow < now || update.at > now + kEchoWindow;
    });
    if (forgotten > 0) records.push_back(Encode(line));
    const bool is_over = line.told.empty() && line.waiting.empty();
    if (is_over) {
      Arm(&line, std::nullopt);
      storing_.erase({line.intent, line.id});
      const auto group = by_group_.find(line.id.key.group_key);
      group->second.erase(line.id);
      if (group->second.empty()) by_group_.erase(group);
    }
    it = is_over ? lines_.erase(it) : std::next(it);
  }
  return records;
}

Status VendorUpdates::Restore(const Record& record, MonoTime now) {
  VendorLine line;
  const auto [end, error] =
      std::from_chars(record.key.data(), record.key.data() + record.key.size(), line.id.incident);
  if (error != std::errc()) return Fail(Code::kCorrupt, "vendor: bad key");
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    const simdjson::dom::element root = parser.parse(text);
    nflog::Key& who = line.id.key;
    who.group_key = TextOf(root["group_key"]);
    who.receiver = TextOf(root["receiver"]);
    who.integration = TextOf(root["integration"]);
    who.index = static_cast<int>(int64_t(root["index"]));
    who.via = TextOf(root["via"]);
    who.person = TextOf(root["person"]);
    for (const auto one : root["waiting"]) {
      line.waiting.push_back(Read(one, "at", line.id.incident));
    }
    for (const auto one : root["told"]) {
      line.told.push_back(Read(one, "told_at", line.id.incident));
    }
  } catch (const simdjson::simdjson_error& fault) {
    return Fail(Code::kCorrupt, std::string("vendor: ") + fault.what());
  }
  if (record.key != KeyOf(line.id) || lines_.contains(line.id)) {
    return Fail(Code::kCorrupt, "vendor: bad key");
  }
  VendorLine* place = Put(std::move(line));
  if (!place->waiting.empty()) Arm(place, now);
  return {};
}

}  // namespace watchfire::core
