// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What messages cost: makes the default VictorOps, Slack and e-mail message as a render thread
// does, from the alerts to the bytes that leave. See templates.py, which runs it beside
// Alertmanager's:
//
//     render_cost ALERTS MILLISECONDS [MESSAGE]
//
// ALERTS is a file of JSON as it is posted; MESSAGE is the only one to make, for a profiler. Prints
// one JSON object: for each message its bytes and the nanoseconds of CPU that one takes, and for
// "hostile" the longest that a template took which is stopped by its bounds. As the only one,
// "hostile" tells what each of them took.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include <sys/resource.h>

#include "pkg/alert/wire.h"
#include "pkg/base/json.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/notify/message_data.h"
#include "pkg/templates/default_templates.h"

namespace watchfire {
namespace {

using std::chrono::steady_clock;

constexpr const char* kConfig =
    "route: {receiver: on-call}\n"
    "receivers:\n"
    "- name: on-call\n"
    "  victorops_configs: [{api_key: k, routing_key: r}]\n"
    "  slack_configs: [{api_url: 'http://slack.example.com/x', channel: '#ops'}]\n"
    "  email_configs: [{to: ops@example.com, from: watchfire@example.com, smarthost: 'mail:25'}]\n";

// Each runs until a bound ends it.
constexpr const char* kHostile[] = {
    "{{ range 1000000000 }}{{ end }}",
    "{{ range 1000000000 }}x{{ end }}",
    "{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}",
    "{{ range 1000000000 }}{{ $.CommonLabels.SortedPairs }}{{ end }}",
    "{{ range 1000000000 }}{{ with ($.Alerts | toJson) }}{{ end }}{{ end }}",
    "{{ range 1000000000 }}{{ with (printf \"%100000d\" 1) }}{{ end }}{{ end }}",
    "{{ range 1000000000 }}{{ with (reReplaceAll \"a*\" \"xx\" \"aaaaaaaaaaaaaaaa\") }}{{ end }}{{ "
    "end }}",
    "{{ $s := slice (toJson .Alerts) 0 20000 }}{{ range 1000000000 }}{{ len (reReplaceAll "
    "\"e(.*[a-m].{12}~)?\" \"\" $s) }}{{ end }}",
    "{{ range $i := 1000000000 }}{{ with (match (printf \"a{%d}\" $i) \"a\") }}{{ end }}{{ end }}",
    "{{ range $i := 1000000000 }}{{ match (printf \"(?i)%d\\\\pL[^\\\\pN]\" $i) \"a\" }}{{ end }}",
    "{{ $s := printf \"%100000d\" 1 }}{{ range 1000000000 }}{{ len (trimSpace $s) }}{{ end }}",
    "{{ $s := printf \"%100000d\" 1 }}{{ range 1000000000 }}{{ len (title $s) }}{{ end }}",
    "{{ $s := printf \"%100000d\" 1 }}{{ range 1000000000 }}{{ len (printf \"%+q\" $s) }}{{ end }}",
    "{{ $t := (index .Alerts 0).StartsAt }}{{ range 1000000000 }}{{ len (print $t) }}{{ end }}",
    "{{ range 1000000000 }}{{ with dict \"a\" 1 \"b\" 2 }}{{ end }}{{ end }}",
};

std::chrono::nanoseconds ProcessTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void Write(JsonWriter* json, const char* name, double nanos, size_t bytes) {
  json->Key(name).StartObject().Field("ns", nanos);
  json->Field("bytes", static_cast<int64_t>(bytes)).EndObject();
}

void Measure(JsonWriter* json, const char* name, const std::function<size_t()>& render,
             Duration lasting) {
  const size_t bytes = render();
  const auto begin = ProcessTime();
  const auto end = steady_clock::now() + lasting;
  int64_t count = 0;
  for (; steady_clock::now() < end; ++count) render();
  const auto spent = static_cast<double>((ProcessTime() - begin).count());
  Write(json, name, spent / static_cast<double>(count), bytes);
}

// Writes the longest; with `each` what each took, under its text.
void MeasureHostile(JsonWriter* json, const dispatch::Notification& what, bool each) {
  std::chrono::nanoseconds longest{};
  for (const char* text : kHostile) {
    const auto field = templates::Snippet::Parse("hostile", text);
    const templates::Value dot = notify::MessageData(what);
    const auto begin = ProcessTime();
    if (!field || templates::DefaultTemplates().Execute(*field, dot, {})) std::abort();
    const auto took = ProcessTime() - begin;
    if (each) Write(json, text, static_cast<double>(took.count()), 0);
    longest = std::max(longest, took);
  }
  Write(json, "hostile", static_cast<double>(longest.count()), 0);
}

std::shared_ptr<const config::Config> LoadConfig() {
  config::Files files;
  files.read = [](const std::string&) -> Result<std::string> { return std::string(kConfig); };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions options;
  options.path = "bench.yml";
  return config::Load(options, files, notify::builtin::Kinds()).config;
}

dispatch::Notification ReadNotification(const char* path) {
  std::ifstream file(path);
  const std::string body{std::istreambuf_iterator<char>(file), {}};
  const WallTime now = FromNanos(1'790'000'000'000'000'000);
  dispatch::Notification what;
  what.receiver = "on-call";
  what.group_key = "{}:{service=\"cart\"}";
  what.group_labels = labels::LabelSet{{"service", "cart"}};
  what.at = now;
  what.external_url = "http://alertmanager.example.com";
  auto decoded = alert::DecodeAlerts(body, {now, std::chrono::minutes(5), false});
  if (decoded) what.alerts = dispatch::AlertList(std::move(decoded->valid));
  return what;
}

int Main(int argc, char** argv) {
  const auto config = LoadConfig();
  if (argc < 3 || argc > 4 || config == nullptr) {
    std::fprintf(stderr, "usage: render_cost ALERTS MILLISECONDS [MESSAGE]\n");
    return 2;
  }
  const dispatch::Notification what = ReadNotification(argv[1]);
  const std::chrono::milliseconds lasting(std::atoi(argv[2]));
  notify::Context context;
  context.user_agent = "Watchfire/bench";
  context.read_file = [](const std::string&) -> Result<std::string> { return std::string(); };
  context.templates = {config, &config->templates};
  context.now = [&] { return what.at; };
  JsonWriter json;
  json.StartObject();
  for (const config::Integration& integration : config->receivers[0].integrations) {
    if (argc == 4 && integration.kind != argv[3]) continue;
    const auto render = [&]() -> size_t {
      const auto exchange = notify::builtin::Start(integration, context);
      notify::Step step = exchange->Begin(what);
      const auto* send = std::get_if<notify::Send>(&step);
      if (send == nullptr) std::abort();
      return send->request.body.size();
    };
    Measure(&json, integration.kind.c_str(), render, lasting);
  }
  if (argc == 3 || std::string_view(argv[3]) == "hostile") MeasureHostile(&json, what, argc == 4);
  std::printf("%s\n", json.EndObject().Take().c_str());
  return 0;
}

}  // namespace
}  // namespace watchfire

int main(int argc, char** argv) { return watchfire::Main(argc, argv); }
