// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/pack.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "pkg/alert/pack_texts.h"
#include "pkg/base/json.h"

namespace watchfire::alert {
namespace {

using Element = simdjson::dom::element;
using Array = simdjson::dom::array;
// An alert's numbers, from the front.
enum Column : size_t {
  kStartsAt,
  kEndsAt,
  kUpdatedAt,
  kActiveAt,
  kStartsZone,
  kEndsZone,
  kTimeout,
  kGeneratorUrl,
  kLabelCount,
  kPairs,  // Numbers of names and values: so many labels, then the annotations.
};

constexpr int64_t kAbsent = std::numeric_limits<int64_t>::min();  // Is null.
using Numbers = std::vector<int64_t>;

// A JSON array of numbers, written in one piece.
class Row {
 public:
  void Add(int64_t number) {
    constexpr size_t kMost = 21;  // With a comma.
    if (text_.size() - size_ < kMost) text_.resize(2 * text_.size() + kMost);
    char* to = text_.data() + size_;
    if (number == kAbsent) {
      to = std::copy(kNull.begin(), kNull.end(), to);
    } else {
      to = std::to_chars(to, to + kMost, number).ptr;
    }
    *to++ = ',';
    size_ = static_cast<size_t>(to - text_.data());
  }

  // Writes it and begins the next one.
  void Write(JsonWriter* json) {
    if (size_ == 1) ++size_;
    text_[size_ - 1] = ']';
    json->Raw({text_.data(), size_});
    size_ = 1;
  }

 private:
  static constexpr std::string_view kNull = "null";

  std::string text_ = "[ ";
  size_t size_ = 1;  // Of it that is written.
};

// Writes alerts one after the other. Neighbours mostly differ in a pod's name and the texts with
// it: what differs from the alert before, or everything where that was of another shape.
class RowWriter {
 public:
  RowWriter(TextNumbers* texts, JsonWriter* json) : texts_(texts), json_(json) {}

  // `alert` lives until the next one is written.
  void Write(const Alert& alert) {
    const size_t annotations = kPairs + 2 * alert.labels.size();
    known_ = numbers_.size();
    numbers_.resize(annotations + 2 * alert.annotations.size());
    is_whole_ = numbers_.size() != known_;
    PutTime(kStartsAt, alert.starts_at);
    PutTime(kEndsAt, alert.ends_at);
    PutTime(kUpdatedAt, alert.updated_at);
    PutTime(kActiveAt, alert.active_at);
    Put(kStartsZone, alert.starts_zone);
    Put(kEndsZone, alert.ends_zone);
    Put(kTimeout, alert.timeout ? 1 : 0);
    PutText(kGeneratorUrl, alert.generator_url);
    Put(kLabelCount, static_cast<int64_t>(alert.labels.size()));
    PutSet(kPairs, alert.labels, before_ == nullptr ? none_ : before_->labels);
    PutSet(annotations, alert.annotations, before_ == nullptr ? none_ : before_->annotations);
    row_.Write(json_);
    before_ = &alert;
  }

 private:
  void Put(size_t place, int64_t number) {
    if (!is_whole_) {
      if (numbers_[place] == number) return;
      row_.Add(static_cast<int64_t>(place));
    }
    row_.Add(number);
    numbers_[place] = number;
  }

  void PutTime(Column column, WallTime time) {
    Put(column, time == kNoTime ? kAbsent : ToNanos(time));
  }

  void PutText(size_t place, std::string_view text) {
    const bool is_known = place < known_;
    Put(place, texts_->NumberOf(
                   text, is_known ? static_cast<uint32_t>(numbers_[place]) : TextNumbers::kNone));
  }

  void PutSet(size_t place, const labels::LabelSet& set, const labels::LabelSet& before) {
    // Two that share their names are of one size, so that their places are the same.
    const auto put_value = [&](size_t index, std::string_view value) {
      PutText(place + 2 * index + 1, value);
    };
    if (!is_whole_ && set.VisitUnlike(before, put_value)) return;
    for (const labels::Label& label : set) {
      PutText(place++, label.name);
      PutText(place++, label.value);
    }
  }

