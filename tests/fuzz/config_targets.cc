// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Files: whatever is wrong with them has a place and a reason, and what is right with them works.

#include <algorithm>
#include <map>

#include "pkg/api/backend_for_test.h"
#include "pkg/base/check.h"
#include "pkg/base/strings.h"
#include "pkg/config/client_files.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/notify/samples_for_test.h"
#include "tests/fuzz/targets.h"

namespace watchfire::fuzz {
namespace {

using config::Problem;

constexpr size_t kMessageBytesMax = 4096;

constexpr const char* kRules = R"(
groups: [{name: g, interval: 1s, rules: [{alert: Up, expr: up == 0, for: 1s}]}]
)";
constexpr const char* kSlos = R"(
{version: prometheus/v1, service: shop, slos: [{name: paid, objective: 99, sli: {events: {
  error_query: 'rate(e[{{.window}}])', total_query: 'rate(t[{{.window}}])'}}, alerting: {name: Burn}}]}
)";

// A directory in which the main file may name what it likes.
struct Directory {
  std::map<std::string, std::string> files = {
      {"a.rules.yml", kRules}, {"a.slo.yml", kSlos}, {"t.tmpl", "{{ define \"t\" }}T{{ end }}"}};

  config::Files Access() const {
    config::Files access;
    access.read = [this](const std::string& path) -> Result<std::string> {
      const auto found = files.find(path);
      if (found != files.end()) return found->second;
      if (path.ends_with("key")) return std::string("from a file\n");
      return Fail(Code::kNotFound, path + ": No such file or directory");
    };
    access.glob = [this](const std::string& pattern) {
      const size_t star = pattern.find('*');
      if (star == std::string::npos) return std::vector<std::string>{pattern};
      std::vector<std::string> paths;
      for (const auto& [path, text] : files) {
        if (path.ends_with(pattern.substr(star + 1))) paths.push_back(path);
      }
      return paths;
    };
    return access;
  }

  config::Loaded Load() const {
    config::LoadOptions options;
    options.path = "w.yml";
    return config::Load(options, Access(), notify::builtin::Kinds());
  }
};

bool IsError(const Problem& problem) { return problem.level == Problem::Level::kError; }

// Only these may be about a file as a whole.
bool NeedsNoLine(const std::string& message) {
  return message.starts_with("larger than ") || message.ends_with("No such file or directory") ||
         (message.starts_with("and ") && message.ends_with(" more"));
}

std::string Fault(const Problem& problem) {
  if (problem.file.empty()) return "no file";
  if (problem.message.empty()) return "no message";
  if (problem.line < 0 || problem.column < 0) return "a negative place";
  if (problem.line == 0 && !NeedsNoLine(problem.message)) return "no line";
  if (problem.line > 0 && problem.column == 0) return "no column";
  if (problem.message.size() + problem.hint.size() > kMessageBytesMax) return "too long";
  if (!IsValidUtf8(problem.message + problem.hint)) return "no UTF-8";
  return "";
}

std::string Fault(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    const std::string fault = Fault(problem);
    if (!fault.empty()) return fault + ": " + problem.ToString().substr(0, 500);
  }
  return "";
}

// One turn of the product under `config`: alerts are grouped, rules evaluated, everything read.
std::string Use(const std::shared_ptr<const config::Config>& config) {
  api::FakeBackend backend(config);
  backend.answer = [](const core::RunQuery& query) {
    return promql::Vector{{labels::LabelSet{{"job", "j"}, {"instance", "i"}}, query.at, 0.5}};
  };
  Handle(api::MakeRequest("POST", "/api/v2/alerts", R"([{"labels": {"alertname": "A"}}])"),
         backend);
  backend.Pass(std::chrono::seconds(3));
  for (const char* target : {"/api/v2/status", "/api/v2/receivers", "/api/v2/alerts",
                             "/api/v2/alerts/groups", "/api/v1/rules", "/api/v1/slos"}) {
    const net::Response response = Handle(api::MakeRequest("GET", target), backend);
    if (response.status != 200) return std::string(target) + ": " + response.body.substr(0, 300);
  }
  return "";
}

