// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/storms.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::core {
namespace {

// So many incidents are named in a page that takes more of them along.
constexpr size_t kNamed = 10;
constexpr size_t kTitleRunes = 60;

// 12 further incidents: #18 CheckoutSlow, #19 … and 2 more
std::string NamesOf(const std::map<uint64_t, std::string>& incidents) {
  const size_t count = incidents.size();
  std::string names = std::to_string(count) + " further incident" + (count == 1 ? "" : "s") + ": ";
  size_t named = 0;
  for (const auto& [id, title] : incidents) {
    if (named == kNamed) return names + " and " + std::to_string(count - kNamed) + " more";
    names += (named++ == 0 ? "#" : ", #") + std::to_string(id);
    if (!title.empty()) names += " " + TruncateRunes(title, kTitleRunes);
  }
  return names;
}

}  // namespace

Core::Storms::Lane Core::Storms::LaneOf(const nflog::Key& key) {
  return {key.person, {key.receiver, key.integration, key.index}};
}

const config::Storm& Core::Storms::terms() const { return core_.config_->oncall.storm; }

bool Core::Storms::IsUnderWay(const Way& way) const {
  const Delivery* page = core_.deliveries_.FindByKey(way.key);
  return page != nullptr && page->page.has_value();
}

bool Core::Storms::Holds(const Audience& who, const dispatch::Group& group) {
  if (terms().incidents == 0 || who.person == kFallbackPerson) return false;
  const auto storm = people_.find(who.person);
  if (storm == people_.end() || !storm->second.is_on) return false;
  const auto way = ways_.find(LaneOf(who.KeyIn(group.key)));
  if (way == ways_.end()) return false;
  if (!IsUnderWay(way->second) && core_.now_.mono >= way->second.paged + terms().every)
    return false;
  way->second.waits = true;
  return true;
}

void Core::Storms::Board(Delivery* page) {
  if (terms().incidents == 0 || !page->page || page->key.person == kFallbackPerson) return;
  const auto incident = core_.IncidentOf(page->key);
  if (incident == nullptr) return;
  const MonoTime now = core_.now_.mono;
  Storm& storm = people_[page->key.person];
  storm.paged[incident->id] = now;
  std::erase_if(storm.paged, [&](const auto& one) { return one.second + terms().within <= now; });
  if (!storm.is_on) {
    if (storm.paged.size() < terms().incidents) return;
    storm.is_on = true;
    storm.look = now + terms().every;
    core_.Emit(Log{Log::Level::kWarn,
                   "storm: many incidents page somebody at once → one page names all that wait",
                   {{"person", page->key.person},
                    {"incidents", std::to_string(storm.paged.size())},
                    {"every", FormatDuration(terms().every)}}});
  }
  const Lane lane = LaneOf(page->key);
  std::map<uint64_t, std::string> named;
  for (const Waiting& one : WaitingFor(lane)) {
    if (one.key == page->key) continue;
    incident::Page aboard;
    std::tie(aboard.receiver, aboard.group_key) = one.group;
    aboard.backend = lane.to.integration;
    aboard.zone = page->page->zone;
    aboard.to = page->page->to + ", by the page of #" + std::to_string(incident->id);
    page->riders.push_back({one.key, std::move(aboard)});
    if (one.incident->id != incident->id) named.emplace(one.incident->id, one.incident->title);
  }
  ways_[lane] = Way{now, page->key, /*waits=*/!page->riders.empty()};
  if (named.empty()) return;
  auto said = std::make_shared<dispatch::Notification>(*page->notification);
  said->group_labels = said->group_labels.With({{kFurtherLabel, NamesOf(named)}});
  page->notification = std::move(said);
}

void Core::Storms::Arrived(const Delivery& page) {
  for (const Rider& rider : page.riders) {
    core_.PersonTook(rider.key);
    core_.NotePaged(rider.page);
    ++core_.stats_.pages_joined;
  }
}

void Core::Storms::Leave(const nflog::Key& key) {
  const auto way = ways_.find(LaneOf(key));
  if (way == ways_.end()) return;
  Delivery* page = core_.deliveries_.FindByKey(way->second.key);
  if (page == nullptr) return;
  const bool was_aboard =
      std::erase_if(page->riders, [&](const Rider& rider) { return rider.key == key; }) > 0;
  if (!was_aboard) return;
  if (page->state == Delivery::State::kAttempting) {
    page->is_stale = true;  // It is not tried again as it is.
    return;
  }
  core_.Supersede(*page);
  way->second.paged = core_.now_.mono - terms().every;
  way->second.waits = true;
}

