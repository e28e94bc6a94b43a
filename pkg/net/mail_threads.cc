// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/mail_threads.h"

#include <system_error>
#include <utility>

#include "pkg/net/exchange.h"

namespace watchfire::net {

MailThreads::MailThreads(size_t per_server, std::function<void()> wake)
    : per_server_(per_server), wake_(std::move(wake)) {}

MailThreads::~MailThreads() = default;

bool MailThreads::HasRoom(const std::string& server) const {
  const auto busy = busy_.find(server);
  return sending_.size() < kMessages && (busy == busy_.end() || busy->second < per_server_);
}

bool MailThreads::Start(Exchange& exchange, const std::string& server) {
  CURL* easy = exchange.easy();
  exchange.CancelWith(&cancelled_);
  std::thread thread;
  try {
    thread = std::thread([this, easy] {
      const CURLcode code = curl_easy_perform(easy);
      finished_.Push({easy, code});
      wake_();
    });
  } catch (const std::system_error&) {
    return false;
  }
  ++busy_[server];
  sending_[easy] = {std::move(thread), server};
  return true;
}

std::vector<MailThreads::Finished> MailThreads::TakeFinished() {
  std::vector<Finished> finished = finished_.PopAll(MonoTime{});
  for (const Finished& message : finished) {
    Sending sending = std::move(sending_.extract(message.easy).mapped());
    if (sending.thread.joinable()) sending.thread.join();
    if (--busy_.at(sending.server) == 0) busy_.erase(sending.server);
  }
  return finished;
}

void MailThreads::Cancel() {
  cancelled_ = true;
  for (auto& [easy, sending] : sending_) sending.thread.join();
}

}  // namespace watchfire::net
