// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/wire.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/alert/lenient.h"
#include "pkg/base/limits.h"
#include "pkg/base/rng.h"
#include "pkg/base/strings.h"

namespace watchfire::alert {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const WallTime kNow = WallTime(seconds(1'700'000'000));  // 2023-11-14T22:13:20Z

auto Read(const std::string& body, bool classic = false) {
  return DecodeAlerts(body, {kNow, minutes(5), classic});
}

// The one alert of a body that is all well.
Alert ReadOne(const std::string& object) {
  const auto batch = Read("[" + object + "]");
  EXPECT_TRUE(batch) << object << ": " << batch.error().message;
  if (!batch || batch->valid.size() != 1) {
    ADD_FAILURE() << object;
    return {};
  }
  return batch->valid.front();
}

std::string ErrorOf(const std::string& body, bool classic = false) {
  const auto batch = Read(body, classic);
  if (!batch) {
    return std::to_string(batch.error().http_status) + "/" + std::to_string(batch.error().code) +
           " " + batch.error().message;
  }
  return Join(batch->errors, "\n");
}

TEST(DecodeAlertsTest, ReadsWhatPrometheusSends) {
  const auto batch = Read(R"([{"annotations":{"summary":"a\nb \u00e9"},
    "endsAt":"2023-11-14T22:17:20.123Z","startsAt":"2023-11-14T22:00:00.5+01:00",
    "generatorURL":"http://prom:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
    "labels":{"alertname":"Down","job":"api"}}])");
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->valid.size(), 1U);
  const Alert& alert = batch->valid[0];
  EXPECT_EQ(alert.labels, (labels::LabelSet{{"alertname", "Down"}, {"job", "api"}}));
  EXPECT_EQ(alert.annotations.Get("summary"), "a\nb \u00e9");
  EXPECT_EQ(FormatRfc3339(alert.starts_at), "2023-11-14T21:00:00.500Z");
  EXPECT_EQ(FormatRfc3339(alert.ends_at), "2023-11-14T22:17:20.123Z");
  EXPECT_EQ(alert.updated_at, kNow);
  EXPECT_EQ(alert.active_at, kNoTime);
  EXPECT_EQ(alert.generator_url, "http://prom:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1");
  EXPECT_FALSE(alert.timeout);
  EXPECT_EQ(batch->firing, 1U);
  EXPECT_EQ(batch->resolved, 0U);
  EXPECT_TRUE(batch->errors.empty());
}

TEST(DecodeAlertsTest, MissingTimesAreFilledIn) {
  const Alert neither = ReadOne(R"({"labels":{"a":"b"}})");
  EXPECT_EQ(neither.starts_at, kNow);
  EXPECT_EQ(neither.ends_at, kNow + minutes(5));
  EXPECT_TRUE(neither.timeout);

  const Alert ends = ReadOne(R"({"labels":{"a":"b"},"endsAt":"2023-11-14T22:00:00Z"})");
  EXPECT_EQ(ends.starts_at, ends.ends_at);
  EXPECT_FALSE(ends.timeout);

  const Alert starts = ReadOne(R"({"labels":{"a":"b"},"startsAt":"2023-11-14T22:00:00Z"})");
  EXPECT_EQ(starts.ends_at, kNow + minutes(5));
  EXPECT_TRUE(starts.timeout);

  const Alert zero =
      ReadOne(R"({"labels":{"a":"b"},"startsAt":null,"endsAt":"0001-01-01T00:00:00.000Z"})");
  EXPECT_EQ(zero, neither);
}

