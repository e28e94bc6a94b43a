// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/storms.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::core {
namespace {

// So many incidents are named in the first line of a message.
constexpr size_t kNamed = 10;
constexpr size_t kTitleRunes = 60;

// #18 "CheckoutSlow". Titles are what senders say: they must not look like more incidents.
std::string NameOf(const incident::Incident& incident) {
  std::string name = "#" + std::to_string(incident.id);
  if (!incident.title.empty()) name += " " + GoQuote(TruncateRunes(incident.title, kTitleRunes));
  return name;
}

bool IsOf(const PersonalContact& contact, const nflog::Key& key) {
  return contact.person == key.person && contact.receiver == key.receiver;
}

}  // namespace

Core::Storms::Lane Core::Storms::LaneOf(const nflog::Key& key) {
  return {key.person, {key.receiver, key.integration, key.index}};
}

const config::Storm& Core::Storms::terms() const { return core_.config_->oncall.storm; }

bool Core::Storms::IsOn(const std::string& person) const {
  const auto storm = people_.find(person);
  return terms().incidents > 0 && storm != people_.end() && storm->second.is_on;
}

bool Core::Storms::IsUnderWay(const Way& way) const {
  const Delivery* page = core_.deliveries_.FindByKey(way.key);
  return page != nullptr && page->page.has_value();
}

bool Core::Storms::IsAboard(const nflog::Key& key) const {
  const auto way = ways_.find(LaneOf(key));
  if (way == ways_.end()) return false;
  const Delivery* page = core_.deliveries_.FindByKey(way->second.key);
  return page != nullptr && page->state == Delivery::State::kAttempting &&
         std::ranges::any_of(page->riders, [&](const Rider& rider) { return rider.key == key; });
}

// What waits is not late: its fallback is asked so long after it could have been sent.
void Core::Storms::Excuse(const nflog::Key& key, MonoTime until) {
  for (const auto& id : core_.escalations_.OfGroup({key.via, key.group_key})) {
    RunningEscalation* running = core_.escalations_.Find(id);
    for (PersonalContact& contact : running->contacts) {
      if (!IsOf(contact, key) || !contact.owed_since) continue;
      // What is owed by a way that holds nothing is late all the same.
      const bool is_held = std::ranges::all_of(
          contact.owed, [](const auto& owed) { return config::CanTellHandoff(std::get<2>(owed)); });
      if (!is_held) continue;
      contact.owed_since = std::max(*contact.owed_since, until - running->start);
    }
  }
}

bool Core::Storms::Holds(const Audience& who, const dispatch::Group& group) {
  const nflog::Key key = who.KeyIn(group.key);
  const auto found = ways_.find(LaneOf(key));
  if (found == ways_.end()) return false;
  Way& way = found->second;
  const bool is_aboard = IsAboard(key);
  if (!is_aboard) {
    if (way.is_plain || !IsOn(who.person)) return false;
    const bool is_busy = IsUnderWay(way);
    const MonoTime until =
        is_busy ? way.boarded : way.taken_at.value_or(MonoTime()) + terms().every;
    if (!is_busy && (!way.taken_at || until <= core_.now_.mono)) return false;
    Excuse(key, until);
  }
  way.waits = true;
  return true;
}

void Core::Storms::Board(const Delivery& page) {
  const nflog::Key& key = page.key;
  if (terms().incidents == 0 || !page.page || key.person == kFallbackPerson) return;
  if (!config::CanTellHandoff(key.integration)) return;
  const auto incident = core_.IncidentOf(key);
  if (incident == nullptr) return;
  const MonoTime now = core_.now_.mono;
  Storm& storm = people_[key.person];
  storm.paged[incident->id] = now;
  std::erase_if(storm.paged, [&](const auto& one) { return one.second + terms().within <= now; });
  if (!storm.is_on) {
    if (storm.paged.size() < terms().incidents) return;
    storm.is_on = true;
    storm.look = now + terms().every;
    core_.Emit(Log{Log::Level::kWarn,
                   "storm: many incidents page somebody at once → one page says of all that wait",
                   {{"person", key.person},
                    {"incidents", std::to_string(storm.paged.size())},
                    {"every", FormatDuration(terms().every)}}});
  }
  Way& way = ways_[LaneOf(key)];
  // One that has begun before the storm, or is put together anew, goes beside what takes others
  // along.
  if (way.key != key && IsUnderWay(way)) return;
  way.key = key;
  way.boarded = now;
  way.is_missed = false;
}

