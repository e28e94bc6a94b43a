// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For the tests of pkg/api: the process behind the handlers, with a real core, a store that always
// works and a clock set by hand.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/api/api.h"
#include "pkg/api/inbound_turns.h"
#include "pkg/base/strings.h"
#include "pkg/core/core.h"
#include "pkg/inbound/sns_certificates.h"

namespace watchfire::api {

class FakeBackend : public Backend {
 public:
  // Answers queries; by default with an empty result.
  using Answer = std::function<Result<promql::Vector>(const core::RunQuery&)>;

  explicit FakeBackend(std::shared_ptr<const config::Config> config)
      : config_(std::move(config)),
        core_({"http://wf", std::chrono::hours(120), std::chrono::minutes(30), 1}, config_) {
    info_.version = "1.2.3";
    info_.alertmanager_version = "0.99.0";
    info_.external_url = "http://wf";
    info_.started_at = now_.wall;
    info_.peer_name = "node-1";
    info_.peer_address = "127.0.0.1:9094";
    info_.page = {"<!doctype html>", "default-src 'none'"};
  }

  WallTime Now() const override { return now_.wall; }
  MonoTime Mono() const override { return now_.mono; }
  const Info& info() const override { return info_; }
  std::shared_ptr<const config::Config> config() const override { return config_; }
  Status Post(core::AlertsArrived alerts) override {
    if (busy) return Fail(Code::kExhausted, "the event queue is full, try again");
    if (const auto act = std::exchange(meanwhile, {})) act();
    Step({std::move(alerts)});
    return {};
  }
  void Count(InboundSeen seen) override { counted.push_back(seen.source + " " + seen.result); }
  void Count(AckLinkSeen seen) override { links_counted.push_back(seen.result); }
  bool TakeTurn(const std::string& who, size_t more) override {
    return turns_.Take(who, more, now_.mono);
  }
  Result<core::Reply> Ask(core::IncidentCommand command) override {
    return Command(std::move(command));
  }
  Result<core::Reply> Ask(core::AlertsOnce alerts) override {
    if (busy) return Fail(Code::kExhausted, "the event queue is full, try again");
    if (const auto act = std::exchange(meanwhile, {})) act();
    return Command(std::move(alerts));
  }
  Result<core::Reply> Ask(core::SilenceCommand command) override {
    return Command(std::move(command));
  }
  Result<core::Reply> Ask(core::ExplainRequest request) override {
    return Command(std::move(request));
  }
  Result<core::Reply> Ask(core::HeartbeatPing ping) override { return Command(std::move(ping)); }
  Result<core::Reply> Ask(core::OverrideCommand command) override {
    return Command(std::move(command));
  }
  Result<core::Reply> Ask(core::ExclusionCommand command) override {
    return Command(std::move(command));
  }
  Result<core::Reply> Ask(core::AutomationCommand command) override {
    return Command(std::move(command));
  }
  Result<std::shared_ptr<const core::View>> Read(unsigned parts) override {
    if (busy) return Fail(Code::kTimeout, "no answer in 5 s");
    Step({core::ViewRequest{RequestId{1}, parts}});
    return std::exchange(reply_, {}).view;
  }
  Result<std::string> Fetch(const std::string& url) override {
    fetched.push_back(url);
    const auto found = documents.find(url);
    if (found == documents.end()) return Fail(Code::kUnavailable, "no route to host");
    return found->second;
  }
  void Deliver(const std::string& url, std::string body) override {
    delivered.push_back(url + " " + body);
  }
  Result<std::string> Certificate(const std::string& url) override {
    if (auto known = certificates_.Find(url, now_.mono)) return *std::move(known);
    return certificates_.Fetched(url, Fetch(url), now_.mono);
  }
  shadow::Report Shadow() const override { return shadow_report; }
  Status Mirror(shadow::Message message) override {
    if (busy) return Fail(Code::kExhausted, "too many");
    mirrored.push_back(std::move(message));
    return {};
  }
  Status Reload() override {
    if (problems.empty()) return {};
    return InvalidArgument(problems);
  }
  std::string reload_problems() const override { return problems; }
  Result<std::string> Metrics() override { return std::string("up 1\n"); }
  void Observe(std::string_view handler, std::string_view method, int status, Duration,
               size_t bytes) override {
    observed_bytes = bytes;
    observed.push_back(std::string(method) + " " + std::string(handler) + " " +
                       std::to_string(status));
  }

