// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Puts explanations together: of the present from the state of the engines, of the past from the
// journal, the silences and the incidents. Changes nothing. Lives for one request, on the core
// thread.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pkg/config/config.h"
#include "pkg/core/alert_table.h"
#include "pkg/core/event.h"
#include "pkg/core/explanation.h"
#include "pkg/core/mute.h"
#include "pkg/dispatch/group.h"
#include "pkg/incident/registry.h"
#include "pkg/inhibit/inhibit.h"
#include "pkg/journal/journal.h"
#include "pkg/nflog/nflog.h"
#include "pkg/silence/set.h"

namespace watchfire::core {

// What there is to look at; outlives the Explainer.
struct Engines {
  std::shared_ptr<const config::Config> config;
  const AlertTable& alerts;
  const inhibit::Index& inhibit;
  const silence::Set& silences;
  const dispatch::Dispatcher& dispatcher;
  const nflog::Log& nflog;
  const incident::Registry& incidents;
  const journal::Journal& journal;
};

class Explainer {
 public:
  // An `at` that is not before `now` means the present.
  Explainer(const Engines& engines, Now now, WallTime at);

  // Errors: kNotFound when nothing is known of any fingerprint that is asked for.
  Result<std::shared_ptr<const Explained>> Answer(const ExplainRequest& request);

 private:
  bool Knows(uint64_t fingerprint) const;
  labels::LabelSet LabelsOf(uint64_t fingerprint) const;
  std::vector<uint64_t> Matching(const matcher::Matchers& matchers) const;
  Explanation Explain(uint64_t fingerprint) const;
  void ExplainState(const journal::Journal::History& history, Explanation* alert) const;
  void ExplainMutes(const journal::Journal::History& history, Explanation* alert) const;
  std::vector<GroupExplanation> Groups(const journal::Journal::History& history,
                                       const Explanation& alert) const;
  GroupExplanation OfRoute(const config::Route& route, const Explanation& alert) const;
  void AddIntegrations(const config::Receiver* receiver, uint64_t fingerprint,
                       GroupExplanation* group) const;
  void AddKnowledge(const GroupExplanation& group, IntegrationExplanation* integration) const;
  void FollowMerges(std::shared_ptr<const incident::Incident>* incident) const;
  void AttachGroups(Explained* answer) const;

  const Engines& engines_;
  const Now now_;
  const WallTime at_;
  const bool past_;
  RouteMutes mutes_;                                               // As of at_.
  std::shared_ptr<const std::vector<silence::Silence>> snapshot_;  // Of the past only.
  std::vector<const silence::Silence*> in_force_;                  // At at_, of snapshot_.
};

}  // namespace watchfire::core
