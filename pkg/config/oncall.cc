// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// `oncall_files`, `oncall` and `escalation_configs`: that every policy there is can page somebody.

#include "pkg/config/oncall.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

std::string DidYouMean(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = Nearest(name, known);
  return nearest.empty() ? "" : "did you mean " + GoQuote(nearest) + "?";
}

bool IsEscalation(const Integration& integration) { return integration.kind == kEscalation; }

// One that a person can be paged through.
void CheckPager(const OncallPlace& place, const std::string& what, const Config& config) {
  const auto found = std::ranges::find(config.receivers, place.receiver, &Receiver::name);
  if (found == config.receivers.end()) {
    std::vector<std::string> known;
    for (const Receiver& receiver : config.receivers) known.push_back(receiver.name);
    place.source->Error(place.mark, "undefined receiver " + GoQuote(place.receiver) + what,
                        DidYouMean(place.receiver, known));
  } else if (found->integrations.empty()) {
    place.source->Error(place.mark, "receiver " + GoQuote(place.receiver) + what + " tells nobody",
                        "give it an integration, or name another receiver");
  } else if (std::ranges::any_of(found->integrations, IsEscalation)) {
    place.source->Error(place.mark,
                        "receiver " + GoQuote(place.receiver) + what + " must not itself escalate",
                        "name one that reaches a person");
  }
}

OncallRead ReadFiles(Loader* loader) {
  std::vector<std::pair<std::string, std::string>> documents;
  bool is_complete = true;
  std::set<std::string> seen;
  std::vector<Pattern> patterns = loader->oncall_patterns;
  if (loader->oncall_here) {
    documents.emplace_back(loader->oncall_here->glob, loader->own_texts[loader->oncall_here->glob]);
    seen.insert(loader->oncall_here->glob);
    patterns.push_back(*loader->oncall_here);
  }
  for (const Pattern& pattern : loader->oncall_patterns) {
    std::vector<std::string> paths = loader->files.glob(pattern.glob);
    const bool is_plain = pattern.glob.find_first_of("*?[") == std::string::npos;
    if (paths.empty() && is_plain) paths = {pattern.glob};
    if (paths.empty()) pattern.source->Warn(pattern.mark, pattern.glob + " matches no file");
    for (const std::string& path : paths) {
      if (!seen.insert(path).second) continue;
      Result<std::string> text = loader->files.read(path);
      if (text) {
        documents.emplace_back(path, *std::move(text));
      } else {
        is_complete = false;
        pattern.source->Error(pattern.mark, path + ": " + Reason(text.error(), path));
      }
    }
  }
  if (documents.empty() || !is_complete) return {};
  if (!loader->options.read_oncall) {
    patterns.front().source->Error(patterns.front().mark, "who is on call cannot be read here");
    return {};
  }
  OncallRead read = loader->options.read_oncall(documents);
  for (const auto& [path, text] : documents) loader->problems.Enter(path);
  for (const Problem& problem : read.problems) loader->problems.Add(problem);
  return read;
}

// Somebody of every step must be reachable; who is not is worth a warning.
void CheckPolicy(const Source& source, Mark mark, const OncallRead::Policy& policy,
                 const std::map<std::string, std::vector<ContactRule>>& contacts) {
  std::set<std::string> warned;
  for (size_t i = 0; i < policy.steps.size(); ++i) {
    const std::vector<std::string>& people = policy.steps[i];
    const auto has_contact = [&](const std::string& name) { return contacts.contains(name); };
    const bool is_reachable = std::ranges::any_of(people, has_contact);
    if (!people.empty() && !is_reachable) {
      source.Error(mark,
                   "step " + std::to_string(i + 1) + " of policy " + GoQuote(policy.name) +
                       " tells " + Join(people, ", ") + ", who cannot be reached",
                   "add oncall.contacts of " + people.front());
    }
    for (const std::string& name : people) {
      if (!is_reachable || has_contact(name) || !warned.insert(name).second) continue;
      source.Warn(mark, "policy " + GoQuote(policy.name) + " tells " + GoQuote(name) +
                            ", who has no oncall.contacts");
    }
  }
}

