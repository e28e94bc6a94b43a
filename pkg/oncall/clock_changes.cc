// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/clock_changes.h"

#include <map>
#include <set>

#include "pkg/base/strings.h"
#include "pkg/base/time.h"
#include "pkg/oncall/local_time.h"
#include "pkg/oncall/turns.h"

namespace watchfire::oncall {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr int kJumpsMax = 8;  // In a year; Morocco has four.

// Local times in [begin, end) are skipped, or come twice.
struct Jump {
  bool is_gap = false;
  WallTime at;  // When the clock is set.
  LocalTime begin;
  LocalTime end;

  bool Hits(LocalTime time) const { return begin <= time && time < end; }
  // An instant knows no time that is skipped: what was to be then is when the gap ends.
  bool Hits(WallTime time) const {
    const seconds length(end - begin);
    return is_gap ? time == at : at - length <= time && time < at + length;
  }
};

std::vector<Jump> Jumps(const cctz::time_zone& zone, WallTime from) {
  std::vector<Jump> jumps;
  Instant at = std::chrono::floor<seconds>(from);
  const Instant end = at + hours(24 * 366);
  cctz::time_zone::civil_transition found;
  for (int i = 0; i < kJumpsMax && zone.next_transition(at, &found); ++i) {
    const auto there = zone.lookup(found.from);
    at = there.kind == cctz::time_zone::civil_lookup::UNIQUE ? there.pre : there.trans;
    if (at >= end) break;
    const bool is_gap = found.to > found.from;
    jumps.push_back({.is_gap = is_gap,
                     .at = FromInstant(is_gap ? at : zone.lookup(found.to).trans),
                     .begin = is_gap ? found.from : found.to,
                     .end = is_gap ? found.to : found.from});
  }
  return jumps;
}

std::string WallText(LocalTime time) {
  return cctz::format("%Y-%m-%d %H:%M", cctz::convert(time, cctz::utc_time_zone()),
                      cctz::utc_time_zone());
}

// "2026-11-01 01:30 EDT", since the hour that comes twice has two names.
std::string NamedText(WallTime time, const cctz::time_zone& zone) {
  return cctz::format("%Y-%m-%d %H:%M %Z", std::chrono::floor<seconds>(time), zone);
}

// "45m", "13h", "12h30m".
std::string Length(seconds length) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(length).count();
  std::string text = minutes >= 60 ? std::to_string(minutes / 60) + "h" : "";
  if (minutes % 60 != 0 || minutes == 0) text += std::to_string(minutes % 60) + "m";
  return text;
}

// Of a rule, whose times are of the clock on the wall.
std::string OfRule(const std::string& what, LocalTime time, const Jump& jump) {
  return what + " at " + WallText(time) +
         (jump.is_gap ? ", which clocks skip: it comes when they have gone forward"
                      : ", which comes twice: hand-offs and starts are the first, ends the second");
}

// Of a date, which is an instant by now.
std::string OfDate(const std::string& what, WallTime time, const Jump& jump,
                   const cctz::time_zone& zone) {
  const std::string begin = WallText(jump.begin);
  return what + " at " + NamedText(time, zone) +
         (jump.is_gap ? ", when clocks have gone forward from " + begin.substr(begin.size() - 5)
                      : ", which comes twice: this is the " +
                            std::string(time < jump.at ? "first" : "second"));
}

class Finder {
 public:
  Finder(const Schedule& schedule, WallTime from, const WrittenOverrides& written)
      : schedule_(schedule), from_(from), written_(written) {}

  std::vector<std::string> Run() {
    for (const Layer& layer : schedule_.layers) {
      for (const Jump& jump : Jumps(layer.zone.zone, from_)) {
        const bool is_over = layer.end && *layer.end <= jump.at;
        if (!is_over && layer.start.value_or(kEarliest) <= jump.at) {
          FindHandOffs(layer, jump);
          FindHours(layer, jump);
        }
        FindDates(layer, jump);
      }
    }
    FindOverrides();
    return std::move(texts_);
  }

 private:
  void AddOfLayer(const Layer& layer, const std::string& text) {
    texts_.push_back("layer " + GoQuote(layer.name) + ": " + text);
  }

