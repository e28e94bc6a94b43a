// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which reader a document is for, through whatever envelope it comes in.

#include "pkg/oncall/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>

#include "pkg/base/strings.h"
#include "pkg/oncall/loader.h"
#include "pkg/oncall/terraform.h"

namespace watchfire::oncall {
namespace {

using config::YamlNode;
using Kind = YamlNode::Kind;

// Keys under which APIs and exports put what they are about.
constexpr std::array kEnvelopes = {"data",
                                   "values",
                                   "results",
                                   "items",
                                   "users",
                                   "user",
                                   "teams",
                                   "team",
                                   "schedules",
                                   "schedule",
                                   "rotations",
                                   "rotation",
                                   "rotationGroups",
                                   "on_call_shifts",
                                   "shifts",
                                   "custom_shifts",
                                   "custom_shift",
                                   "overrides",
                                   "override",
                                   "scheduledOverrides",
                                   "escalation_policies",
                                   "escalation_policy",
                                   "escalations",
                                   "escalation",
                                   "policies",
                                   "policy",
                                   "escalation_chains",
                                   "notificationRules",
                                   "personal_notification_rules",
                                   "integrations",
                                   "routes",
                                   "oncall"};

// A text of JSON may say characters beyond the first plane as two halves, which YAML does not know.
std::string JoinSurrogates(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) return text;
  const auto unit = [&](size_t at) -> int {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
    int value = 0;
    const char* end = text.data() + at + 6;
    const auto [stop, error] = std::from_chars(text.data() + at + 2, end, value, 16);
    return error == std::errc() && stop == end ? value : -1;
  };
  std::string joined;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      joined += text[i++];
      continue;
    }
    const int high = unit(i);
    const int low = high >= 0xd800 && high < 0xdc00 ? unit(i + 6) : -1;
    if (low >= 0xdc00 && low < 0xe000) {
      const int code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
      std::array<char, 9> digits{};
      const auto [end, error] = std::to_chars(digits.data(), digits.data() + 8, code, 16);
      const std::string hex(digits.data(), end);
      joined += "\\U" + std::string(8 - hex.size(), '0') + hex;
      i += 12;
    } else if (high >= 0xd800 && high < 0xe000) {
      joined += "\\ufffd";
      i += 6;
    } else {
      joined += text.substr(i, 2);
      i += 2;
    }
  }
  return joined;
}

class Visitor {
 public:
  explicit Visitor(Loader* loader) : loader_(*loader) {}

  // True if something in it was known.
  bool Visit(View view, const std::string& hint, int depth) {
    if (depth > 6) return false;
    if (view.node().kind == Kind::kList) {
      bool known = view.node().items.empty();
      for (const YamlNode& item : view.node().items) {
        known |= Visit(View(item, view.source()), hint, depth + 1);
      }
      return known;
    }
    if (!view.is_map()) return false;
    if (ReadNative(view, &loader_)) return true;
    for (const auto read : {ReadPagerDutyShifts, ReadPersonalRules, ReadOpsgenie, ReadVictorOps,
                            ReadPagerDuty, ReadGrafana}) {
      if (read(view, hint, &loader_)) return true;
    }
    bool known = VisitTerraform(view, depth);
    for (const char* key : kEnvelopes) {
      if (auto inside = view.Get(key)) known |= Visit(*inside, key, depth + 1);
    }
    if (!known && hint.starts_with("over")) {
      view.source().Warn(view.mark(), "this override is not understood, and changes nothing",
                         "it needs its start, its end, and a user");
    }
    return known;
  }

 private:
  // Terraform's JSON, {"resource": {"pagerduty_schedule": {"primary": {…}}}} and "data" alike, and
  // its state: {"values": {"root_module": {"resources": [{type, name, values}]}}}, or with
  // "instances" of "attributes".
  bool VisitTerraform(View& view, int depth) {
    bool known = false;
    for (const char* key : {"root_module", "child_modules"}) {
      if (auto inside = view.Get(key)) known |= Visit(*inside, key, depth + 1);
    }
    if (auto state = view.Get("resources")) {
      for (const YamlNode& item : state->node().items) {
        if (item.kind == Kind::kMap) known |= VisitState(View(item, view.source()), depth);
      }
    }
    for (const char* key : {"resource", "data"}) {
      if (!view.HasMap(key)) continue;
      const YamlNode& types = *view.node().Find(key);
      const std::string prefix = key == std::string("data") ? "data." : "";
      for (size_t i = 0; i < types.keys.size(); ++i) {
        const std::string& type = types.keys[i].text;
        const YamlNode& things = types.items[i];
        for (size_t j = 0; j < things.keys.size(); ++j) {
          const std::string place = prefix + type + "." + things.keys[j].text + ".id";
          known |= VisitThing(type, place, View(things.items[j], view.source()), depth);
        }
      }
    }
    return known;
  }

