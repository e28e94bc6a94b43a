// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/nflog/hashes.h"

#include <charconv>

namespace watchfire::nflog {

void WriteHashes(JsonWriter* json, const char* name, const std::vector<uint64_t>& hashes) {
  json->Key(name).Hashes(hashes);
}

std::vector<uint64_t> ReadHashes(simdjson::dom::element list) {
  std::vector<uint64_t> out;
  for (const simdjson::dom::element item : simdjson::dom::array(list)) {
    const std::string_view text = item;
    uint64_t hash = 0;
    std::from_chars(text.data(), text.data() + text.size(), hash, 16);
    out.push_back(hash);
  }
  return out;
}

}  // namespace watchfire::nflog
