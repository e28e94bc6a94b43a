// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl test: unit tests of rules and SLOs, through the server's own evaluation.

#include <algorithm>
#include <memory>
#include <utility>

#include <re2/re2.h>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/command.h"
#include "cmd/wfctl/interrupt.h"
#include "pkg/app/core_thread.h"
#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/ruletest/isolated.h"
#include "pkg/ruletest/ruletest.h"

namespace watchfire::wfctl {
namespace {

struct CaseReport {
  std::string name;
  std::vector<ruletest::Failure> failures;
  Duration took{};
};

struct FileReport {
  std::string path;
  std::vector<config::Problem> problems;
  std::vector<std::string> unmatched;
  bool is_good = false;  // It was loaded.
  std::string error;     // Why it could not be run, or not to its end; "": it was.
  std::vector<CaseReport> cases;

  size_t failed() const {
    const auto fails = [](const CaseReport& one) { return !one.failures.empty(); };
    return static_cast<size_t>(std::ranges::count_if(cases, fails));
  }
  bool passed() const { return is_good && error.empty() && failed() == 0; }
};

std::string NameOf(const config::TestCase& test, size_t index) {
  return test.name.empty() ? "test " + std::to_string(index + 1) : test.name;
}

using Backend = ruletest::Backend;

// The Prometheus that all cases share, started when the first one needs it.
class Databases {
 public:
  Databases(World& world, std::string program) : world_(world), program_(std::move(program)) {}

  // An empty one for `test`.
  Result<std::unique_ptr<Backend>> For(const ruletest::Suite& suite, const config::TestCase& test) {
    if (!ruletest::MayShare(suite, test)) return world_.start_prometheus(program_);
    if (shared_ == nullptr) {
      Result<std::unique_ptr<Backend>> started = world_.start_prometheus(program_);
      if (!started) return started;
      shared_ = *std::move(started);
    }
    return std::make_unique<ruletest::Isolated>(*shared_, ++cases_);
  }

 private:
  World& world_;
  const std::string program_;
  std::unique_ptr<Backend> shared_;
  size_t cases_ = 0;
};

// Runs the cases of one file whose names match.
Status RunFile(const std::string& path, const RE2* only, World& world, Databases* databases,
               FileReport* report) {
  report->path = path;
  const Result<std::string> text = world.files.read(path);
  if (!text) return Fail(text.error());
  ruletest::Loaded loaded = ruletest::Load(path, *text, world.files);
  report->problems = std::move(loaded.problems);
  report->unmatched = std::move(loaded.unmatched);
  report->is_good = loaded.is_good;
  if (!loaded.is_good) return {};
  const auto& cases = loaded.suite.tests.cases;
  for (size_t i = 0; i < cases.size(); ++i) {
    const std::string name = NameOf(cases[i], i);
    if (only != nullptr && !RE2::PartialMatch(name, *only)) continue;
    if (const std::string why = WhyStop(); !why.empty()) return Fail(Code::kUnavailable, why);
    const MonoTime began = app::ReadNow().mono;
    Result<std::unique_ptr<Backend>> backend = databases->For(loaded.suite, cases[i]);
    if (!backend) return Fail(std::move(backend.error()));
    CaseReport one{name, ruletest::Run(loaded.suite, cases[i], **backend), {}};
    // What it says then is not about the rules.
    if (const std::string why = WhyStop(); !why.empty()) return Fail(Code::kUnavailable, why);
    one.took = app::ReadNow().mono - began;
    report->cases.push_back(std::move(one));
  }
  return {};
}

std::string Paint(const char* color, const std::string& text, const World& world) {
  return world.color ? color + text + "\033[0m" : text;
}

void Print(const FileReport& report, World& world) {
  for (const config::Problem& problem : report.problems) world.out << problem.ToString() << "\n";
  for (const std::string& glob : report.unmatched) {
    world.out << report.path << ": no file matches " << glob << "\n";
  }
  if (!report.is_good) {
    world.out << Paint("\033[31m", "FAILED", world) << "  " << report.path
              << ": cannot be loaded\n";
    return;
  }
  for (const CaseReport& one : report.cases) {
    if (one.failures.empty()) continue;
    world.out << "  " << one.name << "\n";
    for (const ruletest::Failure& failure : one.failures) {
      world.out << "  " << failure.place << ": " << failure.text << "\n";
    }
  }
  const std::string counts = std::to_string(report.cases.size() - report.failed()) + " of " +
                             std::to_string(report.cases.size()) + " passed";
  world.out << (report.passed() ? Paint("\033[32m", "ok", world) + "      "
                                : Paint("\033[31m", "FAILED", world) + "  ")
            << report.path << ": " << counts << "\n";
}

std::string ReportsJson(const std::vector<FileReport>& reports) {
  JsonWriter json;
  json.StartArray();
  for (const FileReport& report : reports) {
    json.StartObject().Field("file", report.path).Field("passed", report.passed());
    json.Key("problems").StartArray();
    for (const config::Problem& problem : report.problems) json.String(problem.ToString());
    if (!report.error.empty()) json.String(report.error);
    json.EndArray().Key("tests").StartArray();
    for (const CaseReport& one : report.cases) {
      json.StartObject().Field("name", one.name).Field("passed", one.failures.empty());
      json.Field("seconds", ToSeconds(one.took)).Key("failures").StartArray();
      for (const ruletest::Failure& failure : one.failures) {
        json.StartObject().Field("place", failure.place).Field("text", failure.text).EndObject();
      }
      json.EndArray().EndObject();
    }
    json.EndArray().EndObject();
  }
  return json.EndArray().Take();
}

std::string EscapeXml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
      out += c;
  }
  return out;
}

