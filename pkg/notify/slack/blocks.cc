// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/slack/blocks.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/templates/to_json.h"

namespace watchfire::notify::slack {
namespace {

using config::TemplateTree;
using templates::Value;

constexpr size_t kBlocksMax = 50;
constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();

// The longest texts that Slack takes, by the type they are in and the key they stand under.
struct Limit {
  std::string_view type;
  std::string_view key;
  size_t runes;
};
constexpr std::array<Limit, 7> kLimits = {{{"header", "text", 150},
                                           {"section", "text", 3000},
                                           {"section", "fields", 2000},
                                           {"context", "elements", 2000},
                                           {"button", "text", 75},
                                           {"button", "value", 2000},
                                           {"image", "alt_text", 2000}}};

std::string_view TypeOf(const Value& block) {
  const templates::Map* map = block.as_map();
  const Value* type = map != nullptr ? map->Find("type") : nullptr;
  const std::string_view* text = type != nullptr ? type->as_string() : nullptr;
  return text != nullptr ? *text : "";
}

size_t LimitOf(std::string_view type, std::string_view key, size_t around) {
  for (const Limit& limit : kLimits) {
    if (limit.type == type && limit.key == key) return std::min(around, limit.runes);
  }
  return around;
}

// Cuts every text below `value`.
Value Cut(const Value& value, size_t runes_max) {
  if (const std::string_view* text = value.as_string()) {
    return runes_max == kUnlimited ? value : Value::String(TruncateRunes(*text, runes_max));
  }
  if (const templates::List* list = value.as_list()) {
    std::vector<Value> items;
    for (const Value& item : list->items) items.push_back(Cut(item, runes_max));
    return Value::Of(std::move(items));
  }
  if (const templates::Map* map = value.as_map()) {
    const std::string_view type = TypeOf(value);
    std::vector<std::pair<std::string, Value>> entries;
    for (const auto& [key, item] : map->entries) {
      entries.emplace_back(key, Cut(item, LimitOf(type, key, runes_max)));
    }
    return Value::Of(std::move(entries));
  }
  return value;
}

// As Rendering::Tree, but texts stay what they are: Slack wants "5" where 5 was rendered.
Value Texts(const TemplateTree& tree, Rendering* message) {
  switch (tree.kind) {
    case TemplateTree::Kind::kValue:
      return tree.value;
    case TemplateTree::Kind::kText:
      return Value::String(message->Text(tree.text));
    case TemplateTree::Kind::kList: {
      std::vector<Value> items;
      for (const TemplateTree& item : tree.items) items.push_back(Texts(item, message));
      return Value::Of(std::move(items));
    }
    case TemplateTree::Kind::kMap: {
      std::vector<std::pair<std::string, Value>> entries;
      for (size_t i = 0; i < tree.keys.size(); ++i) {
        entries.emplace_back(message->Text(tree.keys[i]), Texts(tree.items[i], message));
      }
      return Value::Of(std::move(entries));
    }
  }
  return {};
}

// Appends a block, or the blocks of a list. Nothing is no block.
void Append(const Value& value, std::vector<Value>* blocks) {
  if (value.is_nil()) return;
  if (const templates::List* list = value.as_list()) {
    for (const Value& item : list->items) Append(item, blocks);
  } else {
    blocks->push_back(value);
  }
}

Value LeftOut(size_t count) {
  const Value text = Value::Of(std::vector<std::pair<std::string, Value>>{
      {"type", Value::String("plain_text")},
      {"text", Value::String(std::to_string(count) + " more blocks are left out.")}});
  return Value::Of(std::vector<std::pair<std::string, Value>>{
      {"type", Value::String("context")}, {"elements", Value::Of(std::vector<Value>{text})}});
}

}  // namespace

std::vector<notify::Limit> BlockLimits() {
  std::vector<notify::Limit> limits = {
      {"blocks", kBlocksMax, "blocks", "end in one that says how many are left out"}};
  for (const Limit& limit : kLimits) {
    limits.push_back(
        {std::string(limit.key) + " in a block of type " + std::string(limit.type), limit.runes});
  }
  return limits;
}

Result<std::string> BlocksJson(const TemplateTree& tree, Rendering* message) {
  std::vector<Value> blocks;
  if (tree.kind == TemplateTree::Kind::kList) {
    for (const TemplateTree& item : tree.items) {
      const bool is_text = item.kind == TemplateTree::Kind::kText;
      Append(is_text ? message->Tree(item) : Texts(item, message), &blocks);
    }
  } else {
    Append(message->Tree(tree), &blocks);
  }
  WF_RETURN_IF_ERROR(message->status());
  for (Value& block : blocks) {
    if (block.as_map() == nullptr) return InvalidArgument("blocks: an entry is not a mapping");
    block = Cut(block, kUnlimited);
  }
  if (blocks.size() > kBlocksMax) {
    const size_t left_out = blocks.size() - (kBlocksMax - 1);
    blocks.resize(kBlocksMax - 1);
    blocks.push_back(LeftOut(left_out));
  }
  return templates::ToJson(Value::Of(std::move(blocks)));
}

}  // namespace watchfire::notify::slack
