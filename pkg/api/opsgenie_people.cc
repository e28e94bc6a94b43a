// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /v2/teams, /v2/users and /v2/escalations: as Opsgenie's Team, User and Escalation APIs. To
// read only; what wants to change them, or schedules or heartbeats, hears where they are written.

#include <algorithm>
#include <optional>
#include <utility>

#include "pkg/api/opsgenie_roster.h"
#include "pkg/api/public_roster.h"

namespace watchfire::api {
namespace {

using oncall::Policy;
using oncall::Roster;
using oncall::Target;
using Kind = oncall::Target::Kind;
using Fault = tl::unexpected<inbound::OpsgenieFault>;

constexpr size_t kUsersMost = 500;  // The vendor's, of one page.
constexpr size_t kUsersUsual = 100;

// ---- Teams ----

void WriteTeam(const Call& call, const Roster& roster, const std::string& name, bool is_whole,
               JsonWriter* json) {
  const std::string id = OpsgenieTeamId(roster, name);
  json->StartObject().Field("id", id).Field("name", name).Field("description", "");
  const oncall::Team* team = TeamCalled(roster, name);
  if (is_whole) {
    json->Key("members").StartArray();
    for (const oncall::Member& member :
         team == nullptr ? std::vector<oncall::Member>() : team->members) {
      json->StartObject().Key("user").StartObject();
      json->Field("id", OpsgenieUserId(roster, member.user)).Field("username", member.user);
      json->EndObject().Field("role", member.is_admin ? "admin" : "user").EndObject();
    }
    json->EndArray();
  }
  json->Key("links").StartObject();
  json->Field("api", call.backend.info().external_url + "/v2/teams/" + id);
  json->EndObject().EndObject();
}

// ---- Users ----

// The name in full that documents of the vendor bring along, else the only one there is.
std::string FullNameOf(const oncall::User* user, const std::string& name) {
  if (user == nullptr) return name;
  const auto has_blank = [](const std::string& alias) {
    return alias.find(' ') != std::string::npos;
  };
  const auto full = std::ranges::find_if(user->aliases, has_blank);
  return full == user->aliases.end() ? name : *full;
}

void WriteWholeUser(const Roster& roster, const std::string& name, JsonWriter* json) {
  const oncall::User* user = UserCalled(roster, name);
  json->StartObject().Field("id", OpsgenieUserId(roster, name)).Field("username", name);
  json->Field("fullName", FullNameOf(user, name)).Field("blocked", false).Field("verified", true);
  json->Key("role").StartObject().Field("id", "User").Field("name", "User").EndObject();
  if (user != nullptr && user->zone && !user->zone->name.empty()) {
    json->Field("timeZone", user->zone->name);
  }
  json->EndObject();
}

std::optional<std::string> FindUserName(const Roster& roster, const std::string& said) {
  const std::vector<std::string> names = UserNames(roster);
  std::string wanted = OpsgenieUserName(roster, said);
  if (const oncall::User* user = roster.FindUser(wanted)) wanted = user->name;
  if (std::ranges::find(names, wanted) == names.end()) return std::nullopt;
  return wanted;
}

// Which users a client asks for.
struct UserPage {
  size_t offset = 0;
  size_t limit = kUsersUsual;
  bool is_descending = false;
  std::string username;  // "": all.

