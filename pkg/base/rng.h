// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A small seeded generator (SplitMix64) for jitter and simulation. Deterministic: same seed, same
// sequence, on every platform. Not for secrets.

#pragma once

#include <cstdint>

namespace watchfire {

class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  // Uniform in [0, bound); 0 when bound is 0.
  uint64_t Below(uint64_t bound) { return bound == 0 ? 0 : Next() % bound; }
  // Uniform in [0, 1).
  double Real() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double probability) { return Real() < probability; }

 private:
  uint64_t state_;
};

}  // namespace watchfire
