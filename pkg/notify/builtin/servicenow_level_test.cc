// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How bad a record of ServiceNow is, when nobody says so in the configuration.

#include "pkg/notify/builtin/load_for_test.h"

namespace watchfire::notify::builtin {
namespace {

using testing::HasSubstr;

// The record that is made for alerts of these severities, the last one resolved.
std::string RecordFor(const std::vector<std::string>& severities) {
  const config::Loaded loaded =
      Load("",
           "  servicenow_configs:\n  - instance_url: https://now.example.com\n"
           "    http_config: {basic_auth: {username: ada, password: pw}}\n");
  EXPECT_TRUE(loaded.config);
  Context context;
  context.now = [] { return SampleFiring().at; };
  context.templates = {loaded.config, &loaded.config->templates};
  dispatch::Notification what = SampleFiring();
  const alert::Alert sample = what.alerts.front();
  what.alerts.clear();
  for (const std::string& severity : severities) {
    alert::Alert& added = what.alerts.emplace_back(sample);
    added.labels = sample.labels.With({{"severity", severity}, {"instance", severity}});
  }
  what.alerts.Own(what.alerts.size() - 1).ends_at = what.at - std::chrono::minutes(1);
  const auto exchange = Start(loaded.config->receivers[0].integrations[0], context);
  exchange->Begin(what);
  net::OutResponse nothing;
  nothing.status = 200;
  nothing.body = R"({"result":[]})";
  Step step = exchange->OnResponse(nothing);
  auto* send = std::get_if<Send>(&step);
  return send != nullptr ? send->request.body : "";
}

TEST(ServiceNowLevelTest, IsThatOfTheWorstThatFires) {
  EXPECT_THAT(RecordFor({"critical", "none"}), HasSubstr(R"("impact":"1")"));
  EXPECT_THAT(RecordFor({"info", "warning", "critical", "none"}), HasSubstr(R"("impact":"1")"));
  EXPECT_THAT(RecordFor({"info", "warning", "critical"}), HasSubstr(R"("impact":"2")"));
  EXPECT_THAT(RecordFor({"info", "warning"}), HasSubstr(R"("urgency":"3")"));
}

}  // namespace
}  // namespace watchfire::notify::builtin
