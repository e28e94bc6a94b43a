// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/fuzz/meter.h"

#include <cstdlib>
#include <new>

namespace watchfire::fuzz {
namespace {

thread_local Usage usage;

// From malloc, so that a sanitizer still sees every block. Null when there is no memory.
void* TryAllocate(size_t bytes) {
  ++usage.allocations;
  usage.bytes += bytes;
  return std::malloc(bytes == 0 ? 1 : bytes);
}

void* Allocate(size_t bytes) {
  if (void* block = TryAllocate(bytes)) return block;
  throw std::bad_alloc();
}

}  // namespace

Usage HeapUsage() { return usage; }

}  // namespace watchfire::fuzz

void* operator new(size_t bytes) { return watchfire::fuzz::Allocate(bytes); }
void* operator new[](size_t bytes) { return watchfire::fuzz::Allocate(bytes); }
// A sanitizer's own would not come from malloc.
void* operator new(size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return watchfire::fuzz::TryAllocate(bytes);
}
void* operator new[](size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return watchfire::fuzz::TryAllocate(bytes);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t /*bytes*/) noexcept { std::free(block); }
void operator delete[](void* block, size_t /*bytes*/) noexcept { std::free(block); }
