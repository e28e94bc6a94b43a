// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/servicenow/servicenow.h"

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/dispatch/ticket_name.h"
#include "pkg/notify/conformance.h"
#include "pkg/notify/update_for_test.h"

namespace watchfire::notify {
namespace {

using servicenow::Options;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kNone = R"({"result":[]})";
constexpr const char* kTable = "https://now.example.com/api/now/table/incident";

std::string Found(const std::string& state) {
  return R"({"result":[{"sys_id":"5e1f","number":"INC0010","state":")" + state + "\"}]}";
}

templates::Snippet Text(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

Options Sample() {
  Options options;
  options.table_url = kTable;
  options.short_description = Text("{{ template \"__subject\" . }}");
  options.description = Text("{{ (index .Alerts 0).Annotations.description }}");
  options.work_notes = Text("{{ len .Alerts.Firing }} firing");
  options.columns["urgency"] = Text("1");
  options.columns["category"] = Text("{{ .GroupLabels.nope }}");
  config::TemplateTree leaf;
  leaf.kind = config::TemplateTree::Kind::kText;
  leaf.text = Text("{{ .Receiver }}");
  options.fields.emplace();
  options.fields->kind = config::TemplateTree::Kind::kMap;
  options.fields->keys = {Text("u_team")};
  options.fields->items = {leaf};
  options.resolve_state = "6";
  options.reopen_state = "2";
  options.close_code = Text("Solution provided");
  options.close_notes = Text("over");
  return options;
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return servicenow::Describe().start(std::make_shared<const Options>(options),
                                      TestContext(nullptr));
}

net::OutResponse Response(int status, const std::string& body = "{\"result\":{}}") {
  net::OutResponse response;
  response.status = status;
  response.body = body;
  return response;
}

// The request that writes the record: it is made when something fires, resolved when nothing does.
net::OutRequest ReachWrite(Exchange& exchange, const dispatch::Notification& what) {
  BeginRequest(exchange, what);
  Step step = exchange.OnResponse(Response(200, what.firing() ? kNone : Found("2")));
  EXPECT_TRUE(std::holds_alternative<Send>(step)) << WhyOf(step);
  auto* send = std::get_if<Send>(&step);
  if (send == nullptr) return {};
  send->request.method = "POST";  // What the shared test expects of a request that writes.
  return std::move(send->request);
}

INSTANTIATE_TEST_SUITE_P(ServiceNow, ConformanceTest,
                         testing::Values(Subject{.directory = "pkg/notify/servicenow",
                                                 .start = [] { return Start(Sample()); },
                                                 .retry_codes = {429},
                                                 .secrets = {},
                                                 .ok_body = R"({"result":{"sys_id":"5e1f"}})",
                                                 .headers = {"Accept: application/json"},
                                                 .place = Subject::Place::kNone,
                                                 .reach = ReachWrite}));

// Sends `what` and answers with `answers`; the requests and what comes of them.
std::vector<std::string> Walk(const Options& options, const dispatch::Notification& what,
                              const std::vector<Result<net::OutResponse>>& answers) {
  const auto exchange = Start(options);
  Step step = exchange->Begin(what);
  std::vector<std::string> out;
  for (const Result<net::OutResponse>& answer : answers) {
    auto* send = std::get_if<Send>(&step);
    if (send == nullptr) break;
    const std::string url = send->request.url.reveal();
    out.push_back(send->request.method + " " + url.substr(url.find("incident")) + " " +
                  std::string(Trim(send->request.body)));
    step = exchange->OnResponse(answer);
  }
  if (std::holds_alternative<Done>(step)) out.push_back("done");
  if (std::holds_alternative<Retry>(step)) out.push_back("retry " + WhyOf(step));
  if (std::holds_alternative<Fail>(step)) out.push_back("fail " + WhyOf(step));
  return out;
}

std::string Search() {
  return "GET incident?sysparm_query=correlation_id%3D" + Sha256Hex(SampleFiring().group_key) +
         "%5Eactive%3Dtrue%5EORDERBYDESCsys_created_on&sysparm_fields=sys_id%2Cnumber%2Cstate"
         "&sysparm_limit=1 ";
}

TEST(ServiceNowTest, AGroupIsSearchedForAndThenCreated) {
  const auto steps = Walk(Sample(), SampleFiring(), {Response(200, kNone), Response(201)});
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0], Search());
  EXPECT_THAT(steps[1],
              AllOf(HasSubstr("POST incident {\"correlation_display\":\"Watchfire\""),
                    HasSubstr("\"correlation_id\":\"" + Sha256Hex(SampleFiring().group_key) + "\""),
                    HasSubstr("\"u_team\":\"on-call"), Not(HasSubstr("category"))));
  EXPECT_EQ(steps[2], "done");
}

TEST(ServiceNowTest, TheNumberOfTheRecordIsTold) {
  const auto name = [](const dispatch::Notification& what,
                       const std::vector<net::OutResponse>& answers) {
    const auto exchange = Start(Sample());
    Step step = exchange->Begin(what);
    for (const net::OutResponse& answer : answers) step = exchange->OnResponse(answer);
    const auto* done = std::get_if<Done>(&step);
    return done == nullptr ? "not done" : dispatch::TicketName(done->data);
  };
  const std::string created = R"({"result":{"sys_id":"5e20","number":"INC0011"}})";
  EXPECT_EQ(name(SampleFiring(), {Response(200, kNone), Response(201, created)}), "INC0011");
  EXPECT_EQ(name(SampleFiring(), {Response(200, kNone), Response(201)}), "");
  EXPECT_EQ(name(SampleFiring(), {Response(200, Found("2")), Response(200)}), "INC0010");
  EXPECT_EQ(name(SampleResolved(), {Response(200, Found("2")), Response(200)}), "INC0010");
  EXPECT_EQ(name(SampleResolved(), {Response(200, kNone)}), "");
}

