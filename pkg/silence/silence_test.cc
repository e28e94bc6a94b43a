// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/silence.h"

#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::silence {
namespace {

using matcher::Matcher;
using matcher::Op;
using std::chrono::hours;
using std::chrono::nanoseconds;
using ::testing::HasSubstr;

WallTime At(const std::string& text) { return ParseTime(text).value(); }

Silence Sample() {
  Silence silence;
  silence.id = "3f8a1f0e-5a63-4c7e-9d5b-0c1d2e3f4a5b";
  silence.matcher_sets = {{Matcher::Create(Op::kEqual, "instance", "db-1").value(),
                           Matcher::Create(Op::kNotEqual, "team", "").value(),
                           Matcher::Create(Op::kRegex, "job", "a|<b>").value(),
                           Matcher::Create(Op::kNotRegex, "Σ \"x\"", "\\d+\n").value()}};
  silence.starts_at = At("2026-08-22T14:04:18.123456789Z");
  silence.ends_at = At("2026-08-22T16:00:00Z");
  silence.updated_at = At("2026-08-22T14:04:18.1Z");
  silence.created_by = "ada";
  silence.comment = "new \"disks\"";
  silence.annotations = labels::LabelSet({{"ticket", "OPS-1"}, {"empty", ""}});
  return silence;
}

TEST(SilenceTest, StatesChangeAtTheExactNanosecond) {
  const Silence silence = Sample();
  const nanoseconds tick(1);
  EXPECT_EQ(StateAt(silence, silence.starts_at - tick), State::kPending);
  EXPECT_EQ(StateAt(silence, silence.starts_at), State::kActive);
  EXPECT_EQ(StateAt(silence, silence.ends_at - tick), State::kActive);
  EXPECT_EQ(StateAt(silence, silence.ends_at), State::kExpired);
  Silence empty = silence;
  empty.ends_at = empty.starts_at;
  EXPECT_EQ(StateAt(empty, empty.starts_at - tick), State::kPending);
  EXPECT_EQ(StateAt(empty, empty.starts_at), State::kExpired) << "never in force";
}

TEST(SilenceTest, TheApiElementIsAlertmanagers) {
  EXPECT_EQ(ToJson(Sample(), At("2026-08-22T15:00:00Z")),
            R"({"id":"3f8a1f0e-5a63-4c7e-9d5b-0c1d2e3f4a5b","status":{"state":"active"},)"
            R"("updatedAt":"2026-08-22T14:04:18.100Z","annotations":{"empty":"","ticket":"OPS-1"},)"
            R"("comment":"new \"disks\"","createdBy":"ada","endsAt":"2026-08-22T16:00:00.000Z",)"
            R"("matchers":[{"isEqual":true,"isRegex":false,"name":"instance","value":"db-1"},)"
            R"({"isEqual":false,"isRegex":false,"name":"team","value":""},)"
            R"({"isEqual":true,"isRegex":true,"name":"job","value":"a|<b>"},)"
            R"({"isEqual":false,"isRegex":true,"name":"Σ \"x\"","value":"\\d+\n"}],)"
            R"("startsAt":"2026-08-22T14:04:18.123Z"})");
  Silence plain = Sample();
  plain.annotations = {};
  EXPECT_THAT(ToJson(plain, plain.ends_at), Not(HasSubstr("annotations")));
  EXPECT_THAT(ToJson(plain, plain.ends_at), HasSubstr(R"("status":{"state":"expired"})"));
  EXPECT_THAT(ToJson(plain, At("2026-01-01")), HasSubstr(R"("status":{"state":"pending"})"));
}

TEST(SilenceTest, TheStoredFormIsExactAndReadsBack) {
  const Record record = Encode(Sample());
  EXPECT_EQ(record.table, Table::kSilence);
  EXPECT_EQ(record.key, Sample().id);
  EXPECT_THAT(*record.value, HasSubstr(R"("startsAt":"2026-08-22T14:04:18.123456789Z")"));
  EXPECT_THAT(*record.value, HasSubstr(R"("endsAt":"2026-08-22T16:00:00Z")"));
  EXPECT_THAT(*record.value, Not(HasSubstr("status")));
  EXPECT_EQ(Decode(record), Sample());
  Silence plain = Sample();
  plain.annotations = {};
  plain.ends_at = At("2261-12-31T23:59:59.999999999Z");
  EXPECT_EQ(Decode(Encode(plain)), plain);
}

Silence WithTwoSets() {
  Silence silence = Sample();
  silence.matcher_sets = {{Matcher::Create(Op::kEqual, "instance", "db-1").value(),
                           Matcher::Create(Op::kEqual, "job", "x").value()},
                          {Matcher::Create(Op::kRegex, "team", "c.*").value()}};
  return silence;
}

TEST(SilenceTest, AnyOfItsSetsIsEnough) {
  const Silence silence = WithTwoSets();
  EXPECT_TRUE(Matches(silence, {{"instance", "db-1"}, {"job", "x"}}));
  EXPECT_TRUE(Matches(silence, {{"instance", "db-2"}, {"team", "core"}}));
  EXPECT_FALSE(Matches(silence, {{"instance", "db-1"}, {"team", "data"}})) << "half of a set";
  EXPECT_FALSE(Matches(silence, {}));
}

