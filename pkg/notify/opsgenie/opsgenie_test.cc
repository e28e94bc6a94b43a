// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/opsgenie/opsgenie.h"

#include "pkg/base/digest.h"
#include "pkg/notify/conformance.h"
#include "pkg/notify/update_for_test.h"

namespace watchfire::notify {
namespace {

using opsgenie::Options;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "6f1e7c52-integration-key";
constexpr const char* kTaken =
    R"({"result":"Request will be processed","took":0.1,"requestId":"r/1"})";
constexpr const char* kPending =
    R"({"message":"Request not found. It might not be processed, yet.","requestId":"q"})";

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.api_key = Text(kKey);
  options.api_url = "https://api.example.com/jsm/ops/integration/";
  options.message = Text("{{ template \"opsgenie.default.message\" . }}");
  options.description = Text("{{ template \"opsgenie.default.description\" . }}");
  options.source = Text("{{ template \"opsgenie.default.source\" . }}");
  options.details = {{"service", Text("<{{ .GroupLabels.service }}>")}, {"zone", Text("eu")}};
  options.tags = Text(" a,,b c ,{{ .GroupLabels.service }}");
  options.actions = Text("View,Restart");
  options.note = Text("note");
  options.priority = Text("{{ if .Alerts.Firing }}P1{{ end }}");
  options.responders = {{{}, Text("ops,,db"), {}, Text("teams")},
                        {{}, {}, Text("ada@example.com"), Text("user")},
                        {Text("{{ .CommonLabels.nope }}"), {}, {}, {}}};
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/key") return "key-of-{{ .Status }}";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return opsgenie::Describe().start(std::make_shared<const Options>(options),
                                    TestContext(ReadFile));
}

Result<net::OutResponse> Response(int status, const std::string& body = "") {
  net::OutResponse response;
  response.status = status;
  response.body = body;
  return response;
}

std::string StatusBody(bool success, const std::string& action, const std::string& status) {
  return R"({"data":{"isSuccess":)" + std::string(success ? "true" : "false") + R"(,"action":")" +
         action + R"(","status":")" + status + R"("},"requestId":"q"})";
}

// Answers with each response in turn; returns what the exchange did: "POST /v2/…", with "+2s" when
// it waits before, and how it ended.
std::vector<std::string> Walk(const Options& options, const dispatch::Notification& what,
                              const std::vector<Result<net::OutResponse>>& responses) {
  std::vector<std::string> out;
  const auto exchange = Start(options);
  Step step = exchange->Begin(what);
  for (size_t i = 0;; ++i) {
    if (const auto* send = std::get_if<Send>(&step)) {
      std::string url = send->request.url.reveal();
      EXPECT_TRUE(url.starts_with(options.api_url)) << url;
      url = send->request.method + " /" + url.substr(options.api_url.size());
      const size_t alias = url.find(Sha256Hex(what.group_key));
      if (alias != std::string::npos) url.replace(alias, 64, "ALIAS");
      const auto delay = std::chrono::duration_cast<seconds>(send->request.delay);
      out.push_back(url + (delay > seconds(0) ? " +" + std::to_string(delay.count()) + "s" : ""));
      if (i == responses.size()) return out;
      step = exchange->OnResponse(responses[i]);
      continue;
    }
    const bool done = std::holds_alternative<Done>(step);
    const bool retry = std::holds_alternative<Retry>(step);
    out.push_back(done ? "done" : (retry ? "retry " : "fail ") + WhyOf(step));
    return out;
  }
}

INSTANTIATE_TEST_SUITE_P(Opsgenie, ConformanceTest,
                         testing::Values(Subject{
                             .directory = "pkg/notify/opsgenie",
                             .start = [] { return Start(Sample()); },
                             .retry_codes = {429},
                             .secrets = {kKey},
                             .ok_body = R"({"result":"taken by somebody without follow-up"})",
                             .headers = {"Authorization: GenieKey 6f1e7c52-integration-key"},
                             .place = Subject::Place::kNone}));