  void FindHandOffs(const Layer& layer, const Jump& jump) {
    if (layer.rotation.slots.empty()) return;
    const Turns turns(layer);
    const int64_t number = turns.At(jump.at);
    for (int64_t i = number - 2; i <= number + 2; ++i) {
      const LocalTime local = turns.LocalBegin(i);
      const bool counts = turns.Begin(i) >= from_ && turns.Slot(i) != turns.Slot(i - 1);
      // Where turns follow each other within the jump, all of them are hit: they mean it.
      if (!jump.Hits(local) || !counts ||
          turns.LocalBegin(i + 1) - local <= 2 * (jump.end - jump.begin)) {
        continue;
      }
      return AddOfLayer(layer, OfRule("a hand-off is", local, jump));
    }
  }

  void FindHours(const Layer& layer, const Jump& jump) {
    std::set<LocalTime> edges;
    for (const Window& window : layer.windows) {
      if (window.length >= window.period()) continue;
      const int64_t near = FloorDiv(jump.begin - kMonday - window.start, window.period());
      for (int64_t k = near - 1; k <= near + 1; ++k) {
        const LocalTime start = kMonday + k * window.period() + window.start;
        if (jump.Hits(start)) edges.insert(start);
        if (jump.Hits(start + window.length)) edges.insert(start + window.length);
      }
    }
    if (!edges.empty()) AddOfLayer(layer, OfRule("hours begin or end", *edges.begin(), jump));
  }

  // Turns in a list, and the layer's own first and last moment: a rotation that starts at a time
  // that is skipped hands off at the end of the gap for ever.
  void FindDates(const Layer& layer, const Jump& jump) {
    const auto is_hit = [&](WallTime time) { return time >= from_ && jump.Hits(time); };
    const auto find = [&](const std::string& what, WallTime time) {
      if (!is_hit(time)) return false;
      AddOfLayer(layer, OfDate(what, time, jump, layer.zone.zone));
      return true;
    };
    for (const Shift& shift : layer.shifts) {
      if (find("a shift begins", shift.start) || find("a shift ends", shift.end)) return;
    }
    if (layer.start) find("it starts", *layer.start);
    if (layer.end) find("it ends", *layer.end);
  }

  // Each by the clocks of the zone in which it was read.
  void FindOverrides() {
    std::map<std::string, std::vector<Jump>> known;
    for (size_t i = 0; i < schedule_.overrides.size(); ++i) {
      const auto written = written_.find({schedule_.name, i});
      if (written == written_.end()) continue;
      const cctz::time_zone& zone = written->second.zone;
      const auto [jumps, is_new] = known.try_emplace(zone.name());
      if (is_new) jumps->second = Jumps(zone, from_);
      for (const Jump& jump : jumps->second) {
        FindOverride(schedule_.overrides[i], written->second, jump);
      }
    }
  }

  void FindOverride(const Override& one, const WrittenTimes& written, const Jump& jump) {
    if (one.end <= from_ || one.start > jump.at + seconds(jump.end - jump.begin)) return;
    const cctz::time_zone& zone = written.zone;
    bool is_told = false;
    for (const bool is_start : {true, false}) {
      const WallTime time = is_start ? one.start : one.end;
      const std::optional<LocalTime>& said = is_start ? written.start : written.end;
      if (time < from_ || !said || !jump.Hits(*said)) continue;
      texts_.push_back(
          OfDate(is_start ? "an override begins" : "an override ends", time, jump, zone));
      is_told = true;
    }
    const bool is_across = one.start < jump.at && jump.at < one.end;
    if (is_told || !is_across || !written.start || !written.end) return;
    const seconds shown(*written.end - *written.start);
    const auto real = std::chrono::duration_cast<seconds>(one.end - one.start);
    // The same where a zone changes its name and not its clocks.
    if (shown > hours(24) || real == shown) return;
    texts_.push_back("an override from " + NamedText(one.start, zone) + " to " +
                     NamedText(one.end, zone) + " lasts " + Length(real) + ", not " +
                     Length(shown) + ": clocks are set in between");
  }

  const Schedule& schedule_;
  const WallTime from_;
  const WrittenOverrides& written_;
  std::vector<std::string> texts_;
};

}  // namespace

std::vector<std::string> ClockChanges(const Schedule& schedule, WallTime from,
                                      const WrittenOverrides& written) {
  return Finder(schedule, from, written).Run();
}

}  // namespace watchfire::oncall
