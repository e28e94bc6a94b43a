// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/client.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include <curl/curl.h>

#include "pkg/base/channel.h"
#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/net/exchange.h"

namespace watchfire::net {
namespace {

constexpr int kCachedConnections = 256;
constexpr std::chrono::milliseconds kLongWait{600'000};  // A wake-up ends it sooner.

}  // namespace

class Client::Loop {
 public:
  explicit Loop(Options options) : options_(std::move(options)), inbox_(limits::kEventQueue) {
    WF_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    multi_ = curl_multi_init();
    WF_CHECK(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(options_.connections_per_host));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(kCachedConnections));
    thread_ = std::thread([this] { Run(); });
  }

  ~Loop() {
    inbox_.Close();
    curl_multi_wakeup(multi_);
    thread_.join();
    curl_multi_cleanup(multi_);
  }

  void Post(OutRequest request, Callback callback) {
    auto exchange = std::make_unique<Exchange>(std::move(request), std::move(callback),
                                               std::chrono::steady_clock::now());
    // Beyond the channel's capacity on purpose: the loop bounds what is under way and says so.
    if (inbox_.Push(std::move(exchange))) {
      curl_multi_wakeup(multi_);
    } else {
      exchange->Reply(ShuttingDown(*exchange));  // NOLINT(bugprone-use-after-move): not moved.
    }
  }

 private:
  using Owned = std::unique_ptr<Exchange>;

  void Run() {
    while (!inbox_.closed()) {
      for (Owned& exchange : inbox_.PopAll(MonoTime{})) Begin(std::move(exchange));
      int running = 0;
      curl_multi_perform(multi_, &running);
      TakeFinished();
      ExpireOld(std::chrono::steady_clock::now());
      curl_multi_poll(multi_, nullptr, 0, WaitMillis(), nullptr);
    }
    for (Owned& exchange : inbox_.PopAll(MonoTime{})) exchange->Reply(ShuttingDown(*exchange));
    while (!active_.empty()) {
      const Owned exchange = Remove(active_.begin()->first);
      exchange->Reply(ShuttingDown(*exchange));
    }
  }

  void Begin(Owned exchange) {
    if (active_.size() >= limits::kEventQueue) {
      const Error error = exchange->Named(Code::kExhausted, "too many requests at once");
      return exchange->Reply(Fail(error));
    }
    deadlines_.emplace(exchange->deadline(), exchange->easy());
    Exchange& started = *exchange;
    active_.emplace(exchange->easy(), std::move(exchange));
    StartHop(started);
  }

  void StartHop(Exchange& exchange) {
    if (Status status = exchange.Prepare(options_); !status) {
      const Owned owned = Remove(exchange.easy());
      return owned->Reply(Fail(std::move(status.error())));
    }
    curl_multi_add_handle(multi_, exchange.easy());
  }

  void TakeFinished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* easy = message->easy_handle;
      const CURLcode code = message->data.result;
      Exchange& exchange = *active_.at(easy);
      std::optional<Result<OutResponse>> result = exchange.Finish(code);
      if (result) {
        const Owned owned = Remove(easy);
        owned->Reply(std::move(*result));
      } else {
        curl_multi_remove_handle(multi_, easy);
        StartHop(exchange);
      }
    }
  }

  void ExpireOld(MonoTime now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      const Owned exchange = Remove(deadlines_.begin()->second);
      const std::string after = FormatDuration(exchange->request().timeout);
      exchange->Reply(Fail(exchange->Named(Code::kTimeout, "timed out after " + after)));
    }
  }

  Owned Remove(CURL* easy) {
    curl_multi_remove_handle(multi_, easy);  // No harm when it is not in there.
    auto node = active_.extract(easy);
    Owned exchange = std::move(node.mapped());
    deadlines_.erase({exchange->deadline(), easy});
    return exchange;
  }

  int WaitMillis() const {
    if (deadlines_.empty()) return static_cast<int>(kLongWait.count());
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(
        deadlines_.begin()->first - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp(wait, std::chrono::milliseconds(0), kLongWait).count());
  }

  static Result<OutResponse> ShuttingDown(const Exchange& exchange) {
    return Fail(exchange.Named(Code::kUnavailable, "shutting down"));
  }

  const Options options_;
  Channel<Owned> inbox_;
  CURLM* multi_ = nullptr;

  // Owned by the net thread.
  std::unordered_map<CURL*, Owned> active_;
  std::set<std::pair<MonoTime, CURL*>> deadlines_;

  std::thread thread_;
};

Client::Client(Options options) : loop_(std::make_unique<Loop>(std::move(options))) {}
Client::~Client() = default;

void Client::Send(OutRequest request, Callback callback) {
  loop_->Post(std::move(request), std::move(callback));
}

}  // namespace watchfire::net
