// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/limits.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Parsed {
  std::optional<std::vector<YamlNode>> documents;
  std::vector<std::string> problems;
};

Parsed Parse(const std::string& text) {
  Problems problems;
  const Source source("f.yml", &problems);
  Parsed parsed{ParseYaml(text, source), {}};
  for (const Problem& problem : problems.Take()) parsed.problems.push_back(problem.ToString());
  return parsed;
}

// A level of `width` aliases of the level below, `levels` times: width^levels values in few bytes.
std::string Bomb(int levels, int width) {
  std::string text = "l0: &l0 [x]\n";
  for (int i = 1; i <= levels; ++i) {
    text += "l" + std::to_string(i) + ": &l" + std::to_string(i) + " [";
    for (int k = 0; k < width; ++k) text += (k > 0 ? ", *l" : "*l") + std::to_string(i - 1);
    text += "]\n";
  }
  return text;
}

TEST(YamlTest, EveryNodeKnowsItsPlace) {
  const Parsed parsed = Parse("a: 1\nb:\n  - x\n  - {c: 'y'}\n");
  ASSERT_THAT(parsed.problems, IsEmpty());
  const YamlNode& root = parsed.documents->front();
  ASSERT_THAT(root.keys, SizeIs(2));
  EXPECT_EQ(root.keys[1].mark.line, 2);
  const YamlNode& list = *root.Find("b");
  EXPECT_EQ(list.items[0].text, "x");
  EXPECT_EQ(list.items[0].mark.line, 3);
  EXPECT_EQ(list.items[0].mark.column, 5);
  EXPECT_TRUE(list.items[0].plain);
  EXPECT_FALSE(list.items[1].Find("c")->plain);
  EXPECT_EQ(list.items[1].At("c").column, 6);
  EXPECT_EQ(root.size, 6U);
  EXPECT_EQ(root.height, 4);
}

TEST(YamlTest, DuplicateKeysAreReportedAndTheFirstIsKept) {
  const Parsed parsed = Parse("a: 1\nb: {x: 1, y: 2, x: 3}\na: 2\na: 3\n");
  EXPECT_THAT(parsed.problems, ElementsAre("f.yml:2:17: duplicate key \"x\" (first set on line 2)",
                                           "f.yml:3:1: duplicate key \"a\" (first set on line 1)",
                                           "f.yml:4:1: duplicate key \"a\" (first set on line 1)"));
  EXPECT_EQ(parsed.documents->front().Find("a")->text, "1");
  EXPECT_THAT(parsed.documents->front().keys, SizeIs(2));
}

TEST(YamlTest, AliasesRepeatAndMergeKeysGiveDefaults) {
  const Parsed parsed = Parse(
      "base: &base {a: 1, b: 2}\n"
      "other: &other {b: 7, c: 8}\n"
      "one: {<<: *base, b: 3}\n"
      "two: {<<: [*base, *other]}\n"
      "same: *base\n");
  ASSERT_THAT(parsed.problems, IsEmpty());
  const YamlNode& root = parsed.documents->front();
  EXPECT_EQ(root.Find("one")->Find("a")->text, "1");
  EXPECT_EQ(root.Find("one")->Find("b")->text, "3");
  EXPECT_EQ(root.Find("two")->Find("b")->text, "2");
  EXPECT_EQ(root.Find("two")->Find("c")->text, "8");
  EXPECT_EQ(root.Find("same")->Find("b")->mark.line, 1);
  EXPECT_THAT(Parse("a: {<<: 5}\n").problems,
              ElementsAre("f.yml:1:5: << takes a mapping or a list of mappings, found a text"));
}

TEST(YamlTest, ASyntaxErrorHasAPlace) {
  EXPECT_THAT(Parse("a: 1\nb: [1, 2\nc: 3\n").problems,
              ElementsAre(HasSubstr("f.yml:3:2: YAML: ")));
  EXPECT_THAT(Parse("a: *nobody\n").problems, ElementsAre(HasSubstr("f.yml:1:4: YAML: ")));
  EXPECT_THAT(Parse("a: \"x\nb: 2\n").problems,
              ElementsAre(HasSubstr("YAML: illegal EOF in scalar")));
  EXPECT_EQ(Parse("a: |\n  x\n").documents->front().Find("a")->text, "x\n");
  EXPECT_EQ(Parse("a: |+\n  x\n\n").documents->front().Find("a")->text, "x\n\n");
  EXPECT_THAT(Parse("{[1]: 2}\n").problems,
              ElementsAre("f.yml:1:2: YAML: a key must be a text, found a list"));
  EXPECT_THAT(Parse("a: &x [*x]\n").problems,
              ElementsAre("f.yml:1:8: YAML: an alias inside the thing it stands for"));
}

TEST(YamlTest, BytesThatAreNotTextAreRefused) {
  EXPECT_THAT(Parse("a: 1\nb: \x04\nc: 2\n").problems,
              ElementsAre("f.yml:2:4: a control character is not allowed in YAML"));
  EXPECT_THAT(Parse("a: \xff\n").problems, ElementsAre("f.yml:1:1: this line is not valid UTF-8"));
  EXPECT_THAT(Parse("a: 1\r\nb: ü\r\n").problems, IsEmpty());
}

TEST(YamlTest, DepthIsBounded) {
  const auto nested = [](size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_THAT(Parse(nested(limits::kYamlDepth)).problems, IsEmpty());
  EXPECT_THAT(Parse(nested(limits::kYamlDepth + 1)).problems,
              ElementsAre("f.yml:1:65: YAML: nested deeper than 64 levels"));
  EXPECT_THAT(Parse(nested(limits::kConfigBytes / 2)).problems, SizeIs(1));
  EXPECT_THAT(Parse(std::string(limits::kConfigBytes, '[')).problems, SizeIs(1));
  EXPECT_THAT(Parse(Bomb(70, 1)).problems, ElementsAre(HasSubstr("nested deeper than 64 levels")));
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_THAT(Parse(dashes).problems, SizeIs(1));
}

TEST(YamlTest, SizeIsBoundedHoweverItComesAbout) {
  EXPECT_THAT(Parse(Bomb(3, 9)).problems, IsEmpty());
  EXPECT_THAT(Parse(Bomb(20, 9)).problems, ElementsAre(HasSubstr("more than 500000 values")));
  std::string list;
  for (size_t i = 0; i <= limits::kYamlNodes; ++i) list += "- a\n";
  EXPECT_THAT(Parse(list).problems, ElementsAre(HasSubstr("more than 500000 values")));
  EXPECT_THAT(Parse(std::string(limits::kConfigBytes + 1, '\n')).problems,
              ElementsAre("f.yml: larger than 4194304 bytes"));
}

TEST(YamlTest, DocumentsAreSeparate) {
  const Parsed parsed = Parse("a: 1\n---\n---\nb: 2\n");
  ASSERT_THAT(*parsed.documents, SizeIs(3));
  EXPECT_EQ((*parsed.documents)[1].kind, YamlNode::Kind::kNull);
  EXPECT_EQ((*parsed.documents)[2].At("b").line, 4);
  EXPECT_THAT(*Parse("").documents, IsEmpty());
  EXPECT_THAT(*Parse("# nothing\n").documents, SizeIs(testing::Le(1U)));
}

}  // namespace
}  // namespace watchfire::config
