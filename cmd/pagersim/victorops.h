// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// VictorOps on the wire: the REST endpoint that takes messages, the public API that lists
// incidents, and the outbound webhook that tells about them. Pure functions over JSON text.
// Sources: Splunk On-Call documentation ("REST endpoint", "custom outbound webhooks"), 2025-08; the
// public API as described by its swagger file, version 0.0.3.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/pagersim/incident_book.h"
#include "pkg/base/result.h"

namespace watchfire::pagersim {

// Reads the body of a message. `routing_key` comes from the URL ("" if it has none) and wins over
// the one in the body; `generated_id` is the entity_id of a message that has none.
// As the vendor does: message_type is case-insensitive, OK means RECOVERY, any other unknown type
// is INFO. Stricter than the vendor: a field past its documented length is an error.
// Errors: kInvalidArgument with the vendor's message.
Result<Message> ParseMessage(std::string_view body, std::string_view routing_key,
                             std::string_view generated_id);

// {"result":"success","entity_id":…} and {"result":"failure","message":…}.
std::string SuccessJson(std::string_view entity_id);
std::string FailureJson(std::string_view message);

// What a user asks for with PATCH /api-public/v1/incidents/{ack,resolve}.
struct UserAction {
  std::string user;  // Never empty.
  std::string note;
  std::vector<std::string> incidents;  // Numbers as text, as the API has them.
};
// Errors: kInvalidArgument.
Result<UserAction> ParseUserAction(std::string_view body);

// Incidents as the public API gives them: one, or {"incidents":[…]}.
std::string IncidentJson(const Incident& incident);
std::string IncidentsJson(const std::map<uint64_t, Incident>& incidents);

// The default payload of an outbound webhook: one flat object whose keys contain dots.
std::string OutboundJson(const Incident& incident);

}  // namespace watchfire::pagersim
