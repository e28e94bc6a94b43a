// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/analytics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <cctz/civil_time.h>

#include "pkg/incident/change.h"
#include "pkg/oncall/person.h"

namespace watchfire::incident {
namespace {

// The measurements behind a Figures; spreads are worked out when all are known.
struct Sample {
  Figures figures;
  std::vector<double> detect;
  std::vector<double> ingest;
  std::vector<double> page;
  std::vector<double> ack;
  std::vector<double> repage;
  std::vector<double> resolve;
  std::vector<double> close;
  std::vector<double> ack_to_resolve;
  std::vector<double> mitigate;
};

// Of an alert that was paged.
struct RuleSample {
  WallTime paged_at = kNoTime;  // Last.
  bool has_runbook = false;     // Then.
  size_t incidents = 0;
};

struct PersonSample {
  Person person;
  std::vector<double> ack;
  std::vector<WallTime> paged;
};

// One stretch of an incident's life in which it was somebody's to acknowledge.
struct Cycle {
  WallTime paged_at = kNoTime;  // First page that was accepted.
  std::string paged;            // Whom that reached; "": nobody in particular.
  WallTime acked_at = kNoTime;  // By a person.
  bool is_acked_first = false;  // Before it was paged.
  WallTime ended_at = kNoTime;  // kNoTime: it is not over.
  std::string acked_by;
  std::map<std::string, WallTime> people;  // Whom a policy paged, and when first.
};

std::vector<Cycle> CyclesOf(const Incident& incident) {
  std::vector<Cycle> cycles(1);
  for (const Event& event : incident.timeline) {
    Cycle& cycle = cycles.back();
    if (event.kind == "paged") {
      std::string person = PagedPerson(event.text);
      if (cycle.paged_at == kNoTime) {
        cycle.paged_at = event.at;
        cycle.paged = person;
      }
      if (!person.empty()) cycle.people.emplace(std::move(person), event.at);
    }
    if (event.kind == "acked" && cycle.acked_at == kNoTime && !event.is_automatic) {
      cycle.acked_at = event.at;
      cycle.acked_by = event.actor;
      cycle.is_acked_first = cycle.paged_at == kNoTime;
    }
    if (event.kind == "resolved") {
      cycle.ended_at = event.ended_at == kNoTime ? event.at : event.ended_at;
    }
    if (event.kind == "returned" || event.kind == "reopened") {
      if (cycle.ended_at == kNoTime) cycle.ended_at = event.at;
      cycles.emplace_back();
    }
  }
  // Who has it in hand goes on with the other one.
  if (incident.state == State::kMerged) cycles.back().ended_at = incident.ended_at;
  return cycles;
}

// Clocks that disagree give no negative times, and those of senders may be centuries apart.
double Seconds(WallTime from, WallTime to) {
  return from == kNoTime ? 0.0 : std::max(0.0, ToUnixSeconds(to) - ToUnixSeconds(from));
}

Spread SpreadOf(std::vector<double> values) {
  Spread spread;
  if (values.empty()) return spread;
  std::ranges::sort(values);
  spread.count = values.size();
  const auto count = static_cast<double>(values.size());
  spread.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  const auto rank = [&](double share) {
    return values[static_cast<size_t>(std::max(1.0, std::ceil(share * count))) - 1];
  };
  spread.p50 = rank(0.5);
  spread.p90 = rank(0.9);
  spread.max = values.back();
  return spread;
}

Figures Finish(Sample sample) {
  Figures figures = std::move(sample.figures);
  figures.detect_seconds = SpreadOf(std::move(sample.detect));
  figures.ingest_seconds = SpreadOf(std::move(sample.ingest));
  figures.page_seconds = SpreadOf(std::move(sample.page));
  figures.ack_seconds = SpreadOf(std::move(sample.ack));
  figures.repage_seconds = SpreadOf(std::move(sample.repage));
  figures.resolve_seconds = SpreadOf(std::move(sample.resolve));
  figures.close_seconds = SpreadOf(std::move(sample.close));
  figures.ack_to_resolve_seconds = SpreadOf(std::move(sample.ack_to_resolve));
  figures.mitigate_seconds = SpreadOf(std::move(sample.mitigate));
  return figures;
}

std::map<std::string, Figures> Finish(std::map<std::string, Sample> samples) {
  std::map<std::string, Figures> all;
  for (auto& [name, sample] : samples) all.emplace(name, Finish(std::move(sample)));
  return all;
}

std::string NoneIfEmpty(const std::string& text) { return text.empty() ? "none" : text; }

size_t Interruptions(std::vector<WallTime> pages) {
  std::ranges::sort(pages);
  size_t count = 0;
  WallTime first = kNoTime;
  for (const WallTime at : pages) {
    if (count > 0 && at < first + kInterruption) continue;
    first = at;
    ++count;
  }
  return count;
}

class Analyzer {
 public:
  Analyzer(const Period& period, const oncall::Clocks& clocks, const oncall::Roster* roster)
      : period_(period), clocks_(clocks), roster_(roster) {}

