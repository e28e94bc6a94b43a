// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The functions that Go's text/template brings along.
// Source: https://pkg.go.dev/text/template#hdr-Functions.

#include <optional>

#include "pkg/base/strings.h"
#include "pkg/templates/escape.h"
#include "pkg/templates/format.h"
#include "pkg/templates/function.h"

namespace watchfire::templates {
namespace {

// The type of what `value` is or points at.
std::string PlainType(const Value& value) {
  const std::string_view type = value.type();
  return std::string(type.substr(type.starts_with("*") ? 1 : 0));
}

enum class Comparable { kNo, kBool, kInt, kFloat, kString };

Comparable KindOf(const Value& base) {
  if (base.as_bool() != nullptr) return Comparable::kBool;
  if (base.as_int() != nullptr) return Comparable::kInt;
  if (base.as_float() != nullptr) return Comparable::kFloat;
  if (base.as_string() != nullptr) return Comparable::kString;
  return Comparable::kNo;
}

tl::unexpected<Error> Incompatible(const Value& a, const Value& b) {
  return InvalidArgument("incompatible types for comparison: " + std::string(a.type()) + " and " +
                         std::string(b.type()));
}

// The value by %s, as Go shows it here.
std::string AsText(const Value& value) {
  return Shown(Value::String(Sprintf("%s", std::span(&value, 1)).value_or("a long value")));
}

// Equality of what is neither number nor text: nothing equals nothing, structs equal when they
// print equal and are plain (times), lists and maps do not compare.
Result<bool> EqualOthers(const Value& a, const Value& b) {
  if (a.is_nil() || b.is_nil()) return a.is_nil() == b.is_nil();
  const Value base_a = a.Base();
  const Value base_b = b.Base();
  const bool same_kind = (base_a.as_list() != nullptr) == (base_b.as_list() != nullptr) &&
                         (base_a.as_map() != nullptr) == (base_b.as_map() != nullptr);
  if (!same_kind) {
    return InvalidArgument("non-comparable types " + AsText(a) + ": " + std::string(a.type()) +
                           ", " + std::string(b.type()) + ": " + Shown(b));
  }
  const Object* object_a = base_a.as_object();
  const Object* object_b = base_b.as_object();
  const bool structs = object_a != nullptr && object_b != nullptr && object_a->String();
  if (!structs) {
    return InvalidArgument("non-comparable type " + AsText(b) + ": " + std::string(b.type()));
  }
  return object_a->type() == object_b->type() && object_a->String() == object_b->String();
}

Result<bool> Equal(const Value& a, const Value& b) {
  const Value base_a = a.Base();
  const Value base_b = b.Base();
  const Comparable kind = KindOf(base_a);
  if (kind != KindOf(base_b)) {
    if (a.is_nil() || b.is_nil()) return false;
    return Incompatible(a, b);
  }
  switch (kind) {
    case Comparable::kBool:
      return *base_a.as_bool() == *base_b.as_bool();
    case Comparable::kInt:
      return *base_a.as_int() == *base_b.as_int();
    case Comparable::kFloat:
      return *base_a.as_float() == *base_b.as_float();
    case Comparable::kString:
      return *base_a.as_string() == *base_b.as_string();
    case Comparable::kNo:
      break;
  }
  return EqualOthers(a, b);
}

Result<bool> Less(const Value& a, const Value& b) {
  const Value base_a = a.Base();
  const Value base_b = b.Base();
  const Comparable kind = KindOf(base_a);
  if (kind == Comparable::kNo || KindOf(base_b) == Comparable::kNo) {
    return InvalidArgument("invalid type for comparison");
  }
  if (kind != KindOf(base_b)) return Incompatible(a, b);
  if (kind == Comparable::kBool) return InvalidArgument("invalid type for comparison");
  if (kind == Comparable::kInt) return *base_a.as_int() < *base_b.as_int();
  if (kind == Comparable::kFloat) return *base_a.as_float() < *base_b.as_float();
  return *base_a.as_string() < *base_b.as_string();
}

Result<bool> LessOrEqual(const Value& a, const Value& b) {
  Result<bool> less = Less(a, b);
  if (!less || *less) return less;
  return Equal(a, b);
}

Result<Value> AsValue(const Result<bool>& truth, bool negate = false) {
  if (!truth) return Fail(truth.error());
  return Value::Bool(*truth != negate);
}

Result<Value> Eq(const Call& call) {
  if (call.args.size() < 2) return InvalidArgument("missing argument for comparison");
  for (const Value& other : call.args.subspan(1)) {
    const Result<bool> equal = Equal(call.args[0], other);
    if (!equal || *equal) return AsValue(equal);
  }
  return Value::Bool(false);
}

Result<Value> Ne(const Call& call) { return AsValue(Equal(call.args[0], call.args[1]), true); }
Result<Value> Lt(const Call& call) { return AsValue(Less(call.args[0], call.args[1])); }
Result<Value> Le(const Call& call) { return AsValue(LessOrEqual(call.args[0], call.args[1])); }
Result<Value> Gt(const Call& call) {
  return AsValue(LessOrEqual(call.args[0], call.args[1]), true);
}
Result<Value> Ge(const Call& call) { return AsValue(Less(call.args[0], call.args[1]), true); }
Result<Value> Not(const Call& call) { return Value::Bool(!Truth(call.args[0])); }

// Reads an index into something of `size` elements; `size` itself is in range, for slices.
Result<size_t> ReadIndex(const Value& index, size_t size) {
  const Value base = index.Base();
  if (base.is_nil()) return InvalidArgument("cannot index slice/array with nil");
  const int64_t* number = base.as_int();
  if (number == nullptr) {
    return InvalidArgument("cannot index slice/array with type " + std::string(index.type()));
  }
  if (*number < 0 || static_cast<uint64_t>(*number) > size) {
    return InvalidArgument("index out of range: " + std::to_string(*number));
  }
  return static_cast<size_t>(*number);
}

// Go's own words, since there the index panics.
tl::unexpected<Error> PastTheEnd(const char* what) {
  return InvalidArgument(std::string("reflect: ") + what + " index out of range");
}

Result<Value> IndexOne(const Value& item, const Value& index) {
  const Object* object = item.as_object();
  const std::string_view* key = index.as_string();
  if (object != nullptr && key != nullptr && index.text_type() == TextType::kString) {
    if (const auto entry = object->Entry(*key)) return entry->is_nil() ? Value::View("") : *entry;
  }
  const Value base = item.Base();
  if (base.is_nil()) return InvalidArgument("index of nil pointer");
  if (const List* list = base.as_list()) {
    const Result<size_t> at = ReadIndex(index, list->items.size());
    if (!at) return Fail(at.error());
    if (*at == list->items.size()) return PastTheEnd("slice");
    return list->At(*at);
  }
  if (const std::string_view* text = base.as_string()) {
    const Result<size_t> at = ReadIndex(index, text->size());
    if (!at) return Fail(at.error());
    if (*at == text->size()) return PastTheEnd("string");
    return Value::Int(static_cast<unsigned char>((*text)[*at]), IntType::kUint8);
  }
  const Map* map = base.as_map();
  if (map == nullptr) {
    return InvalidArgument("can't index item of type " + PlainType(item));
  }
  if (index.is_nil()) return InvalidArgument("value is nil; should be of type string");
  if (index.type() != kStringType) {
    return InvalidArgument("value has type " + std::string(index.type()) + "; should be string");
  }
  const Value* found = map->Find(*index.as_string());
  if (found == nullptr) return map->Zero();
  return map->holds_strings() ? *found : found->Boxed();
}

Result<Value> Index(const Call& call) {
  Value item = call.args[0];
  if (item.is_nil()) return InvalidArgument("index of untyped nil");
  for (const Value& index : call.args.subspan(1)) {
    Result<Value> next = IndexOne(item, index);
    if (!next) return next;
    item = *std::move(next);
  }
  return item;
}

Result<Value> Slice(const Call& call) {
  const Value base = call.args[0].Base();
  const std::span<const Value> indexes = call.args.subspan(1);
  if (base.is_nil()) return InvalidArgument("slice of untyped nil");
  if (indexes.size() > 3) {
    return InvalidArgument("too many slice indexes: " + std::to_string(indexes.size()));
  }
  const std::string_view* text = base.as_string();
  const List* list = base.as_list();
  if (text != nullptr && indexes.size() == 3) {
    return InvalidArgument("cannot 3-index slice a string");
  }
  if (text == nullptr && list == nullptr) {
    return InvalidArgument("can't slice item of type " + PlainType(call.args[0]));
  }
  const size_t size = text != nullptr ? text->size() : list->items.size();
  size_t bounds[3] = {0, size, size};
  for (size_t i = 0; i < indexes.size(); ++i) {
    // Go's own slice does not look inside interfaces.
    if (indexes[i].boxed()) {
      return InvalidArgument("cannot index slice/array with type interface {}");
    }
    const Result<size_t> bound = ReadIndex(indexes[i], size);
    if (!bound) return Fail(bound.error());
    bounds[i] = *bound;
  }
  for (const size_t i : {0U, 1U}) {
    if (bounds[i] > bounds[i + 1]) {
      return InvalidArgument("invalid slice index: " + std::to_string(bounds[i]) + " > " +
                             std::to_string(bounds[i + 1]));
    }
  }
  if (text != nullptr) {
    return Value::String(std::string(text->substr(bounds[0], bounds[1] - bounds[0])));
  }
  const auto first = list->items.begin();
  return Value::Of(std::vector<Value>(first + static_cast<ptrdiff_t>(bounds[0]),
                                      first + static_cast<ptrdiff_t>(bounds[1])),
                   call.args[0].type());
}

Result<Value> Len(const Call& call) {
  const auto count = [](size_t size) { return Value::Int(static_cast<int64_t>(size)); };
  const Object* object = call.args[0].as_object();
  if (const auto size = object != nullptr ? object->size() : std::nullopt) return count(*size);
  const Value base = call.args[0].Base();
  if (const std::string_view* text = base.as_string()) return count(text->size());
  if (const List* list = base.as_list()) return count(list->items.size());
  if (const Map* map = base.as_map()) return count(map->entries.size());
  if (call.args[0].boxed() && base.is_nil()) return InvalidArgument("len of nil pointer");
  // Go panics here, and reports that.
  if (base.is_nil()) {
    return InvalidArgument("reflect: call of reflect.Value.Type on zero Value");
  }
  return InvalidArgument("len of type " + PlainType(call.args[0]));
}

Result<Value> AsValue(Result<std::string> text) {
  if (!text) return Fail(std::move(text.error()));
  return Value::String(*std::move(text));
}

Result<Value> Print(const Call& call) { return AsValue(Sprint(call.args)); }
Result<Value> Println(const Call& call) { return AsValue(Sprintln(call.args)); }
Result<Value> Printf(const Call& call) {
  return AsValue(Sprintf(call.text(0), call.args.subspan(1)));
}

// The arguments as one text, for the escapers.
Result<std::string> Joined(const Call& call) {
  std::vector<Value> printable(call.args.begin(), call.args.end());
  for (Value& value : printable) {
    if (value.is_nil()) value = Value::View("<no value>");
  }
  return Sprint(printable);
}

Result<Value> Escaped(const Call& call, std::string (*escape)(std::string_view)) {
  const Result<std::string> text = Joined(call);
  if (!text) return Fail(text.error());
  return Value::String(escape(*text));
}

Result<Value> Html(const Call& call) { return Escaped(call, EscapeHtml); }
Result<Value> Js(const Call& call) { return Escaped(call, EscapeJs); }
Result<Value> UrlQuery(const Call& call) { return Escaped(call, EscapeQuery); }

constexpr Function kBuiltins[] = {
    {"and", "vv*", nullptr},
    {"call", "vv*", nullptr},
    {"eq", "vv*", Eq},
    {"ge", "vv", Ge},
    {"gt", "vv", Gt},
    {"html", "a*", Html},
    {"index", "vv*", Index},
    {"js", "a*", Js},
    {"le", "vv", Le},
    {"len", "v", Len},
    {"lt", "vv", Lt},
    {"ne", "vv", Ne},
    {"not", "v", Not},
    {"or", "vv*", nullptr},
    {"print", "a*", Print},
    {"printf", "sa*", Printf},
    {"println", "a*", Println},
    {"slice", "vv*", Slice},
    {"urlquery", "a*", UrlQuery},
};

}  // namespace

FunctionTable Builtins() { return kBuiltins; }

}  // namespace watchfire::templates
