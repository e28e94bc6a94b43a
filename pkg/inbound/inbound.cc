// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/inbound/inbound.h"

#include <algorithm>
#include <array>
#include <utility>

#include <re2/re2.h>

#include "pkg/base/digest.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::inbound {
namespace {

using labels::LabelSet;
using Pairs = LabelSet::Pairs;

// Of what is open until its sender ends it: no sender is known to wait that long.
constexpr std::chrono::hours kUntilResolved{24 * 365 * 100};
constexpr size_t kLabelRunes = 1024;
constexpr const char* kTruncated = "truncated";
constexpr size_t kTextsMost = limits::kLabelsPerAlert * 4;

// What fits into `count` entries of `bytes` together, the first ones first.
Pairs Fit(const Pairs& pairs, size_t count, size_t bytes, bool* is_cut) {
  Pairs fit;
  for (const auto& [name, value] : pairs) {
    const size_t room = bytes - std::min(bytes, name.size());
    if (fit.size() == count || name.empty() || room == 0) {
      *is_cut |= !name.empty();
      continue;
    }
    std::string text = value;
    if (text.size() > room) {
      text = Cut(text, room / 4);  // A code point has up to four bytes.
      *is_cut = true;
    }
    bytes -= name.size() + text.size();
    fit.emplace_back(name, std::move(text));
  }
  return fit;
}

Pairs LabelsOf(const Change& change, std::string_view kind, const config::InboundKey& key) {
  Pairs pairs = Identity(kind, key, change.entity).pairs();
  const auto add = [&](std::string_view name, std::string_view value) {
    AddText(&pairs, name, Cut(value, kLabelRunes));
  };
  add("severity", change.severity);
  for (const auto& [name, value] : change.labels) add(name, value);
  add("alertname", change.entity);
  return pairs;
}

struct Making {
  const Change& change;
  const config::InboundKey& key;
  WallTime now;

  WallTime end() const {
    const bool is_lasting = change.verb != Verb::kMention;
    Duration lifetime = change.lifetime;
    if (is_lasting && key.expires_after > Duration::zero()) lifetime = key.expires_after;
    if (lifetime == Duration::zero()) lifetime = kUntilResolved;
    return now + lifetime;
  }
};

void SetTexts(const Making& making, alert::Alert* alert, bool is_cut) {
  constexpr size_t kRoom = limits::kAnnotationBytesPerAlert - 1024;  // For `truncated` as well.
  const Change& change = making.change;
  const std::string url = Cut(change.generator_url, 2048);
  Pairs texts = Fit(change.annotations, kTextsMost, kRoom - url.size(), &is_cut);
  if (is_cut) texts.emplace_back(kTruncated, "true");
  alert->annotations = LabelSet(std::move(texts));
  alert->generator_url = url;
}

alert::Alert MakeNew(const Making& making, std::string_view kind) {
  bool is_cut = false;
  alert::Alert alert;
  alert.labels = LabelSet(Fit(LabelsOf(making.change, kind, making.key), limits::kLabelsPerAlert,
                              limits::kLabelBytesPerAlert, &is_cut));
  SetTexts(making, &alert, is_cut);
  const WallTime start = making.change.starts_at;
  alert.starts_at = start == kNoTime ? making.now : std::min(start, making.now);
  alert.ends_at = making.end();
  alert.timeout = true;
  alert.updated_at = making.now;
  return alert;
}

// Newer than what it was made of, though the clock was set back: else that would win over it.
WallTime NewerThan(const alert::Alert& old, WallTime now) { return std::max(old.updated_at, now); }

alert::Alert Ended(alert::Alert alert, WallTime now) {
  alert.starts_at = std::min(alert.starts_at, now);
  alert.ends_at = now;
  alert.updated_at = NewerThan(alert, now);
  alert.timeout = false;
  return alert;
}

// Order of severities. One that is not said is more than info: what takes no route of its own must
// reach somebody.
int Rank(std::string_view severity) {
  if (severity == "critical") return 3;
  if (severity == "warning") return 2;
  return severity == "info" ? 0 : 1;
}

std::vector<alert::Alert> RefreshOpen(const Making& making, const Alerts& open) {
  const Change& change = making.change;
  // Of several, which only a race makes, the first goes on.
  alert::Alert kept = *open.front();
  std::vector<alert::Alert> out;
  for (size_t i = 1; i < open.size(); ++i) out.push_back(Ended(*open[i], making.now));
  if (change.refresh != Refresh::kNothing) SetTexts(making, &kept, false);
  kept.ends_at = making.end();
  kept.timeout = true;
  kept.updated_at = NewerThan(kept, making.now);
  // What the key says of severity stays, and a milder or unknown word takes no page back.
  const bool is_news = change.refresh == Refresh::kSeverity && !making.key.labels.Has("severity") &&
                       Rank(change.severity) > Rank(kept.labels.Get("severity"));
  if (is_news) {
    out.push_back(Ended(*open.front(), making.now));
    kept.labels = kept.labels.With({{"severity", change.severity}});
  }
  out.push_back(std::move(kept));
  return out;
}

std::vector<alert::Alert> AnnotateOpen(const Making& making, const Alerts& open) {
  std::vector<alert::Alert> out;
  for (const auto& old : open) {
    alert::Alert alert = *old;
    bool is_cut = false;
    alert.annotations = LabelSet(Fit(alert.annotations.With(making.change.annotations).pairs(),
                                     kTextsMost, limits::kAnnotationBytesPerAlert, &is_cut));
    alert.updated_at = NewerThan(*old, making.now);
    Pairs labels = making.change.labels;
    if (!making.change.severity.empty()) labels.emplace_back("severity", making.change.severity);
    // By the labels of its key an alert is found again.
    std::erase_if(labels, [&](const auto& pair) { return making.key.labels.Has(pair.first); });
    if (!labels.empty()) alert.labels = alert.labels.With(labels);
    if (!(alert.labels == old->labels)) out.push_back(Ended(*old, making.now));
    out.push_back(std::move(alert));
  }
  return out;
}

constexpr size_t kNameByBodyBytes = 32;

// Nothing of such a name may be left out: what is left of two would be the same too soon.
bool IsNameByBody(std::string_view entity) {
  return entity.size() == kNameByBodyBytes &&
         entity.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A letter, a digit, or a byte of another script.
bool IsOfName(char c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80) != 0;
}

}  // namespace

