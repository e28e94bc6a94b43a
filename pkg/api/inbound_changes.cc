// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/inbound_changes.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "pkg/api/alert_incidents.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/matcher/matcher.h"

namespace watchfire::api {
namespace {

using inbound::Verb;

// The incident comes back to those on call this long after somebody gave back an ack.
constexpr std::chrono::seconds kGivenBackAfter{1};

// Whether a person says that it is over: what monitoring says names nobody.
bool IsByHand(const inbound::Change& change) {
  return change.verb == Verb::kResolve && !change.actor.empty();
}

std::optional<incident::Act> ActOf(const inbound::Change& change) {
  switch (change.verb) {
    case Verb::kAcknowledge:
      return incident::Acknowledge{};
    case Verb::kUnacknowledge:
      return incident::Snooze{{kNoTime, kGivenBackAfter}};
    case Verb::kSnooze:
      return incident::Snooze{{change.until, Duration::zero()}};
    case Verb::kAssign:
      return incident::Reassign{change.assignee};
    case Verb::kCall:
      return incident::Escalate{change.assignee, false};
    case Verb::kNote:
    case Verb::kMention:
    case Verb::kResolve:
      if (change.note.empty()) return std::nullopt;
      return incident::AddNote{};
    default:
      return std::nullopt;
  }
}

std::string WhoSends(std::string_view kind, const config::InboundKey& key) {
  return std::string(kind) + "/" + key.key.reveal();
}

// Whether what was a warning is critical from now on.
bool TurnsCritical(const inbound::Alerts& before, const std::vector<alert::Alert>& planned,
                   WallTime now) {
  const auto is = [](const alert::Alert& alert, std::string_view severity) {
    return alert.labels.Get("severity") == severity;
  };
  return std::ranges::any_of(before, [&](const auto& alert) { return is(*alert, "warning"); }) &&
         std::ranges::none_of(before, [&](const auto& alert) { return is(*alert, "critical"); }) &&
         std::ranges::any_of(planned, [&](const alert::Alert& alert) {
           return is(alert, "critical") && !alert.Resolved(now);
         });
}

// A tool's texts are ours to shorten: refusing an ack for its length would lose it.
std::string Shortened(std::string_view text) {
  return TruncateRunes(RepairUtf8(text), limits::kNoteBytes / 4);
}

const config::InboundKey* FindBy(Secret config::InboundKey::*secret, const config::Config& config,
                                 std::string_view kind, std::string_view given) {
  const config::InboundKey* found = nullptr;
  for (const config::InboundKey& key : config.inbound.Of(kind)) {
    if (EqualsConstantTime((key.*secret).reveal(), given)) found = &key;
  }
  return given.empty() ? nullptr : found;
}

}  // namespace

const config::InboundKey* FindKey(const config::Config& config, std::string_view kind,
                                  std::string_view given) {
  return FindBy(&config::InboundKey::key, config, kind, given);
}

const config::InboundKey* FindApiKey(const config::Config& config, std::string_view kind,
                                     std::string_view given) {
  return FindBy(&config::InboundKey::api_key, config, kind, given);
}

std::optional<Error> TooMany(Backend& backend, std::string_view kind,
                             const config::InboundKey& key) {
  if (backend.TakeTurn(WhoSends(kind, key), 0)) return std::nullopt;
  return Error{
      Code::kExhausted,
      "this key of inbound." + std::string(kind) + " may send " +
          std::to_string(limits::kInboundPerSecond) +
          " messages a second, and alerts beyond the first of each: try again in a moment"};
}

InboundBook::Need InboundBook::NeedOf(const inbound::Change& change) {
  return ActOf(change) || IsByHand(change) ? Need::kIncidents : Need::kAlerts;
}

Result<InboundBook> InboundBook::Open(Backend& backend, std::string_view kind,
                                      const config::InboundKey& key,
                                      const inbound::Change& change) {
  const Entities one = {change.entity};
  return Open(backend, kind, key, NeedOf(change), &one);
}

Result<InboundBook> InboundBook::Open(Backend& backend, std::string_view kind,
                                      const config::InboundKey& key, Need need,
                                      const Entities* entities) {
  InboundBook book(backend, kind, key);
  const unsigned more = need == Need::kIncidents ? core::kViewOpenIncidents : 0U;
  auto view = backend.Read(core::kViewAlerts | more);
  if (!view) return Fail(view.error());
  book.view_ = *std::move(view);
  const bool is_one = entities != nullptr && entities->size() == 1;
  const labels::LabelSet identity =
      inbound::Identity(kind, key, is_one ? *entities->begin() : std::string());
  uint64_t marks = 0;
  for (const labels::Label& label : identity) marks |= core::PairMark(label.name, label.value);
  for (const auto& shard : book.view_->alerts) {
    if (!shard) continue;
    for (const core::AlertRow& row : *shard) {
      if ((row.marks & marks) != marks) continue;
      const labels::LabelSet& have = row.alert->labels;
      const std::string_view entity = have.Get(inbound::kEntityLabel);
      if (entity.empty() || (entities != nullptr && !entities->contains(entity))) continue;
      const bool is_ours = std::ranges::all_of(
          identity, [&](const labels::Label& l) { return have.Get(l.name) == l.value; });
      if (is_ours) book.alerts_[std::string(entity)].push_back(row.alert);
    }
  }
  return book;
}

inbound::Alerts InboundBook::Firing(const std::string& entity) const {
  const auto found = alerts_.find(entity);
  if (found == alerts_.end()) return {};
  inbound::Alerts firing = found->second;
  std::erase_if(firing, [&](const auto& alert) { return alert->Resolved(now_); });
  return firing;
}

Result<std::string> InboundBook::Do(const inbound::Change& change) {
  Result<std::string> word = DoUncounted(change);
  if (word) backend_->Count({kind_, *word});
  return word;
}

Result<std::string> InboundBook::DoUncounted(const inbound::Change& change) {
  const inbound::Alerts before = Firing(change.entity);
  std::vector<alert::Alert> planned = inbound::Plan(change, kind_, *key_, before, now_);
  Result<std::string> word = WordFor(change, before, planned);
  // Where a worse severity is news, an ack of the warning is none of what turns critical: core ends
  // it with the page of that, which does not wait for its group then.
  if (change.refresh == inbound::Refresh::kSeverity && TurnsCritical(before, planned, now_)) {
    const Result<bool> is_held = IsHeldByAck(before);
    if (!is_held) return Fail(is_held.error());
    is_hasty_ |= *is_held;
  }
  if ((ActOf(change) || IsByHand(change)) && !before.empty()) {
    const Result<std::string> acted = Act(change, before);
    // An end is never refused for what was said to it.
    if (change.verb != Verb::kResolve) word = acted;
  }
  if (!word) return word;
  for (const alert::Alert& alert : planned) made_of_.push_back(MadeOf(alert, before));
  inbound::Alerts& known = alerts_[change.entity];
  for (alert::Alert& alert : planned) {
    std::erase_if(known, [&](const auto& old) { return old->labels == alert.labels; });
    known.push_back(std::make_shared<const alert::Alert>(alert));
    made_.push_back(std::move(alert));
  }
  return word;
}

// What core has to have for `alert` to count: the open one that it refreshes, or takes the place
// of. What this same request made is not with core yet, and asks for nothing.
uint64_t InboundBook::MadeOf(const alert::Alert& alert, const inbound::Alerts& before) const {
  if (before.empty()) return 0;
  const auto same =
      std::ranges::find_if(before, [&](const auto& old) { return old->labels == alert.labels; });
  const alert::Alert& old = same == before.end() ? *before.front() : **same;
  const bool is_ours =
      std::ranges::any_of(made_, [&](const auto& made) { return made.labels == old.labels; });
  return is_ours ? 0 : old.fingerprint();
}

std::string InboundBook::WordFor(const inbound::Change& change, const inbound::Alerts& before,
                                 const std::vector<alert::Alert>& planned) const {
  const bool opens = change.verb == Verb::kTrigger || change.verb == Verb::kMention;
  if (change.verb == Verb::kNothing) return "ignored";
  if (!opens) return before.empty() ? "no_alert" : "ok";
  if (!before.empty() || planned.empty()) return "ok";
  const labels::LabelSet& labels = planned.back().labels;
  if (labels.Get("severity").empty()) return "no_severity";
  const auto takes = [&](const config::Route& route) {
    return matcher::MatchesAll(route.matchers, labels);
  };
  const std::vector<config::Route>& routes = view_->config->route.routes;
  return !routes.empty() && std::ranges::none_of(routes, takes) ? "catch_all" : "ok";
}

Result<std::string> InboundBook::Act(const inbound::Change& change, const inbound::Alerts& alerts) {
  const AlertIncidents incidents(*view_);
  std::set<uint64_t> ids;
  std::string word = "no_incident";
  for (const auto& alert : alerts) {
    for (const auto& [fingerprint, incident] : incidents.Find(alert->fingerprint())) {
      if (change.verb == Verb::kUnacknowledge && !incident->ack) {
        word = "ok";  // There is nothing to give back, and nobody is paged for that.
      } else {
        ids.insert(incident->id);
      }
    }
  }
  for (const uint64_t id : ids) {
    core::IncidentCommand command;
    command.incident = id;
    std::optional<incident::Act> act = ActOf(change);
    const auto is_it = [&](const core::OpenIncident& open) { return open.incident->id == id; };
    const auto open = std::ranges::find_if(view_->open_incidents, is_it);
    if (IsByHand(change) && EndsWith(*open, alerts)) act = incident::Resolve{};
    if (!act) continue;
    command.act = *std::move(act);
    command.ack.actor = Shortened(change.actor.empty() ? kind_ : change.actor);
    command.ack.actor_type =
        change.actor.empty() ? incident::ActorType::kAutomation : incident::ActorType::kHuman;
    command.ack.channel = kind_;
    command.ack.note = Shortened(change.note);
    const Result<core::Reply> reply = backend_->Ask(std::move(command));
    if (!reply) return Fail(reply.error());
    if (reply->status) {
      word = "ok";
      continue;
    }
    // It was resolved between our look and our word.
    const Code code = reply->status.error().code;
    if (code != Code::kNotFound && code != Code::kConflict) return Fail(reply->status.error());
    if (change.verb != Verb::kCall || word == "ok") continue;
    word = code == Code::kNotFound ? "unknown_name" : "in_hand";
  }
  return word;
}

// Whether nothing of the incident fires but those alerts.
bool InboundBook::EndsWith(const core::OpenIncident& open, const inbound::Alerts& alerts) const {
  for (const auto& group : open.alerts) {
    for (const uint64_t fingerprint : *group) {
      const bool is_one = std::ranges::any_of(
          alerts, [&](const auto& alert) { return alert->fingerprint() == fingerprint; });
      const core::AlertRow* row = is_one ? nullptr : view_->Find(fingerprint);
      if (row != nullptr && !row->alert->Resolved(now_)) return false;
    }
  }
  return true;
}

// Whether an incident of theirs is acknowledged, by somebody who saw nothing worse. A level that a
// person set is that person's word. Source: reference paging-backends §1.1.
Result<bool> InboundBook::IsHeldByAck(const inbound::Alerts& alerts) {
  auto view = backend_->Read(core::kViewAlerts | core::kViewOpenIncidents);
  if (!view) return Fail(view.error());
  view_ = *std::move(view);
  const AlertIncidents incidents(*view_);
  return std::ranges::any_of(alerts, [&](const auto& alert) {
    return std::ranges::any_of(incidents.Find(alert->fingerprint()), [](const auto& found) {
      return found.second->ack && found.second->level_by.empty();
    });
  });
}

Status InboundBook::Post(const std::string& receipt, bool at_once) {
  if (made_.empty() && receipt.empty()) return {};
  if (made_.size() > 1) backend_->TakeTurn(WhoSends(kind_, *key_), made_.size() - 1);
  core::AlertsArrived arrived;
  arrived.source = kind_;
  arrived.at_once = at_once || std::exchange(is_hasty_, false);
  for (const alert::Alert& alert : made_) {
    ++(alert.Resolved(now_) ? arrived.resolved : arrived.firing);
  }
  arrived.alerts = std::exchange(made_, {});
  arrived.only_while = std::exchange(made_of_, {});
  const Result<core::Reply> reply =
      backend_->Ask(core::AlertsOnce{{}, receipt, std::move(arrived)});
  return reply ? reply->status : Fail(reply.error());
}

}  // namespace watchfire::api
