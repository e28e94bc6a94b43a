// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/load/client.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace watchfire::load {
namespace {

constexpr size_t kBufferBytes = 1 << 20;

// The value of a header that servers may write in any case; "" when it is missing.
std::string_view HeaderValue(std::string_view head, const char* name) {
  const size_t length = std::strlen(name);
  for (size_t line = head.find("\r\n"); line != std::string_view::npos && line + 2 < head.size();
       line = head.find("\r\n", line + 2)) {
    const std::string_view rest = head.substr(line + 2);
    if (rest.size() < length || strncasecmp(rest.data(), name, length) != 0) continue;
    std::string_view value = rest.substr(length, rest.find("\r\n") - length);
    while (value.starts_with(' ') || value.starts_with(':')) value.remove_prefix(1);
    return value;
  }
  return {};
}

}  // namespace

void Die(const std::string& what) {
  std::fprintf(stderr, "wfload: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

Client::Client(uint16_t port) : buffer_(kBufferBytes) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    Die("connect to port " + std::to_string(port));
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

Client::~Client() { close(fd_); }

int Client::Post(const std::string& path, std::string_view body) {
  return Exchange("POST " + path +
                      " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n",
                  body);
}

int Client::Get(const std::string& path) {
  return Exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n", "");
}

int Client::Exchange(std::string_view head, std::string_view body) {
  iovec parts[2] = {{const_cast<char*>(head.data()), head.size()},
                    {const_cast<char*>(body.data()), body.size()}};
  size_t left = head.size() + body.size();
  while (left > 0) {
    const ssize_t sent = writev(fd_, parts, 2);
    if (sent < 0) Die("send");
    left -= static_cast<size_t>(sent);
    size_t used = static_cast<size_t>(sent);
    for (iovec& part : parts) {
      const size_t of_part = std::min(used, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + of_part;
      part.iov_len -= of_part;
      used -= of_part;
    }
  }
  answer_bytes_ = 0;
  size_t head_end = std::string_view::npos;
  while (head_end == std::string_view::npos) {
    Fill();
    head_end = std::string_view(buffer_.data() + begin_, end_ - begin_).find("\r\n\r\n");
  }
  const std::string answer(buffer_.data() + begin_, head_end + 4);
  begin_ += answer.size();
  const std::string_view length = HeaderValue(answer, "Content-Length");
  if (!length.empty()) {
    SkipBody(std::strtoull(length.data(), nullptr, 10));
  } else if (HeaderValue(answer, "Transfer-Encoding").starts_with("chunked")) {
    SkipChunks();
  }
  return std::atoi(answer.c_str() + std::strlen("HTTP/1.1 "));
}

void Client::Fill() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const ssize_t count = recv(fd_, buffer_.data() + end_, buffer_.size() - end_, 0);
  if (count <= 0) Die("the server closed the connection");
  end_ += static_cast<size_t>(count);
}

void Client::SkipBody(size_t bytes) {
  answer_bytes_ += bytes;
  while (bytes > 0) {
    if (begin_ == end_) Fill();
    const size_t used = std::min(bytes, end_ - begin_);
    begin_ += used;
    bytes -= used;
  }
}

void Client::SkipChunks() {
  for (size_t size = 1; size > 0;) {
    size_t line_end = std::string_view::npos;
    while (line_end == std::string_view::npos) {
      if (begin_ == end_) Fill();
      line_end = std::string_view(buffer_.data() + begin_, end_ - begin_).find("\r\n");
      if (line_end == std::string_view::npos) Fill();
    }
    size = std::strtoull(buffer_.data() + begin_, nullptr, 16);
    begin_ += line_end + 2;
    SkipBody(size);
    answer_bytes_ -= 2;
    SkipBody(2);
  }
}

}  // namespace watchfire::load
