// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/rules/evaluate.h"
#include "pkg/rules/series.h"
#include "pkg/ruletest/ahead.h"
#include "pkg/ruletest/notation.h"
#include "pkg/ruletest/ruletest.h"
#include "pkg/slo/slo.h"

namespace watchfire::ruletest {
namespace {

constexpr size_t kSamplesAtOnce = 20'000;

// What fires: labels with alertname, then annotations.
using Firing = std::vector<std::pair<labels::LabelSet, labels::LabelSet>>;

std::string Show(const Firing::value_type& alert) {
  return alert.first.ToString() + (alert.second.empty() ? "" : " " + alert.second.ToString());
}

std::string Show(const promql::Sample& sample) {
  return sample.labels.ToString() + " " +
         (sample.histogram ? promql::Print(*sample.histogram) : promql::FormatValue(sample.value));
}

// The lines of a failure: what is missing from `got` and what is too much in it.
template <typename T, typename Same>
std::string Difference(std::vector<T> expected, std::vector<T> got, const Same& same) {
  std::string missing;
  for (const T& one : expected) {
    const auto found = std::ranges::find_if(got, [&](const T& other) { return same(one, other); });
    if (found == got.end()) {
      missing += "\n    expected  " + Show(one);
    } else {
      got.erase(found);
    }
  }
  std::string extra;
  for (const T& one : got) extra += "\n    got       " + Show(one);
  if (!missing.empty() && extra.empty()) extra = "\n    got       nothing else";
  if (missing.empty() && !extra.empty()) missing = "\n    expected  nothing else";
  return missing + extra;
}

// All samples of a case by time.
promql::Vector SamplesOf(const config::TestCase& test) {
  promql::Vector samples;
  for (const config::TestSeries& series : test.series) {
    const labels::LabelSet labels = ParseMetric(series.series).value();
    WallTime at = test.start;
    const auto values = ParseValues(series.values).value();
    for (const std::optional<Noted>& value : values) {
      if (value) samples.push_back({labels, at, value->value, value->histogram});
      if (at > WallTime() && WallTime::max() - at < test.interval) break;
      at += test.interval;
    }
  }
  std::ranges::stable_sort(samples, {}, &promql::Sample::at);
  return samples;
}

class Runner {
 public:
  Runner(const Suite& suite, const config::TestCase& test, Backend& backend)
      : suite_(suite),
        test_(test),
        backend_(&backend),
        around_{test.external_labels, test.external_url},
        slos_(suite.slos, {.interval = suite.tests.evaluation_interval,
                           .resend_delay = Duration::zero(),
                           .external_url = test.external_url,
                           .external_labels = {},
                           .spread = false}),
        samples_(SamplesOf(test)) {
    for (const config::RuleGroup& group : suite.groups) states_.emplace_back(group.rules.size());
  }

  std::vector<Failure> Run() {
    const Duration step = suite_.tests.evaluation_interval;
    const Duration last = test_.Last();
    if (MayAskAhead(suite_, test_)) {
      ahead_.emplace(*backend_, test_.start, step, test_.start + last);
      backend_ = &*ahead_;
      if (const Status status = WriteAhead(); !status) {
        failures_.push_back({test_.place, "0s: " + status.error().message});
        return std::move(failures_);
      }
    }
    for (Duration t{};; t += step) {
      const Status status = Step(test_.start + t);
      if (!status) {
        failures_.push_back({test_.place, FormatDuration(t) + ": " + status.error().message});
        return std::move(failures_);
      }
      // One step more may be beyond what nanoseconds can say.
      const bool is_last = last - t < step;
      Compare(t, is_last ? Duration::max() : t + step);
      if (is_last) break;
    }
    for (const config::ExprTest& test : test_.exprs) Compare(test);
    return std::move(failures_);
  }

 private:
  struct RuleState {
    rules::Instances active;
    rules::Trail trail;
  };

  // Writes what the case has and what its rules record of it, so that only alerts are left to the
  // steps. What cannot be evaluated is said at its step.
  Status WriteAhead() {
    const auto write = [this](const promql::Vector& samples) -> Status {
      for (size_t i = 0; i < samples.size(); i += kSamplesAtOnce) {
        const auto begin = samples.begin() + static_cast<ptrdiff_t>(i);
        const size_t count = std::min(kSamplesAtOnce, samples.size() - i);
        WF_RETURN_IF_ERROR(backend_->Write({begin, begin + static_cast<ptrdiff_t>(count)}));
      }
      return {};
    };
    const WallTime last = test_.start + test_.Last();
    written_ = static_cast<size_t>(
        std::ranges::upper_bound(samples_, last, {}, &promql::Sample::at) - samples_.begin());
    WF_RETURN_IF_ERROR(
        write({samples_.begin(), samples_.begin() + static_cast<ptrdiff_t>(written_)}));
    for (const config::RuleGroup& group : suite_.groups) {
      for (const config::Rule& rule : group.rules) {
        if (rule.alert.empty()) WF_RETURN_IF_ERROR(write(RecordedAhead(group, rule)));
      }
    }
    return {};
  }

