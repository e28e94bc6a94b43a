// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// PagerDuty: GET /log_entries, the account's history. Its incidents forget who acknowledged as soon
// as they are resolved, the log does not. Notes are part of it.

#include <algorithm>

#include "pkg/base/strings.h"
#include "pkg/inbound/json_in.h"
#include "pkg/responder/vendor_api.h"

namespace watchfire::responder {
namespace {

using inbound::Element;
using inbound::ListOf;
using inbound::Object;
using inbound::ObjectOf;
using inbound::ResponderAct;
using inbound::TextOf;
using Kind = inbound::ResponderAct::Kind;

constexpr size_t kPage = 100;  // The vendor's bound.

std::string NamesOf(const Object& entry, const char* list) {
  std::string names;
  for (const Element& element : ListOf(entry, list)) {
    Object one;
    if (element.get(one) != simdjson::SUCCESS) continue;
    const std::string name = TextOf(one, "summary");
    if (!name.empty()) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

std::string NoteOf(const Object& entry) {
  const auto channel = ObjectOf(entry, "channel");
  if (!channel) return "";
  std::string text = TextOf(*channel, "content");
  return text.empty() ? TextOf(*channel, "summary") : text;
}

// What the entry is of: "acknowledge" of "acknowledge_log_entry".
std::string TypeOf(const Object& entry) {
  constexpr std::string_view kEnd = "_log_entry";
  std::string type = TextOf(entry, "type");
  if (type.ends_with("_reference"))
    type.resize(type.size() - std::string_view("_reference").size());
  if (!type.ends_with(kEnd)) return "";
  type.resize(type.size() - kEnd.size());
  return type;
}

// What it says in our timeline; "": nothing.
std::string RemarkOf(const std::string& type, const Object& entry) {
  if (type == "unacknowledge") return "unacknowledged at PagerDuty";
  if (type != "escalate" && type != "delegate") return "";
  const std::string to = NamesOf(entry, "assignees");
  return type + "d at PagerDuty" + (to.empty() ? "" : " to " + to);
}

void SetKind(const std::string& type, const Object& entry, const Object& incident,
             ResponderAct* act) {
  if (type == "acknowledge") {
    act->kind = Kind::kAcknowledge;
  } else if (type == "resolve") {
    // What was merged into another there goes on in that.
    const bool is_merged = ObjectOf(incident, "resolve_reason").has_value();
    act->kind = is_merged ? Kind::kNote : Kind::kResolve;
    if (is_merged) act->text = "merged into another incident at PagerDuty";
  } else {
    act->text = type == "annotate" ? NoteOf(entry) : RemarkOf(type, entry);
    act->kind = act->text.empty() ? Kind::kNothing : Kind::kNote;
  }
}

ResponderAct ActOf(const std::string& type, const Object& entry, const Object& incident) {
  ResponderAct act;
  act.at = TimeOfAct(TextOf(entry, "created_at"));
  act.entity_id = TextOf(incident, "incident_key");
  act.page = TextOf(incident, "id");
  act.actor = "PagerDuty";
  if (const auto agent = ObjectOf(entry, "agent")) {
    const std::string agent_type = TextOf(*agent, "type");
    act.is_person = agent_type == "user_reference" || agent_type == "user";
    if (act.is_person) act.actor_id = TextOf(*agent, "id");
    for (const char* name : {"id", "summary"}) {  // The name, if it has one.
      if (std::string text = TextOf(*agent, name); !text.empty()) act.actor = std::move(text);
    }
  }
  act.mark = "PagerDuty " + act.page + ", log entry " + TextOf(entry, "id");
  SetKind(type, entry, incident, &act);
  return act;
}

class Api : public VendorApi {
 public:
  std::vector<std::pair<std::string, std::string>> Headers(
      const config::AckPolling& account) const override {
    return {{"Authorization", "Token token=" + account.key.reveal()},
            {"Accept", "application/vnd.pagerduty+json;version=2"}};
  }
  std::string List(const Look& look) const override {
    return "/log_entries?since=" + UrlEncode(FormatRfc3339(look.since, 0)) +
           "&until=" + UrlEncode(FormatRfc3339(look.until, 0)) + "&limit=" + std::to_string(kPage) +
           "&offset=" + std::to_string(look.offset) +
           "&is_overview=false&include%5B%5D=incidents&include%5B%5D=channels";
  }
  Result<Page> ReadList(std::string_view body, const Look& look) const override;
  std::string Notes(const Subject&) const override { return ""; }
  Result<std::vector<ResponderAct>> ReadNotes(std::string_view, const Subject&,
                                              WallTime) const override {
    return std::vector<ResponderAct>();
  }
};

Result<Page> Api::ReadList(std::string_view body, const Look&) const {
  const auto json = inbound::JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  if (!inbound::At(json->element(), "log_entries")) {
    return InvalidArgument("the answer has no member log_entries");
  }
  Page page;
  for (const Element& element : ListOf(json->root(), "log_entries")) {
    Object entry;
    if (element.get(entry) != simdjson::SUCCESS) continue;
    ++page.size;
    const auto incident = ObjectOf(entry, "incident");
    if (!incident || !IsId(TextOf(entry, "id")) || !IsId(TextOf(*incident, "id"))) continue;
    const std::string type = TypeOf(entry);
    ResponderAct act = ActOf(type, entry, *incident);
    if (act.at == kNoTime || act.kind == Kind::kNothing) continue;
    if (type == "unacknowledge") {
      WallTime& at = page.given_back.try_emplace(act.page, act.at).first->second;
      at = std::max(at, act.at);
    }
    page.acts.push_back(std::move(act));
  }
  page.has_more = TextOf(json->root(), "more") == "true" && page.size > 0;
  std::ranges::stable_sort(page.acts, {}, &ResponderAct::at);
  return page;
}

}  // namespace

std::unique_ptr<VendorApi> PagerDutyApi() { return std::make_unique<Api>(); }

}  // namespace watchfire::responder
