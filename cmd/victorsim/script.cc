// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/victorsim/script.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::victorsim {
namespace {

using std::chrono::minutes;

constexpr std::string_view kDemo = R"(
at 25s on  provider-outage
at 70s off provider-outage
at 4m  end
)";

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view word : Split(line.substr(0, line.find('#')), ' ')) {
    if (!Trim(word).empty()) words.push_back(Trim(word));
  }
  return words;
}

Status ParseLine(const std::vector<std::string_view>& words, Script& script) {
  if (words.size() < 3 || words[0] != "at") {
    return InvalidArgument("want \"at TIME on FAULT\", \"at TIME off FAULT\" or \"at TIME end\"");
  }
  const Result<Duration> at = ParseGoDuration(words[1]);
  if (!at || *at < Duration::zero()) {
    return InvalidArgument("bad time " + GoQuote(words[1]) + ": want something like 25s or 1m10s");
  }
  const Duration last = script.steps.empty() ? Duration::zero() : script.steps.back().at;
  if (*at < last || script.length != Duration::zero()) {
    return InvalidArgument("time " + std::string(words[1]) + " is before the line above it ends");
  }
  if (words[2] == "end" && words.size() == 3) {
    if (*at == Duration::zero()) return InvalidArgument("a script cannot end at its start");
    script.length = *at;
    return {};
  }
  if ((words[2] != "on" && words[2] != "off") || words.size() != 4) {
    return InvalidArgument("want \"on FAULT\", \"off FAULT\" or \"end\" after the time");
  }
  const std::optional<Fault> fault = FindFault(words[3]);
  if (!fault) return InvalidArgument(UnknownFault(words[3]));
  script.steps.push_back({*at, *fault, words[2] == "on"});
  return {};
}

}  // namespace

Result<Script> ParseScript(std::string_view text, std::string_view name) {
  Script script;
  int line_number = 0;
  for (const std::string_view line : Split(text, '\n')) {
    ++line_number;
    const std::vector<std::string_view> words = Words(line);
    if (words.empty()) continue;
    const Status status = ParseLine(words, script);
    if (!status) {
      return InvalidArgument(std::string(name) + ":" + std::to_string(line_number) + ": " +
                             status.error().message);
    }
  }
  if (!script.steps.empty() && script.length == Duration::zero()) {
    script.length = script.steps.back().at + minutes(1);
  }
  return script;
}

std::optional<std::string_view> FindScenario(std::string_view name) {
  if (name == "demo") return kDemo;
  if (name == "healthy") return "";
  return std::nullopt;
}

std::optional<Duration> Player::NextStop() const {
  if (next_ < script_.steps.size()) return script_.steps[next_].at;
  if (loop_ && !script_.steps.empty()) return script_.length;
  return std::nullopt;
}

std::vector<Step> Player::Advance(Duration dt, Model& model) {
  std::vector<Step> taken;
  const auto take = [&](const Step& step) {
    model.SetFault(step.fault, step.on);
    taken.push_back(step);
  };
  for (std::optional<Duration> stop = NextStop(); stop; stop = NextStop()) {
    const Duration wait = *stop - position_;
    if (wait > dt) break;
    model.Advance(wait);
    dt -= wait;
    position_ = *stop;
    if (next_ < script_.steps.size()) {
      take(script_.steps[next_++]);
      continue;
    }
    for (const Step& step : script_.steps) {
      if (model.has(step.fault)) take({script_.length, step.fault, false});
    }
    position_ = Duration::zero();
    next_ = 0;
  }
  model.Advance(dt);
  position_ += dt;
  return taken;
}

}  // namespace watchfire::victorsim