TEST(DecodeAlertsTest, TimesKeepTheOffsetOfTheirSender) {
  const Alert alert = ReadOne(R"({"labels":{"a":"b"},"startsAt":"2023-11-14T23:00:00.5+02:00",)"
                              R"("endsAt":"2023-11-14T21:30:00-03:30"})");
  EXPECT_EQ(FormatStart(alert), "2023-11-14T23:00:00.500+02:00");
  EXPECT_EQ(FormatEnd(alert, 9, true), "2023-11-14T21:30:00-03:30");
  const Alert ended = ReadOne(R"({"labels":{"a":"b"},"endsAt":"2023-11-14T23:00:00+01:00"})");
  EXPECT_EQ(FormatStart(ended), "2023-11-14T23:00:00.000+01:00");
  EXPECT_EQ(FormatEnd(ReadOne(R"({"labels":{"a":"b"}})")), "2023-11-14T22:18:20.000Z");
}

TEST(DecodeAlertsTest, OddTimesAreReadAsGoReadsThem) {
  EXPECT_EQ(ReadOne(R"({"labels":{"a":"b"},"startsAt":""})").starts_at, WallTime());
  EXPECT_EQ(
      FormatRfc3339(ReadOne(R"({"labels":{"a":"b"},"endsAt":"9999-12-31T23:59:59Z"})").ends_at),
      "2260-12-31T23:59:59.000Z");
  EXPECT_EQ(FormatRfc3339(ReadOne(R"({"labels":{"a":"b"},"startsAt":"1000-02-28"})").starts_at),
            "1680-02-28T00:00:00.000Z");
  EXPECT_EQ(
      FormatRfc3339(ReadOne(R"({"labels":{"a":"b"},"startsAt":"2023-01-02 03:04:05"})").starts_at),
      "2023-01-02T03:04:05.000Z");
}

TEST(DecodeAlertsTest, MemberNamesMatchInAnyCaseAndUnknownOnesDoNotMatter) {
  const Alert alert = ReadOne(
      R"({"LABELS":{"a":"b"},"startsat":"2023-11-14T22:00:00Z","fingerprint":"x",
          "status":{"state":[1,2.5e3,true,null]},"GeneratorUrl":"/x"})");
  EXPECT_EQ(alert.labels, (labels::LabelSet{{"a", "b"}}));
  EXPECT_EQ(FormatRfc3339(alert.starts_at), "2023-11-14T22:00:00.000Z");
  EXPECT_EQ(alert.generator_url, "/x");
}

TEST(DecodeAlertsTest, RepeatedMembersAddAndTheLastValueWins) {
  EXPECT_EQ(ReadOne(R"({"labels":{"a":"1","a":"2","c":"3"},"labels":{"b":"4","c":""}})").labels,
            (labels::LabelSet{{"a", "2"}, {"b", "4"}}));
  EXPECT_EQ(ErrorOf(R"([{"labels":{"a":"1"},"labels":null}])"),
            "422/602 0.labels in body is required");
}

TEST(DecodeAlertsTest, EmptyLabelsAreDroppedAndEmptyAnnotationsStay) {
  const Alert alert =
      ReadOne(R"({"labels":{"a":"b","c":"","d":null},"annotations":{"e":"","f":null},)"
              R"("generatorURL":null})");
  EXPECT_EQ(alert.labels, (labels::LabelSet{{"a", "b"}}));
  EXPECT_EQ(alert.annotations.size(), 2U);
  EXPECT_EQ(alert.generator_url, "");
  EXPECT_TRUE(ReadOne(R"({"labels":{"a":"b"},"annotations":null})").annotations.empty());
}

TEST(DecodeAlertsTest, EmptyListsAreFineAndEmptyBodiesAreNot) {
  for (const char* body : {"[]", " [ ] ", "null", "[]trailing", "null x"}) {
    const auto batch = Read(body);
    ASSERT_TRUE(batch) << body;
    EXPECT_TRUE(batch->valid.empty() && batch->errors.empty());
  }
  for (const char* body : {"", " ", "\n\t\r\n"}) {
    EXPECT_EQ(ErrorOf(body), "422/602 alerts in body is required");
  }
}