// What a policy takes back its vendors have to be able to take back, too.
void WarnOfResets(const Source& source, Mark mark, const std::string& policy,
                  const Config& config) {
  for (const Receiver& receiver : config.receivers) {
    for (const Integration& one : receiver.integrations) {
      const bool is_deaf =
          (one.takes & kVendorAcknowledge) != 0 && (one.takes & kVendorUnacknowledge) == 0;
      if (!is_deaf) continue;
      source.Warn(mark,
                  "policy " + GoQuote(policy) + " takes acks back (reset_acks), which " + one.kind +
                      " of receiver " + GoQuote(receiver.name) +
                      " cannot be told: it stays acknowledged there",
                  "tell_acks: false in its " + one.kind + "_configs");
      return;
    }
  }
}

void CheckEscalation(const EscalationPlace& place, const OncallRead& read, const Config& config) {
  const std::string& name = place.escalates->policy;
  if (name.empty()) {
    place.source->Error(place.policy, "missing policy in escalation_configs");
    return;
  }
  if (!read.roster) {
    if (read.problems.empty()) {
      place.source->Error(place.policy, "policy " + GoQuote(name) + " is not defined",
                          "name the files that define it in oncall_files");
    }
    return;
  }
  Result<OncallRead::Policy> policy = read.find_policy(name);
  if (!policy) {
    const bool is_unknown = policy.error().code == Code::kNotFound;
    place.source->Error(
        place.policy,
        is_unknown ? "no escalation policy is called " + GoQuote(name) : policy.error().message,
        is_unknown ? DidYouMean(name, read.policies) : "");
    return;
  }
  place.escalates->policy = policy->name;
  CheckPolicy(*place.source, place.policy, *policy, config.oncall.contacts);
  if (policy->resets_acks) WarnOfResets(*place.source, place.policy, policy->name, config);
}

const std::vector<std::string>& NamesOf(const OncallRead& read, const std::string& kind) {
  if (kind == "policy") return read.policies;
  if (kind == "team") return read.teams;
  return kind == "schedule" ? read.schedules : read.users;
}

// Whom a rule of automation calls.
void CheckCalled(const AutomationPlace& place, const OncallRead& read, Config* config) {
  const Oncall& oncall = config->oncall;
  std::string& to = config->automation.rules[place.rule].escalate_to;
  if (oncall.fallback.empty()) {
    place.source->Error(place.called, "escalate needs oncall.fallback",
                        "name the receiver that is paged when nobody can be reached");
  }
  const std::string what = place.kind == "policy" ? "escalation policy" : place.kind;
  // An address that is no user's.
  const bool is_address = place.kind == "user" && oncall.contacts.contains(place.name);
  if (is_address && (!read.roster || read.user_name(place.name) == place.name)) {
    to = "user:" + place.name;
    return;
  }
  if (!read.roster) {
    if (!read.problems.empty()) return;
    place.source->Error(place.called, what + " " + GoQuote(place.name) + " is not defined",
                        "name the files that define it in oncall_files");
    return;
  }
  const Result<OncallRead::Policy> found = read.find_called(place.kind, place.name);
  if (!found) {
    const bool is_unknown = found.error().code == Code::kNotFound;
    const bool is_one_of_several = found.error().code == Code::kConflict;
    place.source->Error(
        place.called,
        is_unknown ? "no " + what + " is called " + GoQuote(place.name) : found.error().message,
        is_unknown          ? DidYouMean(place.name, NamesOf(read, place.kind))
        : is_one_of_several ? "name one of them, as in escalate: {policy: NAME}"
                            : "");
    return;
  }
  to = found->name;
  CheckPolicy(*place.source, place.called, *found, oncall.contacts);
  if (found->resets_acks) WarnOfResets(*place.source, place.called, found->name, *config);
}

