// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What PagerDuty and Opsgenie tell whoever polls them.

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/pagersim/json_in.h"
#include "cmd/pagersim/paging_vendors.h"

namespace watchfire::pagersim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using Verb = PersonAct::Verb;

constexpr const char* kKey = "0123456789abcdef0123456789abcdef";

class PolledTest : public testing::Test {
 protected:
  using Query = std::map<std::string, std::string>;
  Reply Get(const std::string& path, const std::string& authorization, const Query& query = {}) {
    PagingVendors::Call call{"GET", path, "id", authorization, ""};
    call.parameter = [&](const char* name) {
      const auto found = query.find(name);
      return found == query.end() ? std::string() : found->second;
    };
    return vendors_.Answer(call, now_).value();
  }
  void Event(const std::string& action, const std::string& key) {
    const std::string body = R"({"routing_key":")" + std::string(kKey) + R"(","event_action":")" +
                             action + R"(","dedup_key":")" + key +
                             R"(","payload":{"summary":"s","source":"a","severity":"error"}})";
    EXPECT_EQ(vendors_.Answer({"POST", "/v2/enqueue", "", "", body}, now_)->status, 202);
  }
  std::string Log(const Query& query = {}) {
    return Get("/log_entries", "Token token=pd", query).body;
  }
  std::string Text(const std::string& body, const char* pointer) const {
    return JsonIn::Parse(body)->Text(pointer);
  }

  WallTime now_ = FromNanos(1'700'000'000'000'000'000);
  PagingVendors vendors_{{Secret(kKey), Secret("og"), Secret(), Secret(), milliseconds(0), Secret(),
                          Secret(), Secret("pd")}};
};

TEST_F(PolledTest, PagerDutysLogHasTheNewestFirst) {
  Event("trigger", "d");
  now_ += seconds(10);
  vendors_.Do("pagerduty", {Verb::kAcknowledge, 1, "Ada"}, now_);
  now_ += seconds(10);
  vendors_.Do("pagerduty", {Verb::kNote, 1, "Ada", "a full disk"}, now_);
  Event("resolve", "d");
  const std::string all = Log({{"include[]", "incidents channels"}});
  EXPECT_EQ(Text(all, "/log_entries/0/type"), "resolve_log_entry");
  EXPECT_EQ(Text(all, "/log_entries/0/agent/type"), "service_reference");
  EXPECT_EQ(Text(all, "/log_entries/1/channel/content"), "a full disk");
  EXPECT_EQ(Text(all, "/log_entries/2/type"), "acknowledge_log_entry");
  EXPECT_EQ(Text(all, "/log_entries/2/agent/summary"), "Ada");
  EXPECT_EQ(Text(all, "/log_entries/2/incident/incident_key"), "d");
  EXPECT_EQ(Text(all, "/log_entries/3/type"), "trigger_log_entry");
  EXPECT_THAT(Log(), Not(HasSubstr("incident_key"))) << "only who asks for incidents gets them";
}

TEST_F(PolledTest, PagerDutysLogIsCutByTimeAndPage) {
  for (int i = 0; i < 3; ++i) {
    Event("trigger", "d" + std::to_string(i));
    now_ += seconds(60);
  }
  const std::string since = Log({{"since", FormatRfc3339(now_ - seconds(130))}});
  EXPECT_EQ(JsonIn::Parse(since)->List("/log_entries").size(), 2U);
  const std::string page = Log({{"limit", "2"}});
  EXPECT_EQ(JsonIn::Parse(page)->List("/log_entries").size(), 2U);
  EXPECT_THAT(page, HasSubstr(R"("more":true)"));
  EXPECT_THAT(Log({{"limit", "2"}, {"offset", "2"}}), HasSubstr(R"("more":false)"));
  EXPECT_EQ(Get("/log_entries", "Token token=other").status, 401);
  EXPECT_EQ(Get("/log_entries", "Token token=pd", {{"since", "monday"}}).status, 400);
}

TEST_F(PolledTest, OpsgeniesAlertsReportWhoTookThem) {
  for (const char* alias : {"a", "b"}) {
    const std::string body = R"({"message":"m","alias":")" + std::string(alias) + R"("})";
    vendors_.Answer({"POST", "/v2/alerts", "", "GenieKey og", body}, now_);
    vendors_.Tick(now_);
    now_ += seconds(1);
  }
  vendors_.Do("opsgenie", {Verb::kAcknowledge, 1, "ada@example.com"}, now_);
  vendors_.Do("opsgenie", {Verb::kNote, 1, "ada@example.com", "mine"}, now_);
  const Query by_update = {{"sort", "updatedAt"}};
  std::string list = Get("/v2/alerts", "GenieKey og", by_update).body;
  EXPECT_EQ(Text(list, "/data/0/alias"), "a") << list;
  EXPECT_EQ(Text(list, "/data/0/report/acknowledgedBy"), "ada@example.com");
  EXPECT_THAT(list, HasSubstr(R"("ackTime":2000)"));
  EXPECT_EQ(Text(list, "/data/1/alias"), "b");
  const std::string notes =
      Get("/v2/alerts/" + Text(list, "/data/0/id") + "/notes", "GenieKey og").body;
  EXPECT_EQ(Text(notes, "/data/0/note"), "mine");
  EXPECT_EQ(Text(notes, "/data/0/owner"), "ada@example.com");
  now_ += seconds(5);
  vendors_.Do("opsgenie", {Verb::kResolve, 2, "bob@example.com"}, now_);
  list = Get("/v2/alerts", "GenieKey og", {{"sort", "updatedAt"}, {"limit", "1"}}).body;
  EXPECT_EQ(Text(list, "/data/0/report/closedBy"), "bob@example.com");
  EXPECT_EQ(Text(list, "/data/0/status"), "closed");
  EXPECT_EQ(JsonIn::Parse(list)->List("/data").size(), 1U);
}

}  // namespace
}  // namespace watchfire::pagersim
