// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Opsgenie's Alert API as its clients see it.

#include <functional>
#include <vector>

#include <simdjson.h>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kCreate =
    R"({"message":"Disk full","alias":"host/disk","priority":"P1","tags":["a"],)"
    R"("details":{"service":"db"}})";

// The text at `pointer` of a JSON body.
std::string At(const std::string& body, const char* pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(body).at_pointer(pointer).get(value) != simdjson::SUCCESS) return "";
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
}

class OpsgenieTest : public InboundTest {
 protected:
  // What became of the request of a 202.
  std::string StatusOf(const net::Response& accepted) {
    EXPECT_EQ(accepted.status, 202) << accepted.body;
    const net::Response status = Get("/v2/alerts/requests/" + At(accepted.body, "/requestId"));
    EXPECT_EQ(status.status, 200) << status.body;
    EXPECT_EQ(At(status.body, "/data/success"), At(status.body, "/data/isSuccess"));
    return At(status.body, "/data/action") + ": " + At(status.body, "/data/status");
  }
  net::Response Act(const std::string& verb, const std::string& body = "{}",
                    const std::string& alias = "host/disk") {
    return Post("/v2/alerts/" + alias + "/" + verb + "?identifierType=alias", body);
  }
  std::string Shown() { return Get("/v2/alerts/host/disk?identifierType=alias").body; }
};

TEST_F(OpsgenieTest, AnAlertIsCreatedAcknowledgedAndClosed) {
  const net::Response created = Post("/v2/alerts", kCreate);
  EXPECT_EQ(created.status, 202);
  EXPECT_EQ(At(created.body, "/result"), "Request will be processed");
  EXPECT_EQ(HeaderOf(created, "X-Request-ID"), At(created.body, "/requestId"));
  EXPECT_EQ(StatusOf(created), "Create: Created alert");
  EXPECT_EQ(Only()->labels.ToString(),
            R"({alertname="Disk full", entity_id="host/disk", priority="P1", service="db", )"
            R"(severity="critical", source="opsgenie", team="core"})");
  EXPECT_EQ(StatusOf(Act("acknowledge")), "Acknowledge: Nobody was paged for this alert yet");
  backend_.Pass(std::chrono::seconds(2));

  EXPECT_EQ(StatusOf(Act("acknowledge", R"({"user":"ada","note":"mine"})")),
            "Acknowledge: Alert is updated");
  EXPECT_EQ(Incident().acked_by, "ada");
  EXPECT_EQ(Incident().timeline.back().channel, "opsgenie");
  EXPECT_EQ(At(Shown(), "/data/acknowledged"), "true");
  EXPECT_EQ(At(Shown(), "/data/owner"), "ada");
  EXPECT_EQ(At(Get("/v2/alerts").body, "/data/0/acknowledgedAt"), FormatRfc3339(backend_.Now()))
      << "a script takes its times from the list";

  EXPECT_EQ(StatusOf(Act("close", R"({"user":"bob","note":"grown"})")), "Close: Alert is updated");
  EXPECT_EQ(Incident().resolved_by, "bob") << "not monitoring";
  const auto& timeline = Incident().timeline;
  const auto ended = std::ranges::find(timeline, "resolved", &incident::Event::kind);
  ASSERT_NE(ended, timeline.end());
  EXPECT_EQ(ended->text, "grown");
  EXPECT_EQ(ended->channel, "opsgenie");
  EXPECT_THAT(Firing(), IsEmpty());
  EXPECT_EQ(At(Shown(), "/data/status"), "closed");
  EXPECT_EQ(StatusOf(Act("close")), "Close: Alert does not exist");
  EXPECT_EQ(StatusOf(Act("close", "{}", "nobody")), "Close: Alert does not exist");
}

TEST_F(OpsgenieTest, AnOpenAliasIsDeduplicatedAndKeepsItsTexts) {
  Post("/v2/alerts", kCreate);
  EXPECT_EQ(StatusOf(Post("/v2/alerts", R"({"message":"Another","alias":"host/disk"})")),
            "Create: Deduplicated alert");
  EXPECT_EQ(Only()->annotations.Get("summary"), "Disk full");
  EXPECT_EQ(Only()->labels.Get("priority"), "P1");
}

