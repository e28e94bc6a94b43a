// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/days.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <simdjson.h>

#include "pkg/base/check.h"
#include "pkg/base/json.h"
#include "pkg/labels/labels.h"
#include "pkg/slo/burn.h"
#include "pkg/slo/increments.h"

namespace watchfire::slo {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr std::string_view kKeyPrefix = "\tdays/";
constexpr int kRest = 4;  // Times as long as an answer took.
constexpr Duration kLongestRest = std::chrono::minutes(10);
constexpr Duration kRestAfterFailure = std::chrono::minutes(1);
constexpr Duration kClockSetBack = std::chrono::hours(1);

std::string KeyOf(const std::string& id, int32_t row) {
  return std::string(kKeyPrefix) + id + "/" + std::to_string(row);
}

int32_t RowOf(int32_t day) { return static_cast<int32_t>(FloorDiv(day, Days::kDaysPerRow)); }

// The id and the row number of a key; nullopt if it is none.
std::optional<std::pair<std::string_view, int32_t>> ReadKey(std::string_view key) {
  const size_t slash = key.rfind('/');
  if (!key.starts_with(kKeyPrefix) || slash < kKeyPrefix.size()) return std::nullopt;
  int32_t row = 0;
  const auto [end, error] = std::from_chars(key.data() + slash + 1, key.data() + key.size(), row);
  if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return std::pair{key.substr(kKeyPrefix.size(), slash - kKeyPrefix.size()), row};
}

const BudgetDay* Find(const BudgetDays& days, int32_t day) {
  const auto found = std::ranges::lower_bound(days, day, {}, &BudgetDay::day);
  return found != days.end() && found->day == day ? &*found : nullptr;
}

float Sum(const promql::Vector& vector) {
  double sum = 0;
  for (const promql::Sample& sample : vector) {
    if (std::isfinite(sample.value)) sum += sample.value;
  }
  return static_cast<float>(sum);
}

float Worst(const promql::Vector& vector) {
  float worst = BudgetDay::kUnknown;
  for (const promql::Sample& sample : vector) {
    if (std::isfinite(sample.value)) worst = std::fmax(worst, static_cast<float>(sample.value));
  }
  return worst;
}

// Days as they are stored.
struct Row {
  BudgetDays days;
  std::map<int32_t, uint32_t> excluded;
};

Result<Row> Decode(std::string_view text) {
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    const simdjson::dom::element root = parser.parse(padded);
    Row row;
    for (const simdjson::dom::element item : simdjson::dom::array(root["days"])) {
      BudgetDay day;
      day.day = static_cast<int32_t>(int64_t(item.at(0)));
      size_t at = 1;
      for (float* number : {&day.bad, &day.total, &day.remaining}) {
        const simdjson::dom::element value = item.at(at++);
        if (!value.is_null()) *number = static_cast<float>(double(value));
      }
      // Only days of which anything was excluded have it.
      if (uint64_t excluded = 0; item.at(at).get(excluded) == simdjson::SUCCESS) {
        row.excluded.insert_or_assign(day.day, static_cast<uint32_t>(excluded));
      }
      row.days.push_back(day);
    }
    return row;
  } catch (const simdjson::simdjson_error& error) {
    return Fail(Code::kCorrupt, std::string("error budget's days: ") + error.what());
  }
}

}  // namespace

int32_t DayOf(WallTime at) { return static_cast<int32_t>(FloorDiv(ToNanos(at), kDay.count())); }

double Rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double scale = std::pow(10, 6 - std::floor(std::log10(std::fabs(value))));
  return std::round(value * scale) / scale;
}

int32_t PeriodDays(const config::Slo& slo) {
  return static_cast<int32_t>(
      std::clamp<int64_t>((slo.period + kDay - Duration(1)) / kDay, 1, kBudgetDays));
}

WallTime StartOfDay(int32_t day) { return WallTime(day * kDay); }

Days::Days(std::span<const config::Slo> slos, bool spread)
    : slos_(slos), spread_(spread), tracks_(slos.size()) {
  for (size_t i = 0; i < slos_.size(); ++i) by_id_.emplace(slos_[i].id, i);
}

Duration Days::SpreadOf(size_t slo) const {
  if (!spread_) return {};
  const uint64_t hash = labels::LabelSet{{"slo", slos_[slo].id}}.fingerprint();
  return std::chrono::seconds(hash % static_cast<uint64_t>(ToSeconds(kSpread)));
}

uint32_t Days::ExcludedOf(size_t slo, int32_t day) const {
  const auto found = tracks_[slo].excluded.find(day);
  return found == tracks_[slo].excluded.end() ? 0 : found->second;
}

