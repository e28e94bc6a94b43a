// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/silence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/wfctl/fake_server.h"

namespace watchfire::wfctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Json(const std::string& id, const std::string& ends, const std::string& by = "ada") {
  return R"({"id":")" + id + R"(","status":{"state":"active"},"comment":"why","createdBy":")" + by +
         R"(","startsAt":"2026-01-31T10:00:00.000Z","updatedAt":"2026-01-31T10:00:00.000Z",)" +
         R"("endsAt":")" + ends + R"(","annotations":{"ticket":"T-1"},"matchers":[)" +
         R"({"name":"b","value":"x|y","isRegex":true,"isEqual":false},)" +
         R"({"name":"a","value":"1","isRegex":false}]})";
}

// The server's clock, and ours, say 12:00.
FakeServer Silences() {
  FakeServer server;
  server.answers["GET /api/v2/silences"] = {
      {200, "[" + Json("late", "2026-02-01T00:00:00.000Z") + "," +
                Json("soon", "2026-01-31T13:00:00.000Z", "grace") + "," +
                Json("past", "2026-01-31T11:30:00.000Z") + "," +
                Json("gone", "2026-01-30T00:00:00.000Z") + "]"}};
  server.answers["GET /api/v2/silence/soon"] = {{200, Json("soon", "2026-01-31T13:00:00.000Z")}};
  server.answers["POST /api/v2/silences"] = {{200, R"({"silenceID":"new"})"}};
  server.answers["DELETE /api/v2/silence/soon"] = {{200, ""}};
  return server;
}

std::string Ids(FakeServer& server, std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"silence", "query", "-q"});
  EXPECT_EQ(server.Ask(flags), kOk);
  return server.out;
}

TEST(SilenceQueryTest, FiltersWhatTheServerDoesNot) {
  FakeServer server = Silences();
  EXPECT_EQ(Ids(server, {}), "late\nsoon\n");
  EXPECT_EQ(Ids(server, {"--within=2h"}), "soon\n");
  EXPECT_EQ(Ids(server, {"--within=1d"}), "late\nsoon\n");
  EXPECT_EQ(Ids(server, {"--expired"}), "past\ngone\n");
  EXPECT_EQ(Ids(server, {"--expired", "--within", "1h"}), "past\n");
  EXPECT_EQ(Ids(server, {"--created-by=grace"}), "soon\n");
  EXPECT_EQ(Ids(server, {"--id=late"}), "late\n");
  EXPECT_EQ(server.Ask({"silence", "--within=soon"}), kUsage);
}

TEST(SilenceQueryTest, PassesMatchersOn) {
  FakeServer server = Silences();
  server.Ask({"silence", "query", "Foo", "a=~b"});
  EXPECT_EQ(server.requests.at(0).path,
            "/api/v2/silences?filter=alertname%3D%22Foo%22&filter=a%3D~b");
}

TEST(SilenceQueryTest, PrintsByEndInEveryFormat) {
  FakeServer server = Silences();
  server.Ask({"silence"});
  EXPECT_EQ(server.out,
            "ID    Matchers        Ends At                  Created By  Comment\n"
            "soon  b!~\"x|y\" a=\"1\"  2026-01-31 13:00:00 UTC  grace       why\n"
            "late  b!~\"x|y\" a=\"1\"  2026-02-01 00:00:00 UTC  ada         why\n");
  server.Ask({"silence", "-o", "extended"});
  EXPECT_THAT(server.out, HasSubstr("{a=\"1\",b!~\"x|y\"}  2026-01-31 10:00:00 UTC"));
  server.Ask({"silence", "-o", "wide"});
  EXPECT_THAT(server.out, HasSubstr("ticket=\"T-1\""));
  server.Ask({"silence", "-o", "json", "--id=soon"});
  EXPECT_EQ(server.out, "[" + Json("soon", "2026-01-31T13:00:00.000Z", "grace") + "]\n");
  server.Ask({"silence", "-o", "yaml", "--id=soon"});
  EXPECT_THAT(server.out, HasSubstr("- id: soon\n  status:\n    state: active\n"));
}

