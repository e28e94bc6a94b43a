// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "pkg/api/api.h"
#include "pkg/api/backend_for_test.h"

namespace watchfire::api {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

std::shared_ptr<const config::Config> TestConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "on-call";
  config->route.group_by = {"service"};
  config->route.key = config->route.id = "{}";
  config->route.group_wait = seconds(30);
  config->receivers = {{"on-call", {{"victorops", 0, true, true, nullptr}}}};
  config->inhibit_rules = {
      {"quiet",
       {matcher::Matcher::Create(matcher::Op::kEqual, "severity", "critical").value()},
       {matcher::Matcher::Create(matcher::Op::kEqual, "severity", "warning").value()},
       {"service"}}};
  config->datasources.emplace_back();
  return config;
}

class ExplainApiTest : public testing::Test {
 protected:
  ExplainApiTest() {
    const auto post = [&](const std::string& name, const std::string& severity) {
      const std::string body = R"([{"labels":{"alertname":")" + name +
                               R"(","service":"api","severity":")" + severity + R"("}}])";
      EXPECT_EQ(Handle(MakeRequest("POST", "/api/v2/alerts", body), backend_).status, 200);
    };
    post("ApiDown", "critical");
    post("ApiSlow", "warning");
  }
  net::Response Send(const std::string& query) {
    return Handle(MakeRequest("GET", "/api/v1/explain" + query), backend_);
  }
  simdjson::dom::element Data(const std::string& query) {
    const net::Response response = Send(query);
    EXPECT_EQ(response.status, 200) << response.body;
    body_ = simdjson::padded_string(response.body);
    return parser_.parse(body_)["data"];
  }
  std::string Error(const std::string& query, int status) {
    const net::Response response = Send(query);
    EXPECT_EQ(response.status, status) << query;
    return response.body;
  }

  FakeBackend backend_{TestConfig()};
  simdjson::dom::parser parser_;
  simdjson::padded_string body_;
};

TEST_F(ExplainApiTest, APagedAlertShowsEveryStage) {
  backend_.Pass(seconds(31));
  const auto data = Data("?filter=alertname=\"ApiDown\"");
  EXPECT_FALSE(bool(data["past"]));
  EXPECT_FALSE(bool(data["shadow"]));
  EXPECT_EQ(int64_t(data["total"]), 1);
  EXPECT_TRUE(data["reconfiguredAt"].is_null());
  const auto alert = data["alerts"].at(0);
  EXPECT_EQ(std::string_view(alert["summary"]), "firing; told to victorops of on-call");
  EXPECT_EQ(std::string_view(alert["source"]), "api");
  EXPECT_EQ(std::string_view(alert["receivedAt"]), "2026-09-21T14:13:20.123Z");
  EXPECT_TRUE(alert["inhibitedBy"].is_null());
  const auto group = alert["groups"].at(0);
  EXPECT_EQ(std::string_view(group["groupKey"]), "{}:{service=\"api\"}");
  EXPECT_EQ(std::string_view(group["timers"]["groupWait"]), "30s");
  EXPECT_EQ(std::string_view(group["path"].at(0)), "{}");
  EXPECT_EQ(std::string_view(group["incident"]), "1");
  EXPECT_EQ(std::string_view(group["nextFlush"]), "2026-09-21T14:18:50.123Z");
  const auto known = group["integrations"].at(0);
  EXPECT_TRUE(bool(known["toldFiring"]));
  EXPECT_EQ(std::string_view(known["toldReason"]), "first notification");
  EXPECT_EQ(std::string_view(known["repeatDue"]), "2026-09-21T18:13:50.123Z");
  const auto message = known["messages"].at(0);
  EXPECT_EQ(std::string_view(message["outcome"]), "accepted");
  EXPECT_TRUE(bool(message["attempts"].at(0)["accepted"]));
  EXPECT_EQ(std::string_view(alert["chain"].at(0)["what"]), "received");
}

TEST_F(ExplainApiTest, ASilentAlertSaysWho) {
  const std::string silence =
      R"({"matchers":[{"name":"service","value":"api","isRegex":false}],"comment":"disks",)"
      R"("createdBy":"ada","startsAt":"2026-09-21T14:13:21Z","endsAt":"2026-09-21T16:00:00Z"})";
  Handle(MakeRequest("POST", "/api/v2/silences", silence), backend_);
  backend_.Pass(seconds(31));
  const auto alert = Data("?filter=alertname=\"ApiSlow\"")["alerts"].at(0);
  EXPECT_EQ(std::string_view(alert["summary"]), "firing; inhibited by ApiDown");
  EXPECT_EQ(std::string_view(alert["inhibitedBy"]["labels"]["alertname"]), "ApiDown");
  EXPECT_EQ(int64_t(alert["inhibitedBy"]["rule"]), 0);
  EXPECT_EQ(std::string_view(alert["inhibitedBy"]["ruleName"]), "quiet");
  EXPECT_EQ(std::string_view(alert["silencedBy"].at(0)["comment"]), "disks");
  const auto decision = alert["groups"].at(0)["decisions"].at(0);
  EXPECT_EQ(std::string_view(decision["decision"]), "inhibited");
  EXPECT_EQ(std::string_view(decision["text"]), "0 quiet");
}

TEST_F(ExplainApiTest, ByFingerprintAndAtAPastTime) {
  backend_.Pass(minutes(2));
  const std::string id(
      std::string_view(Data("?filter=alertname=\"ApiDown\"")["alerts"].at(0)["fingerprint"]));
  const auto data = Data("?fingerprint=" + id + "&at=2026-09-21T14:13:40Z");
  EXPECT_TRUE(bool(data["past"]));
  EXPECT_EQ(std::string_view(data["at"]), "2026-09-21T14:13:40.000Z");
  const auto group = data["alerts"].at(0)["groups"].at(0);
  EXPECT_TRUE(group["nextFlush"].is_null());
  EXPECT_FALSE(bool(group["integrations"].at(0)["toldFiring"]));
  EXPECT_EQ(int64_t(Data("")["total"]), 2) << "everything that fires";
}

TEST_F(ExplainApiTest, BadRequestsAreExplainedAsWell) {
  EXPECT_THAT(Error("?fingerprint=12", 400), HasSubstr("fingerprint must be 16 hex digits"));
  EXPECT_THAT(Error("?fingerprint=000000000000000g", 400), HasSubstr("16 hex digits"));
  EXPECT_THAT(Error("?fingerprint=0000000000000001", 404),
              HasSubstr("nothing is known of an alert 0000000000000001"));
  EXPECT_THAT(Error("?fingerprint=0000000000000001&filter=a=b", 400), HasSubstr("together"));
  EXPECT_THAT(Error("?filter=a", 400), HasSubstr("bad matcher"));
  EXPECT_THAT(Error("?at=yesterday", 400), HasSubstr("at: "));
  EXPECT_THAT(Error("?limit=0", 400), HasSubstr("at least 1"));
  EXPECT_THAT(Error("?limit=101", 400), HasSubstr("at most 100"));
  EXPECT_THAT(Error("?limit=11&at=2026-09-21T14:13:40Z", 400), HasSubstr("at most 10 together"));
  backend_.busy = true;
  EXPECT_EQ(Send("").status, 503);
}

TEST_F(ExplainApiTest, SaysThatItIsShadowMode) {
  backend_.info_.shadow = "http://am:9093";
  EXPECT_TRUE(bool(Data("")["shadow"]));
}

}  // namespace
}  // namespace watchfire::api
