// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kSchedules = R"(
oncall:
  schedules:
    - name: primary
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [ada, bo]}
)";

class OncallOverrideTest : public testing::Test {
 protected:
  OncallOverrideTest() { server_.files["s.yml"] = kSchedules; }

  int Run(std::vector<std::string> words) {
    words.insert(words.begin(), {"oncall", "override", "--file=s.yml"});
    const int code = server_.Run(words);
    for (const auto& [path, text] : server_.written) server_.files[path] = text;
    return code;
  }
  std::string WhoAt(const std::string& at) {
    server_.Run({"oncall", "who", "-f=s.yml", "-f=o.yml", "--schedule=primary", "--at", at});
    return server_.out.substr(0, server_.out.find('\n'));
  }

  FakeServer server_;
};

TEST_F(OncallOverrideTest, MakesTheFileAndAddsToIt) {
  ASSERT_EQ(Run({"--who=bo", "--from=2026-01-06 12:00", "--to=2026-01-06 16:00", "--write=o.yml"}),
            kOk)
      << server_.err;
  EXPECT_EQ(server_.out,
            "primary: bo from Tue 2026-01-06 12:00 CET to Tue 2026-01-06 16:00 CET, in o.yml\n");
  ASSERT_EQ(Run({"--who=cy", "--from=2026-01-07T00:00:00Z", "--for=2h", "--write=o.yml"}), kOk);
  EXPECT_THAT(server_.err, HasSubstr("no file names \"cy\": is it written so?"));
  EXPECT_EQ(server_.written["o.yml"],
            "oncall:\n  overrides:\n"
            "    - {schedule: \"primary\", from: 2026-01-06T11:00:00Z, to: 2026-01-06T15:00:00Z, "
            "who: \"bo\"}\n"
            "    - {schedule: \"primary\", from: 2026-01-07T00:00:00Z, to: 2026-01-07T02:00:00Z, "
            "who: \"cy\"}\n");
  EXPECT_EQ(WhoAt("2026-01-06T12:00:00Z"), "on call:  bo");
  EXPECT_EQ(WhoAt("2026-01-06T15:00:00Z"), "on call:  ada");
  EXPECT_EQ(WhoAt("2026-01-07T01:00:00Z"), "on call:  cy");
}

TEST_F(OncallOverrideTest, BesideTheOthersOrInOnesPlace) {
  ASSERT_EQ(Run({"--who=bo", "--from=2026-01-06", "--for=1h", "--add", "--write=o.yml"}), kOk);
  EXPECT_EQ(WhoAt("2026-01-05T23:30:00Z"), "on call:  ada, bo");
  ASSERT_EQ(Run({"--who=cy", "--replaces=ada", "--from=2026-01-11", "--for=72h", "--write=o.yml"}),
            kOk);
  EXPECT_EQ(WhoAt("2026-01-12T07:00:00Z"), "on call:  cy") << "while it is her turn";
  EXPECT_EQ(WhoAt("2026-01-12T09:00:00Z"), "on call:  bo");
}

TEST_F(OncallOverrideTest, WithoutAFileItIsPrinted) {
  EXPECT_EQ(Run({"--who=bo", "--from=2026-01-06", "--for=1h"}), kOk);
  EXPECT_EQ(server_.out,
            "oncall:\n  overrides:\n    - {schedule: \"primary\", from: 2026-01-05T23:00:00Z, "
            "to: 2026-01-06T00:00:00Z, who: \"bo\"}\n");
  EXPECT_THAT(server_.written, IsEmpty());
}

