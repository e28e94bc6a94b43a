// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the machine says of who we are to Amazon: variables, and the shared files of its tools.

#pragma once

#include <map>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::sns {

// A variable of the environment, "" when it is not set.
std::string Variable(const Context& context, const std::string& name);

// Returns the keys of a profile in the files "credentials" and "config", the first winning.
std::map<std::string, std::string> ReadProfile(const Context& context, const std::string& name);

}  // namespace watchfire::notify::sns
