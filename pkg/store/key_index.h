// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which row of a log has the newest state of each key, without the keys: 36 bytes each, for there
// may be a million of them. A key is known by 93 bits of a hash with a secret in it: that any two
// of a million are taken for each other has a probability below 10^-12, whoever chose them. Two
// that share the 61 bits by which they are looked for are told apart. Internal to this folder.

#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "pkg/base/hash_table.h"

namespace watchfire::store {

// What a key is known by.
struct KeyId {
  uint64_t hash = 0;
  uint32_t check = 0;

  auto operator<=>(const KeyId&) const = default;
};

// Makes KeyIds: the values, modulo a prime, of a polynomial with the words of the key for
// coefficients, at two points that are secret. Two keys of at most n bytes have the same one with a
// probability below (n / 7 + 2)^2 / 2^90, as the difference of two such polynomials has no more
// roots than its degree.
class KeyHash {
 public:
  // With points of its own.
  static KeyHash Random();
  // `a` and `b` below 2^61. With 0 for `a`, all keys of one length have the same `hash`: for tests.
  KeyHash(uint64_t a, uint64_t b) : a_(a), b_(b) {}

  KeyId operator()(std::string_view key) const;

 private:
  uint64_t a_;
  uint64_t b_;
};

class KeyIndex {
 public:
  struct Place {
    uint64_t row = 0;
    uint32_t check = 0;  // KeyId::check of the key.
    uint32_t bytes = 0;  // What its newest state takes there.

    bool operator==(const Place&) const = default;
  };

  // Null when there is none. Valid until the next change.
  const Place* Find(const KeyId& id) const;
  // Precondition: some bytes.
  void Put(const KeyId& id, uint64_t row, uint32_t bytes);
  void Erase(const KeyId& id);

  size_t size() const { return places_.size() + twins_.size(); }

 private:
  HashTable<Place> places_;       // By KeyId::hash.
  std::map<KeyId, Place> twins_;  // Those whose hash was another one's when they came.
};

}  // namespace watchfire::store
