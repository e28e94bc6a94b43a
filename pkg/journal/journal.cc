// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/journal/journal.h"

#include <charconv>
#include <utility>

#include "pkg/base/check.h"
#include "pkg/base/fetch.h"
#include "pkg/base/strings.h"
#include "pkg/journal/row_codec.h"

namespace watchfire::journal {
namespace {

constexpr Duration kClockSlack = std::chrono::minutes(1);

// "bytes of the receiver:receiver" and the group key: both may hold anything.
std::string PlaceText(std::string_view receiver, std::string_view group_key) {
  std::string text = std::to_string(receiver.size());
  text.reserve(text.size() + 1 + receiver.size() + group_key.size());
  text.append(1, ':').append(receiver).append(group_key);
  return text;
}

std::string PlaceText(const Place& place) { return PlaceText(place.receiver, place.group_key); }

struct Parts {
  std::string_view receiver;
  std::string_view group_key;
};

std::optional<Parts> SplitPlace(std::string_view text) {
  size_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  const auto head = static_cast<size_t>(end - text.data());
  if (error != std::errc() || head >= text.size() || text[head] != ':') return std::nullopt;
  text.remove_prefix(head + 1);
  if (bytes > text.size()) return std::nullopt;
  return Parts{text.substr(0, bytes), text.substr(bytes)};
}

}  // namespace

bool IsPlaceText(std::string_view text) { return SplitPlace(text).has_value(); }

bool IsDecision(Kind kind) { return kind == Kind::kLetThrough || KeepsOut(kind); }

bool KeepsOut(Kind kind) {
  return kind == Kind::kInhibited || kind == Kind::kSilenced || kind == Kind::kMuted ||
         kind == Kind::kInactive;
}

const char* KindName(Kind kind) {
  static constexpr const char* kNames[kKindCount] = {
      "firing", "resolved", "expired",   "let_through", "inhibited", "silenced",
      "muted",  "inactive", "forgotten", "configured",  "fell_back", "escalated"};
  return kNames[static_cast<int>(kind)];
}

const char* OutcomeName(Outcome outcome) {
  static constexpr const char* kNames[kOutcomeCount] = {"under_way", "accepted", "failed",
                                                        "abandoned", "lost",     "superseded"};
  return kNames[static_cast<int>(outcome)];
}

// ---- What core notes ----

Journal::Known* Journal::Note(WallTime at, Entry entry) {
  if (open_ != 0) {
    const Row& last = rows_.rbegin()->second;  // What is open is the last.
    if (last.at != at || last.entries.size() >= kRowEntries) open_ = 0;
  }
  if (open_ == 0) {
    open_ = ++last_row_;
    rows_.emplace_hint(rows_.end(), open_, Row())->second.at = at;
  }
  Row& row = rows_.rbegin()->second;
  row.entries.push_back(entry);
  Mark(open_, &row);
  ++entries_;
  if (entry.kind != Kind::kConfigured) return &Index(entry.alert, open_);
  configurations_[open_] = at;
  return nullptr;
}

void Journal::Firing(uint64_t alert, std::string_view source, WallTime starts_at, WallTime now) {
  const auto started = static_cast<uint64_t>(ToNanos(starts_at));
  Known* known = Note(now, {alert, started, 0, texts_.Use(source), Kind::kFiring});
  if (!known->labels.empty()) SetLabels({}, known);  // The alert table has them.
}

void Journal::Ended(uint64_t alert, WallTime ends_at, bool expired, WallTime now) {
  const auto ended = static_cast<uint64_t>(ToNanos(ends_at));
  Note(now, {alert, ended, 0, 0, expired ? Kind::kExpired : Kind::kResolved});
}

void Journal::Forgotten(const labels::LabelSet& labels, WallTime now) {
  const uint64_t alert = labels.fingerprint();
  Known* known = alerts_.Find(alert);
  if (known == nullptr) return;
  SetLabels(labels, known);
  Note(now, {alert, 0, 0, 0, Kind::kForgotten});
}

void Journal::Configured(uint64_t hash, WallTime now) {
  if (hash == configuration_) return;
  configuration_ = hash;
  Note(now, {0, hash, 0, 0, Kind::kConfigured});
}

void Journal::Decided(uint64_t alert, const Place& place, Kind kind, uint64_t number,
                      std::string_view text, WallTime now) {
  WF_CHECK(IsDecision(kind));
  Known* known = alerts_.Find(alert);
  const bool keeps_out = KeepsOut(kind);
  const bool kept_out = known != nullptr && known->kept_out;
  if (!keeps_out && !kept_out) return;
  const std::string place_text = PlaceText(place);
  if (known != nullptr) {
    const TextId place_id = texts_.Find(place_text);
    const Entry* last = place_id == 0 ? nullptr : LastDecision(*known, alert, place_id);
    if (last == nullptr && !keeps_out) return;
    const bool same = last != nullptr && last->kind == kind && last->number == number &&
                      texts_.Get(last->text) == text;
    if (same) return;
  }
  known = Note(now, {alert, number, texts_.Use(place_text), texts_.Use(text), kind});
  // Stays set until the alert is forgotten: another place may still keep it out.
  if (keeps_out) SetKeptOut(true, known);
}

const Journal::Entry* Journal::LastDecision(const Known& known, uint64_t alert,
                                            TextId place) const {
  const std::span<const uint64_t> rows = known.rows.list();
  for (auto id = rows.rbegin(); id != rows.rend(); ++id) {
    const std::vector<Entry>& entries = rows_.at(*id).entries;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      if (entry->alert == alert && entry->place == place && IsDecision(entry->kind)) {
        return &*entry;
      }
    }
  }
  return nullptr;
}