  // Core goes on with other files.
  void Swap(std::shared_ptr<const config::Config> config) {
    config_ = std::move(config);
    core::ConfigSwap swap;
    swap.config = config_;
    Step({std::move(swap)});
  }

  // Lets time pass second by second.
  void Pass(std::chrono::seconds span) {
    for (; span.count() > 0; --span) {
      now_.mono += std::chrono::seconds(1);
      now_.wall += std::chrono::seconds(1);
      Step({});
    }
  }

  Info info_;
  bool busy = false;
  std::string problems;
  Answer answer = [](const core::RunQuery&) { return promql::Vector(); };
  shadow::Report shadow_report;
  std::vector<shadow::Message> mirrored;
  std::function<void()> meanwhile;  // Another request, between the next one's look and its post.
  std::map<std::string, std::string> documents;  // By their URLs.
  std::vector<std::string> fetched;
  std::vector<std::string> delivered;  // "URL BODY"
  std::vector<std::string> counted;
  std::vector<std::string> links_counted;
  std::vector<std::string> ack_urls;  // Of all attempts, in order.
  std::vector<std::string> observed;
  size_t observed_bytes = 0;  // Of the last answer.

 private:
  template <typename T>
  Result<core::Reply> Command(T command) {
    if (busy) return Fail(Code::kTimeout, "no answer in 5 s");
    command.reply_to = RequestId{1};
    Step({std::move(command)});
    return std::exchange(reply_, {});
  }

  // Everything core asks for is done at once: pages are accepted, records stored.
  void Step(std::vector<core::Event> events) {
    while (true) {
      std::vector<core::Event> next;
      for (core::Effect& effect : core_.Step(now_, std::move(events))) {
        if (const auto* batch = std::get_if<core::Persist>(&effect)) {
          next.emplace_back(core::Committed{batch->id, {}, Duration::zero()});
        } else if (const auto* attempt = std::get_if<core::Attempt>(&effect)) {
          ack_urls.push_back(attempt->ack_url);
          core::Attempted done;
          done.id = attempt->id;
          next.emplace_back(std::move(done));
        } else if (const auto* query = std::get_if<core::RunQuery>(&effect)) {
          next.emplace_back(
              core::QueryDone{query->id, answer(*query), std::chrono::milliseconds(3)});
        } else if (auto* reply = std::get_if<core::Reply>(&effect)) {
          reply_ = std::move(*reply);
        }
      }
      if (next.empty()) return;
      events = std::move(next);
    }
  }

  watchfire::Now now_{MonoTime(std::chrono::hours(1)), FromNanos(1'790'000'000'123'456'789)};
  std::shared_ptr<const config::Config> config_;
  core::Core core_;
  core::Reply reply_;
  inbound::SnsCertificates certificates_;
  InboundTurns turns_;
};

// The header's value, "" if the response has none.
inline std::string HeaderOf(const net::Response& response, std::string_view name) {
  return std::string(net::FindHeader(response.headers, name));
}

// A request; POST bodies are JSON. `target` may have a query, decoded already.
inline net::Request MakeRequest(const std::string& method, const std::string& target,
                                const std::string& body = "") {
  net::Request request;
  request.method = method;
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size()) {
    for (const std::string_view pair :
         Split(std::string_view(target).substr(request.path.size() + 1), '&')) {
      const size_t equals = pair.find('=');
      request.query.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    }
  }
  request.body = body;
  if (method == "POST") request.headers.push_back({"Content-Type", "application/json"});
  return request;
}

}  // namespace watchfire::api
