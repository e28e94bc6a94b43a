// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The page behind a link in a message, as browsers, link scanners and strangers see it.

#include <algorithm>
#include <type_traits>

#include <gmock/gmock.h>

#include "pkg/api/incidents_for_test.h"
#include "pkg/core/escalation_fixture.h"
#include "pkg/incident/ack_link.h"

namespace watchfire::api {
namespace {

using incident::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";

std::shared_ptr<const config::Config> LinksConfig() {
  auto config = std::make_shared<config::Config>(*IncidentsConfig());
  config->incidents.ack_links.secrets = {Secret(kSecret)};
  config->incidents.ack_links.may_resolve = true;
  config->incidents.ack_links.may_snooze = true;
  return config;
}

class AckLinksTest : public testing::Test {
 protected:
  explicit AckLinksTest(std::shared_ptr<const config::Config> config = LinksConfig())
      : backend_(std::move(config)) {}

  net::Response Send(const std::string& method, const std::string& path,
                     const std::string& body = "",
                     const std::string& type = "application/x-www-form-urlencoded") {
    net::Request request = MakeRequest(method, path, body);
    request.headers = {{"Content-Type", type}};
    return Handle(request, backend_);
  }
  // Opens an incident and returns the path of the link that its page had.
  std::string Page(const std::string& service = "api") {
    const std::string alert =
        R"([{"labels":{"alertname":"Down","severity":"critical","service":")" + service +
        R"("},"annotations":{"summary":"<b>Down</b>",)"
        R"("runbook_url":"https://r.example.com/?a&b"}}])";
    EXPECT_EQ(Send("POST", "/api/v2/alerts", alert, "application/json").status, 200);
    backend_.Pass(std::chrono::seconds(2));
    EXPECT_FALSE(backend_.ack_urls.empty());
    const std::string url = backend_.ack_urls.back();
    EXPECT_TRUE(url.starts_with("http://wf/ack/")) << url;
    return url.substr(std::string("http://wf").size());
  }
  // A link as if it was in the message of that person.
  std::string PathFor(const std::string& person, bool may_all = true, uint64_t id = 1) {
    const incident::AckLink link = {
        id, Find(1)->opened_at, backend_.Now() + std::chrono::hours(1), person, may_all, may_all};
    return "/ack/" + incident::SignAckLink(link, Secret(kSecret));
  }
  std::shared_ptr<const incident::Incident> Find(uint64_t id) {
    return (*backend_.Read(core::kViewIncidents))->incidents.at(id);
  }
  State StateOf(uint64_t id = 1) { return Find(id)->state; }
  const std::vector<std::string>& counted() const { return backend_.links_counted; }

  FakeBackend backend_;
};

TEST_F(AckLinksTest, ToLookChangesNothingHoweverOften) {
  const std::string path = Page();
  const incident::Incident before = *Find(1);
  for (const char* method : {"GET", "HEAD", "GET"}) {
    const net::Response shown = Send(method, path);
    EXPECT_EQ(shown.status, 200);
    EXPECT_THAT(shown.body, HasSubstr("<h1>&lt;b&gt;Down&lt;/b&gt;</h1>"));
    EXPECT_THAT(shown.body, HasSubstr(">Acknowledge</button>"));
    EXPECT_THAT(shown.body, HasSubstr("nobody&#39;s yet"));
    EXPECT_THAT(shown.body, HasSubstr("href=\"https://r.example.com/?a&amp;b\""));
  }
  EXPECT_EQ(*Find(1), before);
  EXPECT_THAT(counted(), ElementsAre("shown", "shown", "shown"));
}

