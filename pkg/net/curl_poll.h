// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the transfers of a libcurl multi handle wait for: an epoll set of their sockets, libcurl's
// timer, and a way to wake the thread that waits. Each event costs the one transfer it is about,
// however many are under way (curl_multi_perform asks all of them).
// Source: https://curl.se/libcurl/c/curl_multi_socket_action.html, read on 2026-11-28.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include <curl/curl.h>

#include "pkg/base/time.h"
#include "pkg/net/socket.h"

namespace watchfire::net {

// Owned by the net thread, save for Wake().
class CurlPoll {
 public:
  // To be destroyed after curl_multi_cleanup(multi), which may still speak to it.
  explicit CurlPoll(CURLM* multi);
  CurlPoll(const CurlPoll&) = delete;  // libcurl holds a pointer to it.
  CurlPoll& operator=(const CurlPoll&) = delete;

  // Waits for a socket, libcurl's timer or Wake(), until `deadline` at the latest, and has libcurl
  // go on with what is ready. Transfers that have ended are to be had from curl_multi_info_read().
  void Run(MonoTime deadline);
  // Ends the Run() under way, or the next one, at once. From any thread.
  void Wake();

 private:
  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int OnTimer(CURLM* multi, long millis, void* self);  // NOLINT(google-runtime-int)
  // Has libcurl try the next address of a host whose last one refused. 7.88 would only when it is
  // asked to go on with that transfer, and there is no socket yet that could have it asked: it
  // would wait for half of the time that is left to connect.
  void GoOn();

  CURLM* const multi_;
  const Fd epoll_;
  const Fd wake_;
  std::atomic<bool> woken_{false};  // wake_ is readable, or about to be.
  // By socket: what libcurl waits for, CURL_POLL_IN, CURL_POLL_OUT, both or 0. The set may hold
  // others, most likely of connections that are idle: they stay until something happens to them.
  // The next request has to say again what it waits for, 0.35 us; to take them out and put them
  // back would be 1.5. What is closed leaves the set by itself, unless a child process has it too:
  // see OpenSocket() of exchange.cc.
  std::vector<uint8_t> wanted_;
  bool has_failed_ = false;        // A connection, most likely: see GoOn().
  std::optional<MonoTime> timer_;  // When libcurl wants to be called though nothing happens.
};

}  // namespace watchfire::net