TEST(DecodeAlertsTest, WhatFollowsTheFirstValueIsIgnored) {
  for (const char* tail : {" x", "]", "{", "\"", "[1", "\xff", "\n[{\"labels\":5}]"}) {
    const auto batch = Read(std::string(R"([{"labels":{"a":"]}\"["}}])") + tail);
    ASSERT_TRUE(batch) << tail;
    ASSERT_EQ(batch->valid.size(), 1U);
    EXPECT_EQ(batch->valid[0].labels.Get("a"), "]}\"[");
  }
}

TEST(DecodeAlertsTest, MalformedTextIsRepaired) {
  EXPECT_EQ(ReadOne("{\"labels\":{\"a\":\"x\xff\xce\"}}").labels.Get("a"), "x\uFFFD\uFFFD");
  EXPECT_EQ(ReadOne(R"({"labels":{"a":"\ud83d\ude42 \ud83d \ude42 \\ud83d"}})").labels.Get("a"),
            "\U0001f642 \uFFFD \uFFFD \\ud83d");
  EXPECT_EQ(ReadOne(R"({"labels":{"a":"\ud83d\ud83d\ude42"}})").labels.Get("a"),
            "\uFFFD\U0001f642");
}

TEST(DecodeAlertsTest, BrokenJsonAndWrongTypesFailTheBatchWith400) {
  const std::string prefix = "400/400 parsing alerts body from \"\" failed, because ";
  for (const char* body : {"[", "{", "[{]", "[{\"labels\":{\"a\":\"b\"}}", "[{\"labels\"}]", "nul",
                           "[{\"labels\":{\"a\":\"\x01\"}}]", "[{\"labels\":{\"a\":\"\\x\"}}]",
                           "[{},]", "\xef\xbb\xbf[]", "x", "\"", "]", "[{'labels':{}}]"}) {
    EXPECT_TRUE(ErrorOf(body).starts_with(prefix + "line 1, column ")) << body << ErrorOf(body);
  }
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", "the body must be an array of alerts, not an object"},
      {"5", "the body must be an array of alerts, not a number"},
      {"\"x\" y", "the body must be an array of alerts, not a string"},
      {"[{\"labels\":{}},5]", "alert 1 must be an object, not a number"},
      {"[[]]", "alert 0 must be an object, not an array"},
      {R"([{"labels":{"a":1}}])", "alert 0: labels.a must be a string, not a number"},
      {R"([{"labels":{"a":true}}])", "alert 0: labels.a must be a string, not a boolean"},
      {R"([{"labels":["a"]}])", "alert 0: labels must be an object of strings, not an array"},
      {R"([{"annotations":"x"}])",
       "alert 0: annotations must be an object of strings, not a string"},
      {R"([{"startsAt":5}])", "alert 0: startsAt must be a string, not a number"},
      {R"([{"generatorURL":{}}])", "alert 0: generatorURL must be a string, not an object"},
      {R"([{"endsAt":"soon"}])",
       "alert 0: endsAt: bad time \"soon\": want RFC 3339, for example 2026-08-22T14:04:18Z"},
      // A wrong type wins over a missing member before it, as Go decodes all before it validates.
      {R"([{},{"labels":{"a":1}}])", "alert 1: labels.a must be a string, not a number"},
  };
  for (const auto& [body, want] : cases) EXPECT_EQ(ErrorOf(body), prefix + want) << body;
}

TEST(DecodeAlertsTest, StructuralFaultsFailTheBatchWith422) {
  const std::string good = R"({"labels":{"a":"b"}},)";
  EXPECT_EQ(ErrorOf("[" + good + "{}]"), "422/602 1.labels in body is required");
  EXPECT_EQ(ErrorOf("[" + good + "{\"labels\":null}]"), "422/602 1.labels in body is required");
  EXPECT_EQ(ErrorOf("[null]"), "422/602 0 in body is required");
  EXPECT_EQ(ErrorOf("[" + good + R"({"generatorURL":"foo bar"},{}])"),
            "422/601 1.generatorURL in body must be of type uri: \"foo bar\"");
}