std::string EntityOf(const config::InboundKey& key, const std::string& entity) {
  if (key.entity_without == nullptr || IsNameByBody(entity)) return entity;
  std::string rest = entity;
  re2::RE2::GlobalReplace(&rest, *key.entity_without, "");
  // Of a UUID hyphens are left: what has no other name would all be one alert.
  return std::ranges::any_of(rest, IsOfName) ? rest : entity;
}

void NameByBody(std::string_view body, Change* change) {
  constexpr std::chrono::hours kLifetime{24};
  change->entity = Sha256Hex(body).substr(0, kNameByBodyBytes);
  if (change->lifetime == Duration::zero()) change->lifetime = kLifetime;
}

void AddText(Pairs* pairs, std::string_view name, std::string_view value) {
  // One more than an alert has room for, so that it is seen to be cut. Each is compared with all.
  if (value.empty() || name.empty() || pairs->size() > kTextsMost) return;
  const auto is_same = [&](const auto& pair) { return pair.first == name; };
  if (std::ranges::none_of(*pairs, is_same)) pairs->emplace_back(name, value);
}

void AddField(Change* change, std::string_view name, std::string_view value) {
  const bool is_label = std::ranges::find(kFieldLabels, name) != kFieldLabels.end();
  AddText(is_label ? &change->labels : &change->annotations, name, value);
}

std::string NormalSeverity(std::string_view word) {
  static constexpr std::array<std::string_view, 14> kCritical = {
      "critical", "crit",  "error", "err", "fatal", "emergency", "alert",
      "high",     "major", "page",  "p1",  "p2",    "sev0",      "sev1"};
  static constexpr std::array<std::string_view, 8> kWarning = {
      "warning", "warn", "minor", "medium", "moderate", "p3", "sev2", "sev3"};
  static constexpr std::array<std::string_view, 10> kInfo = {
      "info", "information", "informational", "notice", "low", "ok", "none", "p4", "p5", "sev4"};
  const std::string lower = ToLower(Trim(word));
  if (std::ranges::find(kCritical, lower) != kCritical.end()) return "critical";
  if (std::ranges::find(kWarning, lower) != kWarning.end()) return "warning";
  if (std::ranges::find(kInfo, lower) != kInfo.end()) return "info";
  return "";
}

LabelSet Identity(std::string_view kind, const config::InboundKey& key, std::string_view entity) {
  Pairs pairs = {{kSourceLabel, std::string(kind)}};
  if (!entity.empty()) pairs.emplace_back(kEntityLabel, entity);
  LabelSet identity(std::move(pairs));
  Pairs own = key.labels.pairs();
  std::erase_if(own, [](const auto& pair) { return pair.first == kEntityLabel; });
  return identity.With(own);
}

std::vector<alert::Alert> Plan(const Change& change, std::string_view kind,
                               const config::InboundKey& key, const Alerts& open, WallTime now) {
  const Making making{change, key, now};
  std::vector<alert::Alert> out;
  switch (change.verb) {
    case Verb::kTrigger:
      if (!open.empty()) return RefreshOpen(making, open);
      out.push_back(MakeNew(making, kind));
      break;
    case Verb::kMention:
      if (open.empty()) out.push_back(MakeNew(making, kind));
      break;
    case Verb::kResolve:
      for (const auto& alert : open) out.push_back(Ended(*alert, now));
      break;
    case Verb::kAnnotate:
      return AnnotateOpen(making, open);
    case Verb::kAcknowledge:
    case Verb::kUnacknowledge:
    case Verb::kSnooze:
    case Verb::kAssign:
    case Verb::kCall:
    case Verb::kNote:
    case Verb::kNothing:
      break;
  }
  return out;
}

}  // namespace watchfire::inbound