std::shared_ptr<const dispatch::Notification> Core::Storms::Said(Delivery* page) {
  page->riders.clear();
  const Lane lane = LaneOf(page->key);
  const auto way = ways_.find(lane);
  const bool is_alone = !page->page || way == ways_.end() || way->second.key != page->key ||
                        way->second.is_plain || !IsOn(page->key.person);
  const auto own = is_alone ? nullptr : core_.IncidentOf(page->key);
  if (own == nullptr) return page->notification;
  std::vector<Waiting> all = {{page->key, own}};
  // The group may lead others of the person's incidents as well, which this tells too.
  for (const RunningEscalation* running : core_.RunningUnder(page->key)) {
    const auto other = core_.incidents_.Find(running->id.incident);
    const bool is_open = other != nullptr && incident::IsOpen(other->state);
    if (is_open && other->id != own->id && !running->is_over) all.push_back({page->key, other});
  }
  std::set<nflog::Key> aboard_already;
  for (Waiting& one : WaitingFor(lane, kRidersMost)) {
    incident::Page aboard;
    std::tie(aboard.receiver, aboard.group_key) = std::tie(one.key.via, one.key.group_key);
    aboard.backend = lane.to.integration;
    aboard.zone = page->page->zone;
    aboard.to = page->page->to + ", by the page of #" + std::to_string(own->id);
    const bool is_first = aboard_already.insert(one.key).second;
    if (is_first) page->riders.push_back({one.key, std::move(aboard)});
    Excuse(one.key, way->second.boarded);
    all.push_back(std::move(one));
  }
  if (page->riders.empty()) return page->notification;
  way->second.waits = true;  // Until it is known what became of it.
  return Message(*page, all);
}

// A message as of one alert, which any template can show. Its group is that of the first, whose ack
// link, keypad and end it has; what was kept of that group's messages is left as it is.
std::shared_ptr<const dispatch::Notification> Core::Storms::Message(
    const Delivery& page, const std::vector<Waiting>& all) const {
  std::string names;
  std::string list;
  std::set<uint64_t> seen;
  std::string worst = all.front().incident->severity;
  for (const Waiting& one : all) {
    const std::string& severity = one.incident->severity;
    if (incident::IsWorse(severity, worst, core_.config_->incidents)) worst = severity;
    if (!seen.insert(one.incident->id).second) continue;
    const std::string name = NameOf(*one.incident);
    if (seen.size() <= kNamed) names += (names.empty() ? "" : ", ") + name;
    list += name + " " + one.incident->severity + "\n";
  }
  const size_t count = seen.size();
  const std::string head = std::to_string(count) + " incident" + (count == 1 ? "" : "s") + ": ";
  if (count > kNamed) names += " and " + std::to_string(count - kNamed) + " more";
  auto said = std::make_shared<dispatch::Notification>(*page.notification);
  alert::Alert alert;
  alert.labels = labels::LabelSet{
      {"alertname", kStormAlert}, {"incidents", std::to_string(count)}, {"severity", worst}};
  alert.annotations = labels::LabelSet{{"summary", head + names}, {"description", list}};
  alert.starts_at = alert.updated_at = said->at;
  alert.generator_url = said->external_url;
  said->alerts = {std::move(alert)};
  said->group_labels = labels::LabelSet{{"alertname", kStormAlert}};
  said->reason = dispatch::Reason::kFirst;
  said->receiver_data.clear();
  return said;
}

void Core::Storms::Arrived(const Delivery& page) {
  const auto way = ways_.find(LaneOf(page.key));
  const bool is_page = page.page && way != ways_.end() && way->second.key == page.key;
  if (is_page) way->second.taken_at = core_.now_.mono;
  for (const Rider& rider : page.riders) {
    if (rider.key.person.empty()) continue;  // It left meanwhile.
    core_.PersonTook(rider.key);
    Delivery aboard;
    aboard.key = rider.key;
    aboard.page = rider.page;
    core_.NotePaged(core_.PageOf(aboard));
    ++core_.stats_.pages_joined;
  }
}

void Core::Storms::Missed(const Delivery& page, bool is_refused) {
  const auto way = ways_.find(LaneOf(page.key));
  if (way == ways_.end() || way->second.key != page.key || way->second.is_plain) return;
  way->second.waits = true;
  if (is_refused && !page.riders.empty()) {
    way->second.is_plain = true;
    return;
  }
  way->second.is_missed = true;
  for (const Rider& rider : std::vector<Rider>(page.riders)) {
    if (!rider.key.person.empty()) core_.PersonMissed(rider.key);
  }
}

void Core::Storms::Wake() {
  for (auto& [lane, way] : ways_) way.waits = true;
}

void Core::Storms::Leave(const nflog::Key& key) {
  const auto way = ways_.find(LaneOf(key));
  if (way == ways_.end()) return;
  Delivery* page = core_.deliveries_.FindByKey(way->second.key);
  if (page == nullptr) return;
  for (Rider& rider : page->riders) {
    if (rider.key == key) rider.key = {};  // Its place shows what was sent.
  }
}