TEST_F(OpsgenieTest, AClosedAliasOpensAgainWithAnotherId) {
  Post("/v2/alerts", kCreate);
  const std::string first = At(Shown(), "/data/id");
  EXPECT_EQ(At(Get("/v2/alerts/" + first).body, "/data/alias"), "host/disk");
  EXPECT_EQ(At(Get("/v2/alerts/" + At(Shown(), "/data/tinyId") + "?identifierType=tiny").body,
               "/data/id"),
            first);
  backend_.Pass(std::chrono::seconds(2));
  Act("close");
  backend_.Pass(std::chrono::seconds(2));
  Post("/v2/alerts", kCreate);
  EXPECT_NE(At(Shown(), "/data/id"), first);
  EXPECT_EQ(At(Shown(), "/data/status"), "open");
  EXPECT_EQ(Get("/v2/alerts/host/disk").status, 404) << "the default is the id";
}

TEST_F(OpsgenieTest, TagsDetailsTextsAndPriorityCanBeChanged) {
  Post("/v2/alerts", kCreate);
  EXPECT_EQ(StatusOf(Act("tags", R"({"tags":["b","a"]})")), "AddTags: Alert is updated");
  EXPECT_EQ(At(Shown(), "/data/tags"), R"(["a","b"])");
  EXPECT_EQ(StatusOf(Send(
                MakeRequest("DELETE", "/v2/alerts/host/disk/tags?identifierType=alias&tags=a,x"))),
            "RemoveTags: Alert is updated");
  EXPECT_EQ(At(Shown(), "/data/tags"), R"(["b"])");
  EXPECT_EQ(StatusOf(Act("details", R"({"details":{"k":"v"}})")), "AddDetails: Alert is updated");
  EXPECT_EQ(At(Shown(), "/data/details/k"), "v");
  EXPECT_EQ(StatusOf(Send(
                MakeRequest("DELETE", "/v2/alerts/host/disk/details?identifierType=alias&keys=k"))),
            "RemoveDetails: Alert is updated");
  EXPECT_EQ(At(Shown(), "/data/details/k"), "");
  const auto put = [&](const std::string& what, const std::string& body) {
    net::Request request =
        MakeRequest("PUT", "/v2/alerts/host/disk/" + what + "?identifierType=alias", body);
    return StatusOf(Send(std::move(request)));
  };
  EXPECT_EQ(put("message", R"({"message":"Still full"})"), "UpdateMessage: Alert is updated");
  EXPECT_EQ(At(Shown(), "/data/message"), "Still full");
  EXPECT_EQ(put("priority", R"({"priority":"P5"})"), "UpdatePriority: Alert is updated");
  EXPECT_EQ(At(Shown(), "/data/priority"), "P5");
  EXPECT_EQ(At(Get("/v2/alerts/count").body, "/data/count"), "1") << "the same one";
  EXPECT_EQ(At(Get("/v2/alerts/count?query=status:closed").body, "/data/count"), "0");
  EXPECT_EQ(Only()->labels.Get("severity"), "critical") << "a milder word takes no page back";
}

TEST_F(OpsgenieTest, APriorityIsAnEditAndTakesNothingFromWhoeverHasIt) {
  const auto put = [&](const std::string& priority) {
    EXPECT_EQ(StatusOf(Send(MakeRequest("PUT", "/v2/alerts/host/disk/priority?identifierType=alias",
                                        R"({"priority":")" + priority + R"("})"))),
              "UpdatePriority: Alert is updated");
    EXPECT_EQ(At(Shown(), "/data/priority"), priority);
    backend_.Pass(std::chrono::seconds(30));
  };
  Post("/v2/alerts", kCreate);
  backend_.Pass(std::chrono::seconds(2));
  put("P3");
  EXPECT_EQ(Incident().state, incident::State::kTriggered) << "nor does it resolve";
  Act("acknowledge", R"({"user":"ada"})");
  for (const char* priority : {"P2", "P4", "P1"}) {
    put(priority);
    EXPECT_EQ(Incident().state, incident::State::kAcknowledged) << priority;
    EXPECT_EQ(At(Shown(), "/data/owner"), "ada") << priority;
    EXPECT_EQ(At(Shown(), "/data/details"), R"({"service":"db"})") << priority;
  }
  const std::string until = FormatRfc3339(backend_.Now() + std::chrono::hours(1));
  Act("snooze", R"({"endTime":")" + until + R"("})");
  put("P5");
  EXPECT_TRUE(Incident().snooze.has_value());
  EXPECT_THAT(Read()->incidents, SizeIs(1));
}

