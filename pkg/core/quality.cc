// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How good the alerting is, counted as it happens: episodes, delays, flapping, whether pages and
// the loss of error budgets go together, and who is given what others should have had. Source:
// reference paging-backends §7.

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/core/core.h"
#include "pkg/incident/analytics.h"
#include "pkg/oncall/person.h"
#include "pkg/oncall/time_on_call.h"
#include "pkg/slo/burn.h"

namespace watchfire::core {
namespace {

constexpr Duration kCountMost = std::chrono::hours(24 * 366);  // Of time on call, at once.

std::string NoneIfEmpty(std::string_view text) {
  return std::string(text.empty() ? std::string_view("none") : text);
}

// The team by this name, or else the only one that has this person. "": none, or it is not clear.
std::string TeamOf(const oncall::Roster& roster, const std::string& owner) {
  if (const oncall::Team* team = roster.FindTeam(owner)) return team->name;
  const std::string name = oncall::PersonCalled(&roster, owner);
  std::string found;
  for (const oncall::Team& team : roster.teams) {
    if (std::ranges::find(team.members, name, &oncall::Member::user) == team.members.end())
      continue;
    if (!found.empty()) return "";
    found = team.name;
  }
  return found;
}

// The share of its budget that an SLO loses in `span` at the burn rate of its shortest window, of
// the worst label set; 0 while it burns no faster than it may, or nothing is known.
double LostIn(Duration span, const config::Slo& slo, const slo::SloStatus& status, WallTime now) {
  constexpr std::chrono::minutes kRecent{5};
  const bool is_known =
      status.last_evaluation != kNoTime && now - status.last_evaluation <= kRecent;
  const std::set<Duration> windows = slo::Windows(slo);
  if (!is_known || windows.empty()) return 0;
  double worst = 0;
  for (const slo::Reading& reading : status.readings) {
    worst = std::max(worst, slo::Engine::BurnRate(slo, reading, *windows.begin()).value_or(0));
  }
  if (worst <= 1) return 0;
  return worst * ToSeconds(std::min<Duration>(span, kRecent)) / ToSeconds(slo.period);
}

}  // namespace

// What comes back so soon goes on with its episode (reference §7.1, alert_episode), which was heard
// of and judged then.
void Core::CountEpisode(const alert::Alert& alert, const std::string& source) {
  if (episode_is_test_.In(alert.labels) == "true") return;
  const auto& before = alerts_.before();
  if (before && now_.wall - before->ended <= 2 * config_->route.group_interval) {
    if (before->judged) alerts_.MarkJudged(alert.fingerprint());
    return;
  }
  // Neighbours mostly count alike.
  const auto value = [&](labels::Lookup& name) {
    const std::string_view text = name.In(alert.labels);
    return text.empty() ? std::string_view("none") : text;
  };
  auto& [team, service, severity] = episode_names_;
  const std::array<std::string_view, 4> values = {value(team), value(service), value(severity),
                                                  source};
  if (!std::equal(values.begin(), values.end(), episode_.begin(), episode_.end())) {
    episode_.assign(values.begin(), values.end());
    episode_count_ = &stats_.episodes[BoundedLabels(stats_.episodes, episode_)];
    episode_delay_ = &stats_.ingest_delay.Of({episode_[2], source});
  }
  ++*episode_count_;
  if (alert.starts_at > now_.wall) ++stats_.clock_skew[{"ingest"}];
  // A sender may name a start that is further away than a Duration reaches.
  const WallTime since = std::max(alert.starts_at, now_.wall - limits::kConfiguredDuration);
  episode_delay_->Observe(std::max(0.0, ToSeconds(now_.wall - since)));
}

// How long `for` and the interval of evaluation kept an alert of our own from firing; what others
// send does not say (reference §7.2, M1 C).
void Core::CountPending(const alert::Alert& alert, const std::string& source) {
  if (alert.active_at == kNoTime || (source != "rules" && source != "slo")) return;
  if (alert.starts_at < alert.active_at) ++stats_.clock_skew[{"pending"}];
  stats_.rule_pending.Observe({NoneIfEmpty(alert.labels.Get("severity")), source},
                              std::max(0.0, ToSeconds(alert.starts_at - alert.active_at)));
}

void Core::CountFlap(const alert::Alert& alert, bool begins_to_flap) {
  if (!begins_to_flap) return;
  Count(&stats_.alert_flaps, {NoneIfEmpty(alert.labels.Get("team"))});
  Emit(Log{Log::Level::kInfo, "alert: flapping", {{"alert", std::string(alert.name())}}});
}

// An incident that goes to another team before anybody acknowledged it was paged to the wrong one.
// Teams are those of oncall.teams, so that there are few; the one that it comes from may be none of
// them.
void Core::CountRerouted(const incident::Incident& before, const incident::Act& act) {
  const auto* reassign = std::get_if<incident::Reassign>(&act);
  const oncall::Roster* roster = roster_.get();
  if (reassign == nullptr || roster == nullptr || before.acked_at != kNoTime) return;
  if (before.is_test) return;
  const std::string to = TeamOf(*roster, reassign->owner);
  const oncall::Team* from = roster->FindTeam(before.team);
  if (to.empty() || (from != nullptr && from->name == to)) return;
  Count(&stats_.rerouted, {from == nullptr ? "other" : from->name, to});
}

// Whoever takes what is another team's was paged in the place of somebody else, or helps out: many
// of these are routes that lead to the wrong people. Strangers to all teams are no sign of either.
void Core::CountForeignAck(const incident::Incident& before, const IncidentCommand& event) {
  const oncall::Roster* roster = roster_.get();
  const bool is_first = std::holds_alternative<incident::Acknowledge>(event.act) &&
                        event.ack.actor_type == incident::ActorType::kHuman &&
                        before.acked_at == kNoTime;
  if (!is_first || roster == nullptr || before.is_test) return;
  const oncall::Team* own = roster->FindTeam(before.team);
  if (own == nullptr) return;
  const std::string name = oncall::PersonCalled(roster, event.ack.actor);
  const auto has_person = [&](const oncall::Team& team) {
    return std::ranges::find(team.members, name, &oncall::Member::user) != team.members.end();
  };
  if (has_person(*own) || std::ranges::none_of(roster->teams, has_person)) return;
  Count(&stats_.foreign_acks, {own->name});
}

// A vendor took a page.
void Core::NotePaged(const incident::Page& page) {
  const auto before = incidents_.FindOpen(page.receiver, page.group_key);
  if (auto record = incidents_.OnPaged(page, now_.wall)) Store(*std::move(record));
  // One for each cycle of an incident, as everywhere.
  if (before == nullptr || before->cycle_paged_at != kNoTime || slos_->slos().empty()) return;
  if (before->is_test) return;
  paging_check_.Page(before->service, now_.wall);
}

// Looks at what every SLO lost since the last look, and judges the pages that are old enough. The
// period's own ratio is asked for every six hours (slo::Cadence), so that what was lost follows
// from the burn rate.
void Core::CompareBudgets() {
  if (slos_->slos().empty()) return;
  const bool is_set_back = now_.wall < budgets_seen_;
  const Duration since =
      budgets_seen_ == kNoTime || is_set_back ? Duration::zero() : now_.wall - budgets_seen_;
  if (budgets_seen_ != kNoTime && !is_set_back && since < slo::kBudgetLooks) return;
  if (is_set_back) paging_check_.Forget();
  budgets_seen_ = now_.wall;
  for (size_t i = 0; i < slos_->slos().size(); ++i) {
    const config::Slo& slo = slos_->slos()[i];
    // Nobody is to be paged for time that does not count, whatever Prometheus says of it.
    const double lost =
        exclusions_.At(slo, now_.wall) ? 0.0 : LostIn(since, slo, slos_->status(i), now_.wall);
    paging_check_.Look(slo.id, slo.service, lost, now_.wall);
  }
  paging_check_.Advance(now_.wall);
  const slo::PagingCheck::Counts& counts = paging_check_.counts();
  stats_.slo_pages = {{{"yes"}, counts.pages_with_loss}, {{"no"}, counts.pages_without}};
  stats_.slo_losses = {{{"yes"}, counts.losses_paged}, {{"no"}, counts.losses_unpaged}};
}

// Who is on call at once by two schedules of one team is counted once. A wall clock that steps adds
// nothing: what has passed is told by the other one.
void Core::CountTimeOnCall() {
  const auto since = std::exchange(oncall_counted_, now_.mono);
  const oncall::Roster* roster = roster_.get();
  if (roster == nullptr || !since || *since >= now_.mono) return;
  const WallTime from = now_.wall - std::min<Duration>(now_.mono - *since, kCountMost);
  for (const auto& [team, times] : oncall::TimeOnCallByTeam(*roster, from, now_.wall)) {
    for (const auto& [person, time] : times) {
      LabelValues labels = {team, person};
      const bool has_room = stats_.oncall_seconds.size() < limits::kOncallPeople ||
                            stats_.oncall_seconds.contains(labels);
      if (!has_room) labels[1] = incident::kOthers;
      stats_.oncall_seconds[labels] += ToSeconds(time);
    }
  }
}

}  // namespace watchfire::core
