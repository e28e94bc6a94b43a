// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/paging_vendors.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/pagersim/failure.h"
#include "cmd/pagersim/json_in.h"

namespace watchfire::pagersim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPagerDutyKey = "0123456789abcdef0123456789abcdef";

class PagingVendorsTest : public testing::Test {
 protected:
  PagingVendorsTest() { vendors_.Configure({}); }

  Reply Call(const std::string& method, const std::string& path, const std::string& body = "",
             const std::string& authorization = "") {
    const std::string type = path.ends_with("?alias") ? "alias" : "";
    const std::string bare = path.substr(0, path.find('?'));
    return vendors_.Answer({method, bare, type, authorization, body}, now_).value();
  }
  Reply Event(const std::string& action, const std::string& dedup_key,
              const std::string& more = "") {
    return Call("POST", "/v2/enqueue",
                R"({"routing_key":")" + std::string(kPagerDutyKey) + R"(","event_action":")" +
                    action + R"(","dedup_key":")" + dedup_key +
                    R"(","payload":{"summary":"s","source":"a","severity":"error"})" + more + "}");
  }
  Reply Opsgenie(const std::string& method, const std::string& path, const std::string& body = "") {
    return Call(method, path, body, "GenieKey og");
  }
  Reply Ack(const char* vendor, uint64_t number) {
    return vendors_.Do(vendor, {PersonAct::Verb::kAcknowledge, number, "Ada"}, now_);
  }
  // What became of a request to Opsgenie after its time.
  std::string Processed(const Reply& taken) {
    EXPECT_EQ(taken.status, 202) << taken.body;
    now_ += milliseconds(300);
    const std::string id = JsonIn::Parse(taken.body)->Text("/requestId");
    return Opsgenie("GET", "/v2/alerts/requests/" + id).body;
  }

  WallTime now_ = FromNanos(1'700'000'000'000'000'000);
  PagingVendors vendors_{
      {Secret(kPagerDutyKey), Secret("og"), Secret("Basic eDp5"), Secret("io"), milliseconds(300)}};
};

TEST_F(PagingVendorsTest, TwilioQueuesSendsAndRefuses) {
  const std::string account = "/2010-04-01/Accounts/AC1";
  const auto code = [&](const std::string& resource, const std::string& form) {
    const Reply reply = Call("POST", account + resource, form, "Basic eDp5");
    return reply.status == 201                                  ? "taken"
           : JsonIn::Parse(reply.body)->At("/code").has_value() ? reply.body.substr(0, 13)
                                                                : reply.body;
  };
  EXPECT_EQ(Call("POST", account + "/Messages.json", "").status, 401);
  EXPECT_EQ(code("/Nothing.json", ""), R"({"code":20404)");
  EXPECT_EQ(code("/Messages.json", "From=%2B12&Body=b"), R"({"code":21604)");
  EXPECT_EQ(code("/Messages.json", "To=%2B12&Body=b"), R"({"code":21603)");
  EXPECT_EQ(code("/Messages.json", "To=0170&From=%2B12&Body=b"), R"({"code":21211)");
  EXPECT_EQ(code("/Messages.json", "To=%2B15005550001&From=%2B12&Body=b"), R"({"code":21211)");
  EXPECT_EQ(code("/Messages.json", "To=%2B15005550009&From=%2B12&Body=b"), R"({"code":21614)");
  EXPECT_EQ(code("/Messages.json", "To=%2B12&From=%2B12"), R"({"code":21602)");
  const std::string message = "To=%2B12&MessagingServiceSid=MG1&Body=";
  EXPECT_EQ(code("/Messages.json", message + std::string(1601, 'x')), R"({"code":21617)");
  EXPECT_EQ(code("/Messages.json", message + std::string(1600, 'x')), "taken");
  const std::string call = "To=%2B12&From=%2B13&Twiml=";
  EXPECT_EQ(code("/Calls.json", "To=%2B12&MessagingServiceSid=MG1&Twiml=t"), R"({"code":21213)");
  EXPECT_EQ(code("/Calls.json", call + std::string(4001, 'x')), R"({"code":32018)");

  const Reply taken = Call("POST", account + "/Calls.json", call + "t", "Basic eDp5");
  EXPECT_THAT(taken.body, HasSubstr(R"("status":"queued")"));
  const std::string item = account + "/Calls/" + JsonIn::Parse(taken.body)->Text("/sid") + ".json";
  vendors_.Configure({.paused = true});
  EXPECT_THAT(Call("GET", item, "", "Basic eDp5").body, HasSubstr(R"("status":"queued")"));
  vendors_.Configure({.result_failure = true});
  EXPECT_THAT(Call("GET", item, "", "Basic eDp5").body, HasSubstr(R"("status":"busy")"));
  EXPECT_EQ(Call("GET", account + "/Calls/CA9.json", "", "Basic eDp5").status, 404);
}

