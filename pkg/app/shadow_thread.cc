// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/shadow_thread.h"

#include <algorithm>
#include <utility>

#include "pkg/app/core_thread.h"
#include "pkg/app/log.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/client_files.h"
#include "pkg/shadow/follow.h"

namespace watchfire::app {
namespace {

constexpr Duration kPollTimeout = std::chrono::seconds(10);

// Both answers of one poll, whichever comes first.
struct Pending {
  std::optional<Result<net::OutResponse>> silences;
  std::optional<Result<net::OutResponse>> groups;
};

Status CheckStatus(const Result<net::OutResponse>& response, const std::string& what) {
  if (!response) return Fail(response.error());
  if (response->status == 200) return {};
  return Fail(Code::kUnavailable, what + " answered with HTTP " + std::to_string(response->status) +
                                      ": " + TruncateRunes(RepairUtf8(Trim(response->body)), 200));
}

shadow::Group OurGroup(const core::GroupRow& row, const core::View& view) {
  shadow::Group group{row.receiver, row.labels, {}};
  for (const uint64_t fingerprint : *row.alerts) {
    const core::AlertRow* found = view.Find(fingerprint);
    if (found == nullptr || found->alert->Resolved(view.at)) continue;
    const core::AlertRow& alert = *found;
    shadow::GroupAlert shown{alert.alert->labels, "", false};
    if (!alert.silenced_by.empty()) {
      shown.quiet = "silenced by " + Join(alert.silenced_by, ", ");
    } else if (alert.inhibited) {
      shown.quiet = "inhibited by " + Hex64(alert.inhibited->source);
    } else if (!row.muted_by.empty()) {
      shown.quiet = "muted by " + Join(row.muted_by, ", ");
      shown.by_mutes = true;
    }
    group.alerts.push_back(std::move(shown));
  }
  return group;
}

// Our groups as GET /api/v2/alerts/groups would show them.
std::vector<shadow::Group> OurGroups(const core::View& view) {
  std::vector<shadow::Group> groups;
  for (const auto& shard : view.groups) {
    for (const core::GroupRow& row : *shard) groups.push_back(OurGroup(row, view));
  }
  return groups;
}

// Splits user:password@ off the URL: neither may show in a message.
Result<std::string> SplitUrl(std::string url, config::HttpConfig* http) {
  const auto bad = [](const std::string& why) { return InvalidArgument("--shadow: " + why); };
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    return bad("want http://host:port or https://host:port of the live Alertmanager");
  }
  const size_t authority = url.find("://") + 3;
  const size_t end = std::min(url.find_first_of("/?#", authority), url.size());
  if (url.find_first_of("?#") != std::string::npos) return bad("a URL without query, please");
  const size_t at = url.substr(0, end).rfind('@');
  if (at != std::string::npos && at >= authority) {
    if (http->basic_auth || http->authorization || http->oauth2) {
      return bad("credentials in the URL and in --shadow.http-config");
    }
    const std::string user = url.substr(authority, at - authority);
    const size_t colon = std::min(user.find(':'), user.size());
    config::BasicAuth& auth = http->basic_auth.emplace();
    auth.username = UrlDecode(user.substr(0, colon), false);
    auth.password = Secret(UrlDecode(user.substr(std::min(colon + 1, user.size())), false));
    url.erase(authority, at + 1 - authority);
  }
  while (url.ends_with('/')) url.pop_back();
  if (url.size() <= authority) return bad("the URL names no host");
  return url;
}

}  // namespace

Result<ShadowOptions> ReadShadowOptions(const Flags& flags, const config::Files& files) {
  auto http = std::make_shared<config::HttpConfig>();
  if (!flags.shadow_http_config.empty()) {
    config::HttpFile file = config::LoadHttpFile(flags.shadow_http_config, files);
    if (!file.http) {
      return InvalidArgument("--shadow.http-config: " + file.problems.front().ToString());
    }
    *http = *std::move(file.http);
  }
  Result<std::string> url = SplitUrl(flags.shadow, http.get());
  if (!url) return Fail(url.error());
  return ShadowOptions{*std::move(url), std::move(http), flags.shadow_poll, flags.shadow_tolerance};
}

