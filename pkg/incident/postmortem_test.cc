// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/incident/postmortem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/incident/incident_for_test.h"
#include "pkg/templates/default_templates.h"

namespace watchfire::incident {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

std::string Render(const Incident& incident) {
  const auto text = RenderPostmortem(incident, templates::DefaultTemplates(), {});
  EXPECT_TRUE(text) << text.error().message;
  return text.value_or("");
}

Incident Whole() {
  Registry registry;
  Page page = ApiDown();
  page.started_at = kStart;
  page.detected_at = kStart + minutes(2);
  page.title = "API | down";
  page.links = {{"runbook", "https://runbooks.example/api"}};
  registry.OnAttempt(page, kStart + minutes(3));
  registry.OnPageFailed(page, "HTTP 503", kStart + minutes(3) + seconds(1));
  registry.OnPaged(page, kStart + minutes(4));
  Did(registry.Apply(1, Acknowledge{}, kAda, kStart + minutes(5)));
  Did(registry.Apply(1, SetRole{"commander", "grace"}, kAda, kStart + minutes(5)));
  Ack note = kAda;
  note.note = "rolled back\nto 1.4 | done";
  Did(registry.Apply(1, AddNote{}, note, kStart + minutes(15)));
  Did(registry.Apply(1, Mitigate{}, kAda, kStart + minutes(16)));
  registry.OnRecovered("on-call", page.group_key, kStart + minutes(20));
  return *registry.Find(1);
}

TEST(PostmortemTest, ItKnowsTimesPeopleAndEvents) {
  const std::string text = Render(Whole());
  for (const char* part : {"# Post-mortem: API \\| down\n",
                           "| Incident | #1, resolved |",
                           "| Severity | SEV1 (alerts: critical) |",
                           "| commander | grace |",
                           "| runbook | <https://runbooks.example/api> |",
                           "| condition held | 2023-11-14T22:13:20Z |",
                           "| condition held | alert received | 2m |",
                           "| alert received | page accepted | 2m |",
                           "| page accepted | acknowledged | 1m |",
                           "| acknowledged | resolved | 15m |",
                           "| mitigated | 2023-11-14T22:29:20Z |",
                           "| Mitigated by | ada |",
                           "| acknowledged | mitigated | 11m |",
                           "| mitigated | resolved | 4m |",
                           "| incident opened | mitigated | 13m |",
                           "| incident opened | resolved | 17m |",
                           "| condition held | resolved | 20m |",
                           "- ApiDown\n",
                           "HTTP 503",
                           "ada: rolled back to 1.4 \\| done\n",
                           "## Root cause",
                           "## Action items"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(text, Not(HasSubstr("no value")));
  EXPECT_THAT(text, Not(HasSubstr("not yet")));
}

TEST(PostmortemTest, AnOpenIncidentHasOneToo) {
  Registry registry;
  registry.OnAttempt(ApiDown(), kStart + minutes(1));
  const std::string text = Render(*registry.Find(1));
  EXPECT_THAT(text, HasSubstr("| resolved | not yet |"));
  EXPECT_THAT(text, Not(HasSubstr("mitigated"))) << "many never are";
  EXPECT_THAT(text, HasSubstr("## Notifications\n\nNone went out.\n"));
  EXPECT_THAT(text, HasSubstr("## Notes\n\nNone were taken.\n"));
}

TEST(PostmortemTest, TimesEndWhenTheLastAlertWasOverAndItSaysWhenThatWasTold) {
  Registry registry;
  Open(&registry, ApiDown(), kStart + minutes(1));
  registry.OnRecovered("on-call", ApiDown().group_key, kStart + minutes(20),
                       Registry::Recovery::kSaid, kStart + minutes(16));
  const std::string text = Render(*registry.Find(1));
  EXPECT_THAT(text, HasSubstr("| incident opened | resolved | 15m |"));
  EXPECT_THAT(text, HasSubstr("| resolved | 2023-11-14T22:29:20Z |"));
  EXPECT_THAT(text, HasSubstr("| end told | 2023-11-14T22:33:20Z |"));
}

TEST(PostmortemTest, ATemplateOfTheConfigurationTakesItsPlace) {
  templates::TemplateSet own = templates::DefaultTemplates();
  ASSERT_TRUE(own.Parse("files", R"({{ define "incident.postmortem" -}}
{{ .ID }} {{ .Level }}{{ range .Intervals }} {{ .Seconds }}{{ end }}{{ end }})"));
  const auto text = RenderPostmortem(Whole(), own, {});
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, "1 SEV1 120 120 60 660 240 900 780 1020 1200");
}

TEST(PostmortemTest, AFaultyTemplateSaysWhere) {
  templates::TemplateSet own = templates::DefaultTemplates();
  ASSERT_TRUE(own.Parse("files", R"({{ define "incident.postmortem" }}{{ .ID.X }}{{ end }})"));
  EXPECT_THAT(RenderPostmortem(Whole(), own, {}).error().message,
              HasSubstr("executing \"incident.postmortem\""));
}

}  // namespace
}  // namespace watchfire::incident
