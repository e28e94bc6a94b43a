// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// /api/v2/silences and /api/v2/silence/{silenceID} (reference §2.9).

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "pkg/api/handlers.h"
#include "pkg/api/query.h"
#include "pkg/api/respond.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/silence/wire.h"

namespace watchfire::api {
namespace {

// Core's answer to a command. What a silence may not be, limits included, is the client's fault;
// what could not be queued or stored is ours, and asking again may help.
net::Response Refused(const Error& error) {
  const bool is_limit = error.code == Code::kExhausted;
  return is_limit ? V2Message(400, error.message) : V2Failure(error);
}

std::optional<net::Response> BadId(const std::string& id) {
  if (silence::IsUuid(id)) return std::nullopt;
  return V2Framework(422, alert::kFormatCode,
                     "silenceID in path must be of type uuid: " +
                         GoQuote(TruncateRunes(RepairUtf8(id), alert::kEchoRunes)));
}

}  // namespace

net::Response GetSilences(const Call& call) {
  silence::Query query;
  Result<matcher::Matchers> filter =
      ReadMatchers(call.request, "filter", call.backend.config()->matcher_mode);
  if (!filter) return V2Failure(filter.error());
  query.filters = *std::move(filter);
  query.active = ReadFlag(call.request, "active");
  query.pending = ReadFlag(call.request, "pending");
  query.expired = ReadFlag(call.request, "expired");
  const auto view = call.backend.Read(core::kViewSilences);
  if (!view) return V2Failure(view.error());
  JsonWriter json;
  json.StartArray();
  for (const silence::Silence* silence : silence::Select(*(*view)->silences, query, (*view)->at)) {
    json.Raw(silence::ToJson(*silence, (*view)->at));
  }
  return V2Json(json.EndArray().Take());
}

net::Response PostSilence(const Call& call) {
  auto draft = silence::DecodeDraft(call.request.body);
  if (!draft) {
    return V2Framework(draft.error().http_status, draft.error().code, draft.error().message);
  }
  core::SilenceCommand command;
  command.what = *std::move(draft);
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return V2Failure(reply.error());
  if (!reply->status) return Refused(reply->status.error());
  JsonWriter json;
  return V2Json(json.StartObject().Field("silenceID", reply->silence_id).EndObject().Take());
}

net::Response GetSilence(const Call& call) {
  const std::string& id = call.params[0];
  if (auto refusal = BadId(id)) return *std::move(refusal);
  const auto view = call.backend.Read(core::kViewSilences);
  if (!view) return V2Failure(view.error());
  const auto& all = *(*view)->silences;
  const auto found = std::ranges::lower_bound(all, id, {}, &silence::Silence::id);
  if (found == all.end() || found->id != id) return V2Empty(404);
  return V2Json(silence::ToJson(*found, (*view)->at));
}

net::Response DeleteSilence(const Call& call) {
  const std::string& id = call.params[0];
  if (auto refusal = BadId(id)) return *std::move(refusal);
  core::SilenceCommand command;
  command.what = id;
  const Result<core::Reply> reply = call.backend.Ask(std::move(command));
  if (!reply) return V2Failure(reply.error());
  if (reply->status) return V2Empty(200);
  const Error& error = reply->status.error();
  return error.code == Code::kNotFound ? V2Empty(404) : Refused(error);
}

}  // namespace watchfire::api