TEST(DecodeAlertsTest, ABadAlertDoesNotHarmTheOthers) {
  const auto batch = Read(R"([
    {"labels":{"a":"b"},"startsAt":"2023-11-14T22:00:00Z","endsAt":"2023-11-14T21:00:00Z"},
    {"labels":{"a":""}}, {"labels":{}}, {"labels":{"":"x"}}, {"labels":{"fine":"yes"}},
    {"labels":{"a":"b"},"annotations":{"":"x"}},
    {"labels":{"a":"b"},"startsAt":"2023-11-14T22:00:00Z","endsAt":"2023-11-14T22:00:00Z"}])");
  ASSERT_TRUE(batch);
  EXPECT_EQ(Join(batch->errors, "\n"),
            "start time must be before end time (alert 0)\n"
            "at least one label pair required (alert 1)\n"
            "at least one label pair required (alert 2)\n"
            "invalid label set: invalid name \"\" (alert 3)\n"
            "invalid annotations: invalid name \"\" (alert 5)");
  ASSERT_EQ(batch->valid.size(), 2U);
  EXPECT_TRUE(batch->valid[0].labels.Has("fine"));
  EXPECT_EQ(batch->firing, 5U);
  EXPECT_EQ(batch->resolved, 2U);
  EXPECT_EQ(batch->over_limit, 0U);
}

// What neighbours share is not looked at again: each alert of a body is what it is by itself.
TEST(DecodeAlertsTest, AnAlertIsTheSameInAnyCompany) {
  Rng rng(5);
  const auto one_of = [&rng](const std::vector<std::string>& texts) {
    return texts[rng.Below(texts.size())];
  };
  const std::string large(limits::kLabelBytesPerAlert, 'x');
  const auto map = [&](const std::string& value) {
    std::string members = R"({"k":")" + value + '"';
    for (uint64_t pairs = rng.Below(4); pairs > 0; --pairs) {
      const std::string name = rng.Chance(0.05) ? one_of({"", "0", "é"}) : one_of({"a", "b"});
      const std::string text = rng.Chance(0.02) ? large : one_of({"x", "y", "z", "z", ""});
      members += ",\"" + name + "\":\"" + text + '"';
    }
    return members + "}";
  };
  const std::vector<std::string> times = {R"("2023-11-14T22:00:00Z")",
                                          R"("2023-11-14T23:00:00+01:00")",
                                          R"("2023-11-14T22:20:00Z")", R"("")", "null"};
  for (int round = 0; round < 300; ++round) {
    const bool classic = round % 2 == 1;
    std::vector<std::string> objects;
    for (int i = 0; i < 30; ++i) {
      std::string object = R"({"labels":)" + map("a value that is worth to be shared by many");
      object += R"(,"annotations":)" + map("what is said of it is long enough as well");
      if (rng.Chance(0.8)) object += R"(,"startsAt":)" + one_of(times);
      if (rng.Chance(0.8)) object += R"(,"endsAt":)" + one_of(times);
      if (rng.Chance(0.8))
        object += R"(,"generatorURL":")" + one_of({"http://a/", "http://b/"}) + '"';
      objects.push_back(object + "}");
    }
    const auto batch = Read("[" + Join(objects, ",") + "]", classic);
    ASSERT_TRUE(batch);
    DecodedBatch alone;
    for (size_t i = 0; i < objects.size(); ++i) {
      const auto one = Read("[" + objects[i] + "]", classic);
      ASSERT_TRUE(one);
      for (const Alert& alert : one->valid) alone.valid.push_back(alert);
      for (const std::string& error : one->errors) {
        alone.errors.push_back(error.substr(0, error.size() - 2) + std::to_string(i) + ")");
      }
      alone.firing += one->firing;
      alone.resolved += one->resolved;
      alone.over_limit += one->over_limit;
    }
    EXPECT_EQ(batch->valid, alone.valid);
    EXPECT_EQ(batch->errors, alone.errors);
    EXPECT_EQ(batch->firing, alone.firing);
    EXPECT_EQ(batch->resolved, alone.resolved);
    EXPECT_EQ(batch->over_limit, alone.over_limit);
    for (size_t i = 0; i < alone.valid.size() && i < batch->valid.size(); ++i) {
      EXPECT_EQ(batch->valid[i].fingerprint(), alone.valid[i].fingerprint());
    }
  }
}

