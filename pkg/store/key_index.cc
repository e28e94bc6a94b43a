// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/store/key_index.h"

#include <bit>
#include <cstring>
#include <random>

namespace watchfire::store {
namespace {

// Numbers modulo this prime, 2^61 - 1, fit into a word, and it is divided by with a shift.
constexpr int kPrimeBits = 61;
constexpr uint64_t kPrime = (uint64_t{1} << kPrimeBits) - 1;
// Of the key at a time, so that each word is below the prime.
constexpr size_t kWordBytes = 7;

// Returns sum * factor + word, modulo kPrime; `sum` below 2^62, as the result.
uint64_t Step(uint64_t sum, uint64_t factor, uint64_t word) {
  const auto product = static_cast<unsigned __int128>(sum) * factor;
  const uint64_t folded = (static_cast<uint64_t>(product) & kPrime) +
                          static_cast<uint64_t>(product >> kPrimeBits) + word;
  return (folded & kPrime) + (folded >> kPrimeBits);
}

// The one number of those that are equal modulo kPrime which is below it.
uint64_t Reduced(uint64_t sum) { return sum >= kPrime ? sum - kPrime : sum; }

uint64_t WordAt(const char* bytes, size_t count) {
  static_assert(std::endian::native == std::endian::little);
  uint64_t word = 0;
  if (count > 0) std::memcpy(&word, bytes, count);  // Of no bytes there may be no address.
  return word;
}

}  // namespace

KeyHash KeyHash::Random() {
  std::random_device device;
  const auto below_prime = [&device] {
    const uint64_t high = device();
    return (high << 32 | device()) & (kPrime >> 1);
  };
  const uint64_t a = below_prime();
  return {a, below_prime()};
}

KeyId KeyHash::operator()(std::string_view key) const {
  uint64_t at_a = 0;
  uint64_t at_b = 0;
  const auto add = [&](uint64_t word) {
    at_a = Step(at_a, a_, word);
    at_b = Step(at_b, b_, word);
  };
  const char* at = key.data();
  size_t left = key.size();
  constexpr uint64_t kMask = (uint64_t{1} << 8 * kWordBytes) - 1;
  for (; left > kWordBytes; left -= kWordBytes, at += kWordBytes) add(WordAt(at, 8) & kMask);
  add(WordAt(at, left));
  add(key.size());
  return {Reduced(at_a), static_cast<uint32_t>(Reduced(at_b))};
}

const KeyIndex::Place* KeyIndex::Find(const KeyId& id) const {
  const Place* place = places_.Find(id.hash);
  if (place != nullptr && place->check == id.check) return place;
  const auto twin = twins_.find(id);
  return twin == twins_.end() ? nullptr : &twin->second;
}

void KeyIndex::Put(const KeyId& id, uint64_t row, uint32_t bytes) {
  const Place place{row, id.check, bytes};
  if (const auto twin = twins_.find(id); twin != twins_.end()) {
    twin->second = place;
    return;
  }
  Place& known = places_.FindOrAdd(id.hash);
  const bool is_of_other = known.bytes > 0 && known.check != id.check;
  (is_of_other ? twins_[id] : known) = place;
}

void KeyIndex::Erase(const KeyId& id) {
  const Place* place = places_.Find(id.hash);
  if (place != nullptr && place->check == id.check) {
    places_.Erase(id.hash);
  } else {
    twins_.erase(id);
  }
}

}  // namespace watchfire::store