// Every receiver makes its message of a notification, or says why it cannot.
std::string Notify(const std::shared_ptr<const config::Config>& config) {
  const notify::Context context{
      "Watchfire/0",
      [](const std::string&) -> Result<std::string> { return std::string("secret"); },
      std::shared_ptr<const templates::TemplateSet>(config, &config->templates),
      [] { return FromNanos(1'790'000'000'000'000'000); }, nullptr};
  for (const config::Receiver& receiver : config->receivers) {
    for (const config::Integration& integration : receiver.integrations) {
      const notify::Step step =
          notify::builtin::Start(integration, context)->Begin(notify::SampleFiring());
      const auto* fail = std::get_if<notify::Fail>(&step);
      if (fail != nullptr && fail->why.empty()) return integration.kind + " fails without a word";
    }
  }
  return "";
}

// What /api/v2/status shows is a configuration that says the same of itself.
std::string ShowAgain(const config::Config& config) {
  Directory directory;
  directory.files["w.yml"] = config.original;
  const config::Loaded again = directory.Load();
  if (again.config == nullptr) {
    return "its original is refused: " + again.problems.front().ToString() + "\n" + config.original;
  }
  if (again.config->original == config.original) return "";
  return "its original changes:\n" + config.original + "\n-----\n" + again.config->original;
}

Outcome Judge(const std::vector<Problem>& problems, bool accepted) {
  Outcome outcome{accepted, Fault(problems)};
  if (outcome.complaint.empty() && accepted == std::ranges::any_of(problems, IsError)) {
    outcome.complaint = accepted ? "accepted with an error" : "refused without an error";
  }
  return outcome;
}

// A configuration without rules and SLOs.
const config::Config& Plain() {
  static const auto* plain = [] {
    Directory directory;
    directory.files["w.yml"] = "route: {receiver: a}\nreceivers: [{name: a}]\n";
    return new auto(directory.Load().config);
  }();
  WF_CHECK(*plain != nullptr);
  return **plain;
}

}  // namespace

Outcome TryConfig(std::string_view text) {
  Directory directory;
  directory.files["w.yml"] = text;
  const config::Loaded loaded = directory.Load();
  Outcome outcome = Judge(loaded.problems, loaded.config != nullptr);
  if (!outcome.accepted || !outcome.complaint.empty()) return outcome;
  outcome.complaint = ShowAgain(*loaded.config);
  if (outcome.complaint.empty()) outcome.complaint = Use(loaded.config);
  if (outcome.complaint.empty()) outcome.complaint = Notify(loaded.config);
  return outcome;
}

Outcome TryRuleFile(std::string_view text) {
  auto config = std::make_shared<config::Config>(Plain());
  const auto problems = config::LoadRuleFile("a.rules.yml", std::string(text), config.get());
  Outcome outcome = Judge(problems, std::ranges::none_of(problems, IsError));
  if (outcome.accepted && outcome.complaint.empty()) outcome.complaint = Use(config);
  return outcome;
}

Outcome TrySloFile(std::string_view text) {
  auto config = std::make_shared<config::Config>(Plain());
  const auto problems = config::LoadSloFile("a.slo.yml", std::string(text), config.get());
  Outcome outcome = Judge(problems, std::ranges::none_of(problems, IsError));
  if (outcome.accepted && outcome.complaint.empty()) outcome.complaint = Use(config);
  return outcome;
}

Outcome TryClientFile(std::string_view text) {
  Directory directory;
  directory.files["c.yml"] = text;
  const config::HttpFile http = config::LoadHttpFile("c.yml", directory.Access());
  Outcome outcome = Judge(http.problems, http.http.has_value());
  const auto flat = config::LoadFlatFile("c.yml", directory.Access());
  if (!flat && outcome.complaint.empty() && !flat.error().message.starts_with("c.yml:")) {
    outcome.complaint = "no place: " + flat.error().message.substr(0, 300);
  }
  outcome.accepted |= flat.has_value();
  return outcome;
}

}  // namespace watchfire::fuzz