// Or it would be kept for as long as they are.
TEST(DecodeAlertsTest, WhatIsTooLargeIsNobodysBase) {
  const std::string large(limits::kAnnotationBytesPerAlert, 'x');
  std::vector<std::string> objects;
  for (const std::string& text : {std::string("1"), large, std::string("2"), std::string("3")}) {
    objects.push_back(
        R"({"labels":{"a":"b"},"annotations":{"says":"what all of them have in common",)"
        R"("text":")" +
        text + "\"}}");
  }
  const auto batch = Read("[" + Join(objects, ",") + "]");
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->valid.size(), 3U);
  EXPECT_EQ(batch->over_limit, 1U);
  EXPECT_FALSE(batch->valid[2].annotations.base().empty());
  for (const Alert& alert : batch->valid) EXPECT_LT(alert.annotations.base().bytes(), 200U);
}

TEST(DecodeAlertsTest, ClassicModeRefusesOtherNames) {
  const std::string body = R"([{"labels":{"Σ":"x"}},{"labels":{"a":"Σ"}},
                               {"labels":{"a":"b"},"annotations":{"0":"x"}}])";
  EXPECT_EQ(ErrorOf(body), "");
  EXPECT_EQ(ErrorOf(body, true),
            "invalid label set: invalid name \"\u03a3\" (alert 0)\n"
            "invalid annotations: invalid name \"0\" (alert 2)");
}

TEST(DecodeAlertsTest, LimitsNameTheAlert) {
  std::string labels = "\"a\":\"b\"";
  for (int i = 0; i < 64; ++i) labels += ",\"l" + std::to_string(i) + "\":\"x\"";
  const auto batch =
      Read(R"([{"labels":{"a":"b"}},{"labels":{)" + labels + R"(}},{"labels":{"a":")" +
           std::string(16384, 'x') + R"("}},{"labels":{"a":"b"},"annotations":{"a":")" +
           std::string(65536, 'x') + R"("}}])");
  ASSERT_TRUE(batch);
  EXPECT_EQ(Join(batch->errors, "\n"),
            "too many labels: 65, the limit is 64 (alert 1)\n"
            "too many bytes of labels: 16385, the limit is 16384 (alert 2)\n"
            "too many bytes of annotations and generatorURL: 65537, the limit is 65536 (alert 3)");
  EXPECT_EQ(batch->over_limit, 3U);
  EXPECT_EQ(batch->valid.size(), 1U);
}

TEST(DecodeAlertsTest, TooManyAlertsFailTheBatch) {
  std::string body = "[{}";
  for (size_t i = 1; i < limits::kAlertsPerRequest; ++i) body += ",{}";
  EXPECT_EQ(ErrorOf(body + "]"), "422/602 0.labels in body is required");
  EXPECT_EQ(ErrorOf(body + ",{}]"), "422/611 alerts in body should have at most 100000 items");
}

TEST(DecodeAlertsTest, ErrorsDoNotRepeatMegabytes) {
  const std::string big(1 << 20, 'x');
  EXPECT_LT(ErrorOf("[{\"startsAt\":\"" + big + "\"}]").size(), 2000U);
  EXPECT_LT(ErrorOf("[{\"generatorURL\":\"" + big + "\"}]").size(), 2000U);
  EXPECT_LT(ErrorOf("[{\"labels\":{\"" + big + "\":1}}]").size(), 2000U);
  EXPECT_LT(ErrorOf("[{\"labels\":{\"" + big + "\":\"1\"}}]", true).size(), 2000U);
}

