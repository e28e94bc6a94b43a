// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/channel.h"
#include "pkg/base/eight.h"
#include "pkg/base/ids.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/promise.h"
#include "pkg/base/record.h"
#include "pkg/base/rng.h"
#include "pkg/base/room.h"
#include "pkg/base/secret.h"
#include "pkg/base/shared_text.h"
#include "pkg/base/strings.h"
#include "pkg/base/time.h"

namespace watchfire {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(DurationTest, ParsesPrometheusGrammarAndNothingElse) {
  EXPECT_EQ(ParseDuration("1h30m").value(), minutes(90));
  EXPECT_EQ(ParseDuration("1w").value(), hours(168));
  EXPECT_EQ(ParseDuration("500ms").value(), milliseconds(500));
  EXPECT_EQ(ParseDuration("0").value(), Duration::zero());
  for (const char* bad : {"", "5", "5x", "-5m", "1.5h", "5m1h", "5m5m", "m", "1h 30m"}) {
    EXPECT_FALSE(ParseDuration(bad)) << bad;
  }
  EXPECT_EQ(ParseDuration("5x").error().message, "not a valid duration string: \"5x\"");
  EXPECT_FALSE(ParseDuration("400y"));
}

TEST(DurationTest, PrintsWeeksAndYearsOnlyWhenExact) {
  EXPECT_EQ(FormatDuration(hours(24 * 7)), "1w");
  EXPECT_EQ(FormatDuration(hours(24 * 30)), "30d");
  EXPECT_EQ(FormatDuration(hours(25) + minutes(43)), "1d1h43m");
  EXPECT_EQ(FormatDuration(minutes(90)), "1h30m");
  EXPECT_EQ(FormatDuration(Duration::zero()), "0s");
}

TEST(DurationTest, ParsesGoDurations) {
  EXPECT_EQ(ParseGoDuration("1.5s").value(), milliseconds(1500));
  EXPECT_EQ(ParseGoDuration("2h45m").value(), minutes(165));
  EXPECT_EQ(ParseGoDuration("120h").value(), hours(120));
  for (const char* text : {"1\u00b5s", "1\u03bcs"}) {
    EXPECT_EQ(ParseGoDuration(text).value(), std::chrono::microseconds(1)) << "sign or letter";
  }
  EXPECT_EQ(ParseGoDuration("9223372036s").value(), std::chrono::seconds(9223372036));
  EXPECT_FALSE(ParseGoDuration("9223372037s"));
  for (const char* bad : {"", "5d", "1w", "5", ".s", "1..5s"}) EXPECT_FALSE(ParseGoDuration(bad));
}

TEST(DurationTest, FormatsAsGoDoes) {
  for (const char* text : {"0s", "1ns", "1.5\u00b5s", "300ms", "1.05s", "30s", "1m0s", "1m30s",
                           "2h0m0s", "120h0m0.5s", "-1.5s"}) {
    EXPECT_EQ(FormatGoDuration(ParseGoDuration(text).value()), text);
  }
}

TEST(TimeTest, RoundTripsRfc3339AndKeepsNanoseconds) {
  const WallTime time = ParseTime("2026-08-22T14:04:18.123456789+02:00").value();
  EXPECT_EQ(FormatRfc3339(time), "2026-08-22T12:04:18.123Z");
  EXPECT_EQ(FormatRfc3339(time, 9, true), "2026-08-22T12:04:18.123456789Z");
  EXPECT_EQ(FormatRfc3339(ParseTime("2026-08-22T14:04:18Z").value(), 9, true),
            "2026-08-22T14:04:18Z");
  EXPECT_EQ(ParseTime("0001-01-01T00:00:00Z").value(), kNoTime);
  EXPECT_EQ(FormatRfc3339(kNoTime, 9, true), "0001-01-01T00:00:00Z");
}

TEST(TimeTest, ReadsWhatGoReadsAndNothingElse) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"2026-08-22T14:04:18Z", "2026-08-22T14:04:18Z"},
      {"2026-08-22T14:04:18.5-07:30", "2026-08-22T21:34:18.5Z"},
      {"2026-08-22T14:04:18,25+0200", "2026-08-22T12:04:18.25Z"},
      {"2026-08-22T14:04:18.1234567891", "2026-08-22T14:04:18.123456789Z"},
      {"2026-08-22T9:04:18Z", "2026-08-22T09:04:18Z"},
      {"2026-08-22T14:04:18", "2026-08-22T14:04:18Z"},
      {"2026-08-22 14:04:18", "2026-08-22T14:04:18Z"},
      {"2026-08-22T14:04Z", "2026-08-22T14:04:00Z"},
      {"2026-08-22T14:04", "2026-08-22T14:04:00Z"},
      {"2026-08-22", "2026-08-22T00:00:00Z"},
  };
  for (const auto& [text, want] : cases) {
    const Result<WallTime> time = ParseTime(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(FormatRfc3339(*time, 9, true), want) << text;
  }
  for (const char* bad : {"",
                          "x",
                          "2026-13-01",
                          "2026-02-30",
                          "2026-8-22",
                          "2026-08-22T",
                          "2026-08-22T25:00:00Z",
                          "2026-08-22T10:00:00+9",
                          "2026-08-22t10:00:00Z",
                          "2026-08-22T10:00:00z",
                          "2026-08-22 10:00:00Z",
                          "2026-08-22 10:00",
                          "2026-08-22T10:00+02:00",
                          "2026-08-22T10:0:00Z",
                          "2026-08-22T10:00:00.Z",
                          "2026-08-22T10:00:00Zx",
                          "2026-08-22T10:00:60Z",
                          "2026-08-22x",
                          "2026-08-22T10:00:00+25:00",
                          "2026/08/22",
                          "2026-08-22T:00:00Z",
                          "2026-08-22T1"}) {
    EXPECT_FALSE(ParseTime(bad)) << bad;
  }
}

