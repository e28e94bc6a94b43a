// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a template computes with: Go's values, as far as templates meet them. A Value is immutable
// and cheap to copy: scalars are in place, everything else is shared.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace watchfire::templates {

class Object;
class Value;
struct Function;
struct List;
struct Map;

// Go's names of types, as errors and %T show them. Other types bring their own.
inline constexpr std::string_view kAnyType = "interface {}";
inline constexpr std::string_view kStringType = "string";
inline constexpr std::string_view kAnyListType = "[]interface {}";
inline constexpr std::string_view kStringListType = "[]string";
inline constexpr std::string_view kAnyMapType = "map[string]interface {}";
inline constexpr std::string_view kStringMapType = "map[string]string";
// What Prometheus' query gives.
inline constexpr std::string_view kSampleType = "*template.sample";
inline constexpr std::string_view kSamplesType = "template.queryResult";

// Which of Go's integer types an integer has. All are held as int64.
enum class IntType : uint8_t { kInt, kInt64, kInt32, kUint8 };
// Which type of strings a text has: an HTML template trusts template.HTML and template.URL.
enum class TextType : uint8_t { kString, kHtml, kUrl };

class Value {
 public:
  // No value at all (Go's zero reflect.Value): prints as "<no value>", as an argument as "<nil>".
  Value() = default;
  Value(const Value&) = default;
  Value& operator=(const Value&) = default;
  Value(Value&& other) noexcept { *this = std::move(other); }
  Value& operator=(Value&& other) noexcept {
    kind_ = std::exchange(other.kind_, Kind::kNone);
    int_type_ = other.int_type_;
    text_type_ = other.text_type_;
    boxed_ = other.boxed_;
    data_ = other.data_;
    owner_ = std::move(other.owner_);
    return *this;
  }
  ~Value() = default;

  static Value Bool(bool value);
  static Value Int(int64_t value, IntType type = IntType::kInt);
  static Value Float(double value);
  static Value String(std::string text, TextType type = TextType::kString);
  // `text` is not copied: it lives at least as long as `owner`, or, without one, as every use of
  // the value.
  static Value View(std::string_view text, std::shared_ptr<const void> owner = nullptr) {
    Value out;
    out.kind_ = Kind::kText;
    out.data_.text = text;
    out.owner_ = std::move(owner);
    return out;
  }
  static Value Of(std::vector<Value> items, std::string_view type = kAnyListType);
  // Later entries win over earlier ones with the same key.
  static Value Of(std::vector<std::pair<std::string, Value>> entries,
                  std::string_view type = kAnyMapType);
  static Value Strings(std::vector<std::string> items, std::string_view type = kStringListType);
  static Value Of(std::shared_ptr<const Object> object);
  // These live as long as every use of the value.
  static Value Ref(const Object& object) {
    Value out;
    out.kind_ = Kind::kObject;
    out.data_.object = &object;
    return out;
  }
  static Value Ref(const List& list);

  // Returns this value as it is when an interface{} holds it and nobody has looked inside yet: the
  // element of a []interface{} or map[string]interface{}. Only error texts tell the difference,
  // and "nothing", which becomes a nil that fields cannot be taken of.
  Value Boxed() const;
  Value Unboxed() const;
  bool boxed() const { return boxed_; }

  // Each is null, or what the value is.
  bool is_nil() const { return kind_ == Kind::kNone; }
  const bool* as_bool() const { return kind_ == Kind::kBool ? &data_.boolean : nullptr; }
  const int64_t* as_int() const { return kind_ == Kind::kInt ? &data_.integer : nullptr; }
  const double* as_float() const { return kind_ == Kind::kFloat ? &data_.real : nullptr; }
  const std::string_view* as_string() const { return kind_ == Kind::kText ? &data_.text : nullptr; }
  const List* as_list() const { return kind_ == Kind::kList ? data_.list : nullptr; }
  const Map* as_map() const { return kind_ == Kind::kMap ? data_.map : nullptr; }
  const Object* as_object() const { return kind_ == Kind::kObject ? data_.object : nullptr; }
  IntType int_type() const { return int_type_; }
  TextType text_type() const { return text_type_; }

  // Returns the value itself or, for an object of a named type (a KV, a duration), the plain value
  // that it is: what Go's reflect.Kind sees. Objects without one are structs.
  Value Base() const;

  // Go's name of the type: "int", "[]string", "template.Alert"; "<nil>" for no value.
  std::string_view type() const;

  // How deep lists and maps nest: 0 for scalars and objects.
  int depth() const;

 private:
  enum class Kind : uint8_t { kNone, kBool, kInt, kFloat, kText, kList, kMap, kObject };
  union Data {
    Data() : integer(0) {}
    bool boolean;
    int64_t integer;
    double real;
    std::string_view text;
    const List* list;
    const Map* map;
    const Object* object;
  };

  Kind kind_ = Kind::kNone;
  IntType int_type_ = IntType::kInt;
  TextType text_type_ = TextType::kString;
  bool boxed_ = false;
  Data data_;
  std::shared_ptr<const void> owner_;  // Of what data_ points to, if that is anybody.
};

struct List {
  std::vector<Value> items;
  std::string_view type;
  int depth = 1;

  bool holds_interfaces() const { return type == kAnyListType; }
  // Element as an interface holds it, if this is a list of interfaces.
  Value At(size_t index) const;
};

struct Map {
  std::vector<std::pair<std::string, Value>> entries;  // Sorted by key, bytewise.
  std::string_view type;
  int depth = 1;

  const Value* Find(std::string_view key) const;
  // Entry as an interface holds it, if this is a map of interfaces.
  Value At(size_t index) const;
  bool holds_strings() const { return type != kAnyMapType; }
  // What a missing key gives when asked for its zero: "" or a nil interface.
  Value Zero() const;
};

struct Field {
  std::string_view name;
  std::string_view json;  // Key in toJson; empty: not in it.
};

// The texts of one element of a list, in the order of its fields. False ends the visit.
using VisitTexts = std::function<bool(std::span<const std::string_view> texts)>;

// A value of a named type, with fields and methods. Immutable.
class Object {
 public:
  virtual ~Object() = default;

  // "template.Alert".
  virtual std::string_view type() const = 0;
  // Fields in order of declaration, and the value of one of them by its index.
  virtual std::span<const Field> fields() const { return {}; }
  virtual Value Get(size_t field) const;
  virtual std::span<const Function> methods() const;
  // The plain value this is a name for (see Value::Base); nothing: a struct.
  virtual Value Underlying() const { return {}; }
  // Of a list whose elements have fields of text and nothing else: those fields, and each element
  // in turn, without building the list.
  virtual std::span<const Field> text_fields() const { return {}; }
  virtual void EachTexts(const VisitTexts& /*visit*/) const {}
  // How many items or entries that has, without building it: nothing only says "ask Underlying()".
  virtual std::optional<size_t> size() const { return std::nullopt; }
  // The entry of a map of strings, without building the map, and no value where there is none. What
  // is no such map gives nothing at all.
  virtual std::optional<Value> Entry(std::string_view key) const;
  // What its String() method says, if it has one.
  virtual std::optional<std::string> String() const { return std::nullopt; }
  // What stands for it in JSON; nothing: its fields or its plain value.
  virtual Value Json() const { return {}; }
};

}  // namespace watchfire::templates