TEST(RequestUriTest, AsGoParsesThem) {
  for (const char* good :
       {"http://h", "http://h:9090/graph?g0.expr=a b", "/x", "/a b", "*", "mailto:x y",
        "x:", "http://u:p@h/", "http://[::1]:80/", "http://", "HTTP://H/%41", "http://h/\u03a3",
        "a+b-c.1:/", "http://h\u00e9/", "http://h:/x", "/?%zz", "http://%e4/", "/#%41"}) {
    EXPECT_TRUE(IsRequestUri(good)) << good;
  }
  for (const char* bad :
       {"", "foo", "foo bar", "foo/bar:x", ":x", "1:x", "http://h h/", "http://h:x/", "/%zz", "/%4",
        "http://h/\n", "http://[::1/", "http://u u@h/", "http://%41/", "http://h/\x7f", "?x",
        "http://h|/", "http://h[/"}) {
    EXPECT_FALSE(IsRequestUri(bad)) << bad;
  }
}

// Whatever arrives is answered; what is accepted keeps the promises of the header.
TEST(DecodeAlertsPropertyTest, MutatedBodiesNeverCrashAndNeverYieldABadAlert) {
  const std::string seed =
      R"([{"labels":{"alertname":"x","job":"é\ud83d\ude42","e":""},"annotations":{"s":"a\"b"},)"
      R"("startsAt":"2023-11-14T22:00:00.5+01:00","endsAt":"2023-11-14T22:17:20Z",)"
      R"("generatorURL":"http://h:9090/g?x=%20"},{"labels":{"a":null},"x":[1,-2.5e3,true]}, null])";
  static constexpr std::string_view kSpice = "[]{}\",:\\u0d8e1-+.ntf \xff\xce\n";
  Rng rng(3);
  size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body = seed.substr(0, seed.size() - (rng.Chance(0.7) ? 7 : 0));
    if (body.size() < seed.size()) body += "]";
    for (uint64_t edits = 1 + rng.Below(3); edits > 0 && !body.empty(); --edits) {
      const size_t at = rng.Below(body.size());
      const size_t length = 1 + rng.Below(8);
      switch (rng.Below(4)) {
        case 0:
          body[at] = kSpice[rng.Below(kSpice.size())];
          break;
        case 1:
          body.insert(at, 1, kSpice[rng.Below(kSpice.size())]);
          break;
        case 2:
          body.erase(at, length);
          break;
        default:
          body.insert(at, body.substr(rng.Below(body.size()), length));
      }
    }
    const auto batch = Read(body, rng.Chance(0.5));
    if (!batch) {
      const WireError& error = batch.error();
      ASSERT_FALSE(error.message.empty()) << body;
      ASSERT_EQ(error.http_status == 400, error.code == 400) << body;
      ASSERT_TRUE(error.http_status == 400 || error.http_status == 422) << body;
      continue;
    }
    ASSERT_EQ(batch->firing + batch->resolved, batch->valid.size() + batch->errors.size());
    for (const Alert& alert : batch->valid) {
      ++accepted;
      ASSERT_FALSE(alert.labels.empty()) << body;
      ASSERT_LE(alert.starts_at, alert.ends_at) << body;
      for (const labels::Label& label : alert.labels) {
        ASSERT_TRUE(IsValidUtf8(label.name) && !label.name.empty()) << body;
        ASSERT_TRUE(IsValidUtf8(label.value) && !label.value.empty()) << body;
      }
      ASSERT_EQ(Decode(Encode(alert)).value(), alert) << body;
    }
  }
  EXPECT_GT(accepted, 1000U);
}

}  // namespace
}  // namespace watchfire::alert
