// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/files.h"

#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace watchfire::app {
namespace {

namespace fs = std::filesystem;

class WriteFileTest : public testing::Test {
 protected:
  WriteFileTest() {
    std::string path = testing::TempDir() + "/wf-files-XXXXXX";
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  ~WriteFileTest() override { fs::remove_all(directory_); }

  std::string At(const std::string& name) const { return directory_ / name; }
  static std::string TextOf(const std::string& path) {
    return ReadFile(path, 1 << 20).value_or("");
  }
  size_t Files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  fs::path directory_;
};

TEST_F(WriteFileTest, ReplacesKeepingTheMode) {
  ASSERT_TRUE(WriteFile(At("a"), "first"));
  fs::permissions(At("a"), fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(WriteFile(At("a"), "second"));
  EXPECT_EQ(TextOf(At("a")), "second");
  EXPECT_EQ(fs::status(At("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(Files(), 1U);
}

TEST_F(WriteFileTest, OfALinkTheFileBehindIt) {
  ASSERT_TRUE(WriteFile(At("a"), "first"));
  fs::create_symlink(At("a"), At("link"));
  ASSERT_TRUE(WriteFile(At("link"), "second"));
  EXPECT_TRUE(fs::is_symlink(At("link")));
  EXPECT_EQ(TextOf(At("a")), "second");
}

TEST_F(WriteFileTest, WhatCannotBeWrittenWholeLeavesTheOldOne) {
  ASSERT_TRUE(WriteFile(At("a"), "first"));
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const Status written = WriteFile(At("a"), std::string(5000, 'x'));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message, At("a") + ": File too large");
  EXPECT_EQ(TextOf(At("a")), "first");
  EXPECT_EQ(Files(), 1U);
}

TEST_F(WriteFileTest, ADeviceIsWrittenTo) {
  EXPECT_TRUE(WriteFile("/dev/null", "text"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(WriteFileTest, ADirectoryThatIsNotThereIsNamed) {
  const Status written = WriteFile(At("no/file"), "text");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, testing::HasSubstr(At("no/file")));
}

}  // namespace
}  // namespace watchfire::app
