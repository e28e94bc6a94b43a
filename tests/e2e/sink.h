// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A webhook receiver that remembers what it got and answers as told.

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pkg/base/guarded.h"

namespace httplib {
class Server;
}

namespace watchfire::e2e {

class Sink {
 public:
  Sink();
  ~Sink();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
  // Bodies answered with 2xx, in order.
  std::vector<std::string> accepted() const { return accepted_.Copy(); }
  // Of the last of them; "" for a header that it has not.
  std::string Header(const std::string& name) const;
  // How many of them contain `text`.
  size_t Count(const std::string& text) const;
  void set_status(int status) { status_ = status; }
  // While it hangs, requests are read and get no answer.
  void set_hanging(bool hanging);
  // Requests read, answered or not.
  int received() const { return received_; }

 private:
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::atomic<int> status_{200};
  std::atomic<bool> hanging_{false};
  std::atomic<int> received_{0};
  Guarded<std::vector<std::string>> accepted_;
  Guarded<std::multimap<std::string, std::string>> headers_;
  std::thread thread_;
};

struct Answer {
  int status = 0;  // 0: no answer.
  std::string body;
};

// One HTTP exchange with `address` ("127.0.0.1:9093").
Answer Http(const std::string& address, const std::string& method, const std::string& path,
            const std::string& body = "", const std::string& type = "application/json");

// The value of a metric line beginning with `series` ("name{label=\"x\"}"), or -1.
double Metric(const std::string& address, const std::string& series);

// Waits until the outcome of every notification but `under_way` is on disk: what is killed later
// repeats none of them. Returns whether that came.
bool Stored(const std::string& address, int under_way = 0);

}  // namespace watchfire::e2e
