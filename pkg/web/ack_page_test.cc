// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/web/ack_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/web/policy.h"

namespace watchfire::web {
namespace {

using testing::HasSubstr;
using testing::Not;

AckPage Page() {
  AckPage page;
  page.title = "Queue full";
  page.state = "triggered";
  page.level = "SEV1";
  page.facts = {{"Opened", "14:02 UTC"}, {"Team", ""}};
  page.alerts = {"QueueFull"};
  page.links = {{"runbook", "https://runbooks.example.com/q?a=1&b=2"}};
  page.form = AckPage::Form{true, "", {{"acknowledge", "Acknowledge", true}}};
  return page;
}

TEST(AckPageTest, ShowsWhatIsBrokenAndTheButton) {
  const std::string html = AckPageHtml(Page());
  EXPECT_THAT(html, HasSubstr("<h1>Queue full</h1>"));
  EXPECT_THAT(html, HasSubstr("<span class=\"badge triggered\">triggered</span>"));
  EXPECT_THAT(html, HasSubstr("<dt>Opened</dt><dd>14:02 UTC</dd>"));
  EXPECT_THAT(html, Not(HasSubstr("Team"))) << "nothing is said of what is not known";
  EXPECT_THAT(html, HasSubstr("<form method=\"post\">"));
  EXPECT_THAT(html, HasSubstr("<button class=\"main\" name=\"action\" value=\"acknowledge\">"));
  EXPECT_THAT(html, HasSubstr("name=\"name\" required maxlength=\"100\""));
  EXPECT_THAT(html, HasSubstr("href=\"https://runbooks.example.com/q?a=1&amp;b=2\""));
}

// Labels of alerts are anybody's texts.
TEST(AckPageTest, EveryValueIsEscaped) {
  const std::string evil = "\"'><script>alert(1)</script>&";
  AckPage page = Page();
  page.title = page.state = page.level = page.notice = evil;
  page.facts = {{evil, evil}};
  page.alerts = {evil};
  page.links = {{evil, "https://" + evil}};
  page.form = AckPage::Form{true, evil, {{evil, evil}}};
  const std::string html = AckPageHtml(page);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("'>")));
  EXPECT_THAT(html,
              HasSubstr("<h1>&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;</h1>"));
  EXPECT_THAT(html, HasSubstr("value=\"&quot;&#39;&gt;&lt;script"));
}

TEST(AckPageTest, OnlyLinksToTheWebAreLinks) {
  AckPage page = Page();
  for (const char* url : {"javascript:alert(1)", "data:text/html,x", "//evil.example.com", ""}) {
    page.links = {{"runbook", url}};
    EXPECT_THAT(AckPageHtml(page), Not(HasSubstr("<a "))) << url;
  }
}

TEST(AckPageTest, ManyAlertsAreCounted) {
  AckPage page = Page();
  page.alerts.assign(1000, "Down");
  const std::string html = AckPageHtml(page);
  EXPECT_THAT(html, HasSubstr("and 995 more"));
  EXPECT_LT(html.size(), 8000U);
}

TEST(AckPageTest, ItsPolicyAllowsItsOwnStyleAndFormAndNothingElse) {
  const std::string html = AckPageHtml(Page());
  const size_t start = html.find("<style>") + 7;
  const std::string style = html.substr(start, html.find("</style>") - start);
  EXPECT_EQ(AckPagePolicy(), "default-src 'none'; style-src " + HashSource(style) +
                                 "; img-src data:; base-uri 'none'; form-action 'self'; "
                                 "frame-ancestors 'none'");
  EXPECT_THAT(html, Not(HasSubstr("style=\"")));
  EXPECT_THAT(html, Not(HasSubstr("src=")));
}

}  // namespace
}  // namespace watchfire::web
