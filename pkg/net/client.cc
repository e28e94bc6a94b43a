// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/client.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <pthread.h>

#include "pkg/base/channel.h"
#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/net/curl_poll.h"
#include "pkg/net/exchange.h"
#include "pkg/net/mail_threads.h"
#include "pkg/net/oauth2.h"
#include "pkg/net/proxy.h"
#include "pkg/net/url.h"

namespace watchfire::net {
namespace {

constexpr int kCachedConnections = 256;
constexpr size_t kIdleHandles = 64;
constexpr std::chrono::seconds kTokenTime{10};
constexpr std::chrono::hours kLongWait{1};  // A wake-up ends it sooner.

}  // namespace

class Client::Loop {
 public:
  explicit Loop(Options options)
      : options_(std::move(options)), inbox_(limits::kEventQueue), makers_(limits::kEventQueue) {
    WF_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    multi_ = curl_multi_init();
    WF_CHECK(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(options_.connections_per_host));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(kCachedConnections));
    poll_.emplace(multi_);
    thread_ = std::thread([this] { Run(); });
  }

  ~Loop() {
    makers_.Close();
    inbox_.Close();
    poll_->Wake();
    thread_.join();
    idle_.clear();
    curl_multi_cleanup(multi_);
  }

  void Post(std::vector<Outgoing> all) {
    const MonoTime now = std::chrono::steady_clock::now();
    for (Outgoing& one : all) {
      auto exchange =
          std::make_unique<Exchange>(std::move(one.request), std::move(one.callback), now);
      // Beyond the channel's capacity on purpose: the loop bounds what is under way and says so.
      if (!inbox_.Push(std::move(exchange))) {
        exchange->Reply(ShuttingDown(*exchange));  // NOLINT(bugprone-use-after-move): not moved.
      }
    }
    poll_->Wake();
  }

  void Post(Maker make) {
    Making making{std::move(make), std::chrono::steady_clock::now()};
    if (makers_.Push(std::move(making))) return poll_->Wake();
    for (Owned& exchange : Make(making)) {  // NOLINT(bugprone-use-after-move): not moved.
      exchange->Reply(ShuttingDown(*exchange));
    }
  }

 private:
  using Owned = std::unique_ptr<Exchange>;
  struct Making {
    Maker make;
    MonoTime posted;
  };

  static std::vector<Owned> Make(const Making& making) {
    std::vector<Owned> made;
    for (Outgoing& one : making.make()) {
      made.push_back(std::make_unique<Exchange>(std::move(one.request), std::move(one.callback),
                                                making.posted));
    }
    return made;
  }
  using Easy = Exchange::Easy;

  void Run() {
    pthread_setname_np(pthread_self(), "net");
    while (!inbox_.closed()) {
      for (Owned& exchange : inbox_.PopAll(MonoTime{})) Accept(std::move(exchange));
      for (const Making& making : makers_.PopAll(MonoTime{})) {
        for (Owned& exchange : Make(making)) Accept(std::move(exchange));
      }
      BeginDue(std::chrono::steady_clock::now());
      TakeFinished();
      TakeFinishedMail();
      ExpireOld(std::chrono::steady_clock::now());
      poll_->Run(NextDeadline());
    }
    mail_.Cancel();
    waiting_mail_.clear();
    TakeFinishedMail();
    for (Owned& exchange : inbox_.PopAll(MonoTime{})) exchange->Reply(ShuttingDown(*exchange));
    for (const Making& making : makers_.PopAll(MonoTime{})) {
      for (Owned& exchange : Make(making)) exchange->Reply(ShuttingDown(*exchange));
    }
    for (auto& [due, exchange] : later_) exchange->Reply(ShuttingDown(*exchange));
    while (!active_.empty()) {
      const Owned exchange = Remove(active_.begin()->first);
      exchange->Reply(ShuttingDown(*exchange));
    }
  }

  void Accept(Owned exchange) {
    if (active_.size() + later_.size() >= limits::kEventQueue) {
      const Error error = exchange->Named(Code::kExhausted, "too many requests at once");
      return exchange->Reply(Fail(error));
    }
    const Duration delay = exchange->request().delay;
    if (delay <= Duration::zero()) return Begin(std::move(exchange));
    const MonoTime due = std::chrono::steady_clock::now() + delay;
    later_.emplace(std::min(due, exchange->deadline()), std::move(exchange));
  }