  promql::Vector RecordedAhead(const config::RuleGroup& group, const config::Rule& rule) {
    promql::Vector all;
    rules::Trail trail;
    const Duration step = suite_.tests.evaluation_interval;
    for (Duration t{}; t <= test_.Last(); t += step) {
      const WallTime asked = test_.start + t - group.query_offset;
      const Result<promql::Vector> answer = backend_->Query(rule.expr, asked);
      if (!answer) break;
      Result<promql::Vector> recorded = rules::Recorded(rule, group.limit, *answer, asked);
      if (!recorded) break;
      const promql::Vector series = trail.Follow(*std::move(recorded), asked);
      if (!series.empty()) trail.Written(asked);
      all.insert(all.end(), series.begin(), series.end());
    }
    return all;
  }

  // Everything that happens at one instant.
  Status Step(WallTime at) {
    const auto end = std::ranges::upper_bound(samples_.begin() + static_cast<ptrdiff_t>(written_),
                                              samples_.end(), at, {}, &promql::Sample::at);
    const auto count = static_cast<size_t>(end - samples_.begin());
    if (count > written_) {
      WF_RETURN_IF_ERROR(
          backend_->Write({samples_.begin() + static_cast<ptrdiff_t>(written_), end}));
      written_ = count;
    }
    for (size_t g = 0; g < suite_.groups.size(); ++g) {
      const config::RuleGroup& group = suite_.groups[g];
      for (size_t r = 0; r < group.rules.size(); ++r) {
        const Status status = Evaluate(group, group.rules[r], at, &states_[g][r]);
        if (status) continue;
        const config::Rule& rule = group.rules[r];
        return Fail(status.error().code, "rule " + (rule.alert.empty() ? rule.record : rule.alert) +
                                             " of " + group.file + ": " + status.error().message);
      }
    }
    EvaluateSlos(at);
    return {};
  }

  Status Evaluate(const config::RuleGroup& group, const config::Rule& rule, WallTime at,
                  RuleState* state) {
    const WallTime asked = at - group.query_offset;
    const Result<promql::Vector> answer = backend_->Query(rule.expr, asked);
    if (!answer) return Fail(answer.error());
    promql::Vector series;
    if (rule.alert.empty()) {
      Result<promql::Vector> recorded = rules::Recorded(rule, group.limit, *answer, asked);
      if (!recorded) return Fail(std::move(recorded.error()));
      series = *std::move(recorded);
    } else {
      rules::Answers answers;
      while (true) {
        const auto wanted = rules::Wanted(rule, *answer, at, around_, answers);
        if (wanted.empty()) break;
        for (const std::string& expr : wanted) answers.emplace(expr, backend_->Query(expr, at));
      }
      const Result<bool> advanced =
          rules::Advance(rule, group.limit, *answer, at, &state->active, around_, answers);
      if (!advanced) return Fail(advanced.error());
      series = rules::AlertSeries(rule, state->active, asked);
    }
    if (ahead_) return {};  // It is written, or nobody reads it.
    series = state->trail.Follow(std::move(series), asked);
    if (series.empty()) return {};
    WF_RETURN_IF_ERROR(backend_->Write(series));
    state->trail.Written(asked);
    return {};
  }

  void EvaluateSlos(WallTime at) {
    if (suite_.slos.empty()) return;
    for (const slo::Query& query : slos_.Due(at)) {
      const auto outcome = slos_.OnResult(query, backend_->Query(query.expr, query.slot), at);
      for (const alert::Alert& alert : outcome.send) {
        const std::string key = alert.labels.ToString();
        if (alert.Resolved(at)) {
          slo_firing_.erase(key);
        } else {
          slo_firing_[key] = {alert.labels, alert.annotations};
        }
      }
    }
  }

  // The tests of instants from `from` to before `to`: they see the evaluation at `from`.
  void Compare(Duration from, Duration to) {
    const auto is_now = [&](const auto& test) {
      return from <= test.eval_time && test.eval_time < to;
    };
    for (const config::AlertTest& test : test_.alerts) {
      if (is_now(test)) Compare(test);
    }
    for (const config::SloTest& test : test_.slos) {
      if (is_now(test)) Compare(test);
    }
  }

  void Compare(const config::AlertTest& test) {
    Firing expected;
    for (const config::ExpectedAlert& alert : test.alerts) {
      expected.emplace_back(alert.labels, alert.annotations);
    }
    Firing got;
    for (size_t g = 0; g < suite_.groups.size(); ++g) {
      for (size_t r = 0; r < states_[g].size(); ++r) {
        if (suite_.groups[g].rules[r].alert != test.alertname) continue;
        for (const auto& [key, instance] : states_[g][r].active) {
          if (instance.state == rules::State::kFiring) {
            got.emplace_back(instance.labels, instance.annotations);
          }
        }
      }
    }
    for (const auto& [key, alert] : slo_firing_) {
      if (alert.first.Get("alertname") == test.alertname) got.push_back(alert);
    }
    const std::string difference =
        Difference(std::move(expected), std::move(got), std::equal_to<Firing::value_type>());
    if (difference.empty()) return;
    failures_.push_back({test.place, "alert " + test.alertname + " at " +
                                         FormatDuration(test.eval_time) + difference});
  }

