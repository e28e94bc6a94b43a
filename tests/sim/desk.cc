// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/desk.h"

#include <algorithm>

#include "pkg/base/digest.h"

namespace watchfire::sim {
namespace {

// As its API says them.
std::string Seconds(WallTime at) { return FormatRfc3339(at, 0); }

// As marks have them: a whole second counts as its end (pkg/responder/vendor_api.h).
std::string EndOfSecond(WallTime at) {
  const Result<WallTime> second = ParseTime(Seconds(at));
  return FormatRfc3339(*second + std::chrono::milliseconds(999));
}

bool IsOver(const std::string& last_transition) { return last_transition == "resolved"; }

}  // namespace

Desk::Desk(World& world, uint64_t seed)
    : world_(world), rng_(seed ^ 0xde5cULL), base_(world.wall() - (world.mono() - MonoTime())) {
  world_.on_taken = [this](const core::Attempt& attempt) { OnTaken(attempt); };
  world_.Later(std::chrono::seconds(17), [this] { MaybeDo(); });
}

Desk::Page* Desk::Open(const std::string& entity_id) {
  for (Page& page : pages_) {
    if (page.entity_id == entity_id && !IsOver(page.transitions.back().name)) return &page;
  }
  return nullptr;
}

void Desk::OnTaken(const core::Attempt& attempt) {
  const dispatch::Notification& told = *attempt.notification;
  if (told.receiver != "on-call" || told.integration != "victorops") return;
  const std::string entity_id = Sha256Hex(told.group_key);
  Page* page = Open(entity_id);
  if (told.update) {
    if (told.update->by == kPerson) {
      world_.Violation("what " + std::string(kPerson) + " did at the vendor was told to it");
    }
    // A message does it, in whoever's name: the API says that it was not by hand.
    const bool is_ack = told.update->act == config::kVendorAcknowledge;
    if (page == nullptr || (!is_ack && told.update->act != config::kVendorResolve)) return;
    const char* name = is_ack ? "acknowledged" : "resolved";
    page->transitions.push_back({name, told.update->by, false, clock()});
  } else if (!told.firing()) {
    if (page != nullptr) page->transitions.push_back({"resolved", "SYSTEM", false, clock()});
  } else if (page == nullptr) {
    const int number = static_cast<int>(pages_.size()) + 1;
    pages_.push_back({number, told.group_key, entity_id, {}, {}});
    pages_.back().transitions.push_back({"triggered", "SYSTEM", false, clock()});
  }
}

void Desk::MaybeDo() {
  if (world_.has_faults()) {
    for (Page& page : pages_) {
      const std::string last = page.transitions.back().name;
      if (IsOver(last) || rng_.Chance(0.5)) continue;
      Kind kind = rng_.Chance(0.2) ? Kind::kNote : Kind::kAcknowledge;
      if (rng_.Chance(0.15)) kind = Kind::kResolve;
      if (kind == Kind::kAcknowledge && last == "acknowledged") continue;
      DoTo(&page, kind);
      // Few webhooks get through; those that do, twice now and then.
      if (!rng_.Chance(0.2)) continue;
      Push(page, kind);
      if (rng_.Chance(0.3)) Push(page, kind);
    }
  }
  world_.Later(std::chrono::seconds(15 + rng_.Below(120)), [this] { MaybeDo(); });
}

bool Desk::Do(const std::string& service, Kind kind) {
  for (Page& page : pages_) {
    const bool is_its = page.group_key.ends_with("{service=\"" + service + "\"}");
    if (!is_its || IsOver(page.transitions.back().name)) continue;
    DoTo(&page, kind);
    return true;
  }
  return false;
}

void Desk::DoTo(Page* page, Kind kind) {
  const std::string number = std::to_string(page->number);
  Deed deed{"VictorOps " + number + ", ", page->entity_id, 0, 0, world_.mono()};
  if (kind == Kind::kNote) {
    page->notes.push_back(number + "-" + std::to_string(page->notes.size()));
    deed.mark += "note " + page->notes.back();
  } else {
    const char* name = kind == Kind::kResolve ? "resolved" : "acknowledged";
    page->transitions.push_back({name, kPerson, true, clock()});
    deed.mark += std::string(name) + " at " + EndOfSecond(clock());
  }
  const auto view = world_.Read(core::kViewIncidents);
  for (const auto& [id, incident] : view->incidents) {
    const auto& groups = incident->groups;
    const bool is_about =
        std::ranges::find(groups, page->entity_id, &incident::Group::entity_id) != groups.end();
    if (!is_about || !IsOpen(incident->state)) continue;
    deed.incident = id;
    deed.cycle = incident->cycle;
  }
  world_.Trace("at the vendor: " + deed.mark + ", of incident " + std::to_string(deed.incident));
  deeds_.push_back(std::move(deed));
}

void Desk::Push(const Page& page, Kind kind) {
  if (kind == Kind::kNote || deeds_.back().incident == 0) return;
  core::IncidentCommand command;
  command.entity_id = page.entity_id;
  command.ack = {kPerson, incident::ActorType::kHuman, "victorops", ""};
  if (kind == Kind::kResolve) {
    world_.NoteHandEnds(deeds_.back().incident, page.entity_id);
    command.act = incident::Resolve{};
  }
  world_.Ask(std::move(command), [](const Status&) {});
}

std::string Desk::Incidents() const {
  std::string json;
  for (const Page& page : pages_) {
    json += json.empty() ? "" : ",";
    json += "{\"incidentNumber\":\"" + std::to_string(page.number) + "\",\"entityId\":\"" +
            page.entity_id + "\",\"currentPhase\":\"" + page.transitions.back().name +
            "\",\"transitions\":[";
    for (size_t i = 0; i < page.transitions.size(); ++i) {
      const Transition& transition = page.transitions[i];
      json += std::string(i == 0 ? "" : ",") + "{\"name\":\"" + transition.name + "\",\"by\":\"" +
              transition.by + "\",\"manually\":" + (transition.is_manual ? "true" : "false") +
              ",\"at\":\"" + Seconds(transition.at) + "\"}";
    }
    json += "]}";
  }
  return "{\"incidents\":[" + json + "]}";
}

std::string Desk::NotesOf(const std::string& url) const {
  std::string json;
  for (const Page& page : pages_) {
    if (url.find("/incidents/" + std::to_string(page.number) + "/") == std::string::npos) continue;
    for (const std::string& name : page.notes) {
      json += (json.empty() ? "" : ",") + ("{\"name\":\"" + name + "\"") +
              ",\"display_name\":\"looking into it\"}";
    }
  }
  return "{\"notes\":[" + json + "]}";
}

// "2026-09-21T14:13:20Z" as RFC 9110 has it. The day of the week is not read.
std::string Desk::Date() const {
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string iso = Seconds(clock());
  const auto month = static_cast<size_t>(std::stoi(iso.substr(5, 2)) - 1);
  return "Mon, " + iso.substr(8, 2) + " " + kMonths[month] + " " + iso.substr(0, 4) + " " +
         iso.substr(11, 8) + " GMT";
}

const Desk::Deed* Desk::Find(const std::string& mark) const {
  const auto found = std::ranges::find(deeds_, mark, &Deed::mark);
  return found == deeds_.end() ? nullptr : &*found;
}

}  // namespace watchfire::sim