std::optional<int32_t> Days::MissingDay(size_t slo, WallTime now) const {
  static const BudgetDays kNone;
  const BudgetDays& days = tracks_[slo].days ? *tracks_[slo].days : kNone;
  const int32_t newest = DayOf(now - kSettle - SpreadOf(slo)) - 1;
  int empty = 0;
  for (int32_t day = newest; day > newest - PeriodDays(slos_[slo]); --day) {
    const BudgetDay* found = Find(days, day);
    if (found == nullptr) return day;
    // One that was left out may have had data.
    empty = found->is_empty() && ExcludedOf(slo, day) == 0 ? empty + 1 : 0;
    if (empty == kEmptyRun) return std::nullopt;
  }
  return std::nullopt;
}

void Days::Plan(size_t slo, WallTime now, Duration wait) {
  if (MissingDay(slo, now)) {
    agenda_.emplace(now + wait, slo);
    return;
  }
  const Duration after = kSettle + SpreadOf(slo);
  agenda_.emplace(StartOfDay(DayOf(now - after) + 1) + after, slo);
}

std::vector<DayQuestion> Days::Due(WallTime now, const Counted& counted) {
  std::vector<DayQuestion> questions;
  const bool is_first = last_now_ == kNoTime;
  if (is_first || now < last_now_ - kClockSetBack) {
    // What was asked of a day to come is no answer.
    agenda_.clear();
    out_.clear();
    pause_until_ = WallTime();
    for (size_t i = 0; i < tracks_.size(); ++i) {
      if (tracks_[i].days && tracks_[i].days->back().day >= DayOf(now)) {
        BudgetDays past = *tracks_[i].days;
        std::erase_if(past, [&](const BudgetDay& day) { return day.day >= DayOf(now); });
        Keep(i, std::move(past));
      }
      Plan(i, now, kFirst);
    }
  }
  if (is_first || DayOf(last_now_) != DayOf(now)) {
    const int32_t oldest = RowOf(DayOf(now) - static_cast<int32_t>(kBudgetDays));
    std::erase_if(orphans_, [&](const auto& entry) {
      const bool is_old = ReadKey(entry.first)->second < oldest;
      if (is_old) deletions_.push_back({Table::kSlo, entry.first, std::nullopt});
      return is_old;
    });
  }
  last_now_ = now;
  while (out_.size() < kOut && now >= pause_until_ && !agenda_.empty() &&
         agenda_.begin()->first <= now) {
    const size_t slo = agenda_.begin()->second;
    agenda_.erase(agenda_.begin());
    std::optional<int32_t> day = MissingDay(slo, now);
    for (; day; day = MissingDay(slo, now)) {
      const std::optional<CountedDay> of = counted(slo, *day);
      if (!of) break;
      Put(slo,
          {*day, static_cast<float>(of->events.bad), static_cast<float>(of->events.total),
           RemainingAt(slo, *day)},
          of->excluded);
    }
    if (day) {
      Ask(slo, *day, now, &questions);
    } else {
      Plan(slo, now, kNextDay);
    }
  }
  return questions;
}

void Days::Ask(size_t slo, int32_t day, WallTime now, std::vector<DayQuestion>* out) {
  const config::Slo& which = slos_[slo];
  IncrementOptions options;
  options.growth = GrowthQuery::kIncrease;
  const Result<std::vector<Increments::Part>> parts = Increments::Parts(which, options);
  const bool counts = parts && parts->size() == 1 && !parts->front().of_composite;
  last_id_ += 2;
  Asked asked{slo, day, now, !counts, std::nullopt, std::nullopt};
  const WallTime at = StartOfDay(day + 1);
  if (counts) {
    const Increments& increments = parts->front().increments;
    out->push_back({last_id_ | kDayBit, slo, increments.Bad(kDay), at});
    out->push_back({last_id_ | kDayBit | 1, slo, increments.Total(kDay), at});
  } else {
    out->push_back({last_id_ | kDayBit, slo, ErrorRatioExpr(which, kDay), at});
  }
  out_.emplace(last_id_, std::move(asked));
}

std::optional<WallTime> Days::next() const {
  if (slos_.empty()) return std::nullopt;
  if (last_now_ == kNoTime || !deletions_.empty()) return WallTime();
  if (agenda_.empty() || out_.size() >= kOut) return std::nullopt;
  return std::max(agenda_.begin()->first, pause_until_);
}

