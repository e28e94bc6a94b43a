// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/server.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include <unistd.h>

#include "pkg/api/inbound_turns.h"
#include "pkg/app/ack_poller.h"
#include "pkg/app/core_thread.h"
#include "pkg/app/files.h"
#include "pkg/app/import.h"
#include "pkg/app/loader.h"
#include "pkg/app/log.h"
#include "pkg/app/shadow_thread.h"
#include "pkg/app/web_access.h"
#include "pkg/app/workers.h"
#include "pkg/base/check.h"
#include "pkg/base/guarded.h"
#include "pkg/base/promise.h"
#include "pkg/base/strings.h"
#include "pkg/inbound/sns_certificates.h"
#include "pkg/net/client.h"
#include "pkg/net/front.h"
#include "pkg/oncall/duty.h"
#include "pkg/store/store.h"
#include "pkg/telemetry/telemetry.h"
#include "pkg/web/web.h"

namespace watchfire::app {
namespace {

constexpr Duration kDrain = std::chrono::seconds(5);
constexpr Duration kFirstPoll = std::chrono::seconds(5);  // Of the live Alertmanager.
constexpr Duration kFetch = std::chrono::seconds(3);
constexpr size_t kFetchBytes = 64 * 1024;
constexpr size_t kSecretFileBytes = 64 * 1024;
constexpr size_t kQueriesAhead = 8;

struct ReloadState {
  bool ok = true;
  std::string problems;
  WallTime at = kNoTime;
};

std::string Hostname() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): never set.
  return value != nullptr ? value : "";
}

size_t GetsMax(int wanted) {
  if (wanted > 0) return static_cast<size_t>(wanted);
  return std::max<size_t>(std::thread::hardware_concurrency(), 8);
}

// Of notifications. Receivers, and the proxies before them, know senders by what it begins with
// ("Alertmanager/"), and look no further; who reads logs sees who it was.
const std::string& NotifierAgent() {
  static const std::string& agent = *new std::string(
      std::string("Alertmanager/") + kAlertmanagerVersion + " (Watchfire/" + kVersion + ")");
  return agent;
}

std::string UserAgent() { return std::string("Watchfire/") + kVersion; }

std::vector<config::IntegrationKind> Kinds(const std::vector<notify::Backend>& backends) {
  std::vector<config::IntegrationKind> kinds;
  for (const notify::Backend& backend : backends) kinds.push_back(backend.kind);
  return kinds;
}

}  // namespace

class Server::Impl : public api::Backend {
 public:
  Impl(const Flags& flags, std::vector<notify::Backend> backends)
      : flags_(flags),
        backends_(std::move(backends)),
        loader_(Loader(flags, Kinds(backends_))),
        http_seconds_(telemetry::ProcessStats().http_seconds),
        http_bytes_(telemetry::ProcessStats().http_bytes) {}

  Status Start();
  void Stop();
  void ReloadIfChanged();
  void RefreshAccess() {
    if (web_) web_->RefreshIfChanged();
  }
  std::vector<std::string> addresses() const { return front_->addresses(); }

