// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// GET /v2/alerts/{identifier}/notes, /logs and /recipients, as Opsgenie's Alert API: what the
// timelines of the alert's open incidents say, and the note that it was created with, page by page.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pkg/api/alert_incidents.h"
#include "pkg/api/opsgenie_visit.h"
#include "pkg/incident/analytics.h"

namespace watchfire::api {
namespace {

constexpr size_t kLimit = 20;  // The vendor's.
constexpr size_t kLimitMax = 100;

struct Line {
  WallTime at;
  std::string text;
  std::string owner;
  std::string offset;  // Names it, and sorts as it does.
};

// Of which a client sees a part.
struct Page {
  std::vector<Line> lines;
  std::string next;  // The offset of what follows; "": nothing does.
};

bool IsNote(const incident::Event& event) {
  return !event.text.empty() && (event.kind == "note" || event.kind == "acked");
}

// Of the notes, or of all that was done; the oldest first.
std::vector<Line> LinesOf(const core::View& view, const alert::Alert& alert, bool notes_only) {
  const AlertIncidents incidents(view);
  std::vector<Line> lines;
  // It came before there was an incident to write it to.
  if (const std::string_view note = alert.annotations.Get("note"); !note.empty()) {
    const std::string text = (notes_only ? "" : "note: ") + std::string(note);
    lines.push_back({alert.starts_at, text, kOpsgenie, ""});
  }
  for (const auto& [fingerprint, incident] : incidents.Find(alert.fingerprint())) {
    for (const incident::Event& event : incident->timeline) {
      if (notes_only && !IsNote(event)) continue;
      Line line{event.at, event.text, event.actor, ""};
      if (!notes_only) line.text = event.kind + (event.text.empty() ? "" : ": " + event.text);
      lines.push_back(std::move(line));
    }
  }
  std::ranges::stable_sort(lines, {}, &Line::at);
  // Milliseconds, nanoseconds, and what comes at the same instant by its place.
  size_t place = 0;
  for (Line& line : lines) {
    const int64_t nanos = ToNanos(line.at);
    std::string number = std::to_string(++place);
    number.insert(0, number.size() < 6 ? 6 - number.size() : 0, '0');
    line.offset = std::to_string(nanos / 1'000'000) + "_" + std::to_string(nanos) + "_" + number;
  }
  return lines;
}

std::string Parameter(const net::Request& request, const char* name, const char* fallback) {
  const std::string* text = request.param(name);
  return text == nullptr || text->empty() ? fallback : *text;
}

size_t NumberIn(const std::string* text) {
  size_t number = 0;
  if (text == nullptr) return kLimit;
  const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc() && stop == text->data() + text->size() ? number : kLimit;
}

// What `offset`, `direction`, `limit` and `order` ask for.
Page Cut(std::vector<Line> lines, const net::Request& request) {
  const bool is_descending = Parameter(request, "order", "desc") != "asc";
  if (is_descending) std::ranges::reverse(lines);
  const std::string offset = Parameter(request, "offset", "");
  const bool is_back = Parameter(request, "direction", "next") == "prev";
  const std::string* asked = request.param("limit");
  const size_t limit = std::clamp<size_t>(NumberIn(asked), 1, kLimitMax);
  const auto is_past = [&](const Line& line) {
    return is_descending ? line.offset < offset : line.offset > offset;
  };
  if (!offset.empty() && is_back) {
    std::erase_if(lines, [&](const Line& line) { return is_past(line) || line.offset == offset; });
    if (lines.size() > limit)
      lines.erase(lines.begin(), lines.end() - static_cast<ptrdiff_t>(limit));
    return {std::move(lines), ""};
  }
  if (!offset.empty()) std::erase_if(lines, [&](const Line& line) { return !is_past(line); });
  Page page;
  if (lines.size() > limit) {
    lines.resize(limit);
    page.next = lines.back().offset;
  }
  page.lines = std::move(lines);
  return page;
}

// The alert whose alias ends in what looks like a part: aliases may hold slashes.
net::Response Whole(const Call& call) {
  return GetOpsgenieAlert(
      Call{call.request, call.backend, {call.params[0] + "/" + call.params[1]}});
}

// Answers with what `write` puts behind {"data": of the alert that the path names.
template <typename Write>
net::Response OfAlert(const Call& call, Write write) {
  OpsgenieVisit visit(call);
  if (auto refusal = visit.Refusal()) return *std::move(refusal);
  const Result<InboundBook> book = visit.BookFor(call.params[0]);
  if (!book) return visit.Refuse(book.error());
  const auto alert = FindOpsgenieAlert(*book, call.request, call.params[0]);
  if (alert == nullptr) return Whole(call);
  JsonWriter json;
  json.StartObject().Key("data");
  write(book->view(), *alert, json);
  return visit.Show(json);
}

void List(const Call& call, const core::View& view, const alert::Alert& alert, bool notes_only,
          JsonWriter& json) {
  const Page page = Cut(LinesOf(view, alert, notes_only), call.request);
  json.StartArray();
  for (const Line& line : page.lines) {
    json.StartObject().Field(notes_only ? "note" : "log", line.text);
    if (!notes_only) json.Field("type", "system");
    json.Field("owner", line.owner).Field("createdAt", FormatRfc3339(line.at));
    json.Field("offset", line.offset).EndObject();
  }
  json.EndArray().Key("paging").StartObject();
  if (!page.next.empty()) {
    std::string url = call.backend.info().external_url + "/v2/alerts/" + UrlEncode(call.params[0]) +
                      (notes_only ? "/notes" : "/logs") + "?offset=" + page.next +
                      "&direction=next";
    for (const char* name : {"identifierType", "limit", "order"}) {
      if (const std::string* value = call.request.param(name)) {
        url += std::string("&") + name + "=" + UrlEncode(*value);
      }
    }
    json.Field("next", url);
  }
  json.EndObject();
}

struct Recipient {
  WallTime first = kNoTime;
  WallTime last = kNoTime;
  bool has_acked = false;
};

// Who was paged by name, and who acknowledged, as far as the alert's open incidents know.
void Recipients(const core::View& view, const alert::Alert& alert, JsonWriter& json) {
  std::map<std::string, Recipient> recipients;
  const auto add = [&](const std::string& person, WallTime at, bool has_acked) {
    if (person.empty()) return;
    const auto [known, is_new] = recipients.emplace(person, Recipient{at, at, has_acked});
    known->second.first = std::min(known->second.first, at);
    known->second.last = std::max(known->second.last, at);
    known->second.has_acked |= has_acked;
  };
  const AlertIncidents incidents(view);
  for (const auto& [fingerprint, incident] : incidents.Find(alert.fingerprint())) {
    for (const incident::Event& event : incident->timeline) {
      if (event.kind == "paged") add(incident::PagedPerson(event.text), event.at, false);
    }
    if (incident->ack) add(incident->ack->by, incident->ack->since, true);
  }
  json.StartArray();
  for (const auto& [person, recipient] : recipients) {
    json.StartObject().Key("user").StartObject().Field("id", person).Field("username", person);
    json.EndObject().Field("state", recipient.has_acked ? "action" : "active");
    json.Field("method", recipient.has_acked ? "Acknowledge" : "");
    json.Field("createdAt", FormatRfc3339(recipient.first));
    json.Field("updatedAt", FormatRfc3339(recipient.last)).EndObject();
  }
  json.EndArray();
}

}  // namespace

net::Response GetOpsgeniePart(const Call& call) {
  const std::string& part = call.params[1];
  constexpr std::array kParts = {"notes", "logs", "recipients", "attachments"};
  if (std::ranges::find(kParts, part) == kParts.end()) return Whole(call);
  return OfAlert(call, [&](const core::View& view, const alert::Alert& alert, JsonWriter& json) {
    if (part == "recipients") return Recipients(view, alert, json);
    if (part == "attachments") return static_cast<void>(json.StartArray().EndArray());
    List(call, view, alert, part == "notes", json);
  });
}

}  // namespace watchfire::api