void Journal::FellBack(uint64_t alert, const Place& place, std::string_view text, WallTime now) {
  const std::string shown = TruncateRunes(RepairUtf8(std::string(text)), kWhyRunes);
  Note(now, {alert, 0, texts_.Take(PlaceText(place)), texts_.Use(shown), Kind::kFellBack});
}

void Journal::Escalated(uint64_t alert, const Place& place, std::string_view text, WallTime now) {
  const std::string shown = TruncateRunes(RepairUtf8(std::string(text)), kWhyRunes);
  Note(now, {alert, 0, texts_.Take(PlaceText(place)), texts_.Use(shown), Kind::kEscalated});
}

void Journal::Sent(const Sending& sending, WallTime now) {
  open_ = 0;  // Rows stay in the order of what happened.
  const uint64_t id = ++last_row_;
  const Rows::iterator place = rows_.emplace_hint(rows_.end(), id, Row());
  Row& row = place->second;
  row.at = now;
  row.sheet = std::make_unique<Sheet>();
  row.sheet->delivery = sending.id;
  row.sheet->place = texts_.Take(PlaceText(sending.receiver, sending.group_key));
  row.sheet->integration = texts_.Use(sending.integration);
  row.sheet->reason = texts_.Use(sending.reason);
  row.sheet->index = sending.index;
  row.sheet->firing = sending.firing;
  row.sheet->resolved = sending.resolved;
  under_way_[sending.id] = place;
  Mark(id, &row);
  for (const auto* alerts : {&row.sheet->firing, &row.sheet->resolved}) {
    for (const uint64_t alert : *alerts) Index(alert, id);
    entries_ += alerts->size();
  }
}

void Journal::FetchSent(uint64_t id) const {
  const auto found = under_way_.find(id);
  if (found == under_way_.end()) return;
  const Row& row = found->second->second;
  FetchWhole(row);
  FetchWhole(*row.sheet);
}

void Journal::AddAttempt(Attempt attempt, Sheet* sheet) {
  attempt.why = TruncateRunes(RepairUtf8(attempt.why), kWhyRunes);
  if (sheet->attempts.size() == kAttemptsKept) {
    sheet->attempts.erase(sheet->attempts.begin() + 1);
    ++sheet->attempts_omitted;
  }
  sheet->attempts.push_back(std::move(attempt));
}

void Journal::Failed(uint64_t id, Attempt attempt) {
  const auto found = under_way_.find(id);
  if (found == under_way_.end()) return;
  auto& [row, told] = *found->second;
  AddAttempt(std::move(attempt), told.sheet.get());
  // The others are written with the outcome: a receiver that is down must not keep the disk busy.
  if (told.sheet->attempts.size() == 1) Mark(row, &told);
}