TEST(SilenceTest, SeveralSetsAreShownBesideTheFirstAndReadBack) {
  const Silence silence = WithTwoSets();
  const std::string first = R"([{"isEqual":true,"isRegex":false,"name":"instance","value":"db-1"},)"
                            R"({"isEqual":true,"isRegex":false,"name":"job","value":"x"}])";
  const std::string both = "\"matchers\":" + first + ",\"matcherSets\":[" + first +
                           R"(,[{"isEqual":true,"isRegex":true,"name":"team","value":"c.*"}]],)";
  EXPECT_THAT(ToJson(silence, silence.starts_at), HasSubstr(both));
  EXPECT_EQ(Decode(Encode(silence)), silence);
  EXPECT_THAT(ToJson(Sample(), silence.starts_at), Not(HasSubstr("matcherSets")));
  for (const std::string bad : {"[[]]", "[]", "[7]"}) {
    Record record = Encode(Sample());
    record.value->insert(1, "\"matcherSets\":" + bad + ",");
    EXPECT_FALSE(Decode(record)) << bad;
  }
}

TEST(SilenceTest, DamagedRecordsAreRefusedNamingTheSilence) {
  const std::string good = *Encode(Sample()).value;
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const std::string& value :
       {std::string(), std::string("[]"), std::string("{}"), good.substr(0, good.size() - 1),
        with("\"endsAt\":\"2026", "\"endsAt\":\"2025"), with("\"endsAt\"", "\"endedAt\""),
        with("2026-08-22T16:00:00Z", "tomorrow"),
        with("\"startsAt\":\"2026", "\"startsAt\":\"0001"), with("\"ada\"", "1"),
        with("a|<b>", "(a"), with("\"isRegex\":false", "\"isRegex\":0"), with("\"OPS-1\"", "null"),
        with("3f8a1f0e", "00000000")}) {
    const Result<Silence> silence = Decode({Table::kSilence, Sample().id, value});
    ASSERT_FALSE(silence) << value;
    EXPECT_EQ(silence.error().code, Code::kCorrupt);
    EXPECT_THAT(silence.error().message, testing::StartsWith("silence " + Sample().id + ": "));
  }
}

TEST(SilenceTest, IdsAreUuidsOfVersion4) {
  static const std::regex form(
      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  Rng rng(7);
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewId(&rng);
    EXPECT_TRUE(std::regex_match(id, form)) << id;
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1000U);
  Rng again(7);
  EXPECT_TRUE(ids.contains(NewId(&again))) << "same seed, same ids";
}

// A protocol buffer written byte by byte, to measure.
std::string Varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7f));
  return out + static_cast<char>(value);
}
std::string Bytes(uint64_t field, const std::string& text) {
  return Varint(field << 3 | 2) + Varint(text.size()) + text;
}
std::string Text(uint64_t field, const std::string& text) {
  return text.empty() ? "" : Bytes(field, text);
}
std::string Number(uint64_t field, int64_t value) {
  return value == 0 ? "" : Varint(field << 3) + Varint(static_cast<uint64_t>(value));
}
std::string Time(uint64_t field, WallTime at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  return Bytes(field,
               Number(1, whole.time_since_epoch().count()) + Number(2, (at - whole).count()));
}

TEST(SilenceTest, TheSizeIsThatOfAlertmanagersMessage) {
  Silence silence = Sample();
  silence.comment = std::string(300, 'c');
  const auto measure = [&] {
    static constexpr int kTypes[] = {0, 2, 1, 3};  // EQUAL NOT_EQUAL REGEXP NOT_REGEXP
    std::string body = Text(1, silence.id) + Time(3, silence.starts_at) + Time(4, silence.ends_at) +
                       Time(5, silence.updated_at) + Text(8, silence.created_by) +
                       Text(9, silence.comment);
    for (const labels::Label& label : silence.annotations) {
      body += Bytes(10, Bytes(1, std::string(label.name)) + Bytes(2, std::string(label.value)));
    }
    for (const matcher::Matchers& set : silence.matcher_sets) {
      std::string matchers;
      for (const Matcher& m : set) {
        const int64_t type = kTypes[static_cast<int>(m.op())];
        matchers += Bytes(1, Number(1, type) + Text(2, m.name()) + Text(3, m.value()));
      }
      body += Bytes(11, matchers);
    }
    return (Bytes(1, body) + Time(2, silence.ends_at + hours(120))).size();
  };
  EXPECT_EQ(StoredBytes(silence, hours(120)), measure());
  silence.matcher_sets = WithTwoSets().matcher_sets;
  EXPECT_EQ(StoredBytes(silence, hours(120)), measure()) << "several sets";
  silence.created_by.clear();
  silence.starts_at = At("1969-12-31T23:59:59.5Z");
  EXPECT_EQ(StoredBytes(silence, hours(120)), measure()) << "negative seconds take ten bytes";
  silence.ends_at = WallTime::max();
  EXPECT_GT(StoredBytes(silence, hours(120)), 0U) << "no overflow at the end of time";
}

}  // namespace
}  // namespace watchfire::silence
