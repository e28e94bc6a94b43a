// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/exclusions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::slo {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kMidnight = 20'000 * 1440;
constexpr WallTime kNow{minutes(kMidnight + 600)};

config::Slo MakeSlo(const std::string& service, const std::string& name) {
  config::Slo slo;
  slo.id = service + "-" + name;
  slo.service = service;
  slo.name = name;
  return slo;
}

// Every day from `begin` to `end`, in minutes of the day (UTC).
config::ExcludedTimes Daily(const std::string& name, int64_t begin, int64_t end) {
  timeinterval::TimeInterval times;
  times.times = timeinterval::Ranges{{begin, end}};
  return {name, {times}};
}

class ExclusionsTest : public ::testing::Test {
 protected:
  ExclusionDraft Draft(Duration from, Duration to) const {
    return {{"shop-paid"}, "", kNow + from, kNow + to, "new disks", "ada"};
  }
  uint64_t Add(ExclusionDraft draft, WallTime now = kNow) {
    const auto written = exclusions_.Add(slos_, std::move(draft), now);
    EXPECT_TRUE(written.has_value()) << written.error().message;
    if (!written) return 0;
    records_[written->record.key] = *written->record.value;
    return written->id;
  }
  std::string Refused(ExclusionDraft draft) {
    const auto written = exclusions_.Add(slos_, std::move(draft), kNow);
    return written ? "made" : written.error().message;
  }
  ExcludedSpans SpansOf(size_t slo) const {
    return exclusions_.Spans(slos_[slo], kMidnight, kMidnight + 1440);
  }

  std::vector<config::Slo> slos_ = {MakeSlo("shop", "paid"), MakeSlo("shop", "fast"),
                                    MakeSlo("search", "fast")};
  Exclusions exclusions_;
  std::map<std::string, std::string> records_;
};

TEST_F(ExclusionsTest, EveryMinuteThatIsTouchedIsExcluded) {
  Add(Draft(-seconds(90), minutes(5) + seconds(1)));
  EXPECT_THAT(SpansOf(0), ElementsAre(ExcludedSpan{kMidnight + 598, kMidnight + 606}));
  EXPECT_THAT(SpansOf(1), IsEmpty());
}

TEST_F(ExclusionsTest, AServiceIsAllOfItsSlos) {
  ExclusionDraft draft = Draft(minutes(0), hours(1));
  draft.slos.clear();
  draft.service = "shop";
  Add(draft);
  EXPECT_THAT(SpansOf(0), SizeIs(1));
  EXPECT_THAT(SpansOf(1), SizeIs(1));
  EXPECT_THAT(SpansOf(2), IsEmpty());
}

TEST_F(ExclusionsTest, TheSameAgainIsTheSameExclusion) {
  ExclusionDraft draft = Draft(-hours(1), hours(1));
  draft.slos = {"shop-paid", "shop-fast"};
  const uint64_t id = Add(draft);
  draft.slos = {"shop-fast", "shop-paid", "shop-fast"};
  draft.author = "bo";
  EXPECT_EQ(Add(draft, kNow + minutes(3)), id);
  EXPECT_EQ(exclusions_.all().at(id).draft.author, "ada");
  draft.reason = "other disks";
  EXPECT_EQ(Add(draft), id + 1);
  // Once it is taken back it does not hold any more.
  ASSERT_TRUE(exclusions_.End(id, "bo", kNow));
  draft.reason = "new disks";
  EXPECT_EQ(Add(draft), id + 2);
}

TEST_F(ExclusionsTest, TakenBackItCoversNothingAndIsRemembered) {
  const uint64_t id = Add(Draft(-hours(1), hours(1)));
  const uint64_t version = exclusions_.version();
  EXPECT_EQ(exclusions_.End(id, "", kNow).error().code, Code::kInvalidArgument);
  EXPECT_EQ(exclusions_.End(7, "bo", kNow).error().code, Code::kNotFound);
  ASSERT_TRUE(exclusions_.End(id, "bo", kNow + minutes(1)));
  EXPECT_NE(exclusions_.version(), version);
  EXPECT_THAT(SpansOf(0), IsEmpty());
  EXPECT_EQ(exclusions_.At(slos_[0], kNow), std::nullopt);
  const Exclusion& one = exclusions_.all().at(id);
  EXPECT_EQ(one.ended_by, "bo");
  EXPECT_EQ(one.ended_at, kNow + minutes(1));
  EXPECT_EQ(one.draft.end, kNow + hours(1)) << "what it had covered";
  EXPECT_EQ(exclusions_.End(id, "bo", kNow).error().code, Code::kConflict);
}

