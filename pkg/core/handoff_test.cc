// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/handoff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/oncall/reader.h"

namespace watchfire::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

constexpr const char* kRoster = R"(
oncall:
  schedules:
    - name: primary
      time_zone: Europe/Berlin
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [ada, bo]}
          start: 2026-01-05 09:00
      overrides:
        - {from: 2026-01-21 18:00, to: 2026-01-22 08:00, who: cem, replaces: ada}
        - {from: 2026-01-20 09:00, to: 2026-01-20 12:00, who: dan, add: true}
        - {from: 2026-01-10 09:00, to: 2026-01-10 12:00, who: eve}
        - {from: 2026-03-20 09:00, to: 2026-03-20 12:00, who: eve}
)";

class HandoffTest : public testing::Test {
 protected:
  HandoffTest() : roster_(*oncall::Load({{"o.yml", kRoster}}).roster) {}

  // Opened, paged at once.
  incident::Incident& Add(uint64_t id, const std::string& title, WallTime at) {
    auto incident = std::make_shared<incident::Incident>();
    incident->id = id;
    incident->title = title;
    incident->level = "SEV2";
    incident->severity = "error";
    incident->started_at = incident->detected_at = incident->opened_at = at;
    incident->paged_at = incident->cycle_at = incident->cycle_paged_at = at;
    incident->timeline = {{at, "opened", "monitoring", "pipeline", ""},
                          {at, "paged", "on-call", "webhook", ""}};
    incidents_[id] = incident;
    return *incident;
  }
  silence::Silence& AddSilence(const std::string& id, WallTime until) {
    silence::Silence silence;
    silence.id = id;
    silence.matcher_sets = {{matcher::Matcher::Create(matcher::Op::kEqual, "service", id).value()}};
    silence.starts_at = at_ - hours(1);
    silence.ends_at = until;
    silence.created_by = "ada";
    return silences_.emplace_back(std::move(silence));
  }
  Handoff Make() const {
    return MakeHandoff(roster_, roster_.schedules[0], incidents_, silences_, at_);
  }
  std::string Text() const { return HandoffText(Make(), roster_.schedules[0]); }

  oncall::Roster roster_;
  WallTime at_ = ParseTime("2026-01-19T07:45:00Z").value();  // A quarter before bo goes off.
  std::map<uint64_t, std::shared_ptr<const incident::Incident>> incidents_;
  std::vector<silence::Silence> silences_;
};

TEST_F(HandoffTest, SaysWhatTheNextPersonShouldKnow) {
  Add(1, "Disk full", at_ - hours(24 * 8));  // Of the shift before, open still, and held.
  const_cast<incident::Incident&>(*incidents_[1]).ack = {"cem", at_ - hours(30), kNoTime, kNoTime};
  Add(2, "API down", at_ - hours(6));  // At night, and nobody's.
  incident::Incident& over = Add(3, "Slow", at_ - hours(46));
  over.state = incident::State::kResolved;
  over.resolved_at = at_ - hours(45);
  over.acked_by = "ada";
  AddSilence("db", at_ + hours(2)).comment = "a move";
  AddSilence("later", at_ + hours(13));
  AddSilence("over", at_ - minutes(1));
  EXPECT_EQ(
      Text(),
      "Hand-off of primary, Mon 2026-01-19 09:00 CET: bo → ada\n"
      "In the shift since Mon 2026-01-12 09:00 CET: 2 pages (1 at night), "
      "2 incidents opened, 1 resolved\n"
      "\n"
      "Open incidents: 2\n"
      "- #2 SEV2 API down: nobody's, since Mon 2026-01-19 02:45 CET\n"
      "- #1 SEV2 Disk full: held by cem, since Sun 2026-01-11 08:45 CET\n"
      "\n"
      "Paged in this shift, and over: 1\n"
      "- #3 SEV2 Slow: paged Sat 2026-01-17 10:45 CET, acknowledged by ada, over Sat 2026-01-17 "
      "11:45 CET\n"
      "\n"
      "Silences that end within 12 h: 1\n"
      "- Mon 2026-01-19 10:45 CET: {service=\"db\"}, by ada: a move\n"
      "\n"
      "Overrides within 14 days: 2\n"
      "- Tue 2026-01-20 09:00 CET to Tue 2026-01-20 12:00 CET: dan as well\n"
      "- Wed 2026-01-21 18:00 CET to Thu 2026-01-22 08:00 CET: cem instead of ada\n");
}

TEST_F(HandoffTest, AQuietShiftIsShort) {
  roster_.schedules[0].overrides.clear();
  EXPECT_EQ(Text(),
            "Hand-off of primary, Mon 2026-01-19 09:00 CET: bo → ada\n"
            "In the shift since Mon 2026-01-12 09:00 CET: 0 pages (0 at night), "
            "0 incidents opened, 0 resolved\n"
            "\nOpen incidents: 0\n\nPaged in this shift, and over: 0\n"
            "\nSilences that end within 12 h: 0\n\nOverrides within 14 days: 0\n");
  at_ = ParseTime("2025-12-01T00:00:00Z").value();
  EXPECT_THAT(Text(), HasSubstr("nobody → ada"));
}

TEST_F(HandoffTest, ManyAreCounted) {
  for (uint64_t id = 1; id <= kHandoffRows + 3; ++id) Add(id, "x", at_ - hours(1));
  for (size_t i = 0; i <= kHandoffRows; ++i) AddSilence(std::to_string(i), at_ + hours(1));
  EXPECT_EQ(Make().incidents.size(), kHandoffRows);
  EXPECT_THAT(Text(), HasSubstr("- and 3 more\n\nPaged in this shift, and over: 0\n"));
  EXPECT_THAT(Text(), HasSubstr("\nSilences that end within 12 h: 51\n"));
  EXPECT_THAT(Text(), HasSubstr("- and 1 more\n\nOverrides"));
}

TEST_F(HandoffTest, AsJson) {
  Add(2, "API down", at_ - hours(6));
  AddSilence("db", at_ + hours(2));
  const std::string json = HandoffJson(Make(), roster_.schedules[0]);
  EXPECT_THAT(json, HasSubstr(R"("since":"2026-01-12T08:00:00Z","until":"2026-01-19T08:00:00Z",)"
                              R"("off":["bo"],"on":["ada"],"pages":1,"pagesSleep":1,)"));
  EXPECT_THAT(json, HasSubstr(R"("incidents":[{"id":2,"title":"API down","level":"SEV2",)"
                              R"("state":"triggered","holder":"",)"));
  EXPECT_THAT(json, HasSubstr(R"("pagedAndOver":0,"over":[],"comingOverrides":2,"overrides":[)"
                              R"({"start":"2026-01-20T08:00:00Z","end":"2026-01-20T11:00:00Z",)"));
  EXPECT_THAT(json, HasSubstr(R"("silences":[{"id":"db","matchers":"{service=\"db\"}",)"));
}

}  // namespace
}  // namespace watchfire::core