// A person's receiver rings once a turn: a second rule of the same would be lost.
void CheckContactsDiffer(const OncallRead& read, const Loader& loader) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const OncallPlace& place : loader.contact_receivers) {
    const std::string name = read.roster ? read.user_name(place.person) : place.person;
    if (seen.emplace(name, place.receiver).second) continue;
    place.source->Error(
        place.mark,
        "receiver " + GoQuote(place.receiver) + " is named twice in the contacts of " +
            GoQuote(name),
        "name it once, with the earlier of its times, or a second receiver for the later one");
  }
}

void CheckHandoff(const HandoffPlace& place, const OncallRead& read, Handoff* handoff,
                  const Config& config) {
  if (!read.roster) {
    if (read.problems.empty()) {
      place.source->Error(
          place.schedule,
          "schedule " + GoQuote(handoff->schedule) + " of oncall.handoffs is not defined",
          "name the files that define it in oncall_files");
    }
    return;
  }
  const std::string name = read.schedule_name(handoff->schedule);
  if (name.empty()) {
    place.source->Error(place.schedule, "no schedule is called " + GoQuote(handoff->schedule),
                        DidYouMean(handoff->schedule, read.schedules));
    return;
  }
  handoff->schedule = name;
  if (handoff->receiver.empty()) return;
  const auto found = std::ranges::find(config.receivers, handoff->receiver, &Receiver::name);
  const bool can_tell = found != config.receivers.end() &&
                        std::ranges::any_of(found->integrations, [](const Integration& one) {
                          return CanTellHandoff(one.kind);
                        });
  if (found == config.receivers.end()) {
    std::vector<std::string> known;
    for (const Receiver& receiver : config.receivers) known.push_back(receiver.name);
    place.source->Error(place.receiver,
                        "undefined receiver " + GoQuote(handoff->receiver) + " in oncall.handoffs",
                        DidYouMean(handoff->receiver, known));
  } else if (!can_tell) {
    place.source->Error(place.receiver,
                        "receiver " + GoQuote(handoff->receiver) +
                            " cannot be told of a hand-off: it would open what nobody closes",
                        "name one that writes to people: mail, chat, SMS, a webhook");
  }
}

// Contacts under the names by which the roster calls people.
void RenameContacts(const OncallRead& read, Oncall* oncall) {
  std::map<std::string, std::vector<ContactRule>> renamed;
  for (auto& [name, rules] : oncall->contacts) {
    std::vector<ContactRule>& all = renamed[read.user_name(name)];
    all.insert(all.end(), rules.begin(), rules.end());
  }
  oncall->contacts = std::move(renamed);
}

using WhenByMethod = std::map<std::string, Duration>;

// The contacts of one person at the times that her rules say; empty when no rule fits any.
std::vector<ContactRule> Timed(const std::vector<ContactRule>& contacts, const WhenByMethod& when) {
  std::vector<ContactRule> timed;
  bool fits = false;
  for (ContactRule contact : contacts) {
    if (!contact.method.empty()) {
      const auto found = when.find(contact.method);
      if (found == when.end()) continue;
      contact.after = std::min<Duration>(found->second, limits::kContactDelay);
      fits = true;
    }
    timed.push_back(std::move(contact));
  }
  return fits ? timed : std::vector<ContactRule>();
}

void WarnOfRules(const OncallPlace& place, const std::string& person,
                 const std::vector<ContactRule>& contacts, const WhenByMethod& when, bool fits) {
  std::set<std::string> methods;
  for (const ContactRule& contact : contacts) methods.insert(contact.method);
  for (const auto& [method, after] : when) {
    if (methods.contains(method)) continue;
    place.source->Warn(place.mark,
                       "a notification rule of " + GoQuote(person) + " says " + method + " after " +
                           FormatDuration(after) + ", and none of the contacts is that",
                       "say which receiver it is: {receiver: NAME, method: " + method + "}");
  }
  for (const ContactRule& contact : contacts) {
    if (!fits || contact.method.empty() || when.contains(contact.method)) continue;
    place.source->Warn(place.mark, "no notification rule of " + GoQuote(person) + " says " +
                                       contact.method + ": receiver " + GoQuote(contact.receiver) +
                                       " is not told");
  }
}

