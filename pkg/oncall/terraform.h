// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Terraform's resources as their vendors' APIs would answer them. Private to pkg/oncall.

#pragma once

#include <optional>
#include <string>

#include "pkg/config/yaml.h"

namespace watchfire::oncall {

// True for resources of PagerDuty, Opsgenie and VictorOps, also for those that are not about who is
// on call.
bool IsTerraformType(const std::string& type);

// A resource ("pagerduty_schedule") in the words of the API; nullopt if it says nothing about who
// is on call. `place` is by what others refer to it, "pagerduty_schedule.primary.id": its id,
// unless it has one.
std::optional<config::YamlNode> FromTerraform(const std::string& type, const std::string& place,
                                              const config::YamlNode& thing);

}  // namespace watchfire::oncall
