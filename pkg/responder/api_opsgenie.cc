// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Opsgenie: GET /v2/alerts, what changed last first, a hundred at once. An alert says who
// acknowledged it first, and who closed it, and how long that took. Its notes are by themselves.

#include <algorithm>
#include <charconv>

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

constexpr const char* kName = "Opsgenie";
constexpr size_t kIdBytes = 128;  // Alert ids have 50.
constexpr size_t kPage = 100;     // The vendor's bound.

// What `report` says: so long after the alert was created. Nullopt: it does not.
std::optional<Duration> MillisOf(const Object& report, const char* name) {
  const std::string text = TextOf(report, name);
  int64_t millis = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), millis);
  const bool is_good = error == std::errc() && stop == text.data() + text.size() && millis >= 0 &&
                       millis < int64_t{1'000} * 86'400 * 366;
  if (!is_good) return std::nullopt;
  return std::chrono::milliseconds(millis);
}

// People go by their mail addresses there, integrations by names of their own.
bool IsPerson(const std::string& name) { return name.find('@') != std::string::npos; }

ResponderAct ActOf(Kind kind, const char* action, const Subject& subject, const std::string& by,
                   WallTime at) {
  ResponderAct act;
  act.kind = kind;
  act.entity_id = subject.entity_id;
  act.page = subject.id;
  act.actor = by.empty() ? kName : by;
  act.is_person = IsPerson(by);
  act.at = at;
  act.mark = std::string(kName) + " " + subject.id + ", " + action + " at " + FormatRfc3339(at);
  return act;
}

void AddActs(const Object& alert, const Subject& subject, std::vector<ResponderAct>* acts) {
  const auto report = ObjectOf(alert, "report");
  const WallTime created = ParseTime(TextOf(alert, "createdAt")).value_or(kNoTime);
  if (!report || created == kNoTime) return;
  const auto acked = MillisOf(*report, "ackTime");
  // Without `acknowledged` somebody gave it back.
  if (acked && TextOf(alert, "acknowledged") == "true") {
    acts->push_back(ActOf(Kind::kAcknowledge, "Acknowledge", subject,
                          TextOf(*report, "acknowledgedBy"), created + *acked));
  }
  const auto closed = MillisOf(*report, "closeTime");
  if (closed && TextOf(alert, "status") == "closed") {
    acts->push_back(
        ActOf(Kind::kResolve, "Close", subject, TextOf(*report, "closedBy"), created + *closed));
  }
}

class Api : public VendorApi {
 public:
  std::vector<std::pair<std::string, std::string>> Headers(
      const config::AckPolling& account) const override {
    return {{"Authorization", "GenieKey " + account.key.reveal()}, {"Accept", "application/json"}};
  }
  std::string List(const Look& look) const override {
    return "/v2/alerts?sort=updatedAt&order=desc&limit=" + std::to_string(kPage) +
           "&offset=" + std::to_string(look.offset);
  }
  Result<Page> ReadList(std::string_view body, const Look& look) const override;
  std::string Notes(const Subject& subject) const override {
    return "/v2/alerts/" + UrlEncode(subject.id) +
           "/notes?identifierType=id&order=desc&limit=" + std::to_string(kPage);
  }
  Result<std::vector<ResponderAct>> ReadNotes(std::string_view body, const Subject& subject,
                                              WallTime now) const override;
};

Result<Page> Api::ReadList(std::string_view body, const Look& look) const {
  const auto json = inbound::JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  if (!inbound::At(json->element(), "data")) {
    return InvalidArgument("the answer has no member data");
  }
  Page page;
  bool is_old = false;
  for (const Element& element : ListOf(json->root(), "data")) {
    Object alert;
    if (element.get(alert) != simdjson::SUCCESS) continue;
    ++page.size;
    const Subject subject{TextOf(alert, "id"), TextOf(alert, "alias"), TextOf(alert, "updatedAt")};
    is_old |= ParseTime(subject.version).value_or(look.since) < look.since;
    if (subject.id.empty() || subject.id.size() > kIdBytes || subject.entity_id.empty()) continue;
    AddActs(alert, subject, &page.acts);
    if (TextOf(alert, "status") != "closed") page.subjects.push_back(subject);
  }
  page.has_more = page.size >= kPage && !is_old;
  std::ranges::stable_sort(page.acts, {}, &ResponderAct::at);
  return page;
}

Result<std::vector<ResponderAct>> Api::ReadNotes(std::string_view body, const Subject& subject,
                                                 WallTime) const {
  const auto json = inbound::JsonIn::Parse(body);
  if (!json) return Fail(json.error());
  std::vector<ResponderAct> acts;
  for (const Element& element : ListOf(json->root(), "data")) {
    Object note;
    if (element.get(note) != simdjson::SUCCESS) continue;
    const WallTime at = ParseTime(TextOf(note, "createdAt")).value_or(kNoTime);
    if (at == kNoTime) continue;
    ResponderAct act = ActOf(Kind::kNote, "AddNote", subject, TextOf(note, "owner"), at);
    act.text = TextOf(note, "note");
    if (!act.text.empty()) acts.push_back(std::move(act));
  }
  std::ranges::stable_sort(acts, {}, &ResponderAct::at);
  return acts;
}

}  // namespace

std::unique_ptr<VendorApi> OpsgenieApi() { return std::make_unique<Api>(); }

}  // namespace watchfire::responder
