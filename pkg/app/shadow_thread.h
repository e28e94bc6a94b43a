// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Shadow mode at work: one thread that polls the live Alertmanager, follows its silences, compares
// (pkg/shadow) and publishes the report. Whatever the Alertmanager does, nobody else waits for this
// thread: messages come in through a Channel, readers take the last report.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>

#include "pkg/app/flags.h"
#include "pkg/base/channel.h"
#include "pkg/base/guarded.h"
#include "pkg/base/promise.h"
#include "pkg/config/config.h"
#include "pkg/core/event.h"
#include "pkg/core/view.h"
#include "pkg/net/client.h"
#include "pkg/shadow/comparison.h"
#include "pkg/shadow/wire.h"

namespace watchfire::app {

// Where the live Alertmanager is and how it is watched.
struct ShadowOptions {
  std::string url;  // Without user, password and slash at the end.
  std::shared_ptr<const config::HttpConfig> http;
  Duration poll{};
  Duration tolerance{};  // Zero: as the routes ask for.
};

// Reads --shadow and its companions. Errors: kInvalidArgument, ready to print and without password.
Result<ShadowOptions> ReadShadowOptions(const Flags& flags, const config::Files& files);

class ShadowThread {
 public:
  // What it needs of core. Both may block for as long as core's answer takes.
  struct CoreAccess {
    std::function<Result<std::shared_ptr<const core::View>>(unsigned parts)> read;
    std::function<Status(core::SilenceCommand)> command;
    // Like command, for when core does not run yet: queues and returns.
    std::function<void(core::SilenceCommand)> post;
  };

  ShadowThread(ShadowOptions options, const config::Config& config, net::Client& client,
               CoreAccess core);
  ~ShadowThread();  // Stop()
  ShadowThread(const ShadowThread&) = delete;
  ShadowThread& operator=(const ShadowThread&) = delete;

  // Starts, and returns when the first poll is over, so that the first silences are queued before
  // core runs; after `patience` at the latest.
  void Start(Duration patience);
  // Joins. What comes later is dropped; the report stays as it is. Idempotent.
  void Stop();

  // A message that was made and not sent, or, with `unmade`, could not be made. Never blocks.
  void OnOurs(std::shared_ptr<const dispatch::Notification> notification, std::string unmade);
  // A webhook of the live Alertmanager. Errors: kExhausted when too many wait.
  Status OnTheirs(shadow::Message message);
  void OnConfig(std::shared_ptr<const config::Config> config);

  shadow::Report report() const { return *report_.Copy(); }

 private:
  struct Ours {
    std::shared_ptr<const dispatch::Notification> notification;
    std::string unmade;
  };
  struct Polled {
    Result<net::OutResponse> silences;
    Result<net::OutResponse> groups;
  };
  using Input = std::variant<Ours, shadow::Message, Polled, std::shared_ptr<const config::Config>>;
  struct Arrived {
    Now at;
    Input input;
  };

  void Run();
  void Take(Arrived arrived);
  void Poll();
  void OnPolled(Polled polled, const Now& now);
  Status TakePolled(const Polled& polled, const Now& now);
  void FollowSilences(const shadow::TheirSilences& theirs, const core::View* view, const Now& now);
  void Send(const std::string& path, net::Client::Callback callback);
  void Publish();

  const ShadowOptions options_;
  net::Client& client_;
  const CoreAccess core_;
  Channel<Arrived> channel_;
  shadow::Comparison comparison_;      // The thread's, once it runs, as are the following.
  std::optional<MonoTime> next_poll_;  // Nullopt while one is under way.
  Now asked_{};                        // When the last poll began.
  bool first_poll_ = true;
  std::string last_fault_;  // Of following silences; logged when it changes.
  shadow::Report draft_;    // What the comparison does not know.
  Guarded<std::shared_ptr<const shadow::Report>> report_;
  Promise<bool> polled_once_;
  std::thread thread_;
};

}  // namespace watchfire::app