TEST(OpsgenieTest, A202IsFollowedUpUntilTheRequestIsProcessed) {
  EXPECT_THAT(Walk(Sample(), SampleFiring(),
                   {Response(202, kTaken), Response(404, kPending), Response(503),
                    Response(200, StatusBody(true, "Create", "Created alert"))}),
              ElementsAre("POST /v2/alerts", "GET /v2/alerts/requests/r%2F1 +1s",
                          "GET /v2/alerts/requests/r%2F1 +2s", "GET /v2/alerts/requests/r%2F1 +4s",
                          "done"));
  EXPECT_THAT(Walk(Sample(), SampleResolved(),
                   {Response(202, kTaken), Response(200, R"({"data":{"success":true}})")}),
              ElementsAre("POST /v2/alerts/ALIAS/close?identifierType=alias",
                          "GET /v2/alerts/requests/r%2F1 +1s", "done"));
}

TEST(OpsgenieTest, WhatIsNeverProcessedIsSentAgain) {
  const Result<net::OutResponse> cut = ::watchfire::Fail(Code::kUnavailable, "cut");
  for (const auto& [last, why] : std::vector<std::pair<Result<net::OutResponse>, std::string>>{
           {Response(404, kPending), "unexpected status code 404: " + std::string(kPending)},
           {Response(429), "unexpected status code 429"},
           {cut, "cut"}}) {
    const std::vector<std::string> steps =
        Walk(Sample(), SampleFiring(), {Response(202, kTaken), Response(404, kPending), cut, last});
    EXPECT_EQ(steps.size(), 5U);
    EXPECT_EQ(steps.back(), "retry Opsgenie took the request and has not processed it: " + why);
  }
}

TEST(OpsgenieTest, ARequestThatFailsLaterIsFinalUnlessTheAlertIsGoneAnyway) {
  EXPECT_EQ(Walk(Sample(), SampleFiring(),
                 {Response(202, kTaken),
                  Response(200, StatusBody(false, "Create", "No " + std::string(kKey)))})
                .back(),
            "fail Opsgenie did not carry out Create: No <secret>");
  EXPECT_EQ(Walk(Sample(), SampleFiring(),
                 {Response(202, kTaken),
                  Response(200, StatusBody(false, "Create", "Team does not exist"))})
                .back(),
            "fail Opsgenie did not carry out Create: Team does not exist");
  EXPECT_EQ(Walk(Sample(), SampleResolved(),
                 {Response(202, kTaken),
                  Response(200, StatusBody(false, "Close", "Alert does not exist"))})
                .back(),
            "done");
  EXPECT_EQ(Walk(Sample(), SampleResolved(),
                 {Response(202, kTaken), Response(200, StatusBody(false, "Close", "Broken"))})
                .back(),
            "fail Opsgenie did not carry out Close: Broken");
}

TEST(OpsgenieTest, WhereNobodyKnowsTheStatusThe202IsBelieved) {
  for (const auto& unknown : {Response(403, kPending), Response(404, "<html>no page</html>"),
                              Response(200, "{}"), Response(422, "{}")}) {
    EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(202, kTaken), unknown}).back(), "done");
  }
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(202, "accepted")}).back(), "done");
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(200, kTaken)}).back(), "done");
}

TEST(OpsgenieTest, UpdatesFollowTheCreateOneAfterTheOther) {
  Options options = Sample();
  options.update_alerts = true;
  const auto ok = Response(200, StatusBody(true, "any", "done"));
  EXPECT_THAT(
      Walk(options, SampleFiring(),
           {Response(202, kTaken), ok, Response(202, kTaken), ok, Response(202, kTaken), ok}),
      ElementsAre("POST /v2/alerts", "GET /v2/alerts/requests/r%2F1 +1s",
                  "PUT /v2/alerts/ALIAS/message?identifierType=alias",
                  "GET /v2/alerts/requests/r%2F1 +1s",
                  "PUT /v2/alerts/ALIAS/description?identifierType=alias",
                  "GET /v2/alerts/requests/r%2F1 +1s", "done"));
  EXPECT_THAT(Walk(options, SampleFiring(), {Response(200), Response(422, "no")}),
              ElementsAre("POST /v2/alerts", "PUT /v2/alerts/ALIAS/message?identifierType=alias",
                          "fail unexpected status code 422: no"));
  EXPECT_EQ(Walk(options, SampleResolved(), {Response(200)}).size(), 2U);
}

