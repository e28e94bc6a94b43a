// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A Roster as our own `oncall:` YAML. Reading the text gives the same answers at every instant; the
// order of things is kept.

#pragma once

#include <string>

#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// Ends in a line break. Everybody who is told of or takes turns is among its users, so that a
// typing error made later is found.
std::string WriteNative(const Roster& roster);

}  // namespace watchfire::oncall
