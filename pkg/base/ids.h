// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Strong integer ids: a QueryId is not a DeliveryId.

#pragma once

#include <compare>
#include <cstdint>

namespace watchfire {

template <typename Tag>
struct Id {
  uint64_t value = 0;  // 0 means "none".

  auto operator<=>(const Id&) const = default;
  explicit operator bool() const { return value != 0; }
};

using QueryId = Id<struct QueryTag>;        // One outstanding query.
using DeliveryId = Id<struct DeliveryTag>;  // One notification attempt chain of an integration.
using RequestId = Id<struct RequestTag>;    // One API request waiting for a reply.
using BatchId = Id<struct BatchTag>;        // One batch of records on its way to the store.

}  // namespace watchfire