TEST_F(ExclusionsTest, WhatIsOverEarlyKeepsWhatHasPassed) {
  const uint64_t id = Add(Draft(-hours(1), hours(1)));
  const uint64_t later = Add(Draft(minutes(30), hours(1)));
  const uint64_t past = Add(Draft(-hours(3), -hours(2)));
  EXPECT_EQ(exclusions_.Shorten(7, "bo", kNow).error().code, Code::kNotFound);
  EXPECT_EQ(exclusions_.Shorten(id, "", kNow).error().code, Code::kInvalidArgument);
  EXPECT_THAT(exclusions_.Shorten(later, "bo", kNow).error().message,
              HasSubstr("has not begun, so that nothing of it has passed: take it back"));
  EXPECT_EQ(exclusions_.Shorten(past, "bo", kNow).error().code, Code::kConflict);
  const uint64_t version = exclusions_.version();
  ASSERT_TRUE(exclusions_.Shorten(id, "bo", kNow + minutes(50) + seconds(1)));
  const Result<Record> record = exclusions_.Shorten(id, "cy", kNow + minutes(10) + seconds(1));
  ASSERT_TRUE(record);
  EXPECT_NE(exclusions_.version(), version);
  EXPECT_EQ(exclusions_.Shorten(id, "bo", kNow + minutes(11)).error().code, Code::kConflict);
  EXPECT_THAT(SpansOf(0), ElementsAre(ExcludedSpan{kMidnight + 420, kMidnight + 480},
                                      ExcludedSpan{kMidnight + 540, kMidnight + 611},
                                      ExcludedSpan{kMidnight + 630, kMidnight + 660}));
  EXPECT_EQ(exclusions_.At(slos_[0], kNow + minutes(11)), std::nullopt);
  Exclusions restored;
  ASSERT_TRUE(restored.Restore(*record));
  const Exclusion& one = restored.all().at(id);
  EXPECT_EQ(one.draft.end, kNow + minutes(11));
  EXPECT_EQ(one.shortened_by, "cy");
  EXPECT_EQ(one.shortened_at, kNow + minutes(10) + seconds(1));
  EXPECT_EQ(one.planned_end, kNow + hours(1)) << "of the first time";
  EXPECT_EQ(one.ended_at, kNoTime);
  // It can be taken back still.
  ASSERT_TRUE(restored.End(id, "bo", kNow + minutes(20)));
  EXPECT_EQ(restored.Shorten(id, "bo", kNow + minutes(21)).error().code, Code::kConflict);
  EXPECT_THAT(restored.Spans(slos_[0], kMidnight, kMidnight + 1440), IsEmpty());
}

TEST_F(ExclusionsTest, WhatHasNoEffectOrNoSloIsRefused) {
  EXPECT_THAT(Refused(Draft(hours(1), hours(1))), HasSubstr("must end after it starts"));
  EXPECT_THAT(Refused(Draft(-hours(24 * 40), -hours(24 * 31))), HasSubstr("no effect"));
  EXPECT_EQ(Refused(Draft(-hours(24 * 40), -hours(24 * 29))), "made");
  EXPECT_THAT(Refused(Draft(-hours(24 * 401), hours(1))), HasSubstr("at most 400 days ago"));
  EXPECT_THAT(Refused(Draft(hours(24 * 401), hours(24 * 402))), HasSubstr("or ahead"));
  EXPECT_THAT(Refused(Draft(hours(0), hours(24 * 401))), HasSubstr("lasts at most 400 days"));
  ExclusionDraft draft = Draft(hours(0), hours(1));
  draft.end = WallTime::max();
  EXPECT_THAT(Refused(draft), HasSubstr("lasts at most 400 days"));
  draft = Draft(hours(0), hours(1));
  draft.slos = {"shop-payd"};
  EXPECT_EQ(Refused(draft), "no SLO \"shop-payd\": did you mean \"shop-paid\"?");
  draft.service = "shop";
  EXPECT_THAT(Refused(draft), HasSubstr("exclude each other"));
  draft.slos.clear();
  draft.service = "shap";
  EXPECT_EQ(Refused(draft), "no SLO is of a service \"shap\": did you mean \"shop\"?");
  draft.service = "";
  EXPECT_THAT(Refused(draft), HasSubstr("slo must name one of those"));
  draft.slos.assign(101, "shop-paid");
  EXPECT_THAT(Refused(draft), HasSubstr("at most 100 SLOs"));
  draft = Draft(hours(0), hours(1));
  draft.reason = "";
  EXPECT_THAT(Refused(draft), HasSubstr("reason must say why"));
  draft.reason = std::string(5000, 'x');
  EXPECT_THAT(Refused(draft), HasSubstr("reason has at most 4096 bytes"));
  draft.author = "";
  EXPECT_THAT(Refused(draft), HasSubstr("author must say who"));
}