TEST_F(PagingVendorsTest, ServiceNowKeepsRecordsAndItsPolicies) {
  const std::string table = "/api/now/table/incident";
  const auto find = [&](const std::string& query) {
    return vendors_.Answer({"GET", table, "", "Bearer t", "", query}, now_)->body;
  };
  EXPECT_EQ(Call("GET", table).status, 401);
  EXPECT_EQ(Call("POST", table, "[]", "Bearer t").status, 400);
  EXPECT_EQ(find("correlation_id=k^active=true"), R"({"result":[]})");
  const Reply created =
      Call("POST", table,
           R"({"correlation_id":"k","impact":"1","urgency":"2","short_description":")" +
               std::string(200, 's') + "\"}",
           "Bearer t");
  EXPECT_EQ(created.status, 201);
  const std::string record = table + "/" + JsonIn::Parse(created.body)->Text("/result/sys_id");
  EXPECT_THAT(vendors_.Json(), HasSubstr("\"" + std::string(160, 's') + R"(","priority":"2")"));
  EXPECT_THAT(find("correlation_id=k^active=true^ORDERBYDESCsys_created_on"),
              HasSubstr(R"("number":"INC10001","state":"1")"));
  EXPECT_EQ(find("correlation_id=other^active=true"), R"({"result":[]})");
  EXPECT_EQ(Call("PATCH", record, R"({"state":"6"})", "Bearer t").status, 403);
  EXPECT_EQ(Call("PATCH", record, R"({"state":"6","close_code":"c","close_notes":"n"})", "Bearer t")
                .status,
            200);
  EXPECT_THAT(find("correlation_id=k^active=true"), HasSubstr(R"("state":"6")"));
  Call("PATCH", record, R"({"state":"7"})", "Bearer t");
  EXPECT_EQ(find("correlation_id=k^active=true"), R"({"result":[]})");
  EXPECT_EQ(Call("PATCH", table + "/none", "{}", "Bearer t").status, 404);
  EXPECT_EQ(Call("DELETE", record, "{}", "Bearer t").status, 405);
}

TEST_F(PagingVendorsTest, FailuresHaveTheirVendorsBodies) {
  const std::pair<const char*, const char*> limited[] = {
      {"/2010-04-01/Accounts/AC1/Calls.json", R"("code":20429)"},
      {"/v2/enqueue", R"("status":"throttle exceeded")"},
      {"/generic/2010-04-15/create_event.json", R"("status":"throttle exceeded")"},
      {"/v2/alerts/a/close", R"("message":"You are making too many requests!")"},
      {"/jsm/ops/integration/v2/alerts", R"("requestId":)"},
      {"/rest/api/3/issue", R"("errorMessages":["Rate limit exceeded."])"},
      {"/v2/alert_events/alertmanager/x", R"("type":"too_many_requests")"},
      {"/1/messages.json", R"("status":0)"},
      {"/cgi-bin/message/send", R"("errcode":45009)"},
      {"/", "<Code>Throttling</Code>"}};
  for (const auto& [path, body] : limited) {
    EXPECT_THAT(FailureOf(path, 429)->body, HasSubstr(body)) << path;
    EXPECT_NE(FailureOf(path, 503)->body, FailureOf(path, 429)->body) << path;
  }
  EXPECT_THAT(FailureOf("/api/now/table/incident", 503)->body, HasSubstr(R"("status":"failure")"));
  EXPECT_FALSE(FailureOf("/webhook/x", 503));
}

