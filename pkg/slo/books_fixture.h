// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Books with a Prometheus that knows what happened in each minute, for tests.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/slo/books.h"

namespace watchfire::slo {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr int64_t kStart = 20'000 * 1440;

inline WallTime At(int64_t minute) { return WallTime(minutes(minute)); }

inline config::Slo MakeSlo(const std::string& id, const std::string& bad = "bad") {
  config::Slo slo;
  slo.id = id;
  slo.objective = 99.9;
  slo.error_query = "sum by (zone) (increase(" + bad + "[{{.window}}]))";
  slo.total_query = "sum by (zone) (increase(all[{{.window}}]))";
  return slo;
}

inline BooksOptions Short() {
  BooksOptions options;
  options.increments.growth = GrowthQuery::kIncrease;
  options.spread = false;
  return options;
}

// Counts of one zone that tell every minute from every other.
inline Events Truth(int64_t minute) {
  return {static_cast<double>(minute % 3), static_cast<double>(100 + minute % 7)};
}

inline Events Truth(int64_t from, int64_t to) {
  Events sum;
  for (int64_t minute = from; minute < to; ++minute) sum += Truth(minute);
  return sum;
}

// Answers increase(bad[…]) and increase(all[…]) from Truth().
inline promql::Vector Answer(const Question& question) {
  const size_t open = question.expr.find('[');
  const size_t close = question.expr.find(']');
  const Duration step = ParseDuration(question.expr.substr(open + 1, close - open - 1)).value();
  const bool bad = question.expr.find("(all[") == std::string::npos;
  promql::Vector out;
  const WallTime from = question.step > Duration::zero() ? question.from : question.at;
  for (WallTime at = from; at <= question.at; at += std::max(question.step, Duration(1))) {
    const Events events = Truth(MinuteAt(at - step), MinuteAt(at));
    out.push_back({labels::LabelSet{{"zone", "a"}}, at, bad ? events.bad : events.total});
  }
  return out;
}

// Asks and answers until nothing is due before `until`.
struct Player {
  explicit Player(Books* of) : books(of) {}

  void Run(WallTime until, const std::function<Result<promql::Vector>(const Question&)>& answer) {
    while (true) {
      const std::optional<WallTime> next = books->next();
      if (!next || *next > until) break;
      now = std::max(now, *next);
      const std::vector<Question> due = books->Due(now);
      for (Books::Closed& each : books->TakeClosed()) closed.push_back(std::move(each));
      for (const Question& question : due) {
        ++asked;
        for (const Books::Closed& each : books->OnAnswer(question.id, answer(question), now)) {
          closed.push_back(each);
        }
      }
    }
    now = until;
  }
  void Run(WallTime until) { Run(until, Answer); }

  Books* books;
  WallTime now = At(kStart) - seconds(1);
  std::vector<Books::Closed> closed;
  int asked = 0;
};

inline Events Over(const Books& books, size_t slo, Duration window) {
  const auto rows = books.Count(slo, {window});
  return rows.size() == 1 ? rows[0].windows.at(window) : Events();
}

// Rows as a store keeps them.
class Rows {
 public:
  void Take(std::vector<Record> records) {
    for (Record& record : records) {
      EXPECT_TRUE(Books::IsHistory(record));
      if (record.value) {
        rows[record.key] = *record.value;
      } else {
        rows.erase(record.key);
      }
    }
  }
  void RestoreTo(Books* books) const {
    for (const auto& [key, value] : rows) {
      ASSERT_TRUE(books->Restore({Table::kSlo, key, value})) << key;
    }
  }
  std::map<std::string, std::string> rows;
};

}  // namespace watchfire::slo
