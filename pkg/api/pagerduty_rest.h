// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the handlers of PagerDuty's REST API share: whose token it is, references, and pages.
// Private to pkg/api. Sources: developer.pagerduty.com/api-reference; reference paging-backends
// §3.3.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/api/handlers.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/oncall/model.h"

namespace watchfire::api {

// {"error":{"message","code","errors"}}, counted as `result`. Codes are the vendor's.
net::Response RestError(const Call& call, const char* result, int status, int code,
                        const std::string& message, const std::vector<std::string>& errors = {});
// 400: a parameter cannot be. 404: nothing is called so.
net::Response RestInvalid(const Call& call, const std::string& error);
net::Response RestUnknown(const Call& call, const char* what, const std::string& said);

// Returns what refuses a request without a key of inbound.pagerduty as its token: 401; or with one
// that asks too much: 429. Nullopt: go on.
std::optional<net::Response> RestRefusal(const Call& call);

// What a client calls it by: the one among `aliases` that has the form of the vendor's ids, as its
// documents bring theirs along, else made of the kind and the name.
std::string RestIdOf(std::string_view kind, const std::string& name,
                     const std::vector<std::string>& aliases);
std::string RestId(const oncall::Schedule& schedule);
std::string RestId(const oncall::Policy& policy);
std::string RestUserId(const oncall::Roster& roster, const std::string& name);

// {"id","type","summary","self","html_url"}; `kind`: user, schedule, escalation_policy.
void WriteReference(const Call& call, const char* kind, const std::string& id,
                    const std::string& name, JsonWriter* json);
// The members of the same, into an object that is open. `type`: as it stands there.
void WriteIdentity(const Call& call, const char* kind, const std::string& type,
                   const std::string& id, const std::string& name, JsonWriter* json);
void WriteUserReference(const Call& call, const oncall::Roster& roster, const std::string& name,
                        JsonWriter* json);
void WriteRestUser(const Call& call, const oncall::Roster& roster, const std::string& name,
                   JsonWriter* json);

// The values of a parameter that may repeat, with or without [] behind its name.
std::vector<std::string> RestList(const net::Request& request, const std::string& name);
// Whether `id` or `name` is in the list; all are when it is empty.
bool IsAmong(const std::vector<std::string>& list, const std::string& id, const std::string& name);

// Which part of a list a client asks for.
struct RestPage {
  size_t offset = 0;
  size_t limit = 25;  // 1 to 100.

  // Errors: kInvalidArgument.
  static Result<RestPage> Read(const net::Request& request);
  // Whether the entry of that number is in it.
  bool Has(size_t number) const { return number >= offset && number - offset < limit; }
  // Closes the answer: limit, offset, more, total.
  void Write(size_t total, JsonWriter* json) const;
};

// What `show` makes of the roster, an empty one without oncall_files, or what forbids it.
template <typename Show>
net::Response WithRestRoster(const Call& call, const Show& show) {
  if (auto refusal = RestRefusal(call)) return *std::move(refusal);
  static const oncall::Roster& kNone = *new oncall::Roster;
  const auto view = call.backend.Read(0);
  if (!view) return RestError(call, "error", 503, 2000, view.error().message);
  const oncall::Roster* roster = (*view)->roster.get();
  return show(roster == nullptr ? kNone : *roster);
}

}  // namespace watchfire::api
