// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/fuzz/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace watchfire::fuzz {

std::vector<Seed> ReadCorpus(const std::string& target) {
  std::vector<Seed> seeds;
  for (const auto& entry : std::filesystem::directory_iterator("tests/fuzz/corpus/" + target)) {
    std::ifstream file(entry.path(), std::ios::binary);
    seeds.push_back({entry.path().string(), {std::istreambuf_iterator<char>(file), {}}});
  }
  std::ranges::sort(seeds, {}, &Seed::path);
  return seeds;
}

}  // namespace watchfire::fuzz
