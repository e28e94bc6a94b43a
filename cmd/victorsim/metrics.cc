// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/victorsim/metrics.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace watchfire::victorsim {
namespace {

constexpr double kProviderPoolSize = 256;

std::string Label(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + std::string(value) + "\"";
}

// Families that have one series for each of a fixed list of things. `read` is a member pointer or
// a function that gets the figure (or the histogram) out of one Item.
template <typename Item>
class Rows {
 public:
  // `items[i]` is what is known about `values[i]`. All arguments must outlive this.
  Rows(Exposition& out, std::string_view label, std::span<const std::string_view> values,
       std::span<const Item> items)
      : out_(out), label_(label), values_(values), items_(items) {}

  void Counter(std::string_view name, std::string_view help, auto read) {
    Number(name, "counter", help, read);
  }
  void Gauge(std::string_view name, std::string_view help, auto read) {
    Number(name, "gauge", help, read);
  }
  void Distribution(std::string_view name, std::string_view help, auto read) {
    out_.Family(name, "histogram", help);
    for (size_t i = 0; i < values_.size(); ++i) {
      out_.Sample(Label(label_, values_[i]), std::invoke(read, items_[i]));
    }
  }

 private:
  void Number(std::string_view name, std::string_view type, std::string_view help, auto read) {
    out_.Family(name, type, help);
    for (size_t i = 0; i < values_.size(); ++i) {
      out_.Sample(Label(label_, values_[i]), static_cast<double>(std::invoke(read, items_[i])));
    }
  }

