// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/templates/typed_value.h"

#include <memory>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "pkg/base/check.h"
#include "pkg/base/time.h"
#include "pkg/templates/literals.h"
#include "pkg/templates/text_functions.h"
#include "pkg/templates/time_value.h"

namespace watchfire::templates {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using Entries = std::vector<std::pair<std::string, Value>>;

Entries TextEntries(element json) {
  Entries entries;
  for (const auto& [key, value] : json.get_object().value()) {
    entries.emplace_back(key, Value::String(std::string(value.get_string().value())));
  }
  return entries;
}

// main.KV: a map with a method and a String.
class KeyValues : public Object {
 public:
  explicit KeyValues(const Entries& entries) : map_(Value::Of(entries, kStringMapType)) {}

  const Map& map() const { return *map_.as_map(); }
  std::string_view type() const override { return "main.KV"; }
  Value Underlying() const override { return map_; }
  std::optional<std::string> String() const override {
    return "KV of " + std::to_string(map().entries.size());
  }
  std::span<const Function> methods() const override;

 private:
  const Value map_;
};

Result<Value> CallKeys(const Call& call) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : static_cast<const KeyValues*>(call.self)->map().entries) {
    keys.push_back(std::string(call.text(0)) + key);
  }
  return Value::Strings(std::move(keys));
}

Result<Value> CallKvString(const Call& call) { return Value::String(*call.self->String()); }

constexpr Function kKvMethods[] = {{"Keys", "s", CallKeys}, {"String", "", CallKvString}};

std::span<const Function> KeyValues::methods() const { return kKvMethods; }

// main.Item: a struct.
class Item : public Object {
 public:
  explicit Item(const Entries& entries)
      : count_(static_cast<int64_t>(entries.size())),
        labels_(Value::Of(std::make_shared<KeyValues>(entries))) {
    const Value* name = static_cast<const KeyValues*>(labels_.as_object())->map().Find("name");
    if (name != nullptr) name_ = *name;
  }

  std::string_view type() const override { return "main.Item"; }
  std::span<const Field> fields() const override {
    static constexpr Field kFields[] = {
        {"Name", "Name"}, {"Count", "Count"}, {"Labels", "Labels"}, {"At", "At"}};
    return kFields;
  }
  Value Get(size_t field) const override {
    switch (field) {
      case 0:
        return name_;
      case 1:
        return Value::Int(count_);
      case 2:
        return labels_;
      default: {
        GoTime time;
        time.seconds = 1'500'000'000;
        return TimeValue(time);
      }
    }
  }
  std::span<const Function> methods() const override;

 private:
  Value name_ = Value::View("");
  const int64_t count_;
  const Value labels_;
};

Result<Value> CallDouble(const Call& call) { return Value::Int(2 * call.integer(0)); }

constexpr Function kItemMethods[] = {{"Double", "i", CallDouble}};

std::span<const Function> Item::methods() const { return kItemMethods; }

Value Decode(element json);

Value DecodeTyped(std::string_view key, element inner) {
  if (key == "$map") return Value::Of(TextEntries(inner), kStringMapType);
  if (key == "$kv") return Value::Of(std::make_shared<KeyValues>(TextEntries(inner)));
  if (key == "$item") return Value::Of(std::make_shared<Item>(TextEntries(inner)));
  if (key == "$int64") return Value::Int(inner.get_int64().value(), IntType::kInt64);
  if (key == "$strings") {
    std::vector<std::string> items;
    for (const element item : inner.get_array().value()) {
      items.emplace_back(item.get_string().value());
    }
    return Value::Strings(std::move(items));
  }
  const std::string_view text = inner.get_string().value();
  if (key == "$float") {
    double number = 0;
    WF_CHECK(ParseFloat(text, &number));
    return Value::Float(number);
  }
  if (key == "$duration") return DurationValue(ParseGoDuration(text).value());
  WF_CHECK(key == "$time");
  return TimeValue(ParseTimeLayout("2006-01-02T15:04:05.999999999Z07:00", text).value());
}

Value Decode(element json) {
  switch (json.type()) {
    case element_type::ARRAY: {
      std::vector<Value> items;
      for (const element item : json.get_array().value()) items.push_back(Decode(item));
      return Value::Of(std::move(items));
    }
    case element_type::OBJECT: {
      const simdjson::dom::object object = json.get_object().value();
      Entries entries;
      for (const auto& [key, value] : object) {
        if (object.size() == 1 && key.starts_with("$")) return DecodeTyped(key, value);
        entries.emplace_back(key, Decode(value));
      }
      return Value::Of(std::move(entries));
    }
    case element_type::STRING:
      return Value::String(std::string(json.get_string().value()));
    case element_type::BOOL:
      return Value::Bool(json.get_bool().value());
    case element_type::DOUBLE:
      return Value::Float(json.get_double().value());
    case element_type::NULL_VALUE:
      return {};
    default:
      return Value::Int(json.get_int64().value());
  }
}

Result<Value> CallJoin(const Call& call) {
  std::string out;
  const Value base = call.args[1].Base();
  for (const Value& item : base.as_list()->items) {
    if (&item != base.as_list()->items.data()) out += call.text(0);
    out += *item.as_string();
  }
  return Value::String(std::move(out));
}

Result<Value> CallList(const Call& call) {
  return Value::Of(std::vector<Value>(call.args.begin(), call.args.end()));
}
Result<Value> CallWords(const Call& call) { return Value::String(TitleWords(call.text(0))); }
Result<Value> CallHalf(const Call& call) { return Value::Float(*call.args[0].as_float() / 2); }
Result<Value> CallNext(const Call& call) { return Value::Int(call.integer(0) + 1); }
Result<Value> CallNegate(const Call& call) { return Value::Bool(!*call.args[0].as_bool()); }
Result<Value> CallFail(const Call& call) { return InvalidArgument(std::string(call.text(0))); }
Result<Value> CallSafeUrl(const Call& call) {
  return Value::String(std::string(call.text(0)), TextType::kUrl);
}
Result<Value> CallDate(const Call& call) {
  return Value::String(FormatTime(*AsTime(call.args[1]), call.text(0)));
}
Result<Value> CallParse(const Call& call) {
  Result<GoTime> time = ParseTimeLayout(call.text(0), call.text(1));
  if (!time) return Fail(std::move(time.error()));
  return TimeValue(*std::move(time));
}

constexpr Function kOracleFunctions[] = {
    {"date", "st", CallDate},        {"fail", "s", CallFail},       {"half", "f", CallHalf},
    {"join", "sL", CallJoin},        {"list", "a*", CallList},      {"lower", "s", CallToLower},
    {"negate", "b", CallNegate},     {"next", "i", CallNext},       {"parse", "ss", CallParse},
    {"safeHtml", "s", CallSafeHtml}, {"safeUrl", "s", CallSafeUrl}, {"upper", "s", CallToUpper},
    {"words", "s", CallWords},
};

}  // namespace

Value TypedValue(std::string_view json) {
  simdjson::dom::parser parser;
  return Decode(parser.parse(simdjson::padded_string(json)).value());
}

FunctionTable OracleFunctions() { return kOracleFunctions; }

}  // namespace watchfire::templates
