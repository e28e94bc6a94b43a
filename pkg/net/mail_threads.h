// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Messages under way, each on a thread of its own: libcurl waits for a mail server's last word
// within the call that sends, and would hold up every other request of the loop meanwhile.

#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <curl/curl.h>

#include "pkg/base/channel.h"

namespace watchfire::net {

class Exchange;

// Owned by the net thread, which alone calls it.
class MailThreads {
 public:
  // `wake` is called from any thread when TakeFinished() has something.
  MailThreads(size_t per_server, std::function<void()> wake);
  // After Cancel(), if anything is under way.
  ~MailThreads();
  MailThreads(const MailThreads&) = delete;
  MailThreads& operator=(const MailThreads&) = delete;

  // Whether one more may begin: not beyond `per_server` to one, nor kMessages in all.
  bool HasRoom(const std::string& server) const;
  // Sends the message of a prepared exchange, which belongs to its thread until it is taken back.
  // False: the system gives no thread.
  bool Start(Exchange& exchange, const std::string& server);

  struct Finished {
    CURL* easy;
    CURLcode code;
  };
  std::vector<Finished> TakeFinished();

  // Breaks off whatever is under way, and returns when all of it can be taken: within a second.
  void Cancel();

 private:
  static constexpr size_t kMessages = 256;

  struct Sending {
    std::thread thread;
    std::string server;
  };

  const size_t per_server_;
  const std::function<void()> wake_;
  std::atomic<bool> cancelled_{false};
  Channel<Finished> finished_{kMessages};
  std::map<CURL*, Sending> sending_;
  std::map<std::string, size_t> busy_;  // By server.
};

}  // namespace watchfire::net
