// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/pack.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/labels/set_pool.h"

namespace watchfire::alert {
namespace {

using testing::HasSubstr;

std::string Pack(const Packed& packed) {
  std::vector<const Alert*> alerts;
  for (const Alert& alert : packed.alerts) alerts.push_back(&alert);
  return Pack(alerts, packed.gone);
}

// Alerts that differ in one annotation.
Packed WithTexts(const std::vector<std::string>& texts) {
  Packed packed;
  for (const std::string& text : texts) {
    Alert& alert = packed.alerts.emplace_back();
    alert.labels = labels::LabelSet{{"alertname", "Full"}};
    alert.annotations = labels::LabelSet{{"summary", text}};
    alert.starts_at = alert.ends_at = alert.updated_at = FromNanos(1'790'000'000'123'456'789);
  }
  return packed;
}

const WallTime kStart = FromNanos(1'790'000'000'123'456'789);

Packed Sample() {
  Packed packed;
  for (int i = 0; i < 3; ++i) {
    Alert alert;
    alert.labels = labels::LabelSet{{"alertname", "Full"}, {"disk", "d" + std::to_string(i)}};
    alert.annotations = labels::LabelSet{{"summary", "\"9\u2028\\\n\" left"}, {"empty", ""}};
    alert.starts_at = kStart;
    alert.ends_at = kStart + std::chrono::minutes(i);
    alert.updated_at = kStart + std::chrono::seconds(1);
    alert.generator_url = "http://prometheus/graph";
    packed.alerts.push_back(alert);
  }
  packed.alerts[1].active_at = kStart - std::chrono::hours(1);
  packed.alerts[1].starts_zone = 330;
  packed.alerts[1].ends_zone = -720;
  packed.alerts[1].timeout = true;
  packed.alerts[2].annotations = {};
  packed.alerts[2].generator_url = {};
  packed.gone = {1, 0xfedcba9876543210};
  return packed;
}

TEST(PackTest, GivesBackWhatWasPacked) {
  const Packed packed = Sample();
  const Result<Packed> unpacked = Unpack(Pack(packed));
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->alerts, packed.alerts);
  EXPECT_EQ(unpacked->gone, packed.gone);

  const Result<Packed> none = Unpack(Pack({}));
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->alerts.empty() && none->gone.empty());
}

TEST(PackTest, WritesEachTextOnce) {
  const std::string text = Pack(Sample());
  for (const char* word : {"alertname", "Full", "prometheus/graph", "summary", "d2"}) {
    const size_t first = text.find(word);
    ASSERT_NE(first, std::string::npos) << word;
    EXPECT_EQ(text.find(word, first + 1), std::string::npos) << word;
  }
}

TEST(PackTest, WritesOfAnAlertWhatDiffersFromTheOneBefore) {
  Packed packed;
  packed.alerts.push_back(Sample().alerts[0]);
  packed.alerts.push_back(packed.alerts[0]);
  packed.alerts.push_back(packed.alerts[0]);
  packed.alerts[1].labels = labels::LabelSet{{"alertname", "Full"}, {"disk", "new"}};
  packed.alerts[1].active_at = kStart;
  packed.alerts[2].labels = packed.alerts[1].labels;
  const std::string text = Pack(packed);
  EXPECT_THAT(text, HasSubstr(",[3,1790000000123456789,12,9],[3,null]]")) << text;
  const Result<Packed> unpacked = Unpack(text);
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->alerts, packed.alerts);
}

TEST(PackTest, WritesOfATextWhatDiffersFromTheOneBefore) {
  const Packed packed = WithTexts({"Pod web-1 on 10.0.0.1 has not been ready for long.",
                                   "Pod web-23 on 10.0.0.1 has not been ready for long.",
                                   "Pod web-23 on 10.0.0.1 has not been ready for long.",
                                   "Pod web-1 on 10.0.0.1 has not been ready for long.",
                                   "Pod web-1 on 10.0.0.1 has not been ready for long, or two.",
                                   "Another one", "Another two"});
  const std::string text = Pack(packed);
  EXPECT_THAT(text, HasSubstr(R"("Pod web-1 on 10.0.0.1 has not been ready for long.",)"
                              R"([4,8,41,"23"],[5,8,41,"1"],[6,49,1,", or two"],)"
                              R"("Another one","Another two"])"))
      << text;
  const Result<Packed> unpacked = Unpack(text);
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->alerts, packed.alerts);
}