  // api::Backend
  WallTime Now() const override { return ReadNow().wall; }
  MonoTime Mono() const override { return ReadNow().mono; }
  const api::Info& info() const override { return info_; }
  std::shared_ptr<const config::Config> config() const override { return config_.Copy(); }
  Status Post(core::AlertsArrived alerts) override {
    const bool is_awaited = flags_.storage_sync_alerts && !alerts.alerts.empty();
    if (!is_awaited) return core_->Post(std::move(alerts));
    const Result<core::Reply> stored = core_->Ask(core::AlertsOnce{{}, "", std::move(alerts)});
    return stored ? stored->status : Status(Fail(stored.error()));
  }
  void Count(api::InboundSeen seen) override {
    inbound_.With([&](CounterMap& counters) { ++counters[{seen.source, seen.result}]; });
  }
  void Count(api::AckLinkSeen seen) override {
    ack_links_.With([&](CounterMap& counters) { ++counters[{seen.result}]; });
  }
  bool TakeTurn(const std::string& who, size_t more) override {
    const MonoTime now = Mono();
    return turns_.With([&](api::InboundTurns& turns) { return turns.Take(who, more, now); });
  }
  Result<core::Reply> Ask(core::IncidentCommand command) override {
    return core_->Ask(std::move(command));
  }
  Result<core::Reply> Ask(core::AlertsOnce alerts) override {
    return core_->Ask(std::move(alerts));
  }
  Result<core::Reply> Ask(core::SilenceCommand command) override {
    return core_->Ask(std::move(command));
  }
  Result<core::Reply> Ask(core::ExplainRequest request) override {
    return core_->Ask(std::move(request));
  }
  Result<core::Reply> Ask(core::HeartbeatPing ping) override { return core_->Ask(std::move(ping)); }
  Result<core::Reply> Ask(core::OverrideCommand command) override {
    return core_->Ask(std::move(command));
  }
  Result<core::Reply> Ask(core::ExclusionCommand command) override {
    return core_->Ask(std::move(command));
  }
  Result<core::Reply> Ask(core::AutomationCommand command) override {
    return core_->Ask(std::move(command));
  }
  Result<std::shared_ptr<const core::View>> Read(unsigned parts) override;
  Result<std::string> Fetch(const std::string& url) override;
  void Deliver(const std::string& url, std::string body) override;
  Result<std::string> Certificate(const std::string& url) override;
  shadow::Report Shadow() const override { return shadow_->report(); }
  Status Mirror(shadow::Message message) override { return shadow_->OnTheirs(std::move(message)); }
  Status Reload() override;
  std::string reload_problems() const override { return reload_.Copy().problems; }
  Result<std::string> Metrics() override;
  void Observe(std::string_view handler, std::string_view method, int status, Duration took,
               size_t bytes) override;

 private:
  Status ReloadNow();
  Status LoadConfig(std::shared_ptr<const config::Config>* config);
  void Import(store::Store* store, std::vector<Record>* records);
  Status Listen();
  Status BuildCore(std::shared_ptr<const config::Config> config,
                   std::unique_ptr<store::Store> store, std::vector<Record> records);
  Status BuildShadow(const config::Config& config);
  void StartPoller(std::shared_ptr<const config::Config> config);
  void Perform(core::Effects effects);
  void Perform(std::vector<core::Attempt> attempts);  // Of one turn.
  void Perform(core::Effect effect);
  std::unique_ptr<notify::Exchange> StartAttempt(const core::Attempt& attempt) const;

  const Flags flags_;
  const std::vector<notify::Backend> backends_;
  Guarded<Loader> loader_;
  Guarded<std::shared_ptr<const config::Config>> config_;
  Guarded<ReloadState> reload_;
  Guarded<bool> reloading_;
  Guarded<inbound::SnsCertificates> certificates_;
  Guarded<HistogramMap> http_seconds_;
  Guarded<HistogramMap> http_bytes_;
  Guarded<CounterMap> inbound_;
  Guarded<CounterMap> ack_links_;
  Guarded<api::InboundTurns> turns_;
  api::Info info_;
  ImportCounts imported_;  // Constant once started.

  // In this order: what is below may call what is above until it is gone.
  std::unique_ptr<CoreThread> core_;
  std::unique_ptr<RenderPool> pool_;
  std::unique_ptr<ShadowThread> shadow_;  // Null unless in shadow mode; then nothing is sent.
  std::unique_ptr<QueryDesk> desk_;
  std::unique_ptr<net::Client> client_;
  std::unique_ptr<StoreThread> store_;
  std::unique_ptr<AckPoller> poller_;  // Null in shadow mode.
  std::unique_ptr<WebAccess> web_;     // Null without --web.config.file.
  std::unique_ptr<net::Front> front_;
};

Status Server::Impl::LoadConfig(std::shared_ptr<const config::Config>* config) {
  config::Loaded loaded = loader_.With([](Loader& loader) { return loader.Load(); });
  for (const config::Problem& problem : loaded.problems) {
    const bool error = problem.level == config::Problem::Level::kError;
    Log(error ? Level::kError : Level::kWarn, error ? "configuration error" : "configuration",
        {{"problem", problem.ToString()}});
  }
  if (!loaded.config) return InvalidArgument(Describe(loaded.problems));
  // Rule files that were left out.
  std::erase_if(loaded.problems, [](const config::Problem& problem) {
    return problem.level != config::Problem::Level::kError;
  });
  reload_.With([&](ReloadState& state) { state.problems = Describe(loaded.problems); });
  if (!flags_.shadow.empty() && !loaded.config->automation.rules.empty()) {
    auto dry = std::make_shared<config::Config>(*loaded.config);
    for (config::AutomationRule& rule : dry->automation.rules) rule.dry_run = true;
    loaded.config = std::move(dry);
  }
  *config = std::move(loaded.config);
  return {};
}

