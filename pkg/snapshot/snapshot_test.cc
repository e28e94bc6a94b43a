// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/snapshot/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/base/rng.h"
#include "pkg/snapshot/encoder_for_test.h"

namespace watchfire::snapshot {
namespace {

using encoder::Bytes;
using encoder::Number;
using matcher::Op;
using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const WallTime kNow = ParseTime("2026-08-22T14:04:18.123456789Z").value();
constexpr const char* kId = "3f8a1f0e-5a63-4c7e-9d5b-0c1d2e3f4a5b";

matcher::Matcher Match(Op op, const std::string& name, const std::string& value) {
  return matcher::Matcher::Create(op, name, value).value();
}

encoder::Silence Old() {
  return {
      .id = kId,
      .matchers = {{0, "instance", "db-1"}, {1, "job", "a|b"}, {2, "team", ""}, {3, "x", "y.*"}},
      .starts_at = kNow,
      .ends_at = kNow + hours(2),
      .updated_at = kNow - hours(1)};
}

TEST(DecodeSilencesTest, ReadsWhat025Writes) {
  const auto decoded = DecodeSilences(Write(Old()));
  EXPECT_FALSE(decoded.damage);
  EXPECT_THAT(decoded.skipped, IsEmpty());
  ASSERT_THAT(decoded.items, SizeIs(1));
  const silence::Silence& silence = decoded.items[0];
  EXPECT_EQ(silence.id, kId);
  EXPECT_THAT(silence.matcher_sets,
              ElementsAre(ElementsAre(
                  Match(Op::kEqual, "instance", "db-1"), Match(Op::kRegex, "job", "a|b"),
                  Match(Op::kNotEqual, "team", ""), Match(Op::kNotRegex, "x", "y.*"))));
  EXPECT_EQ(silence.starts_at, kNow);
  EXPECT_EQ(silence.ends_at, kNow + hours(2));
  EXPECT_EQ(silence.updated_at, kNow - hours(1));
  EXPECT_EQ(silence.created_by, "ada");
  EXPECT_EQ(silence.comment, "why");
  EXPECT_TRUE(silence.annotations.empty());
}

TEST(DecodeSilencesTest, ReadsWhat034Writes) {
  encoder::Silence fresh = Old();
  fresh.matchers = {{0, "a", "1"}};  // The first set again, for older versions.
  fresh.matcher_sets = {{{0, "a", "1"}}, {{1, "b", "x.*"}, {0, "c", "2"}}};
  fresh.annotations = {{"ticket", "OPS-1"}, {"empty", ""}};
  const auto decoded = DecodeSilences(Write(fresh));
  ASSERT_THAT(decoded.items, SizeIs(1));
  EXPECT_THAT(decoded.items[0].matcher_sets,
              ElementsAre(ElementsAre(Match(Op::kEqual, "a", "1")),
                          ElementsAre(Match(Op::kRegex, "b", "x.*"), Match(Op::kEqual, "c", "2"))));
  EXPECT_EQ(decoded.items[0].annotations, (labels::LabelSet{{"ticket", "OPS-1"}, {"empty", ""}}));
}

TEST(DecodeSilencesTest, TheFirstOfTheOldCommentsCounts) {
  encoder::Silence old = Old();
  old.more = Bytes(7, Bytes(1, "grace") + Bytes(2, "disks") + encoder::Time(3, kNow)) +
             Bytes(7, Bytes(1, "ada") + Bytes(2, "later"));
  const auto decoded = DecodeSilences(Write(old));
  ASSERT_THAT(decoded.items, SizeIs(1));
  EXPECT_EQ(decoded.items[0].created_by, "grace");
  EXPECT_EQ(decoded.items[0].comment, "disks");
}

TEST(DecodeSilencesTest, PassesOverFieldsOfLaterVersions) {
  encoder::Silence fresh = Old();
  fresh.more = Number(99, 1) + Bytes(100, "\xff") + encoder::Double(101, 0.5) +
               encoder::Varint(102 << 3 | 5) + "four";
  const auto decoded = DecodeSilences(Write(fresh));
  EXPECT_THAT(decoded.skipped, IsEmpty());
  EXPECT_THAT(decoded.items, SizeIs(1));
}

TEST(DecodeSilencesTest, TimesBeyondOursAreTheLastAndTheFirst) {
  encoder::Silence old = Old();
  old.ends_at = kNoTime;
  // Written again behind, so it wins: the year 9999.
  old.more = Bytes(4, Number(1, 253370764800));
  const auto decoded = DecodeSilences(Write(old));
  ASSERT_THAT(decoded.items, SizeIs(1));
  EXPECT_EQ(decoded.items[0].ends_at, WallTime::max());

  old.more = Bytes(3, Number(1, static_cast<uint64_t>(-62135596800)));  // Go's zero time.
  EXPECT_THAT(DecodeSilences(Write(old)).skipped, ElementsAre(HasSubstr("no start")));
}

TEST(DecodeSilencesTest, WhatCannotBeUsedIsSkippedWithItsPlace) {
  const std::string first = Write(Old());
  std::vector<std::pair<encoder::Silence, std::string>> cases(9, {Old(), ""});
  cases[0] = {Old(), "a silence without id"};
  cases[0].first.id = "";
  cases[1].first.matchers = {};
  cases[1].second = "no matchers";
  cases[2].first.matchers = {{1, "a", "("}};
  cases[2].second = "the regular expression \"(\": ";
  cases[3].first.matchers = {{4, "a", "b"}};
  cases[3].second = "a matcher of an unknown type";
  cases[4].first.matchers = {{0, "", "b"}};
  cases[4].second = "a matcher of a label named \"\"";
  cases[5].first.ends_at = kNow - hours(1);
  cases[5].second = "it ends before it starts";
  cases[6].first.more = Bytes(12, encoder::Write(1, {0, "team", "core"}));
  cases[6].second = "silences for some receivers only are not supported";
  cases[7].first.more = Number(9, 7);
  cases[7].second = "field 9 has the wrong type";
  cases[8].first.comment.assign(limits::kSilenceBytes, 'c');
  cases[8].second = "bytes, at most " + std::to_string(limits::kSilenceBytes);
  for (const auto& [silence, why] : cases) {
    encoder::Silence last = Old();
    last.id = "last";
    const auto decoded = DecodeSilences(first + Write(silence) + Write(last));
    EXPECT_FALSE(decoded.damage) << why;
    ASSERT_THAT(decoded.skipped, SizeIs(1)) << why;
    EXPECT_THAT(decoded.skipped[0], StartsWith("byte "));
    EXPECT_THAT(decoded.skipped[0], HasSubstr(why));
    EXPECT_GE(std::stoul(decoded.skipped[0].substr(5)), first.size());
    EXPECT_THAT(decoded.skipped[0], HasSubstr(silence.id));
    ASSERT_THAT(decoded.items, SizeIs(2)) << why;
    EXPECT_EQ(decoded.items[1].id, "last");
  }
}

TEST(DecodeSilencesTest, ATornTailKeepsWhatWasWhole) {
  const std::string one = Write(Old());
  const std::string file = one + one + one;
  for (size_t size = 0; size <= file.size(); ++size) {
    const auto decoded = DecodeSilences(std::string_view(file).substr(0, size));
    EXPECT_THAT(decoded.skipped, IsEmpty());
    EXPECT_EQ(decoded.items.size(), size / one.size());
    EXPECT_EQ(decoded.damage.has_value(), size % one.size() != 0) << size;
    if (!decoded.damage) continue;
    EXPECT_EQ(decoded.damage->code, Code::kCorrupt);
    const std::string place = "byte " + std::to_string(size / one.size() * one.size()) + ": ";
    EXPECT_THAT(decoded.damage->message, StartsWith(place));
  }
}

TEST(DecodeSilencesTest, AnImpossibleLengthEndsTheReading) {
  const std::string one = Write(Old());
  for (const std::string& tail :
       {encoder::Varint(limits::kSnapshotMessageBytes + 1) + "x", encoder::Varint(~0ULL) + "x",
        std::string(11, '\xff'), std::string(9, '\x80') + "\x02"}) {
    const auto decoded = DecodeSilences(one + tail);
    EXPECT_THAT(decoded.items, SizeIs(1));
    ASSERT_TRUE(decoded.damage);
    EXPECT_THAT(decoded.damage->message, StartsWith("byte " + std::to_string(one.size()) + ": "));
  }
  EXPECT_THAT(DecodeSilences("").items, IsEmpty());
  EXPECT_FALSE(DecodeSilences("").damage);
}

TEST(DecodeSilencesTest, AFileOfZerosIsNotReadToItsEnd) {
  const auto decoded = DecodeSilences(std::string(1'000'000, '\0'));
  EXPECT_THAT(decoded.skipped, SizeIs(10'000));
  ASSERT_TRUE(decoded.damage);
  EXPECT_THAT(decoded.damage->message, StartsWith("byte 10000: "));
}

encoder::Entry Sample() {
  return {.group_key = "{}:{alertname=\"A\"}",
          .receiver = "on-call",
          .integration = "webhook",
          .index = 2,
          .at = kNow,
          .firing = {0xfedcba9876543210, 3, 3},
          .resolved = {7},
          .expires_at = kNow + hours(8)};
}

TEST(DecodeNflogTest, ReadsWhat025Writes) {
  const auto decoded = DecodeNflog(Write(Sample()));
  EXPECT_FALSE(decoded.damage);
  ASSERT_THAT(decoded.items, SizeIs(1));
  const auto& [key, entry] = decoded.items[0];
  EXPECT_EQ(key, (nflog::Key{"{}:{alertname=\"A\"}", "on-call", "webhook", 2}));
  EXPECT_EQ(entry.at, kNow);
  EXPECT_EQ(entry.expires_at, kNow + hours(8));
  EXPECT_THAT(entry.firing, IsEmpty()) << "whose hashes these are is not known yet";
  EXPECT_THAT(entry.foreign->firing, ElementsAre(3, 0xfedcba9876543210));
  EXPECT_THAT(entry.foreign->resolved, ElementsAre(7));
  EXPECT_EQ(entry.foreign->at, kNow);
}

TEST(DecodeNflogTest, ReadsTheDataOf034AndHashesOneByOne) {
  encoder::Entry fresh = Sample();
  const auto datum = [](const std::string& name, const std::string& value) {
    return Bytes(8, Bytes(1, name) + Bytes(2, value));
  };
  fresh.more = Number(6, 5) + datum("ts", Bytes(1, "17.1")) + datum("n", Number(2, ~0ULL)) +
               datum("f", encoder::Double(3, 0.5)) + datum("none", "");
  const auto decoded = DecodeNflog(Write(fresh));
  ASSERT_THAT(decoded.items, SizeIs(1)) << decoded.skipped.at(0);
  const nflog::Foreign& foreign = *decoded.items[0].entry.foreign;
  EXPECT_THAT(foreign.firing, ElementsAre(3, 5, 0xfedcba9876543210));
  EXPECT_EQ(decoded.items[0].entry.data,
            (std::map<std::string, std::string>{
                {"f", "0.5"}, {"n", "-1"}, {"none", ""}, {"ts", "17.1"}}));
}

TEST(DecodeNflogTest, WhatCannotBeUsedIsSkipped) {
  std::vector<encoder::Entry> cases(6, Sample());
  cases[0].group_key = "";
  cases[1].receiver = "";
  cases[2].integration = "";
  cases[3].at = kNoTime;
  cases[4].index = 1ULL << 40;
  cases[5].more = Bytes(6, "\x80");
  for (const encoder::Entry& entry : cases) {
    const auto decoded = DecodeNflog(Write(Sample()) + Write(entry) + Write(Sample()));
    EXPECT_THAT(decoded.items, SizeIs(2));
    EXPECT_THAT(decoded.skipped, ElementsAre(StartsWith("byte ")));
  }
  encoder::Entry empty = Sample();
  empty.firing = empty.resolved = {};
  ASSERT_THAT(DecodeNflog(Write(empty)).items, SizeIs(1));
  EXPECT_FALSE(DecodeNflog(Write(empty)).items[0].entry.foreign);
}

TEST(DecodeTest, NoiseIsRefusedWithAPlace) {
  const std::string silences = Write(Old()) + Write(Old());
  const std::string nflog = Write(Sample()) + Write(Sample());
  Rng rng(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = i % 3 == 0 ? silences : nflog;
    if (i % 3 == 2) {
      text.resize(rng.Below(64));
      for (char& c : text) c = static_cast<char>(rng.Next());
    }
    for (uint64_t flips = rng.Below(4); flips > 0 && !text.empty(); --flips) {
      text[rng.Below(text.size())] = static_cast<char>(rng.Next());
    }
    const auto check = [&](const auto& decoded) {
      for (const std::string& why : decoded.skipped) EXPECT_THAT(why, StartsWith("byte "));
      if (!decoded.damage) return;
      EXPECT_THAT(decoded.damage->message, StartsWith("byte "));
    };
    check(DecodeSilences(text));
    check(DecodeNflog(text));
  }
}

}  // namespace
}  // namespace watchfire::snapshot
