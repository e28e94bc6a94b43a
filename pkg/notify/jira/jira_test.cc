// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/jira/jira.h"

#include "pkg/base/digest.h"
#include "pkg/dispatch/ticket_name.h"
#include "pkg/notify/conformance.h"
#include "pkg/notify/update_for_test.h"

namespace watchfire::notify {
namespace {

using jira::ApiType;
using jira::Options;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kNone = R"({"issues":[]})";
constexpr const char* kOpen =
    R"({"issues":[{"key":"OPS-7","fields":{"status":{"statusCategory":{"key":"new"}}}},{}]})";
constexpr const char* kClosed =
    R"({"issues":[{"key":"OPS-7","fields":{"status":{"statusCategory":{"key":"done"}}}}]})";
constexpr const char* kTransitions =
    R"({"transitions":[{"id":"11","name":"Start"},{"id":"31","name":"Done"},)"
    R"({"id":"41","name":"Again"}]})";

templates::Snippet Snippet(const std::string& text) {
  return templates::Snippet::Parse("field", text).value();
}

// As the configuration gives it.
Options Sample() {
  Options options;
  options.api_url = "https://jira.example.com/rest/api/2";
  options.project = Snippet("{{ \"OPS\" }}");
  options.issue_type = Snippet("Bug");
  options.summary.text = Snippet("{{ template \"jira.default.summary\" . }}");
  options.description.text = Snippet("{{ template \"jira.default.description\" . }}");
  options.labels = {Snippet("zone-{{ .GroupLabels.service }}"), Snippet("<alerts>")};
  options.priority = Snippet("{{ template \"jira.default.priority\" . }}");
  options.reopen_transition = "Again";
  options.resolve_transition = "Done";
  options.reopen_duration = std::chrono::hours(2);
  config::TemplateTree leaf;
  leaf.kind = config::TemplateTree::Kind::kText;
  leaf.text = Snippet("{{ len .Alerts }}");
  options.fields.emplace();
  options.fields->kind = config::TemplateTree::Kind::kMap;
  options.fields->keys = {Snippet("customfield_10001")};
  options.fields->items = {leaf};
  return options;
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return jira::Describe().start(std::make_shared<const Options>(options), TestContext(nullptr));
}

net::OutResponse Response(int status, const std::string& body = "") {
  net::OutResponse response;
  response.status = status;
  response.body = body;
  return response;
}

// The request that writes the issue: the one that is created, or that of a resolved group updated.
net::OutRequest ReachIssue(Exchange& exchange, const dispatch::Notification& what) {
  BeginRequest(exchange, what);
  Step step = exchange.OnResponse(Response(200, what.firing() ? kNone : kOpen));
  EXPECT_TRUE(std::holds_alternative<Send>(step)) << WhyOf(step);
  if (auto* send = std::get_if<Send>(&step)) return std::move(send->request);
  return {};
}

std::string IssueBody(const Options& options, const dispatch::Notification& what) {
  return ReachIssue(*Start(options), what).body;
}

std::string SearchBody(const Options& options,
                       const dispatch::Notification& what = SampleFiring()) {
  return BeginRequest(*Start(options), what).body;
}

// Answers with each response in turn; returns the requests and how it ended.
std::vector<std::string> Walk(const Options& options, const dispatch::Notification& what,
                              const std::vector<Result<net::OutResponse>>& responses) {
  std::vector<std::string> out;
  const auto exchange = Start(options);
  Step step = exchange->Begin(what);
  for (size_t i = 0;; ++i) {
    if (const auto* send = std::get_if<Send>(&step)) {
      const std::string url = send->request.url.reveal();
      out.push_back(send->request.method + url.substr(options.api_url.size()));
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

// How the issue is called when all has been answered.
std::string NameAfter(const Options& options, const dispatch::Notification& what,
                      const std::vector<net::OutResponse>& responses) {
  const auto exchange = Start(options);
  Step step = exchange->Begin(what);
  for (const net::OutResponse& response : responses) step = exchange->OnResponse(response);
  const auto* done = std::get_if<Done>(&step);
  return done == nullptr ? "not done" : dispatch::TicketName(done->data);
}

INSTANTIATE_TEST_SUITE_P(Jira, ConformanceTest,
                         testing::Values(Subject{.directory = "pkg/notify/jira",
                                                 .start = [] { return Start(Sample()); },
                                                 .retry_codes = {429},
                                                 .secrets = {},
                                                 .ok_body = R"({"id":"1","key":"OPS-1"})",
                                                 .headers = {"Accept-Language: en"},
                                                 .place = Subject::Place::kNone,
                                                 .reach = ReachIssue}));

TEST(JiraTest, AnIssueIsLookedForByTheLabelOfTheGroup) {
  const std::string tail = R"( project=\"OPS\" and labels=\"ALERT{)" +
                           Sha256Hex(SampleFiring().group_key) +
                           R"(}\" order by status ASC,resolutiondate DESC","maxResults":2})"
                           "\n";
  EXPECT_EQ(SearchBody(Sample()), R"({"fields":["status"],"jql":"(resolutiondate is EMPTY OR )"
                                  R"(resolutiondate \u003e= -120m) and)" +
                                      tail);
  const std::string open = R"({"fields":["status"],"jql":"statusCategory != Done and)" + tail;
  EXPECT_EQ(SearchBody(Sample(), SampleResolved()), open);
  Options options = Sample();
  options.reopen_duration = {};
  EXPECT_EQ(SearchBody(options), open);
  options = Sample();
  options.reopen_transition = "";
  EXPECT_EQ(SearchBody(options), open);
  options.wont_fix_resolution = "Won't \"Do\"";
  EXPECT_EQ(SearchBody(options),
            R"({"fields":["status"],"jql":"(resolution is EMPTY or resolution != \"Won't )"
            R"(\\\"Do\\\"\") and statusCategory != Done and)" +
                tail);
}

TEST(JiraTest, TheKeyOfTheIssueIsTold) {
  const std::string created = R"({"id":"10042","key":"OPS-8","self":"https://jira.example.com"})";
  EXPECT_EQ(NameAfter(Sample(), SampleFiring(), {Response(200, kNone), Response(201, created)}),
            "OPS-8");
  EXPECT_EQ(NameAfter(Sample(), SampleFiring(), {Response(200, kNone), Response(201, "<html>")}),
            "");
  EXPECT_EQ(NameAfter(Sample(), SampleFiring(), {Response(200, kOpen), Response(204)}), "OPS-7");
  EXPECT_EQ(NameAfter(Sample(), SampleResolved(), {Response(200, kNone)}), "");
  EXPECT_EQ(
      NameAfter(Sample(), SampleResolved(),
                {Response(200, kOpen), Response(204), Response(200, kTransitions), Response(204)}),
      "OPS-7");
  const std::string odd = R"({"key":"A\n)" + std::string(1000, 'x') + "\"}";
  const std::string name =
      NameAfter(Sample(), SampleFiring(), {Response(200, kNone), Response(201, odd)});
  EXPECT_LE(name.size(), dispatch::kTicketNameRunes + 3) << "cut";
  EXPECT_EQ(name.find('\n'), name.npos);
}

TEST(JiraTest, TheCloudHasASearchOfItsOwn) {
  const auto url = [](const std::string& api_url, ApiType type) {
    Options options = Sample();
    options.api_url = api_url;
    options.api_type = type;
    return BeginRequest(*Start(options), SampleFiring()).url.reveal();
  };
  const std::string own = "https://jira.example.com/rest/api/2";
  const std::string cloud = "https://x.atlassian.net/rest/api/2";
  EXPECT_EQ(url(own, ApiType::kAuto), own + "/search");
  EXPECT_EQ(url(own, ApiType::kDataCenter), own + "/search");
  EXPECT_EQ(url(own, ApiType::kCloud), "https://jira.example.com/rest/api/3/search/jql");
  EXPECT_EQ(url(cloud, ApiType::kAuto), "https://x.atlassian.net/rest/api/3/search/jql");
  EXPECT_EQ(url(cloud, ApiType::kDataCenter), cloud + "/search");
  EXPECT_EQ(url("https://x.atlassian.net/rest/api/3", ApiType::kAuto),
            "https://x.atlassian.net/rest/api/3/search/jql");
}

TEST(JiraTest, AnIssueIsCreatedUpdatedReopenedAndResolved) {
  EXPECT_THAT(Walk(Sample(), SampleFiring(), {Response(200, kNone), Response(201)}),
              ElementsAre("POST/search", "POST/issue", "done"));
  EXPECT_THAT(Walk(Sample(), SampleFiring(), {Response(200, kOpen), Response(204)}),
              ElementsAre("POST/search", "PUT/issue/OPS-7", "done"));
  EXPECT_THAT(
      Walk(Sample(), SampleFiring(),
           {Response(200, kClosed), Response(204), Response(200, kTransitions), Response(204)}),
      ElementsAre("POST/search", "PUT/issue/OPS-7", "GET/issue/OPS-7/transitions",
                  "POST/issue/OPS-7/transitions", "done"));
  EXPECT_THAT(Walk(Sample(), SampleResolved(), {Response(200, kNone)}),
              ElementsAre("POST/search", "done"));
  EXPECT_THAT(Walk(Sample(), SampleResolved(), {Response(200, kClosed), Response(204)}),
              ElementsAre("POST/search", "PUT/issue/OPS-7", "done"));
  Options options = Sample();
  options.resolve_transition = "";
  EXPECT_THAT(Walk(options, SampleResolved(), {Response(200, kOpen), Response(204)}),
              ElementsAre("POST/search", "PUT/issue/OPS-7", "done"));
}

TEST(JiraTest, ATransitionIsFoundByItsName) {
  const auto body = [](const dispatch::Notification& what, const char* found) {
    const auto exchange = Start(Sample());
    BeginRequest(*exchange, what);
    std::ignore = exchange->OnResponse(Response(200, found));
    std::ignore = exchange->OnResponse(Response(204));
    return std::get<Send>(exchange->OnResponse(Response(200, kTransitions))).request.body;
  };
  EXPECT_EQ(body(SampleResolved(), kOpen), "{\"transition\":{\"id\":\"31\"}}\n");
  EXPECT_EQ(body(SampleFiring(), kClosed), "{\"transition\":{\"id\":\"41\"}}\n");
  Options options = Sample();
  options.resolve_transition = "Nope";
  EXPECT_EQ(Walk(options, SampleResolved(),
                 {Response(200, kOpen), Response(204), Response(200, kTransitions)})
                .back(),
            "fail can't find transition Nope for issue OPS-7");
}

TEST(JiraTest, WhatFailsOnTheWaySaysWhere) {
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(401, "who?")}).back(),
            "fail failed to look up existing issues: unexpected status code 401: who?");
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(503)}).back(),
            "retry failed to look up existing issues: unexpected status code 503");
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(200, "<login>")}).back(),
            "fail failed to look up existing issues: the answer is no list of issues: <login>");
  EXPECT_EQ(Walk(Sample(), SampleFiring(), {Response(200, kClosed), Response(400, "no")}).back(),
            "fail unexpected status code 400: no");
  EXPECT_EQ(Walk(Sample(), SampleFiring(),
                 {Response(200, kClosed), Response(204), ::watchfire::Fail(Code::kTimeout, "late")})
                .back(),
            "retry failed to move issue OPS-7: late");
}

