// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/slo_status.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/slo_budget.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;
using Strings = std::vector<std::string>;

constexpr const char* kFailOn[] = {"page", "exhausted", "error"};

std::vector<element> ListOf(simdjson::simdjson_result<element> value) {
  std::vector<element> list;
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return list;
  for (const element item : array) list.push_back(item);
  return list;
}

bool Is(simdjson::simdjson_result<element> value) {
  bool is = false;
  return value.get(is) == simdjson::SUCCESS && is;
}

// "5m 0.25, 1h 1.4": burn rates of one label set by window.
std::string Rates(element reading) {
  Strings rates;
  for (const element window : ListOf(reading["windows"])) {
    rates.push_back(Text(window["window"]) + " " + Number(window["burnRate"]));
  }
  return rates.empty() ? "no data" : Join(rates, ", ");
}

// Of several label sets the one with the least budget; nullopt without any.
std::optional<element> Worst(const std::vector<element>& readings) {
  constexpr double kWhole = std::numeric_limits<double>::infinity();
  std::optional<element> worst;
  double least = kWhole;
  for (const element reading : readings) {
    const double left = Known(reading["budgetRemaining"]).value_or(kWhole);
    if (worst && left >= least) continue;
    worst = reading;
    least = left;
  }
  return worst;
}

std::string Ago(WallTime at, WallTime now) {
  if (at == kNoTime) return "never";
  const auto passed = std::chrono::floor<std::chrono::seconds>(now - at);
  return FormatDuration(std::max<Duration>(passed, Duration::zero())) + " ago";
}

// Why it says nothing, or what it says cannot be.
std::string ErrorOf(element slo) {
  const std::string error = Text(slo["lastError"]);
  return error.empty() ? Text(slo["ratioError"]) : error;
}

Strings RowOf(element slo, WallTime now) {
  const std::vector<element> readings = ListOf(slo["readings"]);
  const std::optional<element> worst = Worst(readings);
  std::string rates = worst ? Rates(*worst) : "no data";
  if (readings.size() > 1) rates += " (worst of " + std::to_string(readings.size()) + ")";
  Strings state = Texts(slo["firing"]);
  if (Is(slo["noDataFiring"])) state.emplace_back("no data");
  const simdjson::simdjson_result<element> budget = slo["budget"];
  const std::string tiers = Join(Texts(slo["firingTiers"]), ", ");
  const auto or_dash = [](std::string text) { return text.empty() ? "-" : text; };
  return {Text(slo["id"]),
          Number(slo["objective"]),
          Percent(Known(budget["remaining"])),
          Count(Known(budget["remainingMinutes"])),
          or_dash(Text(budget["exhaustedIn"])),
          rates,
          state.empty() ? "ok" : Join(state, ","),
          or_dash(tiers),
          or_dash(Text(budget["state"])),
          Text(slo["mode"]),
          Ago(Time(slo["lastEvaluation"]), now),
          ErrorOf(slo)};
}

// One row for each label set of a grouped SLO, under it.
void AddLabelSets(element slo, std::vector<Strings>* rows) {
  const std::vector<element> readings = ListOf(slo["readings"]);
  if (readings.size() < 2) return;
  for (const element reading : readings) {
    rows->push_back({"  {" + PairsText(reading["labels"]) + "}", "",
                     Percent(Known(reading["budgetRemaining"])), "", "", Rates(reading)});
  }
}

bool Fails(element slo, const std::string& on) {
  if (on == "page") return Is(slo["pageFiring"]);
  if (on == "error") return !ErrorOf(slo).empty();
  return Text(slo["budget"]["state"]) == "exhausted" ||
         Known(slo["budget"]["remaining"]).value_or(1) <= 0;
}

// The SLOs that are named, in that order; all without names. nullopt after saying which is none.
std::optional<std::vector<element>> Chosen(const std::vector<element>& slos, const Strings& names,
                                           World& world) {
  std::vector<element> chosen;
  Strings known;
  for (const element slo : slos) known.push_back(Text(slo["id"]));
  if (names.empty()) return slos;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(known, name);
    if (found == known.end()) {
      const std::string nearest = Nearest(name, known);
      world.err << "wfctl: no SLO has the id " << GoQuote(name)
                << (nearest.empty() ? "" : ", did you mean " + GoQuote(nearest) + "?") << "\n";
      return std::nullopt;
    }
    chosen.push_back(slos.at(static_cast<size_t>(found - known.begin())));
  }
  return chosen;
}

void Print(const Invocation& invocation, World& world, const std::vector<element>& slos) {
  Strings texts;
  for (const element slo : slos) texts.push_back(simdjson::minify(slo));
  const std::string json = R"({"status":"success","data":{"slos":[)" + Join(texts, ",") + "]}}";
  if (PrintRaw(invocation.output, world, json)) return;
  std::vector<Strings> rows;
  for (const element slo : slos) {
    rows.push_back(RowOf(slo, world.now));
    if (!invocation.operands.empty()) AddLabelSets(slo, &rows);
  }
  PrintTable(world.out,
             {"SLO", "OBJECTIVE", "BUDGET LEFT", "MINUTES LEFT", "LASTS", "BURN RATES", "STATE",
              "TIERS", "POLICY", "MODE", "EVALUATED", "LAST ERROR"},
             rows, world.color);
}

int ShowStatus(const Invocation& invocation, World& world) {
  Strings fail_on;
  for (const std::string& flag : invocation.All("fail-on")) {
    for (const std::string_view word : Split(flag, ',')) fail_on.emplace_back(Trim(word));
  }
  for (const std::string& word : fail_on) {
    if (std::ranges::find(kFailOn, word) != std::end(kFailOn)) continue;
    return Misuse(world, "--fail-on does not know " + GoQuote(word),
                  "page, exhausted and error are known");
  }
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call({"GET", "/api/v1/slos", ""});
  if (!body) return api.exit_code();
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(*body);
  const simdjson::simdjson_result<element> all = parser.parse(padded)["data"]["slos"];
  if (!all.is_array()) {
    world.err << "wfctl: the answer has no SLOs\n";
    return kUnreachable;
  }
  const std::optional<std::vector<element>> slos = Chosen(ListOf(all), invocation.operands, world);
  if (!slos) return kNo;
  Print(invocation, world, *slos);
  const bool fails = std::ranges::any_of(*slos, [&](const element& slo) {
    return std::ranges::any_of(fail_on, [&](const auto& on) { return Fails(slo, on); });
  });
  return fails ? kNo : kOk;
}

}  // namespace

std::vector<Command> SloStatusCommands() {
  return {{.path = "slo status",
           .operands = "[SLO …]",
           .summary = "how SLOs are: budget, burn rates, what fires, and how they are evaluated",
           .text = R"(
Of all SLOs, or of those named. A grouped SLO shows its label set with the least budget; one that is
named shows each. LASTS is how long the budget lasts if it burns on like this, TIERS which pairs of
windows fire, MODE whether events are counted or windows asked.

Exits with 0 however the SLOs are, unless --fail-on says what is to give 1: page (the page fires),
exhausted (no budget is left) or error (the last evaluation failed, or what it gave cannot be),
several with commas between. A name that is none gives 1, too, and 3 says that the server cannot be
asked.

examples:
  wfctl slo status
  wfctl slo status shop-availability --fail-on page,exhausted
)",
           .flags = {{"fail-on", 0, "WHAT", "", "page, exhausted, error: exit with 1 then"}},
           .run = ShowStatus}};
}

}  // namespace watchfire::wfctl
