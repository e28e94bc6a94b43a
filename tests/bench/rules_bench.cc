// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What it costs to decide about alerting rules, without asking for their queries: 5,000 rules at
// 30 s, one in ten firing, as slo_scenarios.py has them. Each iteration is 30 seconds of the core's
// life, answers and stored records included. Run by ./dev bench.

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <benchmark/benchmark.h>

#include "pkg/core/core.h"
#include "pkg/promql/response.h"

namespace watchfire {
namespace {

constexpr int kGroups = 50;
constexpr int kRulesPerGroup = 100;
constexpr Duration kInterval = std::chrono::seconds(30);

std::shared_ptr<const config::Config> FiveThousandRules() {
  auto config = std::make_shared<config::Config>();
  config->route.receiver = "nobody";
  config->route.key = config->route.id = "{}";
  config->receivers = {{"nobody", {}}};
  config->datasources.emplace_back();
  for (int i = 0; i < kGroups; ++i) {
    config::RuleGroup& group = config->rule_groups.emplace_back();
    group.file = "rules.yml";
    group.name = "g" + std::to_string(i);
    group.interval = kInterval;
    for (int k = 0; k < kRulesPerGroup; ++k) {
      config::Rule& rule = group.rules.emplace_back();
      rule.alert = "Load" + std::to_string(i * kRulesPerGroup + k);
      rule.expr = "machine_load{n=\"" + std::to_string(k) + "\"} > " + (k % 10 == 0 ? "0" : "100");
      rule.hold = std::chrono::minutes(1);
      rule.labels = labels::LabelSet{{"severity", "page"}};
      rule.label_templates.emplace_back("severity", templates::Template::Parse("page").value());
      rule.annotation_templates.emplace_back(
          "summary", templates::Template::Parse("{{ $labels.n }} has {{ $value }}").value());
    }
  }
  return config;
}

// A core, and an outside that answers and stores at once.
class World {
 public:
  World() : core_({}, FiveThousandRules()) {}

  // Returns how many rules were evaluated.
  int64_t Pass(Duration span) {
    int64_t evaluations = 0;
    for (const MonoTime end = now_.mono + span; now_.mono < end;) {
      now_.mono += std::chrono::seconds(1);
      now_.wall += std::chrono::seconds(1);
      std::vector<core::Event> waiting = Take({});
      while (!waiting.empty()) {
        for (core::Event& event : std::exchange(waiting, {})) {
          ++evaluations;
          // One at a time, as answers come in.
          for (core::Event& next : Take(One(std::move(event)))) waiting.push_back(std::move(next));
        }
      }
    }
    return evaluations;
  }

 private:
  static std::vector<core::Event> One(core::Event event) {
    std::vector<core::Event> events;
    events.push_back(std::move(event));
    return events;
  }

  std::vector<core::Event> Take(std::vector<core::Event> told) {
    std::vector<core::Event> answers;
    while (true) {
      std::vector<core::Event> stored;
      for (core::Effect& effect : core_.Step(now_, std::move(told))) {
        if (auto* query = std::get_if<core::RunQuery>(&effect)) {
          answers.push_back(core::QueryDone{query->id, Answer(*query), Duration::zero()});
        } else if (auto* batch = std::get_if<core::Persist>(&effect)) {
          stored.push_back(core::Committed{batch->id, {}, Duration::zero()});
        }
      }
      if (stored.empty()) return answers;
      told = std::move(stored);
    }
  }

  promql::Vector Answer(const core::RunQuery& query) const {
    if (!query.expr.view().ends_with("> 0")) return {};
    return {{labels::LabelSet{{"__name__", "machine_load"}, {"n", "7"}}, now_.wall, 7}};
  }

  core::Core core_;
  Now now_{MonoTime(std::chrono::hours(1)), FromNanos(1'790'000'000'000'000'000)};
};

void EvaluateAlertingRules(benchmark::State& state) {
  World world;
  world.Pass(std::chrono::minutes(3));  // What fires, fires.
  int64_t evaluations = 0;
  for (auto _ : state) evaluations += world.Pass(kInterval);
  state.SetItemsProcessed(evaluations);
}
BENCHMARK(EvaluateAlertingRules)->Unit(benchmark::kMillisecond);

// Reading what Prometheus answers to these rules, which the thread of the HTTP client does.
void ReadAnswers(benchmark::State& state) {
  const std::string head = R"({"status":"success","data":{"resultType":"vector","result":[)";
  const std::string empty = head + "]}}";
  const std::string one =
      head + R"({"metric":{"__name__":"machine_load","n":"7"},"value":[1790000000.123,"7"]}]}})";
  for (auto _ : state) {
    for (int i = 0; i < 10; ++i) {
      benchmark::DoNotOptimize(promql::DecodeInstant(200, i == 0 ? one : empty));
    }
  }
  state.SetItemsProcessed(state.iterations() * 10);
}
BENCHMARK(ReadAnswers);

}  // namespace
}  // namespace watchfire
