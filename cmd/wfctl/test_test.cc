// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TestTest : public ::testing::Test {
 protected:
  TestTest() {
    server_.files["r.yml"] = "groups: [{name: g, rules: [{alert: Down, expr: up}]}]\n";
    server_.files["t.yml"] =
        "rule_files: [r.yml]\n"
        "tests:\n"
        "  - {name: quiet, alert_rule_test: [{eval_time: 0m, alertname: Other}]}\n"
        "  - {alert_rule_test: [{eval_time: 1m, alertname: Down}]}\n";
    server_.prometheus = [](const std::string& expr, WallTime at) {
      return expr.ends_with("up") ? promql::Vector{{labels::LabelSet{{"job", "<a>"}}, at, 1}}
                                  : promql::Vector();
    };
  }
  FakeServer server_;
};

TEST_F(TestTest, WhatFailsIsShownAndIsTheExitCode) {
  EXPECT_EQ(server_.Run({"test", "t.yml"}), kNo);
  EXPECT_EQ(server_.out,
            "  test 2\n"
            "  t.yml:4:24: alert Down at 1m\n"
            "    expected  nothing else\n"
            "    got       {alertname=\"Down\", job=\"<a>\"}\n"
            "FAILED  t.yml: 1 of 2 passed\n");
  EXPECT_EQ(server_.Run({"test", "--run=^quiet$", "t.yml"}), kOk);
  EXPECT_EQ(server_.out, "ok      t.yml: 1 of 1 passed\n");
}

TEST_F(TestTest, ReportsForOtherPrograms) {
  server_.files["bad.yml"] = "tests: {}\n";
  EXPECT_EQ(server_.Run({"test", "-o", "json", "--junit=out.xml", "t.yml", "bad.yml"}), kNo);
  EXPECT_THAT(server_.out, HasSubstr("\"file\":\"t.yml\",\"passed\":false"));
  EXPECT_THAT(server_.out, HasSubstr("\"name\":\"quiet\",\"passed\":true"));
  EXPECT_THAT(server_.out, HasSubstr("\"place\":\"t.yml:4:24\""));
  EXPECT_THAT(server_.out, HasSubstr("bad.yml:1:1: tests must be a list, found a mapping"));
  const std::string& report = server_.written["out.xml"];
  EXPECT_THAT(report,
              HasSubstr("<testsuite name=\"t.yml\" tests=\"2\" failures=\"1\" errors=\"0\">"));
  EXPECT_THAT(report, HasSubstr("<testcase name=\"quiet\" classname=\"t.yml\" time=\""));
  EXPECT_THAT(report, HasSubstr("<failure message=\"t.yml:4:24\">alert Down at 1m"));
  EXPECT_THAT(report, HasSubstr("job=&quot;&lt;a&gt;&quot;"));
  EXPECT_THAT(report, HasSubstr("<error>bad.yml:1:1: tests must be a list"));
}

TEST_F(TestTest, WhatDoesNotStartIsInTheReport) {
  EXPECT_EQ(server_.Run({"test", "--prometheus=gone", "--junit=out.xml", "t.yml"}), kNo);
  EXPECT_THAT(server_.err, HasSubstr("no gone to answer"));
  const std::string& report = server_.written["out.xml"];
  EXPECT_THAT(report,
              HasSubstr("<testsuite name=\"t.yml\" tests=\"1\" failures=\"0\" errors=\"1\">"));
  EXPECT_THAT(report, HasSubstr("<testcase name=\"run\" classname=\"t.yml\">"));
  EXPECT_THAT(report, HasSubstr("<error>no gone to answer"));
  EXPECT_EQ(server_.Run({"test", "-o", "json", "--prometheus=gone", "t.yml"}), kNo);
  EXPECT_THAT(server_.out, HasSubstr("\"problems\":[\"no gone to answer"));
}

TEST_F(TestTest, ItEndsWhenItsTimeIsOver) {
  EXPECT_EQ(server_.Run({"test", "--timeout=1ns", "--junit=out.xml", "t.yml"}), kUnreachable);
  EXPECT_EQ(server_.err, "wfctl: no end within --timeout\n");
  EXPECT_THAT(server_.written["out.xml"], HasSubstr("<error>no end within --timeout</error>"));
  EXPECT_EQ(server_.Run({"test", "--timeout=1h", "--run=^quiet$", "t.yml"}), kOk) << server_.err;
  EXPECT_EQ(server_.Run({"test", "--run=^quiet$", "t.yml"}), kOk) << server_.err;
}

TEST_F(TestTest, AFileThatIsNotThereIsSaidAndFailsNothing) {
  server_.files["t.yml"] = "rule_files: [gone.yml, r.yml]\ntests: []\n";
  EXPECT_EQ(server_.Run({"test", "t.yml"}), kOk) << "as promtool has it";
  EXPECT_EQ(server_.out, "t.yml: no file matches gone.yml\nok      t.yml: 0 of 0 passed\n");
}

TEST_F(TestTest, AGroupIsOnceInTheOrder) {
  server_.files["t.yml"] = "rule_files: [r.yml]\ngroup_eval_order: [g, gone, g]\ntests: []\n";
  EXPECT_EQ(server_.Run({"test", "t.yml"}), kNo);
  EXPECT_THAT(server_.out, HasSubstr("t.yml:2:29: group \"g\" is twice in group_eval_order (name "
                                     "each group once)\n"));
  server_.files["t.yml"] = "rule_files: [r.yml]\ngroup_eval_order: [gone]\ntests: []\n";
  EXPECT_EQ(server_.Run({"test", "t.yml"}), kOk) << "as promtool has it";
}

TEST_F(TestTest, MisuseIsExplained) {
  EXPECT_EQ(server_.Run({"test"}), kUsage);
  EXPECT_EQ(server_.Run({"test", "--run=(", "t.yml"}), kUsage);
  EXPECT_THAT(server_.err, HasSubstr("--run: missing )"));
  EXPECT_EQ(server_.Run({"test", "gone.yml"}), kNo);
  EXPECT_THAT(server_.err, HasSubstr("gone.yml: No such file"));
  EXPECT_EQ(server_.Run({"test", "--prometheus=gone", "t.yml"}), kNo);
  EXPECT_THAT(server_.err, HasSubstr("no gone to answer"));
  server_.files["r.yml"] = "groups: [{name: g, rules: [{alert: Down}]}]\n";
  EXPECT_EQ(server_.Run({"test", "t.yml"}), kNo);
  EXPECT_THAT(server_.out, HasSubstr("r.yml:1:28: field 'expr' must be set in rule"));
  EXPECT_THAT(server_.out, HasSubstr("FAILED  t.yml: cannot be loaded"));
}

}  // namespace
}  // namespace watchfire::wfctl
