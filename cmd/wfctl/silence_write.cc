// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl silence: add, update and import.

#include <algorithm>
#include <utility>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/silence.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

constexpr int kWorkersMax = 256;

// When a silence ends: --end, else `start` + --duration, else `end`. Errors: kInvalidArgument.
Result<WallTime> ReadEnd(const Invocation& invocation, WallTime start, WallTime end,
                         const std::string& default_duration) {
  const Result<WallTime> given = ReadTimeFlag(invocation, "end");
  if (!given) return given;
  if (*given != kNoTime) {
    end = *given;
  } else if (const std::string text = invocation.Get("duration", default_duration); !text.empty()) {
    const Result<Duration> duration = ParseDuration(text);
    if (!duration) return InvalidArgument("--duration: " + duration.error().message);
    if (*duration <= Duration::zero()) {
      return InvalidArgument("silence duration must be greater than 0");
    }
    end = start + *duration;
  }
  if (start > end) return InvalidArgument("silence cannot start after it ends");
  return end;
}

Result<SilenceItem> ReadNew(const Invocation& invocation, const World& world) {
  const Result<matcher::Matchers> matchers = ReadMatchers(invocation);
  if (!matchers) return Fail(matchers.error());
  if (matchers->empty()) {
    return InvalidArgument("no matchers specified (as in wfctl silence add HighLatency team=db)");
  }
  SilenceItem silence;
  for (const matcher::Matcher& matcher : *matchers) {
    using enum matcher::Op;
    silence.matchers.push_back({matcher.name(), matcher.value(),
                                matcher.op() == kRegex || matcher.op() == kNotRegex,
                                matcher.op() == kEqual || matcher.op() == kRegex});
  }
  const Result<WallTime> start = ReadTimeFlag(invocation, "start");
  if (!start) return Fail(start.error());
  silence.starts_at = *start == kNoTime ? world.now : *start;
  const Result<WallTime> end = ReadEnd(invocation, silence.starts_at, kNoTime, "1h");
  if (!end) return Fail(end.error());
  silence.ends_at = *end;
  silence.created_by = invocation.Get("author", world.user);
  silence.comment = invocation.Get("comment");
  if (silence.comment.empty() && invocation.On("require-comment", true)) {
    return InvalidArgument("comment required by config (-c TEXT, or --no-require-comment)");
  }
  auto annotations =
      ReadPairs(invocation.All("annotation"), invocation.matcher_mode, "annotations");
  if (!annotations) return Fail(annotations.error());
  silence.annotations = *std::move(annotations);
  return silence;
}

// The id in the answer to a POST.
std::string AnsweredId(const std::string& body) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(body);
  return Text(parser.parse(padded).value()["silenceID"]);
}

int Add(const Invocation& invocation, World& world) {
  const Result<SilenceItem> silence = ReadNew(invocation, world);
  if (!silence) return Misuse(world, silence.error().message);
  Api api(invocation, world);
  const std::optional<std::string> body =
      api.Call({"POST", "/api/v2/silences", WriteSilence(*silence)});
  if (!body) return api.exit_code();
  world.out << AnsweredId(*body) << "\n";
  return kOk;
}

// Applies the flags of `silence update`.
Status Change(const Invocation& invocation, SilenceItem* silence) {
  const Result<WallTime> start = ReadTimeFlag(invocation, "start");
  if (!start) return Fail(start.error());
  if (*start != kNoTime) silence->starts_at = *start;
  const Result<WallTime> end = ReadEnd(invocation, silence->starts_at, silence->ends_at, "");
  if (!end) return Fail(end.error());
  silence->ends_at = *end;
  silence->comment = invocation.Get("comment", silence->comment);
  const auto annotations =
      ReadPairs(invocation.All("annotation"), invocation.matcher_mode, "annotations");
  if (!annotations) return Fail(annotations.error());
  for (const auto& pair : *annotations) {
    std::erase_if(silence->annotations, [&](const auto& old) { return old.first == pair.first; });
    if (!pair.second.empty()) silence->annotations.push_back(pair);
  }
  return {};
}

// GETs one silence; nullopt after saying why not, with what to return in `code`.
std::optional<std::string> Fetch(const std::string& id, Api* api, World& world, int* code) {
  Result<net::OutResponse> found =
      api->CallAll({{"GET", "/api/v2/silence/" + UrlEncode(id), ""}}).at(0);
  if (found && found->status == 200) return std::move(found->body);
  world.err << "wfctl: silence " << id << ": "
            << (found && found->status == 404 ? "there is none" : Describe(found)) << "\n";
  *code = found ? kNo : kUnreachable;
  return std::nullopt;
}

SilenceItem Parsed(const std::string& json) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json);
  return ReadSilence(parser.parse(padded).value());
}

int Update(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) {
    return Misuse(world, "no silence IDs specified", "wfctl silence query -q prints them");
  }
  Api api(invocation, world);
  int code = kOk;
  std::vector<SilenceItem> silences;
  std::vector<std::string> jsons;
  for (const std::string& id : invocation.operands) {
    std::optional<std::string> json = Fetch(id, &api, world, &code);
    if (!json) return code;
    SilenceItem silence = Parsed(*json);
    if (const Status status = Change(invocation, &silence); !status) {
      return Misuse(world, status.error().message);
    }
    const auto body = api.Call({"POST", "/api/v2/silences", WriteSilence(silence)});
    if (!body) return api.exit_code();
    silence.id = AnsweredId(*body);
    if (!invocation.On("quiet")) {
      json = Fetch(silence.id, &api, world, &code);
      if (!json) return code;
      silence = Parsed(*json);
    }
    jsons.push_back(std::string(Trim(*json)));
    silences.push_back(std::move(silence));
  }
  PrintSilences(std::move(silences), jsons, invocation, world);
  return kOk;
}

