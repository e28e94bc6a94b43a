// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/slo_inhibition.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pkg/matcher/matcher.h"

namespace watchfire::config {
namespace {

using Names = std::set<std::string>;

constexpr const char* kSeverity = "sloth_severity";

matcher::Matcher Match(const std::string& label, matcher::Op op, const std::string& value) {
  return matcher::Matcher::Create(op, label, value).value();
}

// The labels that a page and a ticket of the SLO do not share.
Names Differing(const Slo& slo) {
  Names names = {"alertname", "severity", kSeverity};
  for (const SloAlert* alert : {&slo.page, &slo.ticket}) {
    for (const labels::Label& label : alert->labels) names.emplace(label.name);
  }
  return names;
}

// What the page and the ticket of an SLO are told by.
struct Told {
  Names differing;
  std::string page;  // Their labels sloth_severity, which a file may set.
  std::string ticket;

  auto operator<=>(const Told&) const = default;
};

std::string SeverityOf(const SloAlert& alert, const char* usual) {
  return alert.labels.Has(kSeverity) ? std::string(alert.labels.Get(kSeverity)) : usual;
}

InhibitRule PageMutesTicket(const Told& told, const matcher::Matcher& slos) {
  InhibitRule rule;
  rule.name = "page over ticket of one SLO";
  rule.source = {slos, Match(kSeverity, matcher::Op::kEqual, told.page)};
  rule.target = {slos, Match(kSeverity, matcher::Op::kEqual, told.ticket)};
  rule.equal_but.assign(told.differing.begin(), told.differing.end());
  return rule;
}

}  // namespace

void AddSloInhibition(Config* config) {
  std::map<Told, std::vector<std::string>> slos;  // Their ids.
  for (const Slo& slo : config->slos) {
    if (slo.page.disabled || slo.ticket.disabled) continue;
    const Told told{Differing(slo), SeverityOf(slo.page, "page"), SeverityOf(slo.ticket, "ticket")};
    // Told apart by nothing, each would mute itself.
    if (told.page != told.ticket) slos[told].push_back(slo.id);
  }
  const bool is_uniform = slos.size() == 1;
  for (const auto& [told, ids] : slos) {
    if (is_uniform) {
      const auto any = Match("sloth_id", matcher::Op::kNotEqual, "");
      config->inhibit_rules.push_back(PageMutesTicket(told, any));
      continue;
    }
    // A label in which one SLO's alerts differ may be what another SLO's series are told apart by.
    for (const std::string& id : ids) {
      const auto this_one = Match("sloth_id", matcher::Op::kEqual, id);
      config->inhibit_rules.push_back(PageMutesTicket(told, this_one));
    }
  }
}

}  // namespace watchfire::config
