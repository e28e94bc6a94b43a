// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/person.h"

#include <gtest/gtest.h>

namespace watchfire::oncall {
namespace {

TEST(PersonTest, IsKnownByNameAliasAndAddress) {
  Roster roster;
  roster.users = {{"ada", {"U024BE7LH"}, {{"email", "Ada@Example.com"}, {"sms", "+49151"}}, {}},
                  {"bob", {}, {{"email", "team@example.com"}}, {}},
                  {"cem", {}, {{"email", "team@example.com"}}, {}}};
  EXPECT_EQ(PersonCalled(&roster, "ada"), "ada");
  EXPECT_EQ(PersonCalled(&roster, "U024BE7LH"), "ada");
  EXPECT_EQ(PersonCalled(&roster, "ada@example.com"), "ada");
  EXPECT_EQ(PersonCalled(&roster, "+49151"), "ada");
  EXPECT_EQ(PersonCalled(&roster, "team@example.com"), "team@example.com") << "two have it";
  EXPECT_EQ(PersonCalled(&roster, "dora"), "dora");
  EXPECT_EQ(PersonCalled(&roster, ""), "");
  EXPECT_EQ(PersonCalled(nullptr, "ada"), "ada");
}

}  // namespace
}  // namespace watchfire::oncall
