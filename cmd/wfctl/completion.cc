// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl completion: a few lines for each shell, which ask wfctl itself what may follow. File names
// complete where it knows nothing better.

#include "cmd/wfctl/command.h"
#include "cmd/wfctl/help.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

constexpr const char* kBash = R"sh(_wfctl() {
  local words
  words=$("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
  [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o default -F _wfctl wfctl
)sh";

constexpr const char* kZsh = R"sh(#compdef wfctl
_wfctl() {
  local -a found
  found=(${(f)"$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then
    compadd -S '' -- ${(M)found:#*=}
    compadd -- ${found:#*=}
  else
    _files
  fi
}
compdef _wfctl wfctl
)sh";

constexpr const char* kFish = R"sh(function __wfctl_complete
  set -l words (commandline -opc) (commandline -ct)
  wfctl __complete -- $words[2..-1] 2>/dev/null
end
complete -c wfctl -a '(__wfctl_complete)'
)sh";

int Completion(const Invocation& invocation, World& world) {
  const std::string shell = invocation.operands.size() == 1 ? invocation.operands[0] : "";
  const char* script = shell == "bash"   ? kBash
                       : shell == "zsh"  ? kZsh
                       : shell == "fish" ? kFish
                                         : nullptr;
  if (script == nullptr) return Misuse(world, "completion needs one of bash, zsh, fish");
  world.out << script;
  return kOk;
}

int CompleteWords(const Invocation& invocation, World& world) {
  for (const std::string& word : Complete(invocation.operands)) world.out << word << "\n";
  return kOk;
}

}  // namespace

std::vector<Command> CompletionCommands() {
  return {{.path = "completion",
           .operands = "bash|zsh|fish",
           .summary = "a completion script for the shell",
           .text = R"(
examples:
  source <(wfctl completion bash)
  wfctl completion zsh > "${fpath[1]}/_wfctl"
  wfctl completion fish > ~/.config/fish/completions/wfctl.fish
)",
           .flags = {},
           .run = Completion},
          {.path = "__complete",
           .operands = "[WORD …]",
           .summary = "what the completion scripts ask",
           .text = "",
           .flags = {},
           .run = CompleteWords,
           .is_hidden = true}};
}

}  // namespace watchfire::wfctl
