// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For this folder's tests: a plain TCP client and a TCP server that does whatever a script says,
// both on loopback. Every wait ends after ten seconds.

#pragma once

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/check.h"
#include "pkg/base/promise.h"
#include "pkg/net/client.h"
#include "pkg/net/socket.h"

namespace watchfire::net {

inline MonoTime InTenSeconds() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(10);
}

// Sends everything, blocking; false when the peer is gone.
inline bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// Reads and forgets until the peer hangs up.
inline void AwaitHangUp(int fd) {
  char bytes[4096];
  while (recv(fd, bytes, sizeof(bytes), 0) > 0) {
  }
}

class RawClient {
 public:
  // `address` is "127.0.0.1:port".
  explicit RawClient(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port =
        htons(static_cast<uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str())));
    const timeval ten_seconds{10, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof(ten_seconds));
    setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &ten_seconds, sizeof(ten_seconds));
    WF_CHECK(connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
  }

  bool Send(std::string_view bytes) { return SendAll(fd_.get(), bytes); }
  void HalfClose() { shutdown(fd_.get(), SHUT_WR); }

  // Returns one response: status line, headers and a body as long as Content-Length says (none
  // when `head`); "" when the connection ended before it.
  std::string ReadResponse(bool head = false) {
    size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadSome()) return {};
    }
    size_t size = end + 4;
    const size_t length = buffer_.find("Content-Length: ");
    if (!head && length < end) {
      size += static_cast<size_t>(std::atoll(buffer_.c_str() + length + 16));
    }
    while (buffer_.size() < size) {
      if (!ReadSome()) return {};
    }
    std::string response = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return response;
  }

  // Whether the server has ended the connection, which is not to take too long.
  bool is_hung_up() const { return is_hung_up_; }
  // Returns everything up to the end of the connection.
  std::string ReadToEnd() {
    while (ReadSome()) {
    }
    return std::exchange(buffer_, {});
  }

 private:
  bool ReadSome() {
    char bytes[16 * 1024];
    const ssize_t count = recv(fd_.get(), bytes, sizeof(bytes), 0);
    is_hung_up_ = count == 0;
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(count));
    return true;
  }

  Fd fd_;
  bool is_hung_up_ = false;
  std::string buffer_;
};

// Accepts connections, reads up to the end of the headers, and runs the script with the socket and
// what was read; the connection closes when the script returns.
class ScriptedServer {
 public:
  using Script = std::function<void(int fd, const std::string& head)>;

  explicit ScriptedServer(Script script)
      : script_(std::move(script)), listener_(std::move(*ListenOn("127.0.0.1:0"))) {
    thread_ = std::thread([this] { Run(); });
  }
  ~ScriptedServer() {
    stopping_ = true;
    thread_.join();
    for (std::thread& thread : connections_) thread.join();
  }

  std::string address() const { return BoundAddress(listener_.get()); }
  std::string url(const std::string& path = "/") const { return "http://" + address() + path; }
  int connections() const { return count_; }

 private:
  void Run() {
    while (!stopping_) {
      pollfd ready{listener_.get(), POLLIN, 0};
      poll(&ready, 1, 10);
      const int fd = accept(listener_.get(), nullptr, nullptr);
      if (fd < 0) continue;
      ++count_;
      connections_.emplace_back([this, owner = std::make_shared<Fd>(fd)] {
        const timeval ten_seconds{10, 0};
        setsockopt(owner->get(), SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof(ten_seconds));
        std::string head;
        char byte = 0;
        while (head.find("\r\n\r\n") == std::string::npos && recv(owner->get(), &byte, 1, 0) == 1) {
          head += byte;
        }
        script_(owner->get(), head);
      });
    }
  }

  const Script script_;
  Fd listener_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> count_{0};
  std::vector<std::thread> connections_;
  std::thread thread_;
};

// Sends and waits for the callback.
inline Result<OutResponse> Fetch(Client& client, OutRequest request) {
  auto promise = std::make_shared<Promise<Result<OutResponse>>>();
  client.Send(std::move(request),
              [promise](Result<OutResponse> result) { promise->Set(std::move(result)); });
  auto result = promise->Wait(InTenSeconds());
  return result ? std::move(*result) : Fail(Code::kCorrupt, "the callback never ran");
}

}  // namespace watchfire::net
