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

// At VictorOps whoever acknowledged a warning has not acknowledged what is critical.
TEST(PopOutTest, AnAckOfAWarningEndsWhenItTurnsCritical) {
  auto config = std::make_shared<config::Config>(*InboundConfig());
  config->route.receiver = "on-call";
  config->route.routes.clear();
  FakeBackend backend(config);
  const auto say = [&](const char* type, const std::string& more = "") {
    const std::string body =
        std::string(R"({"message_type":")") + type + R"(","entity_id":"w")" + more + "}";
    const auto path = "/integrations/generic/20131114/alert/victorops-key";
    EXPECT_EQ(Handle(MakeRequest("POST", path, body), backend).status, 200);
    backend.Pass(std::chrono::seconds(3));
  };
  const auto incident = [&] { return (*backend.Read(core::kViewIncidents))->incidents.at(1); };
  say("WARNING");
  say("ACKNOWLEDGEMENT", R"(,"ack_author":"ada")");
  ASSERT_TRUE(incident()->ack.has_value());
  say("WARNING");
  EXPECT_TRUE(incident()->ack.has_value()) << "nothing is worse";
  say("CRITICAL");
  EXPECT_FALSE(incident()->ack.has_value());
  EXPECT_EQ(incident()->state, incident::State::kTriggered);
  EXPECT_EQ(incident()->cycle, 2) << "time to acknowledge counts anew";
  say("ACKNOWLEDGEMENT", R"(,"ack_author":"bo")");
  say("CRITICAL");
  EXPECT_TRUE(incident()->ack.has_value()) << "it was critical already";
}

}  // namespace
}  // namespace watchfire::api
