// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/wire.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "pkg/alert/lenient.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::alert {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using Pairs = labels::LabelSet::Pairs;

// Codes of go-openapi/errors.
constexpr int kFormatCode = 601;
constexpr int kRequiredCode = 602;
constexpr int kMaxItemsCode = 611;

// How much of the offending text an error repeats, at most.
constexpr size_t kEchoRunes = 1024;

WireError Unparsable(const std::string& why) {
  return {400, 400, "parsing alerts body from \"\" failed, because " + why};
}

const char* TypeName(element value) {
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

// What one element of the body says, before any rule of meaning.
struct Posted {
  std::optional<Pairs> labels;  // Nullopt: missing or null.
  Pairs annotations;
  WallTime starts_at = kNoTime;
  WallTime ends_at = kNoTime;
  std::string generator_url;
};

// Reads elements; remembers the first fault of type, which fails the whole body.
class Reader {
 public:
  explicit Reader(size_t index) : place_("alert " + std::to_string(index)) {}

  Posted Read(simdjson::dom::object object) {
    Posted posted;
    for (const auto& [key, value] : object) {
      if (EqualsIgnoringCase(key, "labels")) {
        ReadMap("labels", value, &posted.labels);
      } else if (EqualsIgnoringCase(key, "annotations")) {
        std::optional<Pairs> pairs = std::move(posted.annotations);
        ReadMap("annotations", value, &pairs);
        posted.annotations = std::move(pairs).value_or(Pairs());
      } else if (EqualsIgnoringCase(key, "startsAt")) {
        ReadTime("startsAt", value, &posted.starts_at);
      } else if (EqualsIgnoringCase(key, "endsAt")) {
        ReadTime("endsAt", value, &posted.ends_at);
      } else if (EqualsIgnoringCase(key, "generatorURL") && !value.is_null()) {
        posted.generator_url = Text("generatorURL", value);
      }
    }
    return posted;
  }

  void NotAnObject(element value) {
    Fault(std::string(" must be an object, not ") + TypeName(value));
  }
  const std::string& fault() const { return fault_; }  // Empty: none.

 private:
  void Fault(const std::string& what) {
    if (fault_.empty()) fault_ = place_ + TruncateRunes(what, kEchoRunes);
  }
  void Mismatch(const std::string& member, const char* want, element value) {
    Fault(": " + member + " must be " + want + ", not " + TypeName(value));
  }

  std::string_view Text(const std::string& member, element value) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) Mismatch(member, "a string", value);
    return text;
  }

  // A second map of the same name adds to the first, as Go's decoder does it; null clears.
  void ReadMap(const std::string& member, element value, std::optional<Pairs>* out) {
    if (value.is_null()) {
      out->reset();
      return;
    }
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) {
      return Mismatch(member, "an object of strings", value);
    }
    if (!*out) out->emplace();
    for (const auto& [key, text] : object) {
      // A null is an empty string: a label that then is dropped.
      (*out)->emplace_back(key, text.is_null() ? "" : Text(member + "." + std::string(key), text));
    }
  }

  void ReadTime(const char* member, element value, WallTime* out) {
    if (value.is_null()) return;
    const std::string_view text = Text(member, value);
    if (text.empty()) {
      *out = WallTime();  // 1970, a quirk of go-openapi.
      return;
    }
    Result<WallTime> time = ParseTime(text);
    if (!time) {
      if (const auto saturated = Saturate(text)) time = *saturated;
    }
    if (!time) return Fault(": " + std::string(member) + ": " + time.error().message);
    *out = *time;
  }

  // Some senders mean "never" by the year 9999. Go counts that far; our nanoseconds end in 2262,
  // so a year outside the range becomes the nearest leap year (for the sake of 29 February) inside.
  static std::optional<WallTime> Saturate(std::string_view text) {
    const std::string_view year = text.substr(0, 4);
    const bool number = year.find_first_not_of("0123456789") == std::string_view::npos;
    if (text.size() < 10 || !number || (year >= "1678" && year <= "2261")) return std::nullopt;
    const auto time = ParseTime((year > "2261" ? "2260" : "1680") + std::string(text.substr(4)));
    return time ? std::optional<WallTime>(*time) : std::nullopt;
  }

  std::string place_;
  std::string fault_;
};

std::optional<WireError> StructuralFault(const Posted& posted, size_t index) {
  const std::string place = std::to_string(index);
  if (!posted.generator_url.empty() && !IsRequestUri(posted.generator_url)) {
    return WireError{422, kFormatCode,
                     place + ".generatorURL in body must be of type uri: " +
                         GoQuote(TruncateRunes(posted.generator_url, kEchoRunes))};
  }
  if (!posted.labels) {
    return WireError{422, kRequiredCode, place + ".labels in body is required"};
  }
  return std::nullopt;
}

