// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A thousand clients that say nothing, or not enough, must not keep a good one waiting. How long it
// waits is measured by tests/bench/slow_clients.py; here it only must not depend on theirs.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/check.h"
#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kSlow = 1000;
constexpr int kPosts = 200;

// A connection that asks for nothing, or for something that it never finishes.
class SlowClient {
 public:
  SlowClient(int port, const std::string& beginning) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    WF_CHECK(socket_ >= 0 && ::connect(socket_, generic, sizeof(address)) == 0);
    Send(beginning);
  }
  ~SlowClient() { ::close(socket_); }
  SlowClient(const SlowClient&) = delete;
  SlowClient& operator=(const SlowClient&) = delete;

  // Returns false when the server has hung up.
  bool Send(const std::string& text) const {
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(text.size());
  }

 private:
  int socket_;
};

// Both ends of every connection need one; this process has a thousand of them.
void AllowManyFiles() {
  rlimit limit{};
  WF_CHECK(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  WF_CHECK(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

TEST(SlowClientsTest, AThousandOfThemDoNotKeepAGoodOneWaiting) {
  AllowManyFiles();
  TempDir dir;
  Process process(
      {"watchfire",
       {"--config.file=" + dir.Write("w.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n"),
        "--storage.path=" + dir.path() + "/data", "--web.listen-address=127.0.0.1:0"}});
  const std::string address = process.WaitForAddress();
  ASSERT_NE(address, "") << process.errors();
  const int port = std::stoi(address.substr(address.rfind(':') + 1));

  const std::string head = "POST /api/v2/alerts HTTP/1.1\r\nHost: wf\r\n";
  const std::string half =
      head + "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n[{\"labels\":";
  std::vector<std::unique_ptr<SlowClient>> slow;
  for (int i = 0; i < kSlow; ++i) {
    slow.push_back(std::make_unique<SlowClient>(port, i % 3 == 0   ? ""
                                                      : i % 3 == 1 ? head + "X-Slow: "
                                                                   : half));
  }
  ASSERT_TRUE(Eventually([&] { return Metric(address, "watchfire_http_connections") >= kSlow; }));

  httplib::Client good("127.0.0.1", port);
  good.set_keep_alive(true);
  std::vector<milliseconds> took;
  for (int i = 0; i < kPosts; ++i) {
    // One byte more from each that has begun.
    for (size_t j = 0; i % 20 == 0 && j < slow.size(); ++j) {
      if (j % 3 == 0) continue;
      ASSERT_TRUE(slow[j]->Send("x")) << "the server has hung up";
    }
    const auto start = steady_clock::now();
    const auto answer =
        good.Post("/api/v2/alerts", R"([{"labels":{"alertname":")" + std::to_string(i) + R"("}}])",
                  "application/json");
    took.push_back(std::chrono::duration_cast<milliseconds>(steady_clock::now() - start));
    ASSERT_TRUE(answer) << httplib::to_string(answer.error());
    ASSERT_EQ(answer->status, 200) << answer->body;
  }
  EXPECT_GE(Metric(address, "watchfire_http_connections"), kSlow) << "they are all still there";

  std::ranges::sort(took);
  const auto p99 = took[took.size() * 99 / 100];
  std::printf("  p50 %lld ms, p99 %lld ms\n", static_cast<long long>(took[took.size() / 2].count()),
              static_cast<long long>(p99.count()));
  EXPECT_LT(took[took.size() / 2], std::chrono::seconds(2));
}

}  // namespace
}  // namespace watchfire::e2e
