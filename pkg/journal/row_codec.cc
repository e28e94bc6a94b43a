// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/journal/row_codec.h"

#include <array>
#include <utility>

#include "pkg/base/hex64.h"
#include "pkg/base/strings.h"

namespace watchfire::journal {
namespace {

using simdjson::dom::element;

// Throws simdjson's error, as its own accessors do.
uint64_t ReadHex(std::string_view text) {
  const auto value = ParseHex64(text);
  if (!value) throw simdjson::simdjson_error(simdjson::NUMBER_ERROR);
  return *value;
}

uint64_t HexOf(element json) { return ReadHex(std::string_view(json)); }

std::vector<uint64_t> HexesOf(element list) {
  std::vector<uint64_t> out;
  for (const element item : simdjson::dom::array(list)) out.push_back(HexOf(item));
  return out;
}

std::string TextOf(element json) { return std::string(std::string_view(json)); }

template <typename Enum>
Enum Named(std::string_view name, int count, const char* (*name_of)(Enum)) {
  for (int i = 0; i < count; ++i) {
    if (name == name_of(static_cast<Enum>(i))) return static_cast<Enum>(i);
  }
  throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
}

void WriteAttempt(const Attempt& attempt, JsonWriter* json) {
  json->StartObject().Field("at", ToNanos(attempt.at)).Field("took", attempt.took.count());
  if (!attempt.why.empty()) json->Field("why", attempt.why);
  if (attempt.unknown) json->Field("unknown", true);
  json->EndObject();
}

Attempt ReadAttempt(element json) {
  Attempt attempt;
  attempt.at = FromNanos(json["at"]);
  attempt.took = Duration(int64_t(json["took"]));
  std::string_view why;
  if (json["why"].get(why) == simdjson::SUCCESS) attempt.why = why;
  attempt.unknown = json["unknown"].error() == simdjson::SUCCESS;
  return attempt;
}

}  // namespace

// A storm is many entries that say the same of other alerts.
bool RowCodec::IsLike(const Journal::Entry& entry, const Journal::Entry& before) {
  return entry.kind == before.kind && entry.place == before.place && entry.text == before.text &&
         entry.kind != Kind::kForgotten;  // Which has labels.
}

struct RowCodec::Stored {
  struct Texts {
    std::string place;
    std::string text;
    labels::LabelSet labels;
  };
  std::vector<std::string> places;
  std::vector<Journal::Entry> entries;  // Their texts are those of the same index.
  std::vector<Texts> texts;
  std::optional<Journal::Sheet> sheet;
  std::string integration;
  std::string reason;
};

std::string RowCodec::Key(uint64_t row, WallTime at) {
  std::string key(2 * kHex64Digits + 1, '-');
  WriteHex64(static_cast<uint64_t>(ToNanos(at)), key.data());
  WriteHex64(row, key.data() + kHex64Digits + 1);
  return key;
}

Record RowCodec::Encode(const Journal& journal, uint64_t sequence, const Journal::Row& row) {
  JsonWriter json;
  json.StartObject();
  if (row.sheet) {
    WriteSheet(journal, *row.sheet, &json);
  } else {
    WriteEntries(journal, row, &json);
  }
  return {Table::kJournal, Key(sequence, row.at), json.EndObject().Take()};
}

void RowCodec::WriteEntries(const Journal& journal, const Journal::Row& row, JsonWriter* json) {
  std::map<TextId, int> places;
  json->Key("places").StartArray();
  for (const Journal::Entry& entry : row.entries) {
    if (entry.place == 0 || places.contains(entry.place)) continue;
    places.emplace(entry.place, static_cast<int>(places.size()));
    json->String(journal.texts_.Get(entry.place));
  }
  json->EndArray().Key("entries").StartArray();
  const Journal::Entry* before = nullptr;
  for (const Journal::Entry& entry : row.entries) {
    const Journal::Entry* const other = std::exchange(before, &entry);
    if (other != nullptr && IsLike(entry, *other)) {
      std::array<char, 2 * kHex64Digits + 3> ids;  // In quotes.
      char* to = ids.data();
      *to++ = '"';
      WriteHex64(entry.alert, to);
      to += kHex64Digits;
      if (entry.number != other->number) {
        *to++ = ' ';
        WriteHex64(entry.number, to);
        to += kHex64Digits;
      }
      *to++ = '"';
      json->Raw({ids.data(), static_cast<size_t>(to - ids.data())});
      continue;
    }
    json->StartObject().Field("alert", Hex64(entry.alert)).Field("kind", KindName(entry.kind));
    if (entry.number != 0) json->Field("number", Hex64(entry.number));
    if (entry.text != 0) json->Field("text", journal.texts_.Get(entry.text));
    if (entry.place != 0) json->Field("place", places.at(entry.place));
    const labels::LabelSet* labels =
        entry.kind == Kind::kForgotten ? journal.Labels(entry.alert) : nullptr;
    if (labels != nullptr) {
      json->Key("labels").StartObject();
      for (const labels::Label& label : *labels) json->Field(label.name, label.value);
      json->EndObject();
    }
    json->EndObject();
  }
  json->EndArray();
}

void RowCodec::WriteSheet(const Journal& journal, const Journal::Sheet& sheet, JsonWriter* json) {
  // It need not be moved as it grows.
  constexpr size_t kOtherBytes = 384;
  json->Reserve(kOtherBytes + journal.texts_.Get(sheet.place).size() +
                (sheet.firing.size() + sheet.resolved.size()) * (kHex64Digits + 3));
  json->Field("place", journal.texts_.Get(sheet.place));
  json->Field("integration", journal.texts_.Get(sheet.integration)).Field("index", sheet.index);
  json->Field("reason", journal.texts_.Get(sheet.reason));
  json->Key("firing").Hashes(sheet.firing).Key("resolved").Hashes(sheet.resolved);
  json->Key("attempts").StartArray();
  for (const Attempt& attempt : sheet.attempts) WriteAttempt(attempt, json);
  json->EndArray();
  if (sheet.attempts_omitted > 0) {
    json->Field("attempts_omitted", static_cast<int64_t>(sheet.attempts_omitted));
  }
  json->Field("outcome", OutcomeName(sheet.outcome));
  if (sheet.ended_at != kNoTime) json->Field("ended_at", ToNanos(sheet.ended_at));
}

Journal::Entry RowCodec::ReadLike(std::string_view text, Stored* stored) {
  if (stored->entries.empty() || stored->entries.back().kind == Kind::kForgotten) {
    throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
  }
  Journal::Entry entry = stored->entries.back();
  entry.alert = ReadHex(text.substr(0, kHex64Digits));
  if (text.size() > kHex64Digits) {
    if (text[kHex64Digits] != ' ') throw simdjson::simdjson_error(simdjson::NUMBER_ERROR);
    entry.number = ReadHex(text.substr(kHex64Digits + 1));
  }
  stored->texts.push_back(Stored::Texts(stored->texts.back()));
  return entry;
}

Journal::Entry RowCodec::ReadEntry(element json, Stored* stored) {
  if (std::string_view text; json.get(text) == simdjson::SUCCESS) return ReadLike(text, stored);
  Journal::Entry entry;
  Stored::Texts texts;
  entry.alert = HexOf(json["alert"]);
  entry.kind = Named<Kind>(json["kind"], kKindCount, KindName);
  element member;
  if (json["number"].get(member) == simdjson::SUCCESS) entry.number = HexOf(member);
  if (json["text"].get(member) == simdjson::SUCCESS) texts.text = TextOf(member);
  if (json["place"].get(member) == simdjson::SUCCESS) {
    const uint64_t place = member;
    if (place >= stored->places.size()) {
      throw simdjson::simdjson_error(simdjson::INDEX_OUT_OF_BOUNDS);
    }
    texts.place = stored->places[place];
  }
  if (json["labels"].get(member) == simdjson::SUCCESS) {
    labels::LabelSet::Pairs pairs;
    for (const auto& [name, value] : simdjson::dom::object(member)) {
      pairs.emplace_back(std::string(name), TextOf(value));
    }
    texts.labels = labels::LabelSet(std::move(pairs));
  }
  stored->texts.push_back(std::move(texts));
  return entry;
}

void RowCodec::ReadSheet(element json, Stored* stored) {
  Journal::Sheet& sheet = stored->sheet.emplace();
  stored->places.push_back(TextOf(json["place"]));
  stored->integration = TextOf(json["integration"]);
  stored->reason = TextOf(json["reason"]);
  sheet.index = static_cast<int>(int64_t(json["index"]));
  sheet.firing = HexesOf(json["firing"]);
  sheet.resolved = HexesOf(json["resolved"]);
  for (const element attempt : simdjson::dom::array(json["attempts"])) {
    sheet.attempts.push_back(ReadAttempt(attempt));
  }
  int64_t number = 0;
  if (json["attempts_omitted"].get(number) == simdjson::SUCCESS) {
    sheet.attempts_omitted = static_cast<size_t>(number);
  }
  sheet.outcome = Named<Outcome>(json["outcome"], kOutcomeCount, OutcomeName);
  // Whoever could have heard its answer is gone.
  if (sheet.outcome == Outcome::kUnderWay) sheet.outcome = Outcome::kLost;
  if (json["ended_at"].get(number) == simdjson::SUCCESS) sheet.ended_at = FromNanos(number);
}

void RowCodec::Add(Stored stored, uint64_t row, WallTime at, Journal* journal) {
  Journal::Row& kept = journal->rows_[row];
  kept.at = at;
  journal->last_row_ = std::max(journal->last_row_, row);
  if (stored.sheet) {
    Journal::Sheet& sheet = *stored.sheet;
    sheet.place = journal->texts_.Use(stored.places.front());
    sheet.integration = journal->texts_.Use(stored.integration);
    sheet.reason = journal->texts_.Use(stored.reason);
    for (const uint64_t alert : sheet.firing) journal->Index(alert, row);
    for (const uint64_t alert : sheet.resolved) journal->Index(alert, row);
    journal->entries_ += sheet.firing.size() + sheet.resolved.size();
    kept.sheet = std::make_unique<Journal::Sheet>(std::move(sheet));
    return;
  }
  for (size_t i = 0; i < stored.entries.size(); ++i) {
    Journal::Entry entry = stored.entries[i];
    entry.place = journal->texts_.Use(stored.texts[i].place);
    entry.text = journal->texts_.Use(stored.texts[i].text);
    kept.entries.push_back(entry);
    ++journal->entries_;
    if (entry.kind == Kind::kConfigured) {
      journal->configurations_[row] = at;
      journal->configuration_ = entry.number;
      continue;
    }
    journal->Index(entry.alert, row);
    Journal::Known& known = journal->alerts_.at(entry.alert);
    const bool remembers = entry.kind == Kind::kFiring || entry.kind == Kind::kForgotten;
    if (remembers) journal->SetLabels(stored.texts[i].labels, &known);
    if (KeepsOut(entry.kind)) journal->SetKeptOut(true, &known);
  }
}

Status RowCodec::Decode(const Record& record, Journal* journal) {
  const auto bad = [&](std::string_view what) {
    return Fail(Code::kCorrupt, "journal: " + std::string(what));
  };
  const std::string_view key = record.key;
  if (key.size() != 2 * kHex64Digits + 1 || key[kHex64Digits] != '-') return bad("bad key");
  const auto at = ParseHex64(key.substr(0, kHex64Digits));
  const auto row = ParseHex64(key.substr(kHex64Digits + 1));
  if (!at || !row || *row == 0 || journal->rows_.contains(*row)) return bad("bad key");
  Stored stored;
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    const element root = parser.parse(text);
    if (root["outcome"].error() == simdjson::SUCCESS) {
      ReadSheet(root, &stored);
      if (stored.sheet->firing.empty() && stored.sheet->resolved.empty()) return bad("no alert");
    } else {
      for (const element place : simdjson::dom::array(root["places"])) {
        stored.places.push_back(TextOf(place));
      }
      for (const element entry : simdjson::dom::array(root["entries"])) {
        stored.entries.push_back(ReadEntry(entry, &stored));
      }
      if (stored.entries.empty()) return bad("no entry");
    }
  } catch (const simdjson::simdjson_error& error) {
    return bad(error.what());
  }
  for (const std::string& place : stored.places) {
    if (!IsPlaceText(place)) return bad("bad place");
  }
  Add(std::move(stored), *row, FromNanos(static_cast<int64_t>(*at)), journal);
  return {};
}

Status Journal::Restore(const Record& record) { return RowCodec::Decode(record, this); }

}  // namespace watchfire::journal
