// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/slack/parent.h"

#include <string_view>

namespace watchfire::notify::slack {
namespace {

// Alertmanager's names: what it stored serves us as well.
constexpr const char* kThreadTs = "threadTs";
constexpr const char* kChannelId = "channelId";

}  // namespace

Parent Parent::Recall(const dispatch::ReceiverData& data) {
  const auto ts = data.find(kThreadTs);
  const auto channel = data.find(kChannelId);
  if (ts == data.end() || channel == data.end() || channel->second.empty()) return {};
  return {ts->second, channel->second};
}

dispatch::ReceiverData Parent::Remembered() const {
  if (ts.empty() || channel.empty()) return {};
  return {{kThreadTs, ts}, {kChannelId, channel}};
}

std::string UpdateUrl(std::string url) {
  constexpr std::string_view kPostMessage = "chat.postMessage";
  if (!url.ends_with(kPostMessage)) return url;
  return url.replace(url.size() - kPostMessage.size(), kPostMessage.size(), "chat.update");
}

}  // namespace watchfire::notify::slack