ShadowThread::ShadowThread(ShadowOptions options, const config::Config& config, net::Client& client,
                           CoreAccess core)
    : options_(std::move(options)),
      client_(client),
      core_(std::move(core)),
      channel_(limits::kEventQueue),
      comparison_(shadow::MakeTerms(config, options_.tolerance)) {
  draft_.alertmanager = options_.url;
  draft_.since = ReadNow().wall;
  Publish();
}

ShadowThread::~ShadowThread() { Stop(); }

void ShadowThread::Start(Duration patience) {
  next_poll_ = ReadNow().mono;
  thread_ = std::thread([this] { Run(); });
  (void)polled_once_.Wait(ReadNow().mono + patience);
}

void ShadowThread::Stop() {
  channel_.Close();
  if (thread_.joinable()) thread_.join();
}

void ShadowThread::OnOurs(std::shared_ptr<const dispatch::Notification> notification,
                          std::string unmade) {
  channel_.Push({ReadNow(), Ours{std::move(notification), std::move(unmade)}});
}

Status ShadowThread::OnTheirs(shadow::Message message) {
  if (channel_.TryPush({ReadNow(), std::move(message)})) return {};
  return Fail(Code::kExhausted, "too many webhooks wait for the comparison: try again");
}

void ShadowThread::OnConfig(std::shared_ptr<const config::Config> config) {
  channel_.Push({ReadNow(), std::move(config)});
}

void ShadowThread::Run() {
  while (!channel_.closed()) {
    if (next_poll_ && *next_poll_ <= ReadNow().mono) Poll();
    std::optional<MonoTime> wake = comparison_.next_deadline();
    if (next_poll_ && (!wake || *next_poll_ < *wake)) wake = next_poll_;
    for (Arrived& arrived : channel_.PopAll(wake)) Take(std::move(arrived));
    comparison_.Advance(ReadNow());
    for (const auto& difference : comparison_.TakeNew()) {
      Log(Level::kWarn, std::string("shadow: ") + shadow::VerdictName(difference->verdict),
          {{"receiver", difference->receiver},
           {"group", difference->group.ToString()},
           {"alerts", shadow::AlertsText(*difference)},
           {"reason", difference->reason}});
    }
    Publish();
  }
}

void ShadowThread::Take(Arrived arrived) {
  // In the order of the queue; a verdict that is due meanwhile waits for the end of the turn.
  if (auto* ours = std::get_if<Ours>(&arrived.input)) {
    if (!ours->unmade.empty()) {
      comparison_.OnUnmade(*ours->notification, ours->unmade, arrived.at);
    }
    comparison_.OnOurs(*ours->notification, arrived.at);
  } else if (auto* message = std::get_if<shadow::Message>(&arrived.input)) {
    comparison_.OnTheirs(std::move(*message), arrived.at);
  } else if (auto* polled = std::get_if<Polled>(&arrived.input)) {
    OnPolled(std::move(*polled), arrived.at);
  } else {
    const auto& config = std::get<std::shared_ptr<const config::Config>>(arrived.input);
    comparison_.Use(shadow::MakeTerms(*config, options_.tolerance));
  }
}

void ShadowThread::Poll() {
  next_poll_.reset();
  asked_ = ReadNow();
  // The callbacks run one after the other, on the net thread.
  auto pending = std::make_shared<Pending>();
  const auto arrive = [this, pending] {
    if (!pending->silences || !pending->groups) return;
    channel_.Push({ReadNow(), Polled{*std::move(pending->silences), *std::move(pending->groups)}});
  };
  Send("/api/v2/silences", [pending, arrive](Result<net::OutResponse> response) {
    pending->silences = std::move(response);
    arrive();
  });
  Send("/api/v2/alerts/groups", [pending, arrive](Result<net::OutResponse> response) {
    pending->groups = std::move(response);
    arrive();
  });
}

