// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// VictorOps' public API as scripts see it.

#include <simdjson.h>

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string At(const std::string& body, const char* pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  if (parser.parse(body).at_pointer(pointer).get(value) != simdjson::SUCCESS) return "";
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value);
}

class PublicTest : public InboundTest {
 protected:
  net::Response Ask(const std::string& method, const std::string& path,
                    const std::string& body = "") {
    net::Request request = MakeRequest(method, "/api-public/v1/" + path, body);
    if (!id_.empty()) request.headers.push_back({"X-VO-Api-Id", id_});
    if (!secret_.empty()) request.headers.push_back({"X-VO-Api-Key", secret_});
    return Handle(request, backend_);
  }
  void Page(const std::string& entity) {
    Post("/integrations/generic/20131114/alert/victorops-key/web",
         R"({"message_type":"CRITICAL","entity_id":")" + entity + R"("})");
    backend_.Pass(std::chrono::seconds(2));
  }
  std::string id_ = "api-id";
  std::string secret_ = "api-key";
};

TEST_F(PublicTest, IncidentsAreListedAcknowledgedAndResolved) {
  Page("disk-space-7");
  Page("other");
  std::string list = Ask("GET", "incidents").body;
  EXPECT_EQ(At(list, "/incidents/1/incidentNumber"), "1");
  EXPECT_EQ(At(list, "/incidents/1/entityId"), "disk-space-7");
  EXPECT_EQ(At(list, "/incidents/1/currentPhase"), "triggered");
  EXPECT_EQ(At(list, "/incidents/1/entityState"), "CRITICAL");
  EXPECT_EQ(At(list, "/incidents/1/transitions/0/name"), "triggered");
  const std::string acked = Ask("PATCH", "incidents/ack",
                                R"({"userName":"ada","incidentNames":["1","99"],"message":"mine"})")
                                .body;
  EXPECT_EQ(At(acked, "/results/0"),
            R"({"incidentNumber":"1","entityId":"disk-space-7","cmdAccepted":true,"message":""})");
  EXPECT_EQ(At(acked, "/results/1/cmdAccepted"), "false");
  EXPECT_EQ(Incident().acked_by, "ada");
  EXPECT_EQ(Incident().timeline.back().channel, "victorops");
  EXPECT_EQ(At(Ask("GET", "incidents/1").body, "/currentPhase"), "acknowledged");
  EXPECT_EQ(At(Ask("GET", "incidents?statuses=acknowledged").body, "/incidents/0/incidentNumber"),
            "1");
  EXPECT_EQ(At(Ask("GET", "incidents?statuses=acknowledged").body, "/incidents/1"), "");
  // As webhooks and old clients say it, and with what people write between words.
  for (const char* statuses : {"ACKED", "Acknowledged", "resolved, acked"}) {
    const std::string some = Ask("GET", std::string("incidents?statuses=") + statuses).body;
    EXPECT_EQ(At(some, "/incidents/0/incidentNumber"), "1") << statuses;
    EXPECT_EQ(At(some, "/incidents/1"), "") << statuses;
  }
  EXPECT_EQ(At(Ask("GET", "incidents?statuses=UNACKED").body, "/incidents/0/incidentNumber"), "2");
  EXPECT_EQ(At(Ask("GET", "incidents?limit=1&offset=1").body, "/incidents/0/incidentNumber"), "1");
  EXPECT_EQ(At(Ask("GET", "incidents?limit=1&offset=2").body, "/incidents/0"), "");
  EXPECT_EQ(At(Ask("GET", "incidents?limit=1&offset=0").body, "/incidents/0/incidentNumber"), "2")
      << "where a client that pages begins";
  EXPECT_EQ(Ask("GET", "incidents?offset=-1").status, 400);
  EXPECT_EQ(Ask("GET", "incidents?offset=9223372036854775808").status, 400);
  EXPECT_THAT(Ask("GET", "incidents/1/log").body, HasSubstr(R"("event":"acked","by":"ada")"));
  EXPECT_THAT(Ask("POST", "incidents/1/postmortem", "{}").body, HasSubstr("disk-space-7"));
  EXPECT_THAT(Ask("POST", "incidents/1/postmortem").body, HasSubstr("None were taken"));
  const std::string words = R"({"summary":"no room","action_items":["more disk"],"who":null})";
  const std::string note = R"(summary: no room; action_items: [\"more disk\"])";
  EXPECT_THAT(Ask("POST", "incidents/1/postmortem", words).body, HasSubstr(note));
  const size_t events = Incident().timeline.size();
  EXPECT_THAT(Ask("POST", "incidents/1/postmortem", words).body, HasSubstr(note));
  EXPECT_EQ(Incident().timeline.size(), events) << "what is said again is no further note";
  EXPECT_EQ(Ask("POST", "incidents/1/postmortem", "[").status, 400);

  Ask("PATCH", "incidents/resolve", R"({"userName":"ada","incidentNames":[1]})");
  EXPECT_EQ(Incident().state, incident::State::kResolved);
  EXPECT_EQ(At(Ask("GET", "incidents/1").body, "/currentPhase"), "resolved");
  const std::string again =
      Ask("PATCH", "incidents/resolve", R"({"userName":"ada","incidentNames":["1"]})").body;
  EXPECT_EQ(At(again, "/results/0/cmdAccepted"), "false");
  backend_.Pass(std::chrono::hours(25));
  list = Ask("GET", "incidents").body;
  EXPECT_THAT(list, Not(HasSubstr(R"("incidentNumber":"1")"))) << "no longer recent";
  EXPECT_THAT(list, HasSubstr(R"("incidentNumber":"2")"));
}

