// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string_view>

#include <simdjson.h>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/doctor.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/for_config.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;
using Verdict = Finding::Verdict;

constexpr size_t kNamed = 3;  // Of what is wrong so many are named.
// Before that nobody need have asked for metrics.
constexpr Duration kYoung = std::chrono::minutes(5);

// One sample of /metrics.
struct Sample {
  std::string_view labels;  // What stands between the braces.
  double value = 0;
};

// The samples of one metric, in the order of the text.
std::vector<Sample> SamplesOf(std::string_view metrics, std::string_view name) {
  std::vector<Sample> samples;
  for (const std::string_view line : Split(metrics, '\n')) {
    if (!line.starts_with(name)) continue;
    std::string_view rest = line.substr(name.size());
    Sample sample;
    if (rest.starts_with('{')) {
      const size_t end = rest.rfind('}');
      if (end == std::string_view::npos) continue;
      sample.labels = rest.substr(1, end - 1);
      rest = rest.substr(end + 1);
    }
    if (!rest.starts_with(' ')) continue;
    const std::string number(rest.substr(1));
    sample.value = std::strtod(number.c_str(), nullptr);
    samples.push_back(sample);
  }
  return samples;
}

double Sum(const std::vector<Sample>& samples, std::string_view label = "") {
  double sum = 0;
  for (const Sample& sample : samples) {
    if (sample.labels.find(label) != std::string_view::npos) sum += sample.value;
  }
  return sum;
}

std::string Some(const std::vector<std::string>& names) {
  std::vector<std::string> few(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(kNamed, names.size())));
  std::string text = Join(few, ", ");
  if (names.size() > kNamed) text += " and " + std::to_string(names.size() - kNamed) + " more";
  return text;
}