TEST_F(OpsgenieTest, AHigherPriorityOfWhatNobodyHasPagesThoseItWakes) {
  const auto open = [&](const std::string& alias, const std::string& priority) {
    Post("/v2/alerts",
         R"({"message":"m","alias":")" + alias + R"(","priority":")" + priority + R"("})");
    backend_.Pass(std::chrono::seconds(2));
  };
  const auto raise = [&](const std::string& alias) {
    Send(MakeRequest("PUT", "/v2/alerts/" + alias + "/priority?identifierType=alias",
                     R"({"priority":"P1"})"));
    backend_.Pass(std::chrono::seconds(30));
  };
  open("a", "P2");
  Act("acknowledge", R"({"user":"ada"})", "a");
  raise("a");
  EXPECT_EQ(Only()->labels.Get("priority"), "P2") << "ada has it";
  EXPECT_EQ(Incident().state, incident::State::kAcknowledged);
  Act("close", "{}", "a");
  open("b", "P3");
  raise("b");
  EXPECT_EQ(Only()->labels.Get("severity"), "critical");
  EXPECT_EQ(Only()->labels.Get("priority"), "P1");
}

TEST_F(OpsgenieTest, WhatIsClosedMeanwhileStaysClosed) {
  const auto put = [&](const std::string& what, const std::string& body) {
    Send(MakeRequest("PUT", "/v2/alerts/host/disk/" + what + "?identifierType=alias", body));
  };
  const std::vector<std::function<void()>> late = {
      [&] { put("message", R"({"message":"Still full"})"); },
      [&] { put("priority", R"({"priority":"P2"})"); }, [&] { Act("tags", R"({"tags":["b"]})"); },
      [&] { Post("/v2/alerts", kCreate); }};
  for (const auto& edit : late) {
    Post("/v2/alerts", kCreate);
    backend_.Pass(std::chrono::seconds(1));
    EXPECT_THAT(Firing(), SizeIs(1));
    backend_.meanwhile = [&] {
      backend_.Pass(std::chrono::seconds(1));
      Act("close");
      backend_.Pass(std::chrono::seconds(1));
    };
    edit();
    EXPECT_THAT(Firing(), IsEmpty());
    backend_.Pass(std::chrono::seconds(1));
  }
}

TEST_F(OpsgenieTest, NotesSnoozeAssignAndUnacknowledgeReachTheIncident) {
  Post("/v2/alerts", kCreate);
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_EQ(StatusOf(Act("notes", R"({"note":"hm","user":"bob"})")), "AddNote: Alert is updated");
  EXPECT_EQ(Incident().timeline.back().text, "hm");
  EXPECT_EQ(Incident().timeline.back().actor, "bob");
  EXPECT_EQ(StatusOf(Act("unacknowledge")), "UnAcknowledge: Alert is updated");
  EXPECT_FALSE(Incident().snooze.has_value()) << "nobody had it";
  Act("acknowledge", R"({"user":"ada"})");
  EXPECT_EQ(Incident().state, incident::State::kAcknowledged);
  EXPECT_EQ(StatusOf(Act("unacknowledge", R"({"user":"ada"})")), "UnAcknowledge: Alert is updated");
  backend_.Pass(std::chrono::seconds(3));
  EXPECT_EQ(Incident().state, incident::State::kTriggered);
  EXPECT_EQ(StatusOf(Act("assign", R"({"owner":{"username":"eve"}})")), "Assign: Alert is updated");
  EXPECT_EQ(Incident().owner, "eve");
  const std::string until = FormatRfc3339(backend_.Now() + std::chrono::hours(1));
  EXPECT_EQ(StatusOf(Act("snooze", R"({"endTime":")" + until + R"("})")),
            "Snooze: Alert is updated");
  EXPECT_EQ(At(Shown(), "/data/snoozed"), "true");
  const net::Response far = Act("snooze", R"({"endTime":"2099-01-01T00:00:00Z"})");
  EXPECT_EQ(far.status, 422) << far.body;
  EXPECT_EQ(StatusOf(Act("actions/Restart")), "Custom: Watchfire does not carry out this action");
}

