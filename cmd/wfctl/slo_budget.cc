// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/slo_budget.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

// What is less than half of a `part` prints as 0, and not as -0.
double Shown(double number, double part) { return std::abs(number) <= part / 2 ? 0 : number; }

// One character a day: what it spent, the highest day as high as there is.
std::string Sparkline(const std::vector<std::optional<double>>& values) {
  constexpr std::array kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double most = 0;
  for (const auto& value : values) most = std::max(most, value.value_or(0));
  std::string out;
  for (const auto& value : values) {
    if (!value) {
      out += " ";
      continue;
    }
    const double height = most > 0 ? std::max(0.0, *value) / most : 0;
    out += kBars.at(static_cast<size_t>(std::lround(height * (kBars.size() - 1))));
  }
  return out;
}

std::string GatePath(const Invocation& invocation) {
  std::string path = "/api/v1/gate";
  if (!invocation.operands.empty()) {
    path = "/api/v1/slos/" + UrlEncode(invocation.operands[0]) + "/gate";
  }
  std::string query;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    query += (query.empty() ? "?" : "&") + name + "=" + UrlEncode(value);
  };
  add("purpose", invocation.Get("purpose"));
  add("service", invocation.Get("service"));
  for (const std::string& filter : invocation.All("filter")) add("filter", filter);
  if (invocation.On("fail-open")) add("unknown", "last");
  return path + query;
}

int Gate(const Invocation& invocation, World& world) {
  const bool selects = !invocation.Get("service").empty() || !invocation.All("filter").empty();
  if (invocation.operands.size() > 1 || invocation.operands.empty() != selects) {
    return Misuse(world, "slo gate needs one SLO, or --service or --filter");
  }
  Api api(invocation, world);
  const Result<net::OutResponse> response = api.CallAll({{"GET", GatePath(invocation), ""}}).at(0);
  simdjson::dom::parser parser;
  element json;
  const bool is_answer = response && parser.parse(response->body).get(json) == simdjson::SUCCESS;
  simdjson::dom::array slos;
  if (!is_answer || json["data"]["slos"].get(slos) != simdjson::SUCCESS) {
    world.err << "wfctl: " << Describe(response) << "\n";
    return response && response->status / 100 == 4 ? kNo : kUnreachable;
  }
  const int code = response->status == 200 ? kOk : kNo;
  if (PrintRaw(invocation.output, world, response->body)) return code;
  std::vector<std::vector<std::string>> rows;
  for (const element slo : slos) {
    const element budget = slo["budget"];
    rows.push_back({Text(slo["id"]), bool(slo["allow"]) ? "yes" : "no", Text(budget["state"]),
                    Percent(Known(budget["remaining"])), Text(budget["exhaustedIn"]),
                    Text(slo["reason"])});
  }
  PrintTable(world.out, {"SLO", "ALLOWED", "STATE", "BUDGET LEFT", "LASTS", "REASON"}, rows,
             world.color);
  for (const element slo : slos) {
    if (bool(slo["allow"])) continue;
    for (const std::string& action : Texts(slo["budget"]["actions"])) {
      world.out << Text(slo["id"]) << ": " << action << "\n";
    }
  }
  return code;
}

int ShowHistory(const Invocation& invocation, World& world) {
  if (invocation.operands.size() != 1) return Misuse(world, "slo history needs one SLO");
  const std::string path = "/api/v1/slos/" + UrlEncode(invocation.operands[0]) +
                           "/history?days=" + UrlEncode(invocation.Get("days", "30"));
  return GetAndShow(invocation, world, path, [&](element json) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::optional<double>> spent;
    for (const element day : simdjson::dom::array(json["data"]["days"])) {
      spent.push_back(Known(day["consumed"]));
      rows.push_back({Text(day["day"]), Count(Known(day["good"])), Count(Known(day["bad"])),
                      Percent(spent.back()), Percent(Known(day["remaining"]))});
    }
    if (world.color && !spent.empty()) world.out << "spent  " << Sparkline(spent) << "\n";
    PrintTable(world.out, {"DAY", "GOOD", "BAD", "SPENT", "BUDGET LEFT"}, rows, world.color);
    if (bool(json["data"]["partial"])) world.out << "Not all of these days are known.\n";
  });
}

}  // namespace

std::optional<double> Known(simdjson::simdjson_result<element> value) {
  double number = 0;
  return value.get(number) == simdjson::SUCCESS ? std::optional(number) : std::nullopt;
}

std::string Percent(std::optional<double> share) {
  if (!share) return "-";
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.1f%%", Shown(*share * 100, 0.1));
  return buffer.data();
}

std::string Count(std::optional<double> number) {
  if (!number) return "-";
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.0f", Shown(*number, 1));
  return buffer.data();
}

std::vector<Command> SloBudgetCommands() {
  return {{.path = "slo gate",
           .operands = "[SLO]",
           .summary = "whether error budgets allow a deployment or an experiment now",
           .text = R"(
Exits with 0 if all of the SLOs allow it, 1 if one does not, or if there is none, and 3 if the server
cannot be asked. What is not known is refused, unless --fail-open goes by what was known last.

examples:
  wfctl slo gate shop-availability          # exits with 0: deploy
  wfctl slo gate --service shop --purpose chaos
)",
           .flags = {{"purpose", 0, "PURPOSE", "deploy", "deploy or chaos"},
                     {"service", 0, "NAME", "", "all SLOs of this service"},
                     {"filter", 0, "MATCHER", "", "all SLOs with these labels; may repeat"},
                     {"fail-open", 0, "", "", "go by what was known last"}},
           .run = Gate},
          {.path = "slo history",
           .operands = "SLO",
           .summary = "what each day did to an error budget",
           .text = R"(
Days are those of UTC, up to 400 of them. What a day spent is a share of the budget of a whole period.
)",
           .flags = {{"days", 0, "COUNT", "30", "how many days"}},
           .run = ShowHistory}};
}

}  // namespace watchfire::wfctl