void ShadowThread::Send(const std::string& path, net::Client::Callback callback) {
  net::OutRequest request;
  request.method = "GET";
  request.url = Secret(options_.url + path);
  request.shown_url = options_.url + path;
  request.headers.push_back({"Accept", "application/json"});
  request.timeout = kPollTimeout;
  request.response_bytes_max = limits::kQueryResultBytes;
  request.http = options_.http.get();
  request.keep_alive = options_.http;
  client_.Send(std::move(request), std::move(callback));
}

void ShadowThread::OnPolled(Polled polled, const Now& now) {
  next_poll_ = asked_.mono + options_.poll;
  const Status taken = TakePolled(polled, now);
  const std::string fault = taken ? "" : taken.error().message;
  if (taken) {
    draft_.last_poll = now.wall;
  } else {
    ++draft_.poll_failures;
  }
  if (fault != draft_.poll_error) {
    Log(taken ? Level::kInfo : Level::kWarn,
        taken ? "shadow: the Alertmanager answers again" : "shadow: poll failed",
        taken ? Fields{} : Fields{{"err", fault}});
  }
  draft_.poll_error = fault;
  first_poll_ = false;
  polled_once_.Set(true);
}

Status ShadowThread::TakePolled(const Polled& polled, const Now& now) {
  WF_RETURN_IF_ERROR(CheckStatus(polled.silences, options_.url + "/api/v2/silences"));
  WF_RETURN_IF_ERROR(CheckStatus(polled.groups, options_.url + "/api/v2/alerts/groups"));
  const auto silences = shadow::DecodeSilences(polled.silences->body);
  if (!silences) return Fail(silences.error());
  const auto groups = shadow::DecodeGroups(polled.groups->body);
  if (!groups) return Fail(groups.error());
  // Before the first poll is over core does not run.
  std::shared_ptr<const core::View> view;
  if (!first_poll_) view = core_.read(core::kViewGroups | core::kViewSilences).value_or(nullptr);
  FollowSilences(*silences, view.get(), now);
  comparison_.OnGroups(groups->groups, view ? OurGroups(*view) : std::vector<shadow::Group>(),
                       groups->shows_muting, asked_);
  return {};
}

void ShadowThread::FollowSilences(const shadow::TheirSilences& theirs, const core::View* view,
                                  const Now& now) {
  core::SilenceCommand adopt;
  if (first_poll_) {
    // What ours are is not known yet; those that are equal change nothing.
    core::FollowedSilences all;
    for (const shadow::TheirSilence& there : theirs.silences) all.silences.push_back(there.draft);
    adopt.what = std::move(all);
    return core_.post(std::move(adopt));
  }
  if (view == nullptr) return;  // Core is busy; the next poll sees to it.
  shadow::SilenceChanges changes = shadow::Follow(theirs, *view->silences, now.wall);
  const bool adopts = !changes.adopt.empty();
  adopt.what = core::FollowedSilences{std::move(changes.adopt)};
  std::string fault = theirs.faults.empty() ? "" : theirs.faults.front();
  const auto run = [&](core::SilenceCommand command) {
    const Status status = core_.command(std::move(command));
    if (!status) fault = status.error().message;
  };
  if (adopts) run(std::move(adopt));
  for (std::string& id : changes.expire) {
    core::SilenceCommand expire;
    expire.what = std::move(id);
    run(std::move(expire));
  }
  if (fault != last_fault_ && !fault.empty()) {
    Log(Level::kWarn, "shadow: a silence cannot be followed", {{"err", fault}});
  }
  last_fault_ = std::move(fault);
}

void ShadowThread::Publish() {
  auto report = std::make_shared<shadow::Report>(draft_);
  comparison_.Fill(report.get());
  report_.With([&](auto& value) { value = std::move(report); });
}

}  // namespace watchfire::app
