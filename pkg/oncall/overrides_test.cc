// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/overrides.h"

#include <gtest/gtest.h>

#include "pkg/oncall/duty.h"
#include "pkg/oncall/reader.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kFiles = R"(
oncall:
  users:
    - {name: ada, email: ada@example.com}
    - bo
    - cy
    - dora
  schedules:
    - name: primary
      time_zone: UTC
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [ada, bo]}
      overrides:
        - {from: 2026-01-14T00:00:00Z, to: 2026-01-15T00:00:00Z, who: cy}
    - name: other
      time_zone: UTC
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [dora]}
)";

WallTime At(const std::string& text) { return ParseTime(text).value(); }

std::shared_ptr<const Roster> Files(const std::string& text = kFiles) {
  const Loaded loaded = Load({{"o.yml", text}});
  EXPECT_TRUE(loaded.roster.has_value());
  return std::make_shared<const Roster>(*loaded.roster);
}

class OverridesTest : public testing::Test {
 protected:
  OverrideDraft Draft(const std::string& who, const std::string& from, const std::string& to) {
    return {"primary", who, At(from), At(to), "", false, "ops", ""};
  }
  uint64_t Add(const OverrideDraft& draft) {
    auto written = overrides_.Add(files_.get(), draft, now_);
    EXPECT_TRUE(written.has_value()) << written.error().message;
    if (!written) return 0;
    disk_[written->record.key] = written->record;
    return written->id;
  }
  std::string Fault(const OverrideDraft& draft) {
    const auto written = overrides_.Add(files_.get(), draft, now_);
    return written ? "" : written.error().message;
  }
  People WhoAt(const std::string& at, const std::string& schedule = "primary") const {
    const auto roster = overrides_.Over(files_);
    return oncall::WhoAt(*roster, *roster->FindSchedule(schedule), At(at));
  }

  std::shared_ptr<const Roster> files_ = Files();
  Overrides overrides_;
  WallTime now_ = At("2026-01-13T12:00:00Z");  // bo's week.
  std::map<std::string, Record> disk_;
};

TEST_F(OverridesTest, WithoutAnyTheFilesAreTaken) {
  EXPECT_EQ(overrides_.Over(files_), files_);
  EXPECT_EQ(overrides_.Over(nullptr), nullptr);
}

TEST_F(OverridesTest, ALaterOneWinsOverEarlierOnesAndThoseOfFiles) {
  EXPECT_EQ(WhoAt("2026-01-13T13:00:00Z"), People{"bo"});
  Add(Draft("ada", "2026-01-13T13:00:00Z", "2026-01-14T02:00:00Z"));
  EXPECT_EQ(WhoAt("2026-01-13T12:59:59Z"), People{"bo"});
  EXPECT_EQ(WhoAt("2026-01-13T13:00:00Z"), People{"ada"});
  EXPECT_EQ(WhoAt("2026-01-14T01:00:00Z"), People{"ada"}) << "the file says cy";
  EXPECT_EQ(WhoAt("2026-01-14T02:00:00Z"), People{"cy"});
  Add(Draft("dora", "2026-01-13T14:00:00Z", "2026-01-13T15:00:00Z"));
  EXPECT_EQ(WhoAt("2026-01-13T14:30:00Z"), People{"dora"}) << "somebody of another schedule";
  EXPECT_EQ(WhoAt("2026-01-13T15:00:00Z"), People{"ada"});
  EXPECT_EQ(WhoAt("2026-01-13T14:30:00Z", "other"), People{"dora"});
}

TEST_F(OverridesTest, BesideTheOthersOrForOneOnly) {
  OverrideDraft draft = Draft("cy", "2026-01-13T13:00:00Z", "2026-01-13T14:00:00Z");
  draft.is_added = true;
  Add(draft);
  EXPECT_EQ(WhoAt("2026-01-13T13:30:00Z"), (People{"bo", "cy"}));
  draft = Draft("cy", "2026-01-16T00:00:00Z", "2026-01-26T00:00:00Z");
  draft.replaces = "ada@example.com";
  Add(draft);
  EXPECT_EQ(WhoAt("2026-01-17T00:00:00Z"), People{"bo"});
  EXPECT_EQ(WhoAt("2026-01-20T00:00:00Z"), People{"cy"}) << "ada's week";
}