TEST(JiraTest, ACreateWithoutAnswerWaitsForTheIndex) {
  const auto wait = [](bool never_sent) {
    const auto exchange = Start(Sample());
    ReachIssue(*exchange, SampleFiring());
    Error error{Code::kUnavailable, "cut", never_sent};
    return std::get<Retry>(exchange->OnResponse(::watchfire::Fail(error))).after;
  };
  EXPECT_EQ(wait(false), std::chrono::seconds(5));
  EXPECT_EQ(wait(true), Duration::zero());
}

TEST(JiraTest, AnUpdateLeavesOutWhatIsNotToBeUpdated) {
  Options options = Sample();
  EXPECT_THAT(IssueBody(options, SampleResolved()), HasSubstr("\"summary\":\"[RESOLVED]"));
  options.summary.enable_update = false;
  options.description.enable_update = false;
  const std::string update = IssueBody(options, SampleResolved());
  EXPECT_THAT(update, Not(HasSubstr("\"summary\"")));
  EXPECT_THAT(update, Not(HasSubstr("\"description\"")));
  EXPECT_THAT(IssueBody(options, SampleFiring()),
              testing::AllOf(HasSubstr("\"summary\""), HasSubstr("\"description\"")));
}

TEST(JiraTest, LabelsCanBeLeftAsTheyAre) {
  Options options = Sample();
  options.update_labels = false;
  EXPECT_THAT(IssueBody(options, SampleResolved()),
              testing::AllOf(HasSubstr("\"summary\""), Not(HasSubstr("\"labels\""))));
  EXPECT_THAT(IssueBody(options, SampleFiring()), HasSubstr("\"labels\":[\"\\u003calerts"));
}

