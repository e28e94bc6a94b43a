// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/ledger_record.h"

#include <algorithm>
#include <map>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"

namespace watchfire::slo {
namespace {

// The finest level that has all of [begin, begin + minutes).
Level FinestOf(int64_t begin, int64_t newest) {
  for (const Level level : {Level::kMinute, Level::kFiveMinutes, Level::kHour}) {
    if (begin >= ReachOf(level, newest).begin) return level;
  }
  return Level::kDay;
}

// Of an hour of which only the latter part is known in minutes, the former is put into the first
// ones of each five minutes: when it is read back these have become five minutes as well.
bool IsCoarser(const History& history, Level step, int64_t slot) {
  return step == Level::kMinute && slot < ReachOf(step, history.newest()).begin;
}

Events EventsOf(const History& history, Level step, int64_t slot) {
  if (!IsCoarser(history, step, slot)) return history.At(step, slot);
  const int64_t five = SlotAt(Level::kFiveMinutes, slot);
  return slot % MinutesOf(Level::kFiveMinutes) == 0 ? history.At(Level::kFiveMinutes, five)
                                                    : Events();
}

int64_t KnownOf(const Coverage& coverage, Level step, int64_t slot) {
  if (step != Level::kMinute || slot >= ReachOf(step, coverage.newest()).begin) {
    return coverage.KnownMinutes(step, slot);
  }
  const int64_t five = SlotAt(Level::kFiveMinutes, slot);
  const int64_t place = slot - five * MinutesOf(Level::kFiveMinutes);
  return place < coverage.KnownMinutes(Level::kFiveMinutes, five) ? 1 : 0;
}

void WriteNumbers(JsonWriter& json, const char* name, const History& history,
                  const StoredRow& shape, double Events::*side) {
  json.Key(name).StartArray();
  for (size_t i = 0; i < shape.known.size(); ++i) {
    const Events events = EventsOf(history, shape.step, shape.first + static_cast<int64_t>(i));
    json.Double(events.*side);
  }
  json.EndArray();
}

// Where a row lies: its slots, without what was counted.
StoredRow ShapeOf(Level step, Level level, int64_t slot) {
  StoredRow row;
  row.step = step;
  row.first = slot * MinutesOf(level) / MinutesOf(step);
  row.known.resize(static_cast<size_t>(MinutesOf(level) / MinutesOf(step)));
  row.slots.resize(row.known.size());
  return row;
}

void ReadSeries(const simdjson::dom::element& item, StoredRow* row) {
  labels::LabelSet::Pairs pairs;
  for (const auto& [name, value] : simdjson::dom::object(item["labels"])) {
    pairs.emplace_back(name, std::string_view(value));
  }
  const labels::LabelSet labels(std::move(pairs));
  const simdjson::dom::array bad = item["bad"];
  const simdjson::dom::array total = item["total"];
  for (size_t i = 0; i < row->slots.size(); ++i) {
    const Events events{double(bad.at(i)), double(total.at(i))};
    if (events != Events()) row->slots[i].push_back({labels, events});
  }
}

}  // namespace

std::string EncodeRow(const Ledger& ledger, Level level, int64_t slot) {
  const int64_t last = (slot + 1) * MinutesOf(level) - 1;
  const Level step =
      level == Level::kDay ? level : std::min(FinestOf(last, ledger.newest()), Level::kHour);
  StoredRow shape = ShapeOf(step, level, slot);
  JsonWriter json;
  json.StartObject().Field("step", MinutesOf(step)).Key("known").StartArray();
  for (size_t i = 0; i < shape.known.size(); ++i) {
    json.Int(KnownOf(ledger.coverage(), step, shape.first + static_cast<int64_t>(i)));
  }
  json.EndArray().Key("series").StartArray();
  for (const Ledger::Series& series : ledger.series()) {
    if (series.history.At(level, slot) == Events()) continue;
    json.StartObject().Key("labels").StartObject();
    for (const labels::Label& label : series.labels) json.Field(label.name, label.value);
    json.EndObject();
    WriteNumbers(json, "bad", series.history, shape, &Events::bad);
    WriteNumbers(json, "total", series.history, shape, &Events::total);
    json.EndObject();
  }
  return json.EndArray().EndObject().Take();
}

Result<StoredRow> DecodeRow(Level level, int64_t slot, std::string_view text) {
  const auto corrupt = [](const std::string& why) {
    return Fail(Code::kCorrupt, "slo history: " + why);
  };
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    const simdjson::dom::element root = parser.parse(padded);
    const int64_t minutes = root["step"];
    const auto step = std::ranges::find(kLevelMinutes, minutes);
    if (step == kLevelMinutes.end() || minutes > MinutesOf(level)) {
      return corrupt("no slot has " + std::to_string(minutes) + " minutes");
    }
    StoredRow row = ShapeOf(static_cast<Level>(step - kLevelMinutes.begin()), level, slot);
    const simdjson::dom::array known = root["known"];
    for (size_t i = 0; i < row.known.size(); ++i) {
      row.known[i] = std::clamp<int64_t>(int64_t(known.at(i)), 0, minutes);
    }
    for (const simdjson::dom::element item : simdjson::dom::array(root["series"])) {
      ReadSeries(item, &row);
    }
    return row;
  } catch (const simdjson::simdjson_error& error) {
    return corrupt(error.what());
  }
}

int64_t StoredRow::LastKnownMinute() const {
  for (size_t i = known.size(); i > 0; --i) {
    if (known[i - 1] > 0) return (first + static_cast<int64_t>(i)) * MinutesOf(step) - 1;
  }
  return first * MinutesOf(step) - 1;
}

int64_t StoredRow::KnownBetween(int64_t begin, int64_t minutes) const {
  int64_t sum = 0;
  for (size_t i = 0; i < known.size(); ++i) {
    const int64_t at = (first + static_cast<int64_t>(i)) * MinutesOf(step);
    if (at >= begin && at < begin + minutes) sum += known[i];
  }
  return sum;
}

std::vector<Counted> StoredRow::Between(int64_t begin, int64_t minutes) const {
  std::map<std::string, Counted> sums;
  for (size_t i = 0; i < slots.size(); ++i) {
    const int64_t at = (first + static_cast<int64_t>(i)) * MinutesOf(step);
    if (at < begin || at >= begin + minutes) continue;
    for (const Counted& counted : slots[i]) {
      Counted& sum = sums[counted.labels.ToString()];
      sum.labels = counted.labels;
      sum.events += counted.events;
    }
  }
  std::vector<Counted> out;
  for (auto& [key, counted] : sums) out.push_back(std::move(counted));
  return out;
}

void WriteRow(const StoredRow& row, Ledger* ledger) {
  ledger->Advance(row.LastKnownMinute());
  const int64_t end = (row.first + static_cast<int64_t>(row.known.size())) * MinutesOf(row.step);
  for (int64_t begin = row.first * MinutesOf(row.step); begin < end;) {
    const Level level = std::max(row.step, FinestOf(begin, ledger->newest()));
    const int64_t minutes = MinutesOf(level);
    const int64_t known = row.KnownBetween(begin, minutes);
    const int64_t slot = SlotAt(level, begin);
    if (known > 0 && begin % minutes == 0) {
      ledger->WritePart(level, slot, known, row.Between(begin, minutes));
    }
    begin = (slot + 1) * minutes;
  }
}

}  // namespace watchfire::slo
