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
#include "pkg/labels/set_pool.h"

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

// Times of one member in one alert after the other, which are mostly the same.
class Times {
 public:
  explicit Times(const char* member) : member_(member) {}

  ZonedTime Read(const element value, FieldReader* reader) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS && text == text_ && !text.empty()) return time_;
    text_ = text;
    time_ = reader->Time(member_, value);
    return time_;
  }

 private:
  const std::string member_;
  std::string_view text_;  // The parser's.
  ZonedTime time_;
};

struct TimesOfAlerts {
  Times starts_at{"startsAt"};
  Times ends_at{"endsAt"};
};

Posted Read(simdjson::dom::object object, TimesOfAlerts* times, FieldReader* reader) {
  Posted posted;
  for (const auto& [key, value] : object) {
    if (EqualsIgnoringCase(key, "labels")) {
      reader->Map("labels", value, &posted.labels);
    } else if (EqualsIgnoringCase(key, "annotations")) {
      std::optional<Labels> labels = std::move(posted.annotations);
      reader->Map("annotations", value, &labels);
      posted.annotations = std::move(labels).value_or(Labels());
    } else if (EqualsIgnoringCase(key, "startsAt") && !value.is_null()) {
      posted.starts_at = times->starts_at.Read(value, reader);
    } else if (EqualsIgnoringCase(key, "endsAt") && !value.is_null()) {
      posted.ends_at = times->ends_at.Read(value, reader);
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

size_t BytesOf(const Labels& pairs) {
  size_t bytes = 0;
  for (const auto& [name, value] : pairs) bytes += name.size() + value.size();
  return bytes;
}

// Returns the limit that these break, or "". They are ours: Alertmanager has none.
std::string LimitOver(const Labels& labels, const Labels& annotations, std::string_view url) {
  const auto over = [](const char* what, size_t have, size_t limit) {
    return have <= limit ? std::string()
                         : std::string(what) + ": " + std::to_string(have) + ", the limit is " +
                               std::to_string(limit);
  };
  std::string fault = over("too many labels", labels.size(), limits::kLabelsPerAlert);
  if (fault.empty()) {
    fault = over("too many bytes of labels", BytesOf(labels), limits::kLabelBytesPerAlert);
  }
  if (fault.empty()) {
    fault = over("too many bytes of annotations and generatorURL",
                 BytesOf(annotations) + url.size(), limits::kAnnotationBytesPerAlert);
  }
  return fault;
}

// The same of what was posted, of which of equal names only the last counts.
std::string LimitFault(Posted& posted) {
  const auto fault = [&posted] {
    return LimitOver(*posted.labels, posted.annotations, posted.generator_url);
  };
  if (fault().empty()) return "";
  labels::PutInOrder(&*posted.labels);
  labels::PutInOrder(&posted.annotations);
  return fault();
}

// Makes alerts of what was posted, one after the other. Those of one rule stand together: what they
// share is shared here, where it is at hand, and neither put together nor looked at for each.
class Admission {
 public:
  explicit Admission(const DecodeOptions& options) : options_(options) {}

  const SharedText& known_url() const { return url_; }

  void Take(Posted posted, size_t index) {
    Alert alert = WithTimes(posted);
    ++(alert.Resolved(options_.now) ? batch_.resolved : batch_.firing);
    Labels& labels = *posted.labels;
    const auto is_empty = [](const labels::Label& label) { return label.value.empty(); };
    if (std::ranges::any_of(labels, is_empty)) {
      // Dropped only when the last of several equal names has won.
      labels::PutInOrder(&labels);
      std::erase_if(labels, is_empty);
    }
    // Limits first, so that no text repeats a name of megabytes, and nobody shares one.
    if (std::string fault = LimitFault(posted); !fault.empty()) {
      ++batch_.over_limit;
      return Refuse(std::move(fault), index);
    }
    alert.labels = label_pool_.Make(&labels);
    alert.annotations = annotation_pool_.Make(&posted.annotations);
    if (url_.view() != posted.generator_url) url_ = posted.generator_url;
    alert.generator_url = url_;
    if (std::string fault = SemanticFault(alert); !fault.empty()) {
      return Refuse(std::move(fault), index);
    }
    batch_.valid.push_back(std::move(alert));
  }

  DecodedBatch Finish() {
    // Kept with the labels: worked out while they are at hand.
    std::vector<const labels::LabelSet*> sets;
    sets.reserve(batch_.valid.size());
    for (const Alert& alert : batch_.valid) sets.push_back(&alert.labels);
    labels::LabelSet::WorkOutFingerprints(sets);
    return std::move(batch_);
  }

  void Reserve(size_t alerts) { batch_.valid.reserve(alerts); }

 private:
  void Refuse(std::string fault, size_t index) {
    batch_.errors.push_back(std::move(fault) + " (alert " + std::to_string(index) + ")");
  }

  Alert WithTimes(const Posted& posted) const {
    Alert alert;
    alert.updated_at = options_.now;
    alert.starts_at = posted.starts_at.time;
    alert.starts_zone = posted.starts_at.zone_minutes;
    alert.ends_at = posted.ends_at.time;
    alert.ends_zone = posted.ends_at.zone_minutes;
    if (alert.starts_at == kNoTime) {
      alert.starts_at = alert.ends_at == kNoTime ? options_.now : alert.ends_at;
      alert.starts_zone = alert.ends_zone;
    }
    if (alert.ends_at == kNoTime) {
      alert.ends_at = options_.now + options_.resolve_timeout;
      alert.timeout = true;
    }
    return alert;
  }

  // Returns what is wrong with `alert`, or "". Alertmanager's order and texts; which of the batch
  // it is stands behind them, so that whoever looks for the beginning of such a text finds it.
  std::string SemanticFault(const Alert& alert) {
    if (alert.ends_at < alert.starts_at) return "start time must be before end time";
    if (alert.labels.empty()) return "at least one label pair required";
    std::string fault = NameFault(alert.labels, &good_labels_);
    if (!fault.empty()) return "invalid label set: " + fault;
    fault = NameFault(alert.annotations, &good_annotations_);
    return fault.empty() ? "" : "invalid annotations: " + fault;
  }

  // `good` has the names that were found good last.
  std::string NameFault(const labels::LabelSet& set, labels::LabelSet* good) const {
    const labels::LabelSet& names = set.names();
    if (names.IsThat(*good)) return "";
    for (const labels::Label& label : names) {
      const bool is_good =
          options_.classic_names ? labels::IsClassicLabelName(label.name) : !label.name.empty();
      if (!is_good) return "invalid name " + GoQuote(label.name);
    }
    *good = names;
    return "";
  }

  const DecodeOptions& options_;
  DecodedBatch batch_;
  SharedText url_;  // Of the alert before.
  labels::LabelSet good_labels_;
  labels::LabelSet good_annotations_;
  labels::SetPool label_pool_;
  labels::SetPool annotation_pool_;
};

// Type faults win over structural ones, wherever they stand: Go decodes the whole body first.
tl::expected<DecodedBatch, WireError> DecodeArray(simdjson::dom::array array,
                                                  const DecodeOptions& options) {
  Admission admission(options);
  admission.Reserve(std::min(array.size(), limits::kAlertsPerRequest));
  std::optional<WireError> structural;
  FieldReader reader("alert");
  TimesOfAlerts times;
  size_t index = 0;
  for (const element item : array) {
    if (index >= limits::kAlertsPerRequest) {
      return tl::unexpected(WireError{422, kMaxItemsCode,
                                      "alerts in body should have at most " +
                                          std::to_string(limits::kAlertsPerRequest) + " items"});
    }
    reader.StartObject(index);
    simdjson::dom::object object;
    if (item.get(object) == simdjson::SUCCESS) {
      Posted posted = Read(object, &times, &reader);
      if (!structural) structural = StructuralFault(posted, index, admission.known_url());
      if (!structural && reader.fault().empty()) admission.Take(std::move(posted), index);
    } else if (!item.is_null()) {
      reader.Mismatch("", "an object", item);
    } else if (!structural) {
      structural = Required(std::to_string(index));
    }
    if (!reader.fault().empty()) return tl::unexpected(Unparsable(kBody, reader.fault()));
    ++index;
  }
  if (structural) return tl::unexpected(*structural);
  return admission.Finish();
}

}  // namespace

tl::expected<DecodedBatch, WireError> DecodeAlerts(const std::string& body,
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
