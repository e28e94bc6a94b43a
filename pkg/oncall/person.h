// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One person under all the names that people and vendors have for her.

#pragma once

#include <string>

#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// The roster's name of the user who is called so: by name or alias, or by an address that is one
// user's contact, in whatever case. What nobody, or more than one, is called comes back as it is;
// so does everything when there is no roster. Any thread.
std::string PersonCalled(const Roster* roster, const std::string& said);

}  // namespace watchfire::oncall