TEST_F(PublicTest, AlertsOfOneNameCountEach) {
  Post("/integrations/generic/20131114/alert/second-key/web",
       R"({"message_type":"CRITICAL","entity_id":"disk"})");
  Page("disk");
  const std::string list = Ask("GET", "incidents").body;
  EXPECT_EQ(At(list, "/incidents/0/alertCount"), "2") << list;
  EXPECT_EQ(At(list, "/incidents/1"), "") << "they are one group";
}

TEST_F(PublicTest, MaintenanceModeIsASilence) {
  EXPECT_EQ(At(Ask("GET", "maintenancemode").body, "/activeInstances"), "[]");
  const net::Response started =
      Ask("POST", "maintenancemode/start",
          R"({"type":"RoutingKeys","names":["Web","db"],"purpose":"upgrade"})");
  EXPECT_EQ(started.status, 200);
  EXPECT_EQ(At(started.body, "/activeInstances/0/targets"),
            R"([{"type":"RoutingKeys","names":["web","db"]}])");
  EXPECT_EQ(At(started.body, "/activeInstances/0/isGlobal"), "false");
  EXPECT_EQ(At(started.body, "/activeInstances/0/purpose"), "upgrade");
  EXPECT_THAT(Get("/api/v2/silences").body, HasSubstr("web|Web|db"))
      << "as Prometheus may write it";
  Page("quiet");
  EXPECT_FALSE(HasIncidents());
  const std::string id = At(started.body, "/activeInstances/0/instanceId");
  EXPECT_EQ(At(Ask("PUT", "maintenancemode/" + id + "/end").body, "/activeInstances"), "[]");
  EXPECT_EQ(Ask("PUT", "maintenancemode/" + id + "/end").status, 200) << "again";
  EXPECT_EQ(Ask("PUT", "maintenancemode/nothing/end").status, 404);
}