TEST_F(ExclusionsTest, ThereAreNotTooMany) {
  for (size_t i = 0; i < Exclusions::kMost; ++i) {
    Add(Draft(minutes(i), minutes(i + 1)));
  }
  EXPECT_THAT(Refused(Draft(-hours(1), hours(1))), HasSubstr("there are 1000 exclusions already"));
  ASSERT_TRUE(exclusions_.End(1, "bo", kNow));
  EXPECT_EQ(Refused(Draft(-hours(1), hours(1))), "made");
}

TEST_F(ExclusionsTest, NorOfThoseThatWereTakenBack) {
  for (size_t i = 0; i < 2 * Exclusions::kKept; ++i) {
    ASSERT_TRUE(exclusions_.End(Add(Draft(minutes(0), minutes(i + 1))), "bo", kNow));
  }
  EXPECT_THAT(Refused(Draft(-hours(1), hours(1))), HasSubstr("wait for some minutes"));
  EXPECT_THAT(exclusions_.Collect(kNow), SizeIs(Exclusions::kKept));
  EXPECT_EQ(Refused(Draft(-hours(1), hours(1))), "made");
}

TEST_F(ExclusionsTest, WhatIsStoredComesBack) {
  const uint64_t kept = Add(Draft(-hours(1), hours(1)));
  const uint64_t ended = Add(Draft(-hours(2), hours(2)));
  const Result<Record> record = exclusions_.End(ended, "bo", kNow + minutes(1));
  ASSERT_TRUE(record);
  records_[record->key] = *record->value;
  Exclusions restored;
  for (const auto& [key, value] : records_) {
    const Record one{Table::kMeta, key, value};
    EXPECT_TRUE(Exclusions::IsExclusion(one));
    ASSERT_TRUE(restored.Restore(one));
  }
  ASSERT_THAT(restored.all(), SizeIs(2));
  const Exclusion& one = restored.all().at(kept);
  EXPECT_EQ(one.draft.slos, std::vector<std::string>{"shop-paid"});
  EXPECT_EQ(one.draft.start, kNow - hours(1));
  EXPECT_EQ(one.draft.end, kNow + hours(1));
  EXPECT_EQ(one.draft.reason, "new disks");
  EXPECT_EQ(one.draft.author, "ada");
  EXPECT_EQ(one.made_at, kNow);
  EXPECT_EQ(one.ended_at, kNoTime);
  EXPECT_EQ(restored.all().at(ended).ended_by, "bo");
  EXPECT_EQ(restored.Spans(slos_[0], kMidnight, kMidnight + 1440), SpansOf(0));
  // Ids go on.
  EXPECT_EQ(restored.Add(slos_, Draft(hours(3), hours(4)), kNow)->id, 3U);
  EXPECT_FALSE(restored.Restore({Table::kMeta, "exclusion/x", "{}"}));
  EXPECT_FALSE(restored.Restore({Table::kMeta, "exclusion/1", "{"}));
}

TEST_F(ExclusionsTest, WhatIsOlderThanCountsAreIsForgotten) {
  const uint64_t old = Add(Draft(-hours(1), hours(1)));
  const uint64_t ended = Add(Draft(-hours(2), hours(24 * 300)));
  const uint64_t last = Add(Draft(-hours(3), hours(1)));
  ASSERT_TRUE(exclusions_.End(ended, "bo", kNow));
  EXPECT_THAT(exclusions_.Collect(kNow + hours(24 * 399)), IsEmpty());
  const std::vector<Record> gone = exclusions_.Collect(kNow + hours(24 * 402));
  ASSERT_THAT(gone, SizeIs(2));
  EXPECT_EQ(gone[0].key, "exclusion/" + std::to_string(old));
  EXPECT_EQ(gone[0].value, std::nullopt);
  EXPECT_EQ(gone[1].key, "exclusion/" + std::to_string(ended));
  EXPECT_TRUE(exclusions_.all().contains(last)) << "it tells how far ids have come";
}

