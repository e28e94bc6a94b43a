// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Users and the bcrypt hashes of their passwords. bcrypt is slow on purpose, so what was found out
// about a pair of user and password is remembered, as a keyed digest that says nothing about
// either. Any thread.

#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "pkg/base/guarded.h"
#include "pkg/base/secret.h"

namespace watchfire::net {

class Passwords {
 public:
  // Of right pairs, and as many of wrong ones, those of the longest ago are forgotten first: who
  // tries many wrong ones makes nobody else slower.
  static constexpr size_t kRemembered = 1024;

  // Name -> hash, at least one.
  explicit Passwords(std::map<std::string, Secret> users);

  // Whether Check() would have to compute: the header "Authorization" holds a pair that is not
  // remembered.
  bool IsSlow(std::string_view authorization) const;
  // Returns whether the header names a user with the right password. An unknown user costs what
  // one of the known does. May take as long as the hash was made for.
  bool Check(std::string_view authorization) const;

  // Returns how many hashes were computed so far.
  int computed() const { return computed_.Copy(); }

 private:
  // A set that holds the last few.
  struct Recent {
    std::unordered_set<std::string> digests;
    std::deque<std::string> in_order;
    void Add(const std::string& digest);
  };
  struct Memory {
    Recent right;
    Recent wrong;
    // Nullopt: not remembered.
    std::optional<bool> Recall(const std::string& digest) const;
  };
  struct Pair {
    std::string user;
    std::string password;
  };

  static std::optional<Pair> Parse(std::string_view authorization);
  std::string Digest(const Pair& pair) const;
  const std::string& HashFor(const std::string& user) const;

  const std::map<std::string, Secret> users_;
  const std::string key_;  // Of the digests; random, never leaves the process.
  mutable Guarded<Memory> memory_;
  mutable Guarded<int> computed_;
};

// Returns whether `password` is the one that `hash`, a bcrypt hash of any version 2, was made of.
// As Go's bcrypt: only the first 72 bytes count, and $2a$, $2b$ and $2y$ are the same.
bool IsPasswordOf(const std::string& hash, const std::string& password);

}  // namespace watchfire::net
