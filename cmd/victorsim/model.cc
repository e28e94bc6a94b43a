// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/victorsim/model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pkg/base/strings.h"

namespace watchfire::victorsim {
namespace {

constexpr std::array<FaultInfo, kFaultCount> kFaults{{
    {Fault::kProviderOutage, "provider-outage", "openai fails 60 % of its calls, HTTP 30 %"},
    {Fault::kProviderSlow, "provider-slow", "openai takes about 14 s to answer"},
    {Fault::kCacheCollapse, "cache-collapse", "caches are full and 90 % of look-ups miss"},
    {Fault::kToolSlow, "tool-slow", "selecting a tool takes 3 ms, running it 4 s"},
    {Fault::kToolErrors, "tool-errors", "35 % of tool executions fail"},
    {Fault::kMemoryLeak, "memory-leak", "memory grows by 36 MiB/s up to 3 GiB"},
    {Fault::kCpuBurn, "cpu-burn", "CPU stays at 98 %"},
    {Fault::kThreadLeak, "thread-leak", "threads grow by 5/s up to 400"},
    {Fault::kSlowStartup, "slow-startup", "the service restarts and does not get ready"},
    {Fault::kDegraded, "degraded", "the health score falls to about 44"},
}};

// What each fault takes off the health score, in enum order. One alone stays above the 70 of
// PerformanceDegraded, unless it is the fault made for that.
constexpr std::array<double, kFaultCount> kHealthPenalty{18, 9, 12, 10, 12, 6, 8, 4, 5, 52};

constexpr double kMillisecondBounds[] = {50,   100,   250,   500,   1000, 2500,
                                         5000, 10000, 20000, 30000, 60000};
constexpr double kToolBounds[] = {10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000};
constexpr double kFastBounds[] = {0.05, 0.1, 0.25, 0.5, 0.75, 1, 2, 3, 5, 10, 25, 50};
constexpr double kHttpBounds[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

constexpr std::array<double, kProviders.size()> kProviderShare{0.55, 0.30, 0.15};
constexpr std::array<double, kTools.size()> kToolShare{0.4, 0.3, 0.1, 0.2};
constexpr std::array<double, kRoutes.size()> kRouteShare{0.6, 0.25, 0.15};
constexpr std::array<double, kSelectionCaches.size()> kSelectionHitRate{0.35, 0.30, 0.25};
constexpr std::array<double, kNamespaces.size()> kUtilization{0.62, 0.55, 0.48};

constexpr double kHitRate = 0.74;
constexpr double kCollapsedHitRate = 0.10;
constexpr double kCollapsedSelectionHitRate = 0.05;
constexpr double kProviderErrorRate = 0.004;
constexpr double kOutageErrorRate = 0.6;
// A failed call is usually taken over by another provider. With the rate during an outage,
// 0.55 x 0.6 x 0.91 = 30 % of all requests end in a 503.
constexpr double kTakeoverRate = 0.97;
constexpr double kOutageTakeoverRate = 0.09;
constexpr int kUnhealthyAfterTicks = 300;
constexpr double kProviderTimeoutMs = 30000;
constexpr double kToolTimeoutMs = 30000;
constexpr double kMebibyte = 1024.0 * 1024.0;

enum Code : size_t { kOk, kBadRequest, kTooMany, kInternal, kUnavailable };

}  // namespace

std::span<const FaultInfo, kFaultCount> Faults() { return kFaults; }

std::optional<Fault> FindFault(std::string_view name) {
  const auto found = std::ranges::find(kFaults, name, &FaultInfo::name);
  if (found == kFaults.end()) return std::nullopt;
  return found->fault;
}

std::string UnknownFault(std::string_view name) {
  std::vector<std::string> known;
  known.reserve(kFaults.size());
  for (const FaultInfo& info : kFaults) known.emplace_back(info.name);
  const std::string nearest = Nearest(name, known);
  const std::string hint =
      nearest.empty() ? "one of " + Join(known, ", ") : "did you mean " + GoQuote(nearest) + "?";
  return "unknown fault " + GoQuote(name) + ": " + hint;
}

void Histogram::Observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  ++counts_[static_cast<size_t>(bucket)];
  sum_ += value;
}

void Meter::Update(double total, double tick_seconds) {
  constexpr double kMemorySeconds = 5;
  value_ += ((total - last_) / tick_seconds - value_) * (tick_seconds / kMemorySeconds);
  last_ = total;
}

Model::Model(uint64_t seed, double requests_per_second)
    : requests_per_second_(requests_per_second),
      smoothing_(1 / std::max(50.0, requests_per_second * 2.5)),
      state_(HealthyState()),
      rng_(seed) {
  RecordStartup(850);
  UpdateGauges();
}

State Model::HealthyState() {
  State state{.caches = {},
              .selection = {.miss_rate = 0.34, .caches = {}, .duration_ms = Histogram(kFastBounds)},
              .providers = {},
              .tools = {},
              .routes = {},
              .memory_bytes = 0,
              .cpu_percent = 0,
              .threads = 0,
              .health_score = 0,
              .startup_ms = Histogram(kMillisecondBounds),
              .service_registration_ms = Histogram(kMillisecondBounds),
              .component_init_ms = {}};
  for (const double utilization : kUtilization) {
    state.caches.push_back(
        {.hit_rate = kHitRate, .utilization = utilization, .operation_ms = Histogram(kFastBounds)});
  }
  state.providers.assign(kProviders.size(), {.error_rate = kProviderErrorRate,
                                             .request_rate = {},
                                             .busy_ms = {},
                                             .latency_ms = Histogram(kMillisecondBounds)});
  state.tools.assign(kTools.size(),
                     {.error_rate = 0.006, .busy_ms = {}, .duration_ms = Histogram(kToolBounds)});
  state.routes.assign(kRoutes.size(), {.duration_seconds = Histogram(kHttpBounds)});
  state.component_init_ms.assign(kComponents.size(), Histogram(kMillisecondBounds));
  return state;
}

void Model::Advance(Duration dt) {
  remainder_ += dt;
  for (; remainder_ >= kTick; remainder_ -= kTick) Tick();
}

void Model::SetFault(Fault fault, bool on) {
  if (has(fault) == on) return;
  faults_[static_cast<size_t>(fault)] = on;
  if (fault == Fault::kMemoryLeak) leaked_bytes_ = 0;
  if (fault == Fault::kThreadLeak) leaked_threads_ = 0;
  if (fault != Fault::kSlowStartup) return;
  state_.starting = on;
  if (on) startup_began_ = elapsed();
  if (!on) RecordStartup(ToSeconds(elapsed() - startup_began_) * 1000);
}

double Model::LogNormal(double median, double sigma) {
  const double radius = std::sqrt(-2 * std::log(1 - rng_.Real()));
  return median * std::exp(sigma * radius * std::cos(2 * std::numbers::pi * rng_.Real()));
}

size_t Model::Pick(std::span<const double> weights) {
  double left = rng_.Real();
  for (size_t i = 0; i + 1 < weights.size(); ++i) {
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return weights.size() - 1;
}

void Model::Tick() {
  constexpr double kTickSeconds = std::chrono::duration<double>(kTick).count();
  constexpr double kWaveSeconds = 90;
  const double seconds = ToSeconds(elapsed());
  const double wave = 1 + 0.08 * std::sin(2 * std::numbers::pi * seconds / kWaveSeconds);
  owed_requests_ += requests_per_second_ * wave * kTickSeconds;
  for (; owed_requests_ >= 1; --owed_requests_) ServeRequest();
  ++tick_count_;

  if (has(Fault::kMemoryLeak)) {
    leaked_bytes_ = std::min(leaked_bytes_ + 36 * kMebibyte * kTickSeconds, 2452 * kMebibyte);
  }
  if (has(Fault::kThreadLeak)) leaked_threads_ = std::min(leaked_threads_ + 0.5, 358.0);
  for (Provider& provider : state_.providers) {
    provider.request_rate.Update(static_cast<double>(provider.requests), kTickSeconds);
    provider.busy_ms.Update(provider.latency_ms.sum(), kTickSeconds);
    // Given up after half a minute of failing more often than not, taken back at a far lower
    // rate, so that chance alone does not make the health flap.
    provider.failing_ticks = provider.error_rate > 0.5 ? provider.failing_ticks + 1 : 0;
    if (provider.failing_ticks >= kUnhealthyAfterTicks) provider.healthy = false;
    if (provider.error_rate < 0.2) provider.healthy = true;
  }
  for (Tool& tool : state_.tools) tool.busy_ms.Update(tool.duration_ms.sum(), kTickSeconds);
  for (size_t i = 0; i < kNamespaces.size(); ++i) {
    const double target = has(Fault::kCacheCollapse) ? 0.98 : kUtilization[i];
    double& utilization = state_.caches[i].utilization;
    utilization += std::clamp(target - utilization, -0.01, 0.01);
  }
  UpdateGauges();
}

void Model::ServeRequest() {
  Route& route = state_.routes[Pick(kRouteShare)];
  double latency_ms = 2 + 6 * rng_.Real();
  const auto answer = [&](Code code) {
    ++route.by_code[code];
    route.duration_seconds.Observe(latency_ms / 1000);
  };
  if (rng_.Chance(0.005)) return answer(kBadRequest);
  if (rng_.Chance(0.001)) return answer(kTooMany);
  if (rng_.Chance(0.00005)) return answer(kInternal);

  LookUpCaches();
  SelectTool();
  RunTool();
  bool answered = false;
  latency_ms += CallProvider(answered);
  answer(answered ? kOk : kUnavailable);
}

void Model::LookUpCaches() {
  const bool collapsed = has(Fault::kCacheCollapse);
  for (Cache& cache : state_.caches) {
    const bool hit = rng_.Chance(collapsed ? kCollapsedHitRate : kHitRate);
    ++(hit ? cache.hits : cache.misses);
    // A full cache evicts an entry for each one it takes in.
    if (!hit && (collapsed || rng_.Chance(0.01))) ++cache.evictions;
    Smooth(cache.hit_rate, hit);
    cache.operation_ms.Observe(LogNormal(hit ? 0.08 : 0.4, 0.5));
  }
}

void Model::SelectTool() {
  Selection& selection = state_.selection;
  bool found = false;
  for (size_t i = 0; i < kSelectionCaches.size() && !found; ++i) {
    found =
        rng_.Chance(has(Fault::kCacheCollapse) ? kCollapsedSelectionHitRate : kSelectionHitRate[i]);
    ++(found ? selection.caches[i].hits : selection.caches[i].misses);
  }
  ++selection.total;
  selection.misses += !found;
  Smooth(selection.miss_rate, !found);
  selection.duration_ms.Observe(LogNormal(has(Fault::kToolSlow) ? 3 : 0.2, 0.6));
}

void Model::RunTool() {
  Tool& tool = state_.tools[Pick(kToolShare)];
  const double wanted_ms = LogNormal(has(Fault::kToolSlow) ? 4000 : 120, 0.7);
  const bool timed_out = wanted_ms > kToolTimeoutMs;
  const bool failed = timed_out || rng_.Chance(has(Fault::kToolErrors) ? 0.35 : 0.006);
  ++tool.executions;
  tool.timeouts += timed_out;
  tool.errors += failed;
  tool.retries += failed && rng_.Chance(0.5);
  Smooth(tool.error_rate, failed);
  tool.duration_ms.Observe(std::min(wanted_ms, kToolTimeoutMs));
}

double Model::CallProvider(bool& answered) {
  const size_t first = Pick(kProviderShare);
  const double first_ms = CallOnce(first, answered);
  if (answered) return first_ms;
  if (!rng_.Chance(has(Fault::kProviderOutage) ? kOutageTakeoverRate : kTakeoverRate))
    return first_ms;
  ++state_.providers[first].failovers;
  // The second attempt goes to a provider that is never broken, and it answers: a chain of
  // failures would shift the 30 % that the outage promises.
  Provider& second = state_.providers[first == 1 ? 2 : 1];
  const double second_ms = LogNormal(120, 0.4);
  ++second.requests;
  ++second.retries;
  Smooth(second.error_rate, false);
  second.latency_ms.Observe(second_ms);
  answered = true;
  return first_ms + second_ms;
}

double Model::CallOnce(size_t index, bool& answered) {
  Provider& provider = state_.providers[index];
  const bool is_openai = index == 0;
  const bool down = is_openai && has(Fault::kProviderOutage);
  const bool slow = is_openai && has(Fault::kProviderSlow);
  double latency_ms = LogNormal(slow ? 14000 : 120, 0.4);
  const bool timed_out = latency_ms > kProviderTimeoutMs;
  const bool refused = rng_.Chance(down ? kOutageErrorRate : kProviderErrorRate);
  if (refused) latency_ms = LogNormal(30, 0.3);  // An error is quick to come back.
  latency_ms = std::min(latency_ms, kProviderTimeoutMs);
  answered = !refused && !timed_out;

  ++provider.requests;
  provider.errors += !answered;
  provider.timeouts += timed_out && !refused;
  provider.rate_limited += rng_.Chance(0.001);
  Smooth(provider.error_rate, !answered);
  provider.latency_ms.Observe(latency_ms);
  return latency_ms;
}

void Model::UpdateGauges() {
  const double seconds = ToSeconds(elapsed());
  state_.memory_bytes = 620 * kMebibyte + 12 * kMebibyte * std::sin(seconds / 30) + leaked_bytes_;
  state_.cpu_percent = has(Fault::kCpuBurn) ? 97.5 + rng_.Real() : 38 + 6 * std::sin(seconds / 20);
  state_.threads = std::floor(42 + 2 * std::sin(seconds / 10) + leaked_threads_);
  state_.health_score = 96 + std::sin(seconds / 15);
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (faults_[i]) state_.health_score -= kHealthPenalty[i];
  }
  state_.health_score = std::max(state_.health_score, 0.0);
}

void Model::RecordStartup(double duration_ms) {
  state_.startup_ms.Observe(duration_ms);
  state_.service_registration_ms.Observe(duration_ms * 0.1);
  for (Histogram& component : state_.component_init_ms) component.Observe(duration_ms * 0.2);
}

}  // namespace watchfire::victorsim