TEST_F(PublicTest, AMaintenanceOfTeamsWithTimesIsTakenToo) {
  const std::string end = FormatRfc3339(backend_.Now() + std::chrono::hours(2), 0);
  const std::string naive = end.substr(0, end.size() - 1);
  const net::Response started =
      Ask("POST", "maintenancemode",
          R"({"teams":["core"],"description":"d","startTime":"2020-01-01T00:00:00","endTime":")" +
              naive + R"("})");
  EXPECT_EQ(started.status, 200) << started.body;
  EXPECT_EQ(At(started.body, "/activeInstances/0/targets/0/names/0"), "core");
  Page("quiet");
  EXPECT_FALSE(HasIncidents());
  EXPECT_THAT(started.body, Not(HasSubstr(R"("isGlobal":true)")));
  EXPECT_THAT(Ask("POST", "maintenancemode/start", R"({"names":[],"purpose":"all"})").body,
              HasSubstr(R"("isGlobal":true)"));
}

TEST_F(PublicTest, ASilenceOfSomebodyElseIsNotItsToEnd) {
  const std::string made =
      Post("/api/v2/silences",
           R"({"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":")" +
               FormatRfc3339(backend_.Now()) + R"(","endsAt":")" +
               FormatRfc3339(backend_.Now() + std::chrono::hours(1)) +
               R"(","createdBy":"bob","comment":"c"})")
          .body;
  EXPECT_EQ(Ask("PUT", "maintenancemode/" + At(made, "/silenceID") + "/end").status, 404);
}

TEST_F(PublicTest, WithoutGoodKeysNothingIsTold) {
  Page("disk");
  for (const auto& [id, secret, status] :
       std::initializer_list<std::tuple<const char*, const char*, int>>{
           {"", "", 401}, {"api-id", "", 401}, {"api-id", "bad", 403}, {"bad", "api-key", 403}}) {
    id_ = id;
    secret_ = secret;
    EXPECT_EQ(Ask("GET", "incidents").status, status);
    EXPECT_EQ(Ask("GET", "incidents/1").status, status);
    EXPECT_EQ(Ask("GET", "incidents/1/log").status, status);
    EXPECT_EQ(Ask("POST", "incidents/1/postmortem", "{}").status, status);
    EXPECT_EQ(Ask("GET", "maintenancemode").status, status);
    EXPECT_EQ(Ask("POST", "maintenancemode/start", R"({"names":[]})").status, status);
    EXPECT_EQ(Ask("PUT", "maintenancemode/x/end").status, status);
    EXPECT_EQ(Ask("PATCH", "incidents/ack", R"({"userName":"a","incidentNames":["1"]})").status,
              status);
  }
  EXPECT_EQ(Incident().state, incident::State::kTriggered);
}

TEST_F(PublicTest, RefusalsSayWhatIsMissing) {
  EXPECT_EQ(Ask("GET", "incidents/99").status, 404);
  EXPECT_EQ(Ask("GET", "incidents?limit=x").status, 400);
  const net::Response unknown = Ask("GET", "alertRules");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(At(unknown.body, "/errorType"), "not_found") << "scripts read JSON";
  EXPECT_EQ(Ask("PATCH", "incidents/ack", "nonsense").status, 400);
  EXPECT_THAT(Ask("PATCH", "incidents/ack", R"({"incidentNames":["1"]})").body,
              HasSubstr("userName is missing"));
  EXPECT_THAT(Ask("PATCH", "incidents/ack", R"({"userName":"ada"})").body,
              HasSubstr("incidentNames"));
  EXPECT_EQ(Ask("POST", "maintenancemode/start", R"({"names":["a|b"]})").status, 400);
  const net::Response odd =
      Ask("POST", "maintenancemode/start", R"({"names":["team/db.eu:1"],"purpose":"p"})");
  EXPECT_EQ(odd.status, 200) << "whatever a routing key is made of";
  EXPECT_EQ(At(odd.body, "/activeInstances/0/targets/0/names/0"), "team/db.eu:1");
  EXPECT_EQ(Ask("POST", "maintenancemode/start", R"({"purpose":"all"})").status, 400);
  EXPECT_EQ(Ask("POST", "maintenancemode/start", R"({"name":["a"]})").status, 400);
  EXPECT_EQ(Ask("POST", "maintenancemode/start", R"({"names":"a"})").status, 400);
  EXPECT_EQ(Ask("POST", "maintenancemode/start", R"({"type":"Users","names":["a"]})").status, 400);
}

