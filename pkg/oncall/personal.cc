// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How people want to be told: the notification rules of Opsgenie and PagerDuty, the personal rules
// of Grafana OnCall and the paging policies of VictorOps.

#include <algorithm>
#include <map>
#include <string_view>

#include "pkg/base/strings.h"
#include "pkg/config/oncall.h"
#include "pkg/oncall/loader.h"

namespace watchfire::oncall {
namespace {

using Kind = Target::Kind;
using Note = Remark::Kind;
using config::ContactMethod;

constexpr size_t kRulesMax = 100;  // Of one person: ten times what vendors let one have.

bool FirstHas(const View& view, const std::string& list, const char* key) {
  const config::YamlNode* node = view.node().Find(list);
  if (node == nullptr || node->kind != config::YamlNode::Kind::kList || node->items.empty()) {
    return false;
  }
  const View first(node->items.front(), view.source());
  return first.is_map() && first.Has(key);
}

// Whose it is: {"user": "ada"}, {"user": {"username": "ada"}}, {"username": "ada"}.
std::string OwnerOf(View view) {
  if (auto user = view.Get("user"); user && user->is_map()) {
    return FirstText(*user, {"username", "name", "email", "id"});
  }
  return FirstText(view, {"user", "username", "userId", "user_id"});
}

void AddContact(const Contact& contact, std::vector<Contact>* contacts) {
  if (contact.method.empty() || contact.address.empty()) return;
  const auto is_same = [&](const Contact& one) {
    return one.method == contact.method && ToLower(one.address) == ToLower(contact.address);
  };
  if (std::ranges::none_of(*contacts, is_same)) contacts->push_back(contact);
}

Duration OpsgenieDelay(View view) {
  auto after = view.Get("sendAfter");
  if (!after) return Duration::zero();
  if (!after->is_map()) return view.Span("sendAfter", Duration::zero(), std::chrono::minutes(1));
  const bool hours = ToLower(after->Text("timeUnit", "minutes")).starts_with("hour");
  const Duration each = hours ? Duration(std::chrono::hours(1)) : Duration(std::chrono::minutes(1));
  return Later(Duration::zero(), each * after->Int("timeAmount", 0, 0, 10'000));
}

// What a rule says besides when and by what, which we do not ask.
void NoteConditions(View view, const std::string& subject, Loader* loader) {
  if (auto criteria = view.Get("criteria"); criteria && criteria->is_map()) {
    if (criteria->Text("type", "match-all") != "match-all") {
      loader->Note(Note::kChanged, view, "criteria", subject,
                   "holds for every page: which alerts page is the work of the route tree");
    }
  }
  for (const char* key : {"timeRestriction", "restrictions", "schedules", "repeat"}) {
    if (!view.Has(key)) continue;
    loader->Note(Note::kChanged, view, key, subject, std::string(key) + " is not asked");
  }
}

// {name, actionType, criteria, steps: [{contact: {to, method}, sendAfter, enabled}]}
void ReadOpsgenieRule(View view, std::string owner, Loader* loader) {
  const std::string subject = Subject("notification rule", view.Text("name"));
  const std::string action = ToLower(view.Text("actionType", "create-alert"));
  if (action != "create-alert" || !view.Bool("enabled", true)) {
    loader->Note(Note::kLost, view, "", subject,
                 action == "create-alert" ? "is disabled"
                                          : "people are told of new alerts only, not of " + action);
    return;
  }
  LooseRules loose{std::move(owner), {}, {}, view};
  std::string to;
  for (View step : view.Maps("steps")) {
    if (!step.Bool("enabled", true) || loose.rules.size() == kRulesMax) continue;
    auto contact = step.Get("contact");
    if (!contact || !contact->is_map()) {
      step.Error("contact", "a step needs a contact: {to, method}");
      continue;
    }
    const std::string method = ContactMethod(contact->Text("method"));
    if (method.empty()) contact->Error("method", "method must be set");
    const std::string address = contact->Text("to");
    if (address != "all") AddContact({method, address}, &loose.contacts);
    if (to.empty()) to = address;
    loose.rules.push_back({OpsgenieDelay(step), method});
  }
  if (loose.rules.empty()) return;
  // Without an owner the address says who it is; "all" is everybody.
  if (loose.user.empty() && to.empty()) {
    view.Error("", "a notification rule that does not say whose it is",
               "add user: NAME, or to: all to the contacts of its steps");
    return;
  }
  if (loose.user.empty() && to != "all") loose.user = to;
  NoteConditions(view, subject, loader);
  loader->rules.push_back(std::move(loose));
}

// {username, steps: [{timeout, rules: [{type}]}]} or {policies: [{timeout, contactType}]}: each
// waits for its timeout before the next.
void ReadPagingPolicy(View view, Loader* loader) {
  LooseRules loose{OwnerOf(view), {}, {}, view};
  for (const char* key : {"_selfUrl", "selfUrl"}) {
    // /api-public/v1/profile/ada/policies
    const std::string url = view.Text(key);
    const std::vector<std::string_view> parts = Split(url, '/');
    const auto profile = std::ranges::find(parts, "profile");
    if (loose.user.empty() && profile != parts.end() && profile + 1 != parts.end()) {
      loose.user = std::string(*(profile + 1));
    }
  }
  if (loose.user.empty()) {
    view.Error("", "a paging policy that does not say whose it is", "add username: NAME");
    return;
  }
  Duration at{};
  const bool is_short = view.HasList("policies");
  for (View step : view.Maps(is_short ? "policies" : "steps")) {
    std::vector<View> rules = is_short ? std::vector<View>{step} : step.Maps("rules");
    for (View& rule : rules) {
      const std::string method = ContactMethod(rule.Text(is_short ? "contactType" : "type"));
      if (loose.rules.size() < kRulesMax) loose.rules.push_back({at, method});
    }
    at = Later(at, std::chrono::minutes(step.Int("timeout", 0, 0, 10'000)));
  }
  loader->Note(Note::kKept, view, "", Subject("paging policy", loose.user),
               "timeouts are minutes after each step");
  loader->rules.push_back(std::move(loose));
}

std::string GrafanaMethod(const std::string& type) {
  const std::string method = type.substr(std::string("notify_by_").size());
  return ContactMethod(method == "mobile_app_critical" ? "push" : method);
}

// The steps of each person add up to rules.
void JoinGrafana(Loader* loader) {
  std::ranges::stable_sort(loader->grafana_rules, {}, [](const LooseStep& step) {
    return std::pair(step.chain, step.position < 0 ? INT64_MAX : step.position);
  });
  const auto& steps = loader->grafana_rules;
  for (size_t i = 0; i < steps.size();) {
    const std::string& user = steps[i].chain;
    LooseRules loose{user, {}, {}, View(*steps[i].node, *steps[i].source)};
    Duration at{};
    for (; i < steps.size() && steps[i].chain == user; ++i) {
      View view(*steps[i].node, *steps[i].source);
      const std::string type = view.Text("type");
      if (view.Bool("important", false)) {
        loader->Note(Note::kLost, view, "important", Subject("personal rule", user),
                     "there is one set of personal rules here, that of usual pages");
      } else if (type == "wait") {
        at = Later(at, view.Span("duration", Duration::zero(), std::chrono::seconds(1)));
      } else if (loose.rules.size() < kRulesMax) {
        loose.rules.push_back({at, GrafanaMethod(type)});
      }
    }
    if (!loose.rules.empty()) loader->rules.push_back(std::move(loose));
  }
}

// Users by all that documents call them.
std::map<std::string, size_t> ByName(const std::vector<User>& users) {
  std::map<std::string, size_t> by_name;
  for (size_t i = 0; i < users.size(); ++i) by_name.emplace(users[i].name, i);
  for (size_t i = 0; i < users.size(); ++i) {
    for (const std::string& alias : users[i].aliases) by_name.emplace(alias, i);
    for (const Contact& contact : users[i].contacts) by_name.emplace(ToLower(contact.address), i);
  }
  return by_name;
}

// Rules of our own form name contacts that are there.
void GiveRules(LooseRules loose, User* user) {
  for (const Contact& contact : loose.contacts) AddContact(contact, &user->contacts);
  for (const PersonalRule& rule : loose.rules) {
    const auto known = std::ranges::find(user->contacts, rule.method, &Contact::method);
    if (known == user->contacts.end()) user->contacts.push_back({rule.method, user->name});
  }
  user->rules = std::move(loose.rules);
}

}  // namespace

void ReadOpsgenieRules(View user, const std::string& name, Loader* loader) {
  LooseRules own{name, {}, {}, user};
  for (View contact : user.Maps("userContacts")) {
    if (!contact.Bool("enabled", true)) continue;
    const std::string method = FirstText(contact, {"contactMethod", "method"});
    AddContact({ContactMethod(method), contact.Text("to")}, &own.contacts);
  }
  if (!own.contacts.empty()) loader->rules.push_back(std::move(own));
  for (const View& rule : user.Maps("notificationRules")) ReadOpsgenieRule(rule, name, loader);
}

void ReadPagerDutyRules(View user, const std::string& name, Loader* loader) {
  const auto method_of = [](View view) {
    const std::string type = view.Text("type");
    const std::string word = type.substr(0, type.find('_'));  // push_notification_contact_method
    return ContactMethod(word);
  };
  LooseRules loose{name, {}, {}, user};
  std::map<std::string, std::string> methods;  // By id.
  for (View contact : user.Maps("contact_methods")) {
    methods[contact.Text("id")] = method_of(contact);
    AddContact({method_of(contact), contact.Text("address")}, &loose.contacts);
  }
  for (View rule : user.Maps("notification_rules")) {
    const auto contact = rule.Get("contact_method");
    if (!contact || !contact->is_map()) continue;
    View way = *contact;
    if (ToLower(rule.Text("urgency", "high")) == "low") {
      loader->Note(Note::kLost, rule, "urgency", Subject("notification rule", name),
                   "there is one set of notification rules here, that of high urgency");
      continue;
    }
    const auto known = methods.find(way.Text("id"));
    const std::string method =
        known == methods.end() || known->second.empty() ? method_of(way) : known->second;
    const Duration after = std::chrono::minutes(rule.Int("start_delay_in_minutes", 0, 0, 10'000));
    if (!method.empty() && loose.rules.size() < kRulesMax) loose.rules.push_back({after, method});
  }
  if (!loose.contacts.empty() || !loose.rules.empty()) loader->rules.push_back(std::move(loose));
}

bool ReadPersonalRules(View& view, const std::string& hint, Loader* loader) {
  const std::string type =
      view.HasMap("type") || view.HasList("type") ? "" : FirstText(view, {"type"});
  if (FirstHas(view, "steps", "contact") && !FirstHas(view, "steps", "entries")) {
    loader->Format(view, "Opsgenie");
    ReadOpsgenieRule(view, OwnerOf(view), loader);
    return true;
  }
  if (FirstHas(view, "policies", "contactType") ||
      (FirstHas(view, "steps", "rules") && FirstHas(view, "steps", "timeout"))) {
    loader->Format(view, "VictorOps");
    ReadPagingPolicy(view, loader);
    return true;
  }
  if (hint != "steps" && view.Has("user_id") &&
      (type == "wait" || type.starts_with("notify_by_"))) {
    loader->Format(view, "Grafana OnCall");
    loader->grafana_rules.push_back(
        {view.Text("user_id"), view.Int("position", 0, -1, 100'000), &view.node(), &view.source()});
    return true;
  }
  return false;
}

void JoinRules(Loader* loader) {
  JoinGrafana(loader);
  std::vector<User>& users = loader->roster.users;
  std::map<std::string, size_t> by_name = ByName(users);
  for (LooseRules& loose : loader->rules) {
    const std::string subject = Subject("notification rules of", loose.user);
    if (loose.user.empty()) {
      const bool is_first = loader->roster.rules.empty();
      loader->Note(is_first ? Note::kKept : Note::kLost, loose.view, "", "notification rules",
                   is_first ? "hold for everybody who has none of their own"
                            : "other rules for everybody came first");
      if (is_first) loader->roster.rules = std::move(loose.rules);
      continue;
    }
    auto found = by_name.find(loose.user);
    if (found == by_name.end()) found = by_name.find(ToLower(loose.user));
    if (found == by_name.end() && loader->users_are_declared) {
      // Exports have rules of people who are gone; that is no reason not to start.
      loader->Note(Note::kLost, loose.view, "", subject, "no user is called so");
      continue;
    }
    if (found == by_name.end()) {
      users.push_back({loose.user, {}, {}, {}});
      found = by_name.emplace(loose.user, users.size() - 1).first;
    }
    User& user = users[found->second];
    if (!user.rules.empty() && !loose.rules.empty()) {
      loader->Note(Note::kLost, loose.view, "", subject, "others came first, which hold");
      continue;
    }
    if (!loose.rules.empty()) {
      loader->Note(Note::kKept, loose.view, "", subject,
                   std::to_string(loose.rules.size()) + " steps of how to be told");
    }
    if (loose.rules.empty()) loose.rules = std::move(user.rules);
    GiveRules(std::move(loose), &user);
  }
}

}  // namespace watchfire::oncall
