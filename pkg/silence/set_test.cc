// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/set.h"

#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"

namespace watchfire::silence {
namespace {

using matcher::Matcher;
using matcher::Op;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const WallTime kNow = ParseTime("2026-08-22T14:04:18.25Z").value();
constexpr Duration kTick = nanoseconds(1);

Draft DraftOf(std::vector<Condition> matchers, WallTime from, WallTime to) {
  Draft draft;
  draft.matchers = std::move(matchers);
  draft.starts_at = from;
  draft.ends_at = to;
  draft.created_by = "ada";
  return draft;
}
Draft Hour(const std::string& name, const std::string& value) {
  return DraftOf({{Op::kEqual, name, value}}, kNoTime, kNow + hours(1));
}

class SetTest : public testing::Test {
 protected:
  std::string Create(const Draft& draft, WallTime now = kNow) {
    const Result<Set::Written> written = set_.Put(draft, now, &rng_);
    EXPECT_TRUE(written) << written.error().message;
    return written ? written->id : "";
  }
  Error Refused(const Draft& draft) {
    const uint64_t version = set_.version();
    const Result<Set::Written> written = set_.Put(draft, kNow, &rng_);
    EXPECT_FALSE(written);
    EXPECT_EQ(set_.version(), version);
    return written ? Error() : written.error();
  }

