// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/curl_poll.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "pkg/base/check.h"

namespace watchfire::net {
namespace {

constexpr size_t kEventsAtOnce = 64;
constexpr std::chrono::milliseconds kLongWait{600'000};  // A wake-up ends it sooner.

int MillisUntil(MonoTime deadline) {
  const auto wait =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp(wait, std::chrono::milliseconds(0), kLongWait).count());
}

}  // namespace

CurlPoll::CurlPoll(CURLM* multi)
    : multi_(multi),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  WF_CHECK(epoll_ && wake_);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_.get();
  WF_CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) == 0);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlPoll::OnSocket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlPoll::OnTimer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

void CurlPoll::Run(MonoTime deadline) {
  if (timer_) deadline = std::min(deadline, *timer_);
  std::array<epoll_event, kEventsAtOnce> events;
  const int count = epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, MillisUntil(deadline));
  int running = 0;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.fd == wake_.get()) {
      eventfd_t wakes = 0;
      eventfd_read(wake_.get(), &wakes);
      woken_ = false;  // Before anybody looks at what the wake was for.
      continue;
    }
    if (wanted_[static_cast<size_t>(event.data.fd)] == 0) {
      // Its peer has hung up, most likely, which would be told again and again.
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, event.data.fd, nullptr);
      continue;
    }
    const int ready = ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                      ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                      ((event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    curl_multi_socket_action(multi_, event.data.fd, ready, &running);
  }
  if (timer_ && *timer_ <= std::chrono::steady_clock::now()) {
    timer_.reset();  // It may be set again meanwhile.
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  GoOn();
}

void CurlPoll::GoOn() {
  constexpr int kAddressesMost = 64;  // Those behind them wait.
  int running = 0;
  for (int i = 0; i < kAddressesMost && std::exchange(has_failed_, false); ++i) {
    // All transfers, for which one it was is not said. Deprecated for being slow where there are
    // thousands; curl_multi_perform() would not tell of the new socket.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    curl_multi_socket_all(multi_, &running);
#pragma GCC diagnostic pop
  }
}

void CurlPoll::Wake() {
  if (!woken_.exchange(true)) eventfd_write(wake_.get(), 1);
}

int CurlPoll::OnSocket(CURL* /*easy*/, curl_socket_t socket, int what, void* self,
                       void* /*known*/) {
  CurlPoll& poll = *static_cast<CurlPoll*>(self);
  const auto at = static_cast<size_t>(socket);
  if (poll.wanted_.size() <= at) poll.wanted_.resize(at + 1);
  const int before =
      std::exchange(poll.wanted_[at], static_cast<uint8_t>(what == CURL_POLL_REMOVE ? 0 : what));
  if (what == CURL_POLL_REMOVE) {
    poll.has_failed_ |= before == CURL_POLL_OUT;
    return 0;
  }
  epoll_event event{};
  event.events = ((what & CURL_POLL_IN) != 0 ? uint32_t{EPOLLIN} : 0) |
                 ((what & CURL_POLL_OUT) != 0 ? uint32_t{EPOLLOUT} : 0);
  event.data.fd = socket;
  // Only the set itself knows whether it has this very socket, or had another of its number.
  const int epoll = poll.epoll_.get();
  const bool is_in = epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0 ||
                     (errno == ENOENT && epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0);
  // -1 has libcurl give its transfers up, rather than have this one wait for ever.
  return is_in ? 0 : -1;
}

int CurlPoll::OnTimer(CURLM* /*multi*/, long millis, void* self) {  // NOLINT(google-runtime-int)
  CurlPoll& poll = *static_cast<CurlPoll*>(self);
  poll.timer_.reset();
  if (millis >= 0) {
    poll.timer_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(millis);
  }
  return 0;
}

}  // namespace watchfire::net
