// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Rules, their alerts and SLOs over HTTP.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/api/backend_for_test.h"
#include "pkg/base/digest.h"

namespace watchfire::api {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

config::Rule AlertRule(const std::string& name, Duration hold, const std::string& severity) {
  config::Rule rule;
  rule.alert = name;
  rule.expr = name + " > 0";
  rule.hold = hold;
  rule.labels = labels::LabelSet{{"severity", severity}};
  rule.annotations = labels::LabelSet{{"summary", "{{ $value }}"}};
  return rule;
}

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "default";
  config->route.key = config->route.id = "{}";
  config->receivers = {{"default", {}}};
  config->datasources.emplace_back();
  config->evaluation.interval = seconds(10);
  config::RuleGroup second{"b.yml", "beta", seconds(10), {}, 0, {}};
  config::Rule record;
  record.record = "job:up:sum";
  record.expr = "sum( up )";
  record.printed = "sum(up)";
  second.rules = {record, AlertRule("Slow", minutes(5), "warning")};
  config::RuleGroup first{"a.yml", "alpha", seconds(10), {}, 3, {}};
  first.rules = {AlertRule("Down", {}, "critical"), AlertRule("Quiet", {}, "info"),
                 AlertRule("Broken", {}, "warning")};
  config->rule_groups = {second, first};
  config::Slo slo;
  slo.id = "api-availability";
  slo.service = "api";
  slo.name = "availability";
  slo.objective = 99;
  slo.error_ratio_query = "ratio[{{.window}}]";
  slo.alert_name = "ApiBudgetBurn";
  slo.period = std::chrono::hours(24 * 30);
  slo.page_windows = {{std::chrono::hours(1), minutes(5), 14.4}};
  slo.ticket.disabled = true;
  slo.severities.push_back({"escalate", {}, {{std::chrono::hours(1), minutes(5), 20}}});
  config::Slo empty = slo;
  empty.id = "api-empty";
  empty.name = "empty";
  empty.error_ratio_query = "Quiet[{{.window}}]";
  empty.no_data = config::NoData::kAlert;
  empty.no_data_for = seconds(10);
  config->slos = {slo, empty};
  config->evaluation.slo_mode = config::SloMode::kExact;
  return config;
}

class RulesTest : public testing::Test {
 protected:
  RulesTest() {
    backend_.answer = [](const core::RunQuery& query) -> Result<promql::Vector> {
      if (query.expr.view().starts_with("Broken"))
        return Fail(Code::kInvalidArgument, "bad_data: no");
      if (query.expr.view().starts_with("Quiet")) return promql::Vector();
      const double value = query.expr.view().starts_with("ratio") ? 0.25 : 0.0144;
      return promql::Vector{{{}, query.at, value}};
    };
  }
  net::Response Get(const std::string& target) {
    return Handle(MakeRequest("GET", target), backend_);
  }
  static std::vector<std::string> All(const std::string& body, const std::string& mark) {
    std::vector<std::string> values;
    for (size_t at = body.find(mark); at != body.npos; at = body.find(mark, at + 1)) {
      const size_t start = at + mark.size();
      values.push_back(body.substr(start, body.find('"', start) - start));
    }
    return values;
  }
  // Names of the rules of an answer, in order.
  std::vector<std::string> Rules(const std::string& query) {
    std::vector<std::string> names = All(Get("/api/v1/rules" + query).body, "\"name\":\"");
    std::erase(names, "alpha");
    std::erase(names, "beta");
    return names;
  }

  FakeBackend backend_{TestConfig()};
};

TEST_F(RulesTest, BeforeTheFirstEvaluationNothingIsKnown) {
  const net::Response response = Get("/api/v1/rules");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(All(response.body, "\"state\":\""),
              ElementsAre("unknown", "unknown", "unknown", "unknown"));
  EXPECT_THAT(response.body, HasSubstr("\"lastEvaluation\":\"0001-01-01T00:00:00Z\""));
  EXPECT_THAT(response.body, Not(HasSubstr("lastError")));
  EXPECT_THAT(Get("/api/v1/alerts").body, HasSubstr("{\"alerts\":[]}"));
}