Status Server::Impl::Start() {
  std::shared_ptr<const config::Config> config;
  WF_RETURN_IF_ERROR(LoadConfig(&config));
  auto store = store::OpenSqlite(
      {flags_.storage_path + "/watchfire.db", flags_.storage_repair, [](const std::string& line) {
         Log(Level::kWarn, "store: damaged", {{"result", line}});
       }});
  if (!store) return Fail(store.error());
  std::vector<Record> records;
  WF_RETURN_IF_ERROR((*store)->Load([&](Record record) { records.push_back(std::move(record)); }));
  Import(store->get(), &records);

  WF_RETURN_IF_ERROR(Listen());
  const bool has_tls = web_ && web_->has_tls();
  auto url = ExternalUrl(flags_.external_url,
                         {has_tls ? "https" : "http", Hostname(), front_->addresses().front()});
  if (!url) return Fail(url.error());
  info_.version = kVersion;
  info_.alertmanager_version = kAlertmanagerVersion;
  info_.external_url = *url;
  auto origins = CorsOrigins(flags_.cors_origin);
  if (!origins) return Fail(origins.error());
  info_.cors_origins = *std::move(origins);
  info_.started_at = ReadNow().wall;
  info_.peer_name = flags_.cluster_peer_name.empty() ? Hostname() : flags_.cluster_peer_name;
  info_.peer_address = PeerAddress(flags_);
  info_.page = {std::string(web::Index()), web::SecurityPolicy()};

  config_.With([&](auto& value) { value = config; });
  reload_.With([&](ReloadState& state) { state.at = info_.started_at; });
  WF_RETURN_IF_ERROR(BuildCore(config, *std::move(store), std::move(records)));
  if (!flags_.shadow.empty()) WF_RETURN_IF_ERROR(BuildShadow(*config));
  core_->Start();
  if (!shadow_) StartPoller(config);
  front_->Start();
  for (const std::string& address : front_->addresses()) {
    Log(Level::kInfo, "Listening on", {{"address", address}});
    Log(Level::kInfo, has_tls ? "TLS is enabled." : "TLS is disabled.",
        {{"http2", "false"}, {"address", address}});
  }
  return {};
}

// The port of ":0" is known only when bound, and the external URL may need it, and the route prefix
// may come from that: so this is with the prefix that the flags give.
Status Server::Impl::Listen() {
  net::Front::Options options;
  if (flags_.systemd_socket) {
    auto sockets =
        SocketsOfSystemd(Environment("LISTEN_PID"), Environment("LISTEN_FDS"), ::getpid());
    if (!sockets) return Fail(sockets.error());
    options.inherited_sockets = *std::move(sockets);
  } else {
    options.listen_addresses = flags_.listen_addresses;
  }
  options.route_prefix = RoutePrefix(flags_.route_prefix, flags_.external_url);
  options.open_path = "/ack/";
  options.gets_max = GetsMax(flags_.get_concurrency);
  options.handler_timeout = flags_.web_timeout;
  if (!flags_.web_config_file.empty()) {
    auto web = WebAccess::Load(flags_.web_config_file);
    if (!web) return Fail(web.error());
    web_ = *std::move(web);
    options.access = [this] { return web_->current(); };
  }
  auto front =
      net::Front::Listen(options, [this](const net::Request& r) { return api::Handle(r, *this); });
  if (!front) return Fail(front.error());
  front_ = *std::move(front);
  return {};
}

// What was Alertmanager's is stored before anything else happens, and in force even if it cannot
// be.
void Server::Impl::Import(store::Store* store, std::vector<Record>* records) {
  std::vector<Record> changes = ImportAlertmanager(
      {flags_.storage_path, flags_.retention, ReadNow().wall}, *records, &imported_);
  if (changes.empty()) return;
  if (const Status stored = store->Commit(changes); !stored) {
    Log(Level::kError, "import: not stored; the next start repeats it",
        {{"err", stored.error().message}});
  }
  Overlay(std::move(changes), records);
}

