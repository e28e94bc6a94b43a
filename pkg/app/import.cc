// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/import.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "pkg/app/files.h"
#include "pkg/app/log.h"
#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/snapshot/merge.h"

namespace watchfire::app {
namespace {

constexpr size_t kReasonsLogged = 20;  // For each file.

// One of the two files.
class File {
 public:
  File(const ImportOptions& options, std::string name, ImportCounts* counts)
      : path_(options.directory + "/" + name), name_(std::move(name)), counts_(counts) {}

  // Returns what is in it, unless there is none or `stored` knows it.
  std::optional<std::string> Read(const std::vector<Record>& stored) {
    Result<std::string> text = ReadFile(path_, limits::kSnapshotBytes);
    if (!text) {
      if (text.error().code != Code::kNotFound) Refuse(text.error().message);
      return std::nullopt;
    }
    digest_ = Sha256Hex(*text);
    // The file as it was last time says nothing new, and what has been changed or forgotten since
    // then must not come back. After a time with Alertmanager it is another file.
    const bool is_known = std::ranges::any_of(stored, [this](const Record& record) {
      return record.table == Table::kMeta && record.key == MetaKey() &&
             record.value.value_or("").starts_with(digest_);
    });
    return is_known ? std::nullopt : std::optional(*std::move(text));
  }

  template <typename T>
  void Report(const snapshot::Decoded<T>& decoded) {
    const size_t shown = std::min(decoded.skipped.size(), kReasonsLogged);
    for (size_t i = 0; i < shown; ++i) Refuse(path_ + ": " + decoded.skipped[i]);
    if (const size_t more = decoded.skipped.size() - shown; more > 0) {
      Refuse(path_ + ": and " + std::to_string(more) + " more", more);
    }
    if (decoded.damage) {
      Refuse(path_ + ": " + decoded.damage->message + "; from there on nothing was imported");
    }
  }

  // Appends the records to store.
  void Take(snapshot::Merged merged, WallTime now, std::vector<Record>* out) {
    Count("imported", merged.records.size());
    Count("known", merged.known);
    Count("expired", merged.expired);
    Log(Level::kInfo, "import: Alertmanager's file was read",
        {{"file", path_},
         {"imported", std::to_string(merged.records.size())},
         {"known", std::to_string(merged.known)},
         {"expired", std::to_string(merged.expired)},
         {"unreadable", std::to_string((*counts_)[{name_, "unreadable"}])}});
    std::ranges::move(merged.records, std::back_inserter(*out));
    out->push_back({Table::kMeta, MetaKey(), digest_ + " " + FormatRfc3339(now)});
  }

 private:
  std::string MetaKey() const { return "imported_" + name_; }
  void Count(const char* result, size_t count) { (*counts_)[{name_, result}] += count; }
  void Refuse(const std::string& why, size_t count = 1) {
    Count("unreadable", count);
    Log(Level::kError, "import: not imported", {{"err", why}});
  }

  const std::string path_;
  const std::string name_;
  ImportCounts* counts_;
  std::string digest_;
};

}  // namespace

std::vector<Record> ImportAlertmanager(const ImportOptions& options,
                                       const std::vector<Record>& stored, ImportCounts* counts) {
  std::vector<Record> records;
  File silences(options, "silences", counts);
  if (const auto text = silences.Read(stored)) {
    const auto decoded = snapshot::DecodeSilences(*text);
    silences.Report(decoded);
    silences.Take(snapshot::MergeSilences(decoded.items, stored, options.now, options.retention),
                  options.now, &records);
  }
  File nflog(options, "nflog", counts);
  if (const auto text = nflog.Read(stored)) {
    auto decoded = snapshot::DecodeNflog(*text);
    nflog.Report(decoded);
    nflog.Take(snapshot::MergeNflog(std::move(decoded.items), stored, options.now), options.now,
               &records);
  }
  return records;
}

void Overlay(std::vector<Record> changes, std::vector<Record>* stored) {
  std::set<std::pair<Table, std::string>> changed;
  for (const Record& record : changes) changed.emplace(record.table, record.key);
  std::erase_if(*stored, [&changed](const Record& record) {
    return changed.contains({record.table, record.key});
  });
  std::ranges::move(changes, std::back_inserter(*stored));
}

}  // namespace watchfire::app
