// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/command.h"
#include "cmd/wfctl/table.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
  std::string method;
  std::string path;
  std::string body;
};

// Runs one command line against a server that answers `status` and `answer` to everything.
Outcome RunCommand(const std::vector<std::string>& words, int status = 200,
                   const std::string& answer = "{}") {
  Outcome outcome;
  std::ostringstream out;
  std::ostringstream err;
  World world{out, err, false,
              [&](const std::string& method, const std::string& path,
                  const std::string& body) -> Result<net::OutResponse> {
                outcome.method = method;
                outcome.path = path;
                outcome.body = body;
                if (status == 0) return Fail(Code::kUnavailable, "connection refused");
                net::OutResponse response;
                response.status = status;
                response.body = answer;
                return response;
              }};
  const Result<Arguments> arguments = ParseArguments(words, nullptr);
  EXPECT_TRUE(arguments.has_value());
  outcome.code = Dispatch(*arguments, world);
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

TEST(WfctlTest, HelpGoesToStdoutAndBadUseToStderr) {
  EXPECT_EQ(RunCommand({"--help"}).code, kOk);
  EXPECT_THAT(RunCommand({"--help"}).out, HasSubstr("exit codes"));
  EXPECT_EQ(RunCommand({}).code, kUsage);
  EXPECT_THAT(RunCommand({"incidnt"}).err, HasSubstr("did you mean incident?"));
  EXPECT_EQ(RunCommand({"incident", "frobnicate"}).code, kUsage);
}

TEST(WfctlTest, AckPostsActorAndNote) {
  const Outcome outcome = RunCommand({"incident", "ack", "7", "--actor=ada", "--note", "on it"},
                                     200, R"({"status":"success"})");
  EXPECT_EQ(outcome.code, kOk);
  EXPECT_EQ(outcome.method, "POST");
  EXPECT_EQ(outcome.path, "/api/v1/incidents/7/ack");
  EXPECT_EQ(outcome.body, R"({"actor":"ada","note":"on it"})");
  EXPECT_THAT(outcome.out, HasSubstr("acknowledged"));
}

TEST(WfctlTest, ServerErrorsAreExplained) {
  const Outcome refused =
      RunCommand({"incident", "ack", "7"}, 404,
                 R"({"status":"error","errorType":"not_found","error":"no incident 7"})");
  EXPECT_EQ(refused.code, kNo);
  EXPECT_THAT(refused.err, HasSubstr("no incident 7"));
  EXPECT_EQ(RunCommand({"reload"}, 0).code, kUnreachable);
  EXPECT_EQ(RunCommand({"incident", "list"}, 200, "<html>").code, kUnreachable);
}

TEST(WfctlTest, AlertsPrintAsATableOrAsTheyCame) {
  const std::string json =
      R"([{"labels":{"alertname":"ApiDown","severity":"critical"},"status":{"state":"active"},)"
      R"("startsAt":"2026-01-01T00:00:00.000Z"}])";
  const Outcome table = RunCommand({"alert", "query", "severity=critical"}, 200, json);
  EXPECT_EQ(table.path, "/api/v2/alerts?filter=severity%3Dcritical");
  EXPECT_THAT(table.out, HasSubstr("ApiDown  active  2026-01-01T00:00:00.000Z  severity=critical"));
  EXPECT_EQ(RunCommand({"alert", "query", "-o", "json"}, 200, json).out, json + "\n");
}

TEST(WfctlTest, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(ParseArguments({"-x"}, nullptr));
  EXPECT_FALSE(ParseArguments({"-o", "yaml"}, nullptr));
  EXPECT_FALSE(ParseArguments({"--url"}, nullptr));
  EXPECT_EQ(ParseArguments({"reload"}, "http://a/")->url, "http://a");
}

TEST(TableTest, PadsByCodePoints) {
  std::ostringstream out;
  PrintTable(out, {"A", "B"}, {{"\u03a3\u03a3\u03a3", "1"}, {"x", "2\n3"}});
  EXPECT_EQ(out.str(), "A    B\n\u03a3\u03a3\u03a3  1\nx    2 3\n");
}

}  // namespace
}  // namespace watchfire::wfctl
