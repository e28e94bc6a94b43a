// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/shadow/follow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::shadow {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

const WallTime kNow = ParseTime("2026-08-22T14:00:00Z").value();

TheirSilence There(const std::string& id, WallTime ends) {
  TheirSilence silence;
  silence.draft.id = id;
  silence.draft.starts_at = kNow - hours(3);
  silence.draft.ends_at = ends;
  silence.draft.created_by = "ada";
  silence.expired = ends <= kNow;
  return silence;
}

silence::Silence Here(const std::string& id, WallTime ends) {
  silence::Silence silence;
  silence.id = id;
  silence.starts_at = kNow - hours(3);
  silence.ends_at = ends;
  silence.created_by = "ada";
  return silence;
}

std::vector<std::string> Ids(const std::vector<silence::Draft>& drafts) {
  std::vector<std::string> ids;
  for (const silence::Draft& draft : drafts) ids.push_back(draft.id);
  return ids;
}

TEST(FollowTest, OnlyWhatDiffersChanges) {
  TheirSilences theirs;
  theirs.silences = {There("equal", kNow + hours(1)), There("new", kNow + hours(1)),
                     There("longer", kNow + hours(2)), There("ended", kNow - hours(1)),
                     There("old", kNow - hours(2))};
  const SilenceChanges changes =
      Follow(theirs,
             {Here("ended", kNow + hours(1)), Here("equal", kNow + hours(1)),
              Here("longer", kNow + hours(1)), Here("mine", kNow + hours(1)),
              Here("past", kNow - hours(1))},
             kNow);
  EXPECT_THAT(Ids(changes.adopt), ElementsAre("new", "longer", "ended"))
      << "an expired one that we never had is not worth having";
  EXPECT_THAT(changes.expire, ElementsAre("mine"));
}

TEST(FollowTest, EqualSetsNeedNothing) {
  TheirSilences theirs;
  theirs.silences = {There("a", kNow + hours(1))};
  const SilenceChanges changes = Follow(theirs, {Here("a", kNow + hours(1))}, kNow);
  EXPECT_THAT(changes.adopt, IsEmpty());
  EXPECT_THAT(changes.expire, IsEmpty());
}

}  // namespace
}  // namespace watchfire::shadow
