// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/command.h"

#include <iterator>
#include <set>

#include <simdjson.h>

#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/help.h"
#include "cmd/wfctl/version.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

// The verbs that may follow `path`, or all nouns.
std::vector<std::string> Following(const std::string& path) {
  std::set<std::string> verbs;
  const std::string prefix = path.empty() ? "" : path + " ";
  for (const Command& command : Commands()) {
    if (command.is_hidden || !command.path.starts_with(prefix)) continue;
    const std::string rest = command.path.substr(prefix.size());
    verbs.insert(rest.substr(0, rest.find(' ')));
  }
  return {verbs.begin(), verbs.end()};
}

int PrintHelp(const Parsed& parsed, World& world) {
  if (parsed.path.empty() && parsed.unknown.empty()) {
    world.out << HelpAll();
  } else if (parsed.command != nullptr && !parsed.by_default) {
    world.out << HelpCommand(*parsed.command);
  } else if (!parsed.path.empty()) {
    world.out << HelpNoun(parsed.path);
  } else {
    return Misuse(world, "no help for \"" + parsed.unknown[0] + "\"", "see wfctl --help");
  }
  return kOk;
}

int NoCommand(const Parsed& parsed, World& world) {
  if (parsed.path.empty() && parsed.unknown.empty()) {
    world.err << HelpAll();
    return kUsage;
  }
  const std::string place = parsed.path.empty() ? "" : parsed.path + " ";
  if (parsed.unknown.empty()) {
    return Misuse(world, "what of " + parsed.path + "?",
                  "one of " + Join(Following(parsed.path), ", "));
  }
  const std::string near = Nearest(parsed.unknown[0], Following(parsed.path));
  return Misuse(
      world, "unknown command \"" + place + parsed.unknown[0] + "\"",
      near.empty() ? "see wfctl " + place + "--help" : "did you mean " + place + near + "?");
}

// `wfctl silence expre ID` asks for silences of the alert "expre". As amtool does; but we say so.
void NoteTypo(const Parsed& parsed, World& world) {
  if (!parsed.by_default || parsed.unknown.empty()) return;
  const std::string& word = parsed.unknown[0];
  const std::string near = Nearest(word, Following(parsed.path));
  if (near.empty() || word.find('=') != std::string::npos) return;
  world.err << "wfctl: \"" << word << "\" is taken for an alert's name (did you mean wfctl "
            << parsed.path << " " << near << "?)\n";
}

int Run(Parsed parsed, World& world) {
  NoteTypo(parsed, world);
  if (Status status = AddDefaults(world, &parsed); !status) {
    return Misuse(world, status.error().message);
  }
  if (Status status = Settle(world, &parsed.invocation); !status) {
    return Misuse(world, status.error().message);
  }
  for (const auto& [format, path] : {std::pair("ical", "oncall schedule"), {"md", "report"}}) {
    if (parsed.invocation.output != format || parsed.path == path) continue;
    return Misuse(world, std::string("-o ") + format + " is for wfctl " + path + " alone");
  }
  try {
    return parsed.command->run(parsed.invocation, world);
  } catch (const simdjson::simdjson_error& error) {
    world.err << "wfctl: the server's answer is not what was expected: " << error.what() << "\n";
    return kUnreachable;
  }
}

}  // namespace

const std::vector<Command>& Commands() {
  static const auto& commands = *[] {
    auto* all = new std::vector<Command>;
    for (auto* noun : {CheckCommands,     TestCommands,      ConfigCommands,   RouteCommands,
                       TemplateCommands,  ReceiverCommands,  AlertCommands,    ExplainCommands,
                       SilenceCommands,   ClusterCommands,   IncidentCommands, AutomationCommands,
                       ReportCommands,    HeartbeatCommands, EventCommands,    OncallCommands,
                       SloCommands,       ShadowCommands,    DoctorCommands,   ServerCommands,
                       CompletionCommands}) {
      std::vector<Command> rows = noun();
      std::move(rows.begin(), rows.end(), std::back_inserter(*all));
    }
    return all;
  }();
  return commands;
}

int Dispatch(const std::vector<std::string>& words, World& world) {
  const bool asks_help = !words.empty() && words[0] == "help";
  Result<Parsed> parsed =
      Parse(asks_help ? std::vector<std::string>(words.begin() + 1, words.end()) : words);
  if (!parsed) return Misuse(world, parsed.error().message);
  if (parsed->help || asks_help) return PrintHelp(*parsed, world);
  if (parsed->version) {
    world.out << "wfctl, version " << kVersion << "\n";
    return kOk;
  }
  if (parsed->command == nullptr) return NoCommand(*parsed, world);
  return Run(*std::move(parsed), world);
}

int Misuse(World& world, const std::string& message, const std::string& hint) {
  world.err << "wfctl: " << message << (hint.empty() ? "" : " (" + hint + ")") << "\n";
  return kUsage;
}

}  // namespace watchfire::wfctl