TEST_F(OncallOverrideTest, WhatMakesNoSenseIsRefusedAndNothingIsWritten) {
  EXPECT_EQ(Run({"--from=2026-01-06", "--for=1h"}), kUsage);
  EXPECT_EQ(Run({"--who=bo", "--from=2026-01-06"}), kUsage) << "no end";
  EXPECT_EQ(Run({"--who=bo", "--from=2026-01-06", "--to=2026-01-05"}), kUsage);
  EXPECT_EQ(Run({"--who=bo", "--from=2026-01-06", "--for=soon"}), kUsage);
  EXPECT_EQ(Run({"--who=bo", "--from=2026-01-06", "--to=2026-01-07", "--for=1h"}), kUsage);
  EXPECT_EQ(Run({"--who=bo", "--for=1h", "--add", "--replaces=ada"}), kUsage);
  EXPECT_EQ(Run({"--who=bo", "--for=1h", "--schedule=other"}), kNo);
  EXPECT_EQ(Run({"--who=bo", "--for=1h", "--file=-"}), kUsage);
  // A file that goes on with something else than overrides.
  server_.files["o.yml"] = "oncall:\n  overrides: []\n  users: [ada, bo]\n";
  EXPECT_EQ(Run({"--who=bo", "--for=1h", "--write=o.yml"}), kNo);
  EXPECT_THAT(server_.err, HasSubstr("cannot be added at the end of it"));
  EXPECT_THAT(server_.written, IsEmpty());
}

TEST(OncallOverrideAtServerTest, IsMadeAndEndedThere) {
  FakeServer server;
  const std::string made =
      R"({"status":"success","data":{"id":"7","state":"active","schedule":"primary","who":"bo",)"
      R"("from":"2026-01-31T12:00:00Z","to":"2026-01-31T16:00:00Z"}})";
  server.answers["POST /api/v1/oncall/overrides"] = {{200, made}};
  ASSERT_EQ(server.Run({"oncall", "override", "--alertmanager.url=http://wf", "--who=bo",
                        "--schedule=primary", "--for=4h", "--from=now", "--note=ill", "--add"}),
            kOk)
      << server.err;
  EXPECT_EQ(server.requests.back().body,
            R"({"actor":"ada","schedule":"primary","who":"bo","for":"4h","note":"ill",)"
            R"("add":true})");
  EXPECT_EQ(server.out,
            "override 7: primary: bo from 2026-01-31T12:00:00Z to 2026-01-31T16:00:00Z\n");
  ASSERT_EQ(server.Run({"oncall", "override", "--alertmanager.url=http://wf", "--who=bo",
                        "--to=2026-02-01T00:00:00Z", "--actor=cy"}),
            kOk);
  EXPECT_EQ(server.requests.back().body,
            R"({"actor":"cy","to":"2026-02-01T00:00:00Z","who":"bo"})");

  server.answers["POST /api/v1/oncall/overrides/7/end"] = {{200, made}};
  ASSERT_EQ(server.Run({"oncall", "override", "--alertmanager.url=http://wf", "--end=7"}), kOk);
  EXPECT_THAT(server.out, testing::StartsWith("override 7 ended: primary"));

  EXPECT_EQ(server.Run({"oncall", "override", "--alertmanager.url=http://wf", "--for=4h"}), kUsage);
  EXPECT_EQ(
      server.Run({"oncall", "override", "--alertmanager.url=http://wf", "--who=bo", "--to=noon"}),
      kUsage);
  EXPECT_EQ(server.Run({"oncall", "override", "--alertmanager.url=http://wf", "--who=bo",
                        "--for=4h", "--write=o.yml"}),
            kUsage);
}

TEST(OncallOverrideAtServerTest, AreListed) {
  FakeServer server;
  server.answers["GET /api/v1/oncall/overrides"] = {
      {200, R"({"status":"success","data":{"overrides":[{"id":"7","state":"pending",)"
            R"("schedule":"primary","who":"bo","replaces":"","add":false,)"
            R"("from":"2026-02-01T00:00:00Z","to":"2026-02-02T00:00:00Z","madeBy":"cy"}]}})"}};
  ASSERT_EQ(server.Run({"oncall", "overrides", "--alertmanager.url=http://wf", "--all"}), kOk)
      << server.err;
  EXPECT_EQ(server.requests.back().path, "/api/v1/oncall/overrides?all=true");
  EXPECT_THAT(server.out, HasSubstr("pending"));
  EXPECT_THAT(server.out, HasSubstr("everybody"));
}

}  // namespace
}  // namespace watchfire::wfctl
