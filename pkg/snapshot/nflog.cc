// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// MeshEntry{entry=1, expires_at=2}
// Entry{group_key=1, receiver=2, timestamp=5, firing_alerts=6, resolved_alerts=7, receiver_data=8}
// Receiver{group_name=1, integration=2, idx=3}
// ReceiverDataValue{str_val=1, int_val=2, double_val=3}
//
// 3 and 4 are what versions before 0.3 compared, and say nothing about single alerts.

#include <algorithm>
#include <bit>
#include <climits>

#include "pkg/base/strings.h"
#include "pkg/snapshot/message.h"

namespace watchfire::snapshot {
namespace {

// Numbers one by one, or many of them packed into one field.
Status AppendHashes(const Field& field, std::vector<uint64_t>* out) {
  if (field.type != WireType::kBytes) {
    const Result<uint64_t> hash = NumberOf(field);
    if (!hash) return Fail(hash.error());
    out->push_back(*hash);
    return {};
  }
  Reader packed(field);
  while (!packed.done()) {
    const Result<uint64_t> hash = packed.Varint();
    if (!hash) return Fail(hash.error());
    out->push_back(*hash);
  }
  return {};
}

Status ReadReceiver(const Field& field, nflog::Key* key) {
  const Result<Reader> message = MessageOf(field);
  if (!message) return Fail(message.error());
  return ForEachField(*message, [key](const Field& part) -> Status {
    if (part.number == 1) return Assign(TextOf(part), &key->receiver);
    if (part.number == 2) return Assign(TextOf(part), &key->integration);
    if (part.number != 3) return {};
    const Result<uint64_t> index = NumberOf(part);
    if (!index) return Fail(index.error());
    if (*index > INT_MAX) return Corrupt(part.at, "the index of an integration is out of range");
    key->index = static_cast<int>(*index);
    return {};
  });
}

// A value of any of the three types, as text.
Status ReadDataValue(const Field& field, std::string* value) {
  const Result<Reader> message = MessageOf(field);
  if (!message) return Fail(message.error());
  return ForEachField(*message, [value](const Field& part) -> Status {
    if (part.number == 1) return Assign(TextOf(part), value);
    if (part.number == 2 && part.type == WireType::kVarint) {
      *value = std::to_string(static_cast<int64_t>(part.value));
    } else if (part.number == 3 && part.type == WireType::kFixed64) {
      *value = FormatGoFloat(std::bit_cast<double>(part.value));
    } else if (part.number <= 3) {
      return Corrupt(part.at, "a datum of the wrong type");
    }
    return {};
  });
}

Status ReadData(const Field& field, std::map<std::string, std::string>* data) {
  const Result<Reader> message = MessageOf(field);
  if (!message) return Fail(message.error());
  std::string name;
  std::string value;
  WF_RETURN_IF_ERROR(ForEachField(*message, [&](const Field& part) -> Status {
    if (part.number == 1) return Assign(TextOf(part), &name);
    if (part.number == 2) return ReadDataValue(part, &value);
    return {};
  }));
  (*data)[RepairUtf8(name)] = RepairUtf8(value);
  return {};
}

Status ReadEntry(const Field& entry, Told* told) {
  const Result<Reader> message = MessageOf(entry);
  if (!message) return Fail(message.error());
  nflog::Foreign& foreign = *told->entry.foreign;
  return ForEachField(*message, [told, &foreign](const Field& field) -> Status {
    switch (field.number) {
      case 1:
        return Assign(TextOf(field), &told->key.group_key);
      case 2:
        return ReadReceiver(field, &told->key);
      case 5:
        return Assign(TimeOf(field), &told->entry.at);
      case 6:
        return AppendHashes(field, &foreign.firing);
      case 7:
        return AppendHashes(field, &foreign.resolved);
      case 8:
        return ReadData(field, &told->entry.data);
      default:
        return {};
    }
  });
}

void Normalize(std::vector<uint64_t>* hashes) {
  std::ranges::sort(*hashes);
  hashes->erase(std::unique(hashes->begin(), hashes->end()), hashes->end());
}

Result<Told> ReadMeshEntry(Reader mesh) {
  const size_t at = mesh.at();
  Told told;
  told.entry.foreign.emplace();
  const Status read = ForEachField(mesh, [&told](const Field& field) -> Status {
    if (field.number == 1) return ReadEntry(field, &told);
    if (field.number == 2) return Assign(TimeOf(field), &told.entry.expires_at);
    return {};
  });
  if (!read) return Fail(read.error());
  if (told.key.group_key.empty() || told.key.receiver.empty() || told.key.integration.empty()) {
    return Corrupt(at, "an entry without group, receiver or integration");
  }
  if (told.entry.at == kNoTime) return Corrupt(at, "an entry without time");
  nflog::Foreign& foreign = *told.entry.foreign;
  foreign.at = told.entry.at;
  Normalize(&foreign.firing);
  Normalize(&foreign.resolved);
  if (foreign.firing.empty() && foreign.resolved.empty()) told.entry.foreign.reset();
  return told;
}

}  // namespace

Decoded<Told> DecodeNflog(std::string_view file) {
  return DecodeAll<Told>(file, limits::kActiveAlerts, ReadMeshEntry);
}

}  // namespace watchfire::snapshot
