// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"
#include "pkg/config/scalar.h"
#include "pkg/config/section_impl.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A mapping, read by the test.
struct Read {
  Problems problems;
  Source source{"w.yml", &problems};
  YamlNode node;
  Echo echo;
  Section section;

  explicit Read(const std::string& yaml)
      : node(ParseYamlDocument(yaml, source).value()),
        section(MakeSection(node, {}, source, &echo, "it").value()) {}

  std::vector<std::string> Found() { return World::Print(problems.Take()); }
};

TEST(SectionTest, NullIsZeroOrUnsetAsInGo) {
  Read read("{s: , b: ~, i: null, d: , g: , m: , u: , h: }");
  Section& section = read.section;
  EXPECT_EQ(section.String("s", "x"), "");
  EXPECT_FALSE(section.Bool("b", true));
  EXPECT_EQ(section.Int("i", 7), 0);
  EXPECT_EQ(section.PromDuration("d", std::chrono::minutes(1)), Duration::zero());
  EXPECT_EQ(section.GoDuration("g", std::chrono::minutes(1)), Duration::zero());
  EXPECT_EQ(section.MaybeBool("m", true), true);
  EXPECT_EQ(section.Url("u", "http://h"), "http://h");
  EXPECT_EQ(section.Host("h", {"mail", "25"}).ToString(), "mail:25");
  EXPECT_THAT(read.Found(), IsEmpty());
}

TEST(SectionTest, ZeroDefaultsAreNotShown) {
  Read read("{written: false}");
  read.section.Bool("written", true);
  read.section.Bool("new", false);
  read.section.Int("limit", 0);
  read.section.String("text");
  read.section.Bool("ready", true);
  EXPECT_EQ(read.echo.ToYaml(), "written: false\nready: true\n");
}

TEST(SectionTest, ASecretIsItsOwnOrItsFilesOrTheOneOfGlobal) {
  Read read("{a: s3cr3t, b_file: /b, c: s3cr3t, c_file: /c, d: ''}");
  Section& section = read.section;
  EXPECT_EQ(section.SecretOrFile("a").value.reveal(), "s3cr3t");
  EXPECT_EQ(section.SecretOrFile("b", {Secret("no"), ""}).file, "/b");
  section.SecretOrFile("c");
  EXPECT_EQ(section.SecretOrFile("d", {Secret("s3cr3t"), ""}).value.reveal(), "s3cr3t");
  EXPECT_EQ(section.SecretOrFile("e", {Secret(), "/e"}).file, "/e");
  EXPECT_EQ(read.echo.ToYaml(),
            "a: <secret>\nb_file: /b\nc: <secret>\nc_file: /c\nd: <secret>\ne_file: /e\n");
  EXPECT_THAT(read.Found(),
              ElementsAre("w.yml:1:36: at most one of c & c_file must be configured"));
}

TEST(SectionTest, AWebhooksUrlIsShownWithoutItsSecrets) {
  Read read("{a: 'https://u:p@h:1/p?q', b: 'http://h/{{ .x }}', c: '{{ .x }}', d: 's3cr3t'}");
  for (const char* key : {"a", "b", "c"}) read.section.SecretTemplateUrl(key);
  EXPECT_EQ(read.echo.ToYaml(), "a: https://h:1/<secret>\nb: http://h/<secret>\nc: <secret>\n");
  EXPECT_THAT(read.Found(), IsEmpty());
  read.section.SecretTemplateUrl("d");
  EXPECT_THAT(read.Found(), ElementsAre(HasSubstr("d: unsupported scheme for URL")));
}

TEST(SectionTest, NumbersAreThoseOfYaml11) {
  Read read("{a: -1001234567890, b: 0x1f, c: 1_000, d: 010, e: +5, f: 2.0, g: 1e2, h: '5', i: 1x}");
  Section& section = read.section;
  EXPECT_EQ(section.Int64("a", 0), -1001234567890);
  EXPECT_EQ(section.Int("b", 0), 31);
  EXPECT_EQ(section.Int("c", 0), 1000);
  EXPECT_EQ(section.Int("d", 0), 8);
  EXPECT_EQ(section.Int("e", 0), 5);
  EXPECT_EQ(section.Int("f", 0), 2);
  EXPECT_EQ(section.Double("g", 0), 100);
  EXPECT_THAT(read.Found(), IsEmpty());
  for (const char* key : {"a", "h", "i"}) section.Int(key, 0);
  EXPECT_THAT(read.Found(), ElementsAre(HasSubstr("a must be a whole number"),
                                        HasSubstr("h must be a whole number"),
                                        HasSubstr("i must be a whole number")));
}

TEST(SectionTest, AnyValueKeepsItsTypes) {
  Read read("{x: {a: yes, b: 'yes', c: 5, d: 1.5, e: , f: [0x10, text], 7: z}}");
  const Any any = read.section.Value("x");
  const Any want{Any::Map{{"7", {"z"}},
                          {"a", {true}},
                          {"b", {"yes"}},
                          {"c", {int64_t{5}}},
                          {"d", {1.5}},
                          {"e", {}},
                          {"f", {Any::List{{int64_t{16}}, {"text"}}}}}};
  EXPECT_EQ(any, want);
  EXPECT_EQ(ParseAny("{a: yes, b: 'yes', c: 5, d: 1.5, e: , f: [16, text], 7: z}"), want);
  EXPECT_EQ(ParseAny("off")->As<bool>() != nullptr, true);
  EXPECT_TRUE(ParseAny("")->is_null());
  EXPECT_THAT(ParseAny("[a").error().message, HasSubstr("line "));
}

TEST(SectionTest, AddressesAreThoseOfGo) {
  for (const auto& [text, want] : std::vector<std::pair<std::string, std::string>>{
           {"mail:25", "mail:25"}, {"[::1]:25", "[::1]:25"}, {":smtp", ":smtp"}}) {
    EXPECT_EQ(ParseHostPort(text)->ToString(), want);
  }
  for (const auto& [text, want] : std::vector<std::pair<std::string, std::string>>{
           {"mail", "address mail: missing port in address"},
           {"[::1]", "address [::1]: missing port in address"},
           {"::1", "address ::1: too many colons in address"},
           {"[::1", "address [::1: missing ']' in address"},
           {"a]:1", "address a]:1: unexpected ']' in address"},
           {"mail:", "address \"mail:\": port cannot be empty"}}) {
    EXPECT_EQ(ParseHostPort(text).error().message, want);
  }
}

}  // namespace
}  // namespace watchfire::config
