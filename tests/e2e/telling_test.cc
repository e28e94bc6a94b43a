// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What people do to an incident reaches VictorOps, PagerDuty and Opsgenie over real sockets, and
// what VictorOps' webhook makes of it comes back and changes nothing.

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kFiring =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"}}])";
constexpr const char* kPagerDutyKey = "0123456789abcdef0123456789abcdef";
constexpr const char* kRoute =
    "route: {receiver: on-call, group_by: [service], group_wait: 0s, group_interval: 1s, "
    "repeat_interval: 1h}\n";

// Watchfire has to have an address before the pager can be told it, and the other way round: so it
// starts without receivers and reads its configuration again.
class TellingTest : public testing::Test {
 protected:
  TellingTest() {
    config_ = dir_.Write("watchfire.yml", std::string(kRoute) + "receivers: [{name: on-call}]\n");
    Boot();
    pager_ = std::make_unique<Process>(
        Process::Options{"pagersim",
                         {"--listen=127.0.0.1:0", "--victorops.key=vo",
                          "--pagerduty.key=" + std::string(kPagerDutyKey), "--opsgenie.key=og",
                          "--opsgenie.processing=100ms",
                          "--callback=http://" + address_ + "/inbound/victorops/in"}});
    pager_address_ = pager_->WaitForAddress();
    const std::string url = "http://" + pager_address_;
    dir_.Write("watchfire.yml",
               std::string(kRoute) +
                   "receivers:\n- name: on-call\n"
                   "  victorops_configs: [{api_key: vo, routing_key: ops, api_url: '" +
                   url + "/integrations/generic/20131114/alert/'}]\n  pagerduty_configs: " +
                   "[{routing_key: " + kPagerDutyKey + ", url: '" + url +
                   "/v2/enqueue'}]\n  opsgenie_configs: [{api_key: og, api_url: '" + url +
                   "/'}]\nincidents: {tell_vendors: true}\ninbound: {victorops: [{key: in}]}\n");
    EXPECT_EQ(Http(address_, "POST", "/-/reload").status, 200);
    EXPECT_EQ(Http(address_, "POST", "/api/v2/alerts", kFiring).status, 200);
    Await("/api/vendors", R"("number":1,"status":"triggered")");
    Await("/api/vendors", R"("number":1,"status":"open")");
    Await("/api/incidents", R"("state":"triggered")");
    // Of all three is known that they took it: else the ack would have to wait for that.
    EXPECT_TRUE(Eventually([&] { return Count(R"("kind":"paged")") == 3; })) << server_->errors();
  }

  void Boot() {
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config_, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=" + (address_.empty() ? "127.0.0.1:0" : address_),
                          "--config.watch-interval=0s"}});
    address_ = server_->WaitForAddress();
    ASSERT_NE(address_, "") << server_->errors();
  }
  std::string Pager(const std::string& path) const {
    return Http(pager_address_, "GET", path).body;
  }
  void Await(const std::string& path, const std::string& text) const {
    EXPECT_TRUE(Eventually([&] { return Pager(path).find(text) != std::string::npos; }))
        << text << " is not in " << Pager(path) << "\n"
        << server_->errors();
  }
  std::string Incident() const { return Http(address_, "GET", "/api/v1/incidents/1").body; }
  int Count(const std::string& text) const {
    const std::string incident = Incident();
    int count = 0;
    for (size_t at = 0; (at = incident.find(text, at)) != std::string::npos; ++at) ++count;
    return count;
  }
  void Act(const std::string& what, const std::string& body) const {
    EXPECT_EQ(Http(address_, "POST", "/api/v1/incidents/1/" + what, body).status, 200);
  }
  double Updates(const std::string& integration, const std::string& action,
                 const std::string& outcome) const {
    return Metric(address_, "watchfire_vendor_updates_total{integration=\"" + integration +
                                "\",action=\"" + action + "\",outcome=\"" + outcome + "\"}");
  }

  TempDir dir_;
  std::string config_;
  std::string address_;
  std::unique_ptr<Process> server_;
  std::unique_ptr<Process> pager_;
  std::string pager_address_;
};

TEST_F(TellingTest, AcksNotesAndResolvesReachEveryVendorAndTheirEchoChangesNothing) {
  Act("ack", R"({"actor":"ada","note":"rolling back"})");
  Await("/api/vendors", R"("number":1,"status":"acknowledged")");
  Await("/api/vendors", R"("acknowledged":true)");
  Await("/api/incidents", R"("state":"acknowledged")");
  EXPECT_THAT(Pager("/api/incidents"), HasSubstr("ada acknowledged it in Watchfire: rolling back"));
  EXPECT_THAT(Pager("/api/vendors"),
              HasSubstr("ada: ada acknowledged it in Watchfire: rolling back"));
  // The webhook of VictorOps has come back with it.
  EXPECT_TRUE(Eventually([&] { return Updates("victorops", "acknowledge", "echoed") == 1; }))
      << server_->errors();
  EXPECT_TRUE(Eventually([&] { return Count(R"("kind":"told")") == 3; })) << Incident();
  EXPECT_EQ(Count(R"("kind":"acked")"), 1) << Incident();
  EXPECT_EQ(Count(R"("kind":"note")"), 0) << Incident();

  Act("note", R"({"actor":"ada","note":"the disk is full"})");
  Await("/api/vendors", "ada: the disk is full");
  Await("/api/pages", "ada: the disk is full");

  Act("resolve", R"({"actor":"ada"})");
  Await("/api/vendors", R"("number":1,"status":"resolved")");
  Await("/api/vendors", R"("number":1,"status":"closed")");
  Await("/api/incidents", R"("state":"resolved")");
  for (const char* vendor : {"victorops", "pagerduty", "opsgenie"}) {
    EXPECT_TRUE(Eventually([&] { return Updates(vendor, "resolve", "told") == 1; })) << vendor;
    EXPECT_EQ(Updates(vendor, "acknowledge", "told"), 1) << vendor;
  }
}

TEST_F(TellingTest, WhatAVendorSaidIsToldToTheOthersOnly) {
  EXPECT_EQ(Http(pager_address_, "POST", "/api/incidents/1/ack?user=bob", "").status, 200);
  Await("/api/vendors", R"("number":1,"status":"acknowledged")");
  Await("/api/vendors", R"("acknowledged":true)");
  EXPECT_TRUE(Eventually([&] { return Count(R"("kind":"told")") == 2; })) << Incident();
  EXPECT_THAT(Pager("/api/pages"), Not(HasSubstr("ACKNOWLEDGEMENT")));
}

TEST_F(TellingTest, WhatCouldNotBeToldIsToldAfterACrash) {
  EXPECT_EQ(Http(pager_address_, "POST", "/api/behaviour", R"({"status":503})").status, 200);
  Act("ack", R"({"actor":"ada"})");
  Await("/api/pages", "\"status\":503");
  server_->Kill();
  EXPECT_EQ(Http(pager_address_, "POST", "/api/behaviour", "{}").status, 200);
  Boot();
  Await("/api/vendors", R"("number":1,"status":"acknowledged")");
  Await("/api/vendors", R"("acknowledged":true)");
  Await("/api/incidents", R"("state":"acknowledged")");
}

}  // namespace
}  // namespace watchfire::e2e