  void Add(const Incident& incident) {
    const std::vector<Cycle> cycles = CyclesOf(incident);
    if (Covers(incident.opened_at)) AddOpened(incident);
    for (size_t i = 0; i < cycles.size(); ++i) {
      AddCycle(incident, cycles[i], i == 0);
      AddPeople(cycles[i]);
    }
    AddRules(incident);
    for (const Event& event : incident.timeline) AddEvent(incident, event);
    if (Covers(incident.mitigated_at)) {
      Each(incident, incident.mitigated_at, [&](Sample& sample) {
        sample.mitigate.push_back(Seconds(incident.opened_at, incident.mitigated_at));
      });
    }
    if (incident.state == State::kResolved && Covers(incident.resolved_at)) AddResolved(incident);
  }

  Analytics Take() {
    Analytics all;
    all.total = Finish(std::move(total_));
    all.by_team = Finish(std::move(by_team_));
    all.by_severity = Finish(std::move(by_severity_));
    all.by_service = Finish(std::move(by_service_));
    all.by_day = Finish(std::move(by_day_));
    for (auto& [name, sample] : people_) {
      sample.person.ack_seconds = SpreadOf(std::move(sample.ack));
      sample.person.interruptions = Interruptions(std::move(sample.paged));
      all.people.emplace(name, std::move(sample.person));
    }
    for (auto& [name, culprit] : culprits_) all.culprits.push_back(std::move(culprit));
    std::ranges::stable_sort(all.culprits, std::ranges::greater(), &Culprit::incidents);
    if (all.culprits.size() > kCulprits) all.culprits.resize(kCulprits);
    all.runbooks = TakeRunbooks();
    return all;
  }

 private:
  bool Covers(WallTime at) const {
    return at != kNoTime && at >= period_.from && at < period_.until;
  }

  // Everything an occurrence counts for.
  template <typename Do>
  void Each(const Incident& incident, WallTime at, const Do& run) {
    run(total_);
    run(At(&by_team_, incident.team));
    run(At(&by_severity_, incident.severity));
    run(At(&by_service_, NoneIfEmpty(incident.service)));
    run(At(&by_day_, DayOf(at)));
  }
  template <typename T>
  static T& At(std::map<std::string, T>* split, const std::string& key) {
    const bool has_room = split->size() < kSplitKeys || split->contains(key);
    return (*split)[has_room ? key : kOthers];
  }

  std::string DayOf(WallTime at) const {
    const auto second = std::chrono::floor<std::chrono::seconds>(at);
    return cctz::format("%Y-%m-%d", second, clocks_.zone);
  }

  void AddOpened(const Incident& incident) {
    const bool is_paged = incident.paged_at != kNoTime;
    const bool is_escalated = is_paged && IsEscalated(incident);
    // As of the end of the period, whenever it is asked for.
    const bool is_over = !IsOpen(incident.state) && incident.resolved_at < period_.until;
    Each(incident, incident.opened_at, [&](Sample& sample) {
      Figures& figures = sample.figures;
      ++figures.incidents;
      figures.merged += incident.state == State::kMerged ? 1 : 0;
      figures.unresolved += is_over ? 0 : 1;
      figures.by_human += incident.is_by_human ? 1 : 0;
      figures.escalated += is_escalated ? 1 : 0;
      // Its groups are the other's now, and counted there.
      figures.alerts += incident.state == State::kMerged ? 0 : incident.alert_count();
      figures.flapping += incident.verdict && incident.verdict->rule == "flapping" ? 1 : 0;
      figures.responses_met += incident.response.is_met == true ? 1 : 0;
      figures.responses_missed += incident.response.is_met == false ? 1 : 0;
      // Of those that are over, which is what they are a share of: an open one may be judged anew.
      if (incident.verdict && is_over) {
        ++figures.outcomes[OutcomeName(incident.verdict->outcome)];
        figures.classified_by_rule += incident.verdict->rule.empty() ? 0 : 1;
      }
      // A record of a version that did not note when it began, or who knows, is no proof of speed.
      if (incident.started_at != kNoTime && incident.is_start_known) {
        const double took = Seconds(incident.started_at, incident.detected_at);
        (*incident.is_start_known ? sample.detect : sample.ingest).push_back(took);
      }
      if (!is_paged) return;
      ++figures.paged;
      sample.page.push_back(Seconds(incident.detected_at, incident.paged_at));
    });
    // What was merged has its alerts counted where they went.
    if (incident.state == State::kMerged) return;
    // Titles carry counts and label values; the alerts' names say what to mend.
    for (const std::string& name : incident.alerts) {
      Culprit& culprit = culprits_[name];
      culprit.alert = name;
      ++culprit.incidents;
      const bool is_noise = incident.verdict && incident.verdict->outcome != Outcome::kActionable;
      culprit.noise += is_noise ? 1 : 0;
    }
  }