Status Server::Impl::BuildCore(std::shared_ptr<const config::Config> config,
                               std::unique_ptr<store::Store> store, std::vector<Record> records) {
  core::Options options;
  options.external_url = info_.external_url;
  options.retention = flags_.retention;
  options.gc_interval = flags_.gc_interval;
  options.maintenance_interval = flags_.maintenance_interval;
  options.max_alerts_per_name = static_cast<size_t>(std::max(0, flags_.per_alertname_limit));
  options.log_silences = flags_.log_silences;
  options.max_silences = static_cast<size_t>(std::max(0, flags_.max_silences));
  options.max_silence_bytes = static_cast<size_t>(std::max(0, flags_.max_silence_bytes));
  options.classic_names = config->matcher_mode == matcher::Mode::kClassic;
  options.start_delay = flags_.start_delay;
  options.queries_ahead = kQueriesAhead;
  options.seed = static_cast<uint64_t>(ToNanos(info_.started_at));
  auto core = std::make_unique<core::Core>(options, std::move(config));
  const bool lost_writes = store->lost_writes();
  if (lost_writes) {
    Log(Level::kWarn, "store: the last run could not store everything; what fires is told again");
  }
  for (const std::string& problem : core->Restore(records, lost_writes, ReadNow())) {
    Log(Level::kError, "store: a record cannot be read and is skipped", {{"record", problem}});
  }
  if (!records.empty()) {
    Log(Level::kInfo, "store: restored", {{"records", std::to_string(records.size())}});
  }
  core_ = std::make_unique<CoreThread>(
      std::move(core), [this](core::Effects effects) { Perform(std::move(effects)); });
  pool_ = std::make_unique<RenderPool>(2);
  client_ = std::make_unique<net::Client>(net::Client::Options{.user_agent = UserAgent()});
  desk_ = std::make_unique<QueryDesk>(
      *pool_, *client_, [this](core::QueryDone done) { core_->Complete(std::move(done)); });
  store_ = std::make_unique<StoreThread>(
      std::move(store), [this](core::Committed done) { core_->Complete(std::move(done)); });
  return {};
}

Status Server::Impl::BuildShadow(const config::Config& config) {
  Result<ShadowOptions> options = ReadShadowOptions(flags_, RealFiles());
  if (!options) return Fail(options.error());
  info_.shadow = options->url;
  const auto command = [this](core::SilenceCommand asked) -> Status {
    const Result<core::Reply> reply = core_->Ask(std::move(asked));
    if (!reply) return Fail(reply.error());
    return reply->status;
  };
  shadow_ = std::make_unique<ShadowThread>(
      *std::move(options), config, *client_,
      ShadowThread::CoreAccess{
          [this](unsigned parts) { return Read(parts); }, command,
          [this](core::SilenceCommand posted) { core_->Complete(std::move(posted)); }});
  Log(Level::kWarn, "shadow mode: nothing is sent", {{"alertmanager", info_.shadow}});
  shadow_->Start(kFirstPoll);
  return {};
}

void Server::Impl::StartPoller(std::shared_ptr<const config::Config> config) {
  poller_ = std::make_unique<AckPoller>(
      *client_,
      AckPoller::CoreAccess{[this](unsigned parts) { return Read(parts); },
                            [this](core::IncidentCommand c) { return core_->Ask(std::move(c)); }});
  poller_->Start(std::move(config));
}

void Server::Impl::Stop() {
  if (!front_) return;
  front_->Stop();
  if (poller_) poller_->Stop();
  if (shadow_) shadow_->Stop();
  if (core_) core_->Stop(kDrain);
  if (pool_) pool_->Stop();
  client_.reset();
  store_.reset();
  front_.reset();
}

void Server::Impl::Perform(core::Effects effects) {
  std::vector<core::RunQuery> queries;
  std::vector<core::Attempt> attempts;
  for (core::Effect& effect : effects) {
    if (auto* query = std::get_if<core::RunQuery>(&effect)) {
      queries.push_back(std::move(*query));
    } else if (auto* attempt = std::get_if<core::Attempt>(&effect)) {
      attempts.push_back(std::move(*attempt));
    } else {
      Perform(std::move(effect));
    }
  }
  if (!attempts.empty()) Perform(std::move(attempts));
  if (!queries.empty()) desk_->Ask(std::move(queries));
}

