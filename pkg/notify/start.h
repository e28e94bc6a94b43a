// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How a backend's exchange is made of its options.

#pragma once

#include <memory>
#include <utility>

#include "pkg/notify/receiver.h"

namespace watchfire::notify {

// Returns a Backend::start that makes an `ExchangeType` of what the backend's Parse() returned, a
// const Options, and the context.
template <typename ExchangeType, typename Options>
auto Starts() {
  return [](const std::shared_ptr<const void>& options, Context context) {
    return std::make_unique<ExchangeType>(std::static_pointer_cast<const Options>(options),
                                          std::move(context));
  };
}

}  // namespace watchfire::notify
