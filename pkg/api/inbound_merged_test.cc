// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What people do at their own vendors to the one message of several groups, as VictorOps' webhook
// tells it.

#include <memory>
#include <string>

#include <gmock/gmock.h>

#include "pkg/api/incidents_for_test.h"
#include "pkg/base/time.h"
#include "pkg/oncall/reader.h"

namespace watchfire::api {
namespace {

using testing::HasSubstr;

// The receiver escalates: to ada, and after a minute to bo, each with VictorOps.
std::shared_ptr<const config::Config> PeopleConfig() {
  auto config = std::make_shared<config::Config>(*IncidentsConfig());
  auto loaded = oncall::Load({{"o.yml", R"(
oncall:
  users: [ada, bo]
  escalation_policies:
    - {name: critical, steps: [{tell: ada}, {after: 1m, tell: bo}]}
)"}});
  EXPECT_TRUE(loaded.roster.has_value());
  if (loaded.roster) config->oncall.roster = std::make_shared<const oncall::Roster>(*loaded.roster);
  auto escalates = std::make_shared<config::Escalates>();
  escalates->policy = "critical";
  config->receivers = {{"on-call", {{config::kEscalation, 0, true, true, escalates}}},
                       {"ada-vo", {{"victorops", 0, true, true, nullptr}}},
                       {"bo-vo", {{"victorops", 0, true, true, nullptr}}},
                       {"spare", {{"webhook", 0, true, false, nullptr}}}};
  config->oncall.contacts = {{"ada", {{"ada-vo", {}}}}, {"bo", {{"bo-vo", {}}}}};
  config->oncall.fallback = "spare";
  return config;
}

class InboundMergedTest : public IncidentsTest {
 protected:
  InboundMergedTest() : IncidentsTest(PeopleConfig()) {}

  // Both incidents have been paged to ada; one goes on in the other.
  void MergeTwo(const std::string& one = "1", const std::string& other = "2") {
    Page("api");
    Page("db");
    const std::string body = R"({"actor":"zoe","into":")" + other + "\"}";
    ASSERT_EQ(Post("/api/v1/incidents/" + one + "/merge", body).status, 200);
    ASSERT_EQ(Find(other == "1" ? 1 : 2)->groups.size(), 2U);
  }
  std::string Resolved(WallTime at) {
    const auto millis =
        std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
    std::string body = Flat("RESOLVED");
    body.back() = ',';
    return VictorOps(body + R"("resolved_ts":)" + std::to_string(millis) + "}").body;
  }
};

TEST_F(InboundMergedTest, AResolveOfTheOneMessageResolvesTheIncident) {
  MergeTwo("2", "1");
  backend_.Pass(std::chrono::seconds(70));  // bo is told of both, under the name of the first.
  EXPECT_THAT(Resolved(backend_.Now()), HasSubstr("\"ok\""));
  EXPECT_EQ(Find(1)->state, incident::State::kResolved);
  EXPECT_EQ(Find(1)->resolved_by, "ada");
  EXPECT_THAT(Resolved(backend_.Now()), HasSubstr("already_resolved")) << "a replay";
}

TEST_F(InboundMergedTest, AResolveOfWhatWasToldAloneLeavesTheRest) {
  MergeTwo();
  backend_.Pass(std::chrono::seconds(1));
  EXPECT_THAT(Resolved(backend_.Now()), HasSubstr("\"ok\""));
  EXPECT_EQ(Find(2)->state, incident::State::kTriggered)
      << "her VictorOps has two, and one is open";
  EXPECT_EQ(Find(2)->groups.size(), 1U);
}

TEST_F(InboundMergedTest, AnAckUnderTheNameOfAGroupThatIsOverIsHeard) {
  MergeTwo();
  const std::string ends = FormatRfc3339(backend_.Now());
  ASSERT_EQ(Post("/api/v2/alerts", R"([{"labels":{"alertname":"Down","severity":"critical",)"
                                   R"("service":"api","team":"core"},"endsAt":")" +
                                       ends + "\"}]")
                .status,
            200);
  backend_.Pass(std::chrono::seconds(12));
  ASSERT_EQ(Find(2)->groups.size(), 1U);
  EXPECT_THAT(VictorOps(Flat("ACKED")).body, HasSubstr("\"ok\""));
  ASSERT_TRUE(Find(2)->ack);
  EXPECT_EQ(Find(2)->ack->by, "ada");
  EXPECT_THAT(VictorOps(Flat("ACKED")).body, HasSubstr("duplicate"));
}

TEST_F(InboundMergedTest, AResolveOfBeforeALaterPageEndsNothing) {
  Page("api");
  backend_.Pass(std::chrono::seconds(20));
  const WallTime then = backend_.Now();
  backend_.Pass(std::chrono::seconds(60));  // It is bo's turn.
  EXPECT_THAT(Resolved(then), HasSubstr("stale"));
  EXPECT_EQ(Find(1)->state, incident::State::kTriggered);
  EXPECT_THAT(Resolved(backend_.Now()), HasSubstr("\"ok\""));
  EXPECT_EQ(Find(1)->state, incident::State::kResolved);
}

}  // namespace
}  // namespace watchfire::api
