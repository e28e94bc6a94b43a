// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Writes Alertmanager's files, field by field, for tests. The fields are those of pkg/snapshot's
// .cc files; what a test leaves out is not written, as protocol buffers have it.

#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/time.h"

namespace watchfire::snapshot::encoder {

inline std::string Varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(0x80 | (value & 0x7f));
  return out + static_cast<char>(value);
}
inline std::string Bytes(uint64_t field, const std::string& text) {
  return Varint(field << 3 | 2) + Varint(text.size()) + text;
}
inline std::string Number(uint64_t field, uint64_t value) {
  return Varint(field << 3) + Varint(value);
}
inline std::string Double(uint64_t field, double value) {
  std::string out = Varint(field << 3 | 1);
  for (uint64_t bits = std::bit_cast<uint64_t>(value), i = 0; i < 8; ++i, bits >>= 8) {
    out += static_cast<char>(bits & 0xff);
  }
  return out;
}
inline std::string Time(uint64_t field, WallTime at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  return Bytes(field, Number(1, static_cast<uint64_t>(whole.time_since_epoch().count())) +
                          Number(2, static_cast<uint64_t>((at - whole).count())));
}
inline std::string Delimited(const std::string& message) {
  return Varint(message.size()) + message;
}

struct Matcher {
  uint64_t type = 0;  // = =~ != !~
  std::string name;
  std::string value;
};

inline std::string Write(uint64_t field, const Matcher& matcher) {
  return Bytes(field, Number(1, matcher.type) + Bytes(2, matcher.name) + Bytes(3, matcher.value));
}

struct Silence {
  std::string id;
  std::vector<Matcher> matchers;
  std::vector<std::vector<Matcher>> matcher_sets = {};
  WallTime starts_at = kNoTime;
  WallTime ends_at = kNoTime;
  WallTime updated_at = kNoTime;
  std::string created_by = "ada";
  std::string comment = "why";
  std::map<std::string, std::string> annotations = {};
  std::string more = {};  // Further fields of the silence, encoded.
};

// MeshSilence with its length.
inline std::string Write(const Silence& silence) {
  std::string body = Bytes(1, silence.id);
  for (const Matcher& matcher : silence.matchers) body += Write(2, matcher);
  body += Time(3, silence.starts_at) + Time(4, silence.ends_at) + Time(5, silence.updated_at);
  body += Bytes(8, silence.created_by) + Bytes(9, silence.comment);
  for (const auto& [name, value] : silence.annotations) {
    body += Bytes(10, Bytes(1, name) + Bytes(2, value));
  }
  for (const std::vector<Matcher>& set : silence.matcher_sets) {
    std::string matchers;
    for (const Matcher& matcher : set) matchers += Write(1, matcher);
    body += Bytes(11, matchers);
  }
  return Delimited(Bytes(1, body + silence.more) +
                   Time(2, silence.ends_at + std::chrono::hours(120)));
}

struct Entry {
  std::string group_key;
  std::string receiver;
  std::string integration;
  uint64_t index = 0;
  WallTime at = kNoTime;
  std::vector<uint64_t> firing = {};
  std::vector<uint64_t> resolved = {};
  WallTime expires_at = kNoTime;
  std::string more = {};  // Further fields of the entry, encoded.
};

// MeshEntry with its length; hashes packed, as Go writes them.
inline std::string Write(const Entry& entry) {
  const auto packed = [](const std::vector<uint64_t>& hashes) {
    std::string out;
    for (const uint64_t hash : hashes) out += Varint(hash);
    return out;
  };
  std::string body = Bytes(1, entry.group_key);
  body += Bytes(2, Bytes(1, entry.receiver) + Bytes(2, entry.integration) +
                       (entry.index == 0 ? "" : Number(3, entry.index)));
  body += Time(5, entry.at);
  if (!entry.firing.empty()) body += Bytes(6, packed(entry.firing));
  if (!entry.resolved.empty()) body += Bytes(7, packed(entry.resolved));
  return Delimited(Bytes(1, body + entry.more) + Time(2, entry.expires_at));
}

}  // namespace watchfire::snapshot::encoder