TEST(TimeTest, AnOffsetCanBeKept) {
  for (const char* text : {"2026-08-22T00:30:18.123+02:00", "2026-08-22T14:04:18.000-03:30",
                           "2026-08-22T14:04:18.000Z"}) {
    const ZonedTime zoned = ParseZonedTime(text).value();
    EXPECT_EQ(FormatRfc3339(zoned.time, 3, false, zoned.zone_minutes), text);
  }
  EXPECT_EQ(FormatRfc3339(kNoTime, 3, false, 120), "0001-01-01T00:00:00.000Z");
}

TEST(StringsTest, QuotesAsGoDoes) {
  EXPECT_EQ(GoQuote("a\"b\\\n\t\x01"), "\"a\\\"b\\\\\\n\\t\\x01\"");
  EXPECT_EQ(GoQuote("\u03a3\u00a0"), "\"\u03a3\\u00a0\"");
  EXPECT_EQ(GoQuote("\xff"), "\"\\xff\"");
  for (const char* odd : {"\"", "\\", "\x7f", "\x1f", "é", "\xc3"}) {
    const std::string quoted = GoQuote(odd);
    for (size_t at = 0; at < 20; ++at) {
      const std::string before(at, '~');
      const std::string after(19 - at, ' ');
      EXPECT_EQ(GoQuote(before + odd + after),
                '"' + before + quoted.substr(1, quoted.size() - 2) + after + '"');
    }
  }
}

TEST(StringsTest, TruncatesByCodePoints) {
  EXPECT_EQ(TruncateRunes("\u03a3\u03a3\u03a3\u03a3\u03a3", 4), "\u03a3\u03a3\u03a3\u2026");
  EXPECT_EQ(TruncateRunes("abcdef", 3), "abc");
  EXPECT_EQ(TruncateRunes("abc", 3), "abc");
}

