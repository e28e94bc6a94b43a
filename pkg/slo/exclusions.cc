// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/slo/exclusions.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/slo/period.h"

namespace watchfire::slo {
namespace {

constexpr std::string_view kPrefix = "exclusion/";
constexpr Duration kMinute = std::chrono::minutes(1);
constexpr size_t kSchedulesKept = 64;
constexpr int64_t kMinutesKept = 2 * Exclusions::kHistory / kMinute;

std::string KeyOf(uint64_t id) { return std::string(kPrefix) + std::to_string(id); }

Record Encode(const Exclusion& one) {
  const ExclusionDraft& draft = one.draft;
  JsonWriter json;
  json.StartObject().Key("slos").StartArray();
  for (const std::string& slo : draft.slos) json.String(slo);
  json.EndArray().Field("service", draft.service);
  json.Field("start", ToNanos(draft.start)).Field("end", ToNanos(draft.end));
  json.Field("reason", draft.reason).Field("by", draft.author).Field("at", ToNanos(one.made_at));
  if (one.ended_at != kNoTime) {
    json.Field("ended", ToNanos(one.ended_at)).Field("ended_by", one.ended_by);
  }
  if (one.shortened_at != kNoTime) {
    json.Field("shortened", ToNanos(one.shortened_at)).Field("shortened_by", one.shortened_by);
    json.Field("planned_end", ToNanos(one.planned_end));
  }
  return {Table::kMeta, KeyOf(one.id), json.EndObject().Take()};
}

Status CheckName(const std::string& name, const char* what) {
  if (name.empty()) return InvalidArgument(what);
  if (name.size() <= limits::kIncidentNameBytes) return {};
  return InvalidArgument("a name has at most " + std::to_string(limits::kIncidentNameBytes) +
                         " bytes");
}

Status CheckTexts(const ExclusionDraft& draft) {
  WF_RETURN_IF_ERROR(CheckName(draft.author, "author must say who excludes the time"));
  if (draft.reason.empty()) return InvalidArgument("reason must say why the time does not count");
  if (draft.reason.size() > limits::kNoteBytes) {
    return InvalidArgument("reason has at most " + std::to_string(limits::kNoteBytes) + " bytes");
  }
  if (draft.slos.empty() && draft.service.empty()) {
    return InvalidArgument(
        "slo must name one of those that GET /api/v1/slos lists, or service all "
        "of one");
  }
  if (!draft.slos.empty() && !draft.service.empty()) {
    return InvalidArgument("slo and service exclude each other");
  }
  if (draft.slos.size() > Exclusions::kSlosMost) {
    return InvalidArgument("slo names at most " + std::to_string(Exclusions::kSlosMost) +
                           " SLOs: make several exclusions, or name the service");
  }
  return {};
}

// The longest period of the SLOs that it is of, as much as is over of it. Errors: kNotFound.
Result<Duration> LongestPeriod(std::span<const config::Slo> slos, const Exclusion& one,
                               WallTime now) {
  std::vector<std::string> known;
  Duration longest{};
  for (const config::Slo& slo : slos) {
    known.push_back(one.draft.service.empty() ? slo.id : slo.service);
    if (one.Covers(slo)) longest = std::max({longest, slo.period, PeriodSoFar(slo, now)});
  }
  const auto fail = [&](const std::string& what, const std::string& name) {
    const std::string nearest = Nearest(name, known);
    return Fail(Code::kNotFound,
                "no " + what + " " + GoQuote(name) +
                    (nearest.empty() ? "" : ": did you mean " + GoQuote(nearest) + "?"));
  };
  const auto is_unknown = [&](const std::string& name) {
    return std::ranges::find(known, name) == known.end();
  };
  if (!one.draft.service.empty() && is_unknown(one.draft.service)) {
    return fail("SLO is of a service", one.draft.service);
  }
  const auto unknown = std::ranges::find_if(one.draft.slos, is_unknown);
  if (unknown != one.draft.slos.end()) return fail("SLO", *unknown);
  return longest;
}

Status CheckTimes(const ExclusionDraft& draft, Duration period, WallTime now) {
  const std::string days = std::to_string(limits::kBudgetDays) + " days";
  if (draft.start < now - Exclusions::kHistory || draft.start > now + Exclusions::kHistory) {
    return InvalidArgument("an exclusion starts at most " + days + " ago or ahead");
  }
  if (draft.end <= draft.start) return InvalidArgument("the exclusion must end after it starts");
  if (draft.end - draft.start > Exclusions::kLongest) {
    return InvalidArgument("an exclusion lasts at most " + days);
  }
  if (draft.end > now - period) return {};
  return InvalidArgument("the exclusion would have no effect: it ends before the period of " +
                         FormatDuration(period) + " that budgets look back");
}

bool AskTheSame(const ExclusionDraft& a, const ExclusionDraft& b) {
  return a.slos == b.slos && a.service == b.service && a.start == b.start && a.end == b.end &&
         a.reason == b.reason;
}

WallTime CeilMinute(WallTime at) { return std::chrono::ceil<std::chrono::minutes>(at); }
WallTime FloorMinute(WallTime at) { return std::chrono::floor<std::chrono::minutes>(at); }

// The spans of [from, to) that a schedule has.
void AddScheduled(const config::ExcludedTimes& times, int64_t from, int64_t to,
                  ExcludedSpans* spans) {
  const WallTime end{kMinute * to};
  WallTime at{kMinute * from};
  while (at < end) {
    const bool holds = timeinterval::Contains(times.calendars, at);
    const std::optional<WallTime> change = timeinterval::NextChange(times.calendars, at);
    const WallTime next = change ? std::min(*change, end) : end;
    if (holds) spans->push_back({MinuteAt(at), MinuteAt(CeilMinute(next)), true});
    at = next;
  }
}

// What of them is in [from, to).
void AddWithin(const ExcludedSpans& spans, int64_t from, int64_t to, ExcludedSpans* out) {
  for (ExcludedSpan span : spans) {
    span.begin = std::max(span.begin, from);
    span.end = std::min(span.end, to);
    if (span.begin < span.end) out->push_back(span);
  }
}

ExcludedSpans Merged(ExcludedSpans spans) {
  std::ranges::sort(spans, {}, &ExcludedSpan::begin);
  ExcludedSpans out;
  for (const ExcludedSpan& span : spans) {
    if (out.empty() || span.begin > out.back().end) {
      out.push_back(span);
    } else {
      out.back().end = std::max(out.back().end, span.end);
    }
  }
  return out;
}

}  // namespace

bool Exclusion::Covers(const config::Slo& slo) const {
  if (!draft.service.empty()) return slo.service == draft.service;
  return std::ranges::binary_search(draft.slos, slo.id);
}

Result<Exclusions::Written> Exclusions::Add(std::span<const config::Slo> slos, ExclusionDraft draft,
                                            WallTime now) {
  WF_RETURN_IF_ERROR(CheckTexts(draft));
  std::ranges::sort(draft.slos);
  draft.slos.erase(std::unique(draft.slos.begin(), draft.slos.end()), draft.slos.end());
  // What cannot be rounded is refused for what it is.
  const auto bounded = [now](WallTime at) {
    return std::clamp(at, now - 3 * kHistory, now + 3 * kHistory);
  };
  draft.start = FloorMinute(draft.start == kNoTime ? now : bounded(draft.start));
  draft.end = CeilMinute(bounded(draft.end));
  for (const auto& [id, one] : all_) {
    if (one.ended_at == kNoTime && AskTheSame(one.draft, draft)) return Written{id, Encode(one)};
  }
  Exclusion made;
  made.draft = std::move(draft);
  made.made_at = now;
  const Result<Duration> period = LongestPeriod(slos, made, now);
  if (!period) return Fail(period.error());
  WF_RETURN_IF_ERROR(CheckTimes(made.draft, *period, now));
  const auto live = std::ranges::count_if(
      all_, [](const auto& entry) { return entry.second.ended_at == kNoTime; });
  if (static_cast<size_t>(live) >= kMost) {
    return Fail(Code::kExhausted, "there are " + std::to_string(live) +
                                      " exclusions already: take some back, or schedule them");
  }
  if (all_.size() >= 2 * kKept) {
    return Fail(Code::kExhausted, std::to_string(all_.size()) +
                                      " exclusions were made and taken back of late: wait for "
                                      "some minutes");
  }
  made.id = ++last_;
  Written written{made.id, Encode(made), true};
  all_.emplace(made.id, std::move(made));
  ++version_;
  return written;
}

Result<Record> Exclusions::End(uint64_t id, const std::string& by, WallTime now) {
  WF_RETURN_IF_ERROR(CheckName(by, "author must say who takes the exclusion back"));
  const auto found = all_.find(id);
  if (found == all_.end()) return Fail(Code::kNotFound, "no exclusion " + std::to_string(id));
  Exclusion& one = found->second;
  if (one.ended_at != kNoTime) {
    return Fail(Code::kConflict, "exclusion " + std::to_string(id) + " was taken back already");
  }
  one.ended_at = now;
  one.ended_by = by;
  ++version_;
  return Encode(one);
}

Result<Record> Exclusions::Shorten(uint64_t id, const std::string& by, WallTime now) {
  WF_RETURN_IF_ERROR(CheckName(by, "author must say who ends the exclusion"));
  const auto found = all_.find(id);
  if (found == all_.end()) return Fail(Code::kNotFound, "no exclusion " + std::to_string(id));
  Exclusion& one = found->second;
  if (one.ended_at != kNoTime) {
    return Fail(Code::kConflict, "exclusion " + std::to_string(id) + " was taken back already");
  }
  if (one.draft.start >= now) {
    return InvalidArgument("exclusion " + std::to_string(id) +
                           " has not begun, so that nothing of it has passed: take it back");
  }
  const WallTime end = CeilMinute(now);
  if (one.draft.end <= end) {
    return Fail(Code::kConflict, "exclusion " + std::to_string(id) + " is over already");
  }
  if (one.planned_end == kNoTime) one.planned_end = one.draft.end;
  one.draft.end = end;
  one.shortened_at = now;
  one.shortened_by = by;
  ++version_;
  return Encode(one);
}

bool Exclusions::IsExclusion(const Record& record) {
  return record.table == Table::kMeta && record.key.starts_with(kPrefix);
}

Status Exclusions::Restore(const Record& record) {
  const auto corrupt = [](const std::string& why) {
    return Fail(Code::kCorrupt, "exclusion: " + why);
  };
  try {
    simdjson::dom::parser parser;
    const simdjson::padded_string text(record.value.value_or(""));
    const simdjson::dom::element root = parser.parse(text);
    const auto string = [&](const char* name) { return std::string(std::string_view(root[name])); };
    Exclusion one;
    const char* const end = record.key.data() + record.key.size();
    const auto [last, fault] = std::from_chars(record.key.data() + kPrefix.size(), end, one.id);
    if (fault != std::errc() || last != end || one.id == 0) return corrupt("no id");
    for (const simdjson::dom::element slo : simdjson::dom::array(root["slos"])) {
      one.draft.slos.emplace_back(std::string_view(slo));
    }
    std::ranges::sort(one.draft.slos);
    one.draft.service = string("service");
    one.draft.start = FromNanos(root["start"]);
    one.draft.end = FromNanos(root["end"]);
    one.draft.reason = string("reason");
    one.draft.author = string("by");
    one.made_at = FromNanos(root["at"]);
    if (root["ended"].error() == simdjson::SUCCESS) {
      one.ended_at = FromNanos(root["ended"]);
      one.ended_by = string("ended_by");
    }
    if (root["shortened"].error() == simdjson::SUCCESS) {
      one.shortened_at = FromNanos(root["shortened"]);
      one.shortened_by = string("shortened_by");
      one.planned_end = FromNanos(root["planned_end"]);
    }
    last_ = std::max(last_, one.id);
    all_[one.id] = std::move(one);
    ++version_;
    return {};
  } catch (const simdjson::simdjson_error& error) {
    return corrupt(error.what());
  }
}

std::vector<Record> Exclusions::Collect(WallTime now) {
  std::vector<Record> gone;
  for (auto it = all_.begin(); it != all_.end();) {
    const Exclusion& one = it->second;
    const bool is_ended = one.ended_at != kNoTime;
    const bool is_old = (is_ended ? one.ended_at : one.draft.end) < now - kHistory;
    const bool is_too_much = is_ended && all_.size() > kKept;
    // The last one tells the next life of the process how far ids have come.
    if (one.id == last_ || (!is_old && !is_too_much)) {
      ++it;
      continue;
    }
    gone.push_back({Table::kMeta, KeyOf(one.id), std::nullopt});
    it = all_.erase(it);
  }
  if (!gone.empty()) ++version_;
  return gone;
}

// Asked minute by minute, for SLOs that look back differently far: what is known is kept, and only
// what is missing at either end added.
const Exclusions::Worked& Exclusions::WorkOut(const config::ExcludedTimes& times, int64_t from,
                                              int64_t to) const {
  auto known = std::ranges::find(schedules_, times.calendars, &Worked::calendars);
  if (known == schedules_.end()) {
    if (schedules_.size() >= kSchedulesKept) schedules_.erase(schedules_.begin());
    schedules_.push_back({times.calendars, from, from, {}});
    known = schedules_.end() - 1;
  }
  Worked& worked = *known;
  const bool is_far = to < worked.from || from > worked.to || to - worked.from > kMinutesKept;
  if (is_far) worked = {std::move(worked.calendars), from, from, {}};
  if (from < worked.from) {
    AddScheduled(times, from, worked.from, &worked.spans);
    worked_out_ += worked.from - from;
    worked.from = from;
  }
  if (to > worked.to) {
    AddScheduled(times, worked.to, to, &worked.spans);
    worked_out_ += to - worked.to;
    worked.to = to;
  }
  worked.spans = Merged(std::move(worked.spans));
  return worked;
}

ExcludedSpans Exclusions::Spans(const config::Slo& slo, int64_t from, int64_t to) const {
  ExcludedSpans made;
  for (const auto& [id, one] : all_) {
    if (one.ended_at != kNoTime || !one.Covers(slo)) continue;
    const int64_t begin = std::max(from, MinuteAt(one.draft.start));
    const int64_t end = std::min(to, MinuteAt(one.draft.end));
    if (begin < end) made.push_back({begin, end, false});
  }
  made = Merged(std::move(made));
  ExcludedSpans scheduled;
  for (const config::ExcludedTimes& times : slo.excluded) {
    if (from < to) AddWithin(WorkOut(times, from, to).spans, from, to, &scheduled);
  }
  ExcludedSpans out = made;
  // Where both hold it is the one that people asked for.
  auto over = made.cbegin();
  for (ExcludedSpan& span : Merged(std::move(scheduled))) {
    while (over != made.cend() && over->end <= span.begin) ++over;
    for (auto each = over; each != made.cend() && each->begin < span.end; ++each) {
      if (each->begin > span.begin) out.push_back({span.begin, each->begin, true});
      span.begin = each->end;
    }
    if (span.begin < span.end) out.push_back(span);
  }
  std::ranges::sort(out, {}, &ExcludedSpan::begin);
  return out;
}

std::optional<Holding> Exclusions::At(const config::Slo& slo, WallTime at) const {
  std::optional<Holding> longest;
  const auto consider = [&longest](Holding one) {
    if (!longest || one.until > longest->until) longest = std::move(one);
  };
  for (const auto& [id, one] : all_) {
    if (one.ended_at != kNoTime || one.draft.start > at || one.draft.end <= at) continue;
    if (one.Covers(slo)) consider({id, one.draft.reason, one.draft.author, one.draft.end});
  }
  for (const config::ExcludedTimes& times : slo.excluded) {
    if (!timeinterval::Contains(times.calendars, at)) continue;
    const WallTime until =
        timeinterval::NextChange(times.calendars, at).value_or(at + timeinterval::kHorizon);
    consider({0, times.name, "", until});
  }
  return longest;
}

std::vector<Exclusion> Exclusions::List() const {
  std::vector<Exclusion> list;
  for (const auto& [id, one] : all_) list.push_back(one);
  return list;
}

}  // namespace watchfire::slo