TEST_F(PublicTest, NotesAreThoseOfTheTimeline) {
  Page("disk");
  EXPECT_EQ(Ask("GET", "incidents/1/notes").body, R"({"notes":[]})");
  EXPECT_EQ(Ask("POST", "incidents/1/notes",
                R"({"display_name":"Cause","json_value":{"note":"a full disk"}})")
                .status,
            200);
  const std::string notes = Ask("GET", "incidents/1/notes").body;
  EXPECT_EQ(At(notes, "/notes/0/name"), "1");
  EXPECT_EQ(At(notes, "/notes/0/json_value/note"), "Cause: a full disk");
  EXPECT_EQ(Incident().timeline.back().text, "Cause: a full disk");
  EXPECT_EQ(Ask("PUT", "incidents/1/notes/1", R"({"json_value":{"note":"a small disk"}})").status,
            200);
  EXPECT_EQ(At(Ask("GET", "incidents/1/notes").body, "/notes/0/json_value/note"), "a small disk");
  EXPECT_EQ(Incident().timeline.back().text, "note 1: a small disk") << "both are kept";
  EXPECT_EQ(Ask("PUT", "incidents/1/notes/2", R"({"display_name":"x"})").status, 404);
  EXPECT_EQ(Ask("PUT", "incidents/1/notes/one", R"({"display_name":"x"})").status, 404);
  EXPECT_EQ(Ask("PUT", "incidents/1/notes/1", "{}").status, 400);
  EXPECT_EQ(Ask("DELETE", "incidents/1/notes/1").status, 200);
  EXPECT_EQ(Ask("GET", "incidents/1/notes").body, R"({"notes":[]})");
  EXPECT_EQ(Ask("DELETE", "incidents/1/notes/1").status, 404);
  EXPECT_EQ(Ask("POST", "incidents/1/notes", R"({"json_value":{}})").status, 400);
  EXPECT_EQ(Ask("POST", "incidents/1/notes", "x").status, 400);
  EXPECT_EQ(Ask("POST", "incidents/9/notes", R"({"display_name":"x"})").status, 404);
  id_.clear();
  EXPECT_EQ(Ask("POST", "incidents/1/notes", R"({"display_name":"x"})").status, 401);
}

TEST_F(PublicTest, AllThatIsAUsersIsAcknowledgedAndResolved) {
  Page("a");
  Page("b");
  Page("c");
  for (const char* id : {"1", "2"}) {
    Post("/api/v1/incidents/" + std::string(id) + "/reassign", R"({"actor":"bo","owner":"ada"})");
  }
  const std::string acked = Ask("PATCH", "incidents/byUser/ack", R"({"userName":"ada"})").body;
  EXPECT_EQ(At(acked, "/results/0"),
            R"({"incidentNumber":"1","entityId":"a","cmdAccepted":true,"message":""})");
  EXPECT_EQ(At(acked, "/results/1/incidentNumber"), "2");
  EXPECT_EQ(At(acked, "/results/2"), "") << "nobody's";
  EXPECT_EQ(Incident(2).acked_by, "ada");
  EXPECT_FALSE(Incident(3).ack);
  EXPECT_EQ(Ask("PATCH", "incidents/byUser/ack", R"({"userName":"ada"})").body,
            R"({"results":[]})");
  Ask("PATCH", "incidents/byUser/resolve", R"({"userName":"ada","message":"fixed"})");
  EXPECT_EQ(Incident(1).state, incident::State::kResolved);
  EXPECT_EQ(Incident(3).state, incident::State::kTriggered);
  EXPECT_EQ(Ask("PATCH", "incidents/byUser/ack", "{}").status, 400);
}

