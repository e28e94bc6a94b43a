// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Advice on the command line, and of what is shipped.

#include "pkg/advice/advice.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A file that is fine but for one thing, and one with a warning as well.
FakeServer Unwise() {
  FakeServer server;
  server.files["good.yml"] =
      "route: {receiver: a}\n"
      "receivers: [{name: a, webhook_configs: [{url: 'http://a.example/'}]}]\n";
  server.files["odd.yml"] = server.files["good.yml"];
  server.files["odd.yml"].replace(0, 20, "route: {receiver: a, group_interval: 10s}");
  server.files["-"] = server.files["odd.yml"];
  return server;
}

TEST(CheckAdviceTest, IsSaidAndFailsNothing) {
  FakeServer server = Unwise();
  EXPECT_EQ(server.Run({"check", "odd.yml"}), kOk);
  EXPECT_THAT(server.out, StartsWith("odd.yml:1:22: group_interval is 10s ("));
  EXPECT_THAT(server.out, HasSubstr(") [advice: short-group-interval]\nodd.yml: ok (1 receiver"));
  EXPECT_EQ(server.Run({"check", "-o", "json", "odd.yml"}), kOk);
  EXPECT_THAT(server.out, StartsWith(R"([{"level":"advice","id":"short-group-interval",)"
                                     R"("file":"odd.yml","line":1,"column":22,)"));
  EXPECT_EQ(server.Run({"check", "--fail-on-advice", "odd.yml"}), kNo);
  EXPECT_EQ(server.Run({"check", "--fail-on-advice", "good.yml"}), kOk);
  EXPECT_EQ(server.Run({"check", "-"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("-:1:22: group_interval is 10s")) << "read only once";
}

TEST(CheckAdviceTest, WhatCannotBeCountedLeavesOutNoTime) {
  FakeServer server = Unwise();
  server.files["slo.yml"] =
      server.files["good.yml"] +
      "time_intervals: [{name: nights, time_intervals: [{times: [{start_time: '02:00', "
      "end_time: '03:00'}]}]}]\nslo_files: [s.yml]\n";
  server.files["s.yml"] =
      "version: watchfire/v1\nservice: shop\nslos: [{name: paid, objective: 99, exclude: [nights], "
      "sli: {raw: {error_ratio_query: 'paid:ratio{{.window}}'}}, alerting: {name: A}}]\n";
  EXPECT_EQ(server.Run({"check", "slo.yml"}), kOk);
  EXPECT_THAT(server.out,
              HasSubstr("s.yml:3:21: the budget of shop-paid has the time of nights all "
                        "the same: the ratio query is neither X / Y nor"));
  EXPECT_EQ(server.Run({"check", "--ignore", "slo-exclusion-counts", "slo.yml"}), kOk);
  EXPECT_THAT(server.out, Not(HasSubstr("nights")));
}

TEST(CheckAdviceTest, IsLeftOutWhenAskedTo) {
  FakeServer server = Unwise();
  EXPECT_EQ(server.Run({"check", "--no-advice", "odd.yml"}), kOk);
  EXPECT_THAT(server.out, StartsWith("odd.yml: ok"));
  EXPECT_EQ(server.Run({"check", "--ignore=short-group-interval", "--fail-on-advice", "odd.yml"}),
            kOk);
  EXPECT_EQ(server.Run({"check", "--ignore=short-group-intervall", "odd.yml"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("did you mean short-group-interval?"));
}

// What scripts for amtool compare must not change.
TEST(CheckAdviceTest, AmtoolsNameHasNone) {
  FakeServer server = Unwise();
  EXPECT_EQ(server.Run({"check-config", "odd.yml"}), kOk);
  EXPECT_THAT(server.out, StartsWith("odd.yml: ok"));
  EXPECT_EQ(server.Run({"check-config", "--advice", "odd.yml"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("[advice: "));
}

TEST(CheckAdviceTest, AFileWithErrorsHasNone) {
  FakeServer server = Unwise();
  server.files["odd.yml"] += "nonsense: 1\n";
  EXPECT_EQ(server.Run({"check", "odd.yml"}), kNo);
  EXPECT_THAT(server.out, Not(HasSubstr("[advice: ")));
}

TEST(CheckAdviceTest, ARulesAnnotationsAreTheReadersToChoose) {
  FakeServer server = Unwise();
  server.files["r.yml"] =
      "groups: [{name: g, rules: [{alert: A, expr: up, for: 5m, labels: {severity: page},\n"
      "  annotations: {summary: s, dashboard_url: d}}]}]\n";
  EXPECT_EQ(server.Run({"check", "good.yml", "--rules=r.yml"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("has no annotation description, runbook_url ("));
  EXPECT_EQ(server.Run({"check", "good.yml", "--rules=r.yml", "--fail-on-advice",
                        "--require-annotation=summary"}),
            kOk);
}

TEST(CheckAdviceTest, WhatIsShippedHasNone) {
  FakeServer server = Unwise();
  std::vector<std::string> words = {"check", "--fail-on-advice", "good.yml"};
  for (const char* folder : {"rules/kubernetes", "rules/victor-ai", "rules/watchfire"}) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".yml") continue;
      server.files[entry.path()] = TextOf(entry.path());
      words.push_back("--rules=" + entry.path().string());
    }
  }
  EXPECT_GT(words.size(), 9U);
  EXPECT_EQ(server.Run(words), kOk) << server.out;
  for (const char* name : {"automation", "escalation", "oncall"}) {
    const std::string path = std::string("docs/examples/") + name + ".yml";
    server.files[path] = TextOf(path);
  }
  for (const char* name : {"automation", "escalation"}) {
    const std::string path = std::string("docs/examples/") + name + ".yml";
    EXPECT_EQ(server.Run({"check", "--fail-on-advice", path}), kOk) << server.out;
  }
}

TEST(CheckAdviceTest, TheGuideHasEveryKindAndNoOther) {
  const std::string page = TextOf("docs/advice.md");
  std::set<std::string> rows;
  for (size_t at = page.find("\n| `"); at != std::string::npos; at = page.find("\n| `", at + 1)) {
    rows.insert(page.substr(at + 4, page.find('`', at + 4) - at - 4));
  }
  std::set<std::string> ids;
  for (const advice::Kind& kind : advice::Kinds()) {
    EXPECT_TRUE(ids.insert(kind.id).second) << kind.id;
    EXPECT_THAT(page, HasSubstr("| `" + std::string(kind.id) + "` | " + kind.what + " | " +
                                kind.mend + " |"));
  }
  EXPECT_EQ(rows, ids);
}

}  // namespace
}  // namespace watchfire::wfctl