TEST_F(OverridesTest, OneForAllEndsWhatWasSaidOfOneBefore) {
  OverrideDraft draft = Draft("cy", "2026-01-13T13:00:00Z", "2026-01-13T18:00:00Z");
  draft.replaces = "bo";
  Add(draft);
  EXPECT_EQ(WhoAt("2026-01-13T14:00:00Z"), People{"cy"});
  Add(Draft("bo", "2026-01-13T14:00:00Z", "2026-01-13T15:00:00Z"));
  EXPECT_EQ(WhoAt("2026-01-13T14:00:00Z"), People{"bo"});
  EXPECT_EQ(WhoAt("2026-01-13T15:00:00Z"), People{"cy"});
  draft.is_added = true;
  draft.replaces = "";
  Add(draft);
  EXPECT_EQ(WhoAt("2026-01-13T14:30:00Z"), (People{"bo", "cy"})) << "the later one";
}

TEST_F(OverridesTest, ThePastStays) {
  now_ = At("2026-01-13T12:00:00Z") + milliseconds(700);
  OverrideDraft draft = Draft("ada", "2026-01-10T00:00:00Z", "2026-01-13T14:00:00Z");
  const uint64_t id = Add(draft);
  EXPECT_EQ(overrides_.all().at(id).draft.from, At("2026-01-13T12:00:00Z")) << "now, not before";
  now_ += hours(1);
  const Result<Record> ended = overrides_.End(id, "bo", now_);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(WhoAt("2026-01-13T12:30:00Z"), People{"ada"});
  EXPECT_EQ(WhoAt("2026-01-13T13:00:00Z"), People{"bo"});
  EXPECT_EQ(overrides_.End(id, "bo", now_).error().code, Code::kConflict) << "over";
  EXPECT_EQ(overrides_.End(99, "bo", now_).error().code, Code::kNotFound);
  const uint64_t later = Add(Draft("ada", "2026-01-16T00:00:00Z", "2026-01-17T00:00:00Z"));
  ASSERT_TRUE(overrides_.End(later, "bo", now_).has_value());
  EXPECT_EQ(WhoAt("2026-01-16T12:00:00Z"), People{"bo"}) << "it never began";
}

TEST_F(OverridesTest, MistakesAreNamed) {
  const OverrideDraft good = Draft("ada", "2026-01-13T13:00:00Z", "2026-01-13T14:00:00Z");
  OverrideDraft draft = good;
  draft.who = "eve";
  EXPECT_EQ(Fault(draft), "nobody is called \"eve\" in the files of the schedules (oncall_files)");
  draft.who = "";
  EXPECT_EQ(Fault(draft), "who must name whoever is to be on call");
  draft = good;
  draft.schedule = "secondary";
  EXPECT_EQ(Fault(draft), "no schedule is called \"secondary\"");
  draft.schedule = "";
  EXPECT_EQ(Fault(draft), "schedule must name one of those that GET /api/v1/oncall lists");
  draft = good;
  draft.to = draft.from;
  EXPECT_EQ(Fault(draft), "the override must end after it begins");
  draft.to = now_;
  EXPECT_EQ(Fault(draft), "the override must end in the future");
  draft.to = draft.from + Overrides::kLongest + seconds(1);
  EXPECT_EQ(Fault(draft), "an override lasts at most 366 days: change the schedule itself");
  draft = good;
  draft.from = now_ + Overrides::kAhead + hours(1);
  draft.to = draft.from + hours(1);
  EXPECT_EQ(Fault(draft), "an override begins within two years: change the schedule itself");
  draft = good;
  draft.made_by = "";
  EXPECT_EQ(Fault(draft), "actor must say who makes the override");
  draft = good;
  draft.replaces = "bo";
  draft.is_added = true;
  EXPECT_EQ(Fault(draft), "add and replaces exclude each other");
  draft = good;
  draft.replaces = "ada";
  EXPECT_EQ(Fault(draft), "who and replaces are the same person");
  EXPECT_EQ(overrides_.Add(nullptr, good, now_).error().code, Code::kNotFound);
  EXPECT_TRUE(overrides_.all().empty());
}

TEST_F(OverridesTest, TheirNumberIsBounded) {
  for (size_t i = 0; i < Overrides::kMost; ++i) {
    Add(Draft("ada", "2026-01-13T13:00:00Z", "2026-01-13T14:00:00Z"));
  }
  const OverrideDraft draft = Draft("ada", "2026-01-13T13:00:00Z", "2026-01-13T14:00:00Z");
  EXPECT_EQ(overrides_.Add(files_.get(), draft, now_).error().code, Code::kExhausted);
  now_ += hours(3);
  EXPECT_TRUE(
      overrides_
          .Add(files_.get(), Draft("ada", "2026-01-14T13:00:00Z", "2026-01-14T14:00:00Z"), now_)
          .has_value())
      << "the others are over";
}

