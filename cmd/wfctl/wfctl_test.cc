// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/dates.h"
#include "cmd/wfctl/fake_server.h"
#include "cmd/wfctl/help.h"
#include "cmd/wfctl/table.h"
#include "cmd/wfctl/version.h"

namespace watchfire::wfctl {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kAlerts =
    R"([{"labels":{"alertname":"ApiDown","severity":"critical"},"annotations":{"summary":"gone"},)"
    R"("status":{"state":"suppressed","silencedBy":["s1"],"inhibitedBy":["f2"],"mutedBy":[]},)"
    R"("startsAt":"2026-01-01T00:00:00.000Z","endsAt":"2026-01-01T01:00:00.000Z",)"
    R"("receivers":[{"name":"db"},{"name":"web"}],"generatorURL":"http://p/g"}])";

FakeServer Alerts() {
  FakeServer server;
  server.answers["GET /api/v2/alerts"] = {{200, kAlerts}};
  server.answers["POST /api/v2/alerts"] = {{200, ""}};
  return server;
}

TEST(DispatchTest, HelpGoesToStdoutAndMisuseToStderr) {
  FakeServer server;
  EXPECT_EQ(server.Run({"--help"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("exit codes"));
  EXPECT_EQ(server.Run({}), kUsage);
  EXPECT_EQ(server.out, "");
  EXPECT_EQ(server.Run({"help", "silence", "add"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("examples:"));
  EXPECT_EQ(server.Run({"silence", "--help"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("silence import"));
  EXPECT_EQ(server.Run({"incidnt"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("did you mean incident?"));
  EXPECT_EQ(server.Run({"incident", "frobnicate"}), kUsage);
  EXPECT_EQ(server.Run({"incident"}), kUsage);
  EXPECT_THAT(server.err,
              HasSubstr("one of ack, classify, escalate, list, merge, mitigate, note,"));
  EXPECT_EQ(server.Run({"--version"}), kOk);
  EXPECT_THAT(server.out, StartsWith("wfctl, version "));
  EXPECT_TRUE(server.requests.empty());
}

TEST(DispatchTest, AMissedVerbIsPointedOut) {
  FakeServer server;
  server.answers["GET /api/v2/silences"] = {{200, "[]"}};
  EXPECT_EQ(server.Ask({"silence", "expre"}), kOk);
  EXPECT_THAT(server.err, HasSubstr("did you mean wfctl silence expire?"));
}

TEST(ParseTest, FlagsStandAnywhereAndLettersJoin) {
  const auto parsed =
      Parse({"-o", "json", "alert", "--receiver", "x", "query", "-asi", "A", "-rdb", "--", "-odd"});
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_EQ(parsed->command->path, "alert query");
  EXPECT_FALSE(parsed->by_default);
  EXPECT_THAT(parsed->invocation.operands, ElementsAre("A", "-odd"));
  EXPECT_EQ(parsed->invocation.Get("output"), "json");
  EXPECT_EQ(parsed->invocation.Get("receiver"), "db");
  EXPECT_TRUE(parsed->invocation.On("silenced"));
  EXPECT_FALSE(parsed->invocation.On("unprocessed"));
}

TEST(ParseTest, NounsHaveDefaults) {
  EXPECT_EQ(Parse({"alert"})->command->path, "alert query");
  EXPECT_EQ(Parse({"silence", "--expired"})->command->path, "silence query");
  EXPECT_EQ(Parse({"config"})->command->path, "config show");
  EXPECT_EQ(Parse({"config", "routes"})->command->path, "config routes show");
  EXPECT_EQ(Parse({"config", "routes", "--config.file=x", "test", "a=b"})->command->path,
            "config routes test");
  EXPECT_EQ(Parse({"cluster"})->command->path, "cluster show");
  EXPECT_EQ(Parse({"incident"})->command, nullptr);
}

TEST(ParseTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(Parse({"silence", "add", "--coment=x"}).error().message,
              HasSubstr("did you mean --comment?"));
  EXPECT_FALSE(Parse({"alert", "-x"}));
  EXPECT_FALSE(Parse({"alert", "--url"}));
  EXPECT_FALSE(Parse({"alert", "--no-url"}));
  EXPECT_FALSE(Parse({"alert", "--active=perhaps"}));
  EXPECT_TRUE(Parse({"alert", "--active=false"}));
  EXPECT_FALSE(Parse({"alert", "query", "--expired"}));
}

TEST(SettingsTest, RefusesIllValues) {
  FakeServer server = Alerts();
  EXPECT_EQ(server.Ask({"alert", "-o", "xml"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "--timeout=soon"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "--timeout=0"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "--url=ftp://x"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "--enable-feature=clasic-mode"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("did you mean classic-mode?"));
  EXPECT_EQ(server.Ask({"alert", "--enable-feature=classic-mode,utf8-strict-mode"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "--http.config.file=nowhere.yml"}), kUsage);
  EXPECT_TRUE(server.requests.empty());
}

TEST(SettingsTest, UrlsLoseSlashAndPassword) {
  FakeServer server = Alerts();
  EXPECT_EQ(server.Ask({"alert", "--alertmanager.url=https://ada:p%40w@am:9093/prefix/"}), kOk);
  EXPECT_EQ(server.target.url, "https://am:9093/prefix");
  EXPECT_EQ(server.target.http.basic_auth.value().username, "ada");
  EXPECT_EQ(server.target.http.basic_auth.value().password.reveal(), "p@w");
  server.environment_url = "am";
  EXPECT_EQ(server.Ask({"alert"}), kOk);
  EXPECT_EQ(server.target.url, "http://am");
  EXPECT_EQ(server.target.timeout, std::chrono::seconds(30));
}

TEST(SettingsTest, DefaultsComeFromFilesTheFirstWins) {
  FakeServer server = Alerts();
  server.files["/h/.config/wfctl/config.yml"] = "url: http://ours\nauthor: grace\n";
  server.files["/h/.config/amtool/config.yml"] =
      "alertmanager.url: http://theirs\noutput: json\ntimeout: 5s\n";
  EXPECT_EQ(server.Ask({"alert"}), kOk);
  EXPECT_EQ(server.target.url, "http://ours");
  EXPECT_EQ(server.out, std::string(kAlerts) + "\n");
  EXPECT_EQ(server.Ask({"alert", "--url=http://given", "-osimple"}), kOk);
  EXPECT_EQ(server.target.url, "http://given");
  EXPECT_EQ(server.target.timeout, std::chrono::seconds(5));
  server.files["/etc/amtool/config.yml"] = "active: maybe\n";
  EXPECT_EQ(server.Ask({"alert"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("/etc/amtool/config.yml: active: expected true or false"));
}

TEST(SettingsTest, HttpConfigFileDecidesHowToConnect) {
  FakeServer server = Alerts();
  server.files["h.yml"] = "authorization: {credentials: tok}\n";
  EXPECT_EQ(server.Ask({"alert", "--http.config.file=h.yml"}), kOk);
  EXPECT_EQ(server.target.http.authorization.value().credentials.reveal(), "tok");
  EXPECT_EQ(server.Ask({"alert", "--http.config.file=h.yml", "--url=http://a:b@c"}), kUsage);
}

TEST(ApiTest, ErrorsAreExplained) {
  FakeServer server;
  server.answers["POST /api/v1/incidents/7/ack"] = {
      {404, R"({"status":"error","errorType":"not_found","error":"no incident 7"})"}};
  EXPECT_EQ(server.Ask({"incident", "ack", "7"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("HTTP 404: no incident 7"));
  server.answers["GET /api/v2/alerts"] = {{400, "\"bad matcher format: foo\"\n"},
                                          {422, R"({"code":602,"message":"body is required"})"},
                                          {401, ""},
                                          {200, "<html>"}};
  EXPECT_EQ(server.Ask({"alert"}), kNo);
  EXPECT_EQ(server.err, "wfctl: HTTP 400: bad matcher format: foo\n");
  EXPECT_EQ(server.Ask({"alert"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("HTTP 422: body is required"));
  EXPECT_EQ(server.Ask({"alert"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("--http.config.file"));
  EXPECT_EQ(server.Ask({"alert"}), kUnreachable);
  server.is_down = true;
  EXPECT_EQ(server.Ask({"reload"}), kUnreachable);
  EXPECT_THAT(server.err, HasSubstr("connection refused (the server is named by --url"));
}

TEST(ApiTest, WarnsOfVersionsThatDoNotSuit) {
  FakeServer server = Alerts();
  auto& status = server.answers["GET /api/v2/status"];
  status = {{200, R"({"versionInfo":{"version":"0.21.0","goVersion":"go1.14"}})"}};
  EXPECT_EQ(server.Run({"alert"}), kOk);
  EXPECT_THAT(server.err, HasSubstr("Alertmanager 0.21.0 does not know"));
  status = {{200, R"({"versionInfo":{"version":"0.34.0","goVersion":"go1.26"}})"}};
  EXPECT_EQ(server.Run({"alert"}), kOk);
  EXPECT_EQ(server.err, "");
  const std::string ours =
      R"({"versionInfo":{"version":"0.34.0","branch":"watchfire","revision":")";
  status = {{200, ours + "9.9.0\"}}"}};
  EXPECT_EQ(server.Run({"alert"}), kOk);
  EXPECT_THAT(server.err, HasSubstr("talks to Watchfire 9.9.0"));
  status = {{200, ours + kVersion + "\"}}"}};
  EXPECT_EQ(server.Run({"alert"}), kOk);
  EXPECT_EQ(server.err, "");
  status = {{200, R"({"versionInfo":{"version":"0.x.y","goVersion":"go1"}})"}};
  EXPECT_EQ(server.Run({"alert"}), kOk);
  EXPECT_EQ(server.err, "");
  status = {{500, ""}};
  EXPECT_EQ(server.Run({"alert"}), kOk);
  EXPECT_EQ(server.err, "");
  EXPECT_EQ(server.Run({"alert", "--no-version-check"}), kOk);
  EXPECT_EQ(server.requests.size(), 1U);
}

TEST(AlertTest, AsksForActiveAlertsUnlessToldOtherwise) {
  FakeServer server = Alerts();
  server.Ask({"alert"});
  EXPECT_EQ(server.requests.at(0).path,
            "/api/v2/alerts?active=true&inhibited=false&silenced=false&unprocessed=false");
  server.Ask({"alert", "query", "-s", "--unprocessed", "-r", "a.*", "Foo", "b!=c"});
  EXPECT_EQ(server.requests.at(0).path,
            "/api/v2/alerts?active=false&inhibited=false&silenced=true&unprocessed=true"
            "&receiver=a.%2A&filter=alertname%3D%22Foo%22&filter=b%21%3Dc");
}

TEST(AlertTest, PrintsInEveryFormat) {
  FakeServer server = Alerts();
  server.Ask({"alert"});
  EXPECT_EQ(server.out,
            "Alertname  Starts At                Summary  State\n"
            "ApiDown    2026-01-01 00:00:00 UTC  gone     suppressed\n");
  server.Ask({"alert", "-o", "extended", "--date.format=02.01.06"});
  EXPECT_THAT(server.out, HasSubstr("alertname=\"ApiDown\" severity=\"critical\"  "
                                    "summary=\"gone\"  01.01.26   01.01.26  http://p/g     supp"));
  server.Ask({"alert", "-owide"});
  EXPECT_THAT(server.out, HasSubstr("db,web"));
  EXPECT_THAT(server.out, HasSubstr("silence s1, alert f2"));
  server.Ask({"alert", "-o", "json"});
  EXPECT_EQ(server.out, std::string(kAlerts) + "\n");
  server.Ask({"alert", "-o", "yaml"});
  EXPECT_THAT(server.out,
              StartsWith("- labels:\n    alertname: ApiDown\n    severity: critical\n"));
}

TEST(AlertTest, AddPostsOneAlert) {
  FakeServer server = Alerts();
  EXPECT_EQ(server.Ask({"alert", "add", "Foo", "team=db", "--annotation=summary=a b",
                        "--end=2026-01-31T15:04:05+01:00", "--generator-url=http://x/"}),
            kOk);
  EXPECT_EQ(server.requests.at(0).body,
            R"([{"labels":{"alertname":"Foo","team":"db"},"annotations":{"summary":"a b"},)"
            R"("endsAt":"2026-01-31T14:04:05.000Z","generatorURL":"http://x/"}])");
  EXPECT_EQ(server.Ask({"alert", "add"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "add", "Foo", "a!=b"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "add", "Foo", "--annotation=x"}), kUsage);
  EXPECT_EQ(server.Ask({"alert", "add", "Foo", "--start=soon"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("write it like 2026-"));
}

TEST(IncidentActTest, AckPostsActorAndNote) {
  FakeServer server;
  server.answers["POST /api/v1/incidents/7/ack"] = {{200, R"({"status":"success"})"}};
  EXPECT_EQ(server.Ask({"incident", "ack", "7", "--actor=grace", "--note", "on it"}), kOk);
  EXPECT_EQ(server.requests.at(0).body, R"({"actor":"grace","note":"on it"})");
  EXPECT_THAT(server.out, HasSubstr("acknowledged"));
  EXPECT_EQ(server.Ask({"incident", "ack", "7"}), kOk);
  EXPECT_EQ(server.requests.at(0).body, R"({"actor":"ada","note":""})");
}

TEST(ClusterTest, ShowsMembersWhenAsked) {
  FakeServer server;
  server.answers["GET /api/v2/status"] = {
      {200, R"({"cluster":{"name":"n1","status":"ready","peers":[{"name":"n2","address":"b:1"},)"
            R"({"name":"n1","address":"a:1"}]}})"}};
  EXPECT_EQ(server.Ask({"cluster", "show"}), kOk);
  EXPECT_EQ(server.out, "Cluster Status:  ready\nNode Name:       n1\n");
  server.Ask({"cluster", "-o", "extended"});
  EXPECT_THAT(server.out, HasSubstr("\n\nAddress  Name\na:1      n1\nb:1      n2\n"));
}

TEST(CheckTest, PlainAlertmanagerFilesAndTheirFaults) {
  FakeServer server;
  server.files["good.yml"] = "route: {receiver: a}\nreceivers: [{name: a}]\n";
  server.files["-"] = server.files["good.yml"];
  server.files["bad.yml"] = "route: {receiver: b}\nreceivers: [{name: a}]\n";
  EXPECT_EQ(server.Run({"check", "good.yml"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("good.yml: ok (1 receiver, 0 inhibit rules"));
  EXPECT_EQ(server.Run({"check"}), kOk);
  EXPECT_EQ(server.Run({"check-config", "good.yml", "bad.yml"}), kNo);
  EXPECT_THAT(server.out, HasSubstr("bad.yml:1:"));
  EXPECT_THAT(server.out, HasSubstr("bad.yml: 1 error\n"));
  EXPECT_EQ(server.Run({"check", "-o", "json", "bad.yml"}), kNo);
  EXPECT_THAT(server.out, StartsWith(R"([{"level":"error","file":"bad.yml","line":1,)"));
  EXPECT_EQ(server.Run({"check", "nowhere.yml"}), kNo);
}

TEST(CheckTest, ATemplateThatNeverRendersIsWarnedOf) {
  FakeServer server;
  server.files["am.yml"] =
      "route: {receiver: page}\nreceivers:\n- name: page\n  webhook_configs:\n"
      "  - url: http://h/\n    payload: {key: '{{ .GroupKey }}'}\n"
      "  - url: http://h/\n    payload: {ok: '{{ (index .Alerts 7).Labels.x }}{{ .Receiver }}'}\n";
  EXPECT_EQ(server.Run({"check", "am.yml"}), kOk) << "Alertmanager takes it";
  EXPECT_THAT(server.out, HasSubstr("am.yml:6:24: receiver \"page\", webhook[0]: a template never "
                                    "renders: failed to render custom payload: "));
  EXPECT_THAT(server.out, HasSubstr("can't evaluate field GroupKey in type *template.Data"));
  EXPECT_THAT(server.out, Not(HasSubstr("webhook[1]"))) << "it may be the sample's fault";
}

TEST(CheckTest, ACallThatNoFunctionTakesIsWarnedOf) {
  for (const auto& [call, why] :
       {std::pair("onCall", "wrong number of args for onCall: want 1 got 0"),
        std::pair("onCall 1", "expected string; found 1"),
        std::pair("ackURL 1", "wrong number of args for ackURL: want 0 got 1")}) {
    FakeServer server;
    server.files["am.yml"] =
        "route: {receiver: page}\nreceivers:\n- name: page\n  webhook_configs:\n"
        "  - url: http://h/\n    payload: {x: '{{ " +
        std::string(call) + " }}'}\n";
    EXPECT_EQ(server.Run({"check", "am.yml"}), kOk);
    EXPECT_THAT(server.out, HasSubstr("webhook[0]: a template never renders: ")) << call;
    EXPECT_THAT(server.out, HasSubstr(why)) << call;
  }
}

TEST(CheckTest, WrongExpressionsHaveTheirPlace) {
  FakeServer server;
  server.files["main.yml"] = "route: {receiver: a}\nreceivers: [{name: a}]\n";
  server.files["rules.yml"] =
      "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: |\n"
      "          sum(rate(x[5m]))\n            > on 5\n      - {record: b, expr: rte(x)}\n";
  EXPECT_EQ(server.Run({"check", "main.yml", "--rules=rules.yml"}), kNo);
  EXPECT_THAT(server.out,
              HasSubstr("rules.yml:7:18: expr: unexpected number \"5\" in grouping opts, "
                        "expected \"(\""));
  EXPECT_THAT(server.out, HasSubstr("rules.yml:8:27: expr: unknown function with name \"rte\" (did "
                                    "you mean rate?)"));
  EXPECT_THAT(server.out, HasSubstr("main.yml: 2 errors\n"));
}

TEST(CheckTest, TheFileThatProtectsTheListener) {
  FakeServer server;
  server.files["good.yml"] = "http_server_config: {headers: {X-Frame-Options: deny}}\n";
  server.files["bad.yml"] = "basic_auth_users: {ada: s3cret}\n";
  EXPECT_EQ(server.Run({"check", "--web=good.yml"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("good.yml: ok (TLS off, 0 users)\n"));
  EXPECT_EQ(server.Run({"check", "--web=bad.yml"}), kNo);
  EXPECT_THAT(server.out, HasSubstr("bad.yml:1:20: crypto/bcrypt: "));
  EXPECT_THAT(server.out, HasSubstr("bad.yml: 1 error\n"));
}

TEST(CompletionTest, FollowsTheTableOfCommands) {
  EXPECT_THAT(Complete({"silence", "u"}), ElementsAre("update"));
  EXPECT_THAT(Complete({"config", "routes", ""}), ElementsAre("show", "test"));
  EXPECT_THAT(Complete({"silence", "add", "--ann"}), ElementsAre("--annotation="));
  EXPECT_THAT(Complete({"-o", "json", "cl"}), ElementsAre("cluster"));
  EXPECT_THAT(Complete({""}), Not(Contains("__complete")));
  FakeServer server;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(server.Run({"completion", shell}), kOk);
    EXPECT_THAT(server.out, HasSubstr("__complete"));
  }
  EXPECT_EQ(server.Run({"completion", "tcsh"}), kUsage);
}

TEST(TableTest, PadsByCodePointsAndColoursOnDemand) {
  std::ostringstream out;
  PrintTable(out, {"A", "B"}, {{"\u03a3\u03a3\u03a3", "1"}, {"x", "2\n3"}});
  EXPECT_EQ(out.str(), "A    B\n\u03a3\u03a3\u03a3  1\nx    2 3\n");
  std::ostringstream colored;
  PrintTable(colored, {"A", "B"}, {{"ok", "1"}}, true);
  EXPECT_EQ(colored.str(), "\033[1mA\033[0m   \033[1mB\033[0m\n\033[32mok\033[0m  1\n");
}

TEST(DateTest, KnowsGoLayouts) {
  const WallTime time = ParseTime("2026-01-02T03:04:05.678Z").value();
  EXPECT_EQ(FormatDate(time, "2006-01-02 15:04:05 MST"), "2026-01-02 03:04:05 UTC");
  EXPECT_EQ(FormatDate(time, "Mon, 2 Jan 06 3:04PM -0700"), "Fri, 2 Jan 26 3:04AM +0000");
  EXPECT_EQ(FormatDate(time, "2006-01-02T15:04:05.000Z07:00"), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(FormatDate(kNoTime, "2006"), "-");
}

TEST(YamlTest, QuotesWhatWouldReadAsSomethingElse) {
  simdjson::dom::parser parser;
  const auto yaml = [&](const std::string& json) {
    return ToYaml(parser.parse(simdjson::padded_string(json)).value());
  };
  EXPECT_EQ(
      yaml(R"({"a":"true","b":"1","c":"x y","d":"","e":[],"f":{"g":[{"h":1,"i":[2]},"j: k"]}})"),
      "a: \"true\"\nb: \"1\"\nc: x y\nd: \"\"\ne: []\nf:\n  g:\n  - h: 1\n    i:\n    - 2\n"
      "  - \"j: k\"\n");
}

}  // namespace
}  // namespace watchfire::wfctl
