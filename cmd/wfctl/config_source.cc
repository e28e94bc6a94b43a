// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/config_source.h"

#include <utility>

#include "cmd/wfctl/api.h"
#include "pkg/base/strings.h"
#include "pkg/notify/builtin/builtin.h"
#include "pkg/oncall/for_config.h"

namespace watchfire::wfctl {
namespace {

// A URL that is a secret prints as <secret>, which is none: one can do nothing with it.
std::string WithUrls(const std::string& yaml) {
  const std::string masked = std::string("url: ") + Secret::masked();
  std::string out;
  for (const std::string_view line : Split(yaml, '\n')) {
    if (!out.empty()) out += '\n';
    out += line;
    if (!line.ends_with(masked)) continue;
    out.resize(out.size() - std::string_view(Secret::masked()).size());
    out += std::string("https://") + Secret::masked() + "/";
  }
  return out;
}

ConfigSource FromServer(const Invocation& invocation, World& world, config::LoadOptions options,
                        std::vector<config::Problem>* problems) {
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call({"GET", "/api/v2/status", ""});
  if (!body) return {nullptr, api.exit_code()};
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(*body);
  const std::string text = WithUrls(Text(parser.parse(padded).value()["config"]["original"]));
  options.path = invocation.target.url;
  config::Files files;
  files.read = [&](const std::string& path) -> Result<std::string> {
    if (path != options.path) return Fail(Code::kNotFound, path + ": is a file of the server");
    return text;
  };
  files.glob = [](const std::string&) { return std::vector<std::string>(); };
  config::Loaded loaded = config::Load(options, files, notify::builtin::Kinds());
  *problems = std::move(loaded.problems);
  return {std::move(loaded.config), kNo};
}

}  // namespace

ConfigSource LoadConfig(const Invocation& invocation, World& world) {
  config::LoadOptions options;
  options.matcher_mode = invocation.matcher_mode;
  options.path = invocation.Get("config.file");
  options.read_oncall = oncall::ConfigReader();
  std::vector<config::Problem> problems;
  ConfigSource source;
  if (options.path.empty()) {
    source = FromServer(invocation, world, options, &problems);
  } else {
    config::Loaded loaded = config::Load(options, world.files, notify::builtin::Kinds());
    problems = std::move(loaded.problems);
    source = {std::move(loaded.config), kNo};
  }
  if (source.config != nullptr) return {std::move(source.config), kOk};
  for (const config::Problem& problem : problems) {
    if (problem.level == config::Problem::Level::kError) {
      world.err << "wfctl: " << problem.ToString() << "\n";
    }
  }
  return source;
}

int NoReceiver(const config::Config& config, const std::string& name, World& world) {
  std::vector<std::string> names;
  for (const config::Receiver& receiver : config.receivers) names.push_back(receiver.name);
  const std::string near = Nearest(name, names);
  return Misuse(
      world, "there is no receiver " + GoQuote(name),
      near.empty() ? "there are " + Join(names, ", ") : "did you mean " + GoQuote(near) + "?");
}

}  // namespace watchfire::wfctl