TEST_F(AckLinksTest, ItsHeadersKeepTheAddressToItself) {
  const net::Response shown = Send("GET", Page());
  EXPECT_EQ(HeaderOf(shown, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(HeaderOf(shown, "Cache-Control"), "no-store");
  EXPECT_EQ(HeaderOf(shown, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(HeaderOf(shown, "X-Robots-Tag"), "noindex, nofollow");
  EXPECT_THAT(HeaderOf(shown, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
  // Nor do metrics of requests name it.
  EXPECT_EQ(backend_.observed.back(), "GET /ack/{token} 200");
}

TEST_F(AckLinksTest, TheFormAcknowledges) {
  const std::string path = Page();
  const net::Response done = Send("POST", path, "name=Ada+L%C3%B6w&action=acknowledge");
  EXPECT_EQ(done.status, 200);
  EXPECT_THAT(done.body, HasSubstr("Acknowledged. It is yours, Ada Löw."));
  EXPECT_THAT(done.body, Not(HasSubstr("Acknowledge</button>")));
  const auto incident = Find(1);
  EXPECT_EQ(incident->state, State::kAcknowledged);
  EXPECT_EQ(incident->acked_by, "Ada Löw");
  EXPECT_EQ(incident->timeline.back().kind, "acked");
  EXPECT_EQ(incident->timeline.back().channel, "link");
  EXPECT_FALSE(incident->timeline.back().is_automatic);
}

TEST_F(AckLinksTest, ASecondTimeIsHarmlessAndSaysWhoHasIt) {
  const std::string path = Page();
  Send("POST", path, "name=ada&action=acknowledge");
  const incident::Incident before = *Find(1);
  for (int i = 0; i < 3; ++i) {
    const net::Response own = Send("POST", path, "name=ada&action=acknowledge");
    EXPECT_EQ(own.status, 200);
    EXPECT_THAT(own.body, HasSubstr("Already acknowledged by ada."));
    EXPECT_THAT(Send("POST", path, "name=bob&action=acknowledge").body,
                HasSubstr("Already acknowledged by ada."));
  }
  EXPECT_EQ(*Find(1), before) << "not even a note";
  EXPECT_THAT(Send("GET", path).body, HasSubstr("<dt>Whose</dt><dd>ada, acknowledged 20"));
}

TEST_F(AckLinksTest, WhatNoPersonAcknowledgedIsTakenOver) {
  const std::string path = Page();
  const std::string acked =
      R"({"STATE.CURRENT_ALERT_PHASE":"ACKED","STATE.ENTITY_ID":")" + Find(1)->entity_id + R"("})";
  ASSERT_EQ(Send("POST", "/inbound/victorops/first-key", acked, "application/json").status, 200);
  ASSERT_TRUE(Find(1)->ack && Find(1)->ack->is_automatic);
  EXPECT_THAT(Send("GET", path).body, HasSubstr(">Acknowledge</button>"));
  const net::Response done = Send("POST", path, "name=ada&action=acknowledge");
  EXPECT_THAT(done.body, HasSubstr("Acknowledged. It is yours, ada."));
  EXPECT_EQ(Find(1)->ack->by, "ada");
  EXPECT_FALSE(Find(1)->ack->is_automatic);
}

TEST_F(AckLinksTest, WhoWasPagedNeedsNoNameAndHasNoOther) {
  Page();
  EXPECT_THAT(Send("GET", PathFor("ada")).body, HasSubstr(">Acknowledge as ada</button>"));
  EXPECT_THAT(Send("GET", PathFor("ada")).body, Not(HasSubstr("<input")));
  EXPECT_EQ(Send("POST", PathFor("ada"), "action=acknowledge&name=eve").status, 200);
  EXPECT_EQ(Find(1)->acked_by, "ada");
}

TEST_F(AckLinksTest, ANameIsAskedForAndBounded) {
  const std::string path = Page();
  const std::string most = std::string(98, 'x') + "%C3%B6%C3%B6";
  for (const std::string& name :
       {std::string(), std::string("+++"), std::string(101, 'x'), most + "x", std::string("a%0Ab"),
        std::string("a%00b"), std::string("%FF")}) {
    const net::Response refused = Send("POST", path, "action=acknowledge&name=" + name);
    EXPECT_EQ(refused.status, 400) << name;
    EXPECT_THAT(refused.body, HasSubstr("Nothing was done"));
  }
  EXPECT_EQ(StateOf(), State::kTriggered);
  EXPECT_EQ(Send("POST", path, "action=acknowledge&name=" + most).status, 200);
  EXPECT_EQ(StateOf(), State::kAcknowledged);
}

TEST_F(AckLinksTest, OnlyAFormWithAButtonActs) {
  const std::string path = Page();
  EXPECT_EQ(Send("POST", path, "").status, 400);
  EXPECT_EQ(Send("POST", path, "name=ada").status, 400);
  EXPECT_EQ(Send("POST", path, "name=ada&action=").status, 400);
  EXPECT_EQ(Send("POST", path, "name=ada&action=merge").status, 400);
  EXPECT_EQ(Send("POST", path, "action=acknowledge&name=ada", "text/plain").status, 400);
  EXPECT_EQ(Send("POST", path, R"({"action":"acknowledge"})", "application/json").status, 400);
  EXPECT_EQ(Send("POST", path, "action=acknowledge&name=ada&x=" + std::string(5000, 'x')).status,
            400);
  EXPECT_EQ(Send("POST", path + "?action=acknowledge&name=ada").status, 400);
  EXPECT_EQ(Send("PUT", path, "action=acknowledge&name=ada").status, 405);
  EXPECT_EQ(StateOf(), State::kTriggered);
}

TEST_F(AckLinksTest, ResolvesAndSnoozesIfItMay) {
  const std::string path = Page();
  EXPECT_THAT(Send("GET", path).body, HasSubstr(">Snooze for 1h</button>"));
  const net::Response snoozed = Send("POST", path, "action=snooze&name=ada");
  EXPECT_THAT(snoozed.body, HasSubstr("Snoozed for 1h."));
  EXPECT_THAT(snoozed.body, HasSubstr("value=\"ada\"")) << "for the next button";
  EXPECT_EQ(Find(1)->snooze->until, backend_.Now() + std::chrono::hours(1));
  backend_.Pass(std::chrono::seconds(5));
  const WallTime until = Find(1)->snooze->until;
  EXPECT_THAT(Send("POST", path, "action=snooze&name=bob").body,
              HasSubstr("Already snoozed by ada."));
  EXPECT_EQ(Find(1)->snooze->until, until);

  EXPECT_THAT(Send("POST", path, "action=resolve&name=ada").body, HasSubstr("Resolved."));
  EXPECT_EQ(StateOf(), State::kResolved);
  for (const char* action : {"resolve", "acknowledge", "snooze"}) {
    const net::Response late = Send("POST", path, std::string("name=ada&action=") + action);
    EXPECT_EQ(late.status, 200);
    EXPECT_THAT(late.body, HasSubstr("This incident is over. Nothing was done."));
    EXPECT_THAT(late.body, Not(HasSubstr("<form")));
  }
  EXPECT_THAT(counted(), ElementsAre("shown", "snoozed", "already_snoozed", "resolved",
                                     "already_resolved", "already_resolved", "already_resolved"));
}

TEST_F(AckLinksTest, WhatALinkDoesNotAllowIsNotDone) {
  Page();
  const std::string path = PathFor("ada", /*may_all=*/false);
  EXPECT_THAT(Send("GET", path).body, Not(HasSubstr("Resolve")));
  EXPECT_EQ(Send("POST", path, "action=resolve").status, 403);
  EXPECT_EQ(Send("POST", path, "action=snooze").status, 403);
  EXPECT_EQ(StateOf(), State::kTriggered);
  EXPECT_THAT(counted(), ElementsAre("shown", "not_allowed", "not_allowed"));
  EXPECT_EQ(Send("POST", path, "action=acknowledge").status, 200);
}

class FewerActionsTest : public AckLinksTest {
 protected:
  static std::shared_ptr<const config::Config> Fewer() {
    auto config = std::make_shared<config::Config>(*LinksConfig());
    config->incidents.ack_links.may_resolve = false;
    config->incidents.ack_links.may_snooze = false;
    return config;
  }
  FewerActionsTest() : AckLinksTest(Fewer()) {}
};

TEST_F(FewerActionsTest, WhatWasTakenOutOfActionsIsGoodNoMoreInLinksThatAreOut) {
  Page();
  const std::string path = PathFor("ada", /*may_all=*/true);
  EXPECT_THAT(Send("GET", path).body, Not(HasSubstr(">Resolve<")));
  EXPECT_THAT(Send("GET", path).body, Not(HasSubstr("Snooze")));
  EXPECT_EQ(Send("POST", path, "action=resolve").status, 403);
  EXPECT_EQ(Send("POST", path, "action=snooze").status, 403);
  EXPECT_EQ(StateOf(), State::kTriggered);
}

// What core does of it is its own tests'.
class EscalatingLinksTest : public AckLinksTest {
 protected:
  static std::shared_ptr<const config::Config> Escalating() {
    auto config = core::EscalationConfig(config::Delivery::kAlertmanager, "three_deep");
    config->incidents.ack_links.secrets = {Secret(kSecret)};
    config->incidents.ack_links.may_escalate = true;
    return config;
  }
  EscalatingLinksTest() : AckLinksTest(Escalating()) {}

  // A link in a message to nobody in particular.
  std::string PagePath() {
    Send("POST", "/api/v2/alerts", R"([{"labels":{"alertname":"Down","severity":"critical"}}])",
         "application/json");
    backend_.Pass(std::chrono::minutes(1));
    incident::AckLink link = {1, Find(1)->opened_at, backend_.Now() + std::chrono::hours(1), ""};
    link.may_escalate = true;
    return "/ack/" + incident::SignAckLink(link, Secret(kSecret));
  }
  int64_t Hastened() {
    return std::ranges::count(Find(1)->timeline, "hastened", &incident::Event::kind);
  }
};

TEST_F(EscalatingLinksTest, TheNextIsCalledOnceForEachLookAtThePage) {
  const std::string path = PagePath();
  EXPECT_THAT(Send("GET", path).body, HasSubstr("value=\"escalate-0\""));
  const net::Response done = Send("POST", path, "name=ada&action=escalate-0");
  EXPECT_THAT(done.body, HasSubstr("Escalated: the next on call is being paged."));
  EXPECT_THAT(done.body, HasSubstr("value=\"escalate-1\""));
  const incident::Incident incident = *Find(1);
  const auto hastened = std::ranges::find(incident.timeline, "hastened", &incident::Event::kind);
  ASSERT_NE(hastened, incident.timeline.end());
  EXPECT_EQ(hastened->channel, "link");
  EXPECT_EQ(hastened->actor, "ada");
  EXPECT_THAT(Send("POST", path, "name=ada&action=escalate-0").body,
              HasSubstr("Escalated already, since you saw this page."))
      << "a browser that sends the form again";
  EXPECT_EQ(Hastened(), 1);
  backend_.Pass(std::chrono::minutes(1));
  EXPECT_EQ(Send("POST", path, "name=ada&action=escalate-1").status, 200);
  EXPECT_EQ(Hastened(), 2);
  backend_.Pass(std::chrono::minutes(1));
  EXPECT_THAT(Send("POST", path, "name=ada&action=escalate-2").body,
              HasSubstr("has nobody left to call"));
  EXPECT_THAT(counted(),
              ElementsAre("shown", "escalated", "already_escalated", "escalated", "not_escalated"));
}

TEST_F(EscalatingLinksTest, WhatIsInHandIsNot) {
  const std::string path = PagePath();
  Send("POST", path, "name=ada&action=acknowledge");
  EXPECT_THAT(Send("GET", path).body, Not(HasSubstr("Escalate")));
  EXPECT_THAT(Send("POST", path, "name=bob&action=escalate-0").body,
              HasSubstr("Already acknowledged by ada."));
  EXPECT_EQ(Hastened(), 0);
}

TEST_F(AckLinksTest, WithoutTheActionNobodyIsEscalatedTo) {
  const std::string path = Page();
  EXPECT_THAT(Send("GET", path).body, Not(HasSubstr("Escalate")));
  EXPECT_EQ(Send("POST", path, "name=ada&action=escalate-0").status, 403);
  EXPECT_THAT(counted(), ElementsAre("shown", "not_allowed"));
}

// Strangers follow links, too: what counts them takes no room in core's queue.
static_assert(!std::is_constructible_v<core::Event, AckLinkSeen>);
static_assert(!std::is_constructible_v<core::Event, InboundSeen>);

TEST_F(AckLinksTest, AForgedLinkChangesNothingAndSaysNothing) {
  std::string path = Page();
  path.back() = path.back() == 'A' ? 'B' : 'A';
  for (const std::string& bad :
       {path, path.substr(0, 20), std::string("/ack/x"), "/ack/" + std::string(100'000, 'A')}) {
    for (const char* method : {"GET", "POST"}) {
      const net::Response refused = Send(method, bad, "action=acknowledge&name=eve");
      EXPECT_EQ(refused.status, 403);
      EXPECT_THAT(refused.body, Not(HasSubstr("Down")));
      EXPECT_THAT(refused.body, Not(HasSubstr("<form")));
      EXPECT_EQ(HeaderOf(refused, "Cache-Control"), "no-store");
    }
  }
  EXPECT_EQ(StateOf(), State::kTriggered);
  EXPECT_EQ(std::count(counted().begin(), counted().end(), "bad_token"), 8);
}

TEST_F(AckLinksTest, AnExpiredLinkIsGone) {
  const std::string path = Page();
  backend_.Pass(std::chrono::hours(24));
  EXPECT_EQ(Send("GET", path).status, 410);
  const net::Response late = Send("POST", path, "action=acknowledge&name=ada");
  EXPECT_EQ(late.status, 410);
  EXPECT_THAT(late.body, HasSubstr("expired"));
  EXPECT_THAT(counted(), ElementsAre("expired", "expired"));
}

// A database that was lost gives numbers again.
TEST_F(AckLinksTest, AnIncidentOfAnotherTimeIsNotTheOneThatWasMeant) {
  Page();
  const incident::AckLink other = {1, Find(1)->opened_at - std::chrono::hours(1),
                                   backend_.Now() + std::chrono::hours(1), "ada"};
  const std::string path = "/ack/" + incident::SignAckLink(other, Secret(kSecret));
  EXPECT_EQ(Send("POST", path, "action=acknowledge").status, 410);
  EXPECT_EQ(Send("POST", PathFor("ada", true, 7), "action=acknowledge").status, 410);
  EXPECT_EQ(StateOf(), State::kTriggered);
  EXPECT_THAT(counted(), ElementsAre("unknown_incident", "unknown_incident"));
}

TEST_F(AckLinksTest, TheLinkOfAMergedIncidentActsOnTheOther) {
  const std::string first = Page("api");
  Page("web");
  EXPECT_EQ(
      Send("POST", "/api/v1/incidents/1/merge", R"({"actor":"ada","into":"2"})", "application/json")
          .status,
      200);
  EXPECT_EQ(Send("POST", first, "action=acknowledge&name=ada").status, 200);
  EXPECT_EQ(StateOf(1), State::kMerged);
  EXPECT_EQ(StateOf(2), State::kAcknowledged);
}

TEST_F(AckLinksTest, ABusyServerSaysSo) {
  const std::string path = Page();
  backend_.busy = true;
  for (const char* method : {"GET", "POST"}) {
    const net::Response busy = Send(method, path, "action=acknowledge&name=ada");
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(HeaderOf(busy, "Retry-After"), "1");
  }
  EXPECT_THAT(counted(), ElementsAre("error", "error"));
}

TEST(NoAckLinksTest, WithoutASecretThereIsNoSuchPage) {
  FakeBackend backend(IncidentsConfig());
  const incident::AckLink link = {1, backend.Now(), backend.Now() + std::chrono::hours(1), "ada"};
  for (const Secret& secret : {Secret(kSecret), Secret("x")}) {
    const std::string path = "/ack/" + incident::SignAckLink(link, secret);
    EXPECT_EQ(Handle(MakeRequest("GET", path), backend).status, 404);
    EXPECT_EQ(Handle(MakeRequest("POST", path, "action=acknowledge"), backend).status, 404);
  }
  EXPECT_THAT(backend.links_counted, IsEmpty());
}

}  // namespace
}  // namespace watchfire::api
