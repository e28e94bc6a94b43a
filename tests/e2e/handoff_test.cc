// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The hand-off of a shift over real sockets: it is sent when the shift changes; the process is
// killed while nobody has taken it, and again after somebody has.

#include <chrono>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/time.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;

class HandoffTest : public testing::Test {
 protected:
  // The shift changes some seconds after the server has begun.
  HandoffTest() : change_(std::chrono::system_clock::now() + std::chrono::seconds(5)) {
    const std::string change = FormatRfc3339(change_, 3);
    dir_.Write("oncall.yml",
               "oncall:\n  schedules:\n    - name: primary\n      time_zone: UTC\n      layers:\n"
               "        - shifts:\n"
               "            - {from: 2020-01-01T00:00:00Z, to: '" +
                   change +
                   "', who: ada}\n"
                   "            - {from: '" +
                   change + "', to: 2099-01-01T00:00:00Z, who: bo}\n");
    config_ =
        dir_.Write("watchfire.yml",
                   "route: {receiver: chat}\n"
                   "receivers:\n"
                   "- name: chat\n  webhook_configs: [{url: '" +
                       chat_.url() +
                       "'}]\n"
                       "- name: ada-app\n  webhook_configs: [{url: '" +
                       ada_.url() +
                       "'}]\n"
                       "- name: bo-app\n  webhook_configs: [{url: '" +
                       bo_.url() +
                       "'}]\n"
                       "oncall_files: [oncall.yml]\n"
                       "oncall:\n"
                       "  contacts: {ada: [{receiver: ada-app}], bo: [{receiver: bo-app}]}\n"
                       "  handoffs: [{schedule: primary}, {schedule: primary, receiver: chat}]\n");
  }

  void Start() {
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config_, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"}});
    address_ = server_->WaitForAddress();
    ASSERT_NE(address_, "") << server_->errors();
  }
  bool IsTold(int count) const {
    const std::string series =
        R"(watchfire_oncall_handoffs_total{schedule="primary",outcome="told"})";
    return Eventually([&] { return Metric(address_, series) == count; });
  }

  const std::chrono::system_clock::time_point change_;
  TempDir dir_;
  Sink chat_;
  Sink ada_;
  Sink bo_;
  std::string config_;
  std::unique_ptr<Process> server_;
  std::string address_;
};

TEST_F(HandoffTest, IsToldOnceThoughTheProcessIsKilled) {
  Start();
  bo_.set_hanging(true);
  ASSERT_TRUE(Eventually([&] { return bo_.received() == 1; })) << server_->errors();
  ASSERT_TRUE(IsTold(1)) << "the chat has it";
  ASSERT_TRUE(Stored(address_));
  server_->Kill();
  bo_.set_hanging(false);
  Start();
  ASSERT_TRUE(IsTold(1)) << server_->errors();
  EXPECT_GE(bo_.Count("Hand-off of primary"), 1U);  // The one that hung was taken as it was let go.
  EXPECT_EQ(chat_.Count("Hand-off of primary"), 1U) << "it had taken it";
  EXPECT_THAT(bo_.accepted().at(0), HasSubstr("ada → bo"));
  EXPECT_THAT(bo_.accepted().at(0), HasSubstr("Overrides within 14 days: 0"));
  ASSERT_TRUE(Stored(address_));
  server_->Kill();
  Start();
  ASSERT_EQ(Http(address_, "GET", "/-/ready").status, 200);
  EXPECT_EQ(
      Metric(address_, R"(watchfire_oncall_handoffs_total{schedule="primary",outcome="told"})"), 0);
  EXPECT_EQ(bo_.received(), 2) << "that of the first life, and the one after it";
  EXPECT_EQ(chat_.received(), 1);
  EXPECT_EQ(ada_.received(), 0);
}

}  // namespace
}  // namespace watchfire::e2e
