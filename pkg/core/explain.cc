// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/explain.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/core.h"
#include "pkg/route/route.h"

namespace watchfire::core {
namespace {

using History = journal::Journal::History;
using journal::Kind;

WallTime TimeOf(const journal::Line& line) { return FromNanos(static_cast<int64_t>(line.number)); }

// "3 name", as NoteDecision() writes it.
Inhibition InhibitionOf(const journal::Line& line) {
  Inhibition inhibition;
  inhibition.source = line.number;
  const size_t blank = line.text.find(' ');
  const std::string index = line.text.substr(0, blank);
  std::from_chars(index.data(), index.data() + index.size(), inhibition.rule);
  if (blank != std::string::npos) inhibition.rule_name = line.text.substr(blank + 1);
  return inhibition;
}

// Appends the matchers from `node` down to `target`; false when it is not below.
bool FindPath(const config::Route& node, const config::Route& target,
              std::vector<std::string>* path) {
  path->push_back(matcher::ToString(node.matchers));
  if (&node == &target) return true;
  for (const config::Route& child : node.routes) {
    if (FindPath(child, target, path)) return true;
  }
  path->pop_back();
  return false;
}

bool Escalates(const config::Receiver& receiver) {
  return std::ranges::any_of(receiver.integrations, [](const config::Integration& integration) {
    return integration.kind == config::kEscalation;
  });
}

// Whether policies tell people through it.
bool IsContact(const config::Config& config, const std::string& receiver) {
  if (config.oncall.fallback == receiver) return true;
  const auto has_it = [&](const auto& person) {
    return std::ranges::any_of(person.second, [&](const config::ContactRule& rule) {
      const config::Receiver* contact = FindReceiver(config, rule.receiver);
      return rule.receiver == receiver || (contact != nullptr && contact->fallback == receiver);
    });
  };
  // Those that people's rules leave out are told by steps that ignore rules.
  return std::ranges::any_of(config.oncall.contacts, has_it) ||
         std::ranges::any_of(config.oncall.all_contacts, has_it);
}

IntegrationExplanation* FindOrAdd(const journal::Message& message, GroupExplanation* group) {
  for (IntegrationExplanation& known : group->integrations) {
    if (known.kind == message.integration && known.index == message.index) return &known;
  }
  group->integrations.push_back({message.integration, message.index});
  return &group->integrations.back();
}

}  // namespace

Explainer::Explainer(const Engines& engines, Now now, WallTime at)
    : engines_(engines),
      now_(now),
      at_(at == kNoTime ? now.wall : std::min(at, now.wall)),
      past_(at_ < now.wall),
      mutes_(engines.config) {
  mutes_.Refresh(at_);
  if (!past_) return;  // The rows of the table know who silences them.
  snapshot_ = engines.silences.Snapshot();
  for (const silence::Silence& silence : *snapshot_) {
    if (silence::StateAt(silence, at_) == silence::State::kActive) in_force_.push_back(&silence);
  }
}

Result<std::shared_ptr<const Explained>> Explainer::Answer(const ExplainRequest& request) {
  auto answer = std::make_shared<Explained>();
  answer->at = at_;
  answer->past = past_;
  answer->recorded_since = engines_.journal.since();
  const std::vector<WallTime> swaps = engines_.journal.ConfiguredAfter(at_);
  // Of times before the record nothing is known of configurations either.
  const bool recorded = answer->recorded_since != kNoTime && answer->recorded_since <= at_;
  if (recorded && !swaps.empty()) answer->reconfigured_at = swaps.front();
  std::vector<uint64_t> found = request.fingerprints;
  if (found.empty()) {
    found = Matching(request.matchers);
  } else {
    std::erase_if(found, [this](uint64_t fingerprint) { return !Knows(fingerprint); });
    if (found.empty()) {
      return Fail(Code::kNotFound,
                  "nothing is known of an alert " + Hex64(request.fingerprints.front()));
    }
  }
  answer->total = found.size();
  if (found.size() > request.limit) found.resize(request.limit);
  for (const uint64_t fingerprint : found) answer->alerts.push_back(Explain(fingerprint));
  AttachGroups(answer.get());
  return std::shared_ptr<const Explained>(std::move(answer));
}

bool Explainer::Knows(uint64_t fingerprint) const {
  return engines_.alerts.Find(fingerprint) != nullptr || engines_.journal.Knows(fingerprint);
}

labels::LabelSet Explainer::LabelsOf(uint64_t fingerprint) const {
  if (const AlertTable::Row* row = engines_.alerts.Find(fingerprint)) return row->alert->labels;
  const labels::LabelSet* kept = engines_.journal.Labels(fingerprint);
  return kept == nullptr ? labels::LabelSet() : *kept;
}

// Of the present those that fire; of the past every one that was heard of by then.
std::vector<uint64_t> Explainer::Matching(const matcher::Matchers& matchers) const {
  std::set<uint64_t> found;
  engines_.alerts.ForEach([&](const AlertTable::Row& row) {
    const uint64_t fingerprint = row.alert->fingerprint();
    const bool then = past_ ? row.received_at <= at_ || engines_.journal.KnewBy(fingerprint, at_)
                            : !row.alert->Resolved(at_);
    if (then && matcher::MatchesAll(matchers, row.alert->labels)) found.insert(fingerprint);
  });
  if (past_) {
    const auto gone = engines_.journal.Find([&](const labels::LabelSet& labels) {
      return engines_.journal.KnewBy(labels.fingerprint(), at_) &&
             matcher::MatchesAll(matchers, labels);
    });
    found.insert(gone.begin(), gone.end());
  }
  return {found.begin(), found.end()};
}

Explanation Explainer::Explain(uint64_t fingerprint) const {
  const History history = engines_.journal.Read(fingerprint, at_);
  Explanation alert;
  alert.fingerprint = fingerprint;
  alert.labels = LabelsOf(fingerprint);
  alert.cut = history.cut;
  ExplainState(history, &alert);
  ExplainMutes(history, &alert);
  alert.groups = Groups(history, alert);
  return alert;
}

void Explainer::ExplainState(const History& history, Explanation* alert) const {
  using State = Explanation::State;
  for (const journal::Line& line : history.lines) {
    if (line.kind == Kind::kFiring) {
      alert->state = State::kFiring;
      alert->received_at = line.at;
      alert->source = line.text;
      alert->starts_at = TimeOf(line);
      alert->ends_at = kNoTime;
    } else if (line.kind == Kind::kResolved || line.kind == Kind::kExpired) {
      alert->state = State::kResolved;
      alert->ends_at = TimeOf(line);
      alert->expired = line.kind == Kind::kExpired;
    }
  }
  const AlertTable::Row* row = engines_.alerts.Find(alert->fingerprint);
  // The table knows the present better, and what began before the journal did.
  const bool speaks = row != nullptr && (!past_ || alert->state == State::kUnknown);
  if (!speaks || row->received_at > at_) return;
  alert->state = row->alert->Resolved(at_) ? State::kResolved : State::kFiring;
  alert->starts_at = row->alert->starts_at;
  if (!past_ || alert->state == State::kResolved) alert->ends_at = row->alert->ends_at;
  if (alert->received_at == kNoTime) alert->received_at = row->received_at;
}

void Explainer::ExplainMutes(const History& history, Explanation* alert) const {
  if (!past_) {
    if (const auto verdict = engines_.inhibit.Check(alert->labels, at_)) {
      alert->inhibited = Inhibition{verdict->source,
                                    {},
                                    verdict->rule,
                                    engines_.config->inhibit_rules.at(verdict->rule).name};
    }
  } else {
    // As the last flush of each group by then saw it, in this episode.
    std::map<journal::Place, const journal::Line*> last;
    for (const journal::Line& line : history.lines) {
      if (line.kind == Kind::kFiring) last.clear();
      if (journal::IsDecision(line.kind)) last[line.place] = &line;
    }
    for (const auto& [place, line] : last) {
      if (line->kind == Kind::kInhibited) alert->inhibited = InhibitionOf(*line);
    }
  }
  if (alert->inhibited) alert->inhibited->source_labels = LabelsOf(alert->inhibited->source);
  if (!past_) {
    const AlertTable::Row* row = engines_.alerts.Find(alert->fingerprint);
    if (row == nullptr) return;
    for (const std::string& id : row->silenced) {
      alert->silences.push_back(*engines_.silences.Find(id));
    }
    return;
  }
  if (alert->labels.empty()) return;
  // An update never changes a silence's past, so the set is its own record.
  for (const silence::Silence* silence : in_force_) {
    if (silence::Matches(*silence, alert->labels)) alert->silences.push_back(*silence);
  }
}

std::vector<GroupExplanation> Explainer::Groups(const History& history,
                                                const Explanation& alert) const {
  std::vector<GroupExplanation> groups;
  if (!alert.labels.empty()) {
    for (const config::Route* route : route::Match(engines_.config->route, alert.labels)) {
      groups.push_back(OfRoute(*route, alert));
    }
  }
  const auto group_at = [&](const journal::Place& place) -> GroupExplanation& {
    for (GroupExplanation& group : groups) {
      if (group.receiver == place.receiver && group.group_key == place.group_key) return group;
    }
    GroupExplanation group;
    const bool is_of_another = IsContact(*engines_.config, place.receiver) &&
                               std::ranges::none_of(groups, [&](const GroupExplanation& known) {
                                 return known.known_route() && known.escalation_of.empty() &&
                                        known.group_key == place.group_key;
                               });
    for (const GroupExplanation& known : groups) {
      const config::Receiver* owner = FindReceiver(*engines_.config, known.receiver);
      if (owner == nullptr) continue;
      const bool is_fallback = owner->fallback == place.receiver;
      if (!is_fallback && !Escalates(*owner)) continue;
      // People are told of all groups of an incident under the key of one.
      const bool is_its = known.group_key == place.group_key || (is_of_another && !is_fallback);
      if (!known.known_route() || !is_its) continue;
      group = known;
      (is_fallback ? group.fallback_of : group.escalation_of) = known.receiver;
      group.decisions.clear();
      break;
    }
    group.receiver = place.receiver;
    group.group_key = place.group_key;
    groups.push_back(std::move(group));
    return groups.back();
  };
  for (const journal::Line& line : history.lines) {
    if (!line.place.receiver.empty()) group_at(line.place).decisions.push_back(line);
  }
  for (const journal::Message& message : history.messages) group_at(message.place);
  for (GroupExplanation& group : groups) {
    // Of people the messages tell: several may share a receiver.
    if (group.known_route() && group.escalation_of.empty()) {
      AddIntegrations(FindReceiver(*engines_.config, group.receiver), alert.fingerprint, &group);
    }
    for (const journal::Message& message : history.messages) {
      const bool here =
          message.place.receiver == group.receiver && message.place.group_key == group.group_key;
      if (here) FindOrAdd(message, &group)->messages.push_back(message);
    }
    for (IntegrationExplanation& integration : group.integrations) {
      AddKnowledge(group, &integration);
    }
  }
  return groups;
}

GroupExplanation Explainer::OfRoute(const config::Route& route, const Explanation& alert) const {
  GroupExplanation out;
  FindPath(engines_.config->route, route, &out.path);
  out.receiver = route.receiver;
  out.group_key = route::GroupKey(route, route::GroupLabels(route, alert.labels));
  out.group_wait = route.group_wait;
  out.group_interval = route.group_interval;
  out.repeat_interval = route.repeat_interval;
  out.is_strict = route.delivery == config::Delivery::kStrict;
  if (const Mute* mute = mutes_.Find(route)) {
    out.muted_by = mute->names;
    out.inactive = mute->inactive;
  }
  return out;
}

void Explainer::AddIntegrations(const config::Receiver* receiver, uint64_t fingerprint,
                                GroupExplanation* group) const {
  if (receiver == nullptr) return;
  for (const config::Integration& configured : receiver->integrations) {
    IntegrationExplanation integration{configured.kind, configured.index};
    integration.send_resolved = configured.send_resolved;
    const nflog::Entry* entry = engines_.nflog.Find(
        {group->group_key, receiver->name, configured.kind, configured.index, group->fallback_of});
    if (!past_ && entry != nullptr) {
      integration.told_at = entry->at;
      const bool is_forgotten = !group->is_strict && group->fallback_of.empty();
      if (is_forgotten) integration.known_until = entry->expires_at;
      integration.told_firing = std::ranges::binary_search(entry->firing, fingerprint);
      integration.told_resolved =
          integration.send_resolved && std::ranges::binary_search(entry->resolved, fingerprint);
      integration.in_doubt = std::ranges::binary_search(entry->attempted, fingerprint);
    }
    group->integrations.push_back(std::move(integration));
  }
}

// Of the past, and of receivers that are gone, the messages tell; of the present, why.
void Explainer::AddKnowledge(const GroupExplanation& group,
                             IntegrationExplanation* integration) const {
  const bool from_log = !past_ && group.known_route() && group.escalation_of.empty();
  for (const journal::Message& message : integration->messages) {
    if (message.outcome == journal::Outcome::kLost && !from_log) integration->in_doubt = true;
    if (message.outcome != journal::Outcome::kAccepted) continue;
    if (from_log) {
      if (message.ended_at == integration->told_at) integration->told_reason = message.reason;
      continue;
    }
    integration->told_at = message.ended_at;
    integration->told_reason = message.reason;
    integration->told_firing = message.firing;
    integration->told_resolved = !message.firing;
    integration->in_doubt = false;
  }
  if (integration->told_firing && integration->told_at != kNoTime && group.known_route()) {
    integration->repeat_due =
        std::min(integration->told_at + group.repeat_interval, integration->known_until);
  }
}

// From the incident that the group opened to the one that went on in its place at that instant.
void Explainer::FollowMerges(std::shared_ptr<const incident::Incident>* incident) const {
  while (*incident != nullptr && (*incident)->merged_into != 0 && (*incident)->resolved_at <= at_) {
    auto next = engines_.incidents.Find((*incident)->merged_into);
    if (next == nullptr) return;
    *incident = std::move(next);
  }
}

// One pass over what there is of groups and incidents, for all alerts of the answer.
void Explainer::AttachGroups(Explained* answer) const {
  using Wanted = std::pair<Explanation*, GroupExplanation*>;
  std::map<std::pair<std::string, std::string>, std::vector<Wanted>> wanted;
  for (Explanation& alert : answer->alerts) {
    for (GroupExplanation& group : alert.groups) {
      wanted[{group.receiver, group.group_key}].emplace_back(&alert, &group);
    }
  }
  for (const auto& [id, incident] : engines_.incidents.all()) {
    if (incident->opened_at > at_) continue;
    const auto found = wanted.find({incident->receiver, incident->group_key});
    if (found == wanted.end()) continue;
    for (const auto& [alert, group] : found->second) group->incident = incident;
  }
  for (Explanation& alert : answer->alerts) {
    for (GroupExplanation& group : alert.groups) FollowMerges(&group.incident);
  }
  if (past_) return;
  for (const auto& [id, group] : engines_.dispatcher.groups()) {
    const auto found = wanted.find({group.route->receiver, group.key});
    if (found == wanted.end()) continue;
    for (const auto& [alert, explained] : found->second) {
      if (!group.alerts.contains(alert->fingerprint)) continue;
      explained->next_flush = now_.wall + std::max(Duration::zero(), group.next() - now_.mono);
    }
  }
}

// ---- Core's side: the request, and what it notes ----

void Core::On(ExplainRequest event) {
  RefreshSilenced();
  const Engines engines{config_,      alerts_, *inhibit_,  silences_,
                        *dispatcher_, nflog_,  incidents_, journal_};
  auto answer = Explainer(engines, now_, event.at).Answer(event);
  Reply reply{event.reply_to, {}, nullptr, {}, {}};
  if (answer) {
    reply.explained = *std::move(answer);
  } else {
    reply.status = Fail(std::move(answer.error()));
  }
  Emit(std::move(reply));
}

void Core::NoteDecision(const alert::Alert& alert, const dispatch::Group& group, Muted muted) {
  Kind kind = Kind::kLetThrough;
  uint64_t number = 0;
  std::string text;
  const uint64_t fingerprint = alert.fingerprint();
  // What was never kept out costs one look-up a flush.
  if (muted == Muted::kNo && !journal_.KeptOut(fingerprint)) return;
  if (muted == Muted::kInhibited) {
    const auto verdict = inhibit_->Check(alert.labels, now_.wall);
    if (!verdict) return;
    kind = Kind::kInhibited;
    number = verdict->source;
    const std::string& name = config_->inhibit_rules.at(verdict->rule).name;
    text = std::to_string(verdict->rule) + (name.empty() ? "" : " " + name);
  } else if (muted == Muted::kSilenced) {
    kind = Kind::kSilenced;
    text = Join(SilencedBy(alert), ", ");
  } else if (muted != Muted::kNo) {
    const Mute* mute = mutes_->Find(*group.route);
    if (mute == nullptr) return;
    kind = mute->inactive ? Kind::kInactive : Kind::kMuted;
    text = Join(mute->names, ", ");
  }
  journal_.Decided(fingerprint, {group.route->receiver, group.key}, kind, number, text, now_.wall);
}

void Core::NoteSending(const Delivery& delivery) {
  static const std::vector<uint64_t> kUnwanted;  // The message has no word of an end.
  journal_.Sent(
      {delivery.id.value, delivery.key.receiver, delivery.key.group_key, delivery.key.integration,
       delivery.key.index, dispatch::ReasonText(delivery.notification->reason), delivery.firing,
       delivery.integration->send_resolved ? delivery.resolved : kUnwanted},
      now_.wall);
}

void Core::NoteAttempt(const Attempted& event, bool goes_on) {
  const bool accepted = event.kind == Attempted::Kind::kDone;
  journal::Attempt attempt{now_.wall, event.took, accepted ? "" : event.why, event.unknown};
  if (!accepted && attempt.why.empty()) attempt.why = event.failure;
  if (goes_on) {
    journal_.Failed(event.id.value, std::move(attempt));
  } else {
    journal_.Over(event.id.value,
                  accepted ? journal::Outcome::kAccepted : journal::Outcome::kFailed,
                  std::move(attempt), now_.wall);
  }
}

}  // namespace watchfire::core