TEST(StringsTest, FindsMalformedUtf8) {
  EXPECT_TRUE(IsValidUtf8("plain \u03a3 \U0001f642"));
  for (const char* bad : {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
    EXPECT_TRUE(IsValidUtf8(RepairUtf8(bad)));
  }
}

TEST(StringsTest, SuggestsTheNearestKnownWord) {
  EXPECT_EQ(Nearest("reciever", {"receiver", "route"}), "receiver");
  EXPECT_EQ(Nearest("completely_else", {"receiver", "route"}), "");
}

TEST(StringsTest, UrlCodingRoundTrips) {
  const std::string text = "a b+c/d?\u03a3%";
  EXPECT_EQ(UrlDecode(UrlEncode(text), true), text);
  EXPECT_EQ(UrlDecode("a%2", false), "a%2");
}

TEST(JsonTest, EscapesWhereverInATextItIsNeeded) {
  const auto write = [](const std::string& text, bool html) {
    return JsonWriter(html).String(text).Take();
  };
  const std::vector<std::string> leads = {"",         "a",         "seven77",
                                          "eight888", "nine99999", "sixteen-sixteen-"};
  for (const std::string& lead : leads) {
    const std::string open = "\"" + lead;
    EXPECT_EQ(write(lead + "\"\\/\b\f\n\r\t\x01\x1f\x7f", false),
              open + R"(\"\\/\b\f\n\r\t\u0001\u001F)" + "\x7f\"");
    EXPECT_EQ(write(lead + "<&>\u2028é", false), open + "<&>\u2028é\"");
    EXPECT_EQ(write(lead + "<&>\u2028é\u2029\n", true),
              open + R"(\u003c\u0026\u003e\u2028)" + "é" + R"(\u2029\n)" + "\"");
    EXPECT_EQ(write(lead + "\xff<", false), open + "\uFFFD<\"");
  }
}

TEST(JsonTest, WritesNestedValuesAndEscapesHtmlOnRequest) {
  JsonWriter json(true);
  json.StartObject().Field("a", "<\u2028>").Field("n", int64_t{3}).Key("x").StartArray();
  json.Double(0.5).Null().Bool(true).EndArray().EndObject();
  EXPECT_EQ(json.Take(), R"({"a":"\u003c\u2028\u003e","n":3,"x":[0.5,null,true]})");
}

template <typename Characters>
class SeveralTest : public testing::Test {};
using Sizes = testing::Types<Eight, Sixteen>;
TYPED_TEST_SUITE(SeveralTest, Sizes);

TYPED_TEST(SeveralTest, MarksWhatIsAskedForWhereverItStands) {
  constexpr size_t kNone = TypeParam::kSize;
  for (size_t at = 0; at < kNone; ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string text = std::string("abcdefghijklmnop").substr(0, kNone);
      text[at] = static_cast<char>(c);
      const TypeParam several(text.data());
      EXPECT_EQ(TypeParam::Before(several.Is(text[at])),
                c >= 'a' && c < 'a' + static_cast<int>(at) ? static_cast<size_t>(c - 'a') : at);
      EXPECT_EQ(TypeParam::Before(several.Is('!')), c == '!' ? at : kNone);
      EXPECT_EQ(TypeParam::Before(several.IsBelow(' ')), c < ' ' ? at : kNone);
      EXPECT_EQ(TypeParam::Before(several.IsForeign()), c >= 0x80 ? at : kNone);
      EXPECT_EQ(TypeParam::Before(several.IsBelowOrForeign(' ')),
                c < ' ' || c >= 0x80 ? at : kNone);
      EXPECT_EQ(TypeParam::Before(several.Or(2).Is('>')), c == '<' || c == '>' ? at : kNone);
      EXPECT_EQ(TypeParam::Before(several.Is('!') | several.IsBelow(1)),
                c == '!' || c == 0 ? at : kNone);
    }
  }
}

TEST(StringsTest, Utf8IsCheckedWhereverTheFaultStands) {
  for (size_t size = 1; size < 80; ++size) {
    const std::string ascii(size, 'a');
    EXPECT_TRUE(IsValidUtf8(ascii));
    for (size_t at = 0; at < size; ++at) {
      std::string text = ascii;
      text[at] = '\xff';
      EXPECT_FALSE(IsValidUtf8(text)) << size << " " << at;
      EXPECT_EQ(RepairUtf8(text), ascii.substr(0, at) + "\ufffd" + ascii.substr(at + 1))
          << size << " " << at;
    }
  }
}

TEST(JsonTest, EveryCharacterIsEscapedWhereverItStands) {
  for (const bool html : {false, true}) {
    for (int c = 0; c < 0x80; ++c) {
      const std::string one(1, static_cast<char>(c));
      const std::string json = JsonWriter(html).String(one).Take();
      const std::string escaped = json.substr(1, json.size() - 2);
      EXPECT_EQ(escaped == one,
                c >= ' ' && c != '"' && c != '\\' && !(html && (c == '<' || c == '>' || c == '&')))
          << c;
      for (const size_t others : {3U, 6U, 13U, 19U, 39U}) {
        for (size_t at = 0; at <= others; ++at) {
          const std::string before(at, 'x');
          const std::string after(others - at, 'y');
          EXPECT_EQ(JsonWriter(html).String(before + one + after).Take(),
                    "\"" + before + escaped + after + "\"");
        }
      }
    }
  }
}

