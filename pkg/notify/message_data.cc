// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/message_data.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/regex.h"
#include "pkg/base/strings.h"
#include "pkg/templates/function.h"
#include "pkg/templates/time_value.h"

namespace watchfire::notify {
namespace {

using templates::Call;
using templates::Field;
using templates::Function;
using templates::Object;
using templates::Value;
using SharedLabels = std::shared_ptr<const labels::LabelSet>;

constexpr std::string_view kAlertListType = "[]template.Alert";
constexpr std::string_view kFiring = "firing";
constexpr std::string_view kResolved = "resolved";

Result<Value> CallString(const Call& call) { return Value::String(*call.self->String()); }

// template.Strings: a list of strings that can join itself.
class Strings : public Object {
 public:
  explicit Strings(std::vector<Value> items)
      : list_(Value::Of(std::move(items), templates::kStringListType)) {}

  std::string_view type() const override { return "template.Strings"; }
  Value Underlying() const override { return list_; }
  std::span<const Function> methods() const override;

 private:
  const Value list_;
};

Result<Value> CallJoin(const Call& call) {
  const Value list = call.self->Underlying();
  std::string out;
  for (const Value& item : list.as_list()->items) {
    if (&item != list.as_list()->items.data()) out += call.text(0);
    out += *item.as_string();
    if (out.size() > limits::kTemplateOutputBytes) return templates::TooMuchOutput();
  }
  return Value::String(std::move(out));
}

constexpr Function kStringsMethods[] = {{"Join", "s", CallJoin}};

std::span<const Function> Strings::methods() const { return kStringsMethods; }

// template.Pair.
class Pair : public Object {
 public:
  Pair(const labels::Label& label, const SharedLabels& owner)
      : name_(Value::View(label.name, owner)), value_(Value::View(label.value, owner)) {}

  std::string_view type() const override { return "template.Pair"; }
  std::span<const Field> fields() const override {
    static constexpr Field kFields[] = {{"Name", "Name"}, {"Value", "Value"}};
    return kFields;
  }
  Value Get(size_t field) const override { return field == 0 ? name_ : value_; }

 private:
  const Value name_;
  const Value value_;
};

// The labels in the order people read them: alertname first.
std::vector<labels::Label> InOrder(const labels::LabelSet& labels) {
  std::vector<labels::Label> out;
  out.reserve(labels.size());
  for (const labels::Label& label : labels) {
    if (label.name == "alertname") out.push_back(label);
  }
  for (const labels::Label& label : labels) {
    if (label.name != "alertname") out.push_back(label);
  }
  return out;
}

Value StringsOf(const SharedLabels& labels, bool values) {
  std::vector<Value> items;
  items.reserve(labels->size());
  for (const labels::Label& label : InOrder(*labels)) {
    items.push_back(Value::View(values ? label.value : label.name, labels));
  }
  return Value::Of(std::make_shared<Strings>(std::move(items)));
}

// "k=v, k2=v2".
std::string PairsText(const labels::LabelSet& labels) {
  std::string out;
  for (const labels::Label& label : InOrder(labels)) {
    if (!out.empty()) out += ", ";
    out.append(label.name).append("=").append(label.value);
  }
  return out;
}

// template.Pairs and template.KV share the labels they show.
class Labels : public Object {
 public:
  explicit Labels(SharedLabels labels) : labels_(std::move(labels)) {}

  const SharedLabels& labels() const { return labels_; }
  std::optional<std::string> String() const override { return PairsText(*labels_); }

 protected:
  const SharedLabels labels_;
};

const SharedLabels& LabelsOf(const Call& call) {
  return static_cast<const Labels*>(call.self)->labels();
}

Result<Value> CallNames(const Call& call) { return StringsOf(LabelsOf(call), false); }
Result<Value> CallValues(const Call& call) { return StringsOf(LabelsOf(call), true); }

class Pairs : public Labels {
 public:
  using Labels::Labels;

