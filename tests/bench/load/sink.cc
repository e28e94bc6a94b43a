// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/load/sink.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/load/client.h"

namespace watchfire::load {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

void Watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) Die("epoll_ctl");
}

// Returns the length of the request at the start of `bytes` and sets `head` to that of its head; 0
// while some of it is missing.
size_t RequestBytes(std::string_view bytes, size_t* head) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  *head = end + 4;
  size_t length = 0;
  constexpr std::string_view kLength = "\r\ncontent-length:";
  for (size_t i = 0; i + kLength.size() < end; ++i) {
    if (bytes[i] != '\r' || strncasecmp(&bytes[i], kLength.data(), kLength.size()) != 0) continue;
    length = std::strtoull(&bytes[i + kLength.size()], nullptr, 10);
  }
  return bytes.size() < *head + length ? 0 : *head + length;
}

}  // namespace

Sink::Sink(uint16_t port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, 8192) != 0) {
    Die("listen on port " + std::to_string(port));
  }
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC);
  Watch(epoll_, listener_);
  Watch(epoll_, wake_);
  thread_ = std::thread([this] { Run(); });
}

Sink::~Sink() {
  eventfd_write(wake_, 1);
  thread_.join();
  for (const auto& [fd, bytes] : unread_) close(fd);
  for (const int fd : {listener_, epoll_, wake_}) close(fd);
}

Sink::Totals Sink::totals(size_t whole) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  Totals totals{notifications_, alerts_, groups_.size(), 0, 0};
  for (const auto& [key, group] : groups_) {
    totals.repeated += group.notifications > 1;
    totals.incomplete += group.first_alerts < whole;
  }
  return totals;
}

void Sink::Reset() {
  const std::lock_guard<std::mutex> lock(mutex_);
  groups_.clear();
  alerts_ = 0;
  notifications_ = 0;
}

void Sink::Run() {
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd == wake_) return;
      if (fd == listener_) {
        Accept();
      } else if (!Read(fd)) {
        unread_.erase(fd);
        close(fd);
      }
    }
  }
}

void Sink::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    unread_.emplace(fd, std::string());
    Watch(epoll_, fd);
  }
}

bool Sink::Read(int fd) {
  std::array<char, 65536> scratch;
  const ssize_t count = recv(fd, scratch.data(), scratch.size(), 0);
  if (count < 0) return errno == EAGAIN;
  if (count == 0) return false;
  std::string& unread = unread_[fd];
  unread.append(scratch.data(), static_cast<size_t>(count));
  size_t head = 0;
  while (const size_t size = RequestBytes(unread, &head)) {
    if (send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) return false;
    Take(std::string_view(unread).substr(head, size - head));
    unread.erase(0, size);
  }
  return true;
}

void Sink::Take(std::string_view body) {
  constexpr std::string_view kKey = "\"groupKey\":\"";
  const size_t key = body.find(kKey);
  std::string name;
  for (size_t i = key + kKey.size(); key != std::string_view::npos && i < body.size(); ++i) {
    if (body[i] == '"' && body[i - 1] != '\\') break;
    name += body[i];
  }
  size_t alerts = 0;
  constexpr std::string_view kAlert = "\"fingerprint\":";
  for (size_t at = body.find(kAlert); at != std::string_view::npos;
       at = body.find(kAlert, at + 1)) {
    ++alerts;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  Group& group = groups_[name];
  if (group.notifications++ == 0) group.first_alerts = alerts;
  alerts_ += alerts;
  last_ = std::chrono::steady_clock::now();
  ++notifications_;
}

}  // namespace watchfire::load