void Server::Impl::Perform(std::vector<core::Attempt> attempts) {
  const StartExchange start = [this](const core::Attempt& due) { return StartAttempt(due); };
  const auto done = [this](core::Attempted outcome) { core_->Complete(std::move(outcome)); };
  if (shadow_ == nullptr) {
    return DriveAttempts(std::move(attempts), start, *pool_, *client_, done);
  }
  for (core::Attempt& attempt : attempts) {
    SwallowAttempt(
        std::move(attempt), start, *pool_,
        [this](auto notification, std::string unmade) {
          shadow_->OnOurs(std::move(notification), std::move(unmade));
        },
        done);
  }
}

void Server::Impl::Perform(core::Effect effect) {
  if (auto* write = std::get_if<core::WriteSamples>(&effect)) {
    if (shadow_ != nullptr) return core_->Complete(core::SamplesWritten{write->id, {}, 0});
    DriveWrite(std::move(*write), *pool_, *client_,
               [this](core::SamplesWritten end) { core_->Complete(std::move(end)); });
  } else if (auto* batch = std::get_if<core::Persist>(&effect)) {
    store_->Commit(std::move(*batch));
  } else if (auto* line = std::get_if<core::Log>(&effect)) {
    Log(line->level, line->message, line->fields);
  }
}

std::unique_ptr<notify::Exchange> Server::Impl::StartAttempt(const core::Attempt& attempt) const {
  notify::Context context;
  context.user_agent = NotifierAgent();
  context.read_file = [](const std::string& path) -> Result<std::string> {
    Result<std::string> text = ReadFile(path, kSecretFileBytes);
    if (!text) return Fail(text.error());
    return std::string(Trim(*text));
  };
  context.templates = {attempt.config, &attempt.config->templates};
  context.now = [] { return ReadNow().wall; };
  context.environment = Environment;
  context.ack_url = attempt.ack_url;
  context.on_call = [roster = attempt.roster](std::string_view schedule, WallTime at) {
    return oncall::WhoAt(roster.get(), std::string(schedule), at);
  };
  const config::Integration& integration = *attempt.integration;
  for (const notify::Backend& backend : backends_) {
    if (backend.kind.kind == integration.kind)
      return backend.start(integration.options, std::move(context));
  }
  CheckFailed(__FILE__, __LINE__, "the loader accepts only kinds of the table");
}

Result<std::shared_ptr<const core::View>> Server::Impl::Read(unsigned parts) {
  Result<core::Reply> reply = core_->Ask(core::ViewRequest{RequestId{}, parts});
  if (!reply) return Fail(reply.error());
  return reply->view;
}

Result<std::string> Server::Impl::Fetch(const std::string& url) {
  auto answer = std::make_shared<Promise<Result<net::OutResponse>>>();
  auto http = std::make_shared<config::HttpConfig>();
  http->follow_redirects = false;
  net::OutRequest request;
  request.method = "GET";
  request.url = Secret(url);  // One that confirms a subscription holds its token.
  request.shown_url = url.substr(0, url.find('/', std::string("https://").size()));
  request.timeout = kFetch;
  request.response_bytes_max = kFetchBytes;
  request.http = http.get();
  request.keep_alive = http;
  client_->Send(std::move(request),
                [answer](Result<net::OutResponse> got) { answer->Set(std::move(got)); });
  const auto got = answer->Wait(ReadNow().mono + kFetch);
  if (!got) return Fail(Code::kTimeout, "no answer in " + FormatDuration(kFetch));
  if (!*got) return Fail(got->error());
  if ((*got)->status != 200) {
    return Fail(Code::kUnavailable, "answered " + std::to_string((*got)->status));
  }
  return (*got)->body;
}

void Server::Impl::Deliver(const std::string& url, std::string body) {
  auto http = std::make_shared<config::HttpConfig>();
  http->follow_redirects = false;
  net::OutRequest request;
  request.url = Secret(url);  // Whoever has it may write there.
  request.shown_url = url.substr(0, url.find('/', std::string("https://").size()));
  request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  request.body = std::move(body);
  request.timeout = kFetch;
  request.response_bytes_max = kFetchBytes;
  request.http = http.get();
  request.keep_alive = http;
  client_->Send(std::move(request), [](const Result<net::OutResponse>&) {});
}

