// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// wfctl silence: query and expire, and the silence itself. What writes is in silence_write.cc.

#include "cmd/wfctl/silence.h"

#include <algorithm>
#include <iterator>

#include "cmd/wfctl/api.h"
#include "cmd/wfctl/arguments.h"
#include "cmd/wfctl/dates.h"
#include "cmd/wfctl/table.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"
#include "pkg/labels/labels.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

bool Bool(simdjson::simdjson_result<element> value, bool fallback) {
  bool found = fallback;
  return value.get(found) == simdjson::SUCCESS ? found : fallback;
}

std::vector<std::vector<SilenceMatcher>> SetsOf(const SilenceItem& silence) {
  if (!silence.matcher_sets.empty()) return silence.matcher_sets;
  return {silence.matchers};
}

std::string MatchersText(const SilenceItem& silence, bool is_sorted) {
  std::vector<std::string> sets;
  for (const std::vector<SilenceMatcher>& set : SetsOf(silence)) {
    std::vector<std::string> parts;
    for (const SilenceMatcher& matcher : set) parts.push_back(matcher.ToString());
    if (is_sorted) std::ranges::sort(parts);
    sets.push_back(is_sorted ? "{" + Join(parts, ",") + "}" : Join(parts, " "));
  }
  return Join(sets, " or ");
}

std::vector<SilenceMatcher> ReadMatchers(element json) {
  std::vector<SilenceMatcher> out;
  simdjson::dom::array matchers;
  if (json.get(matchers) != simdjson::SUCCESS) return out;
  for (const element matcher : matchers) {
    out.push_back({Text(matcher["name"]), Text(matcher["value"]), Bool(matcher["isRegex"], false),
                   Bool(matcher["isEqual"], true)});
  }
  return out;
}

void WriteMatchers(const std::vector<SilenceMatcher>& matchers, JsonWriter* json) {
  json->StartArray();
  for (const SilenceMatcher& matcher : matchers) {
    json->StartObject().Field("name", matcher.name).Field("value", matcher.value);
    json->Field("isRegex", matcher.is_regex).Field("isEqual", matcher.is_equal).EndObject();
  }
  json->EndArray();
}

// The filters of `silence query` that no server knows. Source: amtool (reference §8).
class Filter {
 public:
  // Errors: kInvalidArgument.
  static Result<Filter> Read(const Invocation& invocation, WallTime now) {
    Filter filter;
    filter.now_ = now;
    filter.expired_ = invocation.On("expired");
    filter.created_by_ = invocation.Get("created-by");
    filter.id_ = invocation.Get("id");
    const std::string within = invocation.Get("within");
    if (within.empty()) return filter;
    const Result<Duration> duration = ReadDuration(within);
    if (!duration) return InvalidArgument("--within: " + duration.error().message);
    filter.within_ = *duration;
    return filter;
  }

  bool Takes(const SilenceItem& silence) const {
    const bool is_over = silence.ends_at < now_;
    if (is_over != expired_) return false;
    const bool is_far =
        expired_ ? silence.ends_at < now_ - within_ : silence.ends_at > now_ + within_;
    if (within_ > Duration::zero() && is_far) return false;
    return (created_by_.empty() || created_by_ == silence.created_by) &&
           (id_.empty() || id_ == silence.id);
  }

 private:
  WallTime now_;
  bool expired_ = false;
  Duration within_{};
  std::string created_by_;
  std::string id_;
};

int Query(const Invocation& invocation, World& world) {
  const Result<Filter> filter = Filter::Read(invocation, world.now);
  if (!filter) return Misuse(world, filter.error().message);
  std::string path = "/api/v2/silences";
  for (const std::string& text : ReadFilters(invocation)) {
    path += (path.find('?') == std::string::npos ? "?filter=" : "&filter=") + UrlEncode(text);
  }
  Api api(invocation, world);
  const std::optional<std::string> body = api.Call({"GET", path, ""});
  if (!body) return api.exit_code();
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(*body);
  std::vector<SilenceItem> silences;
  std::vector<std::string> jsons;
  for (const element json : simdjson::dom::array(parser.parse(padded).value())) {
    SilenceItem silence = ReadSilence(json);
    if (!filter->Takes(silence)) continue;
    silences.push_back(std::move(silence));
    jsons.push_back(simdjson::minify(json));
  }
  PrintSilences(std::move(silences), jsons, invocation, world);
  return kOk;
}

int Expire(const Invocation& invocation, World& world) {
  if (invocation.operands.empty()) {
    return Misuse(world, "no silence IDs specified", "wfctl silence query -q prints them");
  }
  Api api(invocation, world);
  int code = kOk;
  for (const std::string& id : invocation.operands) {
    const Result<net::OutResponse> response =
        api.CallAll({{"DELETE", "/api/v2/silence/" + UrlEncode(id), ""}}).at(0);
    if (response && response->status / 100 == 2) continue;
    world.err << "wfctl: silence " << id << ": "
              << (response && response->status == 404 ? "there is none" : Describe(response))
              << "\n";
    code = std::max(code, response ? kNo : kUnreachable);
  }
  return code;
}

}  // namespace