  Rng rng_{1};
  Set set_{Options{}};
};

TEST_F(SetTest, AnotherServersSilencesKeepTheirIdsAndTimes) {
  Draft there = DraftOf({{Op::kEqual, "a", "1"}}, kNow - hours(2), kNow + hours(1));
  there.id = "5b5a4c7e-0000-4000-8000-1d3a5f7c9e2b";
  EXPECT_THAT(set_.Adopt(there, kNow).value(), SizeIs(1));
  EXPECT_THAT(set_.Silencing(labels::LabelSet({{"a", "1"}}), kNow), ElementsAre(there.id));
  EXPECT_EQ(set_.Find(there.id)->starts_at, kNow - hours(2)) << "the past stays as it was there";

  const uint64_t version = set_.version();
  EXPECT_THAT(set_.Adopt(there, kNow + minutes(1)).value(), IsEmpty()) << "equal already";
  EXPECT_EQ(set_.version(), version);

  there.ends_at = kNow - minutes(1);
  EXPECT_THAT(set_.Adopt(there, kNow).value(), SizeIs(1));
  EXPECT_THAT(set_.Silencing(labels::LabelSet({{"a", "1"}}), kNow), IsEmpty()) << "ended there";
}

TEST_F(SetTest, WhatCannotBeFollowedChangesNothing) {
  Draft there = DraftOf({{Op::kEqual, "a", "1"}}, kNow - hours(2), kNow + hours(1));
  EXPECT_EQ(set_.Adopt(there, kNow).error().code, Code::kInvalidArgument) << "no id";
  there.id = "x";
  ASSERT_TRUE(set_.Adopt(there, kNow));
  there.matchers = {{Op::kEqual, "a", "2"}};
  EXPECT_EQ(set_.Adopt(there, kNow).error().code, Code::kConflict);
  there.id = "y";
  there.matchers = {{Op::kRegex, "a", "("}};
  EXPECT_EQ(set_.Adopt(there, kNow).error().code, Code::kInvalidArgument);
  Options one;
  one.max_silences = 1;
  Set small(one);
  there.matchers = {{Op::kEqual, "a", "2"}};
  ASSERT_TRUE(small.Adopt(there, kNow));
  there.id = "z";
  EXPECT_EQ(small.Adopt(there, kNow).error().code, Code::kExhausted);
  EXPECT_EQ(set_.size(), 1U);
}

TEST_F(SetTest, CreatingGivesAnIdAndOneRecord) {
  Draft draft =
      DraftOf({{Op::kEqual, "a", "1"}, {Op::kRegex, "b", "x.*"}}, kNow - hours(1), kNow + hours(1));
  draft.comment = "why";
  draft.annotations = labels::LabelSet({{"ticket", "OPS-1"}});
  const Set::Written written = set_.Put(draft, kNow, &rng_).value();
  const Silence* silence = set_.Find(written.id);
  ASSERT_NE(silence, nullptr);
  EXPECT_EQ(silence->starts_at, kNow) << "the past is raised to now";
  EXPECT_EQ(silence->ends_at, kNow + hours(1));
  EXPECT_EQ(silence->updated_at, kNow);
  EXPECT_EQ(silence->comment, "why");
  EXPECT_EQ(silence->created_by, "ada");
  EXPECT_EQ(silence->annotations.Get("ticket"), "OPS-1");
  EXPECT_EQ(matcher::ToString(silence->matcher_sets.at(0)), "{a=\"1\",b=~\"x.*\"}");
  EXPECT_THAT(written.records, ElementsAre(Encode(*silence)));

  draft.starts_at = kNoTime;
  EXPECT_EQ(set_.Find(Create(draft))->starts_at, kNow);
  draft.starts_at = kNow + minutes(5);
  EXPECT_EQ(set_.Find(Create(draft))->starts_at, kNow + minutes(5));
  EXPECT_EQ(set_.size(), 3U);
}

TEST_F(SetTest, MistakesHaveAlertmanagersTexts) {
  const auto with = [](std::vector<Condition> matchers) {
    return DraftOf(std::move(matchers), kNoTime, kNow + hours(1));
  };
  const std::vector<std::pair<Draft, std::string>> cases = {
      {DraftOf({{Op::kEqual, "a", "1"}}, kNow + hours(1), kNow + hours(1)),
       "Failed to create silence: start time must be before end time"},
      {DraftOf({{Op::kEqual, "a", "1"}}, kNoTime, kNoTime),
       "Failed to create silence: start time must be before end time"},
      {DraftOf({{Op::kEqual, "a", "1"}}, kNow - hours(2), kNow - kTick),
       "Failed to create silence: end time can't be in the past"},
      {with({}), "invalid silence: at least one matcher set required"},
      {with({{Op::kEqual, "a", "1"}, {Op::kEqual, "", "x"}}),
       "invalid silence: invalid label matcher 1 in set 0: invalid label name \"\""},
      {with({{Op::kEqual, "a\xff", "1"}}),
       "invalid silence: invalid label matcher 0 in set 0: invalid label name \"a\\xff\""},
      {with({{Op::kNotEqual, "a", "\xff"}}),
       "invalid silence: invalid label matcher 0 in set 0: invalid label value \"\\xff\""},
      {with({{Op::kRegex, "a", "("}}),
       "invalid silence: invalid label matcher 0 in set 0: invalid regular expression \"(\": error "
       "parsing regexp: missing closing ): `(`"},
      {with({{Op::kNotRegex, "a", "a)(b"}}),
       "invalid silence: invalid label matcher 0 in set 0: invalid regular expression \"a)(b\": "
       "error parsing regexp: unexpected ): `a)(b`"},
      {with({{Op::kEqual, "a", ""}, {Op::kRegex, "b", "x*"}}),
       "invalid silence: matcher set 0: at least one matcher must not match the empty string"},
      {with({{Op::kRegex, "b", "x|"}}),
       "invalid silence: matcher set 0: at least one matcher must not match the empty string"}};
  for (const auto& [draft, message] : cases) {
    EXPECT_EQ(Refused(draft), (Error{Code::kInvalidArgument, message}));
  }
  Draft unknown = Hour("a", "1");
  unknown.id = "b2f4";
  EXPECT_EQ(Refused(unknown), (Error{Code::kNotFound, "silence not found"}));
  unknown.matchers = {{Op::kRegex, "a", "("}};
  EXPECT_EQ(Refused(unknown).code, Code::kInvalidArgument) << "looked at first";

  for (const Draft& fine :
       {with({{Op::kNotEqual, "a", ""}}), with({{Op::kNotRegex, "a", ".*"}}),
        with({{Op::kEqual, "a", ""}, {Op::kEqual, "b", "1"}}), with({{Op::kEqual, "Σ 🙂", "x"}}),
        DraftOf({{Op::kEqual, "a", "1"}}, kNoTime, kNow + kTick)}) {
    EXPECT_TRUE(set_.Put(fine, kNow, &rng_));
  }
}

Draft TwoSets() {
  Draft draft = Hour("a", "1");
  draft.matchers = {};
  draft.matcher_sets = {{{Op::kEqual, "a", "1"}}, {{Op::kRegex, "b", "x.*"}}};
  return draft;
}

TEST_F(SetTest, SeveralSetsMuteWhatAnyOfThemMatches) {
  const std::string id = Create(TwoSets());
  EXPECT_THAT(set_.Silencing({{"a", "1"}}, kNow), ElementsAre(id));
  EXPECT_THAT(set_.Silencing({{"b", "xy"}}, kNow), ElementsAre(id));
  EXPECT_THAT(set_.Silencing({{"a", "1"}, {"b", "xy"}}, kNow), ElementsAre(id)) << "once";
  EXPECT_THAT(set_.Silencing({{"a", "2"}, {"b", "y"}}, kNow), IsEmpty());

  Query query;
  query.filters = {Matcher::Create(Op::kEqual, "a", "1").value()};
  EXPECT_THAT(Select(*set_.Snapshot(), query, kNow), SizeIs(1));
  query.filters.push_back(Matcher::Create(Op::kRegex, "b", "x.*").value());
  EXPECT_THAT(Select(*set_.Snapshot(), query, kNow), IsEmpty()) << "no one set holds both";
}

TEST_F(SetTest, MistakesInSetsNameTheSet) {
  const auto with = [](std::vector<Condition> second) {
    Draft draft = TwoSets();
    draft.matcher_sets[1] = std::move(second);
    return draft;
  };
  const std::vector<std::pair<Draft, std::string>> cases = {
      {with({}), "invalid silence: matcher set 1 is empty"},
      {with({{Op::kEqual, "a", "1"}, {Op::kEqual, "", "x"}}),
       "invalid silence: invalid label matcher 1 in set 1: invalid label name \"\""},
      {with({{Op::kEqual, "a", ""}}),
       "invalid silence: matcher set 1: at least one matcher must not match the empty string"}};
  for (const auto& [draft, message] : cases) {
    EXPECT_EQ(Refused(draft), (Error{Code::kInvalidArgument, message}));
  }
}

TEST_F(SetTest, AClientOfOneSetKeepsTheOthers) {
  const std::string id = Create(TwoSets());
  Draft longer = DraftOf({{Op::kEqual, "a", "1"}}, kNow, kNow + hours(5));
  longer.id = id;
  EXPECT_EQ(Create(longer), id) << "an update in place";
  EXPECT_EQ(set_.Find(id)->ends_at, kNow + hours(5));
  EXPECT_THAT(set_.Silencing({{"b", "xy"}}, kNow), ElementsAre(id));

  longer.matcher_sets = {{{Op::kEqual, "a", "1"}}};
  const std::string narrow = Create(longer);
  EXPECT_NE(narrow, id) << "who names the sets decides what they are";
  EXPECT_THAT(set_.Silencing({{"b", "xy"}}, kNow), IsEmpty());
  EXPECT_THAT(set_.Silencing({{"a", "1"}}, kNow), ElementsAre(narrow));

  longer = DraftOf({{Op::kEqual, "a", "2"}}, kNow, kNow + hours(5));
  longer.id = Create(TwoSets());
  EXPECT_NE(Create(longer), longer.id);
  EXPECT_THAT(set_.Silencing({{"b", "xy"}}, kNow), IsEmpty()) << "other matchers: another silence";
}

TEST_F(SetTest, ClassicModeHasClassicNames) {
  Set classic(Options{hours(1), 0, 0, /*classic_names=*/true});
  EXPECT_TRUE(classic.Put(Hour("_a1", "Σ"), kNow, &rng_));
  EXPECT_EQ(classic.Put(Hour("fooΣ", "x"), kNow, &rng_).error().message,
            "invalid silence: invalid label matcher 0 in set 0: invalid label name \"fooΣ\"");
}

// The update table of reference §2.9, points 7 and 8.
struct Old {
  State state;  // At kNow.
  WallTime starts_at;
  WallTime ends_at;
};
const WallTime kSecond = std::chrono::floor<seconds>(kNow - hours(1));
const std::vector<Condition> kMatchers = {{Op::kEqual, "a", "1"}, {Op::kRegex, "b", "x"}};

// Updates a silence that is as `old` says, and expects what the table says. `has_same` is whether
// the draft has kMatchers. Returns whether the silence was kept; nullopt for an error.
std::optional<bool> ExpectUpdate(const Old& old, Draft draft, bool has_same) {
  Rng rng(1);
  Set set{Options{}};
  draft.id = set.Put(DraftOf(kMatchers, old.starts_at, old.ends_at), old.starts_at, &rng)->id;
  EXPECT_EQ(StateAt(*set.Find(draft.id), kNow), old.state);
  const Result<Set::Written> written = set.Put(draft, kNow, &rng);
  EXPECT_EQ(written.has_value(), draft.starts_at < draft.ends_at && draft.ends_at >= kNow);
  if (!written) return std::nullopt;

  const WallTime start = draft.starts_at == kNoTime ? kNow : draft.starts_at;
  const auto whole = [](WallTime at) { return std::chrono::floor<seconds>(at); };
  const bool keeps =
      has_same && (old.state == State::kActive ? whole(start) == whole(old.starts_at)
                                               : old.state == State::kPending && start >= kNow);
  EXPECT_EQ(written->id == draft.id, keeps);
  EXPECT_EQ(set.size(), keeps ? 1U : 2U);
  const Silence& fresh = *set.Find(written->id);
  EXPECT_EQ(fresh.starts_at, keeps ? start : std::max(start, kNow));
  EXPECT_EQ(fresh.ends_at, draft.ends_at);
  EXPECT_EQ(fresh.updated_at, kNow);
  EXPECT_EQ(fresh.comment, "new");
  const Silence& before = *set.Find(draft.id);
  if (keeps) {
    EXPECT_THAT(written->records, ElementsAre(Encode(fresh)));
  } else if (old.state == State::kExpired) {
    EXPECT_THAT(written->records, ElementsAre(Encode(fresh)));
    EXPECT_EQ(before.ends_at, old.ends_at);
    EXPECT_EQ(before.updated_at, old.starts_at) << "untouched";
  } else {
    EXPECT_THAT(written->records, ElementsAre(Encode(before), Encode(fresh)));
    EXPECT_EQ(before.ends_at, kNow);
    EXPECT_EQ(before.starts_at, std::min(old.starts_at, kNow));
    EXPECT_EQ(before.updated_at, kNow);
    EXPECT_EQ(StateAt(before, kNow), State::kExpired);
  }
  return keeps;
}

TEST(UpdateTest, EveryCombinationOfStateMatchersStartAndEndFollowsTheTable) {
  const std::vector<Old> olds = {{State::kActive, kSecond + milliseconds(500), kNow + hours(1)},
                                 {State::kActive, kNow, kNow + hours(1)},
                                 {State::kActive, kNow - hours(2), kNow + kTick},
                                 {State::kPending, kNow + kTick, kNow + hours(2)},
                                 {State::kPending, kNow + hours(1), kNow + hours(2)},
                                 {State::kExpired, kNow - hours(2), kNow},
                                 {State::kExpired, kNow - hours(3), kNow - hours(1)}};
  const std::vector<std::vector<Condition>> kinds = {kMatchers,
                                                     {kMatchers[1], kMatchers[0]},
                                                     {kMatchers[0]},
                                                     {{Op::kEqual, "a", "2"}, kMatchers[1]},
                                                     {kMatchers[0], {Op::kEqual, "b", "x"}}};
  const std::vector<WallTime> starts = {kNoTime,
                                        kSecond,
                                        kSecond + milliseconds(999),
                                        kSecond - kTick,
                                        kSecond + seconds(1),
                                        kNow - hours(2),
                                        kNow - hours(3),
                                        kNow - kTick,
                                        kNow,
                                        kNow + kTick,
                                        kNow + hours(1)};
  std::map<std::optional<bool>, int> seen;
  for (const Old& old : olds) {
    for (size_t kind = 0; kind < kinds.size(); ++kind) {
      for (const WallTime start : starts) {
        for (const WallTime end : {kNow - kTick, kNow, kNow + kTick, kNow + hours(3)}) {
          Draft draft = DraftOf(kinds[kind], start, end);
          draft.comment = "new";
          ++seen[ExpectUpdate(old, draft, kind == 0)];
          if (testing::Test::HasFailure()) {
            FAIL() << StateName(old.state) << " kind " << kind << " " << FormatRfc3339(start, 9)
                   << " " << FormatRfc3339(end, 9);
          }
        }
      }
    }
  }
  EXPECT_GT(seen[true], 20) << "in place";
  EXPECT_GT(seen[false], 500) << "replaced";
  EXPECT_GT(seen[std::nullopt], 100) << "refused";
}

TEST_F(SetTest, ExpiringEndsNowAndOnlyOnce) {
  const std::string active = Create(Hour("a", "1"));
  const std::string pending =
      Create(DraftOf({{Op::kEqual, "a", "1"}}, kNow + hours(1), kNow + hours(2)));
  const WallTime later = kNow + minutes(1);
  const std::vector<Record> records = set_.Expire(active, later).value();
  EXPECT_THAT(records, ElementsAre(Encode(*set_.Find(active))));
  EXPECT_EQ(set_.Find(active)->starts_at, kNow);
  EXPECT_EQ(set_.Find(active)->ends_at, later);
  EXPECT_EQ(set_.Find(active)->updated_at, later);
  EXPECT_THAT(*set_.Expire(pending, later), SizeIs(1));
  EXPECT_EQ(set_.Find(pending)->starts_at, later);
  EXPECT_EQ(set_.Find(pending)->ends_at, later);
  const uint64_t version = set_.version();
  EXPECT_THAT(*set_.Expire(active, later + hours(1)), IsEmpty());
  EXPECT_EQ(set_.Find(active)->ends_at, later);
  EXPECT_EQ(set_.version(), version);
  EXPECT_EQ(set_.Expire("none", later).error(), (Error{Code::kNotFound, "silence not found"}));
}

TEST_F(SetTest, ExpiredSilencesStayUntilRetentionHasPassed) {
  Set set(Options{hours(10), 0, 0, false});
  const std::string id = set.Put(Hour("a", "1"), kNow, &rng_)->id;
  const std::string other =
      set.Put(DraftOf({{Op::kRegex, "a", ".*1"}}, kNoTime, kNow + hours(2)), kNow, &rng_)->id;
  EXPECT_THAT(set.Collect(kNow + hours(11) - kTick), IsEmpty());
  EXPECT_THAT(set.Collect(kNow + hours(11)),
              ElementsAre(Record{Table::kSilence, id, std::nullopt}));
  EXPECT_EQ(set.Find(id), nullptr);
  EXPECT_EQ(set.size(), 1U);
  EXPECT_THAT(set.Silencing({{"a", "1"}}, kNow), ElementsAre(other));
  EXPECT_EQ(set.NextChange(kNow + hours(1) - kTick), kNow + hours(2)) << "its edges are gone too";
}

TEST_F(SetTest, LimitsCountExpiredOnesAndSpareUpdates) {
  Set set(Options{hours(120), 2, 0, false});
  const std::string first = set.Put(Hour("a", "1"), kNow, &rng_)->id;
  ASSERT_TRUE(set.Put(Hour("b", "1"), kNow, &rng_));
  ASSERT_TRUE(set.Expire(first, kNow));
  const Error full{Code::kExhausted, "exceeded maximum number of silences: 2 (limit: 2)"};
  EXPECT_EQ(set.Put(Hour("c", "1"), kNow, &rng_).error(), full);
  Draft update = Hour("b", "1");
  update.id = Select(*set.Snapshot(), {}, kNow)[0]->id;
  ASSERT_NE(update.id, first);
  EXPECT_TRUE(set.Put(update, kNow, &rng_)) << "in place";
  update.matchers = {{Op::kEqual, "b", "2"}};
  EXPECT_EQ(set.Put(update, kNow, &rng_).error(), full) << "a new one in the place of the old";
  EXPECT_EQ(StateAt(*set.Find(update.id), kNow), State::kActive) << "which has not been touched";
}

TEST_F(SetTest, WhatIsFarTooLargeIsRefusedBeforeItIsCompiled) {
  Draft draft = Hour("a", "1");
  draft.matchers.assign(limits::kSilenceBytes / 4, {Op::kRegex, "a", "("});
  const auto written = set_.Put(draft, kNow, &rng_);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kExhausted);
  EXPECT_THAT(written.error().message, testing::HasSubstr("silence exceeded maximum size: "));
}

TEST_F(SetTest, ASilenceTooLargeIsRefusedNewOrUpdated) {
  const std::string id = Create(Hour("a", "1"));
  const size_t bytes = StoredBytes(*set_.Find(id), hours(120));
  Set set(Options{hours(120), 0, bytes, false});
  Draft draft = Hour("a", "1");
  draft.id = set.Put(draft, kNow, &rng_)->id;
  draft.comment = std::string(10, 'c');
  const Error large{Code::kExhausted,
                    "silence exceeded maximum size: " + std::to_string(bytes + 12) +
                        " bytes (limit: " + std::to_string(bytes) + " bytes)"};
  EXPECT_EQ(set.Put(draft, kNow, &rng_).error(), large);
  draft.id.clear();
  EXPECT_EQ(set.Put(draft, kNow, &rng_).error(), large);
  EXPECT_EQ(set.size(), 1U);
  draft.comment = std::string(limits::kSilenceBytes, 'c');
  EXPECT_EQ(Refused(draft).code, Code::kExhausted) << "the limit of the house";
}

TEST_F(SetTest, ARestartedGeneratorMeetsNoOldId) {
  const std::string first = Create(Hour("a", "1"));
  Rng again(1);
  EXPECT_NE(set_.Put(Hour("a", "1"), kNow, &again)->id, first);
  EXPECT_EQ(set_.size(), 2U);
}

TEST_F(SetTest, ListsAreInAlertmanagersOrder) {
  const auto between = [](int from, int to) {
    return DraftOf({{Op::kEqual, "a", "1"}}, kNow + minutes(from), kNow + minutes(to));
  };
  const std::string late = Create(between(0, 300));
  const std::string soon = Create(between(0, 200));
  const std::string future = Create(between(180, 400));
  const std::string near = Create(between(150, 500));
  const std::string ended = Create(between(0, 100));
  const std::string ended_first = Create(between(0, 50));
  const WallTime then = kNow + minutes(120);
  const auto ids = [&](const Query& query) {
    std::vector<std::string> out;
    for (const Silence* silence : Select(*set_.Snapshot(), query, then)) out.push_back(silence->id);
    return out;
  };
  EXPECT_THAT(ids({}), ElementsAre(soon, late, near, future, ended, ended_first));
  EXPECT_THAT(ids({{}, false, true, true}), ElementsAre(near, future, ended, ended_first));
  EXPECT_THAT(ids({{}, true, false, true}), ElementsAre(soon, late, ended, ended_first));
  EXPECT_THAT(ids({{}, true, true, false}), ElementsAre(soon, late, near, future));
  const Counts counts = set_.Count(then);
  EXPECT_EQ(counts.active, 2U);
  EXPECT_EQ(counts.pending, 2U);
  EXPECT_EQ(counts.expired, 2U);
  const std::string twin = Create(between(0, 200));
  EXPECT_THAT(Select(*set_.Snapshot(), {}, then)[0]->id, std::min(soon, twin))
      << "equal times go by id";
}

TEST_F(SetTest, FiltersCompareTextNotMeaning) {
  const std::string id =
      Create(DraftOf({{Op::kEqual, "a", "1"}, {Op::kRegex, "b", "x|y"}}, kNoTime, kNow + hours(1)));
  const auto finds = [&](const std::vector<std::string>& filters) {
    Query query;
    for (const std::string& text : filters) query.filters.push_back(*matcher::ParseOne(text));
    return !Select(*set_.Snapshot(), query, kNow).empty();
  };
  EXPECT_TRUE(finds({"a=1"}));
  EXPECT_TRUE(finds({"b=~\"x|y\"", "a=\"1\""}));
  EXPECT_FALSE(finds({"a=1", "c=1"})) << "each of them";
  EXPECT_FALSE(finds({"a=~1"})) << "another operator";
  EXPECT_FALSE(finds({"b=x"})) << "not evaluated";
  EXPECT_FALSE(finds({"b=~\"y|x\""})) << "another text";
  EXPECT_FALSE(finds({"a!=2"}));
  EXPECT_EQ(Select(*set_.Snapshot(), {}, kNow)[0]->id, id);
}

TEST_F(SetTest, SilencingFollowsTheClockAndNextChangeNamesEveryTurn) {
  const labels::LabelSet alert({{"a", "1"}, {"b", "x"}});
  const std::string first = Create(Hour("a", "1"));
  const std::string second = Create(DraftOf({{Op::kEqual, "b", "x"}, {Op::kEqual, "c", ""}},
                                            kNow + minutes(30), kNow + hours(2)));
  Create(DraftOf({{Op::kEqual, "a", "2"}}, kNow + minutes(45), kNow + hours(3)));
  std::vector<std::string> both = {first, second};
  std::ranges::sort(both);
  EXPECT_THAT(set_.Silencing(alert, kNow - kTick), IsEmpty());
  EXPECT_THAT(set_.Silencing(alert, kNow), ElementsAre(first));
  EXPECT_THAT(set_.Silencing(alert, kNow + minutes(30) - kTick), ElementsAre(first));
  EXPECT_EQ(set_.Silencing(alert, kNow + minutes(30)), both);
  EXPECT_THAT(set_.Silencing(alert, kNow + hours(1)), ElementsAre(second));
  EXPECT_THAT(set_.Silencing(alert, kNow + hours(2)), IsEmpty());
  EXPECT_THAT(set_.Silencing({{"a", "1"}, {"b", "x"}, {"c", "1"}}, kNow + minutes(90)), IsEmpty());

  std::vector<Duration> turns;
  for (auto at = set_.NextChange(kNow - kTick); at; at = set_.NextChange(*at)) {
    turns.push_back(*at - kNow);
  }
  EXPECT_THAT(turns,
              ElementsAre(minutes(0), minutes(30), minutes(45), hours(1), hours(2), hours(3)));
  ASSERT_TRUE(set_.Expire(second, kNow + minutes(5)));
  EXPECT_EQ(set_.NextChange(kNow + minutes(5)), kNow + minutes(45));
  EXPECT_THAT(set_.Silencing(alert, kNow + minutes(31)), ElementsAre(first));
}

TEST_F(SetTest, QuestionsAreCountedWithWhatTheIndexSpared) {
  Create(Hour("host", "a"));
  Create(Hour("host", "b"));
  Create(DraftOf({{Op::kNotEqual, "team", "x"}, {Op::kRegex, "host", "a.*"}}, kNoTime,
                 kNow + hours(1)));
  const QueryStats before = set_.query_stats();
  EXPECT_THAT(set_.Silencing({{"host", "a"}, {"team", "y"}}, kNow), SizeIs(2));
  EXPECT_THAT(set_.Silencing({{"job", "c"}}, kNow), IsEmpty());
  EXPECT_EQ(set_.query_stats().queries - before.queries, 2U);
  EXPECT_EQ(set_.query_stats().scanned - before.scanned, 2U);
  EXPECT_EQ(set_.query_stats().skipped - before.skipped, 4U);
  EXPECT_THAT(*set_.Snapshot(), SizeIs(3));
  EXPECT_EQ(set_.query_stats().queries - before.queries, 3U);
  EXPECT_EQ(set_.query_stats().scanned - before.scanned, 5U);
}

TEST_F(SetTest, ARestoredSetIsTheSame) {
  std::vector<Record> records;
  for (int i = 0; i < 50; ++i) {
    Draft draft = DraftOf({{i % 2 == 0 ? Op::kEqual : Op::kRegex, "a", std::to_string(i % 5)},
                           {Op::kNotEqual, "b", "x"}},
                          kNow + minutes(i % 7), kNow + minutes(10 + i));
    draft.comment = std::to_string(i);
    draft.annotations = labels::LabelSet({{"n", std::to_string(i)}});
    const Set::Written written = set_.Put(draft, kNow, &rng_).value();
    records.insert(records.end(), written.records.begin(), written.records.end());
  }
  Set restored{Options{}};
  for (const Record& record : records) ASSERT_TRUE(restored.Restore(record));
  const WallTime then = kNow + minutes(20);
  const auto all = Select(*set_.Snapshot(), {}, then);
  const auto again = Select(*restored.Snapshot(), {}, then);
  ASSERT_EQ(all.size(), again.size());
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(*all[i], *again[i]);
  for (int i = 0; i < 5; ++i) {
    const labels::LabelSet alert({{"a", std::to_string(i)}});
    EXPECT_EQ(set_.Silencing(alert, then), restored.Silencing(alert, then));
  }
  EXPECT_EQ(set_.NextChange(then), restored.NextChange(then));
  EXPECT_EQ(restored.Restore(records[0]).error().code, Code::kCorrupt) << "twice";
  EXPECT_EQ(restored.Restore({Table::kSilence, "x", "{"}).error().code, Code::kCorrupt);
  EXPECT_EQ(restored.size(), 50U);
}

}  // namespace
}  // namespace watchfire::silence