  bool VisitState(View item, int depth) {
    const std::string type = item.HasMap("type") || item.HasList("type") ? "" : item.Text("type");
    const bool is_named = !item.HasMap("name") && !item.HasList("name");
    const std::string place = type + "." + (is_named ? item.Text("name") : "") + ".id";
    bool known = false;
    if (auto values = item.Get("values")) known |= VisitThing(type, place, *values, depth);
    if (!item.HasList("instances")) return known;
    for (View instance : item.Items("instances")) {
      auto attributes = instance.is_map() ? instance.Get("attributes") : std::nullopt;
      if (attributes) known |= VisitThing(type, place, *attributes, depth);
    }
    return known;
  }

  bool VisitThing(const std::string& type, const std::string& place, View thing, int depth) {
    // Terraform may put a block into a list of one.
    if (thing.node().kind == Kind::kList) {
      bool known = false;
      for (const YamlNode& item : thing.node().items) {
        if (item.kind == Kind::kMap) {
          known |= VisitThing(type, place, View(item, thing.source()), depth);
        }
      }
      return known;
    }
    if (type.starts_with("grafana_oncall_")) {
      loader_.alias = place;
      const bool is_chain = type == "grafana_oncall_escalation_chain";
      const bool known = Visit(thing, is_chain ? "escalation_chains" : "", depth + 1);
      loader_.alias.clear();
      return known;
    }
    if (!IsTerraformType(type)) return false;
    std::optional<YamlNode> node = FromTerraform(type, place, thing.node());
    if (!node) return true;
    const YamlNode& made = loader_.made.emplace_back(*std::move(node));
    return Visit(View(made, thing.source()), type.ends_with("_user") ? "users" : "", depth + 1);
  }

  Loader& loader_;
};

constexpr const char* kShapes =
    "known are: our own `oncall:`, and schedules, rotations, overrides, escalations, policies, "
    "teams and users of Opsgenie, PagerDuty, VictorOps and Grafana OnCall";

void ReadDocument(const std::vector<YamlNode>& parts, const config::Source& source,
                  Loader* loader) {
  for (const YamlNode& part : parts) {
    if (part.kind == Kind::kNull) continue;
    if (Visitor(loader).Visit(View(part, source), "", 0)) continue;
    const config::Mark mark = part.mark.line > 0 ? part.mark : config::Mark{1, 1};
    source.Error(mark, "nothing here says who is on call", kShapes);
  }
  if (std::ranges::all_of(parts, [](const YamlNode& p) { return p.kind == Kind::kNull; })) {
    source.Warn({1, 1}, "the file is empty");
  }
}

}  // namespace

Status SetReadOption(const std::string& text, ReadOptions* options) {
  using Delays = ReadOptions::Delays;
  using Layers = ReadOptions::Layers;
  if (text == "ends=exact" || text == "ends=next-minute") {
    options->exact_ends = text == "ends=exact";
  } else if (text == "weekly=each-day" || text == "weekly=one-stretch") {
    options->weekly_each_day = text == "weekly=each-day";
  } else if (text == "delays=before") {
    options->delays = Delays::kBefore;
  } else if (text == "delays=after") {
    options->delays = Delays::kAfter;
  } else if (text == "delays=since-start") {
    options->delays = Delays::kSinceStart;
  } else if (text == "layers=first" || text == "layers=last") {
    options->layers = text == "layers=first" ? Layers::kFirstWins : Layers::kLastWins;
  } else {
    return InvalidArgument(GoQuote(text) +
                           " is none of ends=exact, ends=next-minute, weekly=each-day, "
                           "weekly=one-stretch, delays=before, delays=after, delays=since-start, "
                           "layers=first, layers=last");
  }
  return {};
}

Loaded Load(const std::vector<Document>& documents, const ReadOptions& options) {
  config::Problems problems;
  std::deque<config::Source> sources;       // Views keep references to these,
  std::deque<std::vector<YamlNode>> trees;  // and to these.
  Loader loader(options);
  for (const Document& document : documents) {
    const config::Source& source = sources.emplace_back(document.path, &problems);
    auto parts = config::ParseYaml(JoinSurrogates(document.text), source);
    if (parts) ReadDocument(trees.emplace_back(*std::move(parts)), source, &loader);
  }
  FinishOpsgenie(&loader);
  FinishVictorOps(&loader);
  FinishGrafana(&loader);
  FinishPagerDuty(&loader);
  JoinRules(&loader);
  LinkRoster(&loader);
  Loaded loaded;
  if (!problems.has_error()) loaded.roster = std::move(loader.roster);
  loaded.problems = problems.Take();
  loaded.remarks = std::move(loader.remarks);
  loaded.written = std::move(loader.written);
  loaded.formats = std::move(loader.formats);
  return loaded;
}

