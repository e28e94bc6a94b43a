// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /users and /escalation_policies: as PagerDuty's REST API, and what its other handlers share.
// To read only: what wants to change something hears where it is written.

#include "pkg/api/pagerduty_rest.h"

#include <algorithm>
#include <utility>

#include "pkg/api/inbound_changes.h"
#include "pkg/api/opsgenie_roster.h"
#include "pkg/api/public_roster.h"
#include "pkg/base/digest.h"
#include "pkg/config/oncall.h"

namespace watchfire::api {
namespace {

using oncall::Policy;
using oncall::Roster;
using oncall::Target;
using Kind = oncall::Target::Kind;

constexpr const char* kPagerDuty = "pagerduty";
constexpr size_t kLimitMost = 100;
constexpr size_t kReachMost = 10'000;  // The vendor's, of offset and limit together.

// PI7DH85, Q1XQ2MYCZ0ZVKL
bool IsRestId(const std::string& text) {
  if (text.size() < 7 || text.size() > 14) return false;
  const auto fits = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  return (text[0] == 'P' || text[0] == 'Q') && std::ranges::all_of(text, fits);
}

// "": not known. Documents say mail or email, and have her name where they know no address.
std::string EmailOf(const oncall::User* user, const std::string& name) {
  const auto is_address = [](const std::string& text) {
    return text.find('@') != std::string::npos;
  };
  if (user != nullptr) {
    for (const oncall::Contact& contact : user->contacts) {
      const bool is_mail = config::ContactMethod(contact.method) == "email";
      if (is_mail && is_address(contact.address)) return contact.address;
    }
  }
  return is_address(name) ? name : "";
}

bool IsFound(const Call& call, const std::string& name) {
  const std::string* query = call.request.param("query");
  return query == nullptr || ToLower(name).find(ToLower(*query)) != std::string::npos;
}

void WriteTarget(const Call& call, const Roster& roster, const Target& target, JsonWriter* json) {
  switch (target.kind) {
    case Kind::kUser:
    case Kind::kUnknown:
      return WriteUserReference(call, roster, target.name, json);
    case Kind::kSchedule:
    case Kind::kNext:
    case Kind::kPrevious: {
      const oncall::Schedule& schedule = roster.schedules.at(target.index);
      return WriteReference(call, "schedule", RestId(schedule), schedule.name, json);
    }
    case Kind::kPolicy: {
      const Policy& policy = roster.policies.at(target.index);
      return WriteReference(call, "escalation_policy", RestId(policy), policy.name, json);
    }
    case Kind::kTeam:
    case Kind::kTeamAdmins:
    case Kind::kTeamUsers: {
      const oncall::Team& team = roster.teams.at(target.index);
      return WriteReference(call, "team", RestIdOf("team", team.name, team.aliases), team.name,
                            json);
    }
    case Kind::kEmail:
      return WriteReference(call, "email", RestIdOf("email", target.name, {}), target.name, json);
    case Kind::kWebhook:
      return WriteReference(call, "webhook", RestIdOf("webhook", target.name, {}), target.name,
                            json);
  }
}

// The vendor waits behind a rule: for the next one, or the next round.
int64_t DelayBehind(const Policy& policy, size_t index) {
  const Duration wait = index + 1 < policy.steps.size()
                            ? policy.steps[index + 1].after - policy.steps[index].after
                            : policy.repeat.wait;
  return std::chrono::floor<std::chrono::minutes>(wait).count();
}

void WritePolicy(const Call& call, const Roster& roster, const Policy& policy, JsonWriter* json) {
  json->StartObject();
  WriteIdentity(call, "escalation_policy", "escalation_policy", RestId(policy), policy.name, json);
  json->Field("name", policy.name).Field("num_loops", policy.repeat.count);
  json->Key("escalation_rules").StartArray();
  for (size_t i = 0; i < policy.steps.size(); ++i) {
    json->StartObject().Field("id", RestIdOf("rule", policy.name + "/" + std::to_string(i), {}));
    json->Field("escalation_delay_in_minutes", DelayBehind(policy, i));
    json->Key("targets").StartArray();
    for (const Target& target : policy.steps[i].targets) WriteTarget(call, roster, target, json);
    json->EndArray().EndObject();
  }
  json->EndArray().Key("teams").StartArray();
  if (!policy.team.empty()) {
    const std::string team = TeamName(roster, policy.team);
    const oncall::Team* found = TeamCalled(roster, team);
    const auto aliases = found == nullptr ? std::vector<std::string>() : found->aliases;
    WriteReference(call, "team", RestIdOf("team", team, aliases), team, json);
  }
  json->EndArray().EndObject();
}

}  // namespace

net::Response RestError(const Call& call, const char* result, int status, int code,
                        const std::string& message, const std::vector<std::string>& errors) {
  call.backend.Count({kPagerDuty, result});
  JsonWriter json;
  json.StartObject().Key("error").StartObject().Field("message", message).Field("code", code);
  json.Key("errors").StartArray();
  for (const std::string& error : errors) json.String(error);
  return WithRetryAfter(Json(status, json.EndArray().EndObject().EndObject().Take()));
}

net::Response RestInvalid(const Call& call, const std::string& error) {
  return RestError(call, "bad_body", 400, 2001, "Invalid Input Provided", {error});
}

net::Response RestUnknown(const Call& call, const char* what, const std::string& said) {
  return RestError(call, "unknown_name", 404, 2100, "Not Found",
                   {std::string("No ") + what + " has the id or name " + GoQuote(said)});
}

std::optional<net::Response> RestRefusal(const Call& call) {
  constexpr std::string_view kScheme = "Token token=";
  std::string_view given = call.request.header("Authorization");
  const bool has_token = given.starts_with(kScheme);
  if (has_token) given = Trim(given.substr(kScheme.size()));
  // Some clients write it in quotes, as the scheme's authors did.
  if (given.size() >= 2 && given.front() == '"' && given.back() == '"') {
    given = given.substr(1, given.size() - 2);
  }
  const auto config = call.backend.config();
  const config::InboundKey* key = has_token ? FindApiKey(*config, kPagerDuty, given) : nullptr;
  if (key == nullptr) {
    return RestError(call, "bad_key", 401, 2006, "Authentication failed",
                     {"Authorization must be Token token= and an api_key of inbound.pagerduty"});
  }
  if (const auto error = TooMany(call.backend, kPagerDuty, *key)) {
    return RestError(call, "rate_limited", 429, 2020, "Rate Limit Exceeded", {error->message});
  }
  return std::nullopt;
}

std::string RestIdOf(std::string_view kind, const std::string& name,
                     const std::vector<std::string>& aliases) {
  constexpr std::string_view kPrefix = "pagerduty:";
  for (const std::string& alias : aliases) {
    std::string id = alias.starts_with(kPrefix) ? alias.substr(kPrefix.size()) : alias;
    if (IsRestId(id)) return id;
  }
  std::string id = "P";
  for (const char c : Sha256Hex(std::string(kind) + "/" + name).substr(0, 13)) {
    id += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return id;
}

std::string RestId(const oncall::Schedule& schedule) {
  return RestIdOf("schedule", schedule.name, schedule.aliases);
}

std::string RestId(const Policy& policy) {
  return RestIdOf("escalation_policy", policy.name, policy.aliases);
}

std::string RestUserId(const Roster& roster, const std::string& name) {
  const oncall::User* user = UserCalled(roster, name);
  return RestIdOf("user", name, user == nullptr ? std::vector<std::string>() : user->aliases);
}

void WriteIdentity(const Call& call, const char* kind, const std::string& type,
                   const std::string& id, const std::string& name, JsonWriter* json) {
  const std::string folder = kind == std::string_view("escalation_policy")
                                 ? "escalation_policies"
                                 : kind + std::string("s");
  json->Field("id", id).Field("type", type).Field("summary", name);
  json->Field("self", call.backend.info().external_url + "/" + folder + "/" + id);
  json->Key("html_url").Null();
}

void WriteReference(const Call& call, const char* kind, const std::string& id,
                    const std::string& name, JsonWriter* json) {
  json->StartObject();
  WriteIdentity(call, kind, kind + std::string("_reference"), id, name, json);
  json->EndObject();
}

void WriteUserReference(const Call& call, const Roster& roster, const std::string& name,
                        JsonWriter* json) {
  WriteReference(call, "user", RestUserId(roster, name), name, json);
}

void WriteRestUser(const Call& call, const Roster& roster, const std::string& name,
                   JsonWriter* json) {
  const oncall::User* user = UserCalled(roster, name);
  json->StartObject();
  WriteIdentity(call, "user", "user", RestUserId(roster, name), name, json);
  json->Field("name", name).Field("email", EmailOf(user, name)).Field("role", "user");
  const bool has_zone = user != nullptr && user->zone && !user->zone->name.empty();
  json->Field("time_zone", has_zone ? user->zone->name : "UTC").EndObject();
}

std::vector<std::string> RestList(const net::Request& request, const std::string& name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : request.query) {
    if ((key == name || key == name + "[]") && !value.empty()) values.push_back(value);
  }
  return values;
}

bool IsAmong(const std::vector<std::string>& list, const std::string& id, const std::string& name) {
  const auto is_it = [&](const std::string& said) { return said == id || said == name; };
  return list.empty() || std::ranges::any_of(list, is_it);
}

Result<RestPage> RestPage::Read(const net::Request& request) {
  RestPage page;
  const Result<size_t> offset = ReadOffset(request, "offset", 0);
  if (!offset) return Fail(offset.error());
  const Result<size_t> limit = ReadOffset(request, "limit", page.limit);
  if (!limit) return Fail(limit.error());
  if (*limit == 0 || *limit > kLimitMost) return InvalidArgument("limit must be from 1 to 100");
  if (*offset > kReachMost - *limit) {
    return InvalidArgument("offset and limit together must not exceed 10000");
  }
  page.offset = *offset;
  page.limit = *limit;
  return page;
}

void RestPage::Write(size_t total, JsonWriter* json) const {
  json->Field("limit", static_cast<int64_t>(limit)).Field("offset", static_cast<int64_t>(offset));
  json->Field("more", offset + limit < total).Field("total", static_cast<int64_t>(total));
  json->EndObject();
}

net::Response GetRestUsers(const Call& call) {
  return WithRestRoster(call, [&](const Roster& roster) {
    const Result<RestPage> page = RestPage::Read(call.request);
    if (!page) return RestInvalid(call, page.error().message);
    JsonWriter json;
    json.StartObject().Key("users").StartArray();
    size_t number = 0;
    for (const std::string& name : UserNames(roster)) {
      if (!IsFound(call, name) && !IsFound(call, EmailOf(UserCalled(roster, name), name))) continue;
      if (page->Has(number++)) WriteRestUser(call, roster, name, &json);
    }
    json.EndArray();
    page->Write(number, &json);
    return Json(200, json.Take());
  });
}

net::Response GetRestUser(const Call& call) {
  return WithRestRoster(call, [&](const Roster& roster) {
    const oncall::User* user = roster.FindUser(call.params[0]);
    for (const std::string& name : UserNames(roster)) {
      const bool is_it = name == call.params[0] || RestUserId(roster, name) == call.params[0] ||
                         (user != nullptr && user->name == name);
      if (!is_it) continue;
      JsonWriter json;
      json.StartObject().Key("user");
      WriteRestUser(call, roster, name, &json);
      return Json(200, json.EndObject().Take());
    }
    return RestUnknown(call, "user", call.params[0]);
  });
}

net::Response GetRestPolicies(const Call& call) {
  return WithRestRoster(call, [&](const Roster& roster) {
    const Result<RestPage> page = RestPage::Read(call.request);
    if (!page) return RestInvalid(call, page.error().message);
    JsonWriter json;
    json.StartObject().Key("escalation_policies").StartArray();
    size_t number = 0;
    for (const Policy& policy : roster.policies) {
      if (IsFound(call, policy.name) && page->Has(number++)) {
        WritePolicy(call, roster, policy, &json);
      }
    }
    json.EndArray();
    page->Write(number, &json);
    return Json(200, json.Take());
  });
}

net::Response GetRestPolicy(const Call& call) {
  return WithRestRoster(call, [&](const Roster& roster) {
    const auto by_id = std::ranges::find_if(
        roster.policies, [&](const Policy& policy) { return RestId(policy) == call.params[0]; });
    const Policy* found =
        by_id == roster.policies.end() ? roster.FindPolicy(call.params[0]) : &*by_id;
    if (found == nullptr) return RestUnknown(call, "escalation policy", call.params[0]);
    JsonWriter json;
    json.StartObject().Key("escalation_policy");
    WritePolicy(call, roster, *found, &json);
    return Json(200, json.EndObject().Take());
  });
}

bool IsRestConfiguration(std::string_view collection) {
  return collection == "schedules" || collection == "users" || collection == "oncalls" ||
         collection == "escalation_policies";
}

net::Response RefuseRestChange(const Call& call) {
  if (auto refusal = RestRefusal(call)) return *std::move(refusal);
  net::Response response =
      RestError(call, "read_only", 405, 2010, "Access Denied",
                {"Not by API: " + call.params[0] +
                 " are written in the files of oncall_files, or under oncall of the "
                 "configuration, which a reload reads"});
  response.headers.push_back({"Allow", "GET,HEAD,OPTIONS"});
  return response;
}

}  // namespace watchfire::api