  std::string_view type() const override { return "template.Pairs"; }
  Value Underlying() const override {
    std::vector<Value> items;
    items.reserve(labels_->size());
    for (const labels::Label& label : InOrder(*labels_)) {
      items.push_back(Value::Of(std::make_shared<Pair>(label, labels_)));
    }
    return Value::Of(std::move(items), "[]template.Pair");
  }
  std::span<const Function> methods() const override;
};

constexpr Function kPairsMethods[] = {
    {"Names", "", CallNames}, {"String", "", CallString}, {"Values", "", CallValues}};

std::span<const Function> Pairs::methods() const { return kPairsMethods; }

class KeyValues : public Labels {
 public:
  using Labels::Labels;

  std::string_view type() const override { return "template.KV"; }
  Value Underlying() const override {
    std::vector<std::pair<std::string, Value>> entries;
    entries.reserve(labels_->size());
    for (const labels::Label& label : *labels_) {
      entries.emplace_back(label.name, Value::View(label.value, labels_));
    }
    return Value::Of(std::move(entries), templates::kStringMapType);
  }
  std::optional<Value> Entry(std::string_view key) const override {
    if (!labels_->Has(key)) return std::nullopt;
    return Value::View(labels_->Get(key), labels_);
  }
  std::span<const Function> methods() const override;
};

Value KvOf(const labels::LabelSet& labels) {
  return Value::Of(std::make_shared<KeyValues>(std::make_shared<const labels::LabelSet>(labels)));
}

Result<Value> CallSortedPairs(const Call& call) {
  return Value::Of(std::make_shared<Pairs>(LabelsOf(call)));
}

Result<Value> CallRemove(const Call& call) {
  const Value names = call.args[0].Base();
  labels::LabelSet::Pairs kept;
  for (const labels::Label& label : *LabelsOf(call)) {
    const auto& items = names.as_list()->items;
    const bool removed = std::any_of(items.begin(), items.end(), [&](const Value& name) {
      return *name.as_string() == label.name;
    });
    if (!removed) kept.emplace_back(label.name, label.value);
  }
  return KvOf(labels::LabelSet(std::move(kept)));
}

constexpr Function kKvMethods[] = {{"Names", "", CallNames},
                                   {"Remove", "L", CallRemove},
                                   {"SortedPairs", "", CallSortedPairs},
                                   {"String", "", CallString},
                                   {"Values", "", CallValues}};

std::span<const Function> KeyValues::methods() const { return kKvMethods; }

// UTC is written without an offset.
Value TimeOf(const ZonedTime& time) {
  templates::GoTime go = templates::FromWallTime(time.time);
  if (time.zone_minutes != 0) go.zone = templates::FixedZone("", time.zone_minutes * 60);
  return templates::TimeValue(go);
}

// template.Alert.
class Alert : public Object {
 public:
  explicit Alert(const GivenAlert& alert)
      : status_(Value::String(alert.status)),
        labels_(KvOf(alert.labels)),
        annotations_(KvOf(alert.annotations)),
        starts_at_(TimeOf(alert.starts_at)),
        ends_at_(TimeOf(alert.ends_at)),
        generator_url_(Value::String(alert.generator_url)),
        fingerprint_(Value::String(alert.fingerprint)) {}
  Alert(const alert::Alert& alert, bool firing)
      : status_(Value::View(firing ? kFiring : kResolved)),
        labels_(KvOf(alert.labels)),
        annotations_(KvOf(alert.annotations)),
        starts_at_(templates::TimeValue(templates::FromWallTime(alert.starts_at))),
        ends_at_(templates::TimeValue(firing ? templates::GoTime()
                                             : templates::FromWallTime(alert.ends_at))),
        generator_url_(Value::String(std::string(alert.generator_url.view()))),
        fingerprint_(Value::String(Hex64(alert.fingerprint()))) {}

  std::string_view status() const { return *status_.as_string(); }
  std::string_view type() const override { return "template.Alert"; }
  std::span<const Field> fields() const override {
    static constexpr Field kFields[] = {
        {"Status", "status"},          {"Labels", "labels"}, {"Annotations", "annotations"},
        {"StartsAt", "startsAt"},      {"EndsAt", "endsAt"}, {"GeneratorURL", "generatorURL"},
        {"Fingerprint", "fingerprint"}};
    return kFields;
  }
  Value Get(size_t field) const override {
    const Value* const values[] = {&status_,  &labels_,        &annotations_, &starts_at_,
                                   &ends_at_, &generator_url_, &fingerprint_};
    return *values[field];
  }

