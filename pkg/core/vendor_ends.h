// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a resolve at a vendor ends. A vendor knows an incident by the entity id of a group, and of
// the incident what it was told under that:
//
//   alice's vendor was told of A and B under the id of A: both end, also when A is over already
//   carol's was told of C, which is another policy's ---> C goes on
//   C is left, and alice had the incident in hand ------> she is done with it: it is nobody's
//
// Part of Core, of which it keeps nothing; owned by the core thread.

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "pkg/core/core.h"

namespace watchfire::core {

class Core::VendorEnds {
 public:
  // Borrows the core for as long as it lives.
  explicit VendorEnds(Core* core) : core_(*core) {}

  // Open incidents that people's vendors know under that entity id, though the group that had it is
  // over.
  std::vector<uint64_t> OpenByLead(const std::string& entity_id) const;

  // What of the incident the vendor has ended from which the event comes, as entity ids: the group
  // of that name, and those of which it was told under that name, and that are still what was ended
  // there.
  std::vector<std::string> EndedBy(const IncidentCommand& event,
                                   const incident::Incident& incident) const;

  // Whoever had the incident in hand has ended at a vendor what that knows of it: of the rest he
  // may not have heard, so that it is nobody's any more. `before`: the incident as it was.
  void ReturnTheRest(const incident::Incident& before, const IncidentCommand& event);

 private:
  using GroupRef = RunningEscalation::GroupRef;

  // The alerts that fire as far as that vendor of the contact knows, by messages of that key.
  // `before`: that it took by then; kNoTime: by now.
  std::set<uint64_t> KnownThere(const std::string& vendor, const PersonalContact& contact,
                                const GroupRef& lead, WallTime before) const;
  // Whether that vendor was told of the group, by its receiver, as of one of those that were
  // `ended` there, or as the person's own.
  bool IsKnownThere(const std::string& vendor, const std::string& person,
                    const incident::Incident& incident, const incident::Group& group,
                    const std::vector<incident::Group>& ended) const;

  Core& core_;
};

}  // namespace watchfire::core