TEST(PackTest, LongTextsThatTakeTurnsStandThereOnce) {
  const std::string one = "The first of two texts, either of which is a long one.";
  const std::string two = "And the second of the two, which is a long one as well.";
  const Packed packed = WithTexts({one, two, one, two, one, two});
  const std::string text = Pack(packed);
  for (const std::string& each : {one, two}) {
    ASSERT_NE(text.find(each), std::string::npos) << text;
    EXPECT_EQ(text.find(each), text.rfind(each)) << text;
  }
  const Result<Packed> unpacked = Unpack(text);
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->alerts, packed.alerts);
}

TEST(PackTest, NumbersAnyAmountOfTexts) {
  Packed packed;
  for (int i = 0; i < 6; ++i) {
    labels::LabelSet::Pairs pairs;
    for (int j = 0; j < 40 + i % 2; ++j) {
      pairs.emplace_back("name" + std::to_string(j), "<" + std::to_string(i / 2 * 40 + j) + ">");
    }
    packed.alerts.emplace_back().labels = labels::LabelSet(pairs);
  }
  const std::string text = Pack(packed);
  const Result<Packed> unpacked = Unpack(text);
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->alerts, packed.alerts);
  for (int value = 0; value < 120; ++value) {
    const std::string each = "<" + std::to_string(value) + ">";
    ASSERT_NE(text.find(each), std::string::npos) << each;
    EXPECT_EQ(text.find(each), text.rfind(each)) << each;
  }
}

// What both texts begin or end with may be half a rune.
TEST(PackTest, CutsNoRune) {
  const Packed packed =
      WithTexts({"Platte 1 ist seit Stunden zu 95 % gefüllt: ü/é/€ und mehr davon",
                 "Platte 1 ist seit Stunden zu 95 % gefüllt: ä/ê/₭ und mehr davon",
                 "Platte 1 ist seit Stunden zu 95 % gefüllt: ä/ê/ê und mehr davon",
                 "Platte 1 ist seit Stunden zu 95 % gefüllt: ä/ê/ꪬ und mehr davon",
                 "Platte 1 ist seit Stunden zu 95 % gefüllt: ä/ê/ꚬ und mehr davon"});
  const std::string text = Pack(packed);
  EXPECT_THAT(text, HasSubstr(R"("ä/ê/₭"])")) << text;
  const Result<Packed> unpacked = Unpack(text);
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->alerts, packed.alerts);
}

// They are repaired as they are written, and then nothing of them stands where it stood.
TEST(PackTest, TextsThatAreNoUtf8AreLikeNoOther) {
  const std::string rest = " is what both of these texts end with";
  const Packed packed =
      WithTexts({"a\x80" + rest, "ab" + rest, "abc" + rest, "ab\xff" + rest, "abcd" + rest});
  const Result<Packed> unpacked = Unpack(Pack(packed));
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  std::vector<std::string> texts;
  for (const Alert& alert : unpacked->alerts) {
    texts.emplace_back(alert.annotations.Get("summary"));
  }
  EXPECT_THAT(texts, testing::ElementsAre("a\xef\xbf\xbd" + rest, "ab" + rest, "abc" + rest,
                                          "ab\xef\xbf\xbd" + rest, "abcd" + rest));
}