// People's own notification rules decide when those of their contacts that have a method are told.
void FollowRules(const OncallRead& read, Loader* loader) {
  for (auto& [person, contacts] : loader->config.oncall.contacts) {
    const bool has_methods = std::ranges::any_of(
        contacts, [](const ContactRule& contact) { return !contact.method.empty(); });
    if (!has_methods) continue;
    // A receiver rings once a turn, so that the first of a method counts.
    WhenByMethod when;
    for (const auto& [after, method] : read.rules_of(person)) {
      const auto [found, is_new] = when.emplace(ContactMethod(method), after);
      if (!is_new) found->second = std::min(found->second, after);
    }
    if (when.empty()) continue;
    const std::string& name = person;
    const auto place = std::ranges::find_if(loader->contact_receivers, [&](const OncallPlace& one) {
      return read.user_name(one.person) == name;
    });
    std::vector<ContactRule> timed = Timed(contacts, when);
    if (place != loader->contact_receivers.end()) {
      WarnOfRules(*place, person, contacts, when, !timed.empty());
    }
    if (!timed.empty()) {
      loader->config.oncall.all_contacts[person] = std::exchange(contacts, std::move(timed));
    }
  }
}

}  // namespace

std::string ContactMethod(const std::string& said) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kWords = {
      {{"app", "push"},
       {"mobile", "push"},
       {"mobile_app", "push"},
       {"phone", "voice"},
       {"call", "voice"},
       {"phone_call", "voice"},
       {"text", "sms"},
       {"mail", "email"},
       {"e-mail", "email"}}};
  std::string lower = ToLower(said);
  for (const auto& [word, method] : kWords) {
    if (lower == word) return std::string(method);
  }
  return lower;
}

bool CanTellHandoff(const std::string& integration) {
  static constexpr std::array<std::string_view, 7> kOpens = {
      "victorops", "opsgenie", "pagerduty", "incidentio", "jira", "servicenow", kEscalation};
  return std::ranges::find(kOpens, integration) == kOpens.end();
}

std::vector<ContactRule> ContactsOf(const Oncall& oncall, const std::string& person,
                                    bool ignores_rules) {
  const auto timed = oncall.contacts.find(person);
  if (timed == oncall.contacts.end()) return {};
  if (!ignores_rules) return timed->second;
  const auto all = oncall.all_contacts.find(person);
  std::vector<ContactRule> rules = all == oncall.all_contacts.end() ? timed->second : all->second;
  for (ContactRule& rule : rules) rule.after = Duration::zero();
  return rules;
}

std::set<std::string> PoliciesOf(const Config& config) {
  std::set<std::string> policies;
  for (const Receiver& receiver : config.receivers) {
    for (const Integration& one : receiver.integrations) {
      if (!IsEscalation(one)) continue;
      policies.insert(static_cast<const Escalates*>(one.options.get())->policy);
    }
  }
  for (const AutomationRule& rule : config.automation.rules) {
    if (!rule.escalate_to.empty()) policies.insert(rule.escalate_to);
  }
  return policies;
}

Integration ReadEscalation(Section& entry, int index, Loader* loader) {
  Integration integration;
  integration.kind = kEscalation;
  integration.index = index;
  integration.pages = true;
  integration.send_resolved = entry.Bool("send_resolved", true);
  auto escalates = std::make_shared<Escalates>();
  escalates->policy = entry.String("policy");
  loader->escalations.push_back({escalates, &entry.impl().source, entry.impl().At("policy")});
  integration.options = std::move(escalates);
  entry.Finish();
  return integration;
}

namespace {

Storm ReadStorm(Section& section) {
  Storm storm;
  storm.incidents = 3;  // As VictorOps does.
  const auto incidents = section.Int("incidents", 3);
  if (incidents < 2 || static_cast<size_t>(incidents) > limits::kStormIncidents) {
    section.Error("incidents", "so many incidents are no storm: from 2 to " +
                                   std::to_string(limits::kStormIncidents));
  } else {
    storm.incidents = static_cast<size_t>(incidents);
  }
  const auto time = [&](const char* key, Duration* value) {
    *value = section.PromDuration(key, *value);
    if (*value >= std::chrono::seconds(1) && *value <= limits::kStormEvery) return;
    section.Error(
        key, "a storm is looked at by times from 1s to " + FormatDuration(limits::kStormEvery));
  };
  time("within", &storm.within);
  time("every", &storm.every);
  section.Finish();
  return storm;
}

}  // namespace

