// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Explanations in words, the same for the API, wfctl and the page.

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/core/explanation.h"

namespace watchfire::core {
namespace {

using journal::Kind;
using journal::Outcome;
using State = Explanation::State;

constexpr size_t kTimelineLinks = 60;  // Of one alert; the newest.

std::string Show(WallTime at) { return FormatRfc3339(at, 0); }

std::string Took(Duration took) {
  return FormatGoDuration(std::chrono::floor<std::chrono::milliseconds>(took));
}

std::string NameOf(uint64_t fingerprint, const labels::LabelSet& labels) {
  return labels.empty() ? "alert " + Hex64(fingerprint)
                        : labels.ToString() + " (" + Hex64(fingerprint) + ")";
}

std::string RuleText(const std::string& index, const std::string& name) {
  return "inhibit_rules[" + index + "]" + (name.empty() ? "" : " " + GoQuote(name));
}

std::string InhibitionText(const Inhibition& inhibition) {
  return "by " + NameOf(inhibition.source, inhibition.source_labels) + " through " +
         RuleText(std::to_string(inhibition.rule), inhibition.rule_name);
}

std::string Who(const std::string& kind, int index, const std::string& receiver) {
  return kind + (index == 0 ? "" : "[" + std::to_string(index) + "]") + " of " + receiver;
}

std::string SourceText(const std::string& source) {
  if (source == "api") return "through the API";
  if (source == "rules") return "from our own rules";
  if (source == "slo") return "from our own SLOs";
  return source.empty() ? "from a sender that was not recorded" : "from " + source;
}

std::string MutedText(const std::vector<std::string>& names, bool inactive) {
  return (inactive ? "none of its active time intervals holds: " : "time interval ") +
         Join(names, ", ");
}

// ---- The alert itself ----

void AddState(const Explanation& alert, const Explained& answer, std::vector<Link>* chain) {
  if (alert.state == State::kUnknown) {
    chain->push_back({kNoTime, "unknown", "nothing was heard of it by then"});
    return;
  }
  chain->push_back({alert.received_at, "received",
                    SourceText(alert.source) + "; it began " + Show(alert.starts_at)});
  if (alert.state == State::kResolved) {
    chain->push_back({alert.ends_at, "resolved",
                      alert.expired ? "its sender no longer repeated it" : "its sender ended it"});
  } else if (!answer.past && alert.ends_at != kNoTime) {
    chain->push_back({kNoTime, "firing", "until " + Show(alert.ends_at) + " unless repeated"});
  }
}

void AddMutes(const Explanation& alert, std::vector<Link>* chain) {
  if (alert.state == State::kUnknown) return;
  if (alert.inhibited) {
    chain->push_back({kNoTime, "inhibited", InhibitionText(*alert.inhibited)});
  }
  for (const silence::Silence& silence : alert.silences) {
    chain->push_back({silence.starts_at, "silenced",
                      "by " + silence.id + " of " + silence.created_by + " until " +
                          Show(silence.ends_at) + ": " + silence.comment});
  }
}

// ---- What happened at flushes ----

Link DecisionLink(const journal::Line& line) {
  const std::string from = " for " + line.place.receiver;
  switch (line.kind) {
    case Kind::kInhibited: {
      const size_t blank = line.text.find(' ');
      const std::string name = blank == std::string::npos ? "" : line.text.substr(blank + 1);
      return {line.at, "inhibited",
              "kept out of the flush" + from + " by alert " + Hex64(line.number) + " through " +
                  RuleText(line.text.substr(0, blank), name)};
    }
    case Kind::kSilenced:
      return {line.at, "silenced", "kept out of the flush" + from + " by silence " + line.text};
    case Kind::kMuted:
    case Kind::kInactive:
      return {line.at, "muted",
              "kept out of the flush" + from + ": " +
                  MutedText({line.text}, line.kind == Kind::kInactive)};
    case Kind::kFellBack:
      return {line.at, "fallback", "sent " + line.text};
    case Kind::kEscalated:
      return {line.at, "escalation", line.text};
    default:
      return {line.at, "let through", "nothing keeps it out of the flush" + from + " any more"};
  }
}

void AddMessage(const journal::Message& message, std::vector<Link>* chain) {
  const std::string who = Who(message.integration, message.index, message.place.receiver);
  const size_t others = message.alerts == 0 ? 0 : message.alerts - 1;
  chain->push_back(
      {message.at, "sent",
       "to " + who + " as " + (message.firing ? "firing" : "resolved") +
           (others == 0 ? ""
                        : " with " + std::to_string(others) + " other" + (others == 1 ? "" : "s")) +
           ": " + message.reason});
  for (size_t i = 0; i < message.attempts.size(); ++i) {
    const journal::Attempt& attempt = message.attempts[i];
    if (i == 1 && message.attempts_omitted > 0) {
      chain->push_back(
          {kNoTime, "failed", std::to_string(message.attempts_omitted) + " more attempts failed"});
    }
    if (attempt.why.empty()) {
      chain->push_back({attempt.at, "accepted", "by " + who + " after " + Took(attempt.took)});
    } else {
      chain->push_back({attempt.at, "failed",
                        "at " + who + " after " + Took(attempt.took) + ": " + attempt.why +
                            (attempt.unknown ? " (it may have arrived all the same)" : "")});
    }
  }
  if (message.outcome == Outcome::kFailed) {
    chain->push_back({message.ended_at, "given up", "on " + who + "; the next flush tries again"});
  } else if (message.outcome == Outcome::kAbandoned) {
    chain->push_back(
        {message.ended_at, "given up", "on " + who + " because of a reload or a stop"});
  } else if (message.outcome == Outcome::kSuperseded) {
    chain->push_back({message.ended_at, "given up", "on " + who + " for a newer message"});
  } else if (message.outcome == Outcome::kLost) {
    chain->push_back({kNoTime, "lost", "the process ended before " + who + " had answered"});
  }
}

void AddTimeline(const Explanation& alert, std::vector<Link>* chain) {
  // By the time of what began each part; a decision comes before the message it allows.
  std::vector<std::pair<WallTime, std::vector<Link>>> parts;
  for (const GroupExplanation& group : alert.groups) {
    for (const journal::Line& line : group.decisions) {
      parts.push_back({line.at, {DecisionLink(line)}});
    }
  }
  for (const GroupExplanation& group : alert.groups) {
    for (const IntegrationExplanation& integration : group.integrations) {
      for (const journal::Message& message : integration.messages) {
        parts.push_back({message.at, {}});
        AddMessage(message, &parts.back().second);
      }
    }
  }
  std::ranges::stable_sort(parts, {}, [](const auto& part) { return part.first; });
  size_t links = 0;
  auto first = parts.end();
  while (first != parts.begin() && links < kTimelineLinks) links += (--first)->second.size();
  if (first != parts.begin()) {
    chain->push_back({kNoTime, "left out",
                      std::to_string(first - parts.begin()) + " earlier decisions and messages"});
  }
  for (; first != parts.end(); ++first) {
    for (Link& link : first->second) chain->push_back(std::move(link));
  }
}

// ---- Groups ----

void AddRoute(const GroupExplanation& group, std::vector<Link>* chain) {
  if (!group.known_route()) {
    chain->push_back({kNoTime, "route",
                      "to receiver " + group.receiver + ", group " + group.group_key +
                          ", by a route that the configuration no longer has"});
    return;
  }
  if (!group.fallback_of.empty()) {
    chain->push_back({kNoTime, "route",
                      "to receiver " + group.receiver + ", the fallback of " + group.fallback_of +
                          ", group " + group.group_key});
    return;
  }
  if (!group.escalation_of.empty()) {
    chain->push_back({kNoTime, "route",
                      "to receiver " + group.receiver + ", by the escalation of " +
                          group.escalation_of + ", group " + group.group_key});
    return;
  }
  chain->push_back({kNoTime, "route", Join(group.path, " > ") + " to receiver " + group.receiver});
  chain->push_back({kNoTime, "group",
                    group.group_key + ": group_wait " + FormatDuration(group.group_wait) +
                        ", group_interval " + FormatDuration(group.group_interval) +
                        ", repeat_interval " + FormatDuration(group.repeat_interval)});
  if (!group.muted_by.empty()) {
    chain->push_back({kNoTime, "muted", MutedText(group.muted_by, group.inactive)});
  }
}

void AddKnown(const Explanation& alert, const GroupExplanation& group, std::vector<Link>* chain) {
  for (const IntegrationExplanation& integration : group.integrations) {
    const std::string who = Who(integration.kind, integration.index, group.receiver);
    const bool knows =
        alert.state == State::kFiring ? integration.told_firing : integration.told_resolved;
    const bool awaited =
        !integration.messages.empty() && integration.messages.back().outcome == Outcome::kUnderWay;
    if (awaited) {
      chain->push_back({kNoTime, "under way", "no answer yet of " + who});
    } else if (integration.in_doubt) {
      chain->push_back(
          {kNoTime, "in doubt", "what " + who + " believes is not certain: it is told again"});
    } else if (knows && integration.told_at != kNoTime) {
      std::string text = who + " was told so by the message of " + Show(integration.told_at);
      if (!integration.told_reason.empty()) text += " (" + integration.told_reason + ")";
      if (alert.state == State::kFiring && integration.repeat_due != kNoTime) {
        text += "; nothing new is said before " + Show(integration.repeat_due);
      }
      chain->push_back({kNoTime, "known", std::move(text)});
    } else if (alert.state == State::kResolved && !integration.send_resolved) {
      chain->push_back({kNoTime, "known", who + " wants no word of an end (send_resolved: false)"});
    }
  }
  if (group.known_route() && group.integrations.empty()) {
    chain->push_back({kNoTime, "known", "receiver " + group.receiver + " tells nobody"});
  }
  if (group.next_flush) {
    chain->push_back({*group.next_flush, "next flush", "of the group, to " + group.receiver});
  }
}

void AddIncident(const incident::Incident& incident, WallTime at, std::vector<Link>* chain) {
  const std::string id = "#" + std::to_string(incident.id);
  chain->push_back({incident.opened_at, "incident", id + " opened: " + incident.title});
  const std::map<std::string_view, std::string_view> told = {
      {"acked", " acknowledged by "},   {"snoozed", " snoozed by "},
      {"returned", " came back from "}, {"reopened", " reopened by "},
      {"resolved", " resolved by "},    {"merged", " merged by "}};
  for (const incident::Event& event : incident.timeline) {
    const auto words = told.find(event.kind);
    if (words == told.end() || event.at > at) continue;
    const bool is_merge = event.kind == "merged";
    chain->push_back(
        {event.at, "incident",
         id + std::string(words->second) + event.actor + (is_merge ? ": " + event.text : "")});
  }
}

void AddGaps(const Explanation& alert, const Explained& answer, std::vector<Link>* chain) {
  if (alert.labels.empty()) {
    chain->push_back(
        {kNoTime, "not recorded", "its labels: routes and silences cannot be worked out"});
  }
  if (answer.reconfigured_at != kNoTime) {
    chain->push_back({answer.reconfigured_at, "not recorded",
                      "the configuration changed later: routes, timers, rules and intervals shown "
                      "are those of today"});
  }
  if (alert.cut) {
    chain->push_back({kNoTime, "not recorded", "older decisions were dropped for a bound"});
  }
  if (answer.past && (answer.recorded_since == kNoTime || answer.recorded_since > answer.at)) {
    chain->push_back(
        {answer.recorded_since, "not recorded", "decisions are recorded from a later time on"});
  }
}

// ---- In one line ----

std::string OfIntegration(const Explanation& alert, const GroupExplanation& group,
                          const IntegrationExplanation& integration) {
  const std::string who = Who(integration.kind, integration.index, group.receiver);
  const journal::Message* last =
      integration.messages.empty() ? nullptr : &integration.messages.back();
  if (last != nullptr && last->outcome == Outcome::kUnderWay) return "on its way to " + who;
  const bool firing = alert.state == State::kFiring;
  if (firing ? integration.told_firing : integration.told_resolved) {
    if (integration.in_doubt) return "to be told again to " + who;
    return (firing ? "told to " : "end told to ") + who;
  }
  if (!firing && !integration.send_resolved) return "end not wanted by " + who;
  if (last != nullptr && last->outcome == Outcome::kFailed && !last->attempts.empty()) {
    return "not taken by " + who + ": " + last->attempts.back().why;
  }
  return (firing ? "not told yet to " : "end not told to ") + who;
}

std::string OfGroup(const Explanation& alert, const GroupExplanation& group) {
  if (alert.state == State::kFiring && !group.muted_by.empty()) {
    return "muted for " + group.receiver + ": " + MutedText(group.muted_by, group.inactive);
  }
  std::vector<std::string> parts;
  for (const IntegrationExplanation& integration : group.integrations) {
    parts.push_back(OfIntegration(alert, group, integration));
  }
  return parts.empty() ? "receiver " + group.receiver + " tells nobody" : Join(parts, ", ");
}

}  // namespace

std::vector<Link> Chain(const Explanation& alert, const Explained& answer) {
  std::vector<Link> chain;
  AddState(alert, answer, &chain);
  for (const GroupExplanation& group : alert.groups) AddRoute(group, &chain);
  AddMutes(alert, &chain);
  AddTimeline(alert, &chain);
  std::set<uint64_t> incidents;  // Groups that were merged have one.
  for (const GroupExplanation& group : alert.groups) {
    if (alert.state != State::kUnknown) AddKnown(alert, group, &chain);
    if (group.incident && incidents.insert(group.incident->id).second) {
      AddIncident(*group.incident, answer.at, &chain);
    }
  }
  AddGaps(alert, answer, &chain);
  return chain;
}

std::string Summary(const Explanation& alert) {
  if (alert.state == State::kUnknown) return "nothing was heard of it by then";
  std::vector<std::string> parts;
  if (alert.state == State::kFiring && alert.inhibited) {
    const std::string_view name = alert.inhibited->source_labels.Get("alertname");
    const std::string source = name.empty() ? Hex64(alert.inhibited->source) : std::string(name);
    parts.push_back("inhibited by " + source);
  } else if (alert.state == State::kFiring && !alert.silences.empty()) {
    const silence::Silence& silence = alert.silences.front();
    parts.push_back("silenced by " + silence.created_by + ": " + silence.comment);
  }
  for (const GroupExplanation& group : alert.groups) {
    // What is kept out and was never told needs no list of those it was not told to.
    const bool told = std::ranges::any_of(group.integrations, [](const auto& integration) {
      return integration.told_firing || integration.told_resolved;
    });
    if (parts.empty() || told) parts.push_back(OfGroup(alert, group));
  }
  const std::string state = alert.state == State::kFiring ? "firing" : "resolved";
  return state + "; " + Join(parts, "; ");
}

}  // namespace watchfire::core