TEST_F(OverridesTest, OfThoseThatAreOverOnlySoManyAreKept) {
  std::vector<Record> gone;
  for (size_t i = 0; i < Overrides::kKept + 10; ++i) {
    auto written = overrides_.Add(
        files_.get(), Draft("ada", "2026-01-13T13:00:00Z", "2026-01-13T14:00:00Z"), now_);
    ASSERT_TRUE(written.has_value());
    ASSERT_TRUE(overrides_.End(written->id, "ops", now_).has_value());
    gone = overrides_.Collect(now_, hours(24));
  }
  EXPECT_EQ(overrides_.all().size(), Overrides::kKept);
  EXPECT_EQ(gone.size(), 1U);
}

TEST_F(OverridesTest, ARestartKeepsThemAndTheirOrder) {
  OverrideDraft draft = Draft("ada", "2026-01-13T13:00:00Z", "2026-01-13T18:00:00Z");
  draft.note = "swap \"x\"";
  Add(draft);
  const uint64_t second = Add(Draft("cy", "2026-01-13T14:00:00Z", "2026-01-13T18:00:00Z"));
  now_ = At("2026-01-13T15:00:00Z");
  const Result<Record> ended = overrides_.End(second, "bo", now_);
  disk_[ended->key] = *ended;
  const auto before = overrides_.all();
  overrides_ = Overrides();
  for (const auto& [key, record] : disk_) {
    ASSERT_TRUE(Overrides::IsOverride(record));
    EXPECT_TRUE(overrides_.Restore(record).has_value());
  }
  ASSERT_EQ(overrides_.all().size(), 2U);
  EXPECT_EQ(overrides_.all().at(1).draft.note, "swap \"x\"");
  EXPECT_EQ(overrides_.all().at(second).ended_by, "bo");
  EXPECT_EQ(overrides_.all().at(second).draft.to, now_);
  EXPECT_EQ(WhoAt("2026-01-13T14:30:00Z"), People{"cy"});
  EXPECT_EQ(WhoAt("2026-01-13T15:30:00Z"), People{"ada"});
  EXPECT_EQ(Add(Draft("cy", "2026-01-14T14:00:00Z", "2026-01-14T18:00:00Z")), second + 1);
  EXPECT_FALSE(overrides_.Restore({Table::kMeta, "override/x", "{}"}).has_value());
  EXPECT_FALSE(overrides_.Restore({Table::kMeta, "override/9", "[]"}).has_value());
  EXPECT_FALSE(Overrides::IsOverride({Table::kMeta, "handoff/x", "{}"}));
}

TEST_F(OverridesTest, WhatIsLongOverIsForgottenButForTheLast) {
  const uint64_t first = Add(Draft("ada", "2026-01-13T13:00:00Z", "2026-01-13T14:00:00Z"));
  const uint64_t second = Add(Draft("ada", "2026-01-13T13:00:00Z", "2026-01-13T14:00:00Z"));
  now_ = At("2026-01-13T14:00:00Z");
  EXPECT_TRUE(overrides_.Collect(now_ + minutes(59), hours(1)).empty());
  const auto gone = overrides_.Collect(now_ + minutes(60), hours(1));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].key, disk_.begin()->second.key);
  EXPECT_FALSE(gone[0].value.has_value());
  EXPECT_FALSE(overrides_.all().contains(first));
  EXPECT_TRUE(overrides_.all().contains(second)) << "or a restart would give its id again";
}

TEST_F(OverridesTest, WhomTheFilesHaveNoMoreIsNotOnCall) {
  const uint64_t id = Add(Draft("cy", "2026-01-13T13:00:00Z", "2026-01-13T18:00:00Z"));
  EXPECT_TRUE(Overrides::IsOf(files_.get(), overrides_.all().at(id)));
  files_ = Files(R"(
oncall:
  schedules:
    - name: primary
      time_zone: UTC
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [ada, bo]}
)");
  EXPECT_EQ(WhoAt("2026-01-13T13:30:00Z"), People{"bo"});
  EXPECT_FALSE(Overrides::IsOf(files_.get(), overrides_.all().at(id)));
  EXPECT_FALSE(Overrides::IsOf(nullptr, overrides_.all().at(id)));
}

}  // namespace
}  // namespace watchfire::oncall