std::string Attribute(const char* name, const std::string& value) {
  return std::string(" ") + name + "=\"" + EscapeXml(value) + "\"";
}

// The format that CI systems show. A file is a suite.
std::string JUnit(const std::vector<FileReport>& reports) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const FileReport& report : reports) {
    const size_t errors = report.is_good && report.error.empty() ? 0 : 1;
    out += "  <testsuite" + Attribute("name", report.path) +
           Attribute("tests", std::to_string(report.cases.size() + errors)) +
           Attribute("failures", std::to_string(report.failed())) +
           Attribute("errors", std::to_string(errors)) + ">\n";
    if (errors != 0) {
      const char* step = report.is_good ? "run" : "load";
      out += "    <testcase" + Attribute("name", step) + Attribute("classname", report.path) +
             ">\n      <error>";
      for (const config::Problem& problem : report.problems) {
        out += EscapeXml(problem.ToString()) + "\n";
      }
      out += EscapeXml(report.error);
      out += "</error>\n    </testcase>\n";
    }
    for (const CaseReport& one : report.cases) {
      out += "    <testcase" + Attribute("name", one.name) + Attribute("classname", report.path) +
             Attribute("time", FormatGoFloat(ToSeconds(one.took)));
      if (one.failures.empty()) {
        out += "/>\n";
        continue;
      }
      out += ">\n";
      for (const ruletest::Failure& failure : one.failures) {
        out += "      <failure" + Attribute("message", failure.place) + ">" +
               EscapeXml(failure.text) + "</failure>\n";
      }
      out += "    </testcase>\n";
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

// Runs file after file until one cannot be run; returns the exit code so far.
int RunFiles(const Invocation& invocation, const RE2* only, World& world,
             std::vector<FileReport>* reports) {
  const bool is_raw = invocation.output == "json" || invocation.output == "yaml";
  Databases databases(world, invocation.Get("prometheus", "prometheus"));
  for (const std::string& path : invocation.operands) {
    FileReport& report = reports->emplace_back();
    const Status status = RunFile(path, only, world, &databases, &report);
    if (!status) {
      report.error = status.error().message;
      world.err << "wfctl: " << report.error << "\n";
      return status.error().code == Code::kUnavailable ? kUnreachable : kNo;
    }
    if (!is_raw) Print(report, world);
  }
  return std::ranges::all_of(*reports, &FileReport::passed) ? kOk : kNo;
}

int Test(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) return Misuse(world, "name at least one test file");
  std::unique_ptr<RE2> only;
  if (const std::string pattern = invocation.Get("run"); !pattern.empty()) {
    only = std::make_unique<RE2>(pattern, RE2::Quiet);
    if (!only->ok()) return Misuse(world, "--run: " + only->error());
  }
  std::vector<FileReport> reports;
  int code = kOk;
  int interrupted = 0;
  {
    // Without being asked for none: a suite takes as long as it takes.
    const bool has_end = !invocation.Get("timeout").empty();
    const Duration most = limits::kConfiguredDuration;
    const CatchInterrupt catch_interrupt(has_end ? app::ReadNow().mono +
                                                       std::min(invocation.target.timeout, most)
                                                 : MonoTime::max());
    code = RunFiles(invocation, only.get(), world, &reports);
    interrupted = Interrupted();
  }
  const bool is_raw = invocation.output == "json" || invocation.output == "yaml";
  if (is_raw) PrintRaw(invocation.output, world, ReportsJson(reports));
  if (const std::string path = invocation.Get("junit"); !path.empty()) {
    const Status written = world.write_file(path, JUnit(reports));
    if (!written) {
      world.err << "wfctl: " << written.error().message << "\n";
      code = kNo;
    }
  }
  // Everything is cleared away: whoever waits for this process sees what ended it.
  if (interrupted != 0) {
    world.out.flush();
    world.err.flush();
    EndBy(interrupted);
  }
  return code;
}

}  // namespace

std::vector<Command> TestCommands() {
  return {{.path = "test",
           .operands = "FILE …",
           .summary = "unit tests of rules and SLOs",
           .text =
               R"(
Takes promtool's test files as they are, and `slo_files:` and `slo_test:` beside its keys. Rules and
SLOs go through the server's own evaluation; a Prometheus of this machine, started for the command
on an empty directory and ended with it, holds the series and answers the expressions.

Exits with 1 if a test fails, with 3 if --timeout is given and over. -o json for other programs.

examples:
  wfctl test rules_test.yml
  wfctl test --run='^burn' --junit=report.xml rules_test.yml
)",
           .flags = {{"run", 0, "REGEX", "", "only tests whose name matches"},
                     {"junit", 0, "FILE", "", "write a JUnit report"},
                     {"prometheus", 0, "PROGRAM", "prometheus", "the Prometheus to start"}},
           .run = Test}};
}

}  // namespace watchfire::wfctl
