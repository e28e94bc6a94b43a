// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// "Why was I (not) paged?", asked of the real binary with the real wfctl, before and after kill -9.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExplainE2eTest : public testing::Test {
 protected:
  ExplainE2eTest() {
    config_ = dir_.Write("watchfire.yml",
                         "route: {receiver: hook, group_wait: 0s, group_interval: 1s}\n"
                         "receivers: [{name: hook, webhook_configs: [{url: '" +
                             sink_.url() + "'}]}]\n");
    Start();
  }
  void Start() {
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config_, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"}});
    address_ = server_->WaitForAddress();
  }
  std::string Wfctl(std::vector<std::string> words) {
    words.push_back("--url=http://" + address_);
    Process process({"wfctl", std::move(words), 0, /*collect_output=*/true});
    code_ = process.Wait();
    return process.errors();
  }
  // The server's clock, as an explanation gives it.
  std::string Clock() {
    const std::string body = Http(address_, "GET", "/api/v1/explain").body;
    const std::string mark = "\"at\":\"";
    const size_t at = body.find(mark) + mark.size();
    return body.substr(at, body.find('"', at) - at);
  }

  TempDir dir_;
  Sink sink_;
  std::string config_;
  std::unique_ptr<Process> server_;
  std::string address_;
  int code_ = -1;
};

TEST_F(ExplainE2eTest, WhoKeptItQuietAndWhoWasToldOutlivesTheProcess) {
  ASSERT_NE(address_, "") << server_->errors();
  Wfctl({"silence", "add", "ApiDown", "-d", "1h", "-c", "new disks", "--author=ada"});
  ASSERT_EQ(code_, 0);
  Wfctl({"alert", "add", "ApiDown", "team=core"});
  ASSERT_EQ(code_, 0);
  const auto says = [&](const std::string& text) {
    return Wfctl({"explain", "ApiDown"}).find(text) != std::string::npos;
  };
  ASSERT_TRUE(Eventually([&] { return says("kept out of the flush for hook by silence"); }));
  EXPECT_THAT(Wfctl({"explain", "ApiDown"}), HasSubstr("firing; silenced by ada: new disks\n"));
  const std::string during = Clock();

  const std::string id = Wfctl({"silence", "query", "-q"});
  Wfctl({"silence", "expire", id.substr(0, id.find('\n'))});
  ASSERT_EQ(code_, 0) << id;
  ASSERT_TRUE(Eventually([&] { return sink_.accepted().size() == 1; }));
  ASSERT_TRUE(Eventually([&] { return says("firing; told to webhook of hook"); }));
  ASSERT_TRUE(Stored(address_));
  server_->Kill();
  Start();
  ASSERT_NE(address_, "") << server_->errors();

  const std::string now = Wfctl({"explain", "ApiDown", "team=core"});
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(now, HasSubstr("received"));
  EXPECT_THAT(now, HasSubstr("nothing keeps it out of the flush for hook any more"));
  EXPECT_THAT(now, HasSubstr("by webhook of hook after "));
  EXPECT_THAT(now, HasSubstr("nothing new is said before "));
  EXPECT_THAT(now, HasSubstr("next flush"));

  const std::string then = Wfctl({"explain", "ApiDown", "--at=" + during});
  EXPECT_EQ(code_, 0);
  EXPECT_THAT(then, HasSubstr("firing; silenced by ada: new disks\n"));
  EXPECT_THAT(then, Not(HasSubstr("accepted")));

  EXPECT_THAT(Wfctl({"alert", "-o", "wide"}), HasSubstr("firing; told to webhook of hook"));
  Wfctl({"explain", "Unknown"});
  EXPECT_EQ(code_, 1);
}

}  // namespace
}  // namespace watchfire::e2e
