// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// One keep-alive connection to an HTTP/1.1 server on 127.0.0.1: blocking, no frills, cheap.
// Whatever goes wrong ends the program.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace watchfire::load {

class Client {
 public:
  explicit Client(uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends one request, reads the answer to its end and returns the status.
  int Post(const std::string& path, std::string_view body);
  int Get(const std::string& path);
  // Bytes of the last answer's body.
  size_t answer_bytes() const { return answer_bytes_; }

 private:
  int Exchange(std::string_view head, std::string_view body);
  // Reads more behind what is there.
  void Fill();
  void SkipBody(size_t bytes);
  void SkipChunks();

  int fd_ = -1;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // What is read and not used stands in [begin_, end_).
  size_t end_ = 0;
  size_t answer_bytes_ = 0;
};

// Prints `what` and errno and ends the program.
[[noreturn]] void Die(const std::string& what);

}  // namespace watchfire::load
