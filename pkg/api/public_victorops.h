// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the handlers under /api-public, VictorOps' public API, share. Private to pkg/api. Source:
// reference paging-backends §1.3.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/api/handlers.h"
#include "pkg/base/json.h"
#include "pkg/net/http.h"

namespace watchfire::api {

// {"error": message}
net::Response PublicError(int status, const std::string& message);
net::Response PublicError(const Error& error);

// Returns what refuses a request whose X-VO-Api-Id and X-VO-Api-Key belong to no key of
// inbound.victorops: 401 without them, 403 for others, counted. Nullopt: go on.
std::optional<net::Response> PublicRefusal(const Call& call);

// The key of inbound.victorops that the request's X-VO-Api-Id and X-VO-Api-Key belong to; null: it
// is none. Compares with every key, whichever fits.
const config::InboundKey* PublicKey(const Call& call, const config::Config& config);

// Reads a parameter that counts from 0; `fallback` when absent or empty. Errors: kInvalidArgument.
Result<size_t> ReadOffset(const net::Request& request, std::string_view name, size_t fallback = 0);

// What incidents are shown with.
struct PublicEntities {
  // By incident: the entity id that its alerts came in with, where they have one in common.
  std::map<uint64_t, std::string> ids;
  std::shared_ptr<const oncall::Roster> roster;  // Null: there is none.
};
PublicEntities PublicEntitiesOf(const core::View& view);

// How a client calls that incident: by its alerts' entity id, else by what vendors are told.
std::string PublicEntity(const incident::Incident& incident, const PublicEntities& entities);

// "triggered", "acknowledged" or "resolved".
std::string_view PublicPhase(incident::State state);
// The phase that a client calls so: in any case, and UNACKED and ACKED, as webhooks and old clients
// have it. What is no phase stays as it is.
std::string PublicPhaseCalled(std::string_view said);

void WritePublicIncident(const incident::Incident& incident, const PublicEntities& entities,
                         JsonWriter* json);

// All that the functions above and below need. Errors: as Backend::Read.
Result<std::shared_ptr<const core::View>> ReadPublic(Backend& backend);

// The incident of that number. Errors: kNotFound.
Result<std::shared_ptr<const incident::Incident>> FindPublic(const core::View& view,
                                                             const std::string& number);

// Does `act` to the incident of that number. Errors: of Backend::Ask(), or the act's own.
Status PerformPublic(const Call& call, const std::string& number, const incident::Act& act,
                     const std::string& user, const std::string& note);

// Does `act` to each of the incidents, and answers {"results":[…]}, each by itself.
net::Response DoPublic(const Call& call, const std::vector<std::string>& numbers,
                       const incident::Act& act, const std::string& user, const std::string& note);

// What `show` makes of the incident that the path names, or what forbids it.
template <typename Show>
net::Response WithPublicIncident(const Call& call, const Show& show) {
  if (auto refusal = PublicRefusal(call)) return *std::move(refusal);
  const auto view = ReadPublic(call.backend);
  if (!view) return PublicError(view.error());
  const auto incident = FindPublic(**view, call.params[0]);
  if (!incident) return PublicError(incident.error());
  return show(**incident, **view);
}

}  // namespace watchfire::api
