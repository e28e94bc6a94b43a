// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/command.h"

#include <algorithm>
#include <map>

#include <simdjson.h>

#include "pkg/app/server.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

constexpr const char* kHelp =
    R"(wfctl: everything an SRE or a pipeline does with Watchfire from a shell

usage: wfctl [--url=URL] [-o table|json] COMMAND

commands:
  check [--rules=GLOB] [--slo=GLOB] [--extra=FILE] CONFIG
                                 check a configuration and the rule and SLO files it names;
                                 prints every problem as file:line:column
  alert query [MATCHER ...]      alerts that fire, for example  severity=critical
  incident list [--state=STATE]  incidents: triggered, acknowledged, resolved
  incident show ID               one incident with its timeline
  incident ack ID [--actor=NAME] [--note=TEXT]
  incident resolve ID [--actor=NAME] [--note=TEXT]
  slo list                       SLOs: burn rates and budget left
  rules list                     alerting rules and their state
  reload                         make the server read its configuration again
  completion bash                a completion script:  source <(wfctl completion bash)
  version

options:
  --url=URL      the server (default $WATCHFIRE_URL or http://localhost:9093)
  -o FORMAT      table for people, json as the API answers
  -h, --help     this text

exit codes: 0 fine · 1 the answer is no · 2 bad command line · 3 server not reachable
)";

using Command = int (*)(const Arguments&, World&);

int Help(const Arguments&, World& world) {
  world.out << kHelp;
  return kOk;
}

int Version(const Arguments&, World& world) {
  world.out << "wfctl, version " << app::kVersion << "\n";
  return kOk;
}

const std::map<std::string, Command>& Commands() {
  static const auto& commands = *new std::map<std::string, Command>{
      {"check", Check},    {"alert", Alert},   {"incident", Incident},     {"slo", Slo},
      {"rules", Rules},    {"reload", Reload}, {"completion", Completion}, {"help", Help},
      {"version", Version}};
  return commands;
}

}  // namespace

std::string Arguments::Option(const std::string& name, const std::string& fallback) const {
  std::string value = fallback;
  for (const auto& [key, text] : options) {
    if (key == name) value = text;
  }
  return value;
}

Result<Arguments> ParseArguments(const std::vector<std::string>& words,
                                 const char* environment_url) {
  Arguments arguments;
  if (environment_url != nullptr) arguments.url = environment_url;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "-h" || word == "--help") {
      arguments.help = true;
    } else if (word == "--version") {
      arguments.words.insert(arguments.words.begin(), "version");
    } else if (word.starts_with("-o") && !word.starts_with("--")) {
      const bool joined = word.size() > 2;
      if (!joined && i + 1 == words.size()) return InvalidArgument("-o needs table or json");
      arguments.output = joined ? word.substr(word[2] == '=' ? 3 : 2) : words[++i];
      if (arguments.output != "table" && arguments.output != "json") {
        return InvalidArgument("-o: \"" + arguments.output + "\" is neither table nor json");
      }
    } else if (word.starts_with("--")) {
      const size_t equals = word.find('=');
      const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
      if (equals == std::string::npos && i + 1 == words.size()) {
        return InvalidArgument(word + " needs a value");
      }
      std::string value = equals == std::string::npos ? words[++i] : word.substr(equals + 1);
      if (name == "url") {
        arguments.url = std::move(value);
      } else {
        arguments.options.emplace_back(name, std::move(value));
      }
    } else if (word.starts_with("-") && word.size() > 1) {
      return InvalidArgument("unknown option " + word + " (see wfctl --help)");
    } else {
      arguments.words.push_back(word);
    }
  }
  while (arguments.url.ends_with('/')) arguments.url.pop_back();
  return arguments;
}

int Dispatch(const Arguments& arguments, World& world) {
  if (arguments.help || arguments.words.empty()) {
    (arguments.help ? world.out : world.err) << kHelp;
    return arguments.help ? kOk : kUsage;
  }
  const auto found = Commands().find(arguments.words[0]);
  if (found == Commands().end()) {
    std::vector<std::string> known;
    for (const auto& [name, command] : Commands()) known.push_back(name);
    const std::string near = Nearest(arguments.words[0], known);
    world.err << "wfctl: unknown command \"" << arguments.words[0] << "\""
              << (near.empty() ? " (see wfctl --help)" : " (did you mean " + near + "?)") << "\n";
    return kUsage;
  }
  try {
    return found->second(arguments, world);
  } catch (const simdjson::simdjson_error& error) {
    world.err << "wfctl: the server's answer is not what was expected: " << error.what() << "\n";
    return kUnreachable;
  }
}

int Explain(const Result<net::OutResponse>& response, World& world) {
  if (!response) {
    world.err << "wfctl: " << response.error().message << "\n";
    return kUnreachable;
  }
  std::string message = response->body.substr(0, 500);
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  std::string_view text;
  const simdjson::padded_string body(response->body);
  if (parser.parse(body).get(json) == simdjson::SUCCESS &&
      (json["error"].get(text) == simdjson::SUCCESS || json.get(text) == simdjson::SUCCESS)) {
    message = std::string(text);
  }
  world.err << "wfctl: HTTP " << response->status << ": " << message << "\n";
  return kNo;
}

int Reload(const Arguments&, World& world) {
  const Result<net::OutResponse> response = world.call("POST", "/-/reload", "");
  if (!response || response->status != 200) return Explain(response, world);
  world.out << "reloaded\n";
  return kOk;
}

int Completion(const Arguments& arguments, World& world) {
  if (arguments.words.size() < 2 || arguments.words[1] != "bash") {
    world.err << "usage: wfctl completion bash\n";
    return kUsage;
  }
  world.out << R"(_wfctl() {
  local word="${COMP_WORDS[COMP_CWORD]}" words
  case "${COMP_WORDS[1]}" in
    alert) words="query" ;;
    incident) words="list show ack resolve" ;;
    slo | rules) words="list" ;;
    completion) words="bash" ;;
    check) COMPREPLY=($(compgen -f -- "$word")); return ;;
    *) words="alert check completion help incident reload rules slo version" ;;
  esac
  [[ $COMP_CWORD -gt 2 ]] && words=""
  COMPREPLY=($(compgen -W "$words --url= -o --help" -- "$word"))
}
complete -F _wfctl wfctl
)";
  return kOk;
}

}  // namespace watchfire::wfctl
