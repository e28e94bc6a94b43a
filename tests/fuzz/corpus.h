// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The texts that mutants are made of: tests/fuzz/corpus/<target>/*, written by hand. libFuzzer
// starts from the same.

#pragma once

#include <string>
#include <vector>

namespace watchfire::fuzz {

struct Seed {
  std::string path;
  std::string text;
};

// In the order of their names.
std::vector<Seed> ReadCorpus(const std::string& target);

}  // namespace watchfire::fuzz
