// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/incidentio/incidentio.h"

#include "pkg/notify/conformance.h"

namespace watchfire::notify {
namespace {

using incidentio::Options;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kUrl = "https://api.example.com/v2/alert_events/alertmanager/01ABC";
constexpr const char* kToken = "t0ken-of-the-source";

Options Sample() {
  Options options;
  options.url = kUrl;
  options.token.value = Secret(kToken);
  return options;
}

Result<std::string> ReadFile(const std::string& path) {
  if (path == "/etc/url") return kUrl;
  if (path == "/etc/token") return "from-file";
  if (path == "/etc/empty") return "";
  return ::watchfire::Fail(Code::kNotFound, path + ": no such file");
}

std::unique_ptr<Exchange> Start(const Options& options) {
  return incidentio::Describe().start(std::make_shared<const Options>(options),
                                      TestContext(ReadFile));
}

Step Answer(const Options& options, const Result<net::OutResponse>& response) {
  const auto exchange = Start(options);
  BeginRequest(*exchange, SampleFiring());
  return exchange->OnResponse(response);
}

std::string WhyOf(int status, const std::string& body) {
  net::OutResponse response;
  response.status = status;
  response.body = body;
  return WhyOf(Answer(Sample(), response));
}

INSTANTIATE_TEST_SUITE_P(Incidentio, ConformanceTest,
                         testing::Values(Subject{
                             .directory = "pkg/notify/incidentio",
                             .start = [] { return Start(Sample()); },
                             .retry_codes = {429},
                             .secrets = {kToken},
                             .ok_body = R"({"status":"success","message":"Event accepted"})",
                             .headers = {"Authorization: Bearer t0ken-of-the-source"},
                             .place = Subject::Place::kNone}));

TEST(IncidentioTest, UrlAndTokenMayStandInFilesReadForEverySend) {
  Options options;
  options.url_file = "/etc/url";
  options.token.file = "/etc/token";
  const net::OutRequest request = BeginRequest(*Start(options), SampleFiring());
  EXPECT_EQ(request.url.reveal(), kUrl);
  EXPECT_EQ(net::FindHeader(request.headers, "Authorization"), "Bearer from-file");

  options.token.file = "/etc/none";
  EXPECT_EQ(notify::WhyOf(Start(options)->Begin(SampleFiring())),
            "alert_source_token_file: /etc/none: no such file");
  options.url_file = "/etc/none";
  const Step missing = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Retry>(missing));
  EXPECT_EQ(notify::WhyOf(missing), "url_file: /etc/none: no such file");
  options.url_file = "/etc/empty";
  EXPECT_TRUE(std::holds_alternative<Fail>(Start(options)->Begin(SampleFiring())));
}

TEST(IncidentioTest, WithoutATokenHttpConfigAuthorizes) {
  Options options = Sample();
  options.token = {};
  const net::OutRequest request = BeginRequest(*Start(options), SampleFiring());
  EXPECT_EQ(net::FindHeader(request.headers, "Authorization"), "");
}

TEST(IncidentioTest, MetadataIsRenderedAndSentAlong) {
  Options options = Sample();
  options.metadata["team"] =
      templates::Snippet::Parse("metadata.team", "{{ .GroupLabels.service }} <ops>").value();
  EXPECT_THAT(
      BeginRequest(*Start(options), SampleFiring()).body,
      testing::EndsWith(
          "\"truncatedAlerts\":0,\"metadata\":{\"team\":\"victor-ai \\u003cops\\u003e\"}}\n"));
  options.metadata["bad"] = templates::Snippet::Parse("metadata.bad", "{{ .Nope }}").value();
  const Step step = Start(options)->Begin(SampleFiring());
  ASSERT_TRUE(std::holds_alternative<Fail>(step));
  EXPECT_THAT(notify::WhyOf(step), testing::StartsWith("failed to render metadata: template: "));
}

TEST(IncidentioTest, MaxAlertsKeepsTheFirst) {
  Options options = Sample();
  options.max_alerts = 1;
  const std::string body = BeginRequest(*Start(options), SampleFiring()).body;
  EXPECT_THAT(body, HasSubstr("\"truncatedAlerts\":1}\n"));
  EXPECT_THAT(body, Not(HasSubstr("ProviderSlow")));
}

TEST(IncidentioTest, ATooLargeMessageKeepsOneAlertAndTheStatusOfAll) {
  dispatch::Notification notification = SampleFiring();
  std::swap(notification.alerts.Own(0), notification.alerts.Own(1));
  alert::Alert& large = notification.alerts.Own(1);
  const auto body = [&](size_t bytes) {
    large.annotations = labels::LabelSet{{"text", std::string(bytes, 'x')}};
    return BeginRequest(*Start(Sample()), notification).body;
  };
  const size_t room = 512 * 1024 - body(0).size();
  EXPECT_EQ(body(room).size(), 512U * 1024U);
  EXPECT_THAT(body(room), HasSubstr("\"truncatedAlerts\":0}\n"));
  const std::string cut = body(room + 1);
  EXPECT_LT(cut.size(), 5000U);
  EXPECT_THAT(cut, HasSubstr("\"truncatedAlerts\":1}\n"));
  EXPECT_THAT(cut, HasSubstr("\"status\":\"firing\",\"alerts\":[{\"status\":\"resolved\""));
}

TEST(IncidentioTest, ErrorsAreReadFromTheAnswer) {
  EXPECT_EQ(WhyOf(422, R"({"message":"bad","error":"x","errors":["a","b"]})"),
            "unexpected status code 422: bad: x: a, b");
  EXPECT_EQ(WhyOf(401, R"({"type":"authentication_error","status":401,)"
                       R"("errors":[{"code":"missing","message":"no t0ken-of-the-source"}]})"),
            "unexpected status code 401: no <secret>");
  EXPECT_EQ(WhyOf(404, "{}"), "unexpected status code 404: {}");
}

TEST(IncidentioTest, ATimeoutNamesTheConfiguredOne) {
  Options options = Sample();
  options.timeout = std::chrono::milliseconds(1500);
  EXPECT_EQ(BeginRequest(*Start(options), SampleFiring()).timeout, options.timeout);
  EXPECT_EQ(notify::WhyOf(Answer(options, ::watchfire::Fail(Code::kTimeout, "too slow"))),
            "configured incident.io timeout reached (1.5s): too slow");
}

}  // namespace
}  // namespace watchfire::notify