TEST_F(OpsgenieTest, AlertsAreListedSearchedAndCounted) {
  Post("/v2/alerts", kCreate);
  backend_.Pass(std::chrono::seconds(2));
  Post("/v2/alerts", R"({"message":"Slow","alias":"slow"})");
  backend_.Pass(std::chrono::seconds(2));
  Act("close", "{}", "slow");
  std::string list = Get("/v2/alerts").body;
  EXPECT_EQ(At(list, "/data/0/alias"), "slow");
  EXPECT_EQ(At(list, "/data/1/alias"), "host/disk");
  list = Get("/v2/alerts?query=status: open AND priority: P1&limit=20&offset=0&sort=createdAt"
             "&order=desc")
             .body;
  EXPECT_EQ(At(list, "/data/0/alias"), "host/disk");
  EXPECT_EQ(At(list, "/data/1"), "");
  EXPECT_EQ(At(Get("/v2/alerts?limit=1&order=asc&offset=1").body, "/data/0/alias"), "slow");
  EXPECT_EQ(At(Get("/v2/alerts/count?query=status:open").body, "/data/count"), "1");
  const net::Response wrong = Get("/v2/alerts?query=a OR");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(At(wrong.body, "/errors/query"), "something is missing at its end");
  EXPECT_EQ(Get("/v2/alerts/count?query=colour:red").status, 422);
  EXPECT_EQ(Get("/v2/alerts?searchIdentifier=mine").status, 422);
  EXPECT_EQ(
      At(Get("/v2/alerts/count?query=NOT (status:closed OR priority:P2)").body, "/data/count"),
      "1");
}

TEST_F(OpsgenieTest, AListSaysWhereItsOtherPagesAre) {
  for (int i = 0; i < 5; ++i) {
    Post("/v2/alerts", R"({"message":"m","alias":"a)" + std::to_string(i) + R"("})");
    backend_.Pass(std::chrono::seconds(2));
  }
  const std::string begin = "http://wf/v2/alerts?";
  std::string list = Get("/v2/alerts?limit=2&order=asc&query=status:open").body;
  EXPECT_EQ(At(list, "/paging/next"),
            begin + "query=status%3Aopen&limit=2&sort=createdAt&offset=2&order=asc");
  EXPECT_EQ(At(list, "/paging/prev"), "");
  EXPECT_THAT(At(list, "/paging/first"), HasSubstr("&offset=0&"));
  EXPECT_THAT(At(list, "/paging/last"), HasSubstr("&offset=4&"));
  std::vector<std::string> seen;
  for (std::string next = "/v2/alerts?limit=2&sort=alias&order=asc"; !next.empty();) {
    list = Get(next).body;
    for (const char* place : {"/data/0/alias", "/data/1/alias"}) {
      if (!At(list, place).empty()) seen.push_back(At(list, place));
    }
    next = At(list, "/paging/next");
    if (!next.empty()) next = next.substr(std::string_view("http://wf").size());
  }
  EXPECT_THAT(seen, ElementsAre("a0", "a1", "a2", "a3", "a4"));
  EXPECT_THAT(At(list, "/paging/prev"), HasSubstr("&offset=2&"));
}

TEST_F(OpsgenieTest, WhatTheVendorRefusesOfAListIsRefused) {
  Post("/v2/alerts", kCreate);
  for (const char* query : {"limit=101", "limit=0", "limit=x", "offset=-1", "offset=19990&limit=20",
                            "sort=foo", "order=up"}) {
    EXPECT_EQ(Get("/v2/alerts?" + std::string(query)).status, 422) << query;
  }
  EXPECT_EQ(Get("/v2/alerts?limit=100&offset=50&sort=tinyId&order=desc").status, 200);
  EXPECT_EQ(Get("/v2/alerts/host/disk?identifierType=foo").status, 422);
}

TEST_F(OpsgenieTest, AnAlertIsShownInTheVendorsShape) {
  Post("/v2/alerts", R"({"message":"Disk full","alias":"host/disk","priority":"P1",
      "responders":[{"name":"web","type":"team"},{"username":"ada@x.com","type":"user"}],
      "details":{"service":"db"}})");
  backend_.Pass(std::chrono::seconds(2));
  const std::string shown = Shown();
  EXPECT_EQ(At(shown, "/data/responders"),
            R"([{"type":"team","id":"web","name":"web"},)"
            R"({"type":"user","id":"ada@x.com","username":"ada@x.com"}])");
  EXPECT_EQ(At(shown, "/data/integration/type"), "API");
  EXPECT_EQ(At(shown, "/data/details"), R"({"service":"db"})") << "no team that nobody sent";
  EXPECT_THAT(At(shown, "/data/tinyId"), testing::MatchesRegex("[0-9]{1,12}"));
  const auto part = [&](const std::string& what, const std::string& alias = "host/disk") {
    return Get("/v2/alerts/" + alias + "/" + what + "?identifierType=alias");
  };
  EXPECT_EQ(At(part("attachments").body, "/data"), "[]");
  EXPECT_EQ(At(part("recipients").body, "/data"), "[]");
  Act("acknowledge", R"({"user":"ada"})");
  EXPECT_EQ(At(part("recipients").body, "/data/0/user/username"), "ada");
  EXPECT_EQ(part("recipients", "nobody").status, 404);
}