// Sets of a pool tell what differs from their neighbours, which is all that is looked at then.
TEST(PackTest, WritesSetsOfAPoolAsAnyOthers) {
  Packed alone;
  Packed shared;
  labels::SetPool pool;
  for (int i = 0; i < 200; ++i) {
    Alert& alert = alone.alerts.emplace_back();
    const int group = i / 10;
    const std::string pod = "pod-" + std::to_string(group % 3 == 0 ? i % 4 : i);
    labels::LabelSet::Pairs pairs = {{"alertname", "DeploymentIsNotReady" + std::to_string(group)},
                                     {"cluster", "a-cluster-with-quite-a-long-name"},
                                     {"pod", pod}};
    if (group % 5 == 4) pairs.emplace_back("zone", "eu-" + std::to_string(i % 2));
    alert.labels = labels::LabelSet(pairs);
    alert.annotations =
        labels::LabelSet{{"dashboard", i % 7 == 0 ? "" : "grafana.example.com/d/" + pod},
                         {"summary", pod + " has not been ready for five minutes."}};
    alert.starts_at = kStart + std::chrono::seconds(group);
    Alert& other = shared.alerts.emplace_back(alert);
    other.labels = pool.Share(alert.labels);
    other.annotations = pool.Share(alert.annotations);
  }
  EXPECT_FALSE(shared.alerts[5].labels.base().empty());
  EXPECT_EQ(Pack(shared), Pack(alone));
  const Result<Packed> unpacked = Unpack(Pack(shared));
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->alerts, alone.alerts);
}

// As up to version 8 of the schema.
TEST(PackTest, ReadsAlertsThatStandThereWhole) {
  const Result<Packed> unpacked =
      Unpack(R"({"alerts":[[1,2,3,null,0,0,0,0,1,1,2],[4,5,6,null,0,0,0,0,1,1,3]],)"
             R"("texts":["u","alertname","A","B"],"gone":[]})");
  ASSERT_TRUE(unpacked);
  ASSERT_EQ(unpacked->alerts.size(), 2U);
  EXPECT_EQ(unpacked->alerts[0].name(), "A");
  EXPECT_EQ(unpacked->alerts[1].name(), "B");
  EXPECT_EQ(unpacked->alerts[1].starts_at, FromNanos(4));
}

// Whatever stands in the file, reading it neither crashes nor invents an alert.
TEST(PackTest, RefusesWhatItDidNotWrite) {
  for (const char* text :
       {"",
        "[]",
        "{}",
        R"({"alerts":[],"texts":[]})",
        R"({"alerts":[1],"texts":[],"gone":[]})",
        R"({"alerts":[],"texts":[[0,0,0,""]],"gone":[]})",
        R"({"alerts":[],"texts":["abc",[1,0,0,""]],"gone":[]})",
        R"({"alerts":[],"texts":["abc",[0,2,2,""]],"gone":[]})",
        R"({"alerts":[],"texts":["abc",[0,4,0,""]],"gone":[]})",
        R"({"alerts":[],"texts":["abc",[0,-1,0,""]],"gone":[]})",
        R"({"alerts":[],"texts":["abc",[0,0,18446744073709551615,""]],"gone":[]})",
        R"({"alerts":[],"texts":["abc",[0,1,1]],"gone":[]})",
        R"({"alerts":[],"texts":["abc",[0,1,1,2]],"gone":[]})",
        R"({"alerts":[],"texts":["abc",[0,1,1,"b",3]],"gone":[]})",
        R"({"alerts":[],"texts":[1],"gone":[]})",
        R"({"alerts":[],"texts":[],"gone":["a"]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,1,0]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,-1,0]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,1]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,-1]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,9999,0,0,0,0]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,1,0]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,0],[9,0]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,0],[-1,0]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,0],[null,0]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,0],[7,1]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,1,0,5]],"texts":["u"],"gone":[]})",
        R"({"alerts":[[1,2,3,4,0,0,0,0,1,0,null]],"texts":["u"],"gone":[]})"}) {
    const Result<Packed> unpacked = Unpack(text);
    ASSERT_FALSE(unpacked) << text;
    EXPECT_EQ(unpacked.error().code, Code::kCorrupt);
  }
  EXPECT_TRUE(Unpack(R"({"alerts":[[1,2,3,null,0,0,0,0,0]],"texts":["u"],"gone":[]})"));
}

}  // namespace
}  // namespace watchfire::alert
