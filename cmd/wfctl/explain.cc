// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl explain: why an alert was, or was not, told to anybody.

#include "cmd/wfctl/explain.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "cmd/wfctl/dates.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

bool IsFingerprint(const std::string& text) {
  return text.size() == 16 &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

void PrintAlert(element alert, const std::string& layout, World& world) {
  const std::string name = Text(alert["labels"]["alertname"]);
  const std::string pairs = PairsText(alert["labels"], "alertname");
  world.out << (name.empty() ? "(no name)" : name) << (pairs.empty() ? "" : " ") << pairs << "  ("
            << Text(alert["fingerprint"]) << ")\n"
            << Text(alert["summary"]) << "\n\n";
  std::vector<std::vector<std::string>> rows;
  for (const element link : simdjson::dom::array(alert["chain"])) {
    const WallTime at = Time(link["at"]);
    rows.push_back(
        {at == kNoTime ? "" : FormatDate(at, layout), Text(link["what"]), Text(link["text"])});
  }
  PrintTable(world.out, {"At", "What", "How"}, rows, world.color);
}

// Whether the server sends nothing and explains what it would have sent.
bool IsShadow(element data) {
  bool shadow = false;
  return data["shadow"].get(shadow) == simdjson::SUCCESS && shadow;
}

int Explain(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) {
    return Misuse(world, "explain needs an alert",
                  "its fingerprint or matchers, as in wfctl explain HighLatency team=db");
  }
  const Result<WallTime> at = ReadTimeFlag(invocation, "at");
  if (!at) return Misuse(world, at.error().message);
  std::string path = "/api/v1/explain?";
  if (std::ranges::all_of(invocation.operands, IsFingerprint)) {
    for (const std::string& id : invocation.operands) path += "fingerprint=" + id + "&";
  } else {
    for (const std::string& filter : ReadFilters(invocation)) {
      path += "filter=" + UrlEncode(filter) + "&";
    }
  }
  if (*at != kNoTime) path += "at=" + UrlEncode(FormatRfc3339(*at, 9, true)) + "&";
  path += "limit=" + UrlEncode(invocation.Get("limit", "10"));
  bool none = false;
  const std::string layout = invocation.Get("date.format", "2006-01-02 15:04:05 MST");
  const int code = GetAndShow(invocation, world, path, [&](element json) {
    const element data = json["data"];
    const simdjson::dom::array alerts = data["alerts"];
    none = alerts.size() == 0;
    if (!none && IsShadow(data)) {
      world.out << "shadow mode: none of this was sent; it is what would have been\n\n";
    }
    bool first = true;
    for (const element alert : alerts) {
      if (!std::exchange(first, false)) world.out << "\n";
      PrintAlert(alert, layout, world);
    }
    const auto total = int64_t(data["total"]);
    const int64_t more = total - static_cast<int64_t>(alerts.size());
    if (more > 0) world.out << "\nand " << more << " more (--limit)\n";
  });
  if (code != kOk || !none) return code;
  world.err << "wfctl: no alert matches"
            << (*at == kNoTime ? " that fires now (of one that has resolved ask with --at, a time "
                                 "at which it fired)"
                               : " that was known")
            << "\n";
  return kNo;
}

}  // namespace

std::map<std::string, std::string> Summaries(Api& api,
                                             const std::vector<std::string>& fingerprints) {
  std::map<std::string, std::string> summaries;
  if (fingerprints.empty()) return summaries;
  std::string path = "/api/v1/explain?limit=" + std::to_string(limits::kExplainedAlerts);
  for (size_t i = 0; i < fingerprints.size() && i < limits::kExplainedAlerts; ++i) {
    path += "&fingerprint=" + UrlEncode(fingerprints[i]);
  }
  const auto responses = api.CallAll({{"GET", path, ""}});
  const auto& response = responses.front();
  if (!response || response->status != 200) return summaries;
  simdjson::dom::parser parser;
  const simdjson::padded_string body(response->body);
  element data;
  simdjson::dom::array alerts;
  if (parser.parse(body)["data"].get(data) != simdjson::SUCCESS ||
      data["alerts"].get(alerts) != simdjson::SUCCESS) {
    return summaries;
  }
  for (const element alert : alerts) {
    summaries[Text(alert["fingerprint"])] =
        (IsShadow(data) ? "in shadow: " : "") + Text(alert["summary"]);
  }
  return summaries;
}

std::vector<Command> ExplainCommands() {
  return {{.path = "explain",
           .operands = "FINGERPRINT … | MATCHER …",
           .summary = "why an alert was, or was not, told to anybody",
           .text =
               R"(
The chain of decisions, now or at a past time: received, route and group, inhibited by which alert
through which rule, silenced by whom, muted by which interval, every message with its attempts,
what the receiver knows and when it is told again. Matchers are those of `wfctl alert query`; they
find alerts that fire, and with --at those heard of by then. -o json has every member.

examples:
  wfctl explain HighLatency team=db
  wfctl explain 2f207bb635881050           by fingerprint, as -o json of a query shows it
  wfctl explain HighLatency --at=2026-01-31T03:00:00Z
)",
           .flags = {{"at", 0, "TIME", "", "a past time, as in 2026-01-31T15:04:05+01:00"},
                     {"limit", 0, "NUMBER", "10", "explain at most so many alerts"}},
           .run = Explain}};
}

}  // namespace watchfire::wfctl