// Sends a wave of silences, and once more without id those whose id the server does not know.
// Returns how many it did not take.
size_t ImportWave(std::vector<SilenceItem> silences, Api* api, World& world) {
  const auto send = [&](const std::vector<SilenceItem>& wave) {
    std::vector<ApiRequest> requests;
    for (const SilenceItem& silence : wave) {
      requests.push_back({"POST", "/api/v2/silences", WriteSilence(silence)});
    }
    return api->CallAll(requests);
  };
  std::vector<Result<net::OutResponse>> answers = send(silences);
  std::vector<SilenceItem> unknown;
  std::vector<size_t> places;
  for (size_t i = 0; i < silences.size(); ++i) {
    if (!answers[i] || answers[i]->status != 404 || silences[i].id.empty()) continue;
    places.push_back(i);
    unknown.push_back(silences[i]);
    unknown.back().id.clear();
  }
  if (!unknown.empty()) {
    std::vector<Result<net::OutResponse>> again = send(unknown);
    for (size_t i = 0; i < again.size(); ++i) answers[places[i]] = std::move(again[i]);
  }
  size_t failed = 0;
  for (size_t i = 0; i < silences.size(); ++i) {
    if (answers[i] && answers[i]->status / 100 == 2) {
      world.out << AnsweredId(answers[i]->body) << "\n";
    } else {
      world.err << "wfctl: silence " << silences[i].id << ": " << Describe(answers[i]) << "\n";
      ++failed;
    }
  }
  return failed;
}

int Import(const Invocation& invocation, World& world) {
  if (invocation.operands.size() > 1) return Misuse(world, "import reads one file");
  const int workers = ReadNumber(invocation.Get("worker", "8"));
  if (workers < 1 || workers > kWorkersMax) {
    return Misuse(world, "--worker must be a number from 1 to " + std::to_string(kWorkersMax));
  }
  const Result<std::string> text =
      world.read_data(invocation.operands.empty() ? "-" : invocation.operands[0]);
  if (!text) return Misuse(world, text.error().message);
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(*text);
  simdjson::dom::array array;
  if (const auto error = parser.parse(padded).get(array); error != simdjson::SUCCESS) {
    world.err << "wfctl: couldn't unmarshal input data, is it JSON?: "
              << simdjson::error_message(error) << "\n";
    return kNo;
  }
  std::vector<SilenceItem> wave;
  Api api(invocation, world);
  size_t failed = 0;
  const auto flush = [&] { failed += ImportWave(std::exchange(wave, {}), &api, world); };
  for (const element json : array) {
    wave.push_back(ReadSilence(json));
    if (invocation.On("force")) wave.back().id.clear();
    if (wave.size() == static_cast<size_t>(workers)) flush();
  }
  if (!wave.empty()) flush();
  if (failed == 0) return kOk;
  world.err << "wfctl: couldn't import " << failed << " out of " << array.size() << " silences\n";
  return kNo;
}

}  // namespace

std::vector<Command> SilenceWritingCommands() {
  const Flag start = {"start", 0, "TIME", "", "when it begins, as in 2026-01-31T15:04:05+01:00"};
  const Flag end = {"end", 0, "TIME", "", "when it ends; wins over --duration"};
  const Flag annotation = {"annotation", 0, "NAME=VALUE", "", "an annotation; may be repeated"};
  return {{.path = "silence add",
           .operands = "[NAME] MATCHER …",
           .summary = "make a silence; prints its id",
           .text =
               R"(
All matchers must match an alert for it to be silenced; they read name=value, name!=value,
name=~regex, name!~regex. A first one without operator is the alert's name.

examples:
  wfctl silence add HighLatency team=db -d 2h -c 'index rebuild, DB-123'
  wfctl silence add 'instance=~web-[0-9]+' --start=2026-01-31T22:00:00Z -d 4h -c maintenance
)",
           .flags = {{"duration", 'd', "DURATION", "1h", "how long it lasts, as in 1d12h"},
                     start,
                     end,
                     {"comment", 'c', "TEXT", "", "why"},
                     {"require-comment", 0, "", "true", "refuse a silence without comment"},
                     {"author", 'a', "NAME", "", "who asks for it; your user name unless given"},
                     annotation},
           .run = Add},
          {.path = "silence update",
           .operands = "ID …",
           .summary = "change times, comment or annotations of silences",
           .text =
               R"(
What the rules of the API do not let change in place (an expired silence, the start of an active
one) becomes a new silence: the id printed is the one that counts. An annotation with an empty value
is removed.

examples:
  wfctl silence update -d 4h 5b5a4c7e-0000-4000-8000-1d3a5f7c9e2b     4 hours from its start
  wfctl silence update --end=2026-01-31T15:04:05Z $(wfctl silence query -q HighLatency)
)",
           .flags = {{"duration", 'd', "DURATION", "", "how long it lasts, from its start"},
                     start,
                     end,
                     {"comment", 'c', "TEXT", "", "why"},
                     annotation,
                     {"quiet", 'q', "", "", "print ids only"}},
           .run = Update},
          {.path = "silence import",
           .operands = "[FILE]",
           .summary = "silences from a JSON file or standard input",
           .text =
               R"(
Reads what `silence query -o json` prints. Silences whose id the server knows are updated, others
are made; one line for each id.

examples:
  wfctl silence query -o json > silences.json
  wfctl silence import silences.json --url=http://new:9093
)",
           .flags = {{"force", 'f', "", "", "always make new silences"},
                     {"worker", 'w', "COUNT", "8", "how many requests are under way at once"}},
           .run = Import}};
}

}  // namespace watchfire::wfctl
