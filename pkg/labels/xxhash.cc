// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/xxhash.h"

#include <array>
#include <bit>
#include <cstring>
#include <string>

namespace watchfire::labels {
namespace {

constexpr uint64_t kPrime1 = 0x9e3779b185ebca87;
constexpr uint64_t kPrime2 = 0xc2b2ae3d27d4eb4f;
constexpr uint64_t kPrime3 = 0x165667b19e3779f9;
constexpr uint64_t kPrime4 = 0x85ebca77c2b2ae63;
constexpr uint64_t kPrime5 = 0x27d4eb2f165667c5;
constexpr size_t kStripe = 32;  // Bytes that the four lanes take at once.

// Takes `count` bytes from the front of `bytes` as a little-endian number.
uint64_t Take(std::string_view* bytes, size_t count) {
  uint64_t number = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&number, bytes->data(), count);
  } else {
    for (size_t i = count; i > 0; --i) {
      number = number << 8 | static_cast<unsigned char>((*bytes)[i - 1]);
    }
  }
  bytes->remove_prefix(count);
  return number;
}

uint64_t Round(uint64_t lane, uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

// Consumes all whole stripes.
uint64_t Stripes(std::string_view* bytes) {
  std::array<uint64_t, 4> lanes = {kPrime1 + kPrime2, kPrime2, 0, -kPrime1};
  while (bytes->size() >= kStripe) {
    for (uint64_t& lane : lanes) lane = Round(lane, Take(bytes, 8));
  }
  uint64_t hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
                  std::rotl(lanes[3], 18);
  for (const uint64_t lane : lanes) hash = (hash ^ Round(0, lane)) * kPrime1 + kPrime4;
  return hash;
}

}  // namespace

uint64_t XxHash64(std::string_view bytes) {
  const uint64_t size = bytes.size();
  uint64_t hash = (size >= kStripe ? Stripes(&bytes) : kPrime5) + size;
  while (bytes.size() >= 8) {
    hash = std::rotl(hash ^ Round(0, Take(&bytes, 8)), 27) * kPrime1 + kPrime4;
  }
  if (bytes.size() >= 4) {
    hash = std::rotl(hash ^ Take(&bytes, 4) * kPrime1, 23) * kPrime2 + kPrime3;
  }
  while (!bytes.empty()) hash = std::rotl(hash ^ Take(&bytes, 1) * kPrime5, 11) * kPrime1;
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

uint64_t NotificationHash(const LabelSet& labels) {
  std::string bytes;
  bytes.reserve(labels.bytes() + 2 * labels.size());
  for (const Label& label : labels) {
    bytes.append(label.name).append(1, '\xff').append(label.value).append(1, '\xff');
  }
  return XxHash64(bytes);
}

}  // namespace watchfire::labels