  void AddCycle(const Incident& incident, const Cycle& cycle, bool is_first) {
    if (!Covers(cycle.paged_at)) return;
    const Hours hours = HoursOf(cycle.paged_at, clocks_.Of(cycle.paged));
    const bool is_acked = cycle.acked_at != kNoTime;
    const bool is_answer =
        is_acked && (!cycle.is_acked_first || cycle.acked_at + kOvertakes >= cycle.paged_at);
    const double ack = is_acked ? Seconds(cycle.paged_at, cycle.acked_at) : 0;
    Each(incident, cycle.paged_at, [&](Sample& sample) {
      Figures& figures = sample.figures;
      ++figures.pages;
      figures.pages_business += hours == Hours::kBusiness ? 1 : 0;
      figures.pages_off += hours == Hours::kOff ? 1 : 0;
      figures.pages_sleep += hours == Hours::kSleep ? 1 : 0;
      figures.repages += is_first ? 0 : 1;
      if (is_answer) (is_first ? sample.ack : sample.repage).push_back(ack);
    });
    if (!is_acked) return;
    PersonSample& sample = At(&people_, PersonOf(cycle.acked_by));
    ++sample.person.acks;
    if (is_answer) sample.ack.push_back(ack);
    const WallTime end = std::min(cycle.ended_at == kNoTime ? period_.until : cycle.ended_at,
                                  cycle.acked_at + kEngagedTime);
    sample.person.engaged += std::max(Duration::zero(), end - cycle.acked_at);
  }

  const std::string& PersonOf(const std::string& actor) {
    const auto [entry, is_new] = names_.try_emplace(actor);
    if (is_new) entry->second = oncall::PersonCalled(roster_, actor);
    return entry->second;
  }

  void AddPeople(const Cycle& cycle) {
    for (const auto& [name, at] : cycle.people) {
      if (!Covers(at)) continue;
      PersonSample& sample = At(&people_, name);
      const Hours hours = HoursOf(at, clocks_.Of(name));
      ++sample.person.pages;
      sample.person.pages_business += hours == Hours::kBusiness ? 1 : 0;
      sample.person.pages_off += hours == Hours::kOff ? 1 : 0;
      sample.person.pages_sleep += hours == Hours::kSleep ? 1 : 0;
      sample.paged.push_back(at);
    }
  }

  void AddRules(const Incident& incident) {
    WallTime last = kNoTime;
    for (const Event& event : incident.timeline) {
      if (event.kind == "paged" && Covers(event.at)) last = std::max(last, event.at);
    }
    if (last == kNoTime) return;
    const std::vector<std::string> bare = AlertsWithoutRunbook(incident);
    for (const std::string& name : incident.alerts) {
      RuleSample& rule = rules_[name];
      ++rule.incidents;
      if (last < rule.paged_at) continue;
      rule.paged_at = last;
      rule.has_runbook = !std::ranges::binary_search(bare, name);
    }
  }

  RunbookCoverage TakeRunbooks() const {
    RunbookCoverage coverage;
    std::vector<std::pair<size_t, std::string>> missing;
    for (const auto& [name, rule] : rules_) {
      ++(rule.has_runbook ? coverage.with_runbook : coverage.without);
      if (!rule.has_runbook) missing.emplace_back(rule.incidents, name);
    }
    std::ranges::stable_sort(missing, std::ranges::greater(),
                             &std::pair<size_t, std::string>::first);
    if (missing.size() > kCulprits) missing.resize(kCulprits);
    for (auto& [incidents, name] : missing) coverage.missing.push_back(std::move(name));
    return coverage;
  }