  TextNumbers* const texts_;
  JsonWriter* const json_;
  const labels::LabelSet none_;
  const Alert* before_ = nullptr;
  Row row_;
  Numbers numbers_;       // Of the alert before, and ever more of those of the one being written.
  size_t known_ = 0;      // So many there were of the alert before.
  bool is_whole_ = true;  // The one being written is of another shape.
};

bool ReadNumbers(const Array& array, Numbers* out) {
  out->clear();
  for (const Element value : array) {
    int64_t number = kAbsent;
    if (!value.is_null() && value.get(number) != simdjson::SUCCESS) return false;
    out->push_back(number);
  }
  return true;
}

// Makes `numbers` those of the next alert: all of an alert's are odd in number, what differs is
// pairs. Up to version 8 of the schema all rows were whole.
bool ReadRow(const Array& array, Numbers* read, Numbers* numbers) {
  if (!ReadNumbers(array, read)) return false;
  if (read->size() % 2 != 0) {
    numbers->swap(*read);
    return true;
  }
  for (size_t i = 0; i < read->size(); i += 2) {
    const int64_t place = (*read)[i];
    if (place < 0 || static_cast<size_t>(place) >= numbers->size()) return false;
    (*numbers)[static_cast<size_t>(place)] = (*read)[i + 1];
  }
  return true;
}

// A day and an hour is the largest offset that ParseZonedTime() takes.
bool ReadZone(int64_t minutes, int16_t* out) {
  *out = static_cast<int16_t>(minutes);
  return minutes >= -25 * 60 && minutes <= 25 * 60;
}

bool ReadPairs(const Numbers& numbers, size_t from, size_t to, const TextsRead& texts,
               labels::LabelSet* out) {
  std::vector<labels::Label> pairs;
  for (size_t i = from; i < to; i += 2) {
    for (const int64_t number : {numbers[i], numbers[i + 1]}) {
      if (number < 0 || static_cast<size_t>(number) >= texts.size()) return false;
    }
    pairs.push_back(
        {texts[static_cast<size_t>(numbers[i])], texts[static_cast<size_t>(numbers[i + 1])]});
  }
  *out = labels::LabelSet::FromViews(std::move(pairs));
  return true;
}

bool ReadAlert(const Numbers& numbers, const TextsRead& texts, Alert* out) {
  if (numbers.size() < kPairs || (numbers.size() - kPairs) % 2 != 0) return false;
  const auto time = [&](Column column) {
    return numbers[column] == kAbsent ? kNoTime : FromNanos(numbers[column]);
  };
  out->starts_at = time(kStartsAt);
  out->ends_at = time(kEndsAt);
  out->updated_at = time(kUpdatedAt);
  out->active_at = time(kActiveAt);
  out->timeout = numbers[kTimeout] == 1;
  const int64_t url = numbers[kGeneratorUrl];
  const auto pairs = static_cast<int64_t>((numbers.size() - kPairs) / 2);
  const bool fits = ReadZone(numbers[kStartsZone], &out->starts_zone) &&
                    ReadZone(numbers[kEndsZone], &out->ends_zone) && url >= 0 &&
                    static_cast<size_t>(url) < texts.size() && numbers[kLabelCount] >= 0 &&
                    numbers[kLabelCount] <= pairs;
  if (!fits) return false;
  out->generator_url = texts[static_cast<size_t>(url)];
  const size_t annotations = kPairs + 2 * static_cast<size_t>(numbers[kLabelCount]);
  return ReadPairs(numbers, kPairs, annotations, texts, &out->labels) &&
         ReadPairs(numbers, annotations, numbers.size(), texts, &out->annotations);
}

}  // namespace

std::string Pack(const std::vector<const Alert*>& alerts, const std::vector<uint64_t>& gone) {
  TextNumbers numbering(alerts.size());
  constexpr size_t kUsualBytes = 128;  // Of an alert among others of its kind.
  JsonWriter json;
  json.Reserve(kUsualBytes * alerts.size());
  json.StartObject().Key("alerts").StartArray();
  RowWriter rows(&numbering, &json);
  constexpr size_t kAhead = 4;
  for (size_t i = 0; i < alerts.size(); ++i) {
    if (i + kAhead < alerts.size()) {
      alerts[i + kAhead]->labels.Fetch();
      alerts[i + kAhead]->annotations.Fetch();
    }
    rows.Write(*alerts[i]);
  }
  json.EndArray().Key("texts");
  numbering.Write(&json);
  json.Key("gone").StartArray();
  for (const uint64_t fingerprint : gone) json.Int(std::bit_cast<int64_t>(fingerprint));
  return json.EndArray().EndObject().Take();
}

Result<Packed> Unpack(std::string_view json) {
  const Error corrupt = {Code::kCorrupt, "alerts record: not what this version writes"};
  simdjson::dom::parser parser;
  Element root;
  Array rows;
  Array strings;
  Array gone;
  Numbers read;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root["alerts"].get(rows) != simdjson::SUCCESS ||
      root["texts"].get(strings) != simdjson::SUCCESS ||
      root["gone"].get(gone) != simdjson::SUCCESS || !ReadNumbers(gone, &read)) {
    return Fail(corrupt);
  }
  Packed packed;
  for (const int64_t number : read) packed.gone.push_back(std::bit_cast<uint64_t>(number));
  TextsRead texts;
  if (!texts.Read(strings)) return Fail(corrupt);
  Numbers numbers;
  for (const Element row : rows) {
    Array columns;
    if (row.get(columns) != simdjson::SUCCESS || !ReadRow(columns, &read, &numbers) ||
        !ReadAlert(numbers, texts, &packed.alerts.emplace_back())) {
      return Fail(corrupt);
    }
  }
  return packed;
}

}  // namespace watchfire::alert