TEST_F(PagingVendorsTest, OtherPathsAreNobodys) {
  EXPECT_FALSE(vendors_.Answer({"GET", "/v2/alert", "", "", ""}, now_));
  EXPECT_FALSE(vendors_.Answer({"GET", "/rest/api/4/issue", "", "", ""}, now_));
  EXPECT_EQ(Call("GET", "/v2/enqueue").status, 405);
}

TEST_F(PagingVendorsTest, PagerDutyKeepsOneOpenAlertPerKey) {
  const Reply first = Event("trigger", "d");
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(first.body, R"({"status":"success","message":"Event processed","dedup_key":"d"})");
  Event("trigger", "d");
  Event("trigger", "other");
  EXPECT_THAT(vendors_.Json(), HasSubstr(R"("status":"triggered","dedup_key":"d","summary":"s",)"
                                         R"("severity":"error","triggers":2)"));
  EXPECT_EQ(Ack("pagerduty", 1).status, 200);
  Event("trigger", "d");
  EXPECT_THAT(vendors_.Json(), HasSubstr(R"("number":1,"status":"acknowledged")"));
  Event("resolve", "d");
  EXPECT_EQ(Ack("pagerduty", 1).status, 409);
  EXPECT_EQ(Ack("pagerduty", 9).status, 404);
  Event("trigger", "d");
  EXPECT_THAT(vendors_.Json(), AllOf(HasSubstr(R"("number":1,"status":"resolved")"),
                                     HasSubstr(R"("number":3,"status":"triggered")")));
}

TEST_F(PagingVendorsTest, PagerDutyAnswers202ToWhatItDrops) {
  EXPECT_EQ(Event("resolve", "nobody").status, 202);
  EXPECT_EQ(Event("acknowledge", "nobody").status, 202);
  EXPECT_THAT(vendors_.Json(), HasSubstr("\"pagerduty\":[]"));
}

TEST_F(PagingVendorsTest, PagerDutySaysWhatIsWrong) {
  const auto errors = [&](const std::string& body) {
    const Reply reply = Call("POST", "/v2/enqueue", body);
    EXPECT_EQ(reply.status, 400);
    return reply.body;
  };
  EXPECT_THAT(errors("["), HasSubstr(R"("errors":["JSON is invalid"])"));
  EXPECT_THAT(errors("{}"), AllOf(HasSubstr("'routing_key' is missing or blank"),
                                  HasSubstr("'event_action' is invalid")));
  EXPECT_THAT(errors(R"({"routing_key":"k","event_action":"trigger","payload":{"severity":"x"}})"),
              AllOf(HasSubstr("Length of 'routing_key' is incorrect (should be 32 characters)"),
                    HasSubstr("'payload.summary' is missing"), HasSubstr("'payload.source' is"),
                    HasSubstr("'payload.severity' is invalid")));
  EXPECT_EQ(Event("resolve", "").status, 400);
  EXPECT_EQ(Event("trigger", "d", R"(,"images":[{"src":"http://h/a.png"}])").status, 400);
  EXPECT_EQ(Event("trigger", "d", R"(,"links":[{"text":"t"}])").status, 400);
  EXPECT_EQ(Event("trigger", "d", ",\"x\":\"" + std::string(512'000, 'x') + "\"").status, 413);
}

TEST_F(PagingVendorsTest, PagerDutyLimitsAKeyByTheMinute) {
  for (int i = 0; i < 120; ++i) ASSERT_EQ(Event("trigger", "d").status, 202);
  EXPECT_EQ(Event("trigger", "d").status, 429);
  const std::string v1 = R"({"service_key":")" + std::string(kPagerDutyKey) +
                         R"(","event_type":"trigger","incident_key":"d","description":"s"})";
  EXPECT_EQ(Call("POST", "/generic/2010-04-15/create_event.json", v1).status, 403);
  now_ += seconds(60);
  EXPECT_EQ(Event("trigger", "d").status, 202);
  const Reply reply = Call("POST", "/generic/2010-04-15/create_event.json", v1);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"status":"success","message":"Event processed","incident_key":"d"})");
  EXPECT_THAT(Call("POST", "/generic/2010-04-15/create_event.json", "{}").body,
              AllOf(HasSubstr("Service key can't be blank"), HasSubstr("Event type is invalid")));
}