TEST(OpsgenieTest, UpdatesSayWhatTheCreateSaid) {
  Options options = Sample();
  options.update_alerts = true;
  const auto exchange = Start(options);
  BeginRequest(*exchange, SampleFiring());
  const auto body = [&] {
    return std::get<Send>(exchange->OnResponse(Response(200))).request.body;
  };
  EXPECT_EQ(body(), "{\"message\":\"[FIRING:1] victor-ai (critical)\"}\n");
  EXPECT_THAT(body(),
              testing::StartsWith("{\"description\":\"https://grafana.example.com/d/victor-ai"));
}

TEST(OpsgenieTest, TheKeyMayStandInAFileReadForEverySend) {
  Options options = Sample();
  options.api_key = {};
  options.api_key_file = "/etc/key";
  const net::OutRequest request = BeginRequest(*Start(options), SampleFiring());
  EXPECT_EQ(net::FindHeader(request.headers, "Authorization"), "GenieKey key-of-firing");
  options.api_key_file = "/etc/missing";
  const Step missing = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(WhyOf(missing), "api_key_file: /etc/missing: no such file");
}

TEST(OpsgenieTest, AFailingTemplateIsFinal) {
  Options options = Sample();
  options.entity = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step), testing::StartsWith("templating error: template: field:1:3: "));
}

TEST(OpsgenieTest, LongMessagesAreCutAndEmptyFieldsLeftOut) {
  Options options = Sample();
  options.message = Text(std::string(200, 'm'));
  options.tags = Text(" , ");
  options.note = options.actions = options.priority = {};
  options.responders = {};
  const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
  EXPECT_THAT(body, HasSubstr("\"message\":\"" + std::string(129, 'm') + "\u2026\""));
  for (const char* key : {"tags", "note", "actions", "priority", "entity", "responders"}) {
    EXPECT_THAT(body, Not(HasSubstr("\"" + std::string(key) + "\""))) << key;
  }
}

TEST(OpsgenieTest, AcksTheirEndsNotesAndResolvesAreRequestsOfTheirOwn) {
  for (const config::VendorAct act : config::kVendorActs) {
    if ((opsgenie::Describe().kind.takes(nullptr, true) & act) == 0) continue;
    const auto exchange = Start(Sample());
    const net::OutRequest request = BeginRequest(*exchange, SampleUpdate(act));
    ExpectUpdateGolden("pkg/notify/opsgenie", act, request.body);
  }
  const auto url = [](config::VendorAct act) {
    return Walk(Sample(), SampleUpdate(act), {}).front();
  };
  const std::string alert = "POST /v2/alerts/ALIAS/";
  const std::string by_alias = "?identifierType=alias";
  EXPECT_EQ(url(config::kVendorAcknowledge), alert + "acknowledge" + by_alias);
  EXPECT_EQ(url(config::kVendorUnacknowledge), alert + "unacknowledge" + by_alias);
  EXPECT_EQ(url(config::kVendorNote), alert + "notes" + by_alias);
  EXPECT_EQ(url(config::kVendorResolve), alert + "close" + by_alias);
}

TEST(OpsgenieTest, AnAckIsFollowedUpAndWhatIsSoAlreadyIsDone) {
  const auto walk = [](const std::string& status) {
    return Walk(Sample(), SampleUpdate(config::kVendorAcknowledge),
                {Response(202, kTaken), Response(200, StatusBody(false, "Acknowledge", status))})
        .back();
  };
  EXPECT_EQ(walk("Alert is already acknowledged"), "done");
  EXPECT_EQ(walk("Alert is already closed"), "done");
  EXPECT_EQ(walk("Alert does not exist"), "done");
  EXPECT_EQ(walk("No right"), "fail Opsgenie did not carry out Acknowledge: No right");
}

}  // namespace
}  // namespace watchfire::notify
