// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/value.h"

#include <algorithm>

#include "pkg/templates/function.h"

namespace watchfire::templates {
namespace {

bool KeyLess(const std::pair<std::string, Value>& entry, std::string_view key) {
  return entry.first < key;
}

std::string_view NameOf(TextType type) {
  switch (type) {
    case TextType::kString:
      return kStringType;
    case TextType::kHtml:
      return "template.HTML";
    case TextType::kUrl:
      return "template.URL";
  }
  return kStringType;
}

}  // namespace

Value Value::Bool(bool value) {
  Value out;
  out.kind_ = Kind::kBool;
  out.data_.boolean = value;
  return out;
}

Value Value::Int(int64_t value, IntType type) {
  Value out;
  out.kind_ = Kind::kInt;
  out.data_.integer = value;
  out.int_type_ = type;
  return out;
}

Value Value::Float(double value) {
  Value out;
  out.kind_ = Kind::kFloat;
  out.data_.real = value;
  return out;
}

Value Value::String(std::string text, TextType type) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  const std::string_view view = *owner;
  Value out = View(view, std::move(owner));
  out.text_type_ = type;
  return out;
}

Value Value::Of(std::vector<Value> items, std::string_view type) {
  List list{std::move(items), type};
  for (const Value& item : list.items) list.depth = std::max(list.depth, item.depth() + 1);
  auto owner = std::make_shared<const List>(std::move(list));
  Value out = Ref(*owner);
  out.owner_ = std::move(owner);
  return out;
}

Value Value::Of(std::vector<std::pair<std::string, Value>> entries, std::string_view type) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  auto map = std::make_shared<Map>();
  map->type = type;
  for (auto& entry : entries) {
    map->depth = std::max(map->depth, entry.second.depth() + 1);
    if (!map->entries.empty() && map->entries.back().first == entry.first) map->entries.pop_back();
    map->entries.push_back(std::move(entry));
  }
  Value out;
  out.kind_ = Kind::kMap;
  out.data_.map = map.get();
  out.owner_ = std::move(map);
  return out;
}

Value Value::Strings(std::vector<std::string> items, std::string_view type) {
  std::vector<Value> values;
  values.reserve(items.size());
  for (std::string& item : items) values.push_back(String(std::move(item)));
  return Of(std::move(values), type);
}

Value Value::Of(std::shared_ptr<const Object> object) {
  if (object == nullptr) return {};
  Value out = Ref(*object);
  out.owner_ = std::move(object);
  return out;
}

Value Value::Ref(const List& list) {
  Value out;
  out.kind_ = Kind::kList;
  out.data_.list = &list;
  return out;
}

Value Value::Boxed() const {
  Value out = *this;
  out.boxed_ = true;
  return out;
}

Value Value::Unboxed() const {
  Value out = *this;
  out.boxed_ = false;
  return out;
}

Value Value::Base() const {
  const Object* object = as_object();
  if (object == nullptr) return Unboxed();
  Value underlying = object->Underlying();
  return underlying.is_nil() ? Unboxed() : underlying;
}

std::string_view Value::type() const {
  if (is_nil()) return boxed_ ? kAnyType : "<nil>";
  if (as_bool() != nullptr) return "bool";
  if (as_float() != nullptr) return "float64";
  if (as_string() != nullptr) return NameOf(text_type_);
  if (const List* list = as_list()) return list->type;
  if (const Map* map = as_map()) return map->type;
  if (const Object* object = as_object()) return object->type();
  switch (int_type_) {
    case IntType::kInt:
      return "int";
    case IntType::kInt64:
      return "int64";
    case IntType::kInt32:
      return "int32";
    case IntType::kUint8:
      return "uint8";
  }
  return "int";
}

int Value::depth() const {
  if (const List* list = as_list()) return list->depth;
  if (const Map* map = as_map()) return map->depth;
  return 0;
}

Value List::At(size_t index) const {
  return holds_interfaces() ? items[index].Boxed() : items[index];
}

const Value* Map::Find(std::string_view key) const {
  const auto found = std::lower_bound(entries.begin(), entries.end(), key, KeyLess);
  return found != entries.end() && found->first == key ? &found->second : nullptr;
}

Value Map::At(size_t index) const {
  return holds_strings() ? entries[index].second : entries[index].second.Boxed();
}

Value Map::Zero() const { return holds_strings() ? Value::View("") : Value().Boxed(); }

Value Object::Get(size_t /*field*/) const { return {}; }
std::span<const Function> Object::methods() const { return {}; }
std::optional<Value> Object::Entry(std::string_view /*key*/) const { return std::nullopt; }

}  // namespace watchfire::templates