TEST_F(ExclusionsTest, SchedulesAndPeopleAddUp) {
  slos_[0].excluded = {Daily("night", 120, 180), Daily("early", 170, 240)};
  const auto at = [](int64_t minute) { return kMidnight + minute; };
  EXPECT_THAT(SpansOf(0), ElementsAre(ExcludedSpan{at(120), at(240), true}));
  Add(Draft(-minutes(600 - 150), -minutes(600 - 160)));
  Add(Draft(-minutes(600 - 160), -minutes(600 - 165)));
  EXPECT_THAT(SpansOf(0), ElementsAre(ExcludedSpan{at(120), at(150), true},
                                      ExcludedSpan{at(150), at(165), false},
                                      ExcludedSpan{at(165), at(240), true}));
  EXPECT_THAT(exclusions_.Spans(slos_[0], at(-1440), at(130)),
              ElementsAre(ExcludedSpan{at(120 - 1440), at(240 - 1440), true},
                          ExcludedSpan{at(120), at(130), true}));
  // From the end of one night into the next.
  Add(Draft(-minutes(600 - 230), minutes(840 + 130)));
  EXPECT_THAT(
      exclusions_.Spans(slos_[0], at(0), at(1440 + 250)),
      ElementsAre(ExcludedSpan{at(120), at(150), true}, ExcludedSpan{at(150), at(165), false},
                  ExcludedSpan{at(165), at(230), true},
                  ExcludedSpan{at(230), at(1440 + 130), false},
                  ExcludedSpan{at(1440 + 130), at(1440 + 240), true}));
}

TEST_F(ExclusionsTest, ASchedulesTimesAreWorkedOutOnceForAllWhoHaveIt) {
  for (config::Slo& slo : slos_) slo.excluded = {Daily("night", 120, 180)};
  const auto spans = [&](size_t slo, int64_t from, int64_t to) {
    return exclusions_.Spans(slos_[slo], kMidnight + from, kMidnight + to);
  };
  const auto night = [](int64_t day, int64_t begin = 120, int64_t end = 180) {
    return ExcludedSpan{kMidnight + day * 1440 + begin, kMidnight + day * 1440 + end, true};
  };
  EXPECT_THAT(spans(0, -1440, 1440), ElementsAre(night(-1), night(0)));
  EXPECT_EQ(exclusions_.worked_out(), 2 * 1440);
  EXPECT_THAT(spans(1, -1440, 1440), ElementsAre(night(-1), night(0)));
  EXPECT_THAT(spans(2, 0, 150), ElementsAre(night(0, 120, 150)));
  EXPECT_EQ(exclusions_.worked_out(), 2 * 1440) << "by the first";
  // One that looks further back, a minute later: what is missing.
  EXPECT_THAT(spans(1, -2880 + 150, 1441), ElementsAre(night(-2, 150, 180), night(-1), night(0)));
  EXPECT_EQ(exclusions_.worked_out(), 2 * 1440 + 1440 - 150 + 1);
  EXPECT_THAT(spans(0, -2880 + 150, 1440 + 130),
              ElementsAre(night(-2, 150, 180), night(-1), night(0), night(1, 120, 130)));
  EXPECT_THAT(spans(0, 0, 1440 + 140), ElementsAre(night(0), night(1, 120, 140)));
  // Other times of the same name, as after a reload.
  slos_[0].excluded = {Daily("night", 130, 140)};
  EXPECT_THAT(spans(0, 0, 1440), ElementsAre(night(0, 130, 140)));
  EXPECT_THAT(spans(1, 0, 1440), ElementsAre(night(0)));
  // The clock was set a long way.
  const int64_t far = 2000;
  EXPECT_THAT(spans(1, far * 1440, far * 1440 + 200), ElementsAre(night(far)));
  EXPECT_THAT(spans(1, 0, 1440), ElementsAre(night(0)));
}

TEST_F(ExclusionsTest, WhatHoldsNowIsTold) {
  slos_[0].excluded = {Daily("office", 540, 660)};
  const Holding office{0, "office", "", WallTime(minutes(kMidnight + 660))};
  EXPECT_EQ(exclusions_.At(slos_[0], kNow), office);
  const uint64_t id = Add(Draft(-hours(1), minutes(30)));
  EXPECT_EQ(exclusions_.At(slos_[0], kNow), office) << "it lasts longer";
  const uint64_t longer = Add(Draft(-hours(1), hours(2)));
  EXPECT_EQ(exclusions_.At(slos_[0], kNow), (Holding{longer, "new disks", "ada", kNow + hours(2)}));
  EXPECT_EQ(exclusions_.At(slos_[0], kNow + hours(2)), std::nullopt);
  EXPECT_NE(id, longer);
}

}  // namespace
}  // namespace watchfire::slo