  bool SameValue(const promql::Sample& a, const promql::Sample& b) const {
    if (a.histogram == nullptr || b.histogram == nullptr) {
      return a.histogram == b.histogram && SameValue(a.value, b.value);
    }
    return promql::SayTheSame(*a.histogram, *b.histogram);
  }

  bool SameValue(double a, double b) const {
    if (a == b || (std::isnan(a) && std::isnan(b))) return true;
    const double infinity = std::numeric_limits<double>::infinity();
    return suite_.tests.fuzzy &&
           (std::nextafter(a, infinity) == b || std::nextafter(a, -infinity) == b);
  }

  void Compare(const config::ExprTest& test) {
    const std::string what = "expr " + test.expr + " at " + FormatDuration(test.eval_time);
    const Result<promql::Vector> got = backend_->Query(test.expr, test_.start + test.eval_time);
    if (!got) {
      failures_.push_back({test.place, what + ": " + got.error().message});
      return;
    }
    promql::Vector expected;
    for (const config::ExpectedSample& sample : test.samples) {
      const auto labels = ParseMetric(sample.labels.empty() ? "{}" : sample.labels);
      promql::Sample& one = expected.emplace_back(promql::Sample{labels.value(), kNoTime, 0});
      if (sample.histogram.empty()) {
        one.value = sample.value;
      } else {
        one.histogram =
            std::make_shared<const promql::Histogram>(ParseHistogram(sample.histogram).value());
      }
    }
    const std::string difference = Difference(
        std::move(expected), *got,
        [&](const auto& a, const auto& b) { return a.labels == b.labels && SameValue(a, b); });
    if (!difference.empty()) failures_.push_back({test.place, what + difference});
  }

  void Compare(const config::SloTest& test) {
    const std::string what = "slo " + test.slo + " at " + FormatDuration(test.eval_time);
    const auto place = std::ranges::find(slos_.slos(), test.slo, &config::Slo::id);
    if (place == slos_.slos().end()) {
      failures_.push_back({test.place, what + ": there is no such SLO"});
      return;
    }
    const slo::SloStatus& status = slos_.status(static_cast<size_t>(place - slos_.slos().begin()));
    std::string lines;
    const auto expect = [&](const std::string& name, const std::string& expected,
                            const std::string& got) {
      lines += "\n    expected  " + name + " " + expected + "\n    got       " + got;
    };
    const auto firing = [&](const char* name, std::optional<bool> expected, bool got) {
      if (expected && *expected != got) {
        expect(name, *expected ? "fires" : "silent", got ? "fires" : "silent");
      }
    };
    firing("page", test.page, status.page_firing);
    firing("ticket", test.ticket, status.ticket_firing);
    const auto reading = std::ranges::find(status.readings, test.labels, &slo::Reading::labels);
    const auto number = [&](const std::string& name, double expected, std::optional<double> got) {
      if (got && std::abs(*got - expected) <= test.tolerance * std::max(1.0, std::abs(expected))) {
        return;
      }
      expect(name, promql::FormatValue(expected), got ? promql::FormatValue(*got) : "no data");
    };
    const bool known = reading != status.readings.end();
    for (const auto& [window, rate] : test.burn_rates) {
      number("burn rate of " + FormatDuration(window), rate,
             known ? slo::Engine::BurnRate(*place, *reading, window) : std::nullopt);
    }
    if (test.budget_remaining) {
      number("budget remaining", *test.budget_remaining,
             known ? slo::Engine::BudgetRemaining(*place, *reading) : std::nullopt);
    }
    if (!lines.empty() && !status.last_error.empty())
      lines += "\n    error     " + status.last_error;
    if (!lines.empty()) failures_.push_back({test.place, what + lines});
  }

  const Suite& suite_;
  const config::TestCase& test_;
  Backend* backend_;
  std::optional<Ahead> ahead_;  // What backend_ is then.
  const rules::Surroundings around_;
  slo::Engine slos_;
  const promql::Vector samples_;
  size_t written_ = 0;  // Of samples_.
  std::vector<std::vector<RuleState>> states_;
  std::map<std::string, Firing::value_type> slo_firing_;
  std::vector<Failure> failures_;
};

}  // namespace

Result<promql::Vector> Backend::Range(const std::string& expr, WallTime from, WallTime to,
                                      Duration step) {
  promql::Vector all;
  for (WallTime at = from; at <= to; at += step) {
    const Result<promql::Vector> one = Query(expr, at);
    if (!one) return one;
    for (promql::Sample sample : *one) {
      sample.at = at;
      all.push_back(std::move(sample));
    }
  }
  return all;
}

std::vector<Failure> Run(const Suite& suite, const config::TestCase& test, Backend& backend) {
  return Runner(suite, test, backend).Run();
}

}  // namespace watchfire::ruletest
