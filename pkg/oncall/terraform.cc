// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Terraform's words for what PagerDuty, Opsgenie and VictorOps have, turned into those of their
// APIs, which the readers know. Source: the providers' documentation (2025).

#include "pkg/oncall/terraform.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "pkg/oncall/view.h"

namespace watchfire::oncall {
namespace {

using config::YamlNode;
using Kind = YamlNode::Kind;
using Names = std::vector<std::pair<std::string, std::string>>;

YamlNode Scalar(const std::string& text, config::Mark mark) {
  YamlNode node;
  node.kind = Kind::kScalar;
  node.mark = mark;
  node.text = text;
  return node;
}

YamlNode* FindIn(YamlNode* map, const std::string& key) {
  for (size_t i = 0; i < map->keys.size(); ++i) {
    if (map->keys[i].text == key) return &map->items[i];
  }
  return nullptr;
}

void Set(YamlNode* map, const std::string& key, YamlNode value) {
  if (YamlNode* known = FindIn(map, key)) {
    *known = std::move(value);
    return;
  }
  map->keys.push_back({key, map->mark, false});
  map->items.push_back(std::move(value));
}

// start_date: startDate
std::string Camel(const std::string& name) {
  std::string camel;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool joins = name[i] == '_' && i > 0 && i + 1 < name.size();
    if (!joins) {
      camel += name[i];
      continue;
    }
    const char next = name[++i];
    camel += next >= 'a' && next <= 'z' ? static_cast<char>(next - 'a' + 'A') : next;
  }
  return camel;
}

// Renames keys at every depth, takes single blocks out of their lists, and references out of ${}.
class Rewriter {
 public:
  Rewriter(Names names, std::vector<std::string> single, bool is_camel)
      : names_(std::move(names)), single_(std::move(single)), is_camel_(is_camel) {}

  void Rewrite(YamlNode* node) const {
    if (node->kind == Kind::kScalar && node->text.starts_with("${") && node->text.ends_with("}")) {
      node->text = node->text.substr(2, node->text.size() - 3);
    }
    for (YamlNode& item : node->items) Rewrite(&item);
    for (size_t i = 0; i < node->keys.size(); ++i) {
      std::string& key = node->keys[i].text;
      YamlNode& value = node->items[i];
      if (std::ranges::count(single_, key) > 0 && value.kind == Kind::kList) {
        value = value.items.empty() ? YamlNode() : YamlNode(value.items.front());
      }
      const auto named = std::ranges::find(names_, key, &Names::value_type::first);
      if (named != names_.end()) {
        key = named->second;
      } else if (is_camel_) {
        key = Camel(key);
      }
    }
  }

 private:
  const Names names_;
  const std::vector<std::string> single_;
  const bool is_camel_;
};

std::optional<Rewriter> RewriterOf(const std::string& type) {
  if (type == "pagerduty_schedule") {
    // The provider turns the API's order of layers round: it must not look like an answer of it.
    return Rewriter({{"layer", "schedule_layers"},
                     {"restriction", "restrictions"},
                     {"final_schedule", "rendered"}},
                    {}, false);
  }
  if (type == "pagerduty_schedulev2") {
    return Rewriter({{"rotation", "rotations"}, {"event", "events"}, {"member", "members"}},
                    {"assignment_strategy"}, false);
  }
  if (type == "pagerduty_escalation_policy") {
    return Rewriter({{"rule", "escalation_rules"}, {"target", "targets"}},
                    {"escalation_rule_assignment_strategy"}, false);
  }
  if (type == "pagerduty_user") return Rewriter({}, {}, false);
  if (type == "opsgenie_user") return Rewriter({{"timezone", "timeZone"}}, {}, true);
  if (type == "opsgenie_schedule" || type == "opsgenie_schedule_rotation" ||
      type == "opsgenie_escalation" || type == "opsgenie_team") {
    return Rewriter({{"participant", "participants"}, {"member", "members"}},
                    {"time_restriction", "repeat"}, true);
  }
  if (type == "victorops_escalation_policy") {
    return Rewriter({{"step", "steps"}, {"type", "executionType"}}, {}, false);
  }
  return std::nullopt;
}

// What the API says in another place.
void Move(const std::string& type, YamlNode* thing) {
  if (type == "opsgenie_schedule" && FindIn(thing, "rotations") == nullptr) {
    YamlNode none;
    none.kind = Kind::kList;
    none.mark = thing->mark;
    Set(thing, "rotations", none);
  }
  if (type == "opsgenie_schedule_rotation") {
    YamlNode parent;
    parent.kind = Kind::kMap;
    parent.mark = thing->mark;
    const YamlNode* id = FindIn(thing, "scheduleId");
    if (id != nullptr) Set(&parent, "id", *id);
    Set(thing, "_parent", parent);
  }
  YamlNode* members = type == "opsgenie_team" ? FindIn(thing, "members") : nullptr;
  if (members == nullptr) return;
  for (YamlNode& member : members->items) {
    if (member.kind != Kind::kMap) continue;
    YamlNode user = member;
    Set(&member, "user", std::move(user));
  }
}

}  // namespace

bool IsTerraformType(const std::string& type) {
  return type.starts_with("pagerduty_") || type.starts_with("opsgenie_") ||
         type.starts_with("victorops_");
}

std::optional<YamlNode> FromTerraform(const std::string& type, const std::string& place,
                                      const YamlNode& thing) {
  const std::optional<Rewriter> rewriter = RewriterOf(type);
  if (!rewriter || thing.kind != Kind::kMap) return std::nullopt;
  YamlNode node = thing;
  rewriter->Rewrite(&node);
  const YamlNode* id = FindIn(&node, "id");
  if (id == nullptr || ScalarText(*id).empty()) Set(&node, "id", Scalar(place, node.mark));
  // Of users from elsewhere only the address is said.
  for (const auto& [from, to] : {std::pair{"email", "name"}, std::pair{"username", "fullName"}}) {
    const YamlNode* said = FindIn(&node, from);
    if (type.ends_with("_user") && said != nullptr && FindIn(&node, to) == nullptr) {
      Set(&node, to, YamlNode(*said));
    }
  }
  Move(type, &node);
  return node;
}

}  // namespace watchfire::oncall
