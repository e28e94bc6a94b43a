// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"
#include "pkg/base/json.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;

constexpr const char* kConfig = R"(
route:
  receiver: default
  group_by: [service]
  group_wait: 1s
  routes:
  - matchers: [team="db"]
    receiver: db
    continue: true
    routes:
    - matchers: [severity="critical"]
      receiver: db-pager
      group_by: ['...']
      mute_time_intervals: [always]
  - matchers: [team=~"db|web"]
    receiver: web
    active_time_intervals: [never]
receivers: [{name: default}, {name: db}, {name: db-pager}, {name: web}]
time_intervals:
- name: always
  time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]
- name: never
  time_intervals: [{years: ['1990']}]
)";

FakeServer WithFile() {
  FakeServer server;
  server.files["am.yml"] = kConfig;
  return server;
}

FakeServer WithServer() {
  FakeServer server;
  JsonWriter json;
  json.StartObject().Key("config").StartObject().Field("original", kConfig).EndObject();
  json.Key("versionInfo").StartObject().Field("version", "0.34.0").EndObject();
  server.answers["GET /api/v2/status"] = {{200, json.EndObject().Take()}};
  return server;
}

TEST(RoutesTest, DrawsTheTreeOfAFileOrOfTheServer) {
  const std::string tree = R"(Routing tree:
.
└── default-route  receiver: default
    ├── {team="db"}  continue: true  receiver: db
    │   └── {severity="critical"}  receiver: db-pager
    └── {team=~"db|web"}  receiver: web
)";
  FakeServer file = WithFile();
  EXPECT_EQ(file.Ask({"config", "routes", "--config.file=am.yml"}), kOk);
  EXPECT_EQ(file.out, tree);
  EXPECT_TRUE(file.requests.empty());
  FakeServer server = WithServer();
  EXPECT_EQ(server.Ask({"config", "routes", "show"}), kOk);
  EXPECT_EQ(server.out, tree);
  server.Ask({"config", "routes", "-o", "wide"});
  EXPECT_THAT(server.out, HasSubstr("db-pager  group_by: [...]  wait: 1s  interval: 5m  repeat: 4h"
                                    "  muted in: always\n"));
  server.Ask({"config", "routes", "-o", "json"});
  EXPECT_THAT(server.out,
              HasSubstr(R"({"receiver":"db","matchers":["team=\"db\""],"continue":true)"));
}