TEST_F(PagingVendorsTest, OpsgenieProcessesLater) {
  const Reply taken = Opsgenie("POST", "/v2/alerts", R"({"alias":"a","message":"m"})");
  const std::string id = JsonIn::Parse(taken.body)->Text("/requestId");
  EXPECT_EQ(Opsgenie("GET", "/v2/alerts/requests/" + id).status, 404);
  EXPECT_THAT(vendors_.Json(), HasSubstr("\"opsgenie\":[]"));
  EXPECT_THAT(Processed(taken), AllOf(HasSubstr(R"("success":true,"action":"Create")"),
                                      HasSubstr(R"("status":"Created alert")")));
  // The same again changes nothing but the count.
  EXPECT_THAT(Processed(Opsgenie("POST", "/jsm/ops/integration/v2/alerts",
                                 R"({"alias":"a","message":"other"})")),
              HasSubstr("Deduplicated alert"));
  EXPECT_THAT(Opsgenie("GET", "/v2/alerts/a?alias").body,
              AllOf(HasSubstr(R"("message":"m","status":"open")"), HasSubstr("\"count\":2")));
  Processed(Opsgenie("PUT", "/v2/alerts/a/message?alias", R"({"message":"new"})"));
  Processed(Opsgenie("PUT", "/v2/alerts/a/description?alias", R"({"description":"d"})"));
  EXPECT_EQ(Ack("opsgenie", 1).status, 200);
  EXPECT_THAT(vendors_.Json(),
              HasSubstr(R"("acknowledged":true,"message":"new","description":"d")"));
  Processed(Opsgenie("POST", "/v2/alerts/a/close?alias", "{}"));
  EXPECT_EQ(Ack("opsgenie", 1).status, 409);
  Processed(Opsgenie("POST", "/v2/alerts", R"({"alias":"a","message":"m"})"));
  EXPECT_THAT(vendors_.Json(), HasSubstr(R"("number":2,"status":"open")"));
}

TEST_F(PagingVendorsTest, OpsgenieAnswers202ToWhatFailsLater) {
  EXPECT_THAT(Processed(Opsgenie("POST", "/v2/alerts/a/close?alias", "{}")),
              HasSubstr(R"("isSuccess":false,"status":"Alert does not exist")"));
  Processed(Opsgenie("POST", "/v2/alerts", R"({"alias":"a","message":"m"})"));
  EXPECT_THAT(Processed(Opsgenie("POST", "/v2/alerts/a/close", "{}")),
              HasSubstr("Alert does not exist"))
      << "without identifierType it is an id";
  vendors_.Configure({.result_failure = true});
  EXPECT_THAT(Processed(Opsgenie("POST", "/v2/alerts", R"({"message":"m"})")),
              HasSubstr("\"success\":false"));
  vendors_.Configure({.paused = true});
  EXPECT_THAT(Processed(Opsgenie("POST", "/v2/alerts", R"({"message":"m"})")),
              HasSubstr("It might not be processed, yet."));
}

