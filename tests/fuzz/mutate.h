// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Turns well-formed texts into hostile ones: the same number always gives the same text.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "pkg/base/rng.h"

namespace watchfire::fuzz {

class Mutator {
 public:
  // No mutant is longer; what grows past it is cut.
  static constexpr size_t kBytesMax = 256 * 1024;

  // `seeds` must not be empty. Words that occur in them are swapped for one another.
  explicit Mutator(std::vector<std::string> seeds);

  // One to five edits of one of the seeds. Most are small, so that much of the text keeps its
  // meaning and the edit is met deep inside; some are crude: a thousand brackets, half of another
  // seed, a text of 64 KiB.
  std::string Make(uint64_t number) const;

 private:
  void Edit(std::string* text, Rng* rng) const;
  const std::string& Pick(const std::vector<std::string>& from, Rng* rng) const;

  const std::vector<std::string> seeds_;
  const std::vector<std::string> words_;
};

}  // namespace watchfire::fuzz