  void BeginDue(MonoTime now) {
    while (!later_.empty() && later_.begin()->first <= now) {
      Owned exchange = std::move(later_.extract(later_.begin()).mapped());
      if (exchange->deadline() > now) {
        Begin(std::move(exchange));
      } else {
        exchange->Reply(Fail(exchange->TimedOut()));
      }
    }
  }

  void Begin(Owned exchange) {
    Exchange& started = *exchange;
    started.Open(TakeEasy());
    active_.emplace(exchange->easy(), std::move(exchange));
    Arm(started);
    StartHop(started);
  }

  void Arm(Exchange& exchange) {
    if (exchange.armed == exchange.deadline()) return;
    deadlines_.erase({exchange.armed, exchange.easy()});
    exchange.armed = exchange.deadline();
    deadlines_.emplace(exchange.armed, exchange.easy());
  }

  void StartHop(Exchange& exchange) {
    if (exchange.request().mail) return StartMail(exchange);
    if (exchange.wants_token()) return GetToken(exchange);
    if (Status status = exchange.Prepare(options_, environment_, urls_); !status) {
      return GiveUp(exchange, std::move(status.error()));
    }
    Arm(exchange);
    curl_multi_add_handle(multi_, exchange.easy());
  }

  void GiveUp(Exchange& exchange, Error error) {
    const Owned owned = Remove(exchange.easy());
    owned->Reply(Fail(std::move(error)));
  }

  // Sends the message, or has it wait for others to the same server.
  void StartMail(Exchange& exchange) {
    const std::string& server = exchange.request().url.reveal();
    if (!mail_.HasRoom(server)) return waiting_mail_.push_back(exchange.easy());
    if (Status status = exchange.Prepare(options_, environment_, urls_); !status) {
      return GiveUp(exchange, std::move(status.error()));
    }
    deadlines_.erase({exchange.armed, exchange.easy()});  // Its thread keeps it.
    if (mail_.Start(exchange, server)) return;
    GiveUp(exchange, exchange.Named(Code::kUnavailable, "no thread is left to send mail on"));
  }

  void TakeFinishedMail() {
    const std::vector<MailThreads::Finished> finished = mail_.TakeFinished();
    for (const auto& [easy, code] : finished) {
      const Owned exchange = Remove(easy);
      exchange->Reply(*exchange->Finish(code));
    }
    if (finished.empty()) return;
    for (CURL* easy : std::exchange(waiting_mail_, {})) StartMail(*active_.at(easy));
  }

  // Goes on with the token that is known, or waits for the one that is on its way.
  void GetToken(Exchange& exchange) {
    const auto grant = Grant::For(*exchange.http().oauth2);
    if (!grant) return GiveUp(exchange, exchange.Named(grant.error().code, grant.error().message));
    Tokens::Entry& entry = tokens_.At((*grant)->key);
    if (entry.token && std::chrono::steady_clock::now() < entry.token->expires) {
      exchange.UseToken(entry.token->authorization);
      return StartHop(exchange);
    }
    exchange.awaited_grant = (*grant)->key;
    if (!std::exchange(entry.fetching, true)) {
      FetchToken(*grant, entry.style == Tokens::Style::kBody);
    }
  }

  void FetchToken(const std::shared_ptr<const Grant>& grant, bool in_body) {
    Result<OutRequest> request =
        grant->Request(in_body, kTokenTime, std::chrono::system_clock::now());
    if (!request) return OnTokenAnswer(grant, in_body, Fail(request.error()));
    request->keep_alive = grant;
    Begin(std::make_unique<Exchange>(
        *std::move(request),
        [this, grant, in_body](Result<OutResponse> result) {
          OnTokenAnswer(grant, in_body, std::move(result));
        },
        std::chrono::steady_clock::now()));
  }