TEST_F(RulesTest, EvaluationsSayWhatTheySawAndHowToRepeatThem) {
  backend_.Pass(seconds(25));
  const std::string body = Get("/api/v1/rules?evaluations=true&rule_name[]=Broken").body;
  EXPECT_THAT(body, HasSubstr("\"samples\":0,\"error\":\"bad_data: no\",\"curl\":\"curl -s "
                              "'http://localhost:9090/api/v1/query' --data-urlencode "
                              "'query=Broken > 0' --data-urlencode 'time="));
  EXPECT_THAT(Get("/api/v1/rules?evaluations=true&rule_name[]=Down").body,
              HasSubstr("\"duration\":0.003,\"samples\":1,\"curl\""));
}

TEST_F(RulesTest, GroupsComeByFileWithTheStatesOfTheirRules) {
  backend_.Pass(seconds(25));
  const std::string body = Get("/api/v1/rules").body;
  EXPECT_THAT(All(body, "\"file\":\""), ElementsAre("a.yml", "b.yml"));
  EXPECT_THAT(All(body, "{\"state\":\""), ElementsAre("firing", "inactive", "inactive", "pending"));
  EXPECT_THAT(All(body, "\"health\":\""), ElementsAre("ok", "ok", "err", "ok", "ok"));
  EXPECT_THAT(body, HasSubstr("\"lastError\":\""));
  EXPECT_THAT(All(body, "\"type\":\""),
              ElementsAre("alerting", "alerting", "alerting", "recording", "alerting"));
  EXPECT_THAT(body, HasSubstr("\"query\":\"Slow > 0\",\"duration\":300"));
  EXPECT_THAT(body, HasSubstr("\"interval\":10"));
  EXPECT_THAT(body, HasSubstr("\"limit\":3"));
  EXPECT_THAT(body, HasSubstr("\"value\":\"1.44e-02\""));
  EXPECT_THAT(body, HasSubstr("\"name\":\"job:up:sum\",\"query\":\"sum(up)\",\"labels\":{}"));
}

TEST_F(RulesTest, TheAlertsOfRulesAreListed) {
  backend_.Pass(seconds(25));
  const std::string body = Get("/api/v1/alerts").body;
  EXPECT_THAT(All(body, "\"alertname\":\""), ElementsAre("Slow", "Down"));
  EXPECT_THAT(body, HasSubstr("\"state\":\"pending\",\"activeAt\":\"2026-09-21T14:13:"));
  EXPECT_THAT(body, Not(HasSubstr("keepFiringSince")));
}

TEST_F(RulesTest, FiltersChooseRules) {
  using Names = std::vector<std::string>;
  const std::vector<std::pair<std::string, Names>> cases = {
      {"", {"Down", "Quiet", "Broken", "job:up:sum", "Slow"}},
      {"?type=alert", {"Down", "Quiet", "Broken", "Slow"}},
      {"?type=record", {"job:up:sum"}},
      {"?rule_name[]=Slow&rule_name[]=Down", {"Down", "Slow"}},
      {"?rule_group[]=beta", {"job:up:sum", "Slow"}},
      {"?file[]=a.yml", {"Down", "Quiet", "Broken"}},
      {"?file[]=c.yml", {}},
      {"?match[]={severity=\"info\"}&match[]={severity=\"critical\"}", {"Down", "Quiet"}},
      {"?match[]={severity=~\"crit.*|warn.*\"}&type=alert", {"Down", "Broken", "Slow"}},
  };
  for (const auto& [query, want] : cases) EXPECT_EQ(Rules(query), want) << query;
  backend_.Pass(seconds(25));
  EXPECT_THAT(Get("/api/v1/rules?exclude_alerts=true").body, Not(HasSubstr("activeAt")));
  EXPECT_THAT(Get("/api/v1/rules").body, Not(HasSubstr("evaluations")));
}

TEST_F(RulesTest, AGroupWithoutRulesIsListedUnlessRulesAreChosen) {
  auto config = std::make_shared<config::Config>(*TestConfig());
  config->rule_groups.push_back({"a.yml", "none", seconds(10), {}, 0, {}});
  FakeBackend backend(config);
  const auto get = [&](const std::string& query) {
    return Handle(MakeRequest("GET", "/api/v1/rules" + query), backend).body;
  };
  const std::string none = "{\"name\":\"none\",\"file\":\"a.yml\",\"rules\":[],\"interval\":10";
  EXPECT_THAT(get(""), HasSubstr(none));
  EXPECT_THAT(get("?rule_group[]=none"), HasSubstr("{\"groups\":[" + none));
  EXPECT_THAT(get("?file[]=b.yml"), Not(HasSubstr(none)));
  EXPECT_THAT(get("?type=alert"), Not(HasSubstr(none)));
  EXPECT_THAT(get("?rule_name[]=Down"), Not(HasSubstr(none)));
  EXPECT_THAT(get("?match[]={severity=\"info\"}"), Not(HasSubstr(none)));
}