  bool Takes(const std::string& name) const {
    return username.empty() || ToLower(name).find(ToLower(username)) != std::string::npos;
  }
};

inbound::OpsgenieResult<UserPage> ReadUserPage(const net::Request& request) {
  UserPage page;
  const Result<size_t> offset = ReadOffset(request, "offset", 0);
  if (!offset) return Fault({422, "offset", offset.error().message});
  const Result<size_t> limit = ReadOffset(request, "limit", kUsersUsual);
  if (!limit || *limit == 0 || *limit > kUsersMost) {
    return Fault({422, "limit", "must be a number from 1 to " + std::to_string(kUsersMost)});
  }
  page.offset = *offset;
  page.limit = *limit;
  const std::string* order = request.param("order");
  if (order != nullptr && !order->empty() && ToLower(*order) != "asc" &&
      ToLower(*order) != "desc") {
    return Fault({422, "order", "should be one of [ asc, desc ]"});
  }
  page.is_descending = order != nullptr && ToLower(*order) == "desc";
  const std::string* query = request.param("query");
  if (query == nullptr || query->empty()) return page;
  constexpr std::string_view kField = "username:";
  if (query->starts_with(kField)) page.username = Trim(query->substr(kField.size()));
  if (page.username.empty()) {
    return Fault({422, "query", "must be username: and a part of it, such as username: ada"});
  }
  return page;
}

void WriteUserPaging(const Call& call, const UserPage& page, size_t total, JsonWriter* json) {
  const auto at = [&](size_t offset) {
    std::string url = call.backend.info().external_url + "/v2/users?";
    if (!page.username.empty()) url += "query=" + UrlEncode("username:" + page.username) + "&";
    return url + "limit=" + std::to_string(page.limit) + "&offset=" + std::to_string(offset) +
           "&order=" + (page.is_descending ? "DESC" : "ASC");
  };
  json->Key("paging").StartObject();
  if (page.offset > 0) json->Field("prev", at(page.offset - std::min(page.offset, page.limit)));
  if (page.offset < total && total - page.offset > page.limit) {
    json->Field("next", at(page.offset + page.limit));
  }
  json->Field("first", at(0));
  json->Field("last", at(total == 0 ? 0 : (total - 1) / page.limit * page.limit)).EndObject();
}

// ---- Escalations ----

const char* NotifyTypeOf(const oncall::Step& step, const Target& target) {
  if (target.kind == Kind::kNext) return "next";
  if (target.kind == Kind::kPrevious) return "previous";
  if (target.kind == Kind::kTeamAdmins) return "admins";
  if (target.kind == Kind::kTeamUsers) return "users";
  return step.strategy == oncall::Strategy::kAll ? "default" : "random";
}

int64_t Minutes(Duration span) { return std::chrono::floor<std::chrono::minutes>(span).count(); }

// A rule has one recipient: a step that tells several is as many rules.
void WriteRules(const Roster& roster, const Policy& policy, JsonWriter* json) {
  json->Key("rules").StartArray();
  for (const oncall::Step& step : policy.steps) {
    const bool is_acked = step.condition == oncall::Condition::kNotAcked;
    for (const Target& target : step.targets) {
      json->StartObject().Field("condition", is_acked ? "if-not-acked" : "if-not-closed");
      json->Field("notifyType", NotifyTypeOf(step, target)).Key("delay").StartObject();
      json->Field("timeAmount", Minutes(step.after)).Field("timeUnit", "minutes").EndObject();
      json->Key("recipient");
      WriteRecipient(roster, target, json);
      json->EndObject();
    }
  }
  json->EndArray();
}

void WriteEscalation(const Roster& roster, const Policy& policy, JsonWriter* json) {
  json->StartObject().Field("id", OpsgenieId(policy)).Field("name", policy.name);
  json->Field("description", "");
  WriteRules(roster, policy, json);
  WriteOwnerTeam(roster, policy.team, json);
  const oncall::Repeat& repeat = policy.repeat;
  if (repeat.count > 0 || repeat.resolve_after) {
    json->Key("repeat").StartObject().Field("waitInterval", Minutes(repeat.wait));
    json->Field("count", repeat.count).Field("resetRecipientStates", repeat.reset_acks);
    json->Field("closeAlertAfterAll", repeat.resolve_after).EndObject();
  }
  json->EndObject();
}

}  // namespace

net::Response GetOpsgenieTeams(const Call& call) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const Roster& roster) {
    JsonWriter json;
    json.StartObject().Key("data").StartArray();
    for (const std::string& name : OpsgenieTeamNames(roster)) {
      WriteTeam(call, roster, name, false, &json);
    }
    json.EndArray();
    return visit.Show(json);
  });
}