// The lock is not held while it waits for Amazon.
Result<std::string> Server::Impl::Certificate(const std::string& url) {
  auto known = certificates_.With(
      [&](inbound::SnsCertificates& all) { return all.Find(url, ReadNow().mono); });
  if (known) return *std::move(known);
  Result<std::string> got = Fetch(url);
  return certificates_.With([&](inbound::SnsCertificates& all) {
    return all.Fetched(url, std::move(got), ReadNow().mono);
  });
}

// One at a time: the signal, the watch and POST /-/reload may come together.
Status Server::Impl::Reload() {
  return reloading_.With([this](bool&) { return ReloadNow(); });
}

Status Server::Impl::ReloadNow() {
  std::shared_ptr<const config::Config> config;
  const Status loaded = LoadConfig(&config);
  if (loaded) {
    core_->Complete(core::ConfigSwap{config});
    if (shadow_) shadow_->OnConfig(config);
    if (poller_) poller_->OnConfig(config);
    config_.With([&](auto& value) { value = config; });
  }
  const Status& outcome = loaded;
  reload_.With([&](ReloadState& state) {
    state.ok = outcome.has_value();
    if (!outcome) state.problems = outcome.error().message;
    if (outcome) state.at = ReadNow().wall;
  });
  Log(outcome ? Level::kInfo : Level::kError,
      outcome ? "configuration: reloaded" : "configuration: reload failed, the old one stays");
  return outcome;
}

void Server::Impl::ReloadIfChanged() {
  if (loader_.With([](Loader& loader) { return loader.Changed(); })) (void)Reload();
}

Result<std::string> Server::Impl::Metrics() {
  unsigned parts = core::kViewStats;
  if (flags_.metric_features.group_keys) parts |= core::kViewGroups;
  Result<std::shared_ptr<const core::View>> view = Read(parts);
  if (!view) return Fail(view.error());
  telemetry::ProcessStats process;
  process.features = flags_.metric_features;
  process.version = kVersion;
  process.alertmanager_version = kAlertmanagerVersion;
  process.started_at = info_.started_at;
  const ReloadState reload = reload_.Copy();
  process.reload_ok = reload.ok;
  process.reload_at = reload.at;
  process.front = front_->stats();
  process.http_seconds = http_seconds_.Copy();
  process.http_bytes = http_bytes_.Copy();
  process.inbound = inbound_.Copy();
  process.ack_links = ack_links_.Copy();
  if (poller_) {
    AckPoller::Stats polled = poller_->stats();
    process.ack_polls = std::move(polled.polls);
    process.polled_acts = std::move(polled.acts);
    process.ack_poll_at = std::move(polled.last_ok);
  }
  process.event_queue = core_->queue_size();
  process.step_seconds = core_->step_seconds();
  process.imported = imported_;
  process.clustering = !info_.peer_address.empty();
  process.peer_name = info_.peer_name;
  if (shadow_) process.shadow = shadow_->report();
  return telemetry::Render(**view, process);
}

void Server::Impl::Observe(std::string_view handler, std::string_view method, int status,
                           Duration took, size_t bytes) {
  std::string verb(method);
  for (char& c : verb) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  http_seconds_.With([&](HistogramMap& histograms) {
    histograms.Observe({std::string(handler), verb, std::to_string(status)}, ToSeconds(took));
  });
  // As Alertmanager, which measures what its router answers itself, and that is not API v2.
  if (handler.starts_with("/api/v2/")) return;
  http_bytes_.With([&](HistogramMap& histograms) {
    histograms.Observe({std::string(handler), verb}, static_cast<double>(bytes));
  });
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(); }

Result<std::unique_ptr<Server>> Server::Start(const Flags& flags,
                                              std::vector<notify::Backend> backends) {
  auto impl = std::make_unique<Impl>(flags, std::move(backends));
  const Status started = impl->Start();
  if (!started) return Fail(started.error());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Status Server::Reload() { return impl_->Reload(); }
void Server::ReloadIfChanged() { impl_->ReloadIfChanged(); }
void Server::RefreshAccess() { impl_->RefreshAccess(); }
void Server::Stop() { impl_->Stop(); }
std::vector<std::string> Server::addresses() const { return impl_->addresses(); }

}  // namespace watchfire::app