TEST(RoutesTest, TestPrintsReceiversInOrder) {
  FakeServer server = WithFile();
  const std::vector<std::string> words = {"config", "routes", "test", "--config.file=am.yml"};
  const auto test = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    return server.Ask(more);
  };
  EXPECT_EQ(test({}), kOk);
  EXPECT_EQ(server.out, "default\n");
  EXPECT_EQ(test({"team=db", "severity=critical"}), kOk);
  EXPECT_EQ(server.out, "db-pager,web\n");
  EXPECT_EQ(test({"team=db", "--verify.receivers=db,web"}), kOk);
  EXPECT_EQ(test({"team=db", "--verify.receivers=web,db"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("Expected receivers did not match"));
  EXPECT_EQ(test({"team"}), kUsage);
  EXPECT_EQ(test({"team!=db"}), kUsage);
}

TEST(RoutesTest, TestDrawsAndExplains) {
  FakeServer server = WithFile();
  EXPECT_EQ(server.Ask({"config", "routes", "test", "--config.file=am.yml", "--tree", "team=db",
                        "severity=critical"}),
            kOk);
  EXPECT_EQ(server.out, R"(Matching routes:
.
└── default-route
    ├── {team="db"}
    │   └── {severity="critical"}  receiver: db-pager
    └── {team=~"db|web"}  receiver: web


db-pager,web
)");
  server.Ask({"config", "routes", "test", "--config.file=am.yml", "-owide", "team=db", "service=x",
              "severity=critical"});
  EXPECT_THAT(server.out, HasSubstr("db-pager  default-route > {team=\"db\"} > "
                                    "{severity=\"critical\"}  {service=\"x\",severity="));
  EXPECT_THAT(server.out, HasSubstr("1s    5m        4h      always\n"));
  EXPECT_THAT(server.out, HasSubstr("{service=\"x\"}"));
  EXPECT_THAT(server.out, HasSubstr("4h      outside never\n"));
  server.Ask({"config", "routes", "test", "--config.file=am.yml", "-ojson", "team=web"});
  EXPECT_EQ(server.out,
            R"x([{"receiver":"web","path":"default-route > {team=~\"db|web\"}",)x"
            R"x("groupKey":"{}/{team=~\"db|web\"}:{}","groupLabels":{},"groupWait":"1s",)x"
            R"x("groupInterval":"5m","repeatInterval":"4h","mutedNowBy":["outside never"]}])x"
            "\n");
}

TEST(RoutesTest, BadConfigurationIsExplained) {
  FakeServer server;
  server.files["bad.yml"] = "route: {}\n";
  EXPECT_EQ(server.Ask({"config", "routes", "--config.file=bad.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("wfctl: bad.yml:1:"));
  EXPECT_EQ(server.Ask({"config", "routes", "--config.file=nowhere.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("nowhere.yml: No such file"));
}

// The same file as a server reads it that has the flag.
TEST(RoutesTest, FeaturesDecideHowMatchersAreRead) {
  FakeServer server;
  server.files["am.yml"] =
      "route: {receiver: a, routes: [{receiver: b, matchers: ['s=\"\\u2211\"']}]}\n"
      "receivers: [{name: a}, {name: b}]\n";
  server.files["utf8.yml"] =
      "route: {receiver: a, routes: [{receiver: a, matchers: ['\"\xCE\xA3\"=x']}]}\n"
      "receivers: [{name: a}]\n";
  server.files["classic.yml"] =
      "route: {receiver: a, routes: [{receiver: a, matchers: ['s=']}]}\nreceivers: [{name: a}]\n";
  struct Case {
    const char* mode;
    const char* utf8_file;
    const char* classic_file;
    const char* shown;     // The matcher of am.yml.
    const char* receiver;  // Of s=\u2211, the sum sign.
  };
  const std::vector<Case> cases = {
      {"", "ok", "ok", R"({s="\\u2211"}  receiver: b)", "a\n"},
      {"classic-mode", "bad matcher format", "ok", R"({s="\\u2211"}  receiver: b)", "a\n"},
      {"utf8-strict-mode", "ok", "expected label value", "{s=\"\xE2\x88\x91\"}  receiver: b",
       "b\n"},
  };
  for (const Case& c : cases) {
    const std::string flag = "--enable-feature=" + std::string(c.mode);
    for (const auto& [file, want] :
         {std::pair("utf8.yml", c.utf8_file), std::pair("classic.yml", c.classic_file)}) {
      const bool is_good = std::string_view(want) == "ok";
      EXPECT_EQ(server.Run({"check", flag, file}), is_good ? kOk : kNo) << c.mode << " " << file;
      EXPECT_THAT(server.out + server.err, HasSubstr(want)) << c.mode << " " << file;
    }
    EXPECT_EQ(server.Ask({"config", "routes", "--config.file=am.yml", flag}), kOk) << server.err;
    EXPECT_THAT(server.out, HasSubstr(c.shown)) << c.mode;
    EXPECT_EQ(
        server.Ask({"config", "routes", "test", "--config.file=am.yml", flag, "s=\xE2\x88\x91"}),
        kOk)
        << server.err;
    EXPECT_EQ(server.out, c.receiver) << c.mode;
  }
}

TEST(ConfigTest, ShowPrintsTheRunningOne) {
  FakeServer server = WithServer();
  EXPECT_EQ(server.Ask({"config"}), kOk);
  EXPECT_EQ(server.out, kConfig);
  server.Ask({"config", "show", "-o", "extended"});
  EXPECT_THAT(server.out, HasSubstr("# version 0.34.0\n"));
}

}  // namespace
}  // namespace watchfire::wfctl
