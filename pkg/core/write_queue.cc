// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/write_queue.h"

#include <algorithm>
#include <utility>

#include "pkg/base/limits.h"

namespace watchfire::core {

std::vector<WriteQueue::Entry> WriteQueue::Add(Entry entry) {
  samples_ += entry.write.samples.size();
  waiting_.push_back(std::move(entry));
  std::vector<Entry> dropped;
  while (waiting_.size() > limits::kQueuedWrites ||
         (samples_ > limits::kQueuedSamples && waiting_.size() > 1)) {
    samples_ -= waiting_.front().write.samples.size();
    dropped.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return dropped;
}

std::optional<WriteSamples> WriteQueue::Next(QueryId id) {
  if (out_.size() >= limits::kInFlightWrites) return std::nullopt;
  const auto next =
      std::ranges::find_if(waiting_, [this](const Entry& entry) { return !MustWait(entry); });
  if (next == waiting_.end()) return std::nullopt;
  Entry entry = std::move(*next);
  waiting_.erase(next);
  samples_ -= entry.write.samples.size();
  WriteSamples write{id, entry.config, std::exchange(entry.write.samples, {})};
  out_.emplace(id, std::move(entry));
  return write;
}

std::optional<WriteQueue::Entry> WriteQueue::Finish(QueryId id) {
  auto node = out_.extract(id);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

void WriteQueue::DropAwaited() {
  std::erase_if(waiting_, [this](const Entry& entry) {
    if (entry.write.is_awaited) samples_ -= entry.write.samples.size();
    return entry.write.is_awaited;
  });
}

bool WriteQueue::MustWait(const Entry& entry) const {
  return std::ranges::any_of(out_, [&entry](const auto& item) {
    const Entry& out = item.second;
    return out.generation != entry.generation || out.write.group == entry.write.group;
  });
}

}  // namespace watchfire::core
