// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One person under all the names that people and vendors have for her.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "pkg/oncall/model.h"

namespace watchfire::oncall {

// The roster's name of the user who is called so: by name or alias, or by an address that is one
// user's contact, in whatever case. What nobody, or more than one, is called comes back as it is;
// so does everything when there is no roster. Any thread.
std::string PersonCalled(const Roster* roster, const std::string& said);

// The roster's name of the user among whose aliases is `id`, by which a vendor knows people, or
// "pagerduty:" and that, where `vendor` is "pagerduty"; exactly, as it is a matter of whose act it
// is. `said` if there is none, or no roster or id. Any thread.
std::string PersonById(const Roster* roster, const std::string& vendor, const std::string& id,
                       const std::string& said);

// Whether names are those of one person, whatever each of them calls her. Remembers what it was
// asked, for lists that name a few people often. One thread at a time.
class SamePerson {
 public:
  // `roster` may be null: then the names have to be the same.
  SamePerson(std::shared_ptr<const Roster> roster, std::string said)
      : roster_(std::move(roster)),
        said_(std::move(said)),
        person_(PersonCalled(roster_.get(), said_)) {}

  bool Is(const std::string& name) const;

 private:
  std::shared_ptr<const Roster> roster_;
  std::string said_;
  std::string person_;
  mutable std::map<std::string, bool> known_;
};

}  // namespace watchfire::oncall
