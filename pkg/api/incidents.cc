// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reading /api/v1/incidents: what pages opened, whose it is, how it ended.

#include <algorithm>

#include "pkg/api/alert_incidents.h"
#include "pkg/api/handlers.h"
#include "pkg/api/incident_id.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/incident/postmortem.h"
#include "pkg/notify/message_environment.h"

namespace watchfire::api {
namespace {

using incident::Incident;

constexpr const char* kOpen = "open";  // Triggered, acknowledged or snoozed.
constexpr const char* kNone = "none";  // Not classified.

// Members that a reader may name, each by its exact text.
struct TextFilter {
  const char* name;
  std::string Incident::*member;
};
constexpr TextFilter kTextFilters[] = {
    {"team", &Incident::team},       {"severity", &Incident::severity}, {"level", &Incident::level},
    {"service", &Incident::service}, {"receiver", &Incident::receiver},
};

struct IncidentQuery {
  std::string state;
  std::vector<std::pair<std::string Incident::*, std::string>> texts;
  std::optional<oncall::SamePerson> owner;
  AckQuery acks;
  std::string classification;
  WallTime since = kNoTime;
  WallTime until = kNoTime;
  std::optional<size_t> limit;
  uint64_t before = 0;

  bool Wants(const Incident& incident) const {
    for (const auto& [member, text] : texts) {
      if (incident.*member != text) return false;
    }
    if (owner && !owner->Is(incident.owner)) return false;
    if (since != kNoTime && incident.opened_at < since) return false;
    if (until != kNoTime && incident.opened_at >= until) return false;
    if (!acks.is_any() && !acks.Wants(incident)) return false;
    if (!classification.empty()) {
      const std::string own = incident.verdict ? OutcomeName(incident.verdict->outcome) : kNone;
      if (own != classification) return false;
    }
    if (state == kOpen) return IsOpen(incident.state);
    return state.empty() || state == StateName(incident.state);
  }
};

Result<std::string> ReadWord(const net::Request& request, const char* name,
                             const std::vector<std::string>& known) {
  const std::string* word = request.param(name);
  if (word == nullptr || word->empty()) return std::string();
  if (std::ranges::find(known, *word) != known.end()) return *word;
  return InvalidArgument(std::string(name) + " must be one of " + Join(known, ", ") + ", not " +
                         GoQuote(*word));
}

Status ReadFilters(const net::Request& request, const config::Config& config,
                   IncidentQuery* query) {
  Result<std::string> state = ReadWord(
      request, "state", {kOpen, "triggered", "acknowledged", "snoozed", "resolved", "merged"});
  if (!state) return Fail(std::move(state.error()));
  query->state = *std::move(state);
  Result<std::string> classification = ReadWord(
      request, "classification", {"actionable", "noise", "false_positive", "duplicate", kNone});
  if (!classification) return Fail(std::move(classification.error()));
  query->classification = *std::move(classification);
  for (const TextFilter& filter : kTextFilters) {
    const std::string* text = request.param(filter.name);
    if (text != nullptr) query->texts.emplace_back(filter.member, *text);
  }
  if (const std::string* owner = request.param("owner")) {
    query->owner.emplace(config.oncall.roster, *owner);
  }
  Result<AckQuery> acks = ReadAckQuery(request, config);
  if (!acks) return Fail(std::move(acks.error()));
  query->acks = *std::move(acks);
  return {};
}

Result<IncidentQuery> ReadIncidentQuery(const net::Request& request, const config::Config& config) {
  IncidentQuery query;
  WF_RETURN_IF_ERROR(ReadFilters(request, config, &query));
  const Result<WallTime> since = ReadTime(request, "since");
  if (!since) return Fail(since.error());
  query.since = *since;
  const Result<WallTime> until = ReadTime(request, "until");
  if (!until) return Fail(until.error());
  query.until = *until;
  Result<std::optional<size_t>> limit = ReadCount(request, "limit");
  if (!limit) return Fail(std::move(limit.error()));
  query.limit = *limit;
  Result<std::optional<size_t>> before = ReadCount(request, "before");
  if (!before) return Fail(std::move(before.error()));
  query.before = before->value_or(0);
  return query;
}

Result<std::shared_ptr<const Incident>> FindIncident(const Call& call) {
  const auto view = call.backend.Read(core::kViewIncidents);
  if (!view) return Fail(view.error());
  const auto found = (*view)->incidents.find(ParseIncidentId(call.params[0]));
  if (found == (*view)->incidents.end()) return Fail(NoIncident(call.params[0]));
  return found->second;
}

net::Response Markdown(std::string text) {
  net::Response response = Text(200, std::move(text));
  for (net::Header& header : response.headers) {
    if (header.name == "Content-Type") header.value = "text/markdown; charset=utf-8";
  }
  return response;
}

// What a link to a page is called: "disk-full" of https://runbooks.example.com/disk-full.md#first
std::string LastOf(std::string url) {
  url.resize(std::min(url.find_first_of("?#"), url.size()));
  while (url.ends_with('/')) url.pop_back();
  std::string name = url.substr(url.rfind('/') + 1);
  name.resize(std::min(name.rfind('.'), name.size()));
  return name;
}

// Null: there is none.
const std::string* FindRunbook(const Incident& incident, const config::RunbookTexts* texts) {
  if (texts == nullptr) return nullptr;
  std::vector<std::string> names = incident.alerts;
  const auto link = incident.links.find("runbook");
  if (link != incident.links.end()) names.push_back(LastOf(link->second));
  for (const std::string& name : names) {
    const auto found = texts->find(name);
    if (found != texts->end()) return &found->second;
  }
  return nullptr;
}

}  // namespace

net::Response GetIncidents(const Call& call) {
  const Result<IncidentQuery> query = ReadIncidentQuery(call.request, *call.backend.config());
  if (!query) return Failure(query.error());
  const auto view = call.backend.Read(core::kViewIncidents);
  if (!view) return Failure(view.error());
  JsonWriter json;
  json.StartObject().Key("incidents").StartArray();
  size_t total = 0;
  size_t shown = 0;
  uint64_t last = 0;
  bool has_more = false;
  const auto& incidents = (*view)->incidents;
  for (auto it = incidents.rbegin(); it != incidents.rend(); ++it) {
    if (!query->Wants(*it->second)) continue;
    ++total;
    if (query->before != 0 && it->first >= query->before) continue;
    has_more = query->limit && shown == *query->limit;
    if (has_more) continue;
    json.Raw(incident::ToJson(*it->second));
    last = it->first;
    ++shown;
  }
  json.EndArray().Field("total", static_cast<int64_t>(total));
  if (has_more) json.Field("next", std::to_string(last));
  return Success(json.EndObject().Take());
}

net::Response GetIncident(const Call& call) {
  const auto incident = FindIncident(call);
  if (!incident) return Failure(incident.error());
  return Success(incident::ToJson(**incident));
}

net::Response GetRunbook(const Call& call) {
  const auto incident = FindIncident(call);
  if (!incident) return Failure(incident.error());
  const auto config = call.backend.config();
  const std::string* text = FindRunbook(**incident, config->incidents.runbooks.get());
  if (text == nullptr) {
    return Failure(Error{Code::kNotFound,
                         "no text of `incidents.runbooks` is called after an alert of incident " +
                             call.params[0] + ", or as its runbook's link ends"});
  }
  return Markdown(*text);
}

net::Response GetPostmortem(const Call& call) {
  const auto incident = FindIncident(call);
  if (!incident) return Failure(incident.error());
  templates::Environment environment = notify::MessageEnvironment(call.backend.Now());
  environment.external_url = call.backend.info().external_url;
  Result<std::string> text =
      incident::RenderPostmortem(**incident, call.backend.config()->templates, environment);
  if (!text) return Failure(500, "internal", text.error().message);
  return Markdown(*std::move(text));
}

}  // namespace watchfire::api