Alert Complete(Posted posted, const DecodeOptions& options) {
  Alert alert;
  alert.updated_at = options.now;
  alert.starts_at = posted.starts_at;
  alert.ends_at = posted.ends_at;
  if (alert.starts_at == kNoTime) {
    alert.starts_at = alert.ends_at == kNoTime ? options.now : alert.ends_at;
  }
  if (alert.ends_at == kNoTime) {
    alert.ends_at = options.now + options.resolve_timeout;
    alert.timeout = true;
  }
  alert.labels = labels::LabelSet(std::move(*posted.labels));
  // Dropped only now, when the last of several equal names has won.
  const auto is_empty = [](const labels::Label& label) { return label.value.empty(); };
  if (std::ranges::any_of(alert.labels, is_empty)) alert.labels = alert.labels.With({});
  alert.annotations = labels::LabelSet(std::move(posted.annotations));
  alert.generator_url = std::move(posted.generator_url);
  return alert;
}

// Returns what is wrong with `alert`, or "". Alertmanager's order and texts.
std::string SemanticFault(const Alert& alert, bool classic_names) {
  const auto bad_name = [classic_names](const labels::LabelSet& set) -> std::optional<std::string> {
    for (const labels::Label& label : set) {
      const bool good =
          classic_names ? labels::IsClassicLabelName(label.name) : !label.name.empty();
      if (!good) return "invalid name " + GoQuote(label.name);
    }
    return std::nullopt;
  };
  if (alert.ends_at < alert.starts_at) return "start time must be before end time";
  if (alert.labels.empty()) return "at least one label pair required";
  if (const auto fault = bad_name(alert.labels)) return "invalid label set: " + *fault;
  if (const auto fault = bad_name(alert.annotations)) return "invalid annotations: " + *fault;
  return "";
}

// Returns the limit that `alert` breaks, or "". These are ours: Alertmanager has none.
std::string LimitFault(const Alert& alert) {
  const auto over = [](const std::string& what, size_t have, size_t limit) {
    return have <= limit
               ? ""
               : what + ": " + std::to_string(have) + ", the limit is " + std::to_string(limit);
  };
  std::string fault = over("too many labels", alert.labels.size(), limits::kLabelsPerAlert);
  if (fault.empty()) {
    fault = over("too many bytes of labels", alert.labels.bytes(), limits::kLabelBytesPerAlert);
  }
  if (fault.empty()) {
    fault = over("too many bytes of annotations and generatorURL",
                 alert.annotations.bytes() + alert.generator_url.size(),
                 limits::kAnnotationBytesPerAlert);
  }
  return fault;
}

void Admit(Alert alert, size_t index, const DecodeOptions& options, DecodedBatch* batch) {
  ++(alert.Resolved(options.now) ? batch->resolved : batch->firing);
  // Limits first, so that no text repeats a name of megabytes.
  if (std::string fault = LimitFault(alert); !fault.empty()) {
    batch->errors.push_back("alert " + std::to_string(index) + ": " + fault);
    ++batch->over_limit;
  } else if (fault = SemanticFault(alert, options.classic_names); !fault.empty()) {
    batch->errors.push_back(std::move(fault));
  } else {
    batch->valid.push_back(std::move(alert));
  }
}

// Type faults win over structural ones, wherever they stand: Go decodes the whole body first.
tl::expected<DecodedBatch, WireError> DecodeArray(simdjson::dom::array array,
                                                  const DecodeOptions& options) {
  DecodedBatch batch;
  std::optional<WireError> structural;
  size_t index = 0;
  for (const element item : array) {
    if (index >= limits::kAlertsPerRequest) {
      return tl::unexpected(WireError{422, kMaxItemsCode,
                                      "alerts in body should have at most " +
                                          std::to_string(limits::kAlertsPerRequest) + " items"});
    }
    Reader reader(index);
    simdjson::dom::object object;
    if (item.get(object) == simdjson::SUCCESS) {
      Posted posted = reader.Read(object);
      if (!structural) structural = StructuralFault(posted, index);
      if (!structural && reader.fault().empty()) {
        Admit(Complete(std::move(posted), options), index, options, &batch);
      }
    } else if (!item.is_null()) {
      reader.NotAnObject(item);
    } else if (!structural) {
      structural = WireError{422, kRequiredCode, std::to_string(index) + " in body is required"};
    }
    if (!reader.fault().empty()) return tl::unexpected(Unparsable(reader.fault()));
    ++index;
  }
  if (structural) return tl::unexpected(*structural);
  return batch;
}

}  // namespace

tl::expected<DecodedBatch, WireError> DecodeAlerts(std::string_view body,
                                                   const DecodeOptions& options) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return tl::unexpected(WireError{422, kRequiredCode, "alerts in body is required"});
  }
  simdjson::dom::parser parser;
  element root;
  simdjson::error_code error = parser.parse(body.data(), body.size()).get(root);
  std::string repaired;
  if (error != simdjson::SUCCESS) {
    // The strict parser is fast; the few bodies it refuses get a second chance.
    repaired = RepairJson(body);
    if (repaired != body) error = parser.parse(repaired).get(root);
  }
  if (error != simdjson::SUCCESS) return tl::unexpected(Unparsable(simdjson::error_message(error)));
  if (root.is_null()) return DecodedBatch();
  simdjson::dom::array array;
  if (root.get(array) != simdjson::SUCCESS) {
    return tl::unexpected(
        Unparsable(std::string("the body must be an array of alerts, not ") + TypeName(root)));
  }
  return DecodeArray(array, options);
}

}  // namespace watchfire::alert
