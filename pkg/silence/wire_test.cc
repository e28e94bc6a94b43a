// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/silence/wire.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/rng.h"

namespace watchfire::silence {
namespace {

using matcher::Op;
using testing::HasSubstr;

// A whole body with `from` replaced by `to`.
std::string Body(const std::string& from = "", const std::string& to = "") {
  std::string body =
      R"({"id":"7","matchers":[{"name":"a","value":"b","isRegex":false,"isEqual":true}],)"
      R"("startsAt":"2026-08-22T14:00:00+02:00","endsAt":"2026-08-22T14:00:00Z",)"
      R"("createdBy":"ada","comment":"why","annotations":{"x":"y"}})";
  const size_t at = body.find(from);
  EXPECT_NE(at, body.npos) << from;
  return body.replace(at, from.size(), to);
}

TEST(DecodeDraftTest, TakesAWholeBody) {
  const auto draft = DecodeDraft(Body());
  ASSERT_TRUE(draft);
  EXPECT_EQ(draft->id, "7");
  ASSERT_EQ(draft->matchers.size(), 1U);
  EXPECT_EQ(draft->matchers[0].op, Op::kEqual);
  EXPECT_EQ(draft->matchers[0].name, "a");
  EXPECT_EQ(draft->matchers[0].value, "b");
  EXPECT_EQ(FormatRfc3339(draft->starts_at, 0), "2026-08-22T12:00:00Z");
  EXPECT_EQ(FormatRfc3339(draft->ends_at, 0), "2026-08-22T14:00:00Z");
  EXPECT_EQ(draft->created_by, "ada");
  EXPECT_EQ(draft->comment, "why");
  EXPECT_EQ(draft->annotations, (labels::LabelSet{{"x", "y"}}));
}

TEST(DecodeDraftTest, IsEqualIsTrueUnlessSaid) {
  const std::vector<std::pair<std::string, Op>> cases = {
      {R"("isRegex":false)", Op::kEqual},
      {R"("isRegex":false,"isEqual":null)", Op::kEqual},
      {R"("isRegex":true)", Op::kRegex},
      {R"("isRegex":false,"isEqual":false)", Op::kNotEqual},
      {R"("isRegex":true,"isEqual":false)", Op::kNotRegex}};
  for (const auto& [text, op] : cases) {
    const auto draft = DecodeDraft(Body(R"("isRegex":false,"isEqual":true)", text));
    ASSERT_TRUE(draft) << text;
    EXPECT_EQ(draft->matchers[0].op, op) << text;
  }
}

TEST(DecodeDraftTest, IsAsLenientAsGo) {
  for (const std::string& body :
       {Body("\"matchers\"", "\"MATCHERS\""), Body("\"isRegex\"", "\"isregex\""),
        Body("\"id\":\"7\"", "\"id\":null"), Body("{\"x\":\"y\"}", "null"),
        Body("\"id\"", "\"what\":[],\"id\""), Body("\"ada\"", "\"\""), Body("\"b\"", "\"\""),
        Body("\"ada\"", "\"a\xff\""), Body("2026-08-22T14:00:00+02:00", "0001-01-01T00:00:00Z"),
        Body("2026-08-22T14:00:00Z", "9999-01-01T00:00:00Z"), Body() + " and more"}) {
    EXPECT_TRUE(DecodeDraft(body)) << body;
  }
  EXPECT_EQ(DecodeDraft(Body("2026-08-22T14:00:00+02:00", "0001-01-01T00:00:00Z"))->starts_at,
            kNoTime);
  EXPECT_EQ(DecodeDraft(Body("2026-08-22T14:00:00+02:00", ""))->starts_at, WallTime());
  EXPECT_EQ(DecodeDraft(Body("\"comment\":\"why\"", R"("comment":"1","comment":"2")"))->comment,
            "2");
}

// The same body with several sets behind its matchers, or in their place.
std::string SetsBody(const std::string& sets, bool is_alone = false) {
  const std::string matchers =
      R"("matchers":[{"name":"a","value":"b","isRegex":false,"isEqual":true}],)";
  return Body(matchers, (is_alone ? "" : matchers) + "\"matcherSets\":" + sets + ",");
}
constexpr const char* kTwoSets =
    R"([[{"name":"a","value":"b","isRegex":false}],)"
    R"([{"name":"c","value":"d.*","isRegex":true},{"name":"e","value":"","isRegex":false,)"
    R"("isEqual":false}]])";

TEST(DecodeDraftTest, TakesSeveralMatcherSets) {
  for (const bool is_alone : {true, false}) {
    const auto draft = DecodeDraft(SetsBody(kTwoSets, is_alone));
    ASSERT_TRUE(draft) << draft.error().message;
    ASSERT_EQ(draft->matcher_sets.size(), 2U);
    ASSERT_EQ(draft->matcher_sets[0].size(), 1U);
    EXPECT_EQ(draft->matcher_sets[0][0].name, "a");
    ASSERT_EQ(draft->matcher_sets[1].size(), 2U);
    EXPECT_EQ(draft->matcher_sets[1][0].op, Op::kRegex);
    EXPECT_EQ(draft->matcher_sets[1][1].op, Op::kNotEqual);
  }
  const auto plain = DecodeDraft(SetsBody("null"));
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->matcher_sets.empty());
  EXPECT_EQ(plain->matchers.size(), 1U);
}

struct Fault {
  std::string body;
  int status;
  int code;
  std::string message;
};

TEST(DecodeDraftTest, RefusesInTheWordsOfTheFramework) {
  const std::string parse = R"(parsing silence body from "" failed, because )";
  const std::vector<Fault> cases = {
      {"", 422, 602, "silence in body is required"},
      {" \n", 422, 602, "silence in body is required"},
      {"{", 400, 400, parse},
      {"[]", 400, 400, parse + "silence must be an object, not an array"},
      {"null", 422, 602, "comment in body is required"},
      {"{}", 422, 602, "comment in body is required"},
      {Body("\"comment\":\"why\"", "\"comment\":null"), 422, 602, "comment in body is required"},
      {Body("\"createdBy\"", "\"x\""), 422, 602, "createdBy in body is required"},
      {Body("\"endsAt\"", "\"x\""), 422, 602, "endsAt in body is required"},
      {Body("\"startsAt\"", "\"x\""), 422, 602, "startsAt in body is required"},
      {Body("\"matchers\"", "\"x\""), 422, 602, "matchers in body is required"},
      {Body(R"({"name":"a","value":"b","isRegex":false,"isEqual":true})", ""), 422, 612,
       "matchers in body should have at least 1 items"},
      {Body(R"({"name":"a","value":"b","isRegex":false,"isEqual":true})", "null"), 422, 602,
       "matchers.0 in body is required"},
      {Body(R"("name":"a","value":"b","isRegex":false,)", ""), 422, 602,
       "matchers.0.isRegex in body is required"},
      {Body(R"("name":"a",)", ""), 422, 602, "matchers.0.name in body is required"},
      {Body(R"("value":"b",)", ""), 422, 602, "matchers.0.value in body is required"},
      {Body("\"isRegex\":false", "\"isRegex\":\"no\""), 400, 400,
       parse + "silence: matchers.0.isRegex must be a boolean, not a string"},
      {Body("\"why\"", "7"), 400, 400, parse + "silence: comment must be a string, not a number"},
      {Body("\"y\"", "1"), 400, 400, parse + "silence: annotations.x must be a string"},
      {Body("2026-08-22T14:00:00Z", "soon"), 400, 400, parse + "silence: endsAt: bad time"},
      {Body("[{", "[7,{"), 400, 400, parse + "silence: matchers.0 must be an object, not a number"},
      {SetsBody("[]"), 422, 612, "matcherSets in body should have at least 1 items"},
      {SetsBody("[[]]"), 422, 612, "matcherSets.0 in body should have at least 1 items"},
      {SetsBody("[null]"), 422, 602, "matcherSets.0 in body is required"},
      {SetsBody(R"([[{"name":"a","value":"b","isRegex":false}],[{"name":"c"}]])"), 422, 602,
       "matcherSets.1.0.isRegex in body is required"},
      {SetsBody(R"([[{"name":"a","value":"x","isRegex":false}]])"), 422, 601,
       "matchers in body must be the first of matcherSets, or be left out"},
      {SetsBody("[7]"), 400, 400, parse + "silence: matcherSets.0 must be an array, not a number"},
      {SetsBody("{}"), 400, 400, parse + "silence: matcherSets must be an array, not an object"},
      {SetsBody("null", true), 422, 602, "matchers in body is required"},
      {R"({"comment":7})", 400, 400, parse + "silence: comment must be a string, not a number"},
  };
  for (const Fault& c : cases) {
    const auto draft = DecodeDraft(c.body);
    ASSERT_FALSE(draft) << c.body;
    EXPECT_EQ(draft.error().http_status, c.status) << c.body;
    EXPECT_EQ(draft.error().code, c.code) << c.body;
    EXPECT_THAT(draft.error().message, testing::StartsWith(c.message)) << c.body;
  }
}

TEST(DecodeDraftTest, BrokenBodiesAreRefusedWithAReason) {
  const std::string whole = Body();
  Rng rng(7);
  for (int i = 0; i < 10'000; ++i) {
    std::string body = whole.substr(0, whole.size() - rng.Below(whole.size()) / 2);
    for (uint64_t flips = rng.Below(4); flips > 0; --flips) {
      body[rng.Below(body.size())] = static_cast<char>(rng.Next());
    }
    const auto draft = DecodeDraft(body);
    if (draft) continue;
    EXPECT_TRUE(draft.error().http_status == 400 || draft.error().http_status == 422) << body;
    EXPECT_NE(draft.error().message, "") << body;
  }
}

TEST(IsUuidTest, TakesTheFormsOfGoogleUuid) {
  const std::string plain = "2b0f7b5c-9f3e-4a67-8d10-0a1B2c3D4e5F";
  for (const std::string& good : {plain, "{" + plain + "}", "urn:uuid:" + plain,
                                  std::string("2b0f7b5c9f3e4a678d100a1b2c3d4e5f")}) {
    EXPECT_TRUE(IsUuid(good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string("foo"), plain + "0", "(" + plain + ")",
                                 std::string("2b0f7b5c-9f3e-4a67-8d10-0a1b2c3d4e5g"),
                                 std::string("2b0f7b5c_9f3e-4a67-8d10-0a1b2c3d4e5f")}) {
    EXPECT_FALSE(IsUuid(bad)) << bad;
  }
}

}  // namespace
}  // namespace watchfire::silence
