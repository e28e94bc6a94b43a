// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::HasSubstr;

std::string TestData(const std::string& name) {
  std::ifstream file("pkg/oncall/testdata/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

FakeServer Desk() {
  FakeServer server;
  server.files["s.json"] = TestData("opsgenie_schedule.json");
  server.files["p.json"] = TestData("opsgenie_rest.json");
  server.files["pd.yml"] = TestData("pagerduty_short.yml");
  return server;
}

TEST(OncallWhoTest, SaysWhoUntilWhenAndWhoThen) {
  FakeServer server = Desk();
  EXPECT_EQ(server.Run({"oncall", "who", "--file", "s.json", "--schedule", "Primary On-Call",
                        "--at", "2024-01-02T14:00:00Z", "-o", "json"}),
            kOk)
      << server.err;
  EXPECT_EQ(server.out,
            R"({"schedule":"Primary On-Call","at":"2024-01-02T14:00:00Z","oncall":["bob"],)"
            R"("until":"2024-01-02T22:00:00Z","next":[]})"
            "\n");
  EXPECT_EQ(server.Run({"oncall", "who", "-f", "s.json", "--at", "2024-01-02 09:00"}), kOk);
  EXPECT_EQ(server.out, "on call:  bob\nuntil:    Tue 2024-01-02 17:00 EST\nthen:     nobody\n");
  EXPECT_TRUE(server.requests.empty());
  // A variable of a script that is not set means no time, not now.
  EXPECT_EQ(server.Run({"oncall", "who", "-f", "s.json", "--at", ""}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("--at: \"\" is no time"));
}

TEST(OncallWhoTest, AsksWhichScheduleWhenThereAreSeveral) {
  FakeServer server = Desk();
  EXPECT_EQ(server.Run({"oncall", "who", "--file=pd.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("one of Primary On-Call, Secondary On-Call"));
  EXPECT_EQ(server.Run({"oncall", "who", "--file=pd.yml", "--schedule=Third"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("no schedule is called \"Third\""));
}

TEST(OncallWhoTest, FilesWithErrorsAreRefused) {
  FakeServer server = Desk();
  server.files["bad.yml"] = "oncall: {schedules: [{nam: x}]}";
  EXPECT_EQ(server.Run({"oncall", "who", "--file=bad.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("bad.yml:1:23: unknown key \"nam\""));
  EXPECT_EQ(server.Run({"oncall", "who", "--file=none.yml"}), kNo);
  EXPECT_EQ(server.Run({"oncall", "who"}), kUsage);
  EXPECT_EQ(server.Run({"oncall", "who", "--file=s.json", "--at=later"}), kUsage);
  EXPECT_EQ(server.Run({"oncall", "who", "--file=s.json", "--read=ends=odd"}), kUsage);
}

TEST(OncallEscalateTest, SaysWhomAndWhen) {
  FakeServer server = Desk();
  EXPECT_EQ(server.Run({"oncall", "escalate", "--file", "p.json", "--file", "s.json", "--at",
                        "2024-01-02T10:00:00Z", "--horizon", "6h", "-o", "json"}),
            kOk)
      << server.err;
  EXPECT_EQ(server.out,
            R"({"pages":[{"at":900,"to":["alice","bob"]},{"at":1800,"to":["manager"]}]})"
            "\n");
  EXPECT_EQ(server.err, "");
}

TEST(OncallEscalateTest, AnAckEndsIt) {
  FakeServer server = Desk();
  const std::vector<std::string> words = {"oncall", "escalate", "-f",   "p.json",
                                          "-f",     "s.json",   "--at", "2024-01-02T14:05:00Z"};
  std::vector<std::string> acked = words;
  acked.insert(acked.end(), {"--event", "ack@90s", "-o", "json"});
  EXPECT_EQ(server.Run(acked), kOk);
  EXPECT_EQ(server.out, "{\"pages\":[{\"at\":0,\"to\":[\"bob\"]}]}\n");
  // One that comes at the very instant of a step comes first.
  acked = words;
  acked.insert(acked.end(), {"--event=ack@15m", "--event=unack@20m", "--steps", "-o", "json"});
  EXPECT_EQ(server.Run(acked), kOk);
  EXPECT_THAT(server.out, HasSubstr(R"("pages":[{"at":0,"to":["bob"]},{"at":1800,)"));
  EXPECT_THAT(server.out, HasSubstr(R"({"at":900,"what":"ack by bob"})"));
}

TEST(OncallEscalateTest, WhatOthersLeadToIsNotWhereItBegins) {
  FakeServer server = Desk();
  const auto policy = [](const std::string& slug, const std::string& entry) {
    return R"({"name": ")" + slug + R"(", "slug": ")" + slug + R"(", "steps": [{"timeout": 5,
      "entries": [)" +
           entry + "]}]}";
  };
  const std::string ann = R"({"executionType": "user", "user": {"username": "ann"}})";
  const std::string call = R"({"executionType": "policy_routing",
      "targetPolicy": {"policySlug": "second", "teamSlug": "t"}})";
  server.files["two.json"] =
      R"({"policies": [)" + policy("second", ann) + "," + policy("first", call) + "]}";
  EXPECT_EQ(server.Run({"oncall", "escalate", "-f=two.json", "-o=json"}), kOk) << server.err;
  EXPECT_EQ(server.out, "{\"pages\":[{\"at\":600,\"to\":[\"ann\"]}]}\n");
  server.files["two.json"] =
      R"({"policies": [)" + policy("second", ann) + "," + policy("first", ann) + "]}";
  EXPECT_EQ(server.Run({"oncall", "escalate", "-f=two.json", "-o=json"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("which policy? (--policy: one of second, first)"));
}

TEST(OncallEscalateTest, PeopleGetATable) {
  FakeServer server = Desk();
  EXPECT_EQ(server.Run({"oncall", "escalate", "-f=p.json", "-f=s.json", "--at=2024-01-02 05:00",
                        "--event=close:eve@20m"}),
            kOk);
  EXPECT_EQ(server.out,
            "Production Escalation, from Tue 2024-01-02 05:00 EST\n"
            "AFTER  AT                        STEP  WHAT     TO\n"
            "0s     Tue 2024-01-02 05:00 EST  1     nobody\n"
            "15m0s  Tue 2024-01-02 05:15 EST  2     told     alice, bob\n"
            "20m0s  Tue 2024-01-02 05:20 EST        resolve\n");
}

TEST(OncallEscalateTest, WhatMakesNoSenseIsRefused) {
  FakeServer server = Desk();
  for (const char* event : {"nap@9s", "ack", "ack@soon", "ack@-5s"}) {
    EXPECT_EQ(server.Run({"oncall", "escalate", "-f=p.json", "--event", event}), kUsage) << event;
  }
  EXPECT_EQ(server.Run({"oncall", "escalate", "-f=s.json"}), kNo);
  EXPECT_EQ(server.Run({"oncall", "escalate", "-f=p.json", "--policy=none"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("one of Production Escalation"));
}

TEST(OncallScheduleTest, ATableAndATimeline) {
  FakeServer server = Desk();
  EXPECT_EQ(server.Run({"oncall", "schedule", "-f=s.json", "--from=2024-01-01", "--to=2024-01-04"}),
            kOk)
      << server.err;
  EXPECT_THAT(server.out, HasSubstr("Mon 2024-01-01 09:00 EST  Mon 2024-01-01 17:00 EST  8h   "
                                    "alice    Daily Rotation\n"));
  EXPECT_THAT(server.out, HasSubstr("\n          01                      02                      "
                                    "03\n"));
  EXPECT_THAT(server.out, HasSubstr("\nalice     ·········████████·······"));
  EXPECT_THAT(server.out, HasSubstr("one cell is 1h, days in America/New_York\n"));
}

TEST(OncallScheduleTest, EntriesForScriptsAndEventsForCalendars) {
  FakeServer server = Desk();
  const std::vector<std::string> words = {"oncall", "schedule", "-f=s.json",
                                          "--from=2024-01-01T14:00:00Z",
                                          "--to=2024-01-02T14:00:00Z"};
  std::vector<std::string> json = words;
  json.insert(json.end(), {"-o", "json"});
  EXPECT_EQ(server.Run(json), kOk);
  EXPECT_EQ(server.out,
            R"({"schedule":"Primary On-Call","timeZone":"America/New_York",)"
            R"("from":"2024-01-01T14:00:00Z","to":"2024-01-02T14:00:00Z",)"
            R"("coverage":0.3333333333333333,"entries":[{"start":"2024-01-01T14:00:00Z",)"
            R"("end":"2024-01-01T22:00:00Z","oncall":["alice"],"source":["Daily Rotation"]},)"
            R"({"start":"2024-01-01T22:00:00Z","end":"2024-01-02T14:00:00Z","oncall":[],)"
            R"("source":[]}]})"
            "\n");
  std::vector<std::string> ical = words;
  ical.insert(ical.end(), {"-o", "ical"});
  EXPECT_EQ(server.Run(ical), kOk);
  EXPECT_THAT(server.out, HasSubstr("DTSTART:20240101T140000Z\r\n"));
  EXPECT_EQ(server.Run({"oncall", "who", "-f=s.json", "-o", "ical"}), kUsage);
  EXPECT_EQ(server.Run({"oncall", "schedule", "-f=s.json", "--from=2024-01-02", "--to=2024-01-01"}),
            kUsage);
}

TEST(OncallCheckTest, ErrorsDecideTheExitCode) {
  FakeServer server = Desk();
  EXPECT_EQ(server.Run({"oncall", "check", "s.json", "p.json", "--from=2024-01-08"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("[gap warning]"));
  EXPECT_EQ(server.Run({"oncall", "check", "s.json", "--from=2024-01-08", "--strict"}), kNo);
  EXPECT_EQ(server.Run({"oncall", "check", "-f=p.json", "--from=2024-01-08", "-o=json"}), kNo);
  EXPECT_THAT(server.out, HasSubstr(R"({"level":"error","kind":"unknown",)"));
}

TEST(OncallCheckTest, NothingToCheckIsNoGoodAnswer) {
  FakeServer server;
  server.files["server.yml"] = "oncall: {fallback: ops}\noncall_files: [s.yml]\n";
  EXPECT_EQ(server.Run({"oncall", "check", "server.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("nothing to check"));
  EXPECT_THAT(server.err, HasSubstr("oncall_files"));
}

TEST(OncallCheckTest, OfUsersAloneItSaysWhatItLookedAt) {
  FakeServer server;
  server.files["u.yml"] = "oncall: {users: [{name: ada}, {name: bo}]}\n";
  EXPECT_EQ(server.Run({"oncall", "check", "u.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("users without rules: there is nothing to check"));
  server.files["r.json"] = R"({"username": "ada@example.com", "fullName": "Ada",
      "userContacts": [{"contactMethod": "sms", "to": "1-555"}],
      "notificationRules": [{"name": "Critical", "enabled": true, "steps": [
          {"contact": {"to": "1-555", "method": "sms"}, "sendAfter": {"timeAmount": 0}}]}]})";
  EXPECT_EQ(server.Run({"oncall", "check", "r.json"}), kOk);
  EXPECT_THAT(server.err, HasSubstr("only the users' own rules are checked"));
}

TEST(OncallConfigTest, TheOncallFilesOfAConfigurationAreRead) {
  FakeServer server = Desk();
  server.files["server.yml"] =
      "route: {receiver: gone}\nreceivers: [{name: a}]\noncall_files: [s.json]\n";
  EXPECT_EQ(server.Run({"oncall", "who", "--config.file=server.yml", "--at=2024-01-02 09:00"}), kOk)
      << server.err;
  EXPECT_THAT(server.out, HasSubstr("on call:  bob\n"));
  EXPECT_EQ(
      server.Run({"oncall", "check", "--config.file=server.yml", "--from=2024-01-08", "-f=p.json"}),
      kOk);
  EXPECT_THAT(server.out, HasSubstr("[gap warning]"));
  EXPECT_TRUE(server.requests.empty());
  server.files["here.yml"] =
      "oncall: {schedules: [{name: here, layers: [{shifts: [{from: 2024-01-01 00:00, "
      "to: 2024-02-01 00:00, who: cem}]}]}]}\n";
  EXPECT_EQ(server.Run({"oncall", "who", "--config.file=here.yml", "--at=2024-01-02 09:00"}), kOk)
      << server.err;
  EXPECT_THAT(server.out, HasSubstr("on call:  cem\n"));
  server.files["none.yml"] = "route: {receiver: a}\nreceivers: [{name: a}]\n";
  EXPECT_EQ(server.Run({"oncall", "who", "--config.file=none.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("none.yml has no schedules or policies, and no oncall_files"));
  EXPECT_EQ(server.Run({"oncall", "who", "--config.file=nowhere.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("nowhere.yml"));
}

TEST(OncallConfigTest, APatternThatMatchesNothingIsNamed) {
  std::ostringstream out;
  std::ostringstream err;
  World world{.out = out,
              .err = err,
              .now = {},
              .user = {},
              .home = {},
              .environment_url = {},
              .files = {},
              .read_data = {},
              .send = {}};
  world.files.read = [](const std::string& path) -> Result<std::string> {
    if (path != "server.yml") return Fail(Code::kNotFound, path + ": No such file or directory");
    return "route: {receiver: a}\nreceivers: [{name: a}]\noncall_files: ['x/*.yml']\n";
  };
  world.files.glob = [](const std::string&) { return std::vector<std::string>(); };
  EXPECT_EQ(Dispatch({"oncall", "check", "--config.file=server.yml"}, world), kNo);
  EXPECT_THAT(err.str(), HasSubstr("server.yml:3:16: x/*.yml matches no file [warning]\n"));
  EXPECT_THAT(err.str(), HasSubstr("and no oncall_files that are there\n"));
}

TEST(OncallConfigTest, WhatSeveralConfigurationsNameIsReadOnce) {
  FakeServer server = Desk();
  const std::string rest = "route: {receiver: a}\nreceivers: [{name: a}]\n";
  server.files["a.yml"] = rest + "oncall_files: [s.json]\n";
  server.files["b.yml"] = rest + "oncall_files: [./s.json, p.json]\n";
  server.files["./s.json"] = server.files["s.json"];
  server.files["etc/c.yml"] = rest + "oncall_files: [../s.json]\n";
  server.files["etc/../s.json"] = server.files["s.json"];
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"oncall", "who", "--at=2024-01-02 09:00"});
    return server.Run(words);
  };
  EXPECT_EQ(run({"--config.file=a.yml", "--config.file=a.yml"}), kOk) << server.err;
  EXPECT_EQ(run({"--config.file=a.yml", "--config.file=b.yml", "-f=s.json", "-f=s.json"}), kOk)
      << server.err;
  EXPECT_EQ(run({"--config.file=a.yml", "--config.file=etc/c.yml"}), kOk) << server.err;
  EXPECT_THAT(server.out, HasSubstr("on call:  bob\n"));
  // Behind a link etc/.. is another folder, whose file is not left out.
  server.files["etc/../s.json"] += " ";
  EXPECT_EQ(run({"--config.file=a.yml", "--config.file=etc/c.yml"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("etc/../s.json"));
}

TEST(OncallImportTest, ThePlanComesWithPlaces) {
  FakeServer server = Desk();
  EXPECT_EQ(server.Run({"oncall", "import", "--plan", "-f", "s.json", "-f", "p.json"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("s.json: Opsgenie\np.json: Opsgenie\n1 schedule, 1 policy, "
                                    "1 team\n"));
  EXPECT_THAT(server.out, HasSubstr("changed  s.json:37:"));
  EXPECT_EQ(server.Run({"oncall", "import", "--plan", "-f", "s.json", "-o", "json"}), kOk);
  EXPECT_THAT(server.out, HasSubstr(R"({"kind":"changed","file":"s.json","line":37,)"));
}

TEST(OncallImportTest, WhatItPrintsCanBeReadAgain) {
  FakeServer server = Desk();
  EXPECT_EQ(server.Run({"oncall", "import", "s.json", "p.json"}), kOk);
  EXPECT_THAT(server.err, HasSubstr("1 point read differently, 0 lost (see --plan)"));
  server.files["own.yml"] = server.out;
  EXPECT_EQ(
      server.Run({"oncall", "escalate", "-f=own.yml", "--at=2024-01-02T14:05:00Z", "-o", "json"}),
      kOk)
      << server.err;
  EXPECT_EQ(server.out, R"({"pages":[{"at":0,"to":["bob"]},{"at":900,"to":["alice","bob"]},)"
                        R"({"at":1800,"to":["manager"]}]})"
                        "\n");
}

TEST(OncallTest, VerbsAndFlagsComplete) {
  FakeServer server;
  EXPECT_EQ(server.Run({"__complete", "--", "oncall", ""}), kOk);
  EXPECT_EQ(server.out,
            "check\nescalate\nhandoff\nimport\nnow\noverride\noverrides\nschedule\nwho\n");
  EXPECT_EQ(server.Run({"__complete", "--", "oncall", "escalate", "--ev"}), kOk);
  EXPECT_EQ(server.out, "--event=\n");
  EXPECT_EQ(server.Run({"oncall"}), kUsage);
  EXPECT_THAT(
      server.err,
      HasSubstr(
          "one of check, escalate, handoff, import, now, override, overrides, schedule, who"));
}

TEST(OncallHandoffTest, PrintsTheTextOfTheServer) {
  FakeServer server;
  server.answers["GET /api/v1/oncall/handoff"] = {
      {200, R"({"data":{"schedule":"primary","text":"Hand-off of primary: ada\n"}})"}};
  EXPECT_EQ(server.Run({"oncall", "handoff", "--schedule", "primary on"}), kOk) << server.err;
  EXPECT_EQ(server.out, "Hand-off of primary: ada\n");
  ASSERT_FALSE(server.requests.empty());
  EXPECT_THAT(server.requests.back().path, HasSubstr("schedule=primary"));
}

TEST(OncallNowTest, PrintsWhatTheServerSays) {
  FakeServer server;
  server.answers["GET /api/v1/oncall"] = {
      {200, R"({"data":{"schedules":[{"schedule":"primary","oncall":["ada","bo"],)"
            R"("until":"2026-02-02T08:00:00Z","next":[]}],"policies":[{"policy":"critical",)"
            R"("steps":[{"after":"0s","oncall":["ada"]},{"after":"15m","oncall":[]}]}]}})"}};
  EXPECT_EQ(server.Run({"oncall", "now", "--at", "2026-02-01T08:00:00Z"}), kOk) << server.err;
  EXPECT_EQ(server.out,
            "SCHEDULE  ON CALL  UNTIL                 THEN\n"
            "primary   ada, bo  2026-02-02T08:00:00Z  nobody\n\n"
            "POLICY    AFTER  PAGES\n"
            "critical  0s     ada\n"
            "critical  15m    nobody\n");
  ASSERT_FALSE(server.requests.empty());
  EXPECT_THAT(server.requests.back().path, HasSubstr("at=2026-02-01T08"));
  EXPECT_EQ(server.Run({"oncall", "now", "--at", "soon"}), kUsage);
  EXPECT_EQ(server.Run({"oncall", "now", "--at", ""}), kUsage);
}

}  // namespace
}  // namespace watchfire::wfctl
