// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The few socket calls of the front, with errors as values.

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>

#include "pkg/base/result.h"

namespace watchfire::net {

// Owns a file descriptor.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Returns a non-blocking listening TCP socket. "host:port" with Go's rules: an empty host means
// every interface, IPv6 and IPv4 alike; IPv6 hosts are in brackets; port 0 picks one.
// Errors: kInvalidArgument (not host:port), kUnavailable (unknown host, port taken).
Result<Fd> ListenOn(const std::string& address);

// Takes over a socket that another program opened, non-blocking and closed on exec from now on.
// Errors: kInvalidArgument (not a listening TCP socket).
Result<Fd> AdoptListener(int socket);

// Returns "127.0.0.1:9093" or "[::1]:9093".
std::string FormatAddress(const sockaddr_storage& address);
// Returns what the listening socket is bound to, in that form.
std::string BoundAddress(int fd);

struct SendOutcome {
  size_t sent = 0;
  bool broken = false;  // The peer is gone; false with sent < size: the socket is full for now.
};
// Sends what the socket takes without blocking.
SendOutcome SendSome(int fd, std::string_view bytes);

// Lifts the process' soft limit of open files to the hard one, as Go programs do: a front that
// promises limits::kConnections cannot live with the usual 1024.
void RaiseFileLimit();

}  // namespace watchfire::net
