// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/core/audience.h"

#include <algorithm>

namespace watchfire::core {

const config::Receiver* FindReceiver(const config::Config& config, const std::string& name) {
  const auto found = std::ranges::find(config.receivers, name, &config::Receiver::name);
  return found == config.receivers.end() ? nullptr : &*found;
}

const config::Integration* FindIntegration(const config::Receiver* receiver,
                                           const std::string& kind, int index) {
  if (receiver == nullptr) return nullptr;
  const auto found = std::ranges::find_if(receiver->integrations, [&](const auto& one) {
    return one.kind == kind && one.index == index;
  });
  return found == receiver->integrations.end() ? nullptr : &*found;
}

}  // namespace watchfire::core
