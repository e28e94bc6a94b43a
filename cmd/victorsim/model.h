// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Model is a make-believe Victor AI deployment: an HTTP service that answers each request by
// looking in its caches, selecting and running tools and calling one model provider.
//
// A pure state machine: it reads no clock and no entropy. Time arrives through Advance() and is
// consumed in fixed ticks, so the same seed and the same fault switches at the same times give the
// same counters, however often somebody looks. Not thread-safe: one owner at a time.

#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/rng.h"
#include "pkg/base/time.h"

namespace watchfire::victorsim {

// What can be broken. Each one takes the metrics past the thresholds of the Victor AI rules named
// beside it, the critical one of a pair included.
enum class Fault : uint8_t {
  kProviderOutage,  // {High,Critical}ProviderFailureRate; UnhealthyProviders after 40 s; 30 % 5xx.
  kProviderSlow,    // HighProviderLatency, and with it slow HTTP answers.
  kCacheCollapse,   // Cache miss rate, utilization, evictions; tool selection miss rate.
  kToolSlow,        // Tool selection and tool execution latency.
  kToolErrors,      // {High,Critical}ToolErrorRate.
  kMemoryLeak,      // {High,Critical}MemoryUsage, 45 s after it starts.
  kCpuBurn,         // {High,Critical}CPUUsage.
  kThreadLeak,      // HighThreadCount, 15 s after it starts.
  kSlowStartup,     // SlowStartup.
  kDegraded,        // PerformanceDegraded, PerformanceCritical.
};
inline constexpr size_t kFaultCount = 10;

struct FaultInfo {
  Fault fault;
  std::string_view name;     // As typed on the command line, for example "provider-outage".
  std::string_view summary;  // One line for --help and GET /faults.
};

// All faults in enum order.
std::span<const FaultInfo, kFaultCount> Faults();

// Returns the fault called `name`, or nullopt.
std::optional<Fault> FindFault(std::string_view name);

// Returns the sentence to answer when FindFault() does not know `name`; it proposes the nearest.
std::string UnknownFault(std::string_view name);

// The label values. Arrays in State are indexed by position in these lists.
inline constexpr std::array<std::string_view, 3> kProviders{"openai", "anthropic", "google"};
inline constexpr std::array<std::string_view, 4> kTools{"search", "code", "browser", "files"};
inline constexpr std::array<std::string_view, 3> kNamespaces{"responses", "embeddings", "tools"};
inline constexpr std::array<std::string_view, 3> kSelectionCaches{"query", "context", "rl"};
inline constexpr std::array<std::string_view, 3> kRoutes{"/v1/chat", "/v1/agent", "/v1/search"};
inline constexpr std::array<std::string_view, 5> kCodes{"200", "400", "429", "500", "503"};
inline constexpr std::array<std::string_view, 4> kComponents{"config", "caches", "providers",
                                                             "tools"};

// Cumulative counts per upper bound plus a last bucket for +Inf. `bounds` must outlive it.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds)
      : bounds_(bounds), counts_(bounds.size() + 1) {}

  void Observe(double value);

  std::span<const double> bounds() const { return bounds_; }
  std::span<const uint64_t> counts() const { return counts_; }  // Not cumulative; last is +Inf.
  double sum() const { return sum_; }

 private:
  std::span<const double> bounds_;
  std::vector<uint64_t> counts_;
  double sum_ = 0;
};

// A running total seen as a smoothed gauge, updated once a tick.
class Meter {
 public:
  // Takes in that `total` has been reached, `tick_seconds` after the last call.
  void Update(double total, double tick_seconds);
  double value() const { return value_; }  // Per second, averaged over the last few seconds.

 private:
  double last_ = 0, value_ = 0;
};

struct Cache {
  uint64_t hits = 0, misses = 0, evictions = 0;
  double hit_rate, utilization;  // Ratios in [0, 1].
  Histogram operation_ms;
};

struct Lookups {
  uint64_t hits = 0, misses = 0;
};

struct Selection {
  uint64_t total = 0, misses = 0;
  double miss_rate;  // Ratio in [0, 1].
  std::array<Lookups, kSelectionCaches.size()> caches;
  Histogram duration_ms;
};

struct Provider {
  uint64_t requests = 0, errors = 0, retries = 0, timeouts = 0, rate_limited = 0, failovers = 0;
  bool healthy = true;
  int failing_ticks = 0;  // How long it has failed most calls.
  double error_rate;      // Ratio in [0, 1].
  Meter request_rate;     // Requests per second.
  Meter busy_ms;          // Milliseconds of calls per second: a thousand is one call in flight.
  Histogram latency_ms;
};

struct Tool {
  uint64_t executions = 0, errors = 0, timeouts = 0, retries = 0;
  double error_rate;  // Ratio in [0, 1].
  Meter busy_ms;      // As Provider::busy_ms.
  Histogram duration_ms;
};

struct Route {
  std::array<uint64_t, kCodes.size()> by_code{};
  Histogram duration_seconds;
};

struct State {
  std::vector<Cache> caches;
  Selection selection;
  std::vector<Provider> providers;
  std::vector<Tool> tools;
  std::vector<Route> routes;
  double memory_bytes, cpu_percent, threads;
  double health_score;  // 0 (dead) to 100.
  bool starting = false;
  Histogram startup_ms, service_registration_ms;
  std::vector<Histogram> component_init_ms;
};

class Model {
 public:
  // A healthy deployment that has just finished starting. `requests_per_second` in [1, 10'000].
  Model(uint64_t seed, double requests_per_second);

  // Lets `dt` >= 0 pass. Work is proportional to dt x traffic; a remainder shorter than a tick is
  // kept for the next call.
  void Advance(Duration dt);

  // Breaks or heals one thing from the current tick on. Idempotent.
  void SetFault(Fault fault, bool on);

  bool has(Fault fault) const { return faults_[static_cast<size_t>(fault)]; }
  Duration elapsed() const { return kTick * tick_count_; }
  const State& state() const { return state_; }

 private:
  static State HealthyState();

  double LogNormal(double median, double sigma);  // > 0; sigma is that of the logarithm.
  size_t Pick(std::span<const double> weights);   // Weights sum to 1.
  void Smooth(double& ratio, bool sample) const { ratio += (sample - ratio) * smoothing_; }

  void Tick();
  void ServeRequest();
  void LookUpCaches();
  void SelectTool();
  void RunTool();
  double CallProvider(bool& answered);               // Returns how long it took, in milliseconds.
  double CallOnce(size_t provider, bool& answered);  // Likewise, without a second attempt.
  void UpdateGauges();
  void RecordStartup(double duration_ms);

  static constexpr Duration kTick = std::chrono::milliseconds(100);

  const double requests_per_second_;
  const double smoothing_;  // Weight of one sample in a ratio.

  State state_;
  std::bitset<kFaultCount> faults_;
  Rng rng_;
  int64_t tick_count_ = 0;     // Whole ticks consumed.
  Duration remainder_{};       // Time received but not yet consumed; < kTick.
  double owed_requests_ = 0;   // Fraction of a request carried to the next tick; < 1.
  double leaked_bytes_ = 0;    // By kMemoryLeak; healing it is a restart.
  double leaked_threads_ = 0;  // By kThreadLeak, likewise.
  Duration startup_began_{};   // elapsed() when kSlowStartup was last switched on.
};

}  // namespace watchfire::victorsim