TEST_F(PagingVendorsTest, OpsgenieTakesAcksTheirEndsAndNotes) {
  Processed(Opsgenie("POST", "/v2/alerts", R"({"alias":"a","message":"m"})"));
  EXPECT_THAT(Processed(Opsgenie("POST", "/v2/alerts/a/acknowledge?alias",
                                 R"({"user":"ada","note":"looking"})")),
              HasSubstr(R"("success":true,"action":"Acknowledge")"));
  EXPECT_THAT(vendors_.Json(),
              AllOf(HasSubstr(R"("acknowledged":true)"), HasSubstr(R"("notes":["ada: looking"])")));
  EXPECT_THAT(Processed(Opsgenie("POST", "/v2/alerts/a/unacknowledge?alias", "{}")),
              HasSubstr(R"("success":true,"action":"UnAcknowledge")"));
  EXPECT_THAT(vendors_.Json(), HasSubstr(R"("acknowledged":false)"));
  Processed(Opsgenie("POST", "/v2/alerts/a/notes?alias", R"({"user":"bob","note":"disk"})"));
  EXPECT_THAT(vendors_.Json(), HasSubstr(R"("notes":["ada: looking","bob: disk"])"));
  EXPECT_EQ(Opsgenie("POST", "/v2/alerts/a/notes?alias", "{}").status, 422);
  EXPECT_EQ(Opsgenie("PUT", "/v2/alerts/a/notes?alias", "{}").status, 405);
}

TEST_F(PagingVendorsTest, OpsgenieRefusesAtOnceWhatIsNoRequest) {
  EXPECT_EQ(Call("POST", "/v2/alerts", R"({"message":"m"})").status, 401);
  EXPECT_EQ(Call("POST", "/v2/alerts", R"({"message":"m"})", "GenieKey x").status, 403);
  EXPECT_EQ(Opsgenie("POST", "/v2/alerts", "x").status, 400);
  for (const char* body : {"{}", R"({"message":"m","priority":"critical"})",
                           R"({"message":"m","responders":[{"type":"teams","name":"a"}]})",
                           R"({"message":"m","responders":[{"type":"team"}]})",
                           R"({"message":"m","details":{"n":1}})"}) {
    const Reply reply = Opsgenie("POST", "/v2/alerts", body);
    EXPECT_EQ(reply.status, 422) << body;
    EXPECT_THAT(reply.body, HasSubstr("Request body is not processable"));
  }
  Processed(Opsgenie("POST", "/v2/alerts", "{\"message\":\"" + std::string(200, 'm') + "\"}"));
  EXPECT_THAT(vendors_.Json(), HasSubstr("\"" + std::string(130, 'm') + "\""));
}

TEST_F(PagingVendorsTest, JiraFindsWhatItWasGiven) {
  const auto jira = [&](const std::string& method, const std::string& path,
                        const std::string& body = "") {
    return Call(method, "/rest/api/2/" + path, body, "Basic eDp5");
  };
  const auto found = [&](const std::string& condition) {
    return jira("POST", "search",
                R"({"jql":")" + condition +
                    R"(project=\"OPS\" and labels=\"a{b}\" order by status ASC"})")
        .body;
  };
  EXPECT_EQ(Call("POST", "/rest/api/2/issue", "{}").status, 401);
  const Reply created = jira("POST", "issue",
                             R"({"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Bug"},)"
                             R"("summary":"s","description":"d","labels":["a{b}"]}})");
  EXPECT_EQ(created.status, 201);
  EXPECT_THAT(created.body, HasSubstr("\"key\":\"OPS-1\""));
  EXPECT_THAT(found("statusCategory != Done and "),
              HasSubstr(R"("key":"OPS-1","fields":{"status":{"name":"To Do")"));
  EXPECT_EQ(jira("PUT", "issue/OPS-1", R"({"fields":{"summary":"t"}})").status, 204);
  EXPECT_EQ(jira("POST", "issue/OPS-1/comment", R"({"body":"over"})").status, 201);
  EXPECT_EQ(jira("POST", "issue/OPS-1/comment", R"({"body":{}})").status, 400);
  EXPECT_EQ(jira("POST", "issue/OPS-9/comment", R"({"body":"over"})").status, 404);
  EXPECT_THAT(vendors_.Json(), AllOf(HasSubstr(R"("summary":"t","description":"d")"),
                                     HasSubstr(R"("labels":["a{b}"],"updates":1)")));
  EXPECT_THAT(jira("GET", "issue/OPS-1/transitions").body,
              HasSubstr(R"({"id":"51","name":"Decline"})"));
  EXPECT_EQ(jira("POST", "issue/OPS-1/transitions", R"({"transition":{"id":"41"}})").status, 400);
  EXPECT_EQ(jira("POST", "issue/OPS-1/transitions", R"({"transition":{"id":"51"}})").status, 204);
  EXPECT_EQ(found("statusCategory != Done and "), R"({"issues":[]})");
  now_ += seconds(90);
  EXPECT_THAT(found("(resolutiondate is EMPTY OR resolutiondate >= -2m) and "), HasSubstr("OPS-1"));
  EXPECT_THAT(found("(resolutiondate is EMPTY OR resolutiondate >= -1m) and "),
              Not(HasSubstr("OPS-1")));
  EXPECT_THAT(found(R"((resolution is EMPTY or resolution != \"Won't Do\") and )"),
              Not(HasSubstr("OPS-1")));
  EXPECT_THAT(found(R"((resolution is EMPTY or resolution != \"Other\") and )"),
              HasSubstr("OPS-1"));
  EXPECT_EQ(jira("POST", "search", R"({"jql":"assignee=me"})").status, 400);
}

