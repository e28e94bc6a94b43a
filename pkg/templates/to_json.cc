// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/to_json.h"

#include <cmath>

#include "pkg/base/json.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/templates/format_float.h"
#include "pkg/templates/function.h"

namespace watchfire::templates {
namespace {

// Plain digits unless they would be very many.
std::string JsonNumber(double value) {
  const double size = std::fabs(value);
  if (size == 0 || (size >= 1e-6 && size < 1e21)) return FormatFloat(value, 'f', kShortest);
  std::string out = FormatFloat(value, 'e', kShortest);
  // One digit of a small negative exponent is enough: e-9, not e-09.
  const size_t zero = out.find("e-0");
  if (zero != std::string::npos) out.erase(zero + 2, 1);
  return out;
}

class JsonEncoder {
 public:
  Result<std::string> Encode(const Value& value) {
    Write(value);
    if (!problem_.message.empty()) return Fail(std::move(problem_));
    return json_.Take();
  }

 private:
  // False once the text is too long or something cannot be written. A list may hold another one
  // many times over, so the text can be much larger than the value.
  bool Spend(size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > limits::kTemplateOutputBytes && problem_.message.empty()) {
      problem_ = TooMuchOutput().value();
    }
    return problem_.message.empty();
  }

  void Write(const Value& value) {
    if (!Spend(1)) {
      json_.Null();
    } else if (value.as_object() != nullptr) {
      WriteObject(*value.as_object());
    } else if (const bool* truth = value.as_bool()) {
      json_.Bool(*truth);
    } else if (const int64_t* integer = value.as_int()) {
      json_.Int(*integer);
    } else if (const double* real = value.as_float()) {
      WriteFloat(*real);
    } else if (const std::string_view* text = value.as_string()) {
      Spend(text->size());
      json_.String(*text);
    } else if (const List* list = value.as_list()) {
      json_.StartArray();
      for (const Value& item : list->items) Write(item);
      json_.EndArray();
    } else if (const Map* map = value.as_map()) {
      json_.StartObject();
      for (const auto& [key, item] : map->entries) {
        Spend(key.size());
        json_.Key(key);
        Write(item);
      }
      json_.EndObject();
    } else {
      json_.Null();
    }
  }

  void WriteFloat(double value) {
    if (std::isfinite(value)) {
      json_.Raw(JsonNumber(value));
      return;
    }
    if (problem_.message.empty()) {
      problem_.message = "json: unsupported value: " + FormatGoFloat(value);
    }
    json_.Null();
  }

  void WriteObject(const Object& object) {
    if (const Value json = object.Json(); !json.is_nil()) return Write(json);
    if (const Value underlying = object.Underlying(); !underlying.is_nil()) {
      return Write(underlying);
    }
    json_.StartObject();
    const std::span<const Field> fields = object.fields();
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].json.empty()) continue;
      json_.Key(fields[i].json);
      Write(object.Get(i));
    }
    json_.EndObject();
  }

  JsonWriter json_{/*escape_html=*/true};
  size_t bytes_ = 0;
  Error problem_;
};

}  // namespace

Result<std::string> ToJson(const Value& value) { return JsonEncoder().Encode(value); }

}  // namespace watchfire::templates
