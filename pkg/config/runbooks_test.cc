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
  World world(Minimal("incidents: {runbooks: ['a/*.md', 'b/*.md', gone.md, 'c/*.md']}\n"));
  world.files["a/A.md"] = world.files["b/A.md"] = "x";
  world.files["a/Long.md"] = std::string(kRunbookBytesMax + 1, 'x');
  EXPECT_THAT(world.Problems(),
              ElementsAre(HasSubstr("runbook a/Long.md is larger than 256 KiB"),
                          HasSubstr("two runbooks are called \"A\""),
                          HasSubstr("runbook gone.md: gone.md: No such file"),
                          HasSubstr("warning w.yml:3:53: c/*.md matches no file")));
}

}  // namespace
}  // namespace watchfire::config
