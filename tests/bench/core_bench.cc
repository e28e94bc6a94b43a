// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the pipeline costs per alert, without sockets: decoding, ingest of new and repeated alerts,
// routing, a read of everything; and per notification, from a group that is due to the outcome that
// is recorded. Run by ./dev bench; figures belong in notes, not in assertions.

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "pkg/alert/wire.h"
#include "pkg/core/core.h"
#include "pkg/route/route.h"

namespace watchfire {
namespace {

const WallTime kWall = FromNanos(1'790'000'000'000'000'000);
const Now kNow{MonoTime(std::chrono::hours(1)), kWall};

std::string Body(size_t alerts) {
  std::string body = "[";
  for (size_t i = 0; i < alerts; ++i) {
    body += R"({"labels":{"alertname":"KubePodCrashLooping","cluster":"prod-)" +
            std::to_string(i % 7) + R"(","namespace":"shop","pod":"cart-)" + std::to_string(i) +
            R"(","service":"cart-)" + std::to_string(i % 50) +
            R"(","severity":"warning","team":"core","container":"app","job":"kube-state-metrics",)"
            R"("instance":"10.0.0.1:8080"},"annotations":{"summary":"Pod is crash looping",)"
            R"("description":"The pod has restarted more than five times in ten minutes.",)"
            R"("runbook_url":"https://runbooks.example.com/crash"},)"
            R"("startsAt":"2026-09-01T10:00:00.123Z","generatorURL":"http://prom:9090/graph?g0"},)";
  }
  body.back() = ']';
  return body;
}

std::vector<alert::Alert> Alerts(size_t count) {
  return alert::DecodeAlerts(Body(count), {kWall, std::chrono::minutes(5), false})->valid;
}

std::shared_ptr<config::Config> BenchConfig() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "on-call";
  config->route.group_by = {"service"};
  config->route.key = config->route.id = "{}";
  config->receivers = {{"on-call", {{"webhook", 0, true, true, nullptr}}}};
  config->inhibit_rules = {
      {"",
       {matcher::Matcher::Create(matcher::Op::kEqual, "severity", "critical").value()},
       {matcher::Matcher::Create(matcher::Op::kEqual, "severity", "warning").value()},
       {"cluster"}}};
  config->datasources.emplace_back();
  return config;
}

void DecodeBatchOf64(benchmark::State& state) {
  const std::string body = Body(64);
  for (auto _ : state) {
    benchmark::DoNotOptimize(alert::DecodeAlerts(body, {kWall, std::chrono::minutes(5), false}));
  }
  state.SetItemsProcessed(state.iterations() * 64);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(body.size()));
}
BENCHMARK(DecodeBatchOf64);

void IngestNew(benchmark::State& state) {
  const std::vector<alert::Alert> alerts = Alerts(10'000);
  const auto config = BenchConfig();
  for (auto _ : state) {
    core::Core core({}, config);
    core::AlertsArrived arrived;
    arrived.alerts = alerts;
    benchmark::DoNotOptimize(core.Step(kNow, {std::move(arrived)}));
  }
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(IngestNew)->Unit(benchmark::kMillisecond);

void IngestRepeated(benchmark::State& state) {
  const std::vector<alert::Alert> alerts = Alerts(10'000);
  core::Core core({}, BenchConfig());
  for (auto _ : state) {
    core::AlertsArrived arrived;
    arrived.alerts = alerts;
    benchmark::DoNotOptimize(core.Step(kNow, {std::move(arrived)}));
  }
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(IngestRepeated)->Unit(benchmark::kMillisecond);

// Carries out what comes of `event`, all at once: the store stores, receivers take what they get.
void Settle(core::Core* core, Now now, core::Event event, int64_t* told) {
  std::vector<core::Event> events;
  events.push_back(std::move(event));
  while (!events.empty()) {
    std::vector<core::Event> answers;
    for (core::Effect& effect : core->Step(now, std::exchange(events, {}))) {
      if (const auto* batch = std::get_if<core::Persist>(&effect)) {
        answers.push_back(core::Committed{batch->id, {}, {}});
      } else if (const auto* attempt = std::get_if<core::Attempt>(&effect)) {
        core::Attempted outcome;
        outcome.id = attempt->id;
        answers.push_back(std::move(outcome));
        ++*told;
      }
    }
    events = std::move(answers);
  }
}

// Groups become due a few at a time, as they came.
void TellAll(core::Core* core, Now now, int64_t* told) {
  for (const MonoTime end = now.mono + std::chrono::seconds(4); now.mono < end;) {
    now.mono += std::chrono::milliseconds(1);
    now.wall += std::chrono::milliseconds(1);
    Settle(core, now, core::AlertsArrived{}, told);
  }
}

void TellGroups(benchmark::State& state) {
  auto config = BenchConfig();
  config->route.group_by = {"group"};
  config->route.group_wait = std::chrono::seconds(2);
  config->route.group_interval = std::chrono::hours(1);
  std::vector<alert::Alert> alerts = Alerts(100'000);
  for (size_t i = 0; i < alerts.size(); ++i) {
    labels::LabelSet::Pairs pairs;
    for (const labels::Label& label : alerts[i].labels) pairs.emplace_back(label.name, label.value);
    pairs.emplace_back("group", std::to_string(i / 10));
    alerts[i].labels = labels::LabelSet(std::move(pairs));
    alerts[i].starts_at = kWall;
  }
  int64_t told = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto core = std::make_unique<core::Core>(core::Options{}, config);
    Now now = kNow;
    for (size_t i = 0; i < alerts.size(); i += 50) {
      core::AlertsArrived arrived;
      const auto first = alerts.begin() + static_cast<std::ptrdiff_t>(i);
      arrived.alerts.assign(first, first + 50);
      Settle(core.get(), now, std::move(arrived), &told);
      now.mono += std::chrono::microseconds(700);
      now.wall += std::chrono::microseconds(700);
    }
    state.ResumeTiming();
    TellAll(core.get(), now, &told);
    state.PauseTiming();
    core.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(told);
}
BENCHMARK(TellGroups)->Unit(benchmark::kMillisecond);

void ReadEverything(benchmark::State& state) {
  core::Core core({}, BenchConfig());
  core::AlertsArrived arrived;
  arrived.alerts = Alerts(10'000);
  core.Step(kNow, {std::move(arrived)});
  for (auto _ : state) {
    benchmark::DoNotOptimize(core.Step(kNow, {core::ViewRequest{RequestId{1}, core::kViewAlerts}}));
  }
}
BENCHMARK(ReadEverything)->Unit(benchmark::kMicrosecond);

// 2,000 routes that look at four labels, as a platform team writes them for 500 teams.
void Route2000(benchmark::State& state) {
  config::Route root;
  root.receiver = "on-call";
  const auto equal = [](const char* name, const std::string& value) {
    return matcher::Matcher::Create(matcher::Op::kEqual, name, value).value();
  };
  for (int i = 0; i < 2'000; ++i) {
    config::Route route;
    route.receiver = "team-" + std::to_string(i % 500);
    route.matchers = {equal("cluster", "prod-" + std::to_string(i % 7)),
                      equal("service", "cart-" + std::to_string(i / 7)),
                      matcher::Matcher::Create(matcher::Op::kRegex, "severity", "warn.*").value()};
    root.routes.push_back(std::move(route));
  }
  route::Router router(root);
  const std::vector<alert::Alert> alerts = Alerts(1'000);
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(router.Match(alerts[next].labels));
    next = (next + 1) % alerts.size();
  }
}
BENCHMARK(Route2000)->Name("Route2000/alert of a known kind");

}  // namespace
}  // namespace watchfire