net::Response GetOpsgenieTeam(const Call& call) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const Roster& roster) {
    const std::string& said = call.params[0];
    const std::vector<std::string> names = OpsgenieTeamNames(roster);
    auto found = std::ranges::find_if(
        names, [&](const std::string& name) { return OpsgenieTeamId(roster, name) == said; });
    if (found == names.end()) {
      found = std::ranges::find_if(
          names, [&](const std::string& name) { return IsTeam(roster, name, said); });
    }
    if (found == names.end()) {
      return visit.Refuse("unknown_name", 404, "No team has the id or name " + GoQuote(said));
    }
    JsonWriter json;
    json.StartObject().Key("data");
    WriteTeam(call, roster, *found, true, &json);
    return visit.Show(json);
  });
}

net::Response GetOpsgenieUsers(const Call& call) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const Roster& roster) {
    const auto page = ReadUserPage(call.request);
    if (!page) return visit.Refuse(page.error());
    std::vector<std::string> names = UserNames(roster);
    std::erase_if(names, [&](const std::string& name) { return !page->Takes(name); });
    std::ranges::sort(names);
    if (page->is_descending) std::ranges::reverse(names);
    const size_t begin = std::min(page->offset, names.size());
    const size_t end = begin + std::min(page->limit, names.size() - begin);
    JsonWriter json;
    json.StartObject().Field("totalCount", static_cast<int64_t>(names.size()));
    json.Key("data").StartArray();
    for (size_t i = begin; i < end; ++i) WriteWholeUser(roster, names[i], &json);
    json.EndArray();
    WriteUserPaging(call, *page, names.size(), &json);
    return visit.Show(json);
  });
}

net::Response GetOpsgenieUser(const Call& call) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const Roster& roster) {
    const std::optional<std::string> name = FindUserName(roster, call.params[0]);
    if (!name) {
      return visit.Refuse("unknown_name", 404,
                          "No user has the id or name " + GoQuote(call.params[0]));
    }
    JsonWriter json;
    json.StartObject().Key("data");
    WriteWholeUser(roster, *name, &json);
    return visit.Show(json);
  });
}

net::Response GetOpsgenieEscalations(const Call& call) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const Roster& roster) {
    JsonWriter json;
    json.StartObject().Key("data").StartArray();
    for (const Policy& policy : roster.policies) WriteEscalation(roster, policy, &json);
    json.EndArray();
    return visit.Show(json);
  });
}

net::Response GetOpsgenieEscalation(const Call& call) {
  return WithOpsgenieRoster(call, [&](OpsgenieVisit& visit, const Roster& roster) {
    const std::string& said = call.params[0];
    const auto by_id = std::ranges::find_if(
        roster.policies, [&](const Policy& policy) { return OpsgenieId(policy) == said; });
    const Policy* policy = by_id == roster.policies.end() ? roster.FindPolicy(said) : &*by_id;
    if (policy == nullptr) {
      return visit.Refuse("unknown_name", 404, "No escalation has the id or name " + GoQuote(said));
    }
    JsonWriter json;
    json.StartObject().Key("data");
    WriteEscalation(roster, *policy, &json);
    return visit.Show(json);
  });
}

bool IsOpsgenieConfiguration(std::string_view collection) {
  return collection == "schedules" || collection == "teams" || collection == "users" ||
         collection == "escalations" || collection == "heartbeats";
}

net::Response RefuseOpsgenieChange(const Call& call) {
  OpsgenieVisit visit(call);
  using Right = OpsgenieVisit::Right;
  const std::string& what = call.params[0];
  const Right right = what == "heartbeats" ? Right::kAlerts : Right::kOnCall;
  if (auto refusal = visit.Refusal({"id", "name"}, right)) return *std::move(refusal);
  const char* where = what == "heartbeats"
                          ? "under heartbeats of the configuration file"
                          : "in the files of oncall_files, or under oncall of the configuration";
  net::Response response = visit.Refuse(
      "read_only", 405, "Not by API: " + what + " are written " + where + ", which a reload reads");
  response.headers.push_back({"Allow", "GET,HEAD,OPTIONS"});
  return response;
}

}  // namespace watchfire::api
