// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/oncall/person.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace watchfire::oncall {

std::string PersonCalled(const Roster* roster, const std::string& said) {
  if (roster == nullptr) return said;
  if (const User* user = roster->FindUser(said)) return user->name;
  const std::string address = ToLower(said);
  const User* found = nullptr;
  for (const User& user : roster->users) {
    const bool has = std::ranges::any_of(
        user.contacts, [&](const Contact& contact) { return ToLower(contact.address) == address; });
    if (!has) continue;
    if (found != nullptr) return said;
    found = &user;
  }
  return found == nullptr ? said : found->name;
}

std::string PersonById(const Roster* roster, const std::string& vendor, const std::string& id,
                       const std::string& said) {
  if (roster == nullptr || id.empty()) return said;
  const std::string known = vendor + ":" + id;
  for (const User& user : roster->users) {
    for (const std::string& alias : user.aliases) {
      if (alias == id || alias == known) return user.name;
    }
  }
  return said;
}

bool SamePerson::Is(const std::string& name) const {
  if (name == said_) return true;
  if (roster_ == nullptr || name.empty()) return false;
  const auto [known, is_new] = known_.emplace(name, false);
  if (is_new) known->second = PersonCalled(roster_.get(), name) == person_;
  return known->second;
}

}  // namespace watchfire::oncall