void Journal::Over(uint64_t id, Outcome outcome, std::optional<Attempt> last, WallTime now) {
  const auto found = under_way_.find(id);
  if (found == under_way_.end()) return;
  auto& [row, told] = *found->second;
  Sheet& sheet = *told.sheet;
  if (last) AddAttempt(*std::move(last), &sheet);
  sheet.outcome = outcome;
  sheet.ended_at = now;
  Mark(row, &told);
  under_way_.erase(found);
}

// ---- Bounds ----

Journal::Known& Journal::Index(uint64_t alert, uint64_t row) {
  Known& known = alerts_.FindOrAdd(alert);
  known.rows.Add(row);
  if (known.rows.size() > options_.entries_per_alert_max) crowded_.push_back(alert);
  return known;
}

void Journal::SetLabels(const labels::LabelSet& labels, Known* known) {
  label_bytes_ -= known->labels.bytes();
  known->labels = labels;
  label_bytes_ += labels.bytes();
}

void Journal::SetKeptOut(bool is_kept_out, Known* known) {
  kept_out_ -= known->kept_out ? 1 : 0;
  known->kept_out = is_kept_out;
  kept_out_ += is_kept_out ? 1 : 0;
}

void Journal::Unindex(uint64_t alert, uint64_t row, bool over_bound) {
  --entries_;
  if (over_bound) ++dropped_;
  Known* known = alerts_.Find(alert);
  if (known == nullptr) return;  // A configuration is of no alert.
  known->cut |= over_bound;
  const bool was_there = known->rows.Remove(row);
  WF_CHECK(was_there);
  if (!known->rows.empty()) return;
  SetLabels({}, known);
  SetKeptOut(false, known);
  alerts_.Erase(alert);
}

void Journal::Release(const Row& row) {
  for (const Entry& entry : row.entries) {
    texts_.Release(entry.place);
    texts_.Release(entry.text);
  }
  if (!row.sheet) return;
  for (const TextId id : {row.sheet->place, row.sheet->integration, row.sheet->reason}) {
    texts_.Release(id);
  }
}

void Journal::Mark(uint64_t id, Row* row) {
  if (std::exchange(row->is_dirty, true)) return;
  dirty_.push_back(id);
  ++dirty_count_;
}

void Journal::EraseRow(Rows::iterator row) {
  Release(row->second);
  deletions_.push_back({Table::kJournal, RowCodec::Key(row->first, row->second.at), std::nullopt});
  const Sheet* sheet = row->second.sheet.get();
  if (sheet != nullptr && sheet->outcome == Outcome::kUnderWay) under_way_.erase(sheet->delivery);
  dirty_count_ -= row->second.is_dirty ? 1 : 0;
  configurations_.erase(row->first);
  if (open_ == row->first) open_ = 0;
  rows_.erase(row);
}

void Journal::DropRow(Rows::iterator row, bool over_bound) {
  for (const Entry& entry : row->second.entries) Unindex(entry.alert, row->first, over_bound);
  if (const Sheet* sheet = row->second.sheet.get()) {
    for (const uint64_t alert : sheet->firing) Unindex(alert, row->first, over_bound);
    for (const uint64_t alert : sheet->resolved) Unindex(alert, row->first, over_bound);
  }
  EraseRow(row);
}

void Journal::DropOldestOf(uint64_t alert) {
  const auto row = rows_.find(alerts_.at(alert).rows.list().front());
  Sheet* sheet = row->second.sheet.get();
  std::vector<Entry>& entries = row->second.entries;
  if (sheet != nullptr) {
    if (std::erase(sheet->firing, alert) == 0) std::erase(sheet->resolved, alert);
  } else {
    const auto entry = std::ranges::find(entries, alert, &Entry::alert);
    texts_.Release(entry->place);
    texts_.Release(entry->text);
    entries.erase(entry);
  }
  Unindex(alert, row->first, true);
  const bool empty =
      sheet == nullptr ? entries.empty() : sheet->firing.empty() && sheet->resolved.empty();
  if (empty) EraseRow(row);
}

