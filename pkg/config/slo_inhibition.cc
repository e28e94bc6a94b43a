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

matcher::Matcher Match(const std::string& label, matcher::Op op, const std::string& value) {
  return matcher::Matcher::Create(op, label, value).value();
}

// The labels that a page and a ticket of the SLO do not share.
Names Differing(const Slo& slo) {
  Names names = {"alertname", "severity", "sloth_severity"};
  for (const SloAlert* alert : {&slo.page, &slo.ticket}) {
    for (const labels::Label& label : alert->labels) names.emplace(label.name);
  }
  return names;
}

InhibitRule PageMutesTicket(const Names& differing, const matcher::Matcher& slos) {
  InhibitRule rule;
  rule.name = "page over ticket of one SLO";
  rule.source = {slos, Match("sloth_severity", matcher::Op::kEqual, "page")};
  rule.target = {slos, Match("sloth_severity", matcher::Op::kEqual, "ticket")};
  rule.equal_but.assign(differing.begin(), differing.end());
  return rule;
}

}  // namespace

void AddSloInhibition(Config* config) {
  std::map<Names, std::vector<std::string>> slos;  // Their ids, by what their alerts differ in.
  for (const Slo& slo : config->slos) {
    if (!slo.page.disabled && !slo.ticket.disabled) slos[Differing(slo)].push_back(slo.id);
  }
  const bool is_uniform = slos.size() == 1;
  for (const auto& [differing, ids] : slos) {
    if (is_uniform) {
      const auto any = Match("sloth_id", matcher::Op::kNotEqual, "");
      config->inhibit_rules.push_back(PageMutesTicket(differing, any));
      continue;
    }
    // A label in which one SLO's alerts differ may be what another SLO's series are told apart by.
    for (const std::string& id : ids) {
      const auto this_one = Match("sloth_id", matcher::Op::kEqual, id);
      config->inhibit_rules.push_back(PageMutesTicket(differing, this_one));
    }
  }
}

}  // namespace watchfire::config