void Loader::Note(Remark::Kind kind, const View& view, const std::string& key,
                  const std::string& subject, const std::string& text) {
  const config::Mark mark = key.empty() ? view.mark() : view.At(key);
  const Remark remark{kind, view.source().file, mark.line, mark.column, subject, text};
  if (remarks.size() < 10'000) remarks.push_back(remark);
}

void Loader::Format(const View& view, const std::string& vendor) {
  const std::pair<std::string, std::string> format(view.source().file, vendor);
  if (std::ranges::find(formats, format) == formats.end()) formats.push_back(format);
}

bool Loader::Define(const std::string& kind, const std::string& name, const View& view) {
  const config::Mark mark = view.node().Find("name") != nullptr ? view.At("name") : view.mark();
  if (name.empty()) {
    view.source().Error(mark, "a " + kind + " needs a name");
    return false;
  }
  const auto [found, is_new] =
      definitions.emplace(std::pair(kind, name), Place{&view.source(), mark});
  if (is_new) return true;
  view.source().Error(mark, kind + " " + GoQuote(name) + " is there twice",
                      "first in " + found->second.source->file + " on line " +
                          std::to_string(found->second.mark.line));
  return false;
}

Target Loader::Mention(Target::Kind kind, const std::string& name, const View& view,
                       const std::string& key) {
  const config::Mark mark = key.empty() ? view.mark() : view.At(key);
  mentions.emplace(std::pair(kind, name), Place{&view.source(), mark});
  if (name.empty()) view.source().Error(mark, "it does not say who");
  return {kind, name, 0};
}

std::string Subject(const std::string& kind, const std::string& name) {
  return kind + " " + GoQuote(name);
}

void AddName(const std::string& name, std::vector<std::string>* names) {
  if (!name.empty() && std::ranges::find(*names, name) == names->end()) names->push_back(name);
}

std::string FirstText(View& view, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    const YamlNode* node = view.node().Find(key);
    if (node == nullptr || node->kind != Kind::kScalar || node->text.empty()) continue;
    return view.Text(key);
  }
  return "";
}

bool ParseEvery(const std::string& text, Rotation* rotation) {
  static constexpr std::array<std::pair<std::string_view, Unit>, 21> kUnits = {
      {{"hourly", Unit::kHour},   {"daily", Unit::kDay},      {"weekly", Unit::kWeek},
       {"monthly", Unit::kMonth}, {"m", Unit::kMinute},       {"min", Unit::kMinute},
       {"minute", Unit::kMinute}, {"minutes", Unit::kMinute}, {"h", Unit::kHour},
       {"hour", Unit::kHour},     {"hours", Unit::kHour},     {"d", Unit::kDay},
       {"day", Unit::kDay},       {"days", Unit::kDay},       {"w", Unit::kWeek},
       {"week", Unit::kWeek},     {"weeks", Unit::kWeek},     {"mo", Unit::kMonth},
       {"month", Unit::kMonth},   {"months", Unit::kMonth},   {"min.", Unit::kMinute}}};
  const std::string lower = ToLower(text);
  size_t digits = 0;
  while (digits < lower.size() && lower[digits] >= '0' && lower[digits] <= '9') ++digits;
  const std::string_view word = Trim(std::string_view(lower).substr(digits));
  const auto unit = std::ranges::find(kUnits, word, &std::pair<std::string_view, Unit>::first);
  if (unit == kUnits.end() || digits > 6) return false;
  rotation->unit = unit->second;
  rotation->length = digits == 0 ? 1 : std::stol(lower.substr(0, digits));
  // More than a year in all units that are shorter.
  const bool is_minutes = rotation->unit == Unit::kMinute;
  return rotation->length >= (is_minutes ? 10 : 1) &&
         rotation->length <= (is_minutes ? 600'000 : 10'000);
}

void SetSeconds(int64_t seconds, Rotation* rotation) {
  const auto set = [&](Unit unit, int64_t each) {
    rotation->unit = unit;
    rotation->length = std::max<int64_t>(1, seconds / each);
  };
  if (seconds % Window::kWeek == 0) return set(Unit::kWeek, Window::kWeek);
  if (seconds % Window::kDay == 0) return set(Unit::kDay, Window::kDay);
  if (seconds % 3600 == 0) return set(Unit::kHour, 3600);
  set(Unit::kMinute, 60);
}

Duration Later(Duration at, Duration wait) { return std::min(at + wait, kAfterMax); }

}  // namespace watchfire::oncall
