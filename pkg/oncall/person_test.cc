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

TEST(PersonTest, IsKnownByTheIdsOfVendors) {
  Roster roster;
  roster.users = {{"ada", {"PU1"}, {}, {}}, {"bob", {"pagerduty:PU2"}, {}, {}}};
  EXPECT_EQ(PersonById(&roster, "pagerduty", "PU1", "Ada Lovelace"), "ada");
  EXPECT_EQ(PersonById(&roster, "pagerduty", "PU2", "Bob"), "bob");
  EXPECT_EQ(PersonById(&roster, "slack", "PU2", "Bob"), "Bob");
  EXPECT_EQ(PersonById(&roster, "pagerduty", "pu1", "Ada"), "Ada") << "exactly";
  EXPECT_EQ(PersonById(&roster, "pagerduty", "", "Ada"), "Ada");
  EXPECT_EQ(PersonById(nullptr, "pagerduty", "PU1", "Ada"), "Ada");
}

TEST(PersonTest, OnePersonIsFoundByEveryNameOfHers) {
  Roster roster;
  roster.users = {{"ann", {"Ann Lee"}, {{"email", "ann@example.com"}}, {}}, {"bo", {}, {}, {}}};
  const auto shared = std::make_shared<const Roster>(roster);
  for (const char* said : {"ann", "Ann Lee", "ANN@example.com"}) {
    const SamePerson same(shared, said);
    for (int i = 0; i < 2; ++i) {
      for (const char* name : {"ann", "Ann Lee", "ann@example.com"}) {
        EXPECT_TRUE(same.Is(name)) << said << " " << name;
      }
      for (const char* name : {"bo", "dora", ""}) EXPECT_FALSE(same.Is(name)) << name;
    }
  }
  EXPECT_TRUE(SamePerson(shared, "dora").Is("dora")) << "whom the files do not know";
  EXPECT_TRUE(SamePerson(shared, "").Is("")) << "nobody's";
  EXPECT_FALSE(SamePerson(shared, "").Is("ann"));
  EXPECT_TRUE(SamePerson(nullptr, "ann").Is("ann"));
  EXPECT_FALSE(SamePerson(nullptr, "ann").Is("Ann Lee"));
}

}  // namespace
}  // namespace watchfire::oncall
