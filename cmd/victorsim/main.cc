// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// victorsim serves the metrics of a make-believe Victor AI deployment whose faults can be switched
// by a script, by a flag or over HTTP.

#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include <httplib.h>

#include "cmd/victorsim/host.h"
#include "cmd/victorsim/metrics.h"
#include "cmd/victorsim/model.h"
#include "cmd/victorsim/script.h"
#include "pkg/base/json.h"
#include "pkg/base/result.h"
#include "pkg/base/strings.h"
#include "pkg/base/time.h"

namespace watchfire::victorsim {
namespace {

constexpr std::string_view kIntro =
    R"(victorsim serves the metrics of a make-believe Victor AI deployment, with faults on demand.

Usage:
  victorsim [--listen 127.0.0.1:8000] [--scenario demo | --script FILE] [--fault NAME ...]

Served:
  GET  /metrics                  47 victor_* families, HTTP request counters, process_*
  GET  /faults                   every fault and whether it is on, as JSON
  POST /faults/{name}/{on|off}   break or heal something now
  GET  /-/healthy                200

A script has a command a line: "at 25s on provider-outage", "at 70s off provider-outage",
"at 4m end" (how long a round of --loop is). Times count from the start.
)";

struct Options {
  std::string listen = "127.0.0.1:8000";
  std::vector<Fault> faults;
  Script script;
  bool loop = false;
  uint64_t seed = 1;
  uint64_t requests_per_second = 100;
};

// The simulated deployment and the clock that drives it. Owned by the main thread.
class World {
 public:
  explicit World(const Options& options)
      : model_(options.seed, static_cast<double>(options.requests_per_second)),
        player_(options.script, options.loop),
        start_seconds_(ToUnixSeconds(std::chrono::system_clock::now())),
        last_(std::chrono::steady_clock::now()) {
    for (const Fault fault : options.faults) Switch(fault, true);
  }

  // Lets the time pass that has passed since the last call.
  void CatchUp() {
    const MonoTime now = std::chrono::steady_clock::now();
    for (const Step& step : player_.Advance(now - last_, model_)) Report(step.fault, step.on);
    last_ = now;
  }

  void Switch(Fault fault, bool on) {
    model_.SetFault(fault, on);
    Report(fault, on);
  }

  std::string Metrics() {
    CatchUp();
    Exposition out;
    WriteVictorMetrics(model_, out);
    WriteProcessMetrics(start_seconds_, out);
    return out.Take();
  }

  std::string FaultsJson() const {
    JsonWriter json;
    json.StartArray();
    for (const FaultInfo& info : Faults()) {
      json.StartObject().Field("name", info.name).Field("summary", info.summary);
      json.Field("on", model_.has(info.fault)).EndObject();
    }
    return json.EndArray().Take();
  }

 private:
  void Report(Fault fault, bool on) const {
    Log("info", on ? "Fault on" : "Fault off",
        {{"fault", std::string(Faults()[static_cast<size_t>(fault)].name)},
         {"at", FormatDuration(std::chrono::floor<std::chrono::seconds>(model_.elapsed()))}});
  }

  Model model_;
  Player player_;
  const double start_seconds_;
  MonoTime last_;
};

std::function<Status(const std::string&)> SetNumber(uint64_t& target, uint64_t min, uint64_t max) {
  return [&target, min, max](const std::string& value) -> Status {
    const char* end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, target);
    if (error == std::errc() && stop == end && target >= min && target <= max) return {};
    return InvalidArgument("bad number " + GoQuote(value) + ": want " + std::to_string(min) +
                           " to " + std::to_string(max));
  };
}

Status SetScript(const Result<Script>& script, Options& options) {
  if (!script) return Fail(script.error());
  options.script = *script;
  return {};
}

Status LoadScenario(const std::string& name, Options& options) {
  const std::optional<std::string_view> text = FindScenario(name);
  if (!text) return InvalidArgument("unknown scenario " + GoQuote(name) + ": demo or healthy");
  return SetScript(ParseScript(*text, name), options);
}

Status LoadScript(const std::string& path, Options& options) {
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) return InvalidArgument("cannot read " + path);
  return SetScript(ParseScript(text, path), options);
}