// What the person is owed by that way and is not on its way, the gravest first, and then the
// oldest.
std::vector<Core::Storms::Waiting> Core::Storms::WaitingFor(const Lane& lane, size_t most) const {
  std::vector<std::pair<Waiting, const RunningEscalation*>> owed;
  for (const auto& [id, running] : core_.escalations_.all()) {
    if (running.is_over) continue;
    for (const PersonalContact& contact : running.contacts) {
      if (contact.person != lane.person || contact.receiver != lane.to.receiver) continue;
      for (const auto& [via, group_key, kind, index] : contact.owed) {
        if (kind != lane.to.integration || index != lane.to.index) continue;
        const nflog::Key key{group_key, contact.receiver, kind, index, via, contact.person};
        const auto incident = core_.incidents_.Find(id.incident);
        if (incident == nullptr || !incident::IsOpen(incident->state)) continue;
        owed.push_back({{key, incident}, &running});
      }
    }
  }
  const config::Incidents& levels = core_.config_->incidents;
  std::ranges::stable_sort(owed, [&](const auto& left, const auto& right) {
    const incident::Incident& a = *left.first.incident;
    const incident::Incident& b = *right.first.incident;
    if (incident::IsWorse(a.severity, b.severity, levels)) return true;
    if (incident::IsWorse(b.severity, a.severity, levels)) return false;
    return a.id < b.id;
  });
  std::vector<Waiting> waiting;
  std::set<std::pair<nflog::Key, uint64_t>> seen;
  for (auto& [one, running] : owed) {
    if (waiting.size() == most) break;
    if (core_.deliveries_.Busy(one.key) || !core_.IsAudible(*running)) continue;
    if (seen.emplace(one.key, one.incident->id).second) waiting.push_back(std::move(one));
  }
  return waiting;
}

bool Core::Storms::IsPaged(const std::string& person) const {
  return std::ranges::any_of(core_.escalations_.all(), [&](const auto& entry) {
    const RunningEscalation& running = entry.second;
    return std::ranges::any_of(running.contacts, [&](const PersonalContact& contact) {
      if (contact.person != person || running.is_over) return false;
      const bool is_told = contact.is_reached || contact.due;
      const bool is_asked = !contact.owed.empty() || (is_told && !running.progress.acked);
      return is_asked && core_.IsAudible(running);
    });
  });
}

// One page of those that wait, which takes the others along; all of them when no page may.
void Core::Storms::Plan(const Lane& lane) {
  const auto way = ways_.find(lane);
  const bool is_one = IsOn(lane.person) && !way->second.is_plain;
  // What was given up is tried again with its group, as ever; it may ride along before.
  const std::optional<nflog::Key> missed =
      way->second.is_missed ? std::optional(way->second.key) : std::nullopt;
  way->second.waits = false;
  if (!IsOn(lane.person)) ways_.erase(way);
  for (const Waiting& one : WaitingFor(lane, is_one ? kRidersMost : SIZE_MAX)) {
    const dispatch::Group* group = core_.DriverOf(one.key);
    if (group == nullptr || one.key == missed) continue;
    core_.PlanPeople(*group);
    if (!is_one || !IsUnderWay(ways_.at(lane))) continue;
    ways_.at(lane).waits = true;
    return;
  }
}

// When something that waits for it may go; nullopt: nothing waits, or an answer comes first.
std::optional<MonoTime> Core::Storms::DueOf(const Lane& lane, const Way& way) const {
  if (IsUnderWay(way)) return std::nullopt;
  if (!IsOn(lane.person)) return core_.now_.mono;
  if (!way.waits) return std::nullopt;
  std::optional<MonoTime> last = way.taken_at;
  if (way.is_missed) last = std::max(last, std::optional(way.boarded));
  return way.is_plain || !last ? core_.now_.mono : *last + terms().every;
}

void Core::Storms::Advance() {
  const MonoTime now = core_.now_.mono;
  std::vector<std::string> over;
  for (auto& [person, storm] : people_) {
    if (terms().incidents == 0) {
      over.push_back(person);
    } else if (storm.is_on && storm.look <= now) {
      storm.look = now + terms().every;
      if (IsPaged(person)) continue;
      over.push_back(person);
      core_.Emit(Log{Log::Level::kInfo, "storm: over", {{"person", person}}});
    }
  }
  for (const std::string& person : over) people_.erase(person);
  std::vector<Lane> due;
  for (const auto& [lane, way] : ways_) {
    const auto at = DueOf(lane, way);
    if (at && *at <= now) due.push_back(lane);
  }
  for (const Lane& lane : due) Plan(lane);
}

std::optional<MonoTime> Core::Storms::next_due() const {
  std::optional<MonoTime> next;
  const auto consider = [&](std::optional<MonoTime> at) {
    if (at && (!next || *at < *next)) next = at;
  };
  for (const auto& [person, storm] : people_) {
    if (terms().incidents == 0) {
      consider(core_.now_.mono);
    } else if (storm.is_on) {
      consider(storm.look);
    }
  }
  for (const auto& [lane, way] : ways_) consider(DueOf(lane, way));
  return next;
}

}  // namespace watchfire::core
