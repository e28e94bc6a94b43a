// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Rosters of test data and of texts, for the tests of this folder.

#pragma once

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/base/strings.h"
#include "pkg/oncall/duty.h"
#include "pkg/oncall/reader.h"

namespace watchfire::oncall {

inline std::string TestData(const std::string& name) {
  std::FILE* file = std::fopen(("pkg/oncall/testdata/" + name).c_str(), "r");
  EXPECT_NE(file, nullptr) << name;
  std::string text;
  for (int c = file == nullptr ? EOF : std::fgetc(file); c != EOF; c = std::fgetc(file)) {
    text += static_cast<char>(c);
  }
  if (file != nullptr) std::fclose(file);
  return text;
}

inline std::string Messages(const Loaded& loaded) {
  std::string text;
  for (const config::Problem& problem : loaded.problems) text += problem.ToString() + "\n";
  return text;
}

inline Loaded LoadFiles(const std::vector<std::string>& names, const ReadOptions& options = {}) {
  std::vector<Document> documents;
  for (const std::string& name : names) documents.push_back({name, TestData(name)});
  return Load(documents, options);
}

inline Roster RosterOf(const std::vector<std::string>& names, const ReadOptions& options = {}) {
  Loaded loaded = LoadFiles(names, options);
  EXPECT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  return loaded.roster ? *std::move(loaded.roster) : Roster{};
}

inline Roster RosterOfText(const std::string& text, const ReadOptions& options = {}) {
  Loaded loaded = Load({{"f.yml", text}}, options);
  EXPECT_TRUE(loaded.roster.has_value()) << Messages(loaded);
  return loaded.roster ? *std::move(loaded.roster) : Roster{};
}

inline WallTime At(const std::string& text) {
  const Result<WallTime> time = ParseTime(text);
  EXPECT_TRUE(time.has_value()) << text;
  return time ? *time : FromNanos(0);
}

// "alice+bob", "-" for nobody.
inline std::string Who(const Roster& roster, const std::string& schedule, const std::string& at) {
  const Schedule* found = roster.FindSchedule(schedule);
  if (found == nullptr) return "no schedule " + schedule;
  const People people = WhoAt(roster, *found, At(at));
  return people.empty() ? "-" : Join(people, "+");
}

struct Vector {
  const char* at;
  const char* who;
};

inline void ExpectVectors(const Roster& roster, const std::string& schedule,
                          const std::vector<Vector>& vectors) {
  for (const Vector& vector : vectors) {
    EXPECT_EQ(Who(roster, schedule, vector.at), vector.who) << schedule << " at " << vector.at;
  }
}

}  // namespace watchfire::oncall
