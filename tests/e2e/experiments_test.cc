// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Experiments that break things on purpose, as docs/rules.md tells a pipeline to announce them:
// pages of their namespace are muted, or say what they are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class ExperimentsE2eTest : public testing::Test {
 protected:
  ExperimentsE2eTest() {
    const std::string config = dir_.Write("watchfire.yml", R"(delivery: strict
route:
  receiver: hook
  group_by: [alertname, namespace]
  group_wait: 0s
  group_interval: 1s
  routes:
    - {matchers: ['severity="none"'], receiver: nobody}
receivers:
  - name: nobody
  - name: hook
    webhook_configs: [{url: ')" + sink_.url() + R"('}]
inhibit_rules:
  - source_matchers: [alertname="ChaosExperimentRunning", namespace!=""]
    target_matchers: ['severity=~"critical|page|warning"', alertname!="ChaosExperimentRunsLong"]
    equal: [namespace]
enrichment:
  - {label: namespace, file: experiments.yml}
)");
    server_ = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=1s"}});
    address_ = server_->WaitForAddress();
  }
  void Add(std::vector<std::string> words) {
    words.insert(words.begin(), {"alert", "add"});
    words.push_back("--url=http://" + address_);
    Process process({"wfctl", std::move(words), 0, /*collect_output=*/true});
    EXPECT_EQ(process.Wait(), 0) << process.errors();
  }
  std::string Alerts() const { return Http(address_, "GET", "/api/v2/alerts").body; }
  // All messages that were taken so far.
  std::string Told() const {
    std::string all;
    for (const std::string& body : sink_.accepted()) all += body + "\n";
    return all;
  }

  TempDir dir_;
  Sink sink_;
  std::unique_ptr<Process> server_;
  std::string address_;
};

TEST_F(ExperimentsE2eTest, ItsNamespaceIsMutedUntilItEnds) {
  ASSERT_NE(address_, "") << server_->errors();
  const std::vector<std::string> experiment = {"ChaosExperimentRunning", "severity=none",
                                               "namespace=shop", "experiment=kill-checkout"};
  Add(experiment);
  Add({"PodDown", "severity=critical", "namespace=shop", "pod=checkout"});
  Add({"ChaosExperimentRunsLong", "severity=warning", "namespace=shop"});
  Add({"PodDown", "severity=critical", "namespace=pay"});
  Add({"NodeDown", "severity=critical"});
  ASSERT_TRUE(Eventually([&] { return sink_.accepted().size() == 3; })) << Told();
  EXPECT_THAT(Told(), HasSubstr("ChaosExperimentRunsLong"));
  EXPECT_THAT(Told(), HasSubstr("NodeDown"));
  EXPECT_THAT(Told(), Not(HasSubstr("checkout")));

  std::vector<std::string> end = experiment;
  end.push_back("--end=2026-01-01T00:00:00Z");
  Add(end);
  EXPECT_TRUE(Eventually([&] { return Told().find("\"checkout\"") != std::string::npos; }));
  EXPECT_THAT(Told(), Not(HasSubstr("kill-checkout"))) << "the experiment itself is told to nobody";
}

// A server starts without the file, and goes on with what it had when the file breaks.
TEST_F(ExperimentsE2eTest, PagesSayThatAnExperimentRuns) {
  ASSERT_NE(address_, "") << server_->errors();
  EXPECT_TRUE(server_->Says("experiments.yml"));
  const auto is_marked = [&](const std::string& name, const std::string& text) {
    Add({name, "severity=critical", "namespace=game-day"});
    return Alerts().find(text) != std::string::npos;
  };
  EXPECT_FALSE(is_marked("Before", "pod-kill"));
  dir_.Write("experiments.yml", "game-day: {experiment: pod-kill}\n");
  ASSERT_TRUE(Eventually([&] { return is_marked("Begun", R"("experiment":"pod-kill")"); }));
  Add({"During", "severity=critical", "namespace=game-day"});
  const auto page = [&](const std::string& name) -> std::string {
    for (const std::string& body : sink_.accepted()) {
      if (body.find("\"" + name + "\"") != std::string::npos) return body;
    }
    return "";
  };
  ASSERT_TRUE(Eventually([&] { return !page("During").empty(); }));
  EXPECT_THAT(page("During"), HasSubstr(R"("experiment":"pod-kill")"));

  dir_.Write("experiments.yml", "game-day: [pod-kill]\n");
  EXPECT_TRUE(server_->Says("must be a mapping of annotations"));
  EXPECT_TRUE(is_marked("During", R"("experiment":"pod-kill")"));
  dir_.Write("experiments.yml", "# over\n");
  EXPECT_TRUE(Eventually([&] {
    Add({"Begun", "severity=critical", "namespace=game-day"});
    return !is_marked("During", "pod-kill");
  }));
}

}  // namespace
}  // namespace watchfire::e2e