TEST(JsonTest, AMemberIsWrittenOnceMore) {
  JsonWriter json;
  json.StartArray().StartObject().Field("a", "1");
  const size_t from = json.size();
  json.Field("b", "\"2\"");
  const size_t to = json.size();
  json.EndObject().StartObject().Field("a", "3").Again(from, to).Field("c", "4").EndObject();
  EXPECT_EQ(json.EndArray().Take(), R"([{"a":"1","b":"\"2\""},{"a":"3","b":"\"2\"","c":"4"}])");
}

TEST(JsonTest, AllMembersAreWrittenOnceMore) {
  JsonWriter json;
  json.StartArray().StartObject();
  const size_t from = json.size();
  json.Field("a", "1").Field("b", 2);
  const size_t to = json.size();
  json.EndObject().StartObject().Again(from, to, 2).Field("c", 3).EndObject();
  EXPECT_EQ(json.EndArray().Take(), R"([{"a":"1","b":2},{"a":"1","b":2,"c":3}])");
}

TEST(JsonTest, MembersAreEscapedAsTheirTextsAre) {
  for (const bool html : {false, true}) {
    for (const char* text : {"", "plain", "eight888", "a long <one> of & more", "x < y", "\"", "é",
                             "12345678é", "1234567890\n", "\u2028 and more of it", "\xff", "a>"}) {
      for (const char* name : {"n", "name", "<name>", "\"name\"", "näme and more"}) {
        const auto string = [html](const char* one) { return JsonWriter(html).String(one).Take(); };
        JsonWriter json(html);
        json.StartObject().Field(name, text).Field(name, std::string_view(text)).EndObject();
        const std::string member = string(name) + ":" + string(text);
        EXPECT_EQ(json.Take(), "{" + member + "," + member + "}");
      }
    }
  }
}

TEST(JsonTest, NamesOfTheProgramStandAsTheyAre) {
  JsonWriter json;
  json.StartObject().Field("s", "a\nb").Field("v", std::string_view("c")).Field("i", 1);
  json.Field("l", int64_t{2}).Field("d", 0.5).Field("b", true).Key("k").StartArray().EndArray();
  EXPECT_EQ(json.EndObject().Take(), R"({"s":"a\nb","v":"c","i":1,"l":2,"d":0.5,"b":true,"k":[]})");
}

TEST(JsonTest, EveryHashHasSixteenDigits) {
  const auto write = [](const std::vector<uint64_t>& hashes) {
    return JsonWriter().StartArray().Int(7).Hashes(hashes).EndArray().Take();
  };
  EXPECT_EQ(write({}), "[7,[]]");
  EXPECT_EQ(write({0xab}), R"([7,["00000000000000ab"]])");
  EXPECT_EQ(write({0xfedcba9876543210, 0}), R"([7,["fedcba9876543210","0000000000000000"]])");
  EXPECT_EQ(write({UINT64_MAX, 0x0a9f10b8c7d6e5f4}),
            R"([7,["ffffffffffffffff","0a9f10b8c7d6e5f4"]])");
}

TEST(JsonTest, ValuesAreNestedAsDeepAsTheyAre) {
  for (int depth = 1; depth < 40; ++depth) {
    JsonWriter json;
    std::string expected;
    for (int i = 0; i < depth; ++i) {
      json.StartObject().Field("i", i).Key("of").StartArray().Int(i);
      expected += R"({"i":)" + std::to_string(i) + R"(,"of":[)" + std::to_string(i) + ",";
    }
    json.Null();
    expected += "null";
    for (int i = depth; i > 0; --i) {
      json.EndArray().Field("end", i).EndObject();
      expected += R"(],"end":)" + std::to_string(i) + "}";
    }
    EXPECT_EQ(json.Take(), expected);
  }
}

TEST(SharedTextTest, TextsAreWhatTheySayWhoeverHoldsThem) {
  const SharedText text = "one";
  const SharedText same = std::string("one");
  const SharedText copy = text;
  const SharedText other = "two";
  const SharedText none;
  EXPECT_EQ(text, same);
  EXPECT_EQ(text, copy);
  EXPECT_EQ(text, std::string("one"));
  EXPECT_EQ(text, "one");
  EXPECT_NE(text, other);
  EXPECT_NE(text, none);
  EXPECT_EQ(none, "");
  EXPECT_EQ(none.str(), "");
  EXPECT_LT(text, other);
  EXPECT_LT(none, text);
  EXPECT_EQ(text <=> same, std::strong_ordering::equal);
  for (const SharedText& each : {text, same, copy, other, none, SharedText("")}) {
    EXPECT_EQ(each.hash(), std::hash<std::string>()(each.str()));
    EXPECT_EQ(each.hash(), std::hash<std::string>()(each.str())) << "known by now";
  }
}

