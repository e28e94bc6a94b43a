// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/client_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::config {
namespace {

using testing::HasSubstr;

Files One(const std::string& path, const std::string& text) {
  Files files;
  files.read = [=](const std::string& asked) -> Result<std::string> {
    if (asked != path) return Fail(Code::kNotFound, asked + ": No such file or directory");
    return text;
  };
  files.glob = [](const std::string&) { return std::vector<std::string>(); };
  return files;
}

TEST(HttpFileTest, HoldsTheFieldsOfHttpConfig) {
  const HttpFile file = LoadHttpFile(
      "etc/http.yml",
      One("etc/http.yml", "basic_auth: {username: ada, password: pw}\nfollow_redirects: false\n"));
  ASSERT_TRUE(file.http.has_value());
  EXPECT_EQ(file.http->basic_auth.value().username, "ada");
  EXPECT_EQ(file.http->basic_auth.value().password.reveal(), "pw");
  EXPECT_FALSE(file.http->follow_redirects);
}

TEST(HttpFileTest, SaysWhatIsWrongAndWhere) {
  const HttpFile unknown = LoadHttpFile("h.yml", One("h.yml", "basic_aut: {}\n"));
  EXPECT_FALSE(unknown.http);
  ASSERT_FALSE(unknown.problems.empty());
  EXPECT_THAT(unknown.problems[0].ToString(), HasSubstr("h.yml:1:1: "));
  const HttpFile missing = LoadHttpFile("h.yml", One("other.yml", ""));
  EXPECT_FALSE(missing.http);
  EXPECT_EQ(missing.problems.at(0).ToString(), "h.yml: No such file or directory");
}

TEST(FlatFileTest, GivesTextsAndRefusesAnythingDeeper) {
  const auto flat = LoadFlatFile("c.yml", One("c.yml", "author: ada\nrequire-comment: false\n"));
  ASSERT_TRUE(flat.has_value());
  EXPECT_EQ(flat->at("author"), "ada");
  EXPECT_EQ(flat->at("require-comment"), "false");
  EXPECT_TRUE(LoadFlatFile("c.yml", One("c.yml", "")).has_value());
  const auto deep = LoadFlatFile("c.yml", One("c.yml", "author: [ada]\n"));
  ASSERT_FALSE(deep.has_value());
  EXPECT_EQ(deep.error().message, "c.yml:1:1: author: expected one value, not a list");
  EXPECT_FALSE(LoadFlatFile("c.yml", One("c.yml", "- a\n")).has_value());
}

}  // namespace
}  // namespace watchfire::config