std::string SilenceMatcher::ToString() const {
  const std::string op = std::string(is_equal ? "=" : "!") + (is_regex ? "~" : is_equal ? "" : "=");
  return (labels::IsClassicLabelName(name) ? name : GoQuote(name)) + op + GoQuote(value);
}

SilenceItem ReadSilence(element json) {
  SilenceItem silence;
  silence.id = Text(json["id"]);
  silence.state = Text(json["status"]["state"]);
  silence.starts_at = Time(json["startsAt"]);
  silence.ends_at = Time(json["endsAt"]);
  silence.updated_at = Time(json["updatedAt"]);
  silence.created_by = Text(json["createdBy"]);
  silence.comment = Text(json["comment"]);
  silence.annotations = Pairs(json["annotations"]);
  element matchers;
  if (json["matchers"].get(matchers) == simdjson::SUCCESS) {
    silence.matchers = ReadMatchers(matchers);
  }
  simdjson::dom::array sets;
  if (json["matcherSets"].get(sets) != simdjson::SUCCESS) return silence;
  for (const element set : sets) silence.matcher_sets.push_back(ReadMatchers(set));
  return silence;
}

std::string WriteSilence(const SilenceItem& silence) {
  JsonWriter json;
  json.StartObject();
  if (!silence.id.empty()) json.Field("id", silence.id);
  json.Key("matchers");
  WriteMatchers(SetsOf(silence).front(), &json);
  if (!silence.matcher_sets.empty()) {
    json.Key("matcherSets").StartArray();
    for (const std::vector<SilenceMatcher>& set : silence.matcher_sets) WriteMatchers(set, &json);
    json.EndArray();
  }
  json.Field("startsAt", FormatRfc3339(silence.starts_at));
  json.Field("endsAt", FormatRfc3339(silence.ends_at));
  json.Field("createdBy", silence.created_by).Field("comment", silence.comment);
  if (!silence.annotations.empty()) {
    json.Key("annotations").StartObject();
    for (const auto& [name, value] : silence.annotations) json.Field(name, value);
    json.EndObject();
  }
  return json.EndObject().Take();
}

void PrintSilences(std::vector<SilenceItem> silences, const std::vector<std::string>& jsons,
                   const Invocation& invocation, World& world) {
  if (invocation.On("quiet")) {
    for (const SilenceItem& silence : silences) world.out << silence.id << "\n";
    return;
  }
  if (PrintRaw(invocation.output, world, "[" + Join(jsons, ",") + "]")) return;
  std::ranges::stable_sort(silences, {}, &SilenceItem::ends_at);
  const std::string layout = invocation.Get("date.format", "2006-01-02 15:04:05 MST");
  const auto date = [&](WallTime time) { return FormatDate(time, layout); };
  std::vector<std::string> header = {"ID", "Matchers", "Ends At", "Created By", "Comment"};
  if (invocation.output != "simple") {
    header = {"ID", "Matchers", "Starts At", "Ends At", "Updated At", "Created By", "Comment"};
  }
  if (invocation.output == "wide") header.insert(header.begin() + 1, "State");
  if (invocation.output == "wide") header.emplace_back("Annotations");
  std::vector<std::vector<std::string>> rows;
  for (const SilenceItem& silence : silences) {
    std::vector<std::string>& row = rows.emplace_back();
    row = {silence.id, MatchersText(silence, invocation.output != "simple")};
    if (invocation.output == "wide") row.insert(row.begin() + 1, silence.state);
    if (invocation.output != "simple") row.push_back(date(silence.starts_at));
    row.push_back(date(silence.ends_at));
    if (invocation.output != "simple") row.push_back(date(silence.updated_at));
    row.push_back(silence.created_by);
    row.push_back(silence.comment);
    if (invocation.output != "wide") continue;
    std::vector<std::string> annotations;
    for (const auto& [name, value] : silence.annotations) {
      annotations.push_back(name + "=" + GoQuote(value));
    }
    row.push_back(Join(annotations, " "));
  }
  PrintTable(world.out, header, rows, world.color);
}

std::vector<Command> SilenceCommands() {
  std::vector<Command> commands = {
      {.path = "silence query",
       .operands = "[MATCHER …]",
       .summary = "silences that are or will be in force, or that were",
       .text =
           R"(
A silence is shown if it holds every matcher given, letter for letter. A first one without
operator is the alert's name.

examples:
  wfctl silence query
  wfctl silence query HighLatency team=db
  wfctl silence query --within=8h                end in the next 8 hours
  wfctl silence query --expired --within=2h      ended in the last 2 hours
  wfctl silence expire $(wfctl silence query -q --created-by=ada)
)",
       .flags = {{"expired", 0, "", "", "show expired silences instead"},
                 {"quiet", 'q', "", "", "print ids only"},
                 {"id", 0, "ID", "", "show this one"},
                 {"created-by", 0, "NAME", "", "show those of this author"},
                 {"within", 0, "DURATION", "", "show those that end, or ended, within this time"}},
       .run = Query,
       .is_default = true},
      {.path = "silence expire",
       .operands = "ID …",
       .summary = "end silences now",
       .text = "",
       .flags = {},
       .run = Expire}};
  std::vector<Command> writing = SilenceWritingCommands();
  std::move(writing.begin(), writing.end(), std::back_inserter(commands));
  return commands;
}

}  // namespace watchfire::wfctl
