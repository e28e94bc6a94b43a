// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/rules, /api/v1/alerts and /api/v1/status/buildinfo as Prometheus serves them (reference
// slo-and-rules §4.8), so that Grafana and others read our rules as they read its.

#include <algorithm>
#include <numeric>
#include <tuple>

#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/digest.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/promql/response.h"
#include "pkg/rules/repeat.h"

namespace watchfire::api {
namespace {

using core::RuleRow;

struct RuleQuery {
  std::string type;  // "", "alert" or "record".
  std::vector<std::string> names;
  std::vector<std::string> groups;
  std::vector<std::string> files;
  std::vector<matcher::Matchers> matches;  // Any of them; none: everything.
  bool exclude_alerts = false;
  bool evaluations = false;  // Ours: what the last evaluations of each rule saw.
  std::optional<size_t> group_limit;
  std::string next_token;

  bool ChoosesRules() const { return !type.empty() || !names.empty() || !matches.empty(); }
};

bool Holds(const std::vector<std::string>& wanted, const std::string& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

Result<RuleQuery> ReadRuleQuery(const net::Request& request) {
  RuleQuery query;
  for (const auto& [name, value] : request.query) {
    if (name == "type") query.type = value;
    if (name == "rule_name[]") query.names.push_back(value);
    if (name == "rule_group[]") query.groups.push_back(value);
    if (name == "file[]") query.files.push_back(value);
    if (name == "group_next_token") query.next_token = value;
    if (name != "match[]") continue;
    Result<matcher::Matchers> matchers = matcher::Parse(value, matcher::Mode::kUtf8);
    if (!matchers) return InvalidArgument("match[]: " + matchers.error().message);
    query.matches.push_back(*std::move(matchers));
  }
  if (!query.type.empty() && query.type != "alert" && query.type != "record") {
    return InvalidArgument("invalid parameter \"type\": not supported value " +
                           GoQuote(query.type) + "; use alert or record");
  }
  query.exclude_alerts = ReadFlag(request, "exclude_alerts", false);
  query.evaluations = ReadFlag(request, "evaluations", false);
  Result<std::optional<size_t>> limit = ReadCount(request, "group_limit");
  if (!limit) return Fail(std::move(limit.error()));
  query.group_limit = *limit;
  if (!query.next_token.empty() && !query.group_limit) {
    return InvalidArgument("group_next_token needs group_limit");
  }
  return query;
}

bool Wants(const RuleQuery& query, const config::Rule& rule) {
  const bool alerting = rule.record.empty();
  if (!query.type.empty() && (query.type == "alert") != alerting) return false;
  if (!Holds(query.names, alerting ? rule.alert : rule.record)) return false;
  return query.matches.empty() ||
         std::ranges::any_of(query.matches, [&](const matcher::Matchers& matchers) {
           return matcher::MatchesAll(matchers, rule.labels);
         });
}

const char* StateName(rules::State state) {
  if (state == rules::State::kFiring) return "firing";
  return state == rules::State::kPending ? "pending" : "inactive";
}

const char* HealthName(rules::Health health) {
  if (health == rules::Health::kOk) return "ok";
  return health == rules::Health::kError ? "err" : "unknown";
}

// The strongest state of its alerts; a rule that was never evaluated does not know.
const char* RuleState(const RuleRow& row) {
  rules::State state = rules::State::kInactive;
  for (const rules::Instance& instance : row.instances) state = std::max(state, instance.state);
  const bool unknown = row.instances.empty() && row.status.health == rules::Health::kUnknown;
  return unknown ? "unknown" : StateName(state);
}

void WriteInstance(JsonWriter& json, const rules::Instance& instance) {
  json.StartObject().Key("labels");
  WriteLabels(json, instance.labels);
  json.Key("annotations");
  WriteLabels(json, instance.annotations);
  json.Field("state", StateName(instance.state));
  WriteNanoTime(json, "activeAt", instance.active_at);
  if (instance.keep_firing_since != kNoTime) {
    WriteNanoTime(json, "keepFiringSince", instance.keep_firing_since);
  }
  json.Field("value", promql::FormatValueExponent(instance.value)).EndObject();
}

void WriteEvaluations(JsonWriter& json, const config::Datasource& datasource,
                      const config::Rule& rule, const rules::History& history) {
  json.Key("evaluations").StartArray();
  for (const rules::Evaluation& one : history) {
    json.StartObject();
    WriteNanoTime(json, "started", one.started);
    WriteNanoTime(json, "time", one.at);
    json.Field("duration", ToSeconds(one.took)).Field("samples", static_cast<int64_t>(one.samples));
    if (!one.error.empty()) json.Field("error", one.error.view());
    json.Field("curl", rules::CurlLine(datasource, rule.expr, one.at)).EndObject();
  }
  json.EndArray();
}

void WriteRule(JsonWriter& json, const config::Config& config, const config::Rule& rule,
               const RuleRow& row, const RuleQuery& query) {
  const bool alerting = rule.record.empty();
  json.StartObject();
  if (alerting) json.Field("state", RuleState(row));
  json.Field("name", alerting ? rule.alert : rule.record).Field("query", rule.query());
  if (alerting) {
    json.Field("duration", ToSeconds(rule.hold));
    json.Field("keepFiringFor", ToSeconds(rule.keep_firing_for));
  }
  json.Key("labels");
  WriteLabels(json, rule.labels);
  if (alerting) {
    json.Key("annotations");
    WriteLabels(json, rule.annotations);
    json.Key("alerts").StartArray();
    for (const rules::Instance& instance : row.instances) {
      if (!query.exclude_alerts) WriteInstance(json, instance);
    }
    json.EndArray();
  }
  json.Field("health", HealthName(row.status.health));
  if (!row.status.last_error.empty()) json.Field("lastError", row.status.last_error);
  json.Field("evaluationTime", ToSeconds(row.status.evaluation_time));
  WriteNanoTime(json, "lastEvaluation", row.status.last_evaluation);
  if (query.evaluations) {
    WriteEvaluations(json, config.datasources.front(), rule, row.history);
  }
  json.Field("type", alerting ? "alerting" : "recording").EndObject();
}

struct GroupAnswer {
  const config::RuleGroup* group;
  std::vector<const RuleRow*> all;
  std::vector<const RuleRow*> wanted;
};

// Groups with at least one wanted rule, and those that never had any unless rules are chosen, by
// file and name.
std::vector<GroupAnswer> Collect(const core::View& view, const RuleQuery& query) {
  std::vector<GroupAnswer> answers;
  for (const config::RuleGroup& group : view.config->rule_groups)
    answers.push_back({&group, {}, {}});
  for (const RuleRow& row : view.rules) {
    GroupAnswer& answer = answers[row.group];
    answer.all.push_back(&row);
    if (Wants(query, answer.group->rules[row.rule])) answer.wanted.push_back(&row);
  }
  std::erase_if(answers, [&](const GroupAnswer& answer) {
    const bool is_all_there = answer.group->rules.empty() && !query.ChoosesRules();
    return (answer.wanted.empty() && !is_all_there) || !Holds(query.groups, answer.group->name) ||
           !Holds(query.files, answer.group->file);
  });
  std::ranges::stable_sort(answers, {}, [](const GroupAnswer& answer) {
    return std::tie(answer.group->file, answer.group->name);
  });
  return answers;
}

void WriteGroup(JsonWriter& json, const config::Config& config, const GroupAnswer& answer,
                const RuleQuery& query) {
  const config::RuleGroup& group = *answer.group;
  json.StartObject().Field("name", group.name).Field("file", group.file);
  json.Key("rules").StartArray();
  Duration took{};
  WallTime last = kNoTime;
  for (const RuleRow* row : answer.all) {
    took += row->status.evaluation_time;
    last = std::max(last, row->status.last_evaluation);
  }
  for (const RuleRow* row : answer.wanted)
    WriteRule(json, config, group.rules[row->rule], *row, query);
  json.EndArray().Field("interval", ToSeconds(group.interval)).Field("limit", group.limit);
  json.Field("evaluationTime", ToSeconds(took));
  WriteNanoTime(json, "lastEvaluation", last);
  json.EndObject();
}

// Names a group as the first of the next page. Source: Prometheus web/api/v1.
std::string Token(const config::RuleGroup& group) {
  return Sha256Hex(group.file + ";" + group.name);
}

}  // namespace

net::Response GetRules(const Call& call) {
  const Result<RuleQuery> query = ReadRuleQuery(call.request);
  if (!query) return Failure(400, "bad_data", query.error().message);
  const auto view = call.backend.Read(query->evaluations ? core::kViewRules | core::kViewEvaluations
                                                         : unsigned{core::kViewRules});
  if (!view) return Failure(view.error());
  const std::vector<GroupAnswer> answers = Collect(**view, *query);
  auto first = answers.begin();
  if (!query->next_token.empty()) {
    first = std::ranges::find_if(answers, [&](const GroupAnswer& answer) {
      return Token(*answer.group) == query->next_token;
    });
    if (first == answers.end()) {
      return Failure(400, "bad_data",
                     "group_next_token names no rule group: did the rule files change?");
    }
  }
  const auto left = static_cast<size_t>(answers.end() - first);
  const auto last =
      first + static_cast<ptrdiff_t>(std::min(left, query->group_limit.value_or(left)));
  JsonWriter json;
  json.StartObject().Key("groups").StartArray();
  for (auto it = first; it != last; ++it) WriteGroup(json, *(*view)->config, *it, *query);
  json.EndArray();
  if (last != answers.end()) json.Field("groupNextToken", Token(*last->group));
  return Success(json.EndObject().Take());
}

net::Response GetRuleAlerts(const Call& call) {
  const auto view = call.backend.Read(core::kViewRules);
  if (!view) return Failure(view.error());
  JsonWriter json;
  json.StartObject().Key("alerts").StartArray();
  for (const RuleRow& row : (*view)->rules) {
    for (const rules::Instance& instance : row.instances) WriteInstance(json, instance);
  }
  return Success(json.EndArray().EndObject().Take());
}

// Without it Grafana looks for Mimir's ruler behind a data source of Prometheus' type. "features"
// or "application" would tell it that there is one.
net::Response GetBuildInfo(const Call& call) {
  JsonWriter json;
  json.StartObject().Field("version", call.backend.info().version);
  for (const char* name : {"revision", "branch", "buildUser", "buildDate", "goVersion"}) {
    json.Field(name, "");
  }
  return Success(json.EndObject().Take());
}

}  // namespace watchfire::api