std::string Counted(size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// An answer, taken apart. A document is kept as long as its elements are used.
class Json {
 public:
  explicit Json(const std::string& text) {
    const simdjson::padded_string padded(text);
    element root;
    is_there_ = !text.empty() && parser_.parse(padded).get(root) == simdjson::SUCCESS &&
                root["data"].get(data_) == simdjson::SUCCESS;
  }

  bool is_there() const { return is_there_; }
  element data() const { return data_; }
  // The entries of a list of `data`; none where there is no such list.
  std::vector<element> List(const char* name) const {
    std::vector<element> entries;
    simdjson::dom::array list;
    if (!is_there_ || data_[name].get(list) != simdjson::SUCCESS) return entries;
    for (const element entry : list) entries.push_back(entry);
    return entries;
  }

 private:
  simdjson::dom::parser parser_;
  element data_;
  bool is_there_ = false;
};

std::vector<element> ListOf(element object, const char* name) {
  std::vector<element> entries;
  simdjson::dom::array list;
  if (object[name].get(list) != simdjson::SUCCESS) return entries;
  for (const element entry : list) entries.push_back(entry);
  return entries;
}

bool IsTrue(simdjson::simdjson_result<element> value) {
  bool is_true = false;
  return value.get(is_true) == simdjson::SUCCESS && is_true;
}

class Examiner {
 public:
  Examiner(const Answers& answers, const Terms& terms)
      : answers_(answers),
        terms_(terms),
        info_(answers.info),
        rules_(answers.rules),
        slos_(answers.slos),
        oncall_(answers.oncall) {}

  std::vector<Finding> Examine() {
    Server();
    Evaluation();
    Runbooks();
    Slos();
    Duty();
    Gaps();
    Contacts();
    Receivers();
    Heartbeats();
    Scraping();
    Overdue();
    return std::move(findings_);
  }

 private:
  void Good(const char* id, const std::string& text) {
    findings_.push_back({id, Verdict::kGood, text, ""});
  }
  void Bad(const char* id, const std::string& text, const std::string& hint) {
    findings_.push_back({id, Verdict::kBad, text, hint});
  }
  void Unknown(const char* id, const std::string& text, const std::string& hint) {
    findings_.push_back({id, Verdict::kUnknown, text, hint});
  }

  void Server() {
    if (answers_.is_ready) {
      Good("ready", "the server is ready");
    } else {
      Bad("ready", "/-/ready does not answer 200", "see the server's log");
    }
    const bool is_loaded = info_.is_there() && IsTrue(info_.data()["configuration"]["ok"]);
    if (is_loaded) {
      Good("configuration", "the files were loaded without errors");
    } else {
      Bad("configuration", "the last reload failed: an older configuration is in force",
          "wfctl check says what is wrong with the files");
    }
    const auto healthy = SamplesOf(answers_.metrics, "watchfire_store_healthy");
    if (healthy.empty()) {
      Unknown("storage", "/metrics does not say whether the last commit worked",
              "it may be behind a password: --http.config.file");
    } else if (Sum(healthy) > 0) {
      Good("storage", "the last commit worked");
    } else {
      Bad("storage", "the store does not take commits: acks and silences are refused",
          "look for a full or failing disk; docs/store-schema.md");
    }
  }

  void Evaluation() {
    const std::vector<element> groups = rules_.List("groups");
    const auto queries = SamplesOf(answers_.metrics, "watchfire_queries_total");
    const bool evaluates = !groups.empty() || !slos_.List("slos").empty();
    if (!evaluates) {
      Unknown("datasource", "Prometheus is asked nothing: there are no rules and no SLOs",
              "rule_files and slo_files name them, if Watchfire is to evaluate");
    } else if (Sum(queries, "result=\"success\"") > 0) {
      Good("datasource", "Prometheus answers queries");
    } else {
      Bad("datasource", "no query was answered so far",
          "is datasources.url or --prometheus.url right?");
    }
    std::vector<std::string> ill;
    size_t count = 0;
    size_t waiting = 0;
    for (const element group : groups) {
      for (const element rule : ListOf(group, "rules")) {
        ++count;
        const std::string health = Text(rule["health"]);
        if (health == "err")
          ill.push_back(Text(rule["name"]) + " (" + Text(rule["lastError"]) + ")");
        waiting += health == "unknown" ? 1 : 0;
      }
    }
    if (!ill.empty()) {
      Bad("rules", "alerting rules that fail: " + Some(ill), "wfctl rules list");
    } else if (count == 0) {
      Unknown("rules", "no alerting rules are loaded",
              "rule_files names them; fine if Prometheus evaluates them");
    } else if (waiting > 0) {
      Unknown("rules",
              Counted(waiting, "rule") + " of " + std::to_string(count) + " not evaluated yet",
              "ask again in a minute");
    } else {
      Good("rules", Counted(count, "alerting rule") + " loaded and evaluated");
    }
  }

  // Of rules that page, as advice sees it.
  void Runbooks() {
    std::vector<std::string> without;
    size_t count = 0;
    for (const element group : rules_.List("groups")) {
      for (const element rule : ListOf(group, "rules")) {
        const std::string severity = ToLower(Text(rule["labels"]["severity"]));
        if (severity != "critical" && severity != "page") continue;
        ++count;
        const bool is_linked = !Text(rule["annotations"]["runbook_url"]).empty() ||
                               !Text(rule["annotations"]["runbook"]).empty();
        if (!is_linked) without.push_back(Text(rule["name"]));
      }
    }
    if (!without.empty()) {
      Bad("runbooks", "rules that page and link no runbook: " + Some(without),
          "add the annotation runbook_url");
    } else if (count == 0) {
      Unknown("runbooks", "no rule here has severity critical or page", "");
    } else {
      Good("runbooks", "each of " + Counted(count, "rule") + " that page links its runbook");
    }
  }

  void Slos() {
    std::vector<std::string> ill;
    const std::vector<element> slos = slos_.List("slos");
    for (const element slo : slos) {
      const std::string error = Text(slo["lastError"]);
      const bool is_new = Text(slo["lastEvaluation"]).empty();
      if (!error.empty() || is_new) {
        ill.push_back(Text(slo["id"]) + (is_new ? " (not evaluated yet)" : " (" + error + ")"));
      }
    }
    if (slos.empty()) {
      Unknown("slos", "there are no SLOs", "slo_files names them; docs/slo.md");
    } else if (!ill.empty()) {
      Bad("slos", "SLOs that are not evaluated: " + Some(ill), "wfctl slo list");
    } else {
      Good("slos", Counted(slos.size(), "SLO") + " evaluated");
    }
  }

  void Duty() {
    const std::vector<element> schedules = oncall_.List("schedules");
    const std::vector<element> policies = oncall_.List("policies");
    if (schedules.empty() && policies.empty()) {
      Unknown("on-call", "no schedules and policies are loaded",
              "oncall_files names them; fine if a vendor pages");
      return;
    }
    std::vector<std::string> empty;
    for (const element one : schedules) {
      if (ListOf(one, "oncall").empty()) empty.push_back("schedule " + Text(one["schedule"]));
    }
    for (const element policy : policies) {
      const std::vector<element> steps = ListOf(policy, "steps");
      const bool tells =
          std::ranges::any_of(steps, [](element step) { return !ListOf(step, "oncall").empty(); });
      if (!tells) empty.push_back("policy " + Text(policy["policy"]));
    }
    if (empty.empty()) {
      Good("on-call", "somebody is on call in each of " + Counted(schedules.size(), "schedule") +
                          ", and reached by each of " + std::to_string(policies.size()) +
                          " policies");
    } else {
      Bad("on-call", "nobody is on call now: " + Some(empty),
          "wfctl oncall override puts somebody there");
    }
  }

  void Gaps() {
    std::vector<std::string> gaps;
    std::vector<std::string> unseen;
    for (const auto& [name, text] : answers_.schedules) {
      const Json schedule(text);
      if (!schedule.is_there()) unseen.push_back(name);
      for (const element entry : schedule.List("entries")) {
        if (!ListOf(entry, "oncall").empty()) continue;
        gaps.push_back(name + " from " + Text(entry["start"]));
        break;
      }
    }
    if (answers_.schedules.empty()) {
      Unknown("gaps", "no schedules are loaded", "");
    } else if (gaps.empty() && !unseen.empty()) {
      Unknown("gaps", "the server does not show " + Some(unseen), "wfctl oncall check");
    } else if (gaps.empty()) {
      Good("gaps", "no schedule has a gap within 14 days");
    } else {
      Bad("gaps", "nobody is on call: " + Some(gaps), "wfctl oncall check, and an override");
    }
  }

  void Contacts() {
    if (terms_.config == nullptr) {
      Unknown("contacts", "the server does not show who is reached how",
              "give --config.file with the server's file");
      return;
    }
    const oncall::Roster* roster = terms_.config->oncall.roster.get();
    std::vector<std::string> without;
    std::set<std::string> people;
    if (roster != nullptr) {
      for (const oncall::Schedule& schedule : roster->schedules) {
        for (std::string& name : oncall::Everybody(*roster, schedule))
          people.insert(std::move(name));
      }
      for (const oncall::Policy& policy : roster->policies) {
        for (const oncall::Step& step : policy.steps) {
          for (std::string& name : oncall::Everybody(*roster, step)) people.insert(std::move(name));
        }
      }
    }
    for (const std::string& name : people) {
      if (!terms_.config->oncall.contacts.contains(name)) without.push_back(name);
    }
    if (people.empty()) {
      Unknown("contacts", "the files name nobody who could be on call", "");
    } else if (without.empty()) {
      Good("contacts", "each of " + std::to_string(people.size()) + " people can be reached");
    } else {
      Bad("contacts", "people without contacts: " + Some(without), "oncall.contacts names them");
    }
  }

  void Receivers() {
    std::vector<std::string> open;
    const auto circuits = SamplesOf(answers_.metrics, "watchfire_receiver_circuit_open");
    for (const Sample& one : circuits) {
      if (one.value > 0) open.emplace_back(one.labels);
    }
    if (circuits.empty()) {
      Unknown("receivers", "no receiver has been spoken to", "wfctl receiver test NAME");
    } else if (open.empty()) {
      Good("receivers", "no circuit breaker is open");
    } else {
      Bad("receivers", "vendors that do not answer: " + Some(open), "wfctl receiver test NAME");
    }
    Deliveries();
  }

  // What was given up once and went well since is no reason to fail until the next restart.
  void Deliveries() {
    const auto begun = SamplesOf(answers_.metrics, "alertmanager_notifications_total");
    const auto failed = SamplesOf(answers_.metrics, "alertmanager_notifications_failed_total");
    std::vector<std::string> never;
    for (const Sample& one : begun) {
      if (one.value > 0 && Sum(failed, one.labels) >= one.value) never.emplace_back(one.labels);
    }
    if (Sum(begun) == 0) {
      Unknown("deliveries", "nothing was sent since the server started",
              "wfctl receiver test NAME");
    } else if (!never.empty()) {
      Bad("deliveries", "nothing was accepted of " + Some(never), "wfctl receiver test NAME");
    } else if (Sum(failed) > 0) {
      Unknown("deliveries",
              Counted(static_cast<size_t>(Sum(failed)), "notification") +
                  " given up since the server started, others were accepted",
              "alertmanager_notifications_failed_total says why");
    } else {
      Good("deliveries", "no delivery was given up");
    }
  }

  void Heartbeats() {
    const Json json(answers_.heartbeats);
    std::vector<std::string> missing;
    const std::vector<element> heartbeats = json.List("heartbeats");
    // Answers to our own queries say nothing of who should be sending alerts.
    bool is_watched = false;
    for (const element one : heartbeats) {
      if (IsTrue(one["missing"])) missing.push_back(Text(one["name"]));
      is_watched |= !Text(one["name"]).starts_with("datasource/");
    }
    if (!is_watched && missing.empty()) {
      Bad("heartbeats", "no dead-man's switch: nobody notices when the monitoring is silent",
          "docs/heartbeats.md, and the alert Watchdog");
    } else if (missing.empty()) {
      Good("heartbeats", Counted(heartbeats.size(), "heartbeat") + " heard");
    } else {
      Bad("heartbeats", "not heard from: " + Some(missing), "wfctl heartbeat list");
    }
  }

  void Scraping() {
    const double asked =
        Sum(SamplesOf(answers_.metrics, "alertmanager_http_request_duration_seconds_count"),
            "handler=\"/metrics\"");
    const WallTime started = info_.is_there() ? Time(info_.data()["startedAt"]) : WallTime(kNoTime);
    const bool is_young = started == kNoTime || terms_.now - started < kYoung;
    if (asked >= 2) {
      Good("scraped", "/metrics is asked for");
    } else if (is_young) {
      Unknown("scraped", "nobody has asked for /metrics since the start", "ask again later");
    } else {
      Bad("scraped", "nobody asks for /metrics", "let Prometheus scrape it, with rules/watchfire");
    }
  }

  void Overdue() {
    const Json json(answers_.incidents);
    std::vector<std::string> late;
    for (const element one : json.List("incidents")) {
      WallTime since = Time(one["pagedAt"]);
      if (since == kNoTime) since = Time(one["openedAt"]);
      if (since == kNoTime || terms_.now - since < terms_.overdue) continue;
      late.push_back(Text(one["id"]) + " (" + Text(one["title"]) + ")");
    }
    if (!json.is_there()) {
      Unknown("overdue", "the server does not list incidents", "");
    } else if (late.empty()) {
      Good("overdue", "no page waits longer than " + FormatDuration(terms_.overdue));
    } else {
      Bad("overdue", "pages that nobody has acknowledged: " + Some(late),
          "wfctl incident list --state=triggered");
    }
  }

  const Answers& answers_;
  const Terms& terms_;
  const Json info_;
  const Json rules_;
  const Json slos_;
  const Json oncall_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<std::string> SchedulesIn(const std::string& oncall) {
  std::vector<std::string> names;
  const Json json(oncall);
  for (const element one : json.List("schedules")) names.push_back(Text(one["schedule"]));
  return names;
}

std::vector<Finding> Examine(const Answers& answers, const Terms& terms) {
  return Examiner(answers, terms).Examine();
}

}  // namespace watchfire::wfctl
