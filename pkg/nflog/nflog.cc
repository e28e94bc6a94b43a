// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/nflog/nflog.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/labels/xxhash.h"
#include "pkg/nflog/hashes.h"

namespace watchfire::nflog {
namespace {

// "integration\nindex\nbytes of the group key\ngroup key" and the receiver's name: the last two may
// hold anything. Where one stands in for another: "…\nbytes bytes\ngroup key", the other's name and
// its own; where it is for a person, his comes between them.
std::string EncodeKey(const Key& key) {
  constexpr size_t kNumberBytes = 24;  // One of them, and what separates it.
  std::string out;
  out.reserve(key.integration.size() + 4 * kNumberBytes + key.group_key.size() + key.via.size() +
              key.person.size() + key.receiver.size());
  out.append(key.integration).append("\n").append(std::to_string(key.index)).append("\n");
  out += std::to_string(key.group_key.size());
  if (!key.via.empty()) out.append(" ").append(std::to_string(key.via.size()));
  if (!key.person.empty()) out.append(" ").append(std::to_string(key.person.size()));
  out.append("\n").append(key.group_key).append(key.via).append(key.person).append(key.receiver);
  return out;
}

// Of an entry in JSON, so that it need not be moved as it grows: of one hash, and of the rest.
constexpr size_t kHashBytes = 19;
constexpr size_t kOtherBytes = 160;

bool ReadNumber(std::string_view text, size_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

Result<Key> DecodeKey(std::string_view text) {
  std::vector<std::string_view> head;
  for (int i = 0; i < 3; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return Fail(Code::kCorrupt, "notification log: bad key");
    head.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  size_t index = 0;
  std::vector<size_t> sizes;
  bool is_good = ReadNumber(head[1], &index);
  for (std::string_view rest = head[2]; is_good && sizes.size() < 3;) {
    const size_t blank = rest.find(' ');
    size_t bytes = 0;
    is_good = ReadNumber(rest.substr(0, blank), &bytes) && (sizes.empty() || bytes > 0);
    sizes.push_back(bytes);
    if (blank == std::string_view::npos) break;
    rest.remove_prefix(blank + 1);
    if (sizes.size() == 3) is_good = false;
  }
  std::vector<std::string> texts(3);
  for (size_t i = 0; is_good && i < sizes.size(); ++i) {
    is_good = sizes[i] <= text.size();
    if (!is_good) break;
    texts[i] = text.substr(0, sizes[i]);
    text.remove_prefix(sizes[i]);
  }
  if (!is_good) return Fail(Code::kCorrupt, "notification log: bad key");
  return Key{texts[0], std::string(text), std::string(head[0]), static_cast<int>(index),
             texts[1], texts[2]};
}

void WriteForeign(JsonWriter* json, const Foreign& foreign) {
  json->Key("foreign").StartObject();
  WriteHashes(json, "firing", foreign.firing);
  WriteHashes(json, "resolved", foreign.resolved);
  json->Field("at", ToNanos(foreign.at)).Field("until", ToNanos(foreign.until));
  json->EndObject();
}

Foreign ReadForeign(simdjson::dom::element json) {
  Foreign foreign;
  foreign.firing = ReadHashes(json["firing"]);
  foreign.resolved = ReadHashes(json["resolved"]);
  foreign.at = FromNanos(json["at"]);
  foreign.until = FromNanos(json["until"]);
  return foreign;
}

bool IsOwed(const Entry& entry) {
  return entry.foreign && !(entry.foreign->firing.empty() && entry.foreign->resolved.empty());
}

using Hashes = std::vector<uint64_t>;  // Sorted.

Hashes Union(Hashes a, const Hashes& b) {
  if (b.empty()) return a;
  if (a.empty()) return b;
  Hashes out;
  out.reserve(a.size() + b.size());
  std::ranges::set_union(a, b, std::back_inserter(out));
  return out;
}

Hashes Intersection(const Hashes& a, const Hashes& b) {
  Hashes out;
  out.reserve(std::min(a.size(), b.size()));
  std::ranges::set_intersection(a, b, std::back_inserter(out));
  return out;
}

Hashes Minus(const Hashes& a, const Hashes& b) {
  Hashes out;
  out.reserve(a.size());
  std::ranges::set_difference(a, b, std::back_inserter(out));
  return out;
}

// If `hash` is in `from`, moves the alert it names to `to`.
bool Move(uint64_t hash, uint64_t fingerprint, std::vector<uint64_t>* from,
          std::vector<uint64_t>* to) {
  const auto [first, last] = std::equal_range(from->begin(), from->end(), hash);
  if (first == last) return false;
  from->erase(first, last);
  const auto place = std::ranges::lower_bound(*to, fingerprint);
  if (place == to->end() || *place != fingerprint) to->insert(place, fingerprint);
  return true;
}

}  // namespace

Record Encode(const Key& key, const Entry& entry) {
  JsonWriter json;
  const size_t hashes = entry.firing.size() + entry.resolved.size() + entry.attempted.size();
  json.Reserve(kOtherBytes + hashes * kHashBytes);
  json.StartObject();
  WriteHashes(&json, "firing", entry.firing);
  WriteHashes(&json, "resolved", entry.resolved);
  WriteHashes(&json, "attempted", entry.attempted);
  if (!entry.ending.empty()) WriteHashes(&json, "ending", entry.ending);
  json.Field("at", ToNanos(entry.at)).Field("expires_at", ToNanos(entry.expires_at));
  if (!entry.data.empty()) {
    json.Key("data").StartObject();
    for (const auto& [name, value] : entry.data) json.Field(name, value);
    json.EndObject();
  }
  if (entry.foreign) WriteForeign(&json, *entry.foreign);
  if (entry.owed_since != kNoTime) json.Field("owed_since", ToNanos(entry.owed_since));
  return {Table::kNflog, EncodeKey(key), json.EndObject().Take()};
}

Result<std::pair<Key, Entry>> Decode(const Record& record) {
  Result<Key> key = DecodeKey(record.key);
  if (!key) return Fail(key.error());
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    const simdjson::dom::element root = parser.parse(text);
    Entry entry;
    entry.firing = ReadHashes(root["firing"]);
    entry.resolved = ReadHashes(root["resolved"]);
    entry.attempted = ReadHashes(root["attempted"]);
    simdjson::dom::element ending;
    if (root["ending"].get(ending) == simdjson::SUCCESS) entry.ending = ReadHashes(ending);
    entry.at = FromNanos(root["at"]);
    entry.expires_at = FromNanos(root["expires_at"]);
    simdjson::dom::object data;
    if (root["data"].get(data) == simdjson::SUCCESS) {
      for (const auto& [name, value] : data) entry.data.emplace(name, std::string_view(value));
    }
    simdjson::dom::element foreign;
    if (root["foreign"].get(foreign) == simdjson::SUCCESS) entry.foreign = ReadForeign(foreign);
    simdjson::dom::element owed_since;
    if (root["owed_since"].get(owed_since) == simdjson::SUCCESS) {
      entry.owed_since = FromNanos(owed_since);
    }
    return std::pair(*std::move(key), std::move(entry));
  } catch (const simdjson::simdjson_error& error) {
    return Fail(Code::kCorrupt, std::string("notification log: ") + error.what());
  }
}

const Entry& Log::Put(const Key& key, Entry entry) { return Put(std::move(entry), &entries_[key]); }

const Entry& Log::Put(Entry entry, Entry* kept) {
  foreign_ -= IsOwed(*kept) ? 1 : 0;
  *kept = std::move(entry);
  foreign_ += IsOwed(*kept) ? 1 : 0;
  return *kept;
}

const Entry* Log::Find(const Key& key) const {
  ++queries_;
  return entries_.Find(key);
}

Record Log::Attempt(const Key& key, const std::vector<uint64_t>& firing,
                    const std::vector<uint64_t>& resolved, WallTime expires_at,
                    WallTime owed_since) {
  Entry& entry = entries_[key];
  entry.attempted = Union(Union(std::move(entry.attempted), firing), resolved);
  entry.ending = Union(std::move(entry.ending), resolved);
  entry.expires_at = std::max(entry.expires_at, expires_at);
  entry.owed_since = owed_since;
  return Encode(key, entry);
}

std::optional<Record> Log::Owe(const Key& key, WallTime since) {
  Entry& entry = entries_[key];
  if (entry.owed_since != kNoTime) return std::nullopt;
  entry.owed_since = since;
  return Encode(key, entry);
}

std::optional<Record> Log::Settle(const Key& key) {
  Entry* entry = entries_.Find(key);
  if (entry == nullptr || entry->owed_since == kNoTime) return std::nullopt;
  entry->owed_since = kNoTime;
  return Encode(key, *entry);
}

Record Log::Withdraw(const Key& key, const std::vector<uint64_t>& alerts,
                     const std::vector<uint64_t>& ends) {
  Entry& entry = entries_[key];
  entry.attempted = Minus(entry.attempted, alerts);
  entry.ending = Intersection(Minus(entry.ending, ends), entry.attempted);
  return Encode(key, entry);
}

Record Log::Accept(const Key& key, Entry entry) {
  ++queries_;
  const auto [kept, is_new] = entries_.Add(key);
  if (!is_new) {
    // An alert that Alertmanager told and that has yet to arrive stays told; unless everything is
    // over by this message, for the receiver has forgotten it then.
    if (IsOwed(*kept) && !entry.firing.empty()) entry.foreign = kept->foreign;
    // What it was told now is what it believes; of the rest it may still have the end.
    entry.ending = Minus(Intersection(kept->ending, entry.attempted), entry.firing);
  }
  return Encode(key, Put(std::move(entry), kept));
}

std::optional<Record> Log::Adopt(const Key& key,
                                 const std::vector<std::shared_ptr<const alert::Alert>>& alerts) {
  if (foreign_ == 0) return std::nullopt;
  const Entry* old = Find(key);
  if (old == nullptr || !IsOwed(*old)) return std::nullopt;
  Entry entry = *old;
  Foreign& foreign = *entry.foreign;
  // Once we have told something ourselves, what began since then is in that message or news.
  const WallTime latest = entry.at == foreign.at ? foreign.until : foreign.at;
  bool is_changed = false;
  for (const auto& alert : alerts) {
    if (alert->starts_at > latest) continue;
    const uint64_t hash = labels::NotificationHash(alert->labels);
    is_changed |= Move(hash, alert->fingerprint(), &foreign.firing, &entry.firing);
    is_changed |= Move(hash, alert->fingerprint(), &foreign.resolved, &entry.resolved);
  }
  if (!is_changed) return std::nullopt;
  if (!IsOwed(entry)) entry.foreign.reset();
  return Encode(key, Put(key, std::move(entry)));
}

std::optional<Record> Log::Doubt(const Key& key, const std::vector<uint64_t>& alerts) {
  if (alerts.empty()) return std::nullopt;
  Entry* entry = entries_.Find(key);
  if (entry == nullptr) return std::nullopt;
  auto attempted = Union(entry->attempted, Intersection(entry->firing, alerts));
  if (attempted == entry->attempted) return std::nullopt;
  entry->attempted = std::move(attempted);
  return Encode(key, *entry);
}

std::optional<Record> Log::Forget(const Key& key, const std::vector<uint64_t>& alerts) {
  Entry* entry = entries_.Find(key);
  if (entry == nullptr) return std::nullopt;
  const auto drop = [&](std::vector<uint64_t>* from) {
    return std::erase_if(*from, [&](uint64_t fingerprint) {
      return std::ranges::binary_search(alerts, fingerprint);
    });
  };
  const size_t dropped = drop(&entry->firing) + drop(&entry->attempted);
  drop(&entry->ending);
  if (dropped == 0) return std::nullopt;
  return Encode(key, *entry);
}

void Log::DoubtAll() {
  entries_.ForEach([](const Key&, Entry& entry) {
    entry.attempted = Union(std::move(entry.attempted), Union(entry.firing, entry.resolved));
  });
}

std::vector<Record> Log::Collect(WallTime now, const std::function<bool(const Key&)>& lives) {
  std::vector<Key> over;
  entries_.ForEach([&](const Key& key, const Entry& entry) {
    if (entry.expires_at <= now && !lives(key)) over.push_back(key);
  });
  std::vector<Record> deletions;
  for (const Key& key : over) {
    deletions.push_back({Table::kNflog, EncodeKey(key), std::nullopt});
    foreign_ -= IsOwed(*entries_.Find(key)) ? 1 : 0;
    entries_.Erase(key);
  }
  return deletions;
}

Status Log::Restore(const Record& record) {
  Result<std::pair<Key, Entry>> stored = Decode(record);
  if (!stored) return Fail(stored.error());
  Put(stored->first, std::move(stored->second));
  return {};
}

}  // namespace watchfire::nflog