TEST_F(PagingVendorsTest, JiraRefusesWhatTheApiRefuses) {
  const auto why = [&](const std::string& version, const std::string& fields) {
    const Reply reply =
        Call("POST", "/rest/api/" + version + "/issue",
             R"({"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Bug"},)" + fields + "}}",
             "Basic eDp5");
    return std::to_string(reply.status) + " " + reply.body;
  };
  EXPECT_THAT(why("2", R"("labels":[])"), HasSubstr("You must specify a summary."));
  EXPECT_THAT(why("2", R"("summary":"a\nb")"), HasSubstr("newline characters"));
  EXPECT_THAT(why("2", R"("summary":")" + std::string(256, 's') + "\""),
              HasSubstr("less than 255"));
  EXPECT_THAT(why("2", R"("summary":"s","labels":["a b"])"), HasSubstr("contains spaces"));
  EXPECT_THAT(why("2", R"("summary":"s","priority":{"name":"P1"})"), HasSubstr("priority"));
  EXPECT_THAT(why("2", R"("summary":"s","description":{})"), HasSubstr("must be a string"));
  EXPECT_THAT(why("3", R"("summary":"s","description":"d")"), HasSubstr("Atlassian Document"));
  EXPECT_THAT(why("3", R"("summary":"s","description":{"type":"doc","version":1,"content":[]})"),
              HasSubstr("201 "));
  EXPECT_EQ(Call("POST", "/rest/api/3/search", "{}", "Basic eDp5").status, 410);
  EXPECT_EQ(Call("PUT", "/rest/api/3/issue/OPS-9", "{}", "Basic eDp5").status, 404);
}

TEST_F(PagingVendorsTest, IncidentioKeepsOneAlertPerGroup) {
  const auto take = [&](const std::string& status, const std::string& token = "Bearer io") {
    return Call("POST", "/v2/alert_events/alertmanager/01A",
                R"({"status":")" + status +
                    R"(","alerts":[{}],"commonLabels":{"alertname":"A"},"version":"1",)"
                    R"("groupKey":"g"})",
                token);
  };
  EXPECT_EQ(take("firing", "Bearer x").status, 401);
  EXPECT_EQ(take("odd").status, 422);
  EXPECT_EQ(take("firing").status, 202);
  take("firing");
  take("resolved");
  EXPECT_THAT(vendors_.Json(),
              HasSubstr(R"({"group_key":"g","status":"resolved","title":"A","events":3})"));
  EXPECT_EQ(
      Call("POST", "/v2/alert_events/alertmanager/01A", std::string(600'000, ' '), "Bearer io")
          .status,
      429);
}

}  // namespace
}  // namespace watchfire::pagersim
