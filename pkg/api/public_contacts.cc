// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How a user is reached, and in which order, under /api-public, VictorOps' public API: contact
// methods and paging policies. What the configuration says of her contacts is what is done, and
// what the files say of her counts where it says nothing. Shown are addresses of mail and numbers
// of phones out of the files, as the vendor shows them; what a receiver, or an app, is reached by
// is not: it may be a secret. Source: reference paging-backends §1.3.

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/api/public_roster.h"
#include "pkg/config/oncall.h"

namespace watchfire::api {
namespace {

using oncall::Roster;
using oncall::User;

enum class Kind { kPhone, kEmail, kDevice };

struct Method {
  Kind kind = Kind::kDevice;
  std::string label;
  std::string value;  // "": not shown, or not known.
};

// One way to be told, so long after the first moment.
struct Rule {
  Duration after{};
  std::string type;  // "push", "sms", "phone", "email", as the vendor calls them.
  Kind kind = Kind::kDevice;
};

Kind KindOf(const std::string& method) {
  if (method == "sms" || method == "voice") return Kind::kPhone;
  return method == "email" ? Kind::kEmail : Kind::kDevice;
}

// A receiver of no method that rules know counts as a device.
Rule RuleOf(Duration after, const std::string& method) {
  const Kind kind = KindOf(method);
  std::string type = method == "voice" ? "phone" : method;
  if (kind == Kind::kDevice) type = "push";
  return {after, std::move(type), kind};
}

const char* NameOf(Kind kind) {
  constexpr std::array<const char*, 3> kNames = {"phone", "email", "device"};
  return kNames.at(static_cast<size_t>(kind));
}

// What documents without an address have in its place is the user's own name.
std::string ShownAddress(const User& user, const oncall::Contact& contact, Kind kind) {
  const bool has_at = contact.address.find('@') != std::string::npos;
  if (kind == Kind::kEmail) return has_at ? contact.address : "";
  const bool is_number = kind == Kind::kPhone && !has_at && contact.address != user.name;
  return is_number ? contact.address : "";
}

const std::vector<config::ContactRule>& ConfiguredOf(const config::Config& config,
                                                     const std::string& name) {
  static const auto& kNone = *new std::vector<config::ContactRule>;
  const auto found = config.oncall.contacts.find(name);
  return found == config.oncall.contacts.end() ? kNone : found->second;
}

// Those of the files that are a phone, an address or a device, each once; and of the receivers
// those of a kind that the files have none of.
std::vector<Method> MethodsOf(const config::Config& config, const Roster& roster,
                              const std::string& name) {
  std::vector<Method> methods;
  if (const User* user = roster.FindUser(name)) {
    for (const oncall::Contact& contact : user->contacts) {
      const std::string method = config::ContactMethod(contact.method);
      const Kind kind = KindOf(method);
      if (kind == Kind::kDevice && method != "push") continue;
      const std::string value = ShownAddress(*user, contact, kind);
      const auto is_it = [&](const Method& one) { return one.kind == kind && one.value == value; };
      if (std::ranges::none_of(methods, is_it)) methods.push_back({kind, method, value});
    }
  }
  const std::vector<Method> filed = methods;
  for (const config::ContactRule& contact : ConfiguredOf(config, name)) {
    const Kind kind = KindOf(contact.method);
    const auto is_same = [&](const Method& one) { return one.kind == kind; };
    if (std::ranges::none_of(filed, is_same)) methods.push_back({kind, contact.receiver, ""});
  }
  return methods;
}

// In the order in which she is told.
std::vector<Rule> RulesOf(const config::Config& config, const Roster& roster,
                          const std::string& name) {
  std::vector<Rule> rules;
  for (const config::ContactRule& contact : ConfiguredOf(config, name)) {
    rules.push_back(RuleOf(contact.after, contact.method));
  }
  const User* user = roster.FindUser(name);
  const bool has_own = user != nullptr && !user->rules.empty();
  if (rules.empty()) {
    for (const oncall::PersonalRule& rule : has_own ? user->rules : roster.rules) {
      const std::string method = config::ContactMethod(rule.method);
      if (KindOf(method) == Kind::kDevice && method != "push") continue;
      rules.push_back(RuleOf(rule.after, method));
    }
  }
  std::ranges::stable_sort(rules, {}, &Rule::after);
  return rules;
}

int64_t MinuteOf(const Rule& rule) {
  return std::chrono::floor<std::chrono::minutes>(rule.after).count();
}

// How many minutes after rules[i] the next one comes; 0 after the last, which nothing follows.
int64_t TimeoutOf(const std::vector<Rule>& rules, size_t i) {
  return i + 1 < rules.size() ? MinuteOf(rules[i + 1]) - MinuteOf(rules[i]) : 0;
}

std::vector<Method>::const_iterator FirstOf(const std::vector<Method>& methods, Kind kind) {
  return std::ranges::find(methods, kind, &Method::kind);
}

// {"contactMethods": […]} of one kind. The number of a method is its place among all.
void WriteMethods(const std::vector<Method>& methods, Kind kind, JsonWriter* json) {
  json->StartObject().Key("contactMethods").StartArray();
  for (size_t i = 0; i < methods.size(); ++i) {
    const Method& method = methods[i];
    if (method.kind != kind) continue;
    const auto number = static_cast<int64_t>(i + 1);
    json->StartObject().Field("id", number);
    json->Field("extId", NameOf(kind) + ("-" + std::to_string(number)));
    // By this name clients know the address that a user was made with.
    const bool is_first = method.kind == Kind::kEmail && &method == &*FirstOf(methods, kind);
    json->Field("label", is_first ? "Default" : method.label.c_str()).Field("rank", number);
    if (!method.value.empty()) json->Field("value", method.value);
    json->EndObject();
  }
  json->EndArray().EndObject();
}

// The contact that a rule tells: the first of its kind. 0 are all devices.
void WriteContact(const std::vector<Method>& methods, Kind kind, JsonWriter* json) {
  int64_t number = 0;
  const auto found = FirstOf(methods, kind);
  if (kind != Kind::kDevice && found != methods.end()) number = found - methods.begin() + 1;
  json->Key("contact").StartObject().Field("id", number);
  if (kind != Kind::kDevice) json->Field("type", NameOf(kind));
  json->EndObject();
}

// The steps of a profile: rules of one minute are one step. One that waits is first where nothing
// is told at once.
void WriteSteps(const std::vector<Method>& methods, const std::vector<Rule>& rules,
                JsonWriter* json) {
  int64_t index = 0;
  json->Key("steps").StartArray();
  if (!rules.empty() && MinuteOf(rules.front()) > 0) {
    json->StartObject().Field("index", index++).Field("timeout", MinuteOf(rules.front()));
    json->Key("rules").StartArray().EndArray().EndObject();
  }
  for (size_t i = 0; i < rules.size();) {
    JsonWriter step;
    step.StartArray();
    int64_t timeout = 0;
    for (int64_t place = 0; i < rules.size() && timeout == 0; ++i, ++place) {
      step.StartObject().Field("index", place).Field("type", rules[i].type);
      WriteContact(methods, rules[i].kind, &step);
      step.EndObject();
      timeout = TimeoutOf(rules, i);
    }
    json->StartObject().Field("index", index++).Field("timeout", timeout);
    json->Key("rules").Raw(step.EndArray().Take()).EndObject();
  }
  json->EndArray();
}

}  // namespace

net::Response GetPublicContacts(const Call& call) {
  return WithUser(call, [&](const Roster& roster, const std::string& name) {
    const auto methods = MethodsOf(*call.backend.config(), roster, name);
    JsonWriter json;
    json.StartObject().Key("phones");
    WriteMethods(methods, Kind::kPhone, &json);
    json.Key("emails");
    WriteMethods(methods, Kind::kEmail, &json);
    json.Key("devices");
    WriteMethods(methods, Kind::kDevice, &json);
    return Json(200, json.EndObject().Take());
  });
}

net::Response GetPublicContactsOfKind(const Call& call) {
  return WithUser(call, [&](const Roster& roster, const std::string& name) {
    for (const Kind kind : {Kind::kPhone, Kind::kEmail, Kind::kDevice}) {
      if (call.params[1] != NameOf(kind) + std::string("s")) continue;
      JsonWriter json;
      WriteMethods(MethodsOf(*call.backend.config(), roster, name), kind, &json);
      return Json(200, json.Take());
    }
    return PublicError(
        404, "contact methods are phones, emails or devices, not " + GoQuote(call.params[1]));
  });
}

net::Response GetPublicUserPolicies(const Call& call) {
  return WithUser(call, [&](const Roster& roster, const std::string& name) {
    const std::vector<Rule> rules = RulesOf(*call.backend.config(), roster, name);
    JsonWriter json;
    json.StartObject().Field("username", name).Key("policies").StartArray();
    for (size_t i = 0; i < rules.size(); ++i) {
      json.StartObject().Field("order", static_cast<int64_t>(i));
      json.Field("timeout", TimeoutOf(rules, i)).Field("contactType", rules[i].type);
      json.Field("extId", SlugOf(name) + "-" + std::to_string(i)).EndObject();
    }
    return Json(200, json.EndArray().EndObject().Take());
  });
}

net::Response GetPublicProfilePolicies(const Call& call) {
  return WithUser(call, [&](const Roster& roster, const std::string& name) {
    const auto config = call.backend.config();
    JsonWriter json;
    json.StartObject();
    WriteSteps(MethodsOf(*config, roster, name), RulesOf(*config, roster, name), &json);
    json.Field("_selfUrl", "/api-public/v1/profile/" + SlugOf(name) + "/policies");
    return Json(200, json.EndObject().Take());
  });
}

}  // namespace watchfire::api
