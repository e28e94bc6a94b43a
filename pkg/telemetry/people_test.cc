// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/telemetry/people.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/oncall/reader.h"

namespace watchfire::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

class PeopleTest : public testing::Test {
 protected:
  PeopleTest() {
    view_.config = config_;
    core::Stats& stats = view_.stats.emplace();
    stats.oncall_seconds[{"core", "ada"}] = 600;
    stats.oncall_seconds[{"core", "bo"}] = 60;
    stats.incidents.person_pages[{"ada"}] = 2;
    stats.handoffs[{"primary", "told"}] = 1;
  }
  std::string Text() const {
    Exposition out(Features{});
    AddPeople(view_, &out);
    return out.Text();
  }

  std::shared_ptr<config::Config> config_ = std::make_shared<config::Config>();
  core::View view_;
};

TEST_F(PeopleTest, AreNotNamedUnlessTheConfigurationSaysSo) {
  EXPECT_THAT(Text(), HasSubstr("watchfire_oncall_seconds_total{team=\"core\",person=\"\"} 660\n"));
  EXPECT_THAT(Text(), HasSubstr("watchfire_person_pages_total{person=\"\"} 2\n"));
  EXPECT_THAT(Text(), Not(HasSubstr("ada")));
}

TEST_F(PeopleTest, AreNamedIfTheConfigurationSaysSo) {
  config_->oncall.person_metrics = true;
  EXPECT_THAT(Text(),
              HasSubstr("watchfire_oncall_seconds_total{team=\"core\",person=\"ada\"} 600\n"));
  EXPECT_THAT(Text(), HasSubstr("watchfire_person_pages_total{person=\"ada\"} 2\n"));
  EXPECT_THAT(Text(), HasSubstr("watchfire_person_pages_total{person=\"bo\"} 0\n"))
      << "a rate sees the first page";
}

TEST_F(PeopleTest, WhoIsOnCallIsToldIfTheConfigurationSaysSo) {
  oncall::Loaded loaded = oncall::Load({{"o.yml", R"(
oncall:
  schedules:
    - name: primary
      layers:
        - rotation: {start: 2026-01-05 00:00, every: 1 week, participants: [ada, bo]}
)"}});
  ASSERT_TRUE(loaded.roster);
  view_.roster = std::make_shared<const oncall::Roster>(*std::move(loaded.roster));
  view_.at = ParseTime("2026-01-13T00:00:00Z").value();
  EXPECT_THAT(Text(), Not(HasSubstr("watchfire_oncall_info{")));
  config_->oncall.person_metrics = true;
  EXPECT_THAT(Text(), HasSubstr("watchfire_oncall_info{schedule=\"primary\",person=\"bo\"} 1\n"));
  EXPECT_THAT(Text(), Not(HasSubstr("watchfire_oncall_info{schedule=\"primary\",person=\"ada\"")));
}

TEST_F(PeopleTest, HandOffsAreThereBeforeTheFirst) {
  config_->oncall.handoffs = {{"primary", ""}};
  EXPECT_THAT(Text(), HasSubstr("watchfire_oncall_handoffs_total{schedule=\"primary\","
                                "outcome=\"refused\"} 0\n"));
  EXPECT_THAT(Text(), HasSubstr("{schedule=\"primary\",outcome=\"told\"} 1\n"));
}

}  // namespace
}  // namespace watchfire::telemetry