  void OnTokenAnswer(const std::shared_ptr<const Grant>& grant, bool in_body,
                     Result<OutResponse> result) {
    Tokens::Entry& entry = tokens_.At(grant->key);
    const bool is_refused = result && (result->status < 200 || result->status > 299);
    const bool may_want_body = !in_body && !grant->oauth2.assertion;
    if (is_refused && may_want_body && entry.style == Tokens::Style::kUnknown) {
      return FetchToken(grant, /*in_body=*/true);
    }
    Result<Token> token = Fail(Code::kUnavailable, "");
    if (result) {
      token = DecodeToken(*result, std::chrono::steady_clock::now());
    } else {
      token = Fail(result.error());
    }
    entry.fetching = false;
    if (token) {
      entry.style = in_body ? Tokens::Style::kBody : Tokens::Style::kHeader;
      entry.token = *token;
    }
    std::vector<Exchange*> waiting;
    for (const auto& [easy, exchange] : active_) {
      if (exchange->awaited_grant == grant->key) waiting.push_back(exchange.get());
    }
    for (Exchange* exchange : waiting) {
      exchange->awaited_grant.clear();
      if (token) {
        exchange->UseToken(token->authorization);
        StartHop(*exchange);
      } else {
        GiveUp(*exchange, exchange->Named(token.error().code, "oauth2: " + token.error().message));
      }
    }
  }

  // A refused token is of no use to anybody else either.
  void DropToken(const Exchange& exchange, const std::string& authorization) {
    const auto grant = Grant::For(*exchange.http().oauth2);
    if (grant) tokens_.Drop((*grant)->key, authorization);
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
        const bool is_whole = result->has_value();
        owned->Reply(std::move(*result));
        if (is_whole && idle_.size() < kIdleHandles) idle_.push_back(owned->Close());
      } else {
        curl_multi_remove_handle(multi_, easy);
        const std::string refused = exchange.TakeRefusedToken();
        if (!refused.empty()) DropToken(exchange, refused);
        StartHop(exchange);
      }
    }
  }

  void ExpireOld(MonoTime now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      Exchange& exchange = *active_.at(deadlines_.begin()->second);
      if (exchange.deadline() > now) {
        Arm(exchange);  // Bytes have come since.
        continue;
      }
      GiveUp(exchange, exchange.TimedOut());
    }
  }

  // Those of earlier requests are used again: to make one is half of what a small request costs.
  Easy TakeEasy() {
    if (idle_.empty()) return Easy(curl_easy_init());
    Easy easy = std::move(idle_.back());
    idle_.pop_back();
    return easy;
  }

  Owned Remove(CURL* easy) {
    curl_multi_remove_handle(multi_, easy);  // No harm when it is not in there.
    auto node = active_.extract(easy);
    Owned exchange = std::move(node.mapped());
    deadlines_.erase({exchange->armed, easy});
    std::erase(waiting_mail_, easy);
    return exchange;
  }

  MonoTime NextDeadline() const {
    MonoTime next = std::chrono::steady_clock::now() + kLongWait;
    if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
    if (!later_.empty()) next = std::min(next, later_.begin()->first);
    return next;
  }

  static Result<OutResponse> ShuttingDown(const Exchange& exchange) {
    return Fail(exchange.Named(Code::kUnavailable, "shutting down"));
  }

  const Options options_;
  const ProxyEnvironment environment_ = ReadProxyEnvironment();
  Channel<Owned> inbox_;
  Channel<Making> makers_;
  CURLM* multi_ = nullptr;
  std::optional<CurlPoll> poll_;

  // Owned by the net thread.
  std::unordered_map<CURL*, Owned> active_;
  std::vector<Easy> idle_;
  std::set<std::pair<MonoTime, CURL*>> deadlines_;
  std::multimap<MonoTime, Owned> later_;  // By the time at which they begin.
  Tokens tokens_;
  UrlCache urls_;
  MailThreads mail_{static_cast<size_t>(options_.connections_per_host), [this] { poll_->Wake(); }};
  std::deque<CURL*> waiting_mail_;  // Oldest first.

  std::thread thread_;
};

Client::Client(Options options) : loop_(std::make_unique<Loop>(std::move(options))) {}
Client::~Client() = default;

void Client::Send(OutRequest request, Callback callback) {
  std::vector<Outgoing> one;
  one.push_back({std::move(request), std::move(callback)});
  loop_->Post(std::move(one));
}

void Client::SendAll(std::vector<Outgoing> all) { loop_->Post(std::move(all)); }

void Client::SendMade(Maker make) { loop_->Post(std::move(make)); }

}  // namespace watchfire::net