TEST_F(RulesTest, PagesFollowEachOther) {
  const std::string first = Get("/api/v1/rules?group_limit=1").body;
  EXPECT_THAT(All(first, "\"file\":\""), ElementsAre("a.yml"));
  const std::vector<std::string> token = All(first, "\"groupNextToken\":\"");
  ASSERT_THAT(token, ElementsAre(Sha256Hex("b.yml;beta")));
  const std::string second = Get("/api/v1/rules?group_limit=1&group_next_token=" + token[0]).body;
  EXPECT_THAT(All(second, "\"file\":\""), ElementsAre("b.yml"));
  EXPECT_THAT(second, Not(HasSubstr("groupNextToken")));
}

TEST_F(RulesTest, GrafanaIsToldThatThisIsNoMimir) {
  const net::Response response = Get("/api/v1/status/buildinfo");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\"status\":\"success\",\"data\":{\"version\":\"" +
                               backend_.info().version +
                               "\",\"revision\":\"\",\"branch\":\"\",\"buildUser\":\"\","
                               "\"buildDate\":\"\",\"goVersion\":\"\"}}");
}

TEST_F(RulesTest, BadParametersAreNamed) {
  for (const auto& [query, says] : {std::pair{"type=x", "not supported value \\\"x\\\""},
                                    {"match[]={", "match[]: "},
                                    {"group_limit=0", "group_limit must be"},
                                    {"group_next_token=x", "needs group_limit"},
                                    {"group_limit=1&group_next_token=x", "names no rule group"}}) {
    const net::Response response = Get(std::string("/api/v1/rules?") + query);
    EXPECT_EQ(response.status, 400) << query;
    EXPECT_THAT(response.body, HasSubstr(says)) << query;
    EXPECT_THAT(response.body, HasSubstr("\"errorType\":\"bad_data\"")) << "as Prometheus has it";
  }
}

TEST_F(RulesTest, SlosShowBurnRatesAndBudget) {
  const std::string before = Get("/api/v1/slos").body;
  EXPECT_THAT(before, HasSubstr("\"lastEvaluation\":null"));
  EXPECT_THAT(before, HasSubstr("\"readings\":[]"));
  backend_.Pass(seconds(25));
  const std::string body = Get("/api/v1/slos").body;
  EXPECT_THAT(body, HasSubstr("{\"id\":\"api-availability\",\"service\":\"api\",\"name\":"
                              "\"availability\",\"objective\":99.0,\"period\":\"30d\""));
  EXPECT_THAT(body, HasSubstr("\"pageFiring\":true,\"ticketFiring\":false,\"firing\":"
                              "[\"escalate\",\"page\"],\"firingTiers\":[\"escalate quick\","
                              "\"page quick\"],\"lastError\":\"\""));
  EXPECT_THAT(body, HasSubstr("\"alertWindows\":[{\"severity\":\"page\",\"long\":\"1h\",\"short\":"
                              "\"5m\",\"factor\":14.4},{\"severity\":\"escalate\",\"long\":\"1h\","
                              "\"short\":\"5m\",\"factor\":20.0}]"));
  EXPECT_THAT(body, HasSubstr("{\"window\":\"5m\",\"errorRatio\":0.25,\"burnRate\":25.0}"));
  EXPECT_THAT(body, HasSubstr("\"budgetRemaining\":-24"));
  EXPECT_THAT(body, HasSubstr("\"mode\":\"exact\",\"modeReason\":\"slo_mode is exact\""));
}

TEST_F(RulesTest, SlosSaySinceWhenTheyHaveNoData) {
  backend_.Pass(seconds(25));
  const std::string body = Get("/api/v1/slos").body;
  EXPECT_THAT(body, HasSubstr("\"noData\":\"alert\",\"noDataFor\":\"10s\",\"noDataFiring\":true,"
                              "\"noDataSince\":\""));
  EXPECT_THAT(All(body, "\"noDataSince\":\""), testing::SizeIs(1)) << "the other has some";
}

TEST_F(RulesTest, ABusyCoreIs503) {
  backend_.busy = true;
  for (const char* path : {"/api/v1/rules", "/api/v1/alerts", "/api/v1/slos"}) {
    EXPECT_EQ(Get(path).status, 503);
  }
}

}  // namespace
}  // namespace watchfire::api
