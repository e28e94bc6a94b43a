// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/incident_book.h"

#include <chrono>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace watchfire::pagersim {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using enum MessageType;
using enum Phase;

const WallTime kStart = FromNanos(1'700'000'000'000'000'000);

Message Of(MessageType type, const std::string& entity = "db") {
  Message message;
  message.type = type;
  message.entity_id = entity;
  message.title = entity;
  return message;
}

// A book that has been through `types`, one a second from kStart on.
IncidentBook After(std::initializer_list<MessageType> types, Settings settings = {}) {
  IncidentBook book;
  book.Configure(settings, kStart);
  WallTime now = kStart;
  for (const MessageType type : types) {
    book.Apply(Of(type), now);
    now += seconds(1);
  }
  return book;
}

constexpr Settings kWarningOpens{.warning_opens = true};

// The table at the top of the header, row by row.
struct Row {
  std::initializer_list<MessageType> before;
  uint64_t alert_count;  // Of the last incident afterwards.
  MessageType message;
  std::optional<Phase> phase;  // Likewise; nullopt: there is none.
  bool phase_changed;
};

TEST(IncidentBookTest, FollowsTheVendorsTable) {
  const Row rows[] = {
      // No incident.
      {{}, 1, kCritical, kTriggered, true},
      {{}, 0, kAcknowledgement, std::nullopt, false},
      {{}, 0, kInfo, std::nullopt, false},
      {{}, 0, kRecovery, std::nullopt, false},
      {{}, 1, kWarning, kTriggered, true},
      // Triggered.
      {{kCritical}, 2, kCritical, kTriggered, false},
      {{kCritical}, 2, kWarning, kTriggered, false},
      {{kCritical}, 1, kAcknowledgement, kAcknowledged, true},
      {{kCritical}, 1, kInfo, kTriggered, false},
      {{kCritical}, 1, kRecovery, kResolved, true},
      // Acknowledged, last severity CRITICAL.
      {{kCritical, kAcknowledgement}, 2, kCritical, kAcknowledged, false},
      {{kCritical, kAcknowledgement}, 2, kWarning, kAcknowledged, false},
      {{kCritical, kAcknowledgement}, 1, kAcknowledgement, kAcknowledged, false},
      {{kCritical, kAcknowledgement}, 1, kInfo, kAcknowledged, false},
      {{kCritical, kAcknowledgement}, 1, kRecovery, kResolved, true},
      // Acknowledged, last severity WARNING.
      {{kWarning, kAcknowledgement}, 2, kCritical, kTriggered, true},
      {{kWarning, kAcknowledgement}, 2, kWarning, kAcknowledged, false},
      {{kWarning, kAcknowledgement}, 1, kAcknowledgement, kAcknowledged, false},
      {{kWarning, kAcknowledgement}, 1, kInfo, kAcknowledged, false},
      {{kWarning, kAcknowledgement}, 1, kRecovery, kResolved, true},
      // Resolved is like none.
      {{kCritical, kRecovery}, 1, kRecovery, kResolved, false},
      {{kCritical, kRecovery}, 1, kAcknowledgement, kResolved, false},
      {{kCritical, kRecovery}, 1, kCritical, kTriggered, true},
  };
  for (size_t i = 0; i < std::size(rows); ++i) {
    SCOPED_TRACE("row " + std::to_string(i));
    const Row& row = rows[i];
    IncidentBook book = After(row.before, kWarningOpens);
    const IncidentBook::Change change = book.Apply(Of(row.message), kStart + seconds(9));
    EXPECT_EQ(change.phase, row.phase_changed);
    ASSERT_EQ(book.incidents().empty(), !row.phase.has_value());
    if (!row.phase) continue;
    const Incident& incident = book.incidents().rbegin()->second;
    EXPECT_EQ(incident.phase, *row.phase);
    EXPECT_EQ(incident.alert_count, row.alert_count);
  }
}

TEST(IncidentBookTest, WarningOpensNothingUnlessTheSettingSaysSo) {
  EXPECT_THAT(After({kWarning}).incidents(), IsEmpty());
  EXPECT_EQ(After({kWarning}, kWarningOpens).incidents().size(), 1u);
}

TEST(IncidentBookTest, AFreshProblemAfterARecoveryGetsANewNumber) {
  const IncidentBook book = After({kCritical, kRecovery, kCritical});
  EXPECT_EQ(book.Find(1)->phase, kResolved);
  EXPECT_EQ(book.Find(2)->phase, kTriggered);
}

TEST(IncidentBookTest, WarningAfterCriticalMakesTheNextCriticalPopOut) {
  IncidentBook book = After({kCritical, kAcknowledgement, kWarning, kCritical});
  EXPECT_EQ(book.Find(1)->phase, kTriggered);
  EXPECT_EQ(book.Find(1)->acknowledgement(), nullptr);
}