TEST_F(PublicTest, WhatNoPersonAcknowledgedIsTheUsersToAcknowledge) {
  Page("a");
  Post("/api/v1/incidents/1/reassign", R"({"actor":"bo","owner":"ada"})");
  Post("/inbound/victorops/victorops-key",
       R"({"STATE.CURRENT_ALERT_PHASE":"ACKED","STATE.ENTITY_ID":")" + Incident().entity_id +
           R"("})");
  ASSERT_TRUE(Incident().ack && Incident().ack->is_automatic);
  Ask("PATCH", "incidents/byUser/ack", R"({"userName":"ada"})");
  EXPECT_EQ(Incident().ack->by, "ada");
  EXPECT_FALSE(Incident().ack->is_automatic);
}

TEST_F(PublicTest, WhatHasEndedIsReportedForAsLongAsItIsKept) {
  const auto report = [&](const std::string& query) {
    net::Request request = MakeRequest("GET", "/api-reporting/v2/incidents" + query);
    request.headers = {{"X-VO-Api-Id", id_}, {"X-VO-Api-Key", secret_}};
    return Handle(request, backend_);
  };
  for (const char* entity : {"a", "b", "c"}) {
    Page(entity);
    Ask("PATCH", "incidents/resolve",
        R"({"userName":"ada","incidentNames":[")" +
            std::to_string(Read()->incidents.rbegin()->first) + R"("]})");
  }
  Page("open");
  const std::string before = FormatRfc3339(Incident(2).opened_at, 9);
  const std::string all = report("").body;
  EXPECT_EQ(At(all, "/total"), "3");
  EXPECT_EQ(At(all, "/limit"), "20");
  EXPECT_EQ(At(all, "/incidents/0/incidentNumber"), "3");
  EXPECT_EQ(At(all, "/incidents/2/incidentNumber"), "1");
  const std::string second = report("?offset=1&limit=1").body;
  EXPECT_EQ(At(second, "/incidents/0/incidentNumber"), "2");
  EXPECT_EQ(At(second, "/incidents/1"), "");
  EXPECT_EQ(At(second, "/total"), "3");
  EXPECT_EQ(At(report("?startedBefore=" + before).body, "/total"), "1");
  EXPECT_EQ(At(report("?startedAfter=" + before).body, "/total"), "2");
  EXPECT_EQ(At(report("?currentPhase=TRIGGERED").body, "/incidents/0/incidentNumber"), "4");
  const std::string both = report("?currentPhase=triggered, Resolved").body;
  EXPECT_EQ(At(both, "/total"), "4");
  EXPECT_EQ(At(both, "/incidents/0/currentPhase"), "triggered");
  EXPECT_EQ(At(report("?routingKey=rest").body, "/total"), "0");
  EXPECT_EQ(At(report("?service=x,y").body, "/total"), "0");
  EXPECT_EQ(At(report("?incidentNumber=1,3:9").body, "/total"), "2");
  EXPECT_EQ(At(report("?incidentNumber=1,3:9").body, "/incidents/0/incidentNumber"), "3");
  EXPECT_EQ(At(report("?host=web-1").body, "/total"), "0");
  EXPECT_EQ(At(all, "/incidents/0/entityId"), "c") << "also of what is over";
  EXPECT_EQ(report("?incidentNumber=all").status, 400);
  EXPECT_EQ(report("?currentPhase=x").status, 400);
  EXPECT_EQ(report("?currentPhase=resolved,x").status, 400);
  EXPECT_EQ(report("?startedAfter=monday").status, 400);
  Post("/integrations/generic/20131114/alert/victorops-key/web",
       R"({"message_type":"CRITICAL","entity_id":"s","service":"shop"})");
  backend_.Pass(std::chrono::seconds(2));
  EXPECT_EQ(At(report("?currentPhase=triggered&service=x, shop").body, "/total"), "1");
  secret_ = "another";
  EXPECT_EQ(report("").status, 403);
}

}  // namespace
}  // namespace watchfire::api
