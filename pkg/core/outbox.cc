// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/outbox.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

namespace watchfire::core {
namespace {

uint64_t HashOf(const Record& record) {
  return std::hash<std::string_view>()(record.key) + static_cast<uint64_t>(record.table);
}

}  // namespace

void Outbox::Put(Record record) {
  for (uint64_t hash = HashOf(record);; ++hash) {
    uint32_t& place = places_.FindOrAdd(hash);
    if (place == 0) {
      pending_.push_back(std::move(record));
      place = static_cast<uint32_t>(pending_.size());
      return;
    }
    Record& known = pending_[place - 1];
    if (known.table != record.table || known.key != record.key) continue;  // Its hash is the same.
    known.value = std::move(record.value);
    return;
  }
}

Ticket Outbox::Add(Record record, MonoTime now) {
  Put(std::move(record));
  if (!due_) due_ = now + kWriteBehind;
  return last_batch_ + 1;
}

Ticket Outbox::AddUrgent(Record record, MonoTime now) {
  const Ticket ticket = Add(std::move(record), now);
  // While the store is failing, urgency must not turn the retry into a busy loop.
  if (!failing_) due_ = std::min(*due_, now);
  return ticket;
}

void Outbox::AddAlert(uint64_t fingerprint, MonoTime now) {
  alerts_pending_.push_back(fingerprint);
  if (!due_) due_ = now + kWriteBehind;
}

void Outbox::AddAlertUrgent(uint64_t fingerprint, MonoTime now) {
  alerts_pending_.push_front(fingerprint);
  ++urgent_;
  if (!due_) due_ = now + kWriteBehind;
  if (!failing_) due_ = std::min(*due_, now);
}

Ticket Outbox::UrgentTicket() const {
  return pending_.empty() && urgent_ + again_ == 0 ? last_batch_ : last_batch_ + 1;
}

void Outbox::Note(MonoTime now) {
  if (!noted_due_) noted_due_ = now + kWriteBehind;
}

bool Outbox::TakeNoted(MonoTime now, bool hurry) {
  if (busy_ || !noted_due_) return false;
  if (hurry && !failing_) noted_due_ = std::min(*noted_due_, now);
  if (now < std::max(*noted_due_, not_before_)) return false;
  noted_due_.reset();
  due_ = due_ ? std::min(*due_, now) : now;
  return true;
}

std::optional<Persist> Outbox::TakeBatch(MonoTime now, const AlertRecords& records_of) {
  if (busy_ || !due_ || now < *due_ || now < not_before_) return std::nullopt;
  due_.reset();
  if (pending_.empty() && alerts_pending_.empty()) return std::nullopt;  // Undone before it left.
  busy_ = true;
  const size_t alerts =
      std::min(alerts_pending_.size(), std::max(kAlertsPerBatch, urgent_ + again_));
  urgent_ = again_ = 0;
  const auto end = alerts_pending_.begin() + static_cast<ptrdiff_t>(alerts);
  alerts_in_flight_.assign(alerts_pending_.begin(), end);
  alerts_pending_.erase(alerts_pending_.begin(), end);
  if (!alerts_pending_.empty()) due_ = now;
  std::vector<Record> records;
  if (!alerts_in_flight_.empty()) records = records_of(&alerts_in_flight_);
  of_alerts_ = records.size();
  if (pending_.size() >= kManyRecords) not_before_ = now + kPause;
  if (records.empty()) {
    records.swap(pending_);
  } else {
    records.reserve(records.size() + pending_.size());
    std::ranges::move(std::exchange(pending_, {}), std::back_inserter(records));
  }
  places_ = {};
  batch_ = std::make_shared<const std::vector<Record>>(std::move(records));
  return Persist{BatchId{++last_batch_}, batch_};
}

std::optional<MonoTime> Outbox::next_due() const {
  if (busy_) return std::nullopt;
  if (!due_ && !noted_due_) return std::nullopt;
  const MonoTime due =
      std::min(due_.value_or(MonoTime::max()), noted_due_.value_or(MonoTime::max()));
  return std::max(due, not_before_);
}

void Outbox::OnCommitted(BatchId id, bool ok, MonoTime now) {
  if (!busy_ || id.value != last_batch_) return;
  busy_ = false;
  failing_ = !ok;
  if (ok) {
    durable_ = last_batch_;
    batch_ = nullptr;
    alerts_in_flight_.clear();
    return;
  }
  // What changed meanwhile is newer than what failed.
  std::vector<Record> newer = std::exchange(pending_, {});
  places_ = {};
  for (const Record& record : in_flight()) Put(record);
  for (Record& record : newer) Put(std::move(record));
  batch_ = nullptr;
  alerts_pending_.insert(alerts_pending_.begin() + static_cast<ptrdiff_t>(urgent_),
                         alerts_in_flight_.begin(), alerts_in_flight_.end());
  again_ = alerts_in_flight_.size();
  alerts_in_flight_.clear();
  due_ = now + kRetryAfter;
  if (noted_due_) noted_due_ = std::max(*noted_due_, *due_);
}

}  // namespace watchfire::core
