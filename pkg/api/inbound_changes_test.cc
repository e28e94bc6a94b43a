// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/api/inbound_changes.h"

#include "pkg/api/inbound_for_test.h"

namespace watchfire::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class InboundBookTest : public InboundTest {
 protected:
  InboundBookTest() {
    for (const char* entity : {"a", "b", "c"}) {
      Post("/integrations/generic/20131114/alert/victorops-key",
           std::string(R"({"message_type":"CRITICAL","entity_id":")") + entity + "\"}");
    }
  }
  std::vector<std::string> Held(const InboundBook::Entities* entities) {
    const auto book = InboundBook::Open(backend_, "victorops", config_->inbound.Of("victorops")[0],
                                        InboundBook::Need::kAlerts, entities);
    std::vector<std::string> held;
    for (const auto& [entity, alerts] : book->all()) held.push_back(entity);
    return held;
  }
  const std::shared_ptr<const config::Config> config_ = backend_.config();
};

TEST_F(InboundBookTest, ItHoldsWhatIsAskedForAndNotAllThatIsOpen) {
  EXPECT_THAT(Held(nullptr), ElementsAre("a", "b", "c"));
  const InboundBook::Entities one = {"b"};
  EXPECT_THAT(Held(&one), ElementsAre("b"));
  const InboundBook::Entities two = {"a", "c", "none"};
  EXPECT_THAT(Held(&two), ElementsAre("a", "c"));
  const InboundBook::Entities none;
  EXPECT_THAT(Held(&none), IsEmpty());
  inbound::Change change;
  change.entity = "c";
  const auto book =
      InboundBook::Open(backend_, "victorops", config_->inbound.Of("victorops")[0], change);
  EXPECT_EQ(book->all().size(), 1U);
  EXPECT_EQ(book->Firing("c").size(), 1U);
}

class PopOutTest : public testing::Test {
 protected:
  static std::shared_ptr<config::Config> Config() {
    auto config = std::make_shared<config::Config>(*InboundConfig());
    config->route.receiver = "on-call";
    config->route.routes.clear();
    config->route.group_interval = std::chrono::minutes(5);
    return config;
  }
  void Say(const char* type, const std::string& more = "") {
    const std::string body =
        std::string(R"({"message_type":")") + type + R"(","entity_id":"w")" + more + "}";
    const auto path = "/integrations/generic/20131114/alert/victorops-key";
    EXPECT_EQ(Handle(MakeRequest("POST", path, body), backend_).status, 200);
    backend_.Pass(std::chrono::seconds(3));
  }
  std::shared_ptr<const incident::Incident> Incident(uint64_t id = 1) {
    return (*backend_.Read(core::kViewIncidents))->incidents.at(id);
  }
  void SetLevel(const std::string& level) {
    core::IncidentCommand command;
    command.incident = 1;
    command.act = incident::SetLevel{level};
    command.ack = {"ada", incident::ActorType::kHuman, "api", ""};
    EXPECT_TRUE(backend_.Ask(std::move(command))->status);
  }
  size_t pages() const { return backend_.ack_urls.size(); }

  FakeBackend backend_{Config()};
};

// At VictorOps whoever acknowledged a warning has not acknowledged what is critical.
TEST_F(PopOutTest, AnAckOfAWarningEndsWhenItTurnsCritical) {
  Say("WARNING");
  Say("ACKNOWLEDGEMENT", R"(,"ack_author":"ada")");
  ASSERT_TRUE(Incident()->ack.has_value());
  EXPECT_EQ(Incident()->owner, "ada");
  Say("WARNING");
  EXPECT_TRUE(Incident()->ack.has_value()) << "nothing is worse";
  EXPECT_EQ(pages(), 1U);
  Say("CRITICAL");
  EXPECT_FALSE(Incident()->ack.has_value());
  EXPECT_EQ(Incident()->state, incident::State::kTriggered);
  EXPECT_EQ(Incident()->owner, "") << "nobody has what is critical";
  EXPECT_EQ(Incident()->cycle, 2) << "time to acknowledge counts anew";
  EXPECT_EQ(pages(), 2U) << "at once, and not with the next flush of its group";
  Say("ACKNOWLEDGEMENT", R"(,"ack_author":"bo")");
  Say("CRITICAL");
  EXPECT_TRUE(Incident()->ack.has_value()) << "it was critical already";
  EXPECT_EQ(Incident()->owner, "bo");
  backend_.Pass(std::chrono::minutes(20));
  EXPECT_EQ(pages(), 2U) << "one page says it";
}

// As everywhere: who said how grave it is has seen what may come.
TEST_F(PopOutTest, ALevelThatAPersonSetHoldsAgainstIt) {
  Say("WARNING");
  Say("ACKNOWLEDGEMENT", R"(,"ack_author":"ada")");
  SetLevel("SEV3");
  Say("CRITICAL");
  ASSERT_TRUE(Incident()->ack.has_value());
  EXPECT_EQ(Incident()->owner, "ada");
  EXPECT_EQ(Incident()->level, "SEV3");
  backend_.Pass(std::chrono::minutes(4));
  EXPECT_EQ(Incident()->cycle, 1);
  EXPECT_EQ(pages(), 1U);
}

// The page of another receiver's is another incident: what was a warning is over.
TEST_F(PopOutTest, WhatIsCriticalElsewhereIsOnePageThere) {
  auto config = Config();
  config->route.group_by = {"severity"};
  backend_.Swap(config);
  Say("WARNING");
  Say("ACKNOWLEDGEMENT", R"(,"ack_author":"ada")");
  Say("CRITICAL");
  backend_.Pass(std::chrono::minutes(10));
  EXPECT_EQ(Incident(2)->state, incident::State::kTriggered);
  EXPECT_EQ(Incident(1)->state, incident::State::kResolved);
  EXPECT_EQ(pages(), 3U) << "two pages and the end of the first";
}

}  // namespace
}  // namespace watchfire::api
