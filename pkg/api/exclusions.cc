// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v1/slos/exclusions: time in which the events of SLOs do not count, and taking that back.

#include <algorithm>
#include <functional>
#include <utility>

#include <simdjson.h>

#include "pkg/api/budgets.h"
#include "pkg/api/handlers.h"
#include "pkg/api/incident_id.h"
#include "pkg/api/members.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::api {
namespace {

constexpr unsigned kParts = core::kViewSlos | core::kViewExclusions;

const char* StateOf(const core::View& view, const slo::Exclusion& one) {
  if (one.ended_at != kNoTime) return "taken back";
  const bool has_slo = std::ranges::any_of(view.config->slos,
                                           [&](const config::Slo& slo) { return one.Covers(slo); });
  if (!has_slo) return "without effect";
  if (one.draft.end <= view.at) return "over";
  return one.draft.start <= view.at ? "active" : "pending";
}

void WriteTime(JsonWriter& json, const char* name, WallTime at) {
  json.Key(name);
  at == kNoTime ? json.Null() : json.String(FormatRfc3339(at, 9, true));
}

// Whose budgets are told of: of a long list of exclusions all of them would be too much.
bool IsAny(const config::Slo&) { return true; }
bool IsNone(const config::Slo&) { return false; }

std::string ExclusionJson(const core::View& view, const slo::Exclusion& one,
                          const std::function<bool(const config::Slo&)>& is_told) {
  const slo::ExclusionDraft& draft = one.draft;
  JsonWriter json;
  json.StartObject().Field("id", std::to_string(one.id)).Field("state", StateOf(view, one));
  json.Key("slo").StartArray();
  for (const std::string& slo : draft.slos) json.String(slo);
  json.EndArray().Field("service", draft.service);
  json.Field("start", FormatRfc3339(draft.start, 9, true));
  json.Field("end", FormatRfc3339(draft.end, 9, true));
  json.Field("reason", draft.reason).Field("author", draft.author);
  json.Field("madeAt", FormatRfc3339(one.made_at, 9, true)).Field("endedBy", one.ended_by);
  WriteTime(json, "endedAt", one.ended_at);
  json.Field("shortenedBy", one.shortened_by);
  WriteTime(json, "shortenedAt", one.shortened_at);
  WriteTime(json, "plannedEnd", one.planned_end);
  json.Key("budgets").StartArray();
  for (size_t i = 0; i < view.config->slos.size(); ++i) {
    const config::Slo& slo = view.config->slos[i];
    if (!is_told(slo) || !one.Covers(slo)) continue;
    json.StartObject().Field("slo", slo.id);
    json.Field("budget", ExcludedBudget(slo, view.counting[i])).EndObject();
  }
  return json.EndArray().EndObject().Take();
}

// What core made of it.
net::Response Answer(const Call& call, core::ExclusionCommand command) {
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return Failure(reply.error());
  if (!reply->status) return Failure(reply->status.error());
  const auto view = call.backend.Read(kParts);
  if (!view) return Failure(view.error());
  for (const slo::Exclusion& one : (*view)->exclusions) {
    if (one.id == reply->exclusion_id) return Success(ExclusionJson(**view, one, IsAny));
  }
  return Failure(Error{Code::kNotFound, "no exclusion " + std::to_string(reply->exclusion_id)});
}

// The member "slo" is one id or several: takes it out of the body, which is `rest` afterwards.
Result<std::vector<std::string>> TakeSlos(const std::string& body, std::string* rest) {
  std::vector<std::string> slos;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  *rest = body;
  if (parser.parse(body).get(object) != simdjson::SUCCESS) return slos;
  JsonWriter json;
  json.StartObject();
  for (const auto& [key, value] : object) {
    if (key != "slo") {
      json.Key(key).Raw(simdjson::minify(value));
      continue;
    }
    simdjson::dom::array list;
    std::string_view text;
    bool is_good = true;
    if (value.get(list) == simdjson::SUCCESS) {
      for (const simdjson::dom::element item : list) {
        is_good &= item.get(text) == simdjson::SUCCESS;
        slos.emplace_back(text);
      }
    } else {
      is_good = value.get(text) == simdjson::SUCCESS;
      slos.emplace_back(text);
    }
    if (!is_good) return InvalidArgument("slo must be the id of an SLO, or a list of ids");
    if (slos.empty()) return InvalidArgument("slo must name an SLO: it is an empty list");
  }
  *rest = json.EndObject().Take();
  return slos;
}

std::string AuthorOf(const Members& members) {
  const std::string author = MemberOf(members, "author");
  return author.empty() ? MemberOf(members, "actor") : author;
}

Result<slo::ExclusionDraft> ReadDraft(const std::string& body, WallTime now) {
  std::string rest;
  Result<std::vector<std::string>> slos = TakeSlos(body, &rest);
  if (!slos) return Fail(slos.error());
  const Result<Members> members =
      ReadMembers(rest, {"slo", "service", "start", "end", "for", "reason", "author"});
  if (!members) return Fail(members.error());
  const Result<WallTime> start = InstantOf(*members, "start");
  if (!start) return Fail(start.error());
  const Result<WallTime> end = InstantOf(*members, "end");
  if (!end) return Fail(end.error());
  const Result<Duration> span = SpanOf(*members, "for");
  if (!span) return Fail(span.error());
  if ((*end == kNoTime) == (*span == Duration::zero())) {
    return InvalidArgument("end or for must say how long the exclusion lasts, and not both");
  }
  slo::ExclusionDraft draft;
  draft.slos = *std::move(slos);
  draft.service = MemberOf(*members, "service");
  draft.start = *start;
  draft.end = *end;
  if (*end == kNoTime) {
    // What is too long, or too far away, to be added up is refused for that.
    constexpr Duration kLongest = slo::Exclusions::kLongest;
    const WallTime from = *start == kNoTime ? now : *start;
    draft.end =
        std::clamp(from, now - 2 * kLongest, now + 2 * kLongest) + std::min(*span, 2 * kLongest);
  }
  draft.reason = MemberOf(*members, "reason");
  if (draft.reason.empty()) draft.reason = MemberOf(*members, "note");
  draft.author = AuthorOf(*members);
  return draft;
}

}  // namespace