TEST(ChannelTest, WhatIsUnhurriedWaitsForMoreAndNothingElseDoes) {
  Channel<int> channel(2);
  constexpr MonoTime kLate{std::chrono::hours(1'000'000)};
  EXPECT_TRUE(channel.PushUnhurried(1));
  EXPECT_THAT(channel.PopAll(kLate), testing::ElementsAre(1));  // No more was asked for.

  std::vector<int> taken;
  EXPECT_TRUE(channel.PushUnhurried(1));
  EXPECT_EQ(channel.Await(2, MonoTime{}), 1U);  // Its time is over.
  std::thread two([&] { channel.PushUnhurried(2); });
  EXPECT_EQ(channel.Await(2, kLate), 2U);
  two.join();
  channel.TakeAll(&taken);
  EXPECT_THAT(taken, testing::ElementsAre(1, 2));

  EXPECT_TRUE(channel.PushUnhurried(1));
  std::thread hurried([&] { channel.Push(2); });
  EXPECT_EQ(channel.Await(5, std::nullopt), 2U);
  hurried.join();
  channel.TakeAll(&taken);
  EXPECT_THAT(taken, testing::ElementsAre(1, 2));

  // What was in a hurry is gone: the next wait is one again.
  EXPECT_EQ(channel.Await(1, MonoTime{}), 0U);
  channel.TakeAll(&taken);
  EXPECT_THAT(taken, testing::IsEmpty());
  std::thread closing([&] { channel.Close(); });
  EXPECT_EQ(channel.Await(5, kLate), 0U);
  closing.join();
  EXPECT_FALSE(channel.PushUnhurried(3));
}

TEST(ChannelTest, RefusesBeyondCapacityAndDrainsAfterClose) {
  Channel<int> channel(2);
  EXPECT_TRUE(channel.TryPush(1));
  EXPECT_TRUE(channel.TryPush(2));
  EXPECT_FALSE(channel.TryPush(3));
  EXPECT_TRUE(channel.Push(4));
  channel.Close();
  EXPECT_FALSE(channel.Push(5));
  EXPECT_THAT(channel.PopAll(std::nullopt), testing::ElementsAre(1, 2, 4));
  EXPECT_TRUE(channel.PopAll(std::nullopt).empty());
}

TEST(StringsTest, HexIsReadAsItIsWritten) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{0x2f207bb635881050}, ~uint64_t{0}}) {
    EXPECT_EQ(ParseHex64(Hex64(value)), value);
  }
  EXPECT_EQ(ParseHex64("00000000000000AB"), 0xabU);
  for (const char* text : {"", "1", "000000000000001", "00000000000000001", "000000000000000g",
                           "-000000000000001", "0x00000000000001", " 00000000000001 "}) {
    EXPECT_EQ(ParseHex64(text), std::nullopt) << text;
  }
}

TEST(RoomTest, WhoBringsTooMuchWaitsUntilSomebodyLeavesOrItCloses) {
  Room room(10);
  EXPECT_TRUE(room.Enter(25, MonoTime::min())) << "an empty room takes anything";
  EXPECT_FALSE(room.Enter(1, MonoTime::min()));
  EXPECT_TRUE(room.Enter(0, MonoTime::min()));
  bool entered = false;
  std::thread waiting([&] { entered = room.Enter(10, MonoTime::max()); });
  room.Leave(25);
  waiting.join();
  EXPECT_TRUE(entered);
  std::thread refused([&] { entered = room.Enter(1, MonoTime::max()); });
  room.Close();
  refused.join();
  EXPECT_FALSE(entered);
}

TEST(PromiseTest, FirstValueWins) {
  Promise<int> promise;
  promise.Set(1);
  promise.Set(2);
  EXPECT_EQ(promise.Wait(MonoTime::max()), 1);
}

TEST(RngTest, SameSeedSameSequence) {
  Rng a(42);
  Rng b(42);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Next(), b.Next());
}

}  // namespace
}  // namespace watchfire