 private:
  const Value status_;
  const Value labels_;
  const Value annotations_;
  const Value starts_at_;
  const Value ends_at_;
  const Value generator_url_;
  const Value fingerprint_;
};

// template.Alerts.
class Alerts : public Object {
 public:
  explicit Alerts(const dispatch::Notification& notification) {
    std::vector<Value> items;
    items.reserve(notification.alerts.size());
    for (const alert::Alert& alert : notification.alerts) {
      items.push_back(Value::Of(std::make_shared<Alert>(alert, notification.Firing(alert))));
    }
    list_ = Value::Of(std::move(items), kAlertListType);
  }
  explicit Alerts(const std::vector<GivenAlert>& alerts) {
    std::vector<Value> items;
    items.reserve(alerts.size());
    for (const GivenAlert& alert : alerts) {
      items.push_back(Value::Of(std::make_shared<Alert>(alert)));
    }
    list_ = Value::Of(std::move(items), kAlertListType);
  }

  std::string_view type() const override { return "template.Alerts"; }
  Value Underlying() const override { return list_; }
  std::span<const Function> methods() const override;

 private:
  Value list_;
};

Result<Value> Selected(const Call& call, std::string_view status) {
  const Value list = call.self->Underlying();
  std::vector<Value> items;
  for (const Value& item : list.as_list()->items) {
    if (static_cast<const Alert*>(item.as_object())->status() == status) items.push_back(item);
  }
  return Value::Of(std::move(items), kAlertListType);
}
Result<Value> CallFiring(const Call& call) { return Selected(call, kFiring); }
Result<Value> CallResolved(const Call& call) { return Selected(call, kResolved); }

constexpr Function kAlertsMethods[] = {{"Firing", "", CallFiring}, {"Resolved", "", CallResolved}};

std::span<const Function> Alerts::methods() const { return kAlertsMethods; }

// *template.Data.
class Data : public Object {
 public:
  explicit Data(std::vector<Value> values) : values_(std::move(values)) {}

  std::string_view type() const override { return "*template.Data"; }
  std::span<const Field> fields() const override {
    static constexpr Field kFields[] = {{"Receiver", "receiver"},
                                        {"Status", "status"},
                                        {"Alerts", "alerts"},
                                        {"NotificationReason", "notification_reason"},
                                        {"GroupLabels", "groupLabels"},
                                        {"CommonLabels", "commonLabels"},
                                        {"CommonAnnotations", "commonAnnotations"},
                                        {"RouteLabels", "routeLabels"},
                                        {"ExternalURL", "externalURL"}};
    return kFields;
  }
  Value Get(size_t field) const override { return values_[field]; }

 private:
  const std::vector<Value> values_;  // In the order of the fields.
};

}  // namespace

Value MessageData(const dispatch::Notification& notification,
                  const labels::LabelSet& route_labels) {
  return Value::Of(std::make_shared<Data>(std::vector<Value>{
      Value::String(QuoteRegex(notification.receiver)),
      Value::View(notification.firing() ? kFiring : kResolved),
      Value::Of(std::make_shared<Alerts>(notification)),
      Value::View(dispatch::ReasonText(notification.reason)),
      KvOf(notification.group_labels),
      KvOf(notification.common_labels()),
      KvOf(notification.common_annotations()),
      KvOf(route_labels),
      Value::String(notification.external_url),
  }));
}

Value MessageData(const GivenMessage& given) {
  return Value::Of(std::make_shared<Data>(std::vector<Value>{
      Value::String(given.receiver),
      Value::String(given.status),
      Value::Of(std::make_shared<Alerts>(given.alerts)),
      Value::String(given.notification_reason),
      KvOf(given.group_labels),
      KvOf(given.common_labels),
      KvOf(given.common_annotations),
      KvOf(given.route_labels),
      Value::String(given.external_url),
  }));
}

}  // namespace watchfire::notify
