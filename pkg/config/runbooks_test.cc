// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `incidents.runbooks` in a configuration.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(RunbooksTest, TextsAreKnownByTheNamesOfTheirFiles) {
  World world(Minimal("incidents: {runbooks: ['books/*.md', more.v2.txt]}\n"));
  world.files["books/DiskFull.md"] = "# Disk full\n";
  world.files["more.v2.txt"] = "x";
  const Loaded loaded = world.Load();
  ASSERT_THAT(World::Print(loaded.problems), IsEmpty());
  EXPECT_THAT(*loaded.config->incidents.runbooks,
              ElementsAre(Pair("DiskFull", "# Disk full\n"), Pair("more.v2", "x")));
  EXPECT_EQ(World(Minimal()).Load().config->incidents.runbooks, nullptr);
}

TEST(RunbooksTest, WhatCannotBeShownIsSaid) {
  World world(Minimal("incidents: {runbooks: ['a/*.md', 'b/*.md', gone.md, 'c/*.md', a/A.md]}\n"));
  world.files["a/A.md"] = world.files["b/A.md"] = "x";
  world.files["a/Long.md"] = std::string(kRunbookBytesMax + 1, 'x');
  EXPECT_THAT(world.Problems(),
              ElementsAre("warning w.yml:3:53: c/*.md matches no file",
                          "a/Long.md: larger than 256 KiB (named in w.yml:3)",
                          "b/A.md: another runbook is called \"A\" (named in w.yml:3)",
                          "gone.md: No such file or directory (named in w.yml:3)"));
}

TEST(RunbooksTest, WhatIsNoTextIsRefused) {
  World world(Minimal("incidents: {runbooks: ['a/*.md']}\n"));
  world.files["a/Bytes.md"] = std::string("# Fine\nnot \0 fine\n", 19);
  world.files["a/Latin.md"] = "# M\xfcll\n";
  world.files["a/Utf16.md"] = std::string("\xff\xfe#\0\n\0", 6);
  world.files["a/Good.md"] = "# Müll – 塵\r\n";
  EXPECT_THAT(world.Problems(),
              ElementsAre("a/Bytes.md:2:1: this line has a NUL byte (named in w.yml:3)",
                          "a/Latin.md:1:1: this line is not valid UTF-8 (named in w.yml:3)",
                          "a/Utf16.md:1:1: this line has a NUL byte (named in w.yml:3)"));
}

// Nobody goes without pages for a text.
TEST(RunbooksTest, AServerStartsWithoutThoseThatCannotBeShown) {
  World world(Minimal("incidents: {runbooks: ['a/*.md', gone.md]}\n"));
  world.files["a/A.md"] = "x";
  world.files["a/Long.md"] = std::string(kRunbookBytesMax + 1, 'x');
  world.options.leaves_out_bad_files = true;
  const Loaded loaded = world.Load();
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(*loaded.config->incidents.runbooks, ElementsAre(Pair("A", "x")));
  EXPECT_THAT(loaded.config->file_errors, ElementsAre(Pair("a/Long.md", 1), Pair("gone.md", 1)));
  EXPECT_THAT(World::Print(loaded.problems),
              ElementsAre(HasSubstr("a/Long.md: larger"), HasSubstr("gone.md: No such file")));
}

TEST(RunbooksTest, AThousandAreEnough) {
  World world(Minimal("incidents: {runbooks: ['a/*.md']}\n"));
  for (size_t i = 0; i < kRunbooksMax + 2; ++i) {
    world.files["a/" + std::to_string(10'000 + i) + ".md"] = "x";
  }
  const Loaded loaded = world.Load();
  EXPECT_THAT(World::Print(loaded.problems),
              ElementsAre(HasSubstr("more than 1000 runbooks: a/11000.md and those behind it")));
  EXPECT_EQ(loaded.config->incidents.runbooks->size(), kRunbooksMax);
}

}  // namespace
}  // namespace watchfire::config