// What the person is owed by that way and is not on its way, the gravest first, and then the
// oldest.
std::vector<Core::Storms::Waiting> Core::Storms::WaitingFor(const Lane& lane) const {
  std::map<nflog::Key, Waiting> found;
  for (const auto& [id, running] : core_.escalations_.all()) {
    if (running.is_over) continue;
    for (const PersonalContact& contact : running.contacts) {
      if (contact.person != lane.person || contact.receiver != lane.to.receiver) continue;
      for (const auto& [via, group_key, kind, index] : contact.owed) {
        if (kind != lane.to.integration || index != lane.to.index) continue;
        const nflog::Key key{group_key, contact.receiver, kind, index, via, contact.person};
        if (core_.deliveries_.Busy(key) || !core_.IsAudible(running)) continue;
        const auto incident = core_.incidents_.Find(id.incident);
        if (incident == nullptr || !incident::IsOpen(incident->state)) continue;
        found.try_emplace(key, Waiting{key, {via, group_key}, incident});
      }
    }
  }
  std::vector<Waiting> sorted;
  for (auto& [key, one] : found) sorted.push_back(std::move(one));
  const config::Incidents& levels = core_.config_->incidents;
  std::ranges::stable_sort(sorted, [&](const Waiting& a, const Waiting& b) {
    if (incident::IsWorse(a.incident->severity, b.incident->severity, levels)) return true;
    if (incident::IsWorse(b.incident->severity, a.incident->severity, levels)) return false;
    return a.incident->id < b.incident->id;
  });
  return sorted;
}

bool Core::Storms::IsPaged(const std::string& person) const {
  return std::ranges::any_of(core_.escalations_.all(), [&](const auto& entry) {
    const RunningEscalation& running = entry.second;
    if (running.is_over || running.progress.acked) return false;
    return std::ranges::any_of(running.contacts, [&](const PersonalContact& contact) {
      return contact.person == person && (contact.is_reached || contact.due);
    });
  });
}

// One page of those that wait; it takes the others along.
void Core::Storms::Plan(const Lane& lane) {
  for (const Waiting& one : WaitingFor(lane)) {
    const dispatch::Group* group = core_.DriverOf(one.key);
    if (group == nullptr) continue;
    core_.PlanPeople(*group);
    const auto way = ways_.find(lane);
    if (way != ways_.end() && IsUnderWay(way->second)) return;
  }
}

void Core::Storms::End(const std::string& person) {
  std::vector<Lane> left;
  for (const auto& [lane, way] : ways_) {
    if (lane.person == person && way.waits && !IsUnderWay(way)) left.push_back(lane);
  }
  std::erase_if(ways_, [&](const auto& way) { return way.first.person == person; });
  people_.erase(person);
  for (const Lane& lane : left) {
    // Each by itself: they are not many, or it is a storm again.
    for (const Waiting& one : WaitingFor(lane)) {
      if (const dispatch::Group* group = core_.DriverOf(one.key)) core_.PlanPeople(*group);
    }
  }
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
  for (const std::string& person : over) End(person);
  std::vector<Lane> due;
  for (auto& [lane, way] : ways_) {
    if (!way.waits || now < way.paged + terms().every || IsUnderWay(way)) continue;
    way.waits = false;
    due.push_back(lane);
  }
  for (const Lane& lane : due) Plan(lane);
}

std::optional<MonoTime> Core::Storms::next_due() const {
  std::optional<MonoTime> next;
  const auto consider = [&](MonoTime at) { next = next ? std::min(*next, at) : at; };
  for (const auto& [person, storm] : people_) {
    if (terms().incidents == 0) {
      consider(core_.now_.mono);
    } else if (storm.is_on) {
      consider(storm.look);
    }
  }
  for (const auto& [lane, way] : ways_) {
    // The end of what is under way comes as an event.
    if (way.waits && !IsUnderWay(way)) consider(way.paged + terms().every);
  }
  return next;
}

}  // namespace watchfire::core
