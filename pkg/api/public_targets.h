// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The users and escalation policies that VictorOps' clients name to be paged. Private to pkg/api.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/core/view.h"
#include "pkg/inbound/json_in.h"

namespace watchfire::api {

struct PublicTarget {
  std::string slug;    // As it was said.
  std::string person;  // As policies tell her; "": it is none.
  std::string to;      // Whom incident::Escalate calls; "": nobody knows the slug.
  std::string team;    // Of a policy; "": none.
};

inline constexpr size_t kPublicTargetsMax = 20;

// Member `targets`: [{"type": "User" or "EscalationPolicy", "slug"}]. Errors: kInvalidArgument:
// there are none, more than kPublicTargetsMax, or of other types.
Result<std::vector<PublicTarget>> ReadPublicTargets(const inbound::Object& object,
                                                    const core::View& view);

}  // namespace watchfire::api