  void AddEvent(const Incident& incident, const Event& event) {
    const bool is_reopened = event.kind == "reopened";
    const bool is_returned = event.kind == "returned";
    if ((!is_reopened && !is_returned) || !Covers(event.at)) return;
    Each(incident, event.at, [&](Sample& sample) {
      sample.figures.reopened += is_reopened ? 1 : 0;
      sample.figures.returned += is_returned ? 1 : 0;
    });
  }

  void AddResolved(const Incident& incident) {
    const WallTime acked = FirstAckOfPerson(incident);
    const bool is_unacked = incident.paged_at != kNoTime && acked == kNoTime;
    Each(incident, incident.resolved_at, [&](Sample& sample) {
      ++sample.figures.resolved;
      const Postmortem& postmortem = incident.postmortem;
      if (postmortem.is_wanted()) {
        ++sample.figures.postmortems_wanted;
        sample.figures.postmortems_reviewed += postmortem.status == PostmortemStatus::kReviewed;
        sample.figures.postmortems_late += postmortem.IsLate(period_.until) ? 1 : 0;
      }
      sample.figures.resolved_unacked += is_unacked ? 1 : 0;
      if (incident.resolved_how == kTimedOut) {
        ++sample.figures.timed_out;
        return;
      }
      sample.resolve.push_back(Seconds(incident.opened_at, incident.ended_at));
      sample.close.push_back(Seconds(incident.opened_at, incident.resolved_at));
      if (acked == kNoTime) return;
      sample.ack_to_resolve.push_back(Seconds(acked, incident.ended_at));
    });
  }

  const Period period_;
  const oncall::Clocks& clocks_;
  const oncall::Roster* const roster_;
  std::map<std::string, std::string> names_;  // By what actors are called.
  Sample total_;
  std::map<std::string, Sample> by_team_;
  std::map<std::string, Sample> by_severity_;
  std::map<std::string, Sample> by_service_;
  std::map<std::string, Sample> by_day_;
  std::map<std::string, PersonSample> people_;
  std::map<std::string, Culprit> culprits_;
  std::map<std::string, RuleSample> rules_;  // By the names of their alerts.
};

}  // namespace

std::string PagedPerson(const std::string& text) {
  const size_t end = text.rfind(" through ");
  if (end == std::string::npos || text.starts_with("(")) return "";
  return text.substr(0, end);
}

Hours HoursOf(WallTime at, const cctz::time_zone& zone) {
  const cctz::civil_second local =
      cctz::convert(std::chrono::floor<std::chrono::seconds>(at), zone);
  if (local.hour() < 8 || local.hour() >= 22) return Hours::kSleep;
  const cctz::weekday day = cctz::get_weekday(cctz::civil_day(local));
  const bool is_weekend = day == cctz::weekday::saturday || day == cctz::weekday::sunday;
  return is_weekend || local.hour() >= 18 ? Hours::kOff : Hours::kBusiness;
}

const char* HoursName(Hours hours) {
  switch (hours) {
    case Hours::kBusiness:
      return "business";
    case Hours::kOff:
      return "off";
    case Hours::kSleep:
      return "sleep";
  }
  return "";
}

size_t Figures::classified() const {
  size_t count = 0;
  for (const auto& [outcome, number] : outcomes) count += number;
  return count;
}

size_t Figures::Outcomes(Outcome outcome) const {
  const auto found = outcomes.find(OutcomeName(outcome));
  return found == outcomes.end() ? 0 : found->second;
}

size_t Figures::noise() const { return classified() - Outcomes(Outcome::kActionable); }

Analytics Analyze(const std::map<uint64_t, std::shared_ptr<const Incident>>& incidents,
                  const Period& period, const oncall::Clocks& clocks, std::string_view team,
                  const oncall::Roster* roster) {
  Analyzer analyzer(period, clocks, roster);
  for (const auto& [id, incident] : incidents) {
    if (incident->is_test) continue;
    if (team.empty() || incident->team == team) analyzer.Add(*incident);
  }
  return analyzer.Take();
}

}  // namespace watchfire::incident