TEST(JiraTest, VersionThreeTakesADocument) {
  Options options = Sample();
  options.api_url = "https://x.atlassian.net/rest/api/3";
  const auto body = [&](const std::string& description) {
    options.description.text = Snippet(description);
    return IssueBody(options, SampleFiring());
  };
  EXPECT_THAT(body(" {\"type\": \"doc\"} "), HasSubstr("\"description\":{\"type\": \"doc\"},"));
  EXPECT_THAT(body("one {{ .Status }}\n\n<two>"),
              HasSubstr(R"("description":{"type":"doc","version":1,"content":[)"
                        R"({"type":"paragraph","content":[{"type":"text","text":"one firing"}]},)"
                        R"({"type":"paragraph","content":[]},)"
                        R"({"type":"paragraph","content":[{"type":"text","text":"\u003ctwo\u003e"})"
                        R"(]}]})"));
  EXPECT_THAT(body("  "), Not(HasSubstr("\"description\"")));
  options.description.text = Snippet("{\"type\": ");
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_EQ(WhyOf(step), "description template: invalid JSON for API v3");
}

TEST(JiraTest, OwnFieldsWinAndLongTextsAreCut) {
  Options options = Sample();
  options.summary.text = Snippet("a\nb" + std::string(300, 's'));
  options.description.text = Snippet(std::string(40'000, 'd'));
  options.fields->keys[0] = Snippet("priority");
  const std::string body = IssueBody(options, SampleFiring());
  EXPECT_THAT(body, HasSubstr("\"summary\":\"a b" + std::string(251, 's') + "\u2026\""));
  EXPECT_THAT(body, HasSubstr("\"description\":\"" + std::string(32'766, 'd') + "\u2026\""));
  EXPECT_THAT(body, HasSubstr("\"priority\":2,"));
}

// Of a ticket that automation created: its fields are left as they are.
TEST(JiraTest, AnEndThatIsToldAsAnUpdateIsACommentAndATransition) {
  const dispatch::Notification end = SampleUpdate(config::kVendorResolve);
  EXPECT_THAT(
      Walk(Sample(), end,
           {Response(200, kOpen), Response(201), Response(200, kTransitions), Response(204)}),
      ElementsAre("POST/search", "POST/issue/OPS-7/comment", "GET/issue/OPS-7/transitions",
                  "POST/issue/OPS-7/transitions", "done"));
  EXPECT_THAT(Walk(Sample(), end, {Response(200, kNone)}), ElementsAre("POST/search", "done"))
      << "somebody closed it";
  Options options = Sample();
  options.resolve_transition = "";
  options.summary.text = Snippet("{{ .Nope }}");
  EXPECT_THAT(Walk(options, end, {Response(200, kOpen), Response(201)}),
              ElementsAre("POST/search", "POST/issue/OPS-7/comment", "done"));
  const auto comment = [&](const char* url) {
    options.api_url = url;
    const auto exchange = Start(options);
    BeginRequest(*exchange, end);
    const Step step = exchange->OnResponse(Response(200, kOpen));
    return std::get<Send>(step).request.body;
  };
  EXPECT_EQ(comment("https://jira.example.com/rest/api/2"),
            "{\"body\":\"ada resolved it in Watchfire: rolling back \\u003cv2\\u003e \\u0026 "
            "waiting\"}\n");
  EXPECT_THAT(comment("https://x.atlassian.net/rest/api/3"),
              HasSubstr(R"({"body":{"type":"doc","version":1,"content":[{"type":"paragraph",)"));
}

TEST(JiraTest, AFailingTemplateIsFinal) {
  Options options = Sample();
  options.labels.push_back(Snippet("{{ .Nope }}"));
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(WhyOf(step), testing::StartsWith("template: field:1:3: "));
}

}  // namespace
}  // namespace watchfire::notify