TEST(SilenceAddTest, PostsMatchersTimesAndAuthor) {
  FakeServer server = Silences();
  EXPECT_EQ(server.Ask({"silence", "add", "Foo", "a!=b", "c=~d", "e!~f", "-d", "1d", "-c", "why",
                        "--annotation=ticket=T-2"}),
            kOk);
  EXPECT_EQ(server.out, "new\n");
  EXPECT_EQ(server.requests.at(0).body,
            R"({"matchers":[{"name":"alertname","value":"Foo","isRegex":false,"isEqual":true},)"
            R"({"name":"a","value":"b","isRegex":false,"isEqual":false},)"
            R"({"name":"c","value":"d","isRegex":true,"isEqual":true},)"
            R"({"name":"e","value":"f","isRegex":true,"isEqual":false}],)"
            R"("startsAt":"2026-01-31T12:00:00.000Z","endsAt":"2026-02-01T12:00:00.000Z",)"
            R"("createdBy":"ada","comment":"why","annotations":{"ticket":"T-2"}})");
  EXPECT_EQ(server.Ask({"silence", "add", "a=b", "--no-require-comment", "-a", "grace", "--start",
                        "2026-03-01T00:00:00Z", "--end", "2026-03-02T00:00:00Z", "-d", "9h"}),
            kOk);
  EXPECT_THAT(server.requests.at(0).body,
              HasSubstr(R"("startsAt":"2026-03-01T00:00:00.000Z","endsAt":"2026-03-02T00:00:00.)"));
  EXPECT_THAT(server.requests.at(0).body, HasSubstr(R"("createdBy":"grace","comment":"")"));
}

TEST(SilenceAddTest, RefusesBeforeAsking) {
  FakeServer server = Silences();
  EXPECT_EQ(server.Ask({"silence", "add", "Foo"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("comment required by config"));
  EXPECT_EQ(server.Ask({"silence", "add", "-c", "x"}), kUsage);
  EXPECT_EQ(server.Ask({"silence", "add", "-c", "x", "a=~("}), kUsage);
  EXPECT_EQ(server.Ask({"silence", "add", "-c", "x", "Foo", "-d", "0s"}), kUsage);
  EXPECT_EQ(server.Ask({"silence", "add", "-c", "x", "Foo", "--end=2026-01-01T00:00:00Z"}), kUsage);
  EXPECT_THAT(server.err, HasSubstr("silence cannot start after it ends"));
  EXPECT_TRUE(server.requests.empty());
}

TEST(SilenceAddTest, ModeDecidesHowMatchersAreRead) {
  FakeServer server = Silences();
  EXPECT_EQ(server.Ask({"silence", "add", "-c", "x", "\xc3\xa9=1"}), kOk);
  EXPECT_EQ(
      server.Ask({"silence", "add", "-c", "x", "\xc3\xa9=1", "--enable-feature=classic-mode"}),
      kUsage);
}

TEST(SilenceExpireTest, DeletesEachAndGoesOnAfterAMiss) {
  FakeServer server = Silences();
  EXPECT_EQ(server.Ask({"silence", "expire", "none", "soon"}), kNo);
  EXPECT_EQ(server.err, "wfctl: silence none: there is none\n");
  EXPECT_EQ(server.requests.size(), 2U);
  EXPECT_EQ(server.Ask({"silence", "expire", "soon"}), kOk);
  EXPECT_EQ(server.Ask({"silence", "expire"}), kUsage);
}

TEST(SilenceUpdateTest, ChangesWhatWasAskedAndPrintsTheIdThatCounts) {
  FakeServer server = Silences();
  EXPECT_EQ(server.Ask({"silence", "update", "soon", "-d", "5h", "-c", "longer",
                        "--annotation=owner=db", "--annotation=ticket=", "-q"}),
            kOk);
  EXPECT_EQ(server.out, "new\n");
  const std::string& body = server.requests.at(1).body;
  EXPECT_THAT(body, HasSubstr(R"({"id":"soon","matchers":[{"name":"b","value":"x|y",)"));
  EXPECT_THAT(body, HasSubstr(R"("endsAt":"2026-01-31T15:00:00.000Z")"));
  EXPECT_THAT(body, HasSubstr(R"("comment":"longer","annotations":{"owner":"db"})"));
  // What is printed is what the server has now.
  server.answers["GET /api/v2/silence/new"] = {{200, Json("new", "2026-02-02T00:00:00.000Z")}};
  EXPECT_EQ(server.Ask({"silence", "update", "soon", "--end=2026-02-02T00:00:00Z"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("new  b!~\"x|y\" a=\"1\"  2026-02-02 00:00:00 UTC"));
  EXPECT_EQ(server.Ask({"silence", "update", "none"}), kNo);
  EXPECT_EQ(server.Ask({"silence", "update", "soon", "--start=2027-01-01T00:00:00Z"}), kUsage);
  EXPECT_EQ(server.Ask({"silence", "update"}), kUsage);
}

TEST(SilenceTest, SeveralMatcherSetsAreShownAndKept) {
  FakeServer server = Silences();
  std::string json = Json("soon", "2026-01-31T13:00:00.000Z");
  const std::string sets = R"("matcherSets":[[{"name":"b","value":"x|y","isRegex":true,)"
                           R"("isEqual":false},{"name":"a","value":"1","isRegex":false,)"
                           R"("isEqual":true}],[{"name":"c","value":"2","isRegex":false,)"
                           R"("isEqual":true}]])";
  json.insert(1, sets + ",");
  server.answers["GET /api/v2/silences"] = {{200, "[" + json + "]"}};
  server.answers["GET /api/v2/silence/soon"] = {{200, json}};
  EXPECT_EQ(server.Ask({"silence", "query"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("soon  b!~\"x|y\" a=\"1\" or c=\"2\"  2026-01-31"));
  EXPECT_EQ(server.Ask({"silence", "query", "-o", "extended"}), kOk);
  EXPECT_THAT(server.out, HasSubstr("{a=\"1\",b!~\"x|y\"} or {c=\"2\"}"));
  EXPECT_EQ(server.Ask({"silence", "update", "soon", "-d", "5h", "-q"}), kOk);
  EXPECT_THAT(server.requests.at(1).body, HasSubstr(sets));
  server.files["s.json"] = "[" + json + "]";
  EXPECT_EQ(server.Ask({"silence", "import", "s.json"}), kOk);
  EXPECT_THAT(server.requests.at(0).body, HasSubstr(sets));
}

TEST(SilenceImportTest, SendsWavesAndRetriesUnknownIds) {
  FakeServer server = Silences();
  server.files["s.json"] = "[" + Json("1", "2026-02-01T00:00:00.000Z") + "," +
                           Json("2", "2026-02-01T00:00:00.000Z") + "," +
                           Json("3", "2026-02-01T00:00:00.000Z") + "]";
  server.files["-"] = server.files["s.json"];
  server.answers["POST /api/v2/silences"] = {{200, R"({"silenceID":"1"})"},
                                             {404, "\"silence not found\""},
                                             {200, R"({"silenceID":"new"})"},
                                             {400, "\"too late\""}};
  EXPECT_EQ(server.Ask({"silence", "import", "s.json", "-w2"}), kNo);
  EXPECT_THAT(server.waves, ElementsAre(2, 1, 1));
  EXPECT_THAT(server.requests.at(2).body, HasSubstr(R"({"matchers":)"));
  EXPECT_EQ(server.out, "1\nnew\n");
  EXPECT_EQ(server.err,
            "wfctl: silence 3: HTTP 400: too late\n"
            "wfctl: couldn't import 1 out of 3 silences\n");

  server.answers["POST /api/v2/silences"] = {{200, R"({"silenceID":"x"})"}};
  EXPECT_EQ(server.Ask({"silence", "import", "--force"}), kOk);
  EXPECT_EQ(server.out, "x\nx\nx\n");
  EXPECT_THAT(server.requests.at(0).body, testing::StartsWith(R"({"matchers")"));
  server.files["bad.json"] = "silences";
  EXPECT_EQ(server.Ask({"silence", "import", "bad.json"}), kNo);
  EXPECT_THAT(server.err, HasSubstr("couldn't unmarshal input data, is it JSON?"));
  EXPECT_EQ(server.Ask({"silence", "import", "-w0", "s.json"}), kUsage);
  EXPECT_EQ(server.Ask({"silence", "import", "-w8x", "s.json"}), kUsage);
  EXPECT_EQ(server.Ask({"silence", "import", "nowhere.json"}), kUsage);
}

}  // namespace
}  // namespace watchfire::wfctl