TEST(ServiceNowTest, WhatIsOpenIsUpdatedUnlessNothingChanged) {
  dispatch::Notification what = SampleFiring();
  const auto update = Walk(Sample(), what, {Response(200, Found("1")), Response(200)});
  ASSERT_EQ(update.size(), 3U);
  EXPECT_THAT(update[1],
              AllOf(HasSubstr("PATCH incident/5e1f {"), HasSubstr("\"work_notes\":\"1 firing\""),
                    Not(HasSubstr("state")), Not(HasSubstr("urgency"))));
  what.reason = dispatch::Reason::kRepeat;
  EXPECT_THAT(Walk(Sample(), what, {Response(200, Found("1"))}), ElementsAre(Search(), "done"));
}

TEST(ServiceNowTest, WhatWasResolvedIsOpenedAgain) {
  dispatch::Notification what = SampleFiring();
  what.reason = dispatch::Reason::kRepeat;
  EXPECT_THAT(Walk(Sample(), what, {Response(200, Found("6")), Response(200)})[1],
              HasSubstr("\"state\":\"2\""));
}

TEST(ServiceNowTest, AResolvedGroupResolvesItsRecordOnce) {
  const auto steps = Walk(Sample(), SampleResolved(), {Response(200, Found("2")), Response(200)});
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[1],
            "PATCH incident/5e1f {\"close_code\":\"Solution provided\",\"close_notes\":\"over\","
            "\"state\":\"6\",\"work_notes\":\"0 firing\"}");
  EXPECT_THAT(Walk(Sample(), SampleResolved(), {Response(200, Found("6"))}),
              ElementsAre(Search(), "done"));
  EXPECT_THAT(Walk(Sample(), SampleResolved(), {Response(200, kNone)}),
              ElementsAre(Search(), "done"));
  Options options = Sample();
  options.resolve_state = "";
  EXPECT_EQ(Walk(options, SampleResolved(), {Response(200, Found("2")), Response(200)})[1],
            "PATCH incident/5e1f {\"work_notes\":\"0 firing\"}");
  options.work_notes = {};
  EXPECT_THAT(Walk(options, SampleResolved(), {Response(200, Found("2"))}),
              ElementsAre(Search(), "done"));
}

// Of a ticket that automation created.
TEST(ServiceNowTest, AnEndThatIsToldAsAnUpdateResolvesTheRecord) {
  const dispatch::Notification end = SampleUpdate(config::kVendorResolve);
  const auto steps = Walk(Sample(), end, {Response(200, Found("2")), Response(200)});
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_THAT(steps[1], AllOf(HasSubstr("PATCH incident/5e1f {"), HasSubstr("\"state\":\"6\""),
                              HasSubstr("\"work_notes\":\"ada resolved it in Watchfire: rolling")));
  EXPECT_THAT(Walk(Sample(), end, {Response(200, Found("6"))}), ElementsAre(Search(), "done"));
  EXPECT_THAT(Walk(Sample(), end, {Response(200, kNone)}), ElementsAre(Search(), "done"));
  Options options = Sample();
  options.resolve_state = "";
  EXPECT_THAT(Walk(options, end, {Response(200, Found("2")), Response(200)})[1],
              AllOf(HasSubstr("work_notes"), Not(HasSubstr("\"state\""))));
}

TEST(ServiceNowTest, CloseNotesSayWhetherItFires) {
  Options options = Sample();
  options.close_notes = Text(servicenow::kDefaultCloseNotes);
  const auto notes = [&](const dispatch::Notification& what) {
    return Walk(options, what, {Response(200, Found("2")), Response(200)})[1];
  };
  EXPECT_THAT(notes(SampleResolved()),
              HasSubstr("\"Watchfire: no alert of this group fires any more.\""));
  EXPECT_THAT(notes(SampleUpdate(config::kVendorResolve)),
              HasSubstr("\"Watchfire: the incident was resolved, though alerts of this group fire "
                        "(1).\""))
      << "by hand";
}

TEST(ServiceNowTest, ErrorsAreReadFromTheAnswer) {
  const std::string no_user =
      R"({"error":{"message":"User Not Authenticated","detail":"Required to provide Auth )"
      R"(information"},"status":"failure"})";
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(401, no_user)}).back(),
            "fail failed to look up incidents: unexpected status code 401: User Not "
            "Authenticated: Required to provide Auth information");
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(200, kNone), Response(403, "{}")}).back(),
            "fail unexpected status code 403: {}");
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(200, "<h1>Your instance sleeps</h1>")}).back(),
            "retry the answer is no JSON: <h1>Your instance sleeps</h1>");
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(200, kNone), Response(200, "<h1>")}).back(),
            "retry the answer is no JSON: <h1>");
}

TEST(ServiceNowTest, LongTextsAreCut) {
  Options options = Sample();
  options.short_description = Text(std::string(200, 's'));
  options.description = Text(std::string(5000, 'd'));
  const std::string body = Walk(options, SampleFiring(), {Response(200, kNone), Response(201)})[1];
  EXPECT_THAT(body, HasSubstr("\"" + std::string(159, 's') + "\u2026\""));
  EXPECT_THAT(body, HasSubstr("\"" + std::string(3999, 'd') + "\u2026\""));
}

TEST(ServiceNowTest, AFailingTemplateIsFinal) {
  Options options = Sample();
  options.close_notes = Text("{{ .Nope }}");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step), testing::StartsWith("template: field:1:3: "));
}

}  // namespace
}  // namespace watchfire::notify