void Days::OnAnswer(uint64_t id, Result<promql::Vector> result, WallTime now) {
  const uint64_t key = id & ~kDayBit & ~uint64_t{1};
  const auto found = out_.find(key);
  if (found == out_.end()) return;
  Asked& asked = found->second;
  if (!result) {
    // A day that takes too long will do so again.
    const Code code = result.error().code;
    const bool is_refused =
        code == Code::kInvalidArgument || code == Code::kExhausted || code == Code::kTimeout;
    agenda_.emplace(now + (is_refused ? kRefused : kRetry), asked.slo);
    // Who does not answer is not asked about the others either.
    Rest(now, now - asked.at, is_refused ? Duration::zero() : kRestAfterFailure);
    out_.erase(found);
    return;
  }
  (id & 1 ? asked.total : asked.bad) = *std::move(result);
  if (asked.bad && (asked.is_ratio || asked.total)) Finish(key, now);
}

void Days::Finish(uint64_t key, WallTime now) {
  const auto found = out_.find(key);
  WF_CHECK(found != out_.end());
  const Asked asked = std::move(found->second);
  out_.erase(found);
  BudgetDay day;
  day.day = asked.day;
  if (asked.is_ratio) {
    day.bad = Worst(*asked.bad);
  } else {
    day.total = std::max(0.0F, Sum(*asked.total));
    day.bad = std::clamp(Sum(*asked.bad), 0.0F, day.total);
  }
  day.remaining = RemainingAt(asked.slo, asked.day);
  Put(asked.slo, day, 0);  // PromQL leaves nothing out.
  Rest(now, now - asked.at, Duration::zero());
  Plan(asked.slo, now, kNextDay);
}

// Nothing is asked for some times as long as this took, good or bad, and at least for `least`.
void Days::Rest(WallTime now, Duration took, Duration least) {
  pause_until_ = std::max(pause_until_, now + std::clamp(kRest * took, least, kLongestRest));
}

void Days::Left(size_t slo, double remaining, WallTime at) {
  Track& track = tracks_[slo];
  const int32_t day = DayOf(at);
  if (day != track.left_day) {
    track.closing = track.left;
    track.closing_day = track.left_day;
  }
  track.left = static_cast<float>(remaining);
  track.left_day = day;
}

float Days::RemainingAt(size_t slo, int32_t day) const {
  const Track& track = tracks_[slo];
  if (track.left_day == day) return track.left;
  return track.closing_day == day ? track.closing : BudgetDay::kUnknown;
}

void Days::Put(size_t slo, BudgetDay day, uint32_t excluded) {
  BudgetDays days;
  if (tracks_[slo].days) days = *tracks_[slo].days;
  const auto at = std::ranges::lower_bound(days, day.day, {}, &BudgetDay::day);
  days.insert(at, day);
  if (excluded != 0) tracks_[slo].excluded.insert_or_assign(day.day, excluded);
  tracks_[slo].dirty_rows.insert(RowOf(day.day));
  while (days.size() > kBudgetDays) {
    tracks_[slo].dirty_rows.insert(RowOf(days.front().day));
    tracks_[slo].excluded.erase(days.front().day);
    days.erase(days.begin());
  }
  tracks_[slo].days = std::make_shared<const BudgetDays>(std::move(days));
  dirty_.insert(slo);
}

void Days::Recount(size_t slo, int32_t oldest, const std::map<int32_t, uint32_t>& excluded,
                   const Counted& counted) {
  Track& track = tracks_[slo];
  if (!track.days) return;
  std::optional<BudgetDays> changed;
  for (size_t i = 0; i < track.days->size(); ++i) {
    const int32_t day = (*track.days)[i].day;
    const auto now = excluded.find(day);
    const uint32_t number = now == excluded.end() ? 0 : now->second;
    if (day < oldest || number == ExcludedOf(slo, day)) continue;
    const std::optional<CountedDay> of = counted(slo, day);
    if (!of) continue;
    if (!changed) changed = *track.days;
    (*changed)[i].bad = static_cast<float>(of->events.bad);
    (*changed)[i].total = static_cast<float>(of->events.total);
    track.excluded.erase(day);
    if (of->excluded != 0) track.excluded.emplace(day, of->excluded);
    track.dirty_rows.insert(RowOf(day));
    dirty_.insert(slo);
  }
  if (changed) track.days = std::make_shared<const BudgetDays>(*std::move(changed));
}

void Days::Keep(size_t slo, BudgetDays days) {
  Track& track = tracks_[slo];
  for (const BudgetDay& day : *track.days) {
    if (Find(days, day.day) != nullptr) continue;
    track.dirty_rows.insert(RowOf(day.day));
    track.excluded.erase(day.day);
  }
  track.days = days.empty() ? nullptr : std::make_shared<const BudgetDays>(std::move(days));
  dirty_.insert(slo);
}

