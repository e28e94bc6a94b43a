// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Notes that were wrong, and calls that are said twice.

#include <gtest/gtest.h>

#include "pkg/incident/incident_for_test.h"

namespace watchfire::incident {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class NotesTest : public testing::Test {
 protected:
  NotesTest() {
    Open(&registry_, ApiDown(), kStart);
    Say(AddNote{}, "one");
    Say(AddNote{}, "two");
  }

  const Incident& One() { return *registry_.Find(1); }
  void Say(const Act& act, const std::string& text) {
    Did(registry_.Apply(1, act, {"ada", ActorType::kHuman, "api", text}, kStart + minutes(1)));
  }
  // "1: one, 2: two"
  std::string Notes() {
    std::string all;
    for (const Note& note : NotesOf(One())) {
      all += (all.empty() ? "" : ", ") + std::to_string(note.number) + ": " + note.text;
    }
    return all;
  }

  Registry registry_;
};

TEST_F(NotesTest, ACorrectionTakesItsPlaceAndBothStayOnTheTimeline) {
  Say(CorrectNote{1, false}, "first");
  EXPECT_EQ(Notes(), "1: first, 2: two");
  EXPECT_EQ(One().timeline.back(),
            (Event{kStart + minutes(1), "corrected", "ada", "api", "note 1: first"}));
  const size_t events = One().timeline.size();
  Say(CorrectNote{1, false}, "first");
  EXPECT_EQ(One().timeline.size(), events) << "said again";
  EXPECT_FALSE(registry_.Apply(1, CorrectNote{1, false}, kBob, kStart)) << "an empty one";
}

TEST_F(NotesTest, OneThatIsTakenBackKeepsItsNumber) {
  Say(CorrectNote{1, true}, "of another incident");
  EXPECT_EQ(Notes(), "2: two");
  EXPECT_EQ(One().timeline.back().kind, "withdrawn");
  EXPECT_EQ(One().timeline.back().text, "note 1: of another incident");
  Say(AddNote{}, "three");
  EXPECT_EQ(Notes(), "2: two, 3: three");
  const Incident before = One();
  for (const size_t number : {0U, 1U, 4U}) {
    const auto done = registry_.Apply(1, CorrectNote{number, false},
                                      {"ada", ActorType::kHuman, "api", "x"}, kStart);
    ASSERT_FALSE(done) << number;
    EXPECT_EQ(done.error().code, Code::kNotFound) << number;
  }
  EXPECT_EQ(One(), before);
}

TEST_F(NotesTest, WhatANoteSaysCorrectsNothing) {
  Say(AddNote{}, "note 1: first");
  EXPECT_EQ(Notes(), "1: one, 2: two, 3: note 1: first");
}

TEST_F(NotesTest, ItCanBeCorrectedWhenAllIsOver) {
  Say(Resolve{}, "");
  Say(CorrectNote{2, false}, "second");
  EXPECT_EQ(Notes(), "1: one, 2: second");
}

TEST_F(NotesTest, ACallThatIsSaidAgainAtOnceIsNoOther) {
  const Ack by{"ada", ActorType::kHuman, "api", "help"};
  Did(registry_.Apply(1, Escalate{"user:bob", false}, by, kStart + minutes(2)));
  EXPECT_EQ(One().timeline.back(),
            (Event{kStart + minutes(2), "called", "ada", "api", "user:bob"}));
  EXPECT_EQ(One().timeline[One().timeline.size() - 2].text, "help");
  const size_t events = One().timeline.size();
  Did(registry_.Apply(1, Escalate{"user:bob", false}, by, kStart + minutes(2) + seconds(59)));
  EXPECT_EQ(One().timeline.size(), events);
  Did(registry_.Apply(1, Escalate{"user:carol", false}, by, kStart + minutes(2)));
  Did(registry_.Apply(1, Escalate{"user:bob", false}, by, kStart + minutes(3)));
  EXPECT_EQ(One().timeline.size(), events + 4);
}

}  // namespace
}  // namespace watchfire::incident