std::vector<Flag> MakeFlags(Options& options) {
  std::string faults;
  for (const FaultInfo& info : Faults()) {
    faults += "\n  " + std::string(info.name) + std::string(17 - info.name.size(), ' ') +
              std::string(info.summary);
  }
  return {
      {"listen", "HOST:PORT", "Where to serve; port 0 picks a free one (127.0.0.1:8000).",
       SetString(options.listen)},
      {"scenario", "NAME",
       "healthy: nothing happens (default).\n"
       "demo: provider-outage from 25 s to 70 s; a round of --loop is 4 minutes.",
       [&](const std::string& name) { return LoadScenario(name, options); }},
      {"script", "FILE", "Play this script instead.",
       [&](const std::string& path) { return LoadScript(path, options); }},
      {"loop", "", "Start the script again when its round has ended.",
       [&](const std::string&) -> Status {
         options.loop = true;
         return {};
       }},
      {"fault", "NAME", "A fault that is there from the start; may be repeated." + faults,
       [&](const std::string& name) -> Status {
         const std::optional<Fault> fault = FindFault(name);
         if (!fault) return InvalidArgument(UnknownFault(name));
         options.faults.push_back(*fault);
         return {};
       }},
      {"rate", "N", "HTTP requests per second, 1 to 10000 (100).",
       SetNumber(options.requests_per_second, 1, 10000)},
      {"seed", "N", "Same seed, same traffic (1).", SetNumber(options.seed, 0, UINT64_MAX)},
  };
}

// Runs `read` on the owner's thread and answers with the text it returns.
void Answer(Owner& owner, httplib::Response& response, const char* type,
            const std::function<std::string()>& read) {
  std::string body;
  if (!owner.Do([&] { body = read(); })) {
    response.status = 503;
    return;
  }
  response.set_content(body, type);
}

void SwitchFault(World& world, Owner& owner, const httplib::Request& request,
                 httplib::Response& response) {
  const std::string name = request.matches[1];
  const bool on = request.matches[2] == "on";
  const std::optional<Fault> fault = FindFault(name);
  if (!fault) {
    response.status = 404;
    response.set_content(JsonError("not_found", UnknownFault(name)) + "\n", "application/json");
    return;
  }
  Answer(owner, response, "application/json", [&] {
    world.CatchUp();
    world.Switch(*fault, on);
    return JsonWriter().StartObject().Field("name", name).Field("on", on).EndObject().Take() + "\n";
  });
}

void AddRoutes(httplib::Server& server, World& world, Owner& owner) {
  using httplib::Request;
  using httplib::Response;
  server.Get("/metrics", [&](const Request&, Response& response) {
    Answer(owner, response, "text/plain; version=0.0.4; charset=utf-8",
           [&] { return world.Metrics(); });
  });
  server.Get("/faults", [&](const Request&, Response& response) {
    Answer(owner, response, "application/json", [&] { return world.FaultsJson() + "\n"; });
  });
  server.Post("/faults/([^/]+)/(on|off)", [&](const Request& request, Response& response,
                                              const httplib::ContentReader& reader) {
    if (ReadBody(request, reader)) SwitchFault(world, owner, request, response);
  });
  server.Get("/-/healthy", [](const Request&, Response& response) {
    response.set_content("victorsim is healthy.\n", "text/plain");
  });
  server.Get("/", [](const Request&, Response& response) {
    response.set_content(std::string(kIntro), "text/plain; charset=utf-8");
  });
}

int Main(int argc, char** argv) {
  HoldEndSignals();
  Options options;
  const std::optional<int> exit_code = ParseFlags(argc, argv, kIntro, MakeFlags(options));
  if (exit_code) return *exit_code;

  World world(options);
  Owner owner;
  httplib::Server server;
  AddRoutes(server, world, owner);
  return Serve(server, options.listen, owner, std::chrono::milliseconds(100),
               [&] { world.CatchUp(); });
}

}  // namespace
}  // namespace watchfire::victorsim

int main(int argc, char** argv) { return watchfire::victorsim::Main(argc, argv); }