TEST(OpsgenieHeartbeatTest, IsPingedByEveryMethodOfTheVendor) {
  auto config = std::make_shared<config::Config>(*InboundConfig());
  config::Heartbeat backup;
  backup.name = "nightly-backup";
  backup.every = std::chrono::hours(2);
  config->heartbeats = {backup};
  FakeBackend backend(config);
  const auto send = [&](const char* method, const std::string& path,
                        const std::string& key = "GenieKey opsgenie-key") {
    net::Request request = MakeRequest(method, "/v2/heartbeats" + path, "");
    request.headers.push_back({"Authorization", key});
    return Handle(request, backend);
  };
  const std::string before = send("GET", "/nightly-backup").body;
  EXPECT_EQ(At(before, "/data/intervalUnit"), "hours");
  EXPECT_EQ(At(before, "/data/interval"), "2");
  EXPECT_EQ(At(before, "/data/lastPingTime"), "null");
  for (const char* method : {"GET", "POST", "PUT", "PATCH"}) {
    const net::Response pong = send(method, "/nightly-backup/ping");
    EXPECT_EQ(pong.status, 202) << method;
    EXPECT_EQ(At(pong.body, "/result"), "PONG - Heartbeat received");
    EXPECT_NE(At(pong.body, "/requestId"), "");
  }
  EXPECT_EQ(At(send("GET", "").body, "/data/heartbeats/0/lastPingTime"),
            FormatRfc3339(backend.Now()));
  EXPECT_EQ(At(send("GET", "").body, "/data/heartbeats/0/expired"), "false");
  EXPECT_EQ(send("POST", "/other/ping").status, 404);
  EXPECT_EQ(send("GET", "/other").status, 404);
  EXPECT_EQ(send("POST", "/nightly-backup/ping", "GenieKey bad").status, 403);
  EXPECT_EQ(send("POST", "/nightly-backup/ping", "").status, 401);
}

TEST_F(OpsgenieTest, ForgedKeysChangeNothing) {
  Post("/v2/alerts", kCreate);
  authorization_ = "GenieKey bad-key";
  const net::Response forged = Act("close");
  EXPECT_EQ(forged.status, 403);
  EXPECT_EQ(At(forged.body, "/message"), "You are not authorized for this operation");
  EXPECT_THAT(forged.body, Not(HasSubstr("bad-key")));
  EXPECT_EQ(Get("/v2/alerts").status, 403);
  EXPECT_EQ(Get("/v2/alerts/requests/x").status, 403);
  authorization_ = "";
  EXPECT_EQ(Post("/v2/alerts", kCreate).status, 401);
  EXPECT_THAT(Firing(), SizeIs(1));
  EXPECT_THAT(backend_.counted, testing::Contains("opsgenie bad_key").Times(4));
}

TEST_F(OpsgenieTest, RefusalsAreInTheVendorsShape) {
  const net::Response missing = Post("/v2/alerts", "{}");
  EXPECT_EQ(missing.status, 422);
  EXPECT_EQ(At(missing.body, "/message"),
            "Request body is not processable. Please check the errors.");
  EXPECT_EQ(At(missing.body, "/errors/message"), "Message can not be empty.");
  EXPECT_THAT(At(missing.body, "/requestId"), SizeIs(36));
  EXPECT_EQ(Post("/v2/alerts", "nonsense").status, 400);
  EXPECT_EQ(Get("/v2/alerts/requests/nonsense").status, 404);
  EXPECT_EQ(Get("/v2/alerts/nobody").status, 404);
  backend_.busy = true;
  EXPECT_EQ(Post("/v2/alerts", kCreate).status, 503);
}

