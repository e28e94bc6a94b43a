// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl report: how good the alerting was, as a document for the monthly review.

#include <array>
#include <cmath>
#include <cstdio>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/report_targets.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

std::optional<double> Real(simdjson::simdjson_result<element> value) {
  double real = 0;
  return value.get(real) == simdjson::SUCCESS ? std::optional(real) : std::nullopt;
}

std::string Count(simdjson::simdjson_result<element> value) {
  return std::to_string(static_cast<int64_t>(Real(value).value_or(0)));
}

std::string Percent(std::optional<double> share) {
  if (!share) return "–";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", *share * 100);
  return text.data();
}

// Texts of people and alerts stand in cells.
std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|' || c == '\\') cell += '\\';
    cell += c == '\n' || c == '\r' ? ' ' : c;
  }
  return cell;
}

std::string Rate(std::optional<double> value) {
  if (!value) return "–";
  const auto tenths = static_cast<int64_t>(std::llround(*value * 10));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string Line(const std::vector<std::string>& cells) {
  return "| " + Join(cells, " | ") + " |\n";
}

std::string Heads(const std::vector<std::string>& heads) {
  return Line(heads) + Line(std::vector<std::string>(heads.size(), "---"));
}

// A figure in one value, and its target if it has one.
class Figures {
 public:
  explicit Figures(const ReportTargets& targets) : targets_(targets) {}

  void AddSpread(const char* name, simdjson::simdjson_result<element> from,
                 const char* target = nullptr) {
    const auto mean = Real(from["mean"]);
    Add({name, Span(mean), Span(Real(from["p50"])), Span(Real(from["p90"]))}, mean, target);
  }
  void AddShare(const char* name, std::optional<double> share, const char* target = nullptr) {
    Add({name, Percent(share), "", ""}, share, target);
  }
  void AddRate(const char* name, std::optional<double> rate, const char* target = nullptr) {
    Add({name, Rate(rate), "", ""}, rate, target);
  }
  void Add(std::vector<std::string> cells, std::optional<double> value, const char* target) {
    cells.push_back(target == nullptr ? "" : targets_.Words(target));
    cells.push_back(target == nullptr ? "" : targets_.Verdict(target, value));
    out_ += Line(cells);
  }
  // None is the target, whoever asks.
  void AddBreaches(const std::string& count, bool is_met) {
    out_ += Line({"error budgets used up", count, "", "", "0", is_met ? "met" : "missed"});
  }
  std::string Take() { return std::move(out_); }

 private:
  const ReportTargets& targets_;
  std::string out_ = Heads({"figure", "value", "half of them", "nine in ten", "target", ""});
};

void AddTotals(element total, std::optional<double> frequency, Figures* figures) {
  figures->AddSpread("time to detect (MTTD)", total["detectSeconds"], "mttd");
  figures->AddSpread("time to arrive, of others' alerts", total["ingestSeconds"]);
  figures->AddSpread("time to page", total["pageSeconds"]);
  figures->AddSpread("time to acknowledge (MTTA)", total["ackSeconds"], "mtta");
  figures->AddSpread("time to mitigate", total["mitigateSeconds"]);
  figures->AddSpread("time to resolve (MTTR)", total["resolveSeconds"], "mttr");
  figures->AddSpread("time to close", total["closeSeconds"]);
  figures->AddSpread("from the ack to the end", total["ackToResolveSeconds"]);
  figures->AddShare("over, of what was opened", Real(total["resolutionRate"]));
  figures->AddRate("alerts of a page", Real(total["alertsPerPage"]), "alerts-per-page");
  figures->AddShare("noise, of what is over", Real(total["noiseRatio"]), "noise");
  figures->AddShare("noise, of what was classified", Real(total["noiseOfClassifiedRatio"]));
  figures->AddShare("classified, of what is over", Real(total["classifiedRatio"]));
  // Without targets, or without a rule that wants post-mortems, there is no share to tell.
  if (const auto met = Real(total["responsesMetRatio"])) {
    figures->AddShare("answered within the target of its level", met);
  }
  if (const auto reviewed = Real(total["postmortemsReviewedRatio"])) {
    figures->AddShare("post-mortems reviewed, of those wanted", reviewed, "postmortems");
  }
  figures->AddShare("escalated, of what was paged", Real(total["escalationRate"]), "escalated");
  figures->AddRate("pages of a person in a week on call", frequency, "pages");
}

// What automation did, with how much so few runs can say; and how often a budget was used up.
void AddMachines(element data, Figures* figures) {
  const auto runs = data["automation"]["total"];
  if (const auto ratio = Real(runs["successRatio"])) {
    figures->Add({"automation that succeeded, of what finished", Percent(ratio),
                  "of " + Count(runs["finished"]),
                  Percent(Real(runs["successInterval"].at(0))) + " to " +
                      Percent(Real(runs["successInterval"].at(1)))},
                 ratio, "automation");
  }
  // SLOs know of no team: none is a figure of all alone.
  const auto breaches = Real(data["sloBreaches"]["total"]);
  if (breaches && Text(data["team"]).empty()) {
    figures->AddBreaches(Count(data["sloBreaches"]["total"]), *breaches == 0);
  }
}

// Of the alerts that paged somebody, each once; nothing when none did.
void AddRunbooks(element data, Figures* figures) {
  const auto runbooks = data["runbooks"];
  if (const auto ratio = Real(runbooks["withRunbookRatio"])) {
    figures->Add({"alerts with a runbook, of those that paged", Percent(ratio),
                  "of " + Count(runbooks["alertsPaged"]), ""},
                 ratio, nullptr);
  }
}

std::string Volume(element total) {
  std::string out = Heads({"what", "how many"});
  for (const auto& [name, key] : std::initializer_list<std::pair<const char*, const char*>>{
           {"incidents opened", "incidents"},
           {"of these merged into others", "merged"},
           {"of these paged", "paged"},
           {"of these found by people, not by monitoring", "detectedByHuman"},
           {"of these still open", "unresolved"},
           {"incidents resolved", "resolved"},
           {"of these by a policy that gave up, which no time is taken of", "resolvedByTimeout"},
           {"resolved, though nobody had acknowledged", "resolvedUnacked"},
           {"reopened soon after their end", "reopened"},
           {"come back, from an ack or snooze that ran out", "returned"},
           {"pages", "pages"},
           {"pages once more of what had come back", "repages"},
           {"pages in business hours", "pagesBusiness"},
           {"pages in the evening or at the weekend", "pagesOff"},
           {"pages at night", "pagesSleep"},
           {"classified", "classified"},
           {"classified by rule", "classifiedByRule"},
           {"not answered within the target", "responsesMissed"},
           {"post-mortems that are late", "postmortemsLate"}}) {
    out += Line({name, Count(total[key])});
  }
  return out;
}

// One line for each key of a split, or nothing.
std::string Split(const char* title, const char* head, simdjson::simdjson_result<element> split) {
  simdjson::dom::object object;
  if (split.get(object) != simdjson::SUCCESS || object.size() == 0) return "";
  std::string out = std::string("\n## ") + title + "\n\n";
  out += Heads({head, "incidents", "pages", "at night", "MTTA", "MTTR", "noise"});
  for (const auto [key, figures] : object) {
    out +=
        Line({Cell(std::string(key)), Count(figures["incidents"]), Count(figures["pages"]),
              Count(figures["pagesSleep"]), Span(Real(figures["ackSeconds"]["mean"])),
              Span(Real(figures["resolveSeconds"]["mean"])), Percent(Real(figures["noiseRatio"]))});
  }
  return out;
}

std::string People(simdjson::simdjson_result<element> people) {
  simdjson::dom::object object;
  if (people.get(object) != simdjson::SUCCESS || object.size() == 0) return "";
  std::string out =
      "\n## By person\n\n" + Heads({"person", "acks", "MTTA", "engaged", "pages", "off hours",
                                    "at night", "interruptions", "pages a week on call"});
  for (const auto [name, person] : object) {
    out += Line({Cell(std::string(name)), Count(person["acks"]),
                 Span(Real(person["ackSeconds"]["mean"])), Span(Real(person["engagedSeconds"])),
                 Count(person["pages"]), Count(person["pagesOff"]), Count(person["pagesSleep"]),
                 Count(person["interruptions"]), Rate(Real(person["pagesPerPersonWeek"]))});
  }
  return out;
}

std::string Rules(simdjson::simdjson_result<element> rules) {
  simdjson::dom::object object;
  if (rules.get(object) != simdjson::SUCCESS || object.size() == 0) return "";
  std::string out = "\n## Automation\n\n" + Heads({"rule", "finished", "succeeded", "failed",
                                                   "timed out", "rejected", "dry runs"});
  for (const auto [name, runs] : object) {
    out += Line({Cell(std::string(name)), Count(runs["finished"]),
                 Percent(Real(runs["successRatio"])), Count(runs["failure"]),
                 Count(runs["timeout"]), Count(runs["rejected"]), Count(runs["dryRun"])});
  }
  return out;
}

std::string Breaches(simdjson::simdjson_result<element> slos) {
  simdjson::dom::object object;
  if (slos.get(object) != simdjson::SUCCESS || object.size() == 0) return "";
  std::string out = "\n## Error budgets that were used up\n\n" + Heads({"SLO", "how often"});
  for (const auto [name, count] : object) {
    out += Line({Cell(std::string(name)), std::to_string(static_cast<int64_t>(count))});
  }
  return out;
}

std::string Culprits(simdjson::simdjson_result<element> alerts) {
  simdjson::dom::array array;
  if (alerts.get(array) != simdjson::SUCCESS || array.size() == 0) return "";
  std::string out = "\n## Alerts that opened most incidents\n\n";
  out += Heads({"alert", "incidents", "of these noise"});
  for (const element alert : array) {
    out += Line({Cell(Text(alert["alert"])), Count(alert["incidents"]), Count(alert["noise"])});
  }
  return out;
}

std::string WithoutRunbook(simdjson::simdjson_result<element> names) {
  simdjson::dom::array array;
  if (names.get(array) != simdjson::SUCCESS || array.size() == 0) return "";
  std::string out = "\n## Alerts that paged without a runbook\n\n" + Heads({"alert"});
  for (const element name : array) out += Line({Cell(Text(name))});
  return out;
}

std::string Document(element data, const ReportTargets& targets) {
  const std::string team = Text(data["team"]);
  const element total = data["total"];
  std::string out = "# Alerting report" + (team.empty() ? "" : ": " + Cell(team)) + "\n\n";
  out += Text(data["from"]) + " to " + Text(data["until"]) + ", clocks of " + Text(data["zone"]) +
         ".\n\n";
  if (const WallTime kept = Time(data["keptSince"]); kept > Time(data["from"])) {
    out += "**What was resolved before " + Text(data["keptSince"]) +
           " is no longer known**; `incidents.retention` says how long it is.\n\n";
  }
  Figures figures(targets);
  AddTotals(total, Real(data["pagerFrequency"]["pagesPerPersonWeek"]), &figures);
  AddRunbooks(data, &figures);
  AddMachines(data, &figures);
  out += figures.Take() + "\n";
  out += Volume(total);
  out += Split("By team", "team", data["byTeam"]);
  out += Split("By severity", "severity", data["bySeverity"]);
  out += Split("By service", "service", data["byService"]);
  out += People(data["people"]);
  out += Rules(data["automation"]["byRule"]);
  out += Breaches(data["sloBreaches"]["bySlo"]);
  out += Culprits(data["alerts"]);
  out += WithoutRunbook(data["runbooks"]["missing"]);
  out += Split("By day", "day", data["byDay"]);
  return out;
}

int Report(const Invocation& invocation, World& world) {
  const Result<ReportTargets> targets = ReportTargets::Read(invocation.All("target"));
  if (!targets) return Misuse(world, targets.error().message);
  std::vector<std::string> query;
  for (const char* flag : {"days", "zone", "team"}) {
    const std::string value = invocation.Get(flag);
    if (!value.empty()) query.push_back(std::string(flag) + "=" + UrlEncode(value));
  }
  for (const char* flag : {"from", "until"}) {
    const Result<WallTime> time = ReadTimeFlag(invocation, flag);
    if (!time) return Misuse(world, time.error().message);
    if (*time == kNoTime) continue;
    query.push_back(std::string(flag) + "=" + UrlEncode(FormatRfc3339(*time)));
  }
  const std::string path = "/api/v1/analytics" + (query.empty() ? "" : "?" + Join(query, "&"));
  return GetAndShow(invocation, world, path,
                    [&](element json) { world.out << Document(json["data"], *targets); });
}

}  // namespace

std::vector<Command> ReportCommands() {
  return {{.path = "report",
           .operands = "",
           .summary = "how good the alerting was: times, noise, pages by hour, team and person",
           .text = R"(
A document in Markdown for the monthly review, or with -o json every figure. The period is of so
many days until now, or from --from to --until. docs/analytics.md defines the figures.

examples:
  wfctl report --days 30
  wfctl report --days 7 --team storage --zone Europe/Berlin
  wfctl report --from 2026-01-01 --until 2026-02-01 -o json
  wfctl report --target mttr=30m --target noise=5% --target pages=5
)",
           .flags = {{"days", 0, "N", "", "length of the period, 30 unless said otherwise"},
                     {"from", 0, "TIME", "", "its beginning, instead"},
                     {"until", 0, "TIME", "", "its end, instead of now"},
                     {"zone", 0, "NAME", "", "whose clocks tell days and hours, UTC unless given"},
                     {"team", 0, "TEAM", "", "only this team's incidents"},
                     {"target", 0, "NAME=VALUE", "",
                      "another target: mttd, mtta, mttr, alerts-per-page, noise, postmortems, "
                      "escalated, pages, automation; may be repeated"}},
           .run = Report}};
}

}  // namespace watchfire::wfctl