TEST(IncidentBookTest, AcknowledgingNamesThePersonOnce) {
  IncidentBook book = After({kCritical});
  EXPECT_TRUE(book.Acknowledge(1, "ada", "looking", kStart + seconds(5))->phase);
  EXPECT_FALSE(book.Acknowledge(1, "bob", "", kStart + seconds(6))->phase);
  const Transition* ack = book.Find(1)->acknowledgement();
  ASSERT_NE(ack, nullptr);
  EXPECT_EQ(ack->by, "ada");
  EXPECT_EQ(ack->message, "looking");
  EXPECT_EQ(ack->at, kStart + seconds(5));
  EXPECT_TRUE(ack->manually);
}

TEST(IncidentBookTest, UnknownAndResolvedIncidentsCannotBeActedOn) {
  IncidentBook book = After({kCritical, kRecovery});
  EXPECT_EQ(book.Acknowledge(7, "ada", "", kStart).error().code, Code::kNotFound);
  EXPECT_EQ(book.Acknowledge(1, "ada", "", kStart).error().code, Code::kConflict);
  EXPECT_EQ(book.Resolve(1, "ada", "", kStart).error().message, "incident 1 is already resolved");
}

TEST(IncidentBookTest, TheSimulatedResponderTakesItsTime) {
  IncidentBook book = After({kCritical}, {.auto_ack = seconds(15)});
  EXPECT_THAT(book.Tick(kStart + seconds(14)), IsEmpty());
  EXPECT_THAT(book.Tick(kStart + seconds(15)), ElementsAre(1));
  EXPECT_EQ(book.Find(1)->acknowledgement()->by, "simulated-responder");
  EXPECT_THAT(book.Tick(kStart + seconds(16)), IsEmpty());
}

TEST(IncidentBookTest, AnAcknowledgementWearsOffAndCanBeGivenAgain) {
  IncidentBook book = After({kCritical, kAcknowledgement}, {.pop_out = seconds(60)});
  EXPECT_THAT(book.Tick(kStart + seconds(60)), IsEmpty());
  EXPECT_THAT(book.Tick(kStart + seconds(61)), ElementsAre(1));
  EXPECT_EQ(book.Find(1)->phase, kTriggered);
  EXPECT_TRUE(book.Acknowledge(1, "ada", "", kStart + seconds(70))->phase);
}

TEST(IncidentBookTest, SilenceResolvesAfterAWhile) {
  IncidentBook book = After({kCritical, kCritical}, {.auto_resolve = seconds(30)});
  EXPECT_THAT(book.Tick(kStart + seconds(30)), IsEmpty());
  EXPECT_THAT(book.Tick(kStart + seconds(31)), ElementsAre(1));
  EXPECT_EQ(book.Find(1)->phase, kResolved);
}

TEST(IncidentBookTest, MaintenanceMutesWhatOpensAndPagesItAtTheEnd) {
  IncidentBook book = After({kCritical}, {.maintenance = true, .auto_ack = seconds(15)});
  EXPECT_TRUE(book.Find(1)->muted);
  EXPECT_THAT(book.Tick(kStart + seconds(100)), IsEmpty());
  book.Configure({.auto_ack = seconds(15)}, kStart + seconds(200));
  EXPECT_FALSE(book.Find(1)->muted);
  EXPECT_THAT(book.Tick(kStart + seconds(214)), IsEmpty());
  EXPECT_THAT(book.Tick(kStart + seconds(215)), ElementsAre(1));
}

TEST(IncidentBookTest, PausedAcceptsEverythingAndDoesNothing) {
  EXPECT_THAT(After({kCritical}, {.paused = true}).incidents(), IsEmpty());
}

TEST(IncidentBookTest, TheOldestResolvedIncidentMakesRoom) {
  IncidentBook book;
  const size_t max = IncidentBook::kMaxIncidents;
  for (size_t i = 0; i < max; ++i) book.Apply(Of(kCritical, std::to_string(i)), kStart);
  EXPECT_EQ(book.Apply(Of(kCritical, "one more"), kStart).number, 0u);

  book.Apply(Of(kRecovery, "5"), kStart);
  EXPECT_EQ(book.Apply(Of(kCritical, "one more"), kStart).number, max + 1);
  EXPECT_EQ(book.incidents().size(), max);
  EXPECT_EQ(book.Find(6), nullptr);
}

TEST(IncidentBookTest, AFlappingIncidentKeepsItsFirstAndItsLatestTransitions) {
  IncidentBook book = After({kCritical}, {.auto_ack = seconds(1), .pop_out = seconds(1)});
  for (int i = 1; i <= 200; ++i) book.Tick(kStart + seconds(i));
  const Incident& incident = *book.Find(1);
  EXPECT_EQ(incident.transitions.size(), IncidentBook::kMaxTransitions);
  EXPECT_EQ(incident.transitions.front().at, kStart);
  EXPECT_EQ(incident.last().at, kStart + seconds(200));
}

}  // namespace
}  // namespace watchfire::pagersim
