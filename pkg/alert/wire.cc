// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/wire.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "pkg/alert/body.h"
#include "pkg/alert/lenient.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::alert {
namespace {

using simdjson::dom::element;
using Labels = std::vector<labels::Label>;

constexpr const char* kBody = "alerts";
// What a parser needs for a body of this size it may keep for the next one.
constexpr size_t kKeptBodyBytes = 1024 * 1024;

// What one element of the body says, before any rule of meaning. The texts are the parser's.
struct Posted {
  std::optional<Labels> labels;  // Nullopt: missing or null.
  Labels annotations;
  ZonedTime starts_at;
  ZonedTime ends_at;
  std::string_view generator_url;
};

Posted Read(simdjson::dom::object object, FieldReader* reader) {
  Posted posted;
  for (const auto& [key, value] : object) {
    if (EqualsIgnoringCase(key, "labels")) {
      reader->Map("labels", value, &posted.labels);
    } else if (EqualsIgnoringCase(key, "annotations")) {
      std::optional<Labels> labels = std::move(posted.annotations);
      reader->Map("annotations", value, &labels);
      posted.annotations = std::move(labels).value_or(Labels());
    } else if (EqualsIgnoringCase(key, "startsAt") && !value.is_null()) {
      posted.starts_at = reader->Time("startsAt", value);
    } else if (EqualsIgnoringCase(key, "endsAt") && !value.is_null()) {
      posted.ends_at = reader->Time("endsAt", value);
    } else if (EqualsIgnoringCase(key, "generatorURL") && !value.is_null()) {
      posted.generator_url = reader->Text("generatorURL", value);
    }
  }
  return posted;
}

// `known_url` is one that has been found good.
std::optional<WireError> StructuralFault(const Posted& posted, size_t index,
                                         std::string_view known_url) {
  const auto place = [index] { return std::to_string(index); };
  if (!posted.generator_url.empty() && posted.generator_url != known_url &&
      !IsRequestUri(posted.generator_url)) {
    return WireError{422, kFormatCode,
                     place() + ".generatorURL in body must be of type uri: " +
                         GoQuote(TruncateRunes(posted.generator_url, kEchoRunes))};
  }
  if (!posted.labels) {
    return Required(place() + ".labels");
  }
  return std::nullopt;
}

// Alerts of one rule stand together: `url`, that of the one before, is shared if it is the same.
Alert Complete(Posted posted, const DecodeOptions& options, SharedText* url) {
  Alert alert;
  alert.updated_at = options.now;
  alert.starts_at = posted.starts_at.time;
  alert.starts_zone = posted.starts_at.zone_minutes;
  alert.ends_at = posted.ends_at.time;
  alert.ends_zone = posted.ends_at.zone_minutes;
  if (alert.starts_at == kNoTime) {
    alert.starts_at = alert.ends_at == kNoTime ? options.now : alert.ends_at;
    alert.starts_zone = alert.ends_zone;
  }
  if (alert.ends_at == kNoTime) {
    alert.ends_at = options.now + options.resolve_timeout;
    alert.timeout = true;
  }
  const auto is_empty = [](const labels::Label& label) { return label.value.empty(); };
  const bool has_empty = std::ranges::any_of(*posted.labels, is_empty);
  alert.labels = labels::LabelSet::FromViews(std::move(*posted.labels));
  // Dropped only now, when the last of several equal names has won.
  if (has_empty) alert.labels = alert.labels.With({});
  alert.annotations = labels::LabelSet::FromViews(std::move(posted.annotations));
  if (url->view() != posted.generator_url) *url = posted.generator_url;
  alert.generator_url = *url;
  return alert;
}

// Returns what is wrong with `alert`, or "". Alertmanager's order and texts; which of the batch it
// is stands behind them, so that whoever looks for the beginning of such a text finds it.
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
  const auto over = [](const char* what, size_t have, size_t limit) {
    return have <= limit ? std::string()
                         : std::string(what) + ": " + std::to_string(have) + ", the limit is " +
                               std::to_string(limit);
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
  std::string fault = LimitFault(alert);
  if (!fault.empty()) {
    ++batch->over_limit;
  } else {
    fault = SemanticFault(alert, options.classic_names);
  }
  if (fault.empty()) {
    batch->valid.push_back(std::move(alert));
  } else {
    batch->errors.push_back(fault + " (alert " + std::to_string(index) + ")");
  }
}

// Type faults win over structural ones, wherever they stand: Go decodes the whole body first.
tl::expected<DecodedBatch, WireError> DecodeArray(simdjson::dom::array array,
                                                  const DecodeOptions& options) {
  DecodedBatch batch;
  std::optional<WireError> structural;
  SharedText url;
  batch.valid.reserve(std::min(array.size(), limits::kAlertsPerRequest));
  size_t index = 0;
  for (const element item : array) {
    if (index >= limits::kAlertsPerRequest) {
      return tl::unexpected(WireError{422, kMaxItemsCode,
                                      "alerts in body should have at most " +
                                          std::to_string(limits::kAlertsPerRequest) + " items"});
    }
    FieldReader reader("alert " + std::to_string(index));
    simdjson::dom::object object;
    if (item.get(object) == simdjson::SUCCESS) {
      Posted posted = Read(object, &reader);
      if (!structural) structural = StructuralFault(posted, index, url);
      if (!structural && reader.fault().empty()) {
        Admit(Complete(std::move(posted), options, &url), index, options, &batch);
      }
    } else if (!item.is_null()) {
      reader.Mismatch("", "an object", item);
    } else if (!structural) {
      structural = Required(std::to_string(index));
    }
    if (!reader.fault().empty()) return tl::unexpected(Unparsable(kBody, reader.fault()));
    ++index;
  }
  if (structural) return tl::unexpected(*structural);
  // Kept with the labels: worked out while they are at hand.
  std::vector<const labels::LabelSet*> sets;
  sets.reserve(batch.valid.size());
  for (const Alert& alert : batch.valid) sets.push_back(&alert.labels);
  labels::LabelSet::WorkOutFingerprints(sets);
  return batch;
}

}  // namespace

tl::expected<DecodedBatch, WireError> DecodeAlerts(std::string_view body,
                                                   const DecodeOptions& options) {
  // Its memory is a dozen times the body: to get it anew for each costs as much as to parse.
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser own;
  simdjson::dom::parser& parser = body.size() <= kKeptBodyBytes ? kept : own;
  const auto parsed = ParseBody(kBody, body, &parser);
  if (!parsed) return tl::unexpected(parsed.error());
  const element root = *parsed;
  if (root.is_null()) return DecodedBatch();
  simdjson::dom::array array;
  if (root.get(array) != simdjson::SUCCESS) {
    return tl::unexpected(Unparsable(
        kBody, std::string("the body must be an array of alerts, not ") + TypeName(root)));
  }
  return DecodeArray(array, options);
}

}  // namespace watchfire::alert
