// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/check_history.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/promql/parse.h"
#include "pkg/promql/print.h"
#include "pkg/promql/response.h"
#include "pkg/promql/walk.h"
#include "pkg/slo/burn.h"

namespace watchfire::wfctl {
namespace {

using std::chrono::hours;

constexpr Duration kPast = hours(24 * 30);
constexpr Duration kHour = hours(1);
constexpr size_t kSelectors = 8;   // Of one SLO are looked at.
constexpr long kSamples = 4;       // The fewest that a window should hold.
constexpr double kRounded = 1e-9;  // So much more than the budget is the budget.
// A range that nobody writes, to know those of the window by.
constexpr Duration kMarked = std::chrono::milliseconds(8'111'222'333);

std::string Percent(double share) { return FormatGoFloat(std::round(share * 1e6) / 1e4) + "%"; }

// Those over the SLO's window, printed without offset.
std::set<std::string> SelectorsOf(const config::Slo& slo) {
  std::set<std::string> selectors;
  const auto parsed = promql::TryParse(slo::ErrorRatioExpr(slo, kMarked));
  if (!parsed) return selectors;
  const promql::Expr& root = **parsed;
  promql::ForEach(root, [&](const promql::Expr& expr) {
    const auto* matrix = expr.As<promql::MatrixSelector>();
    if (matrix == nullptr || matrix->range.value != kMarked) return;
    promql::VectorSelector plain;
    plain.name = matrix->selector.name;
    plain.matchers = matrix->selector.matchers;
    if (selectors.size() < kSelectors) selectors.insert(promql::Print(plain));
  });
  return selectors;
}

// Where 0/0 is no data.
promql::Vector WithoutNan(promql::Vector vector) {
  std::erase_if(vector, [](const promql::Sample& sample) { return std::isnan(sample.value); });
  return vector;
}

class Asker {
 public:
  Asker(const advice::Options& options, const Target& prometheus, World& world)
      : options_(options), prometheus_(prometheus), world_(world) {}

  History Ask(const config::Config& config) {
    for (const config::Slo& slo : config.slos) {
      if (out_.unreachable.empty()) AskAbout(slo);
    }
    return std::move(out_);
  }

 private:
  void AskAbout(const config::Slo& slo) {
    const Duration past = std::min<Duration>(slo.period, kPast);
    const Duration shortest = *slo::Windows(slo).begin();
    std::vector<std::string> exprs = {slo::ErrorRatioExpr(slo, past),
                                      slo::ErrorRatioExpr(slo, shortest)};
    std::vector<std::string> selectors;
    for (const std::string& selector : SelectorsOf(slo)) {
      if (samples_.contains(selector)) continue;
      selectors.push_back(selector);
      // Of series that have been there all the time.
      exprs.push_back("max(count_over_time(" + selector + "[1h]) and " + selector + " offset 1h)");
    }
    const std::vector<std::optional<promql::Vector>> answers = Answers(slo, exprs);
    for (size_t i = 0; i < selectors.size(); ++i) {
      const std::optional<promql::Vector>& answer = answers[i + 2];
      samples_[selectors[i]] = answer && !answer->empty() ? answer->front().value : 0;
    }
    if (answers[0]) JudgePast(slo, past, WithoutNan(*answers[0]), answers[1]);
    JudgeWindow(slo, shortest);
  }

  // nullopt where there is none, which is then said.
  std::vector<std::optional<promql::Vector>> Answers(const config::Slo& slo,
                                                     const std::vector<std::string>& exprs) {
    std::vector<ApiRequest> requests;
    const std::string at =
        "&time=" +
        std::to_string(
            std::chrono::floor<std::chrono::seconds>(world_.now.time_since_epoch()).count());
    for (const std::string& expr : exprs) {
      requests.push_back({"GET", "/api/v1/query?query=" + UrlEncode(expr) + at, ""});
    }
    const std::vector<Result<net::OutResponse>> responses = world_.send(prometheus_, requests);
    std::vector<std::optional<promql::Vector>> answers;
    for (const Result<net::OutResponse>& response : responses) {
      Result<promql::Vector> answer = response
                                          ? promql::DecodeInstant(response->status, response->body)
                                          : Result<promql::Vector>(Fail(response.error()));
      if (answer) {
        answers.emplace_back(*std::move(answer));
        continue;
      }
      const Error& error = answer.error();
      const bool is_refused =
          error.code == Code::kInvalidArgument || error.code == Code::kExhausted;
      if (is_refused) Refuse(slo, error.message);
      if (!is_refused) out_.unreachable = error.message;
      answers.emplace_back(std::nullopt);
    }
    return answers;
  }

  // Once for an SLO: its queries are wrong together.
  void Refuse(const config::Slo& slo, const std::string& why) {
    if (std::exchange(refused_, &slo) == &slo) return;
    out_.refused.push_back({config::Problem::Level::kWarning, slo.file, slo.line, slo.column,
                            "Prometheus does not answer a query of " + slo.id + ": " + why,
                            "so nothing can be said of its past"});
  }

  void Advise(const char* id, const config::Slo& slo, std::string message) {
    if (std::ranges::find(options_.ignored, id) != options_.ignored.end()) return;
    out_.advice.push_back(advice::About(id, slo.file, slo.line, slo.column, std::move(message)));
  }

  void JudgePast(const config::Slo& slo, Duration past, const promql::Vector& ratios,
                 const std::optional<promql::Vector>& shortest) {
    if (ratios.empty()) {
      // What is recorded by window may have no series for this one.
      if (shortest && WithoutNan(*shortest).empty()) {
        Advise("slo-without-data", slo, "there is no data of " + slo.id);
      }
      return;
    }
    const auto [least, most] = std::ranges::minmax_element(ratios, {}, &promql::Sample::value);
    const auto of = [&](const promql::Sample& sample) {
      return slo.id + (sample.labels.empty() ? "" : " " + sample.labels.ToString());
    };
    const std::string span = " in the last " + FormatDuration(past);
    const promql::Sample& odd = slo::IsPossible(least->value) ? *most : *least;
    if (!slo::IsPossible(odd.value)) {
      const bool is_good = odd.value < 0;
      Advise("slo-impossible-ratio", slo,
             of(odd) + " had more " + (is_good ? "good" : "bad") + " events than events" + span +
                 ": " + Percent(is_good ? 1 - odd.value : odd.value));
    } else if (most->value > slo::BudgetRatio(slo) * (1 + kRounded)) {
      Advise("slo-objective-unreached", slo,
             of(*most) + " promises " + FormatGoFloat(slo.objective) + "% and reached " +
                 Percent(1 - most->value) + span);
    }
  }

  void JudgeWindow(const config::Slo& slo, Duration shortest) {
    for (const std::string& selector : SelectorsOf(slo)) {
      const double in_hour = samples_[selector];
      const long held = std::lround(in_hour * ToSeconds(shortest) / ToSeconds(kHour));
      if (in_hour <= 0 || held >= kSamples) continue;
      Advise("slo-window-too-short", slo,
             "the window of " + FormatDuration(shortest) + " of " + slo.id + " holds " +
                 std::to_string(held) + " sample" + (held == 1 ? "" : "s") + " of " + selector +
                 ", which has one every " +
                 FormatDuration(std::chrono::seconds(std::lround(ToSeconds(kHour) / in_hour))));
      return;
    }
  }

  const advice::Options& options_;
  const Target& prometheus_;
  World& world_;
  std::map<std::string, double> samples_;  // In the last hour, by selector; 0: not known.
  const config::Slo* refused_ = nullptr;
  History out_;
};

}  // namespace

History AskHistory(const config::Config& config, const advice::Options& options,
                   const Target& prometheus, World& world) {
  return Asker(options, prometheus, world).Ask(config);
}

}  // namespace watchfire::wfctl