Record Days::ToRecord(size_t slo, int32_t row) const {
  Record record{Table::kSlo, KeyOf(slos_[slo].id, row), std::nullopt};
  JsonWriter json;
  json.StartObject().Key("days").StartArray();
  bool is_empty = true;
  const BudgetDays none;
  for (const BudgetDay& day : tracks_[slo].days ? *tracks_[slo].days : none) {
    if (RowOf(day.day) != row) continue;
    is_empty = false;
    json.StartArray().Int(day.day);
    for (const float number : {day.bad, day.total, day.remaining}) json.Double(Rounded(number));
    if (const uint32_t excluded = ExcludedOf(slo, day.day); excluded != 0) json.Int(excluded);
    json.EndArray();
  }
  json.EndArray().EndObject();
  if (!is_empty) record.value = json.Take();
  return record;
}

std::vector<Record> Days::TakeRecords() {
  std::vector<Record> records = std::exchange(deletions_, {});
  for (const size_t slo : std::exchange(dirty_, {})) {
    for (const int32_t row : std::exchange(tracks_[slo].dirty_rows, {})) {
      records.push_back(ToRecord(slo, row));
    }
  }
  return records;
}

bool Days::IsDays(const Record& record) { return record.key.starts_with(kKeyPrefix); }

Status Days::Restore(const Record& record) {
  if (!record.value) return {};
  const auto key = ReadKey(record.key);
  if (!key) return Fail(Code::kCorrupt, "error budget's days: unknown key");
  const Result<Row> row = Decode(*record.value);
  if (!row) return Fail(row.error());
  const auto found = by_id_.find(key->first);
  if (found == by_id_.end()) {
    orphans_.insert_or_assign(record.key, record);
    return {};
  }
  const size_t slo = found->second;
  BudgetDays all;
  if (tracks_[slo].days) all = *tracks_[slo].days;
  for (const BudgetDay& day : row->days) {
    if (Find(all, day.day) != nullptr) continue;
    all.insert(std::ranges::lower_bound(all, day.day, {}, &BudgetDay::day), day);
    const auto excluded = row->excluded.find(day.day);
    if (excluded != row->excluded.end()) tracks_[slo].excluded.insert(*excluded);
  }
  if (!all.empty()) tracks_[slo].days = std::make_shared<const BudgetDays>(std::move(all));
  return {};
}

void Days::AdoptAgenda(const Days& old) {
  last_now_ = old.last_now_;
  // What is out is asked again; its answers are of no question here.
  last_id_ = old.last_id_;
  pause_until_ = old.pause_until_;
  if (last_now_ == kNoTime) return;  // Due() plans everything.
  std::map<std::string_view, WallTime> planned;
  for (const auto& [at, slo] : old.agenda_) planned.emplace(old.slos_[slo].id, at);
  std::map<std::string_view, Duration> periods;
  for (const config::Slo& slo : old.slos_) periods.emplace(slo.id, slo.period);
  for (size_t i = 0; i < slos_.size(); ++i) {
    const auto at = planned.find(slos_[i].id);
    const auto period = periods.find(slos_[i].id);
    if (period == periods.end() || period->second != slos_[i].period) {
      Plan(i, last_now_, kFirst);
    } else {
      agenda_.emplace(at == planned.end() ? last_now_ : at->second, i);
    }
  }
}

void Days::AdoptState(const Days& old) {
  orphans_ = old.orphans_;
  deletions_ = old.deletions_;
  for (size_t i = 0; i < old.slos_.size(); ++i) {
    const auto found = by_id_.find(old.slos_[i].id);
    if (found != by_id_.end()) {
      tracks_[found->second] = old.tracks_[i];
      if (old.dirty_.contains(i)) dirty_.insert(found->second);
      continue;
    }
    if (!old.tracks_[i].days) continue;
    for (const BudgetDay& day : *old.tracks_[i].days) {
      Record record = old.ToRecord(i, RowOf(day.day));
      orphans_.insert_or_assign(record.key, std::move(record));
    }
  }
  // Those that are back.
  std::erase_if(orphans_, [&](const auto& entry) {
    if (!by_id_.contains(ReadKey(entry.first)->first)) return false;
    // One that cannot be read is as good as none.
    static_cast<void>(Restore(entry.second));
    return true;
  });
  AdoptAgenda(old);
}

}  // namespace watchfire::slo
