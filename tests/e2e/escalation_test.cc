// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// An escalation policy over real sockets: the first person, a crash, the second person, an ack, and
// the end that both hear of.

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kFiring =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"}}])";
constexpr const char* kResolved =
    R"([{"labels":{"alertname":"QueueFull","service":"mail","severity":"critical"},)"
    R"("startsAt":"2026-01-01T00:00:00Z","endsAt":"2026-01-01T00:00:01Z"}])";

constexpr const char* kOncall = R"(oncall:
  users: [{name: alice}, {name: bob}, {name: carol}]
  schedules:
    - name: primary
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [alice]}
  escalation_policies:
    - name: mail
      steps:
        - {tell: {schedule: primary}}
        - {after: 8s, tell: bob}
        - {after: 1h, tell: carol}
)";

constexpr const char* kSaysWho =
    ", payload: {status: '{{ .Status }}', who: '{{ onCall \"primary\" | join \", \" }}'}";

class EscalationTest : public testing::Test {
 protected:
  void Start() {
    const auto receiver = [](const std::string& name, const Sink& sink,
                             const std::string& more = "") {
      return "- {name: " + name + ", webhook_configs: [{url: '" + sink.url() + "'" + more + "}]}\n";
    };
    dir_.Write("oncall.yml", kOncall);
    const std::string config = dir_.Write(
        "watchfire.yml",
        "route: {receiver: on-call, group_by: [service], group_wait: 0s, group_interval: 1s}\n"
        "receivers:\n- name: on-call\n  escalation_configs: [{policy: mail}]\n" +
            receiver("alice-app", alice_) + receiver("bob-app", bob_, kSaysWho) +
            receiver("carol-app", carol_) +
            "oncall_files: [oncall.yml]\noncall:\n  contacts:\n    alice: [{receiver: alice-app}]\n"
            "    bob: [{receiver: bob-app}]\n    carol: [{receiver: carol-app}]\n"
            "  fallback: carol-app\n");
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"}});
    address_ = server_->WaitForAddress();
    ASSERT_NE(address_, "") << server_->errors();
  }
  std::string Get(const std::string& path) const { return Http(address_, "GET", path).body; }

  TempDir dir_;
  Sink alice_;
  Sink bob_;
  Sink carol_;
  std::unique_ptr<Process> server_;
  std::string address_;
};

TEST_F(EscalationTest, OnePersonACrashTheNextAnAckAndTheEnd) {
  Start();
  EXPECT_THAT(
      Get("/api/v1/oncall"),
      HasSubstr(R"("policies":[{"policy":"mail","steps":[{"after":"0s","oncall":["alice"]},)"
                R"({"after":"8s","oncall":["bob"]})"));
  EXPECT_EQ(Http(address_, "GET", "/api/v1/oncall/schedules/nights").status, 404);
  EXPECT_THAT(Get("/api/v1/oncall/schedules/primary"), HasSubstr(R"("coverage":1)"));

  ASSERT_EQ(Http(address_, "POST", "/api/v2/alerts", kFiring).status, 200);
  ASSERT_TRUE(Eventually([&] { return alice_.Count(R"("status":"firing")") == 1; }))
      << server_->errors();
  EXPECT_TRUE(Stored(address_));
  server_->Kill();
  Start();
  ASSERT_TRUE(Eventually([&] { return bob_.Count(R"("status":"firing")") == 1; }))
      << server_->errors();
  EXPECT_EQ(alice_.accepted().size(), 1U) << "the crash repeats no page";

  const std::string timeline = Get("/api/v1/incidents/1");
  EXPECT_THAT(timeline, HasSubstr("step 1 of mail: to alice (alice-app)"));
  EXPECT_THAT(timeline, HasSubstr("step 2 of mail: to bob (bob-app)"));
  EXPECT_THAT(timeline, HasSubstr("alice through alice-app"));
  ASSERT_EQ(Http(address_, "POST", "/api/v1/incidents/1/ack", R"({"actor":"bob"})").status, 200);

  ASSERT_EQ(Http(address_, "POST", "/api/v2/alerts", kResolved).status, 200);
  EXPECT_TRUE(Eventually([&] {
    return alice_.Count(R"("status":"resolved")") == 1 && bob_.Count(R"("status":"resolved")") == 1;
  })) << server_->errors();
  EXPECT_EQ(alice_.accepted().size(), 2U);
  EXPECT_EQ(bob_.accepted().size(), 2U);
  EXPECT_EQ(bob_.Count(R"("who":"alice")"), 2) << "on call, whoever is told";
  EXPECT_EQ(carol_.received(), 0);
  EXPECT_TRUE(Eventually([&] {
    return Get("/api/v1/incidents/1").find(R"("state":"resolved")") != std::string::npos;
  }));
  EXPECT_EQ(Metric(address_, "watchfire_escalation_unreachable_total{policy=\"mail\"}"), 0);
  EXPECT_EQ(Metric(address_, "watchfire_oncall_gap_seconds{schedule=\"primary\"}"), 0);
}

TEST_F(EscalationTest, AMessageSaysWhoIsOnCallByAnOverride) {
  Start();
  ASSERT_EQ(Http(address_, "POST", "/api/v1/oncall/overrides",
                 R"({"schedule":"primary","who":"bob","for":"1h","actor":"carol"})")
                .status,
            200);
  ASSERT_EQ(Http(address_, "POST", "/api/v2/alerts", kFiring).status, 200);
  EXPECT_TRUE(Eventually([&] { return bob_.Count(R"("who":"bob")") == 1; })) << server_->errors();
  EXPECT_EQ(alice_.received(), 0);
}

TEST_F(EscalationTest, WfctlAsksTheServer) {
  Start();
  Process wfctl({"wfctl",
                 {"oncall", "now", "--alertmanager.url=http://" + address_},
                 0,
                 /*collect_output=*/true});
  EXPECT_EQ(wfctl.Wait(), 0) << wfctl.errors();
  EXPECT_THAT(wfctl.errors(), HasSubstr("primary"));
  EXPECT_THAT(wfctl.errors(), HasSubstr("alice"));
}

// A mistake in a document keeps the configuration that is in force.
TEST_F(EscalationTest, ABadDocumentIsARefusedReload) {
  Start();
  dir_.Write("oncall.yml", "oncall:\n  escalation_policies: [{name: mail, steps: [{tel: x}]}]\n");
  const Answer answer = Http(address_, "POST", "/-/reload");
  EXPECT_EQ(answer.status, 500) << answer.body;
  EXPECT_THAT(Get("/api/v1/oncall"), HasSubstr(R"("policy":"mail")"));
}

}  // namespace
}  // namespace watchfire::e2e