void ReadOncall(Section& section, Loader* loader) {
  Oncall& oncall = loader->config.oncall;
  const Source& source = section.impl().source;
  for (const char* key :
       {"users", "rules", "teams", "schedules", "overrides", "escalation_policies"}) {
    if (!section.Has(key)) continue;
    section.Value(key);
    loader->oncall_here = Pattern{source.file, &source, section.impl().At(key)};
  }
  if (auto contacts = section.Child("contacts")) {
    for (const Key& person : contacts->impl().node.keys) {
      std::vector<ContactRule>& rules = oncall.contacts[person.text];
      for (Section& entry : contacts->Children(person.text)) {
        ContactRule rule;
        rule.receiver = entry.String("receiver");
        rule.after = entry.PromDuration("after", Duration::zero());
        if (rule.after > limits::kContactDelay) {
          entry.Error("after",
                      "a contact cannot wait longer than " + FormatDuration(limits::kContactDelay));
        }
        rule.method = ContactMethod(entry.String("method"));
        loader->contact_receivers.push_back(
            {rule.receiver, &source, entry.impl().At("receiver"), person.text});
        entry.Finish();
        rules.push_back(std::move(rule));
      }
      if (rules.empty()) {
        oncall.contacts.erase(person.text);
        source.Error(person.mark, "no contacts of " + GoQuote(person.text),
                     "give a list, such as [{receiver: NAME}, {receiver: NAME, after: 1m}]");
      }
    }
    contacts->Finish();
  }
  for (Section& entry : section.Children("handoffs")) {
    if (oncall.handoffs.size() == limits::kHandoffs) {
      entry.Error("", "more than " + std::to_string(limits::kHandoffs) + " handoffs");
      break;
    }
    Handoff handoff{entry.String("schedule"), entry.String("receiver")};
    if (handoff.schedule.empty()) {
      entry.Error("schedule", "a hand-off needs a schedule: whose shifts change");
    }
    loader->handoff_places.push_back(
        {&source, entry.impl().At("schedule"), entry.impl().At("receiver")});
    entry.Finish();
    oncall.handoffs.push_back(std::move(handoff));
  }
  if (auto storm = section.Child("storm")) oncall.storm = ReadStorm(*storm);
  oncall.person_metrics = section.Bool("person_metrics", false);
  oncall.fallback = section.String("fallback");
  if (!oncall.fallback.empty()) {
    loader->oncall_fallback = OncallPlace{oncall.fallback, &source, section.impl().At("fallback")};
  }
  section.Finish();
}

void LoadOncall(Loader* loader) {
  Config& config = loader->config;
  for (const OncallPlace& place : loader->contact_receivers) {
    CheckPager(place, " in oncall.contacts", config);
  }
  if (loader->oncall_fallback) {
    CheckPager(*loader->oncall_fallback, " used as oncall.fallback", config);
  } else if (!loader->escalations.empty()) {
    const EscalationPlace& first = loader->escalations.front();
    first.source->Error(first.policy, "escalation_configs needs oncall.fallback",
                        "name the receiver that is paged when nobody can be reached");
  }
  const OncallRead read = ReadFiles(loader);
  CheckContactsDiffer(read, *loader);
  if (read.roster) {
    RenameContacts(read, &config.oncall);
    FollowRules(read, loader);
  }
  for (const EscalationPlace& place : loader->escalations) {
    CheckEscalation(place, read, config);
  }
  for (const AutomationPlace& place : loader->automation_places) {
    if (!place.kind.empty()) CheckCalled(place, read, &config);
  }
  for (size_t i = 0; i < loader->handoff_places.size(); ++i) {
    CheckHandoff(loader->handoff_places[i], read, &config.oncall.handoffs[i], config);
  }
  config.oncall.roster = read.roster;
}

}  // namespace watchfire::config