  Exposition& out_;
  const std::string_view label_;
  const std::span<const std::string_view> values_;
  const std::span<const Item> items_;
};

// A family with a single series without labels.
void Single(Exposition& out, std::string_view name, std::string_view type, std::string_view help,
            auto value) {
  out.Family(name, type, help);
  out.Sample("", static_cast<double>(value));
}
void Single(Exposition& out, std::string_view name, std::string_view help,
            const Histogram& histogram) {
  out.Family(name, "histogram", help);
  out.Sample("", histogram);
}

void WriteCaches(const State& state, Exposition& out) {
  Rows<Cache> rows(out, "namespace", kNamespaces, state.caches);
  rows.Gauge("victor_cache_hit_rate", "Share of look-ups that hit, 0 to 1.", &Cache::hit_rate);
  rows.Gauge("victor_cache_miss_rate", "Share of look-ups that missed, 0 to 1.",
             [](const Cache& cache) { return 1 - cache.hit_rate; });
  rows.Gauge("victor_cache_utilization", "Share of the capacity in use, 0 to 1.",
             &Cache::utilization);
  rows.Counter("victor_cache_hits_total", "Look-ups that hit.", &Cache::hits);
  rows.Counter("victor_cache_misses_total", "Look-ups that missed.", &Cache::misses);
  rows.Counter("victor_cache_evictions_total", "Entries dropped for lack of room.",
               &Cache::evictions);
  rows.Counter("victor_cache_operations_total", "Look-ups.",
               [](const Cache& cache) { return cache.hits + cache.misses; });
  rows.Distribution("victor_cache_operation_duration_ms", "Time of a look-up, milliseconds.",
                    &Cache::operation_ms);
}

void WriteSelection(const Selection& selection, Exposition& out) {
  Single(out, "victor_tool_selection_duration_ms", "Time to choose a tool, milliseconds.",
         selection.duration_ms);
  Single(out, "victor_tool_selection_total", "counter", "Tools chosen.", selection.total);
  Single(out, "victor_tool_selection_misses_total", "counter", "Choices that no cache knew.",
         selection.misses);
  Single(out, "victor_tool_selection_miss_rate", "gauge", "Share of choices no cache knew, 0 to 1.",
         selection.miss_rate);
  for (size_t i = 0; i < kSelectionCaches.size(); ++i) {
    const std::string prefix =
        "victor_tool_selection_" + std::string(kSelectionCaches[i]) + "_cache_";
    Single(out, prefix + "hits_total", "counter", "Choices this cache knew.",
           selection.caches[i].hits);
    Single(out, prefix + "misses_total", "counter", "Choices this cache did not know.",
           selection.caches[i].misses);
  }
}

void WriteProviders(const State& state, Exposition& out) {
  Rows<Provider> rows(out, "provider", kProviders, state.providers);
  rows.Gauge("victor_provider_health", "1 if the provider answers, 0 if not.", &Provider::healthy);
  rows.Counter("victor_provider_requests_total", "Calls made.", &Provider::requests);
  rows.Counter("victor_provider_errors_total", "Calls that failed.", &Provider::errors);
  rows.Distribution("victor_provider_latency_ms", "Time to the first token, milliseconds.",
                    &Provider::latency_ms);
  rows.Gauge("victor_provider_request_rate", "Calls per second.",
             [](const Provider& provider) { return provider.request_rate.value(); });
  rows.Gauge("victor_provider_error_rate", "Share of calls that failed, 0 to 1.",
             &Provider::error_rate);
  rows.Gauge("victor_provider_active_requests", "Calls in flight.", [](const Provider& provider) {
    return std::min(provider.busy_ms.value() / 1000, kProviderPoolSize);
  });
  rows.Gauge("victor_provider_pool_size", "Connections in the pool.",
             [](const Provider&) { return kProviderPoolSize; });
  rows.Counter("victor_provider_retries_total", "Calls that repeat a failed one.",
               &Provider::retries);
  rows.Counter("victor_provider_timeouts_total", "Calls given up after 30 s.", &Provider::timeouts);
  rows.Counter("victor_provider_rate_limited_total", "Calls the provider throttled.",
               &Provider::rate_limited);
  rows.Counter("victor_provider_failovers_total", "Failed calls another provider took over.",
               &Provider::failovers);
}

void WriteTools(const State& state, Exposition& out) {
  Rows<Tool> rows(out, "tool", kTools, state.tools);
  rows.Distribution("victor_tool_duration_ms", "Time a tool ran, milliseconds.",
                    &Tool::duration_ms);
  rows.Gauge("victor_tool_error_rate", "Share of executions that failed, 0 to 1.",
             &Tool::error_rate);
  rows.Gauge("victor_tool_success_rate", "Share of executions that succeeded, 0 to 1.",
             [](const Tool& tool) { return 1 - tool.error_rate; });
  rows.Counter("victor_tool_executions_total", "Executions.", &Tool::executions);
  rows.Counter("victor_tool_errors_total", "Executions that failed.", &Tool::errors);
  rows.Counter("victor_tool_timeouts_total", "Executions given up after 30 s.", &Tool::timeouts);
  rows.Gauge("victor_tool_concurrent", "Executions in flight.",
             [](const Tool& tool) { return tool.busy_ms.value() / 1000; });
  rows.Counter("victor_tool_retries_total", "Executions that repeat a failed one.", &Tool::retries);
}

void WriteSystem(const Model& model, Exposition& out) {
  const State& state = model.state();
  Single(out, "victor_system_memory_bytes", "gauge", "Resident memory.", state.memory_bytes);
  Single(out, "victor_system_cpu_percent", "gauge", "CPU in use, 0 to 100.", state.cpu_percent);
  Single(out, "victor_system_threads", "gauge", "Threads.", state.threads);
  Single(out, "victor_system_uptime_seconds", "gauge", "Time since the start.",
         ToSeconds(model.elapsed()));
  Single(out, "victor_performance_health_score", "gauge", "Overall health, 0 to 100.",
         state.health_score);

  Single(out, "victor_bootstrap_startup_duration_ms", "Time a start took, milliseconds.",
         state.startup_ms);
  Rows<Histogram>(out, "component", kComponents, state.component_init_ms)
      .Distribution("victor_bootstrap_component_init_duration_ms",
                    "Time a component took to start, milliseconds.",
                    [](const Histogram& histogram) { return histogram; });
  Single(out, "victor_bootstrap_service_registration_duration_ms",
         "Time to register all services, milliseconds.", state.service_registration_ms);
  Single(out, "victor_bootstrap_startup_in_progress", "gauge", "1 while the service starts.",
         state.starting);
}

void WriteHttp(const State& state, Exposition& out) {
  out.Family("http_requests_total", "counter", "HTTP requests answered.");
  for (size_t i = 0; i < kRoutes.size(); ++i) {
    const std::string route = Label("method", "POST") + "," + Label("route", kRoutes[i]) + ",";
    for (size_t j = 0; j < kCodes.size(); ++j) {
      out.Sample(route + Label("code", kCodes[j]), static_cast<double>(state.routes[i].by_code[j]));
    }
  }
  out.Family("http_request_duration_seconds", "histogram", "Time to answer an HTTP request.");
  for (size_t i = 0; i < kRoutes.size(); ++i) {
    out.Sample(Label("method", "POST") + "," + Label("route", kRoutes[i]),
               state.routes[i].duration_seconds);
  }
}

}  // namespace

void WriteVictorMetrics(const Model& model, Exposition& out) {
  WriteCaches(model.state(), out);
  WriteSelection(model.state().selection, out);
  WriteProviders(model.state(), out);
  WriteTools(model.state(), out);
  WriteSystem(model, out);
  WriteHttp(model.state(), out);
}

void WriteProcessMetrics(double start_seconds, Exposition& out) {
  Single(out, "process_start_time_seconds", "gauge", "Unix time of the start.", start_seconds);

  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    Single(out, "process_cpu_seconds_total", "counter", "CPU time, user and system.",
           seconds(usage.ru_utime) + seconds(usage.ru_stime));
  }
  double virtual_pages = 0;
  double resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> virtual_pages >> resident_pages) {
    const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
    Single(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.",
           virtual_pages * page_bytes);
    Single(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
           resident_pages * page_bytes);
  }
  std::error_code error;
  std::filesystem::directory_iterator file("/proc/self/fd", error);
  int64_t open_files = 0;
  for (; !error && file != end(file); file.increment(error)) ++open_files;
  if (!error) Single(out, "process_open_fds", "gauge", "Open file descriptors.", open_files);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    Single(out, "process_max_fds", "gauge", "Most file descriptors allowed.", limit.rlim_cur);
  }
}

}  // namespace watchfire::victorsim