void Journal::Close() {
  open_ = 0;
  for (const uint64_t alert : std::exchange(crowded_, {})) {
    const auto is_crowded = [&] {
      const Known* known = alerts_.Find(alert);
      return known != nullptr && known->rows.size() > options_.entries_per_alert_max;
    };
    while (is_crowded()) DropOldestOf(alert);
  }
  while (!rows_.empty() && (entries_ > options_.entries_max ||
                            label_bytes_ + texts_.bytes() > options_.text_bytes_max)) {
    DropRow(rows_.begin(), true);
  }
}

std::vector<Record> Journal::TakeRecords() {
  std::vector<uint64_t> dirty = std::exchange(dirty_, {});
  dirty_count_ = 0;
  std::ranges::sort(dirty);
  std::vector<Record> records;
  records.reserve(dirty.size() + deletions_.size());
  for (const uint64_t id : dirty) {
    const auto row = rows_.find(id);
    if (row == rows_.end()) continue;
    row->second.is_dirty = false;
    records.push_back(RowCodec::Encode(*this, id, row->second));
  }
  for (Record& deletion : std::exchange(deletions_, {})) records.push_back(std::move(deletion));
  return records;
}

void Journal::Collect(WallTime before, WallTime now) {
  while (!rows_.empty()) {
    const WallTime at = rows_.begin()->second.at;
    if (at >= before && at <= now + kClockSlack) return;
    DropRow(rows_.begin(), false);
  }
}

// ---- Readers ----

Place Journal::PlaceOf(TextId id) const {
  const std::optional<Parts> parts = SplitPlace(texts_.Get(id));
  if (!parts) return {};  // Decided nowhere in particular.
  return {std::string(parts->receiver), std::string(parts->group_key)};
}

Line Journal::Show(const Row& row, const Entry& entry) const {
  return {row.at, entry.kind, PlaceOf(entry.place), std::string(texts_.Get(entry.text)),
          entry.number};
}

Message Journal::Show(uint64_t id, const Row& row, uint64_t alert, WallTime until) const {
  const Sheet& sheet = *row.sheet;
  Message message;
  message.id = id;
  message.at = row.at;
  message.place = PlaceOf(sheet.place);
  message.integration = texts_.Get(sheet.integration);
  message.index = sheet.index;
  message.reason = texts_.Get(sheet.reason);
  message.firing = std::ranges::binary_search(sheet.firing, alert);
  message.alerts = sheet.firing.size() + sheet.resolved.size();
  for (const Attempt& attempt : sheet.attempts) {
    if (attempt.at <= until) message.attempts.push_back(attempt);
  }
  message.attempts_omitted = sheet.attempts_omitted;
  const bool ended = sheet.outcome == Outcome::kLost || sheet.ended_at <= until;
  if (ended) message.outcome = sheet.outcome;
  if (ended) message.ended_at = sheet.ended_at;
  return message;
}

Journal::History Journal::Read(uint64_t alert, WallTime until) const {
  History history;
  const Known* known = alerts_.Find(alert);
  if (known == nullptr) return history;
  history.cut = known->cut;
  uint64_t previous = 0;
  for (const uint64_t id : known->rows.list()) {
    if (id == previous) continue;  // It holds several entries of the alert.
    previous = id;
    const Row& row = rows_.at(id);
    if (row.at > until) continue;
    if (row.sheet) history.messages.push_back(Show(id, row, alert, until));
    for (const Entry& entry : row.entries) {
      if (entry.alert == alert) history.lines.push_back(Show(row, entry));
    }
  }
  return history;
}

bool Journal::KnewBy(uint64_t alert, WallTime at) const {
  const Known* known = alerts_.Find(alert);
  return known != nullptr && rows_.at(known->rows.list().front()).at <= at;
}

const labels::LabelSet* Journal::Labels(uint64_t alert) const {
  const Known* known = alerts_.Find(alert);
  return known != nullptr && !known->labels.empty() ? &known->labels : nullptr;
}

std::vector<WallTime> Journal::ConfiguredAfter(WallTime from) const {
  std::vector<WallTime> times;
  for (const auto& [row, at] : configurations_) {
    if (at > from) times.push_back(at);
  }
  return times;
}

}  // namespace watchfire::journal