const char* ExcludedBudget(const config::Slo& slo, const slo::Counting& counting) {
  if (counting.counted.contains(slo.period)) return "not counted";
  return counting.why_exact.empty() ? "counted for now" : "counted";
}

net::Response GetExclusions(const Call& call) {
  const std::string* wanted = call.request.param("slo");
  const bool is_all = ReadFlag(call.request, "all", false);
  const auto view = call.backend.Read(kParts);
  if (!view) return Failure(view.error());
  const config::Slo* slo = nullptr;
  config::Slo gone;  // Not in the files any more; what was excluded of it is.
  if (wanted != nullptr && !wanted->empty()) {
    const Result<size_t> found = FindSlo((*view)->config->slos, *wanted);
    gone.id = *wanted;
    const bool is_named = std::ranges::any_of(
        (*view)->exclusions, [&](const slo::Exclusion& one) { return one.Covers(gone); });
    if (!found && !is_named) return Failure(found.error());
    slo = found ? &(*view)->config->slos[*found] : &gone;
  }
  std::function<bool(const config::Slo&)> is_told = IsNone;
  if (slo != nullptr) is_told = [slo](const config::Slo& each) { return &each == slo; };
  JsonWriter json;
  json.StartObject().Key("exclusions").StartArray();
  for (const slo::Exclusion& one : (*view)->exclusions) {
    if (slo != nullptr && !one.Covers(*slo)) continue;
    if (one.ended_at != kNoTime && !is_all) continue;
    json.Raw(ExclusionJson(**view, one, is_told));
  }
  return Success(json.EndArray().EndObject().Take());
}

net::Response PostExclusion(const Call& call) {
  if (const auto fault = MediaTypeFault(call.request)) {
    return Failure(415, "unsupported_media_type", *fault);
  }
  Result<slo::ExclusionDraft> draft = ReadDraft(call.request.body, call.backend.Now());
  if (!draft) return Failure(draft.error());
  return Answer(call, {{}, *std::move(draft)});
}

net::Response EndExclusion(const Call& call) {
  if (const auto fault = MediaTypeFault(call.request)) {
    return Failure(415, "unsupported_media_type", *fault);
  }
  const uint64_t id = ParseIncidentId(call.params[0]);
  if (id == 0) return Failure(Error{Code::kNotFound, "no exclusion " + GoQuote(call.params[0])});
  const Result<Members> members = ReadMembers(call.request.body, {"author"}, {"keepPast"});
  if (!members) return Failure(members.error());
  const bool keeps_past = MemberOf(*members, "keepPast") == "true";
  return Answer(call, {{}, core::EndExclusion{id, AuthorOf(*members), keeps_past}});
}

}  // namespace watchfire::api