TEST_F(OpsgenieTest, WithoutAnAliasItEndsADayLater) {
  Post("/v2/alerts", R"({"message":"Monitoring System Failure"})");
  const auto alert = Only();
  EXPECT_EQ(alert->ends_at, backend_.Now() + std::chrono::hours(24));
}

TEST_F(OpsgenieTest, AnIncidentIsAnAlert) {
  EXPECT_EQ(StatusOf(Post("/v1/incidents/create", R"({"message":"All down","priority":"P1"})")),
            "Create: Created alert");
  EXPECT_EQ(Only()->labels.Get("alertname"), "All down");
}

TEST_F(OpsgenieTest, NotesAndLogsArePaged) {
  Post("/v2/alerts", kCreate);
  backend_.Pass(std::chrono::seconds(2));
  for (const char* text : {"one", "two", "three"}) {
    Act("notes", R"({"user":"ada","note":")" + std::string(text) + R"("})");
    backend_.Pass(std::chrono::seconds(1));
  }
  const auto get = [&](const std::string& what) {
    return Get("/v2/alerts/host/disk/" + what).body;
  };
  const std::string all = get("notes?identifierType=alias");
  EXPECT_EQ(At(all, "/data/0/note"), "three") << all;
  EXPECT_EQ(At(all, "/data/2/note"), "one");
  EXPECT_EQ(At(all, "/data/0/owner"), "ada");
  EXPECT_EQ(At(all, "/data/3"), "");
  EXPECT_EQ(At(all, "/paging/next"), "");

  const std::string first = get("notes?identifierType=alias&limit=2&order=asc");
  EXPECT_EQ(At(first, "/data/1/note"), "two");
  EXPECT_EQ(At(first, "/data/2"), "");
  const std::string offset = At(first, "/data/1/offset");
  EXPECT_THAT(At(first, "/paging/next"),
              testing::StartsWith("http://wf/v2/alerts/host%2Fdisk/notes?offset=" + offset));
  const std::string rest = get("notes?identifierType=alias&order=asc&offset=" + offset);
  EXPECT_EQ(At(rest, "/data/0/note"), "three");
  EXPECT_EQ(At(rest, "/data/1"), "");
  const std::string back =
      get("notes?identifierType=alias&order=asc&direction=prev&limit=1&offset=" + offset);
  EXPECT_EQ(At(back, "/data/0/note"), "one");
  EXPECT_EQ(At(back, "/data/1"), "");

  const std::string logs = get("logs?identifierType=alias&order=asc");
  EXPECT_THAT(At(logs, "/data/0/log"), HasSubstr("opened"));
  EXPECT_THAT(logs, HasSubstr(R"("log":"note: two")"));
  EXPECT_EQ(Get("/v2/alerts/other/notes?identifierType=alias").status, 404);
}

TEST_F(OpsgenieTest, WhatItIsCreatedWithIsItsFirstNote) {
  Post("/v2/alerts",
       R"({"message":"Disk full","alias":"host/disk","priority":"P1","note":"zero"})");
  const auto get = [&](const std::string& what) {
    return Get("/v2/alerts/host/disk/" + what + "?identifierType=alias&order=asc").body;
  };
  EXPECT_EQ(At(get("notes"), "/data/0/note"), "zero") << "nobody was paged yet";
  EXPECT_EQ(At(get("notes"), "/data/0/createdAt"), FormatRfc3339(Only()->starts_at));
  backend_.Pass(std::chrono::seconds(2));
  Act("notes", R"({"user":"ada","note":"one"})");
  const std::string notes = get("notes");
  EXPECT_EQ(At(notes, "/data/0/note"), "zero") << notes;
  EXPECT_EQ(At(notes, "/data/0/owner"), "opsgenie");
  EXPECT_EQ(At(notes, "/data/1/note"), "one");
  EXPECT_EQ(At(notes, "/data/2"), "");
  EXPECT_EQ(At(get("logs"), "/data/0/log"), "note: zero");
}

// An alias may hold slashes, and end in one of those words.
TEST_F(OpsgenieTest, AnAliasWithASlashIsStillFound) {
  Post("/v2/alerts", kCreate);
  EXPECT_EQ(At(Shown(), "/data/alias"), "host/disk");
  EXPECT_EQ(Get("/v2/alerts/host/disk/else?identifierType=alias").status, 404);
}

}  // namespace
}  // namespace watchfire::api
