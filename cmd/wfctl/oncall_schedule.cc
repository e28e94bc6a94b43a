// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl oncall schedule: the final schedule as a table with a timeline, JSON or a calendar.

#include <algorithm>
#include <cstdio>
#include <map>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/oncall.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/check.h"
#include "pkg/oncall/ical.h"
#include "pkg/oncall/json.h"
#include "pkg/oncall/local_time.h"

namespace watchfire::wfctl {
namespace {

using oncall::Duty;
using std::chrono::hours;

constexpr int64_t kCellsMax = 84;
constexpr hours kRangeMax{24 * 366 * 5};

std::string HoursText(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", ToSeconds(duration) / 3600);
  std::string short_text = text;
  if (short_text.ends_with(".0")) short_text.resize(short_text.size() - 2);
  return short_text + "h";
}

// The length of a cell: the shortest round one with which the range fits a line.
Duration CellOf(Duration range) {
  for (const int size : {1, 2, 3, 4, 6, 8, 12, 24, 48, 168, 336}) {
    if (range <= hours(size) * kCellsMax) return hours(size);
  }
  return hours(24 * 30);
}

// A row for each person: full cells, parts of cells, and nothing.
class Timeline {
 public:
  Timeline(const oncall::Schedule& schedule, WallTime from, WallTime to,
           const std::vector<Duty>& duties)
      : schedule_(schedule), from_(from), to_(to), cell_(CellOf(to - from)) {
    for (const Duty& duty : duties) {
      for (const std::string& name : duty.people) Add(name, duty);
      if (duty.people.empty()) Add("(nobody)", duty);
    }
  }

  void Print(World& world) const {
    size_t width = 0;
    for (const auto& [name, spans] : rows_) width = std::max(width, RuneCount(name));
    const auto margin = [&](const std::string& name) {
      return name + std::string(width - RuneCount(name) + 2, ' ');
    };
    world.out << margin("") << Days() << "\n";
    for (const auto& [name, spans] : rows_) {
      Duration sum{};
      for (const Duty* duty : spans) sum += duty->end - duty->begin;
      world.out << margin(name) << Cells(spans) << "  " << HoursText(sum) << "\n";
    }
    world.out << "one cell is " << HoursText(cell_) << ", days in " << schedule_.zone.name << "\n";
  }

 private:
  void Add(const std::string& name, const Duty& duty) {
    const auto row = std::ranges::find(rows_, name, &Row::first);
    if (row == rows_.end()) {
      rows_.push_back({name, {&duty}});
    } else {
      row->second.push_back(&duty);
    }
  }

  // The day of the month where a day begins, as far as there is room.
  std::string Days() const {
    std::string text;
    int day = -1;
    for (WallTime at = from_; at < to_; at += cell_) {
      const auto local = oncall::ToLocal(at, schedule_.zone.zone);
      const auto place = static_cast<size_t>((at - from_) / cell_);
      const bool is_new = local.day() != day;
      day = local.day();
      if (!is_new || text.size() > place || (cell_ > hours(8) && day != 1 && at != from_)) continue;
      text.append(place - text.size(), ' ');
      text += cell_ > hours(8) ? cctz::format("%b%d ", Instant(at), schedule_.zone.zone)
                               : cctz::format("%d ", Instant(at), schedule_.zone.zone);
    }
    while (text.ends_with(' ')) text.pop_back();
    return text;
  }

  static oncall::Instant Instant(WallTime at) {
    return std::chrono::time_point_cast<std::chrono::seconds>(at);
  }

  std::string Cells(const std::vector<const Duty*>& spans) const {
    std::string text;
    auto span = spans.begin();
    for (WallTime at = from_; at < to_; at += cell_) {
      const WallTime end = std::min(at + cell_, to_);
      while (span != spans.end() && (*span)->end <= at) ++span;
      Duration covered{};
      for (auto next = span; next != spans.end() && (*next)->begin < end; ++next) {
        covered += std::min((*next)->end, end) - std::max((*next)->begin, at);
      }
      text += covered == Duration::zero() ? "·" : covered == end - at ? "█" : "▒";
    }
    return text;
  }

  using Row = std::pair<std::string, std::vector<const Duty*>>;

  const oncall::Schedule& schedule_;
  const WallTime from_;
  const WallTime to_;
  const Duration cell_;
  std::vector<Row> rows_;  // In the order in which people come on call.
};

void PrintSchedule(const oncall::Schedule& schedule, const std::vector<Duty>& duties, WallTime from,
                   WallTime to, World& world) {
  std::vector<std::vector<std::string>> rows;
  for (const Duty& duty : duties) {
    rows.push_back({LocalText(duty.begin, schedule.zone), LocalText(duty.end, schedule.zone),
                    HoursText(duty.end - duty.begin),
                    duty.people.empty() ? "-" : Join(duty.people, ", "), Join(duty.sources, ", ")});
  }
  PrintTable(world.out, {"FROM", "TO", "FOR", "ON CALL", "BY"}, rows, world.color);
  world.out << "\n";
  Timeline(schedule, from, to, duties).Print(world);
}

int Schedule(const Invocation& invocation, World& world) {
  int code = kOk;
  const std::optional<oncall::Loaded> loaded = LoadOncall(invocation, world, &code);
  if (!loaded) return code;
  const oncall::Schedule* schedule = ChooseSchedule(invocation, *loaded->roster, world);
  if (schedule == nullptr) return kNo;
  const auto from = OncallTime(invocation, "from", schedule->zone, world.now, world);
  if (!from) return kUsage;
  const auto to = OncallTime(invocation, "to", schedule->zone, *from + hours(24 * 14), world);
  if (!to) return kUsage;
  if (*to <= *from || *to - *from > kRangeMax) {
    return Misuse(world, "--to must be after --from, and within five years of it");
  }
  const std::vector<Duty> duties = FinalSchedule(*loaded->roster, *schedule, *from, *to);
  if (invocation.output == "ical") {
    world.out << oncall::WriteCalendar(*schedule, duties, world.now);
    return kOk;
  }
  if (PrintRaw(invocation.output, world,
               oncall::ScheduleJson(*loaded->roster, *schedule, *from, *to, duties))) {
    return kOk;
  }
  PrintSchedule(*schedule, duties, *from, *to, world);
  return kOk;
}

}  // namespace

Command OncallScheduleCommand() {
  std::vector<Flag> flags = OncallSourceFlags();
  flags.push_back({"schedule", 0, "NAME", "", "which one, when there are several"});
  flags.push_back({"from", 0, "TIME", "now", "RFC 3339; without an offset, local time"});
  flags.push_back({"to", 0, "TIME", "", "the end, not included (default two weeks after --from)"});
  return {.path = "oncall schedule",
          .operands = "",
          .summary = "the final schedule of a range, from files",
          .text = R"(
Layers, hours and overrides worked into one: who is on call from when to when, and by which of them.
-o json has entries of start, end, oncall and source, and the part of the range that is covered;
-o ical is a calendar (RFC 5545) to subscribe to.

examples:
  wfctl oncall schedule --file schedules.json --schedule 'Primary On-Call' --from 2024-01-01
  wfctl oncall schedule -f schedules.json --from 2024-01-01 --to 2024-02-01 -o ical
)",
          .flags = flags,
          .run = Schedule};
}

}  // namespace watchfire::wfctl
