// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/message_data.h"

#include <algorithm>
#include <memory>
#include <optional>
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

constexpr std::string_view kAlertListType = "[]template.Alert";
constexpr std::string_view kPairListType = "[]template.Pair";

Result<Value> CallString(const Call& call) { return Value::String(*call.self->String()); }

// template.Strings: a list of strings that can join itself.
class Strings : public Object {
 public:
  explicit Strings(std::vector<Value> items)
      : list_(Value::Of(std::move(items), templates::kStringListType)) {}

  std::string_view type() const override { return "template.Strings"; }
  Value Underlying() const override { return list_; }
  std::optional<size_t> size() const override { return list_.as_list()->items.size(); }
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

// Labels and who keeps them: nobody, when the message's data do, which outlive every value made of
// them.
struct Held {
  const labels::LabelSet& labels;
  std::shared_ptr<const void> owner = nullptr;

  Value Text(std::string_view text) const { return Value::View(text, owner); }
};

constexpr Field kPairFields[] = {{"Name", "Name"}, {"Value", "Value"}};

// template.Pair.
class Pair : public Object {
 public:
  Pair(const labels::Label& label, const Held& held) : label_(label), owner_(held.owner) {}

  std::string_view type() const override { return "template.Pair"; }
  std::span<const Field> fields() const override { return kPairFields; }
  Value Get(size_t field) const override {
    return Value::View(field == 0 ? label_.name : label_.value, owner_);
  }

 private:
  const labels::Label label_;
  const std::shared_ptr<const void> owner_;
};

// Visits the labels in the order people read them, alertname first, until `visit` gives false.
template <typename Visit>
void InOrder(const labels::LabelSet& labels, Visit visit) {
  constexpr std::string_view kFirst = "alertname";
  const auto first = std::ranges::find(labels, kFirst, &labels::Label::name);
  if (first != labels.end() && !visit(*first)) return;
  for (auto label = labels.begin(); label != labels.end(); ++label) {
    if (label != first && !visit(*label)) return;
  }
}

Value StringsOf(const Held& held, bool values) {
  std::vector<Value> items;
  items.reserve(held.labels.size());
  InOrder(held.labels, [&](const labels::Label& label) {
    items.push_back(held.Text(values ? label.value : label.name));
    return true;
  });
  return Value::Of(std::make_shared<Strings>(std::move(items)));
}

// "k=v, k2=v2".
std::string PairsText(const labels::LabelSet& labels) {
  std::string out;
  InOrder(labels, [&](const labels::Label& label) {
    if (!out.empty()) out += ", ";
    out.append(label.name).append("=").append(label.value);
    return true;
  });
  return out;
}

// template.Pairs and template.KV share the labels they show.
class Labels : public Object {
 public:
  explicit Labels(Held held) : held_(std::move(held)) {}

  const Held& held() const { return held_; }
  std::optional<size_t> size() const override { return held_.labels.size(); }
  std::optional<std::string> String() const override { return PairsText(held_.labels); }

 protected:
  const Held held_;
};

const Held& HeldOf(const Call& call) { return static_cast<const Labels*>(call.self)->held(); }

Result<Value> CallNames(const Call& call) { return StringsOf(HeldOf(call), false); }
Result<Value> CallValues(const Call& call) { return StringsOf(HeldOf(call), true); }

class Pairs : public Labels {
 public:
  using Labels::Labels;

  std::string_view type() const override { return "template.Pairs"; }
  Value Underlying() const override {
    std::vector<Value> items;
    items.reserve(held_.labels.size());
    InOrder(held_.labels, [&](const labels::Label& label) {
      items.push_back(Value::Of(std::make_shared<Pair>(label, held_)));
      return true;
    });
    return Value::Of(std::move(items), kPairListType);
  }
  std::span<const Field> text_fields() const override { return kPairFields; }
  void EachTexts(const templates::VisitTexts& visit) const override {
    InOrder(held_.labels, [&](const labels::Label& label) {
      const std::string_view texts[] = {label.name, label.value};
      return visit(texts);
    });
  }
  std::span<const Function> methods() const override;
};

constexpr Function kPairsMethods[] = {
    {"Names", "", CallNames}, {"String", "", CallString}, {"Values", "", CallValues}};

std::span<const Function> Pairs::methods() const { return kPairsMethods; }

class KeyValues : public Labels {
 public:
  explicit KeyValues(Held held) : Labels(std::move(held)), pairs_(held_) {}

  std::string_view type() const override { return "template.KV"; }
  Value Underlying() const override {
    std::vector<std::pair<std::string, Value>> entries;
    entries.reserve(held_.labels.size());
    for (const labels::Label& label : held_.labels) {
      entries.emplace_back(label.name, held_.Text(label.value));
    }
    return Value::Of(std::move(entries), templates::kStringMapType);
  }
  std::optional<Value> Entry(std::string_view key) const override {
    if (!held_.labels.Has(key)) return Value();
    return held_.Text(held_.labels.Get(key));
  }
  std::span<const Function> methods() const override;
  Value SortedPairs() const {
    return held_.owner == nullptr ? Value::Ref(pairs_) : Value::Of(std::make_shared<Pairs>(held_));
  }

 private:
  const Pairs pairs_;
};

Result<Value> CallSortedPairs(const Call& call) {
  return static_cast<const KeyValues*>(call.self)->SortedPairs();
}

Result<Value> CallRemove(const Call& call) {
  const Value names = call.args[0].Base();
  std::vector<labels::Label> kept;
  for (const labels::Label& label : HeldOf(call).labels) {
    const auto& items = names.as_list()->items;
    const bool removed = std::any_of(items.begin(), items.end(), [&](const Value& name) {
      return *name.as_string() == label.name;
    });
    if (!removed) kept.push_back(label);
  }
  auto labels =
      std::make_shared<const labels::LabelSet>(labels::LabelSet::FromViews(std::move(kept)));
  return Value::Of(std::make_shared<KeyValues>(Held{*labels, labels}));
}

constexpr Function kKvMethods[] = {{"Names", "", CallNames},
                                   {"Remove", "L", CallRemove},
                                   {"SortedPairs", "", CallSortedPairs},
                                   {"String", "", CallString},
                                   {"Values", "", CallValues}};

std::span<const Function> KeyValues::methods() const { return kKvMethods; }

constexpr Field kAlertFields[] = {{"Status", "status"},           {"Labels", "labels"},
                                  {"Annotations", "annotations"}, {"StartsAt", "startsAt"},
                                  {"EndsAt", "endsAt"},           {"GeneratorURL", "generatorURL"},
                                  {"Fingerprint", "fingerprint"}};

// In the zone of whoever named the time, as in the webhook's JSON. UTC is written without an
// offset.
Value TimeOf(const ZonedTime& time) {
  templates::GoTime go = templates::FromWallTime(time.time);
  const bool has_zone = time.zone_minutes != 0 && !go.IsZero();
  if (has_zone) go.zone = templates::FixedZone("", time.zone_minutes * 60);
  return templates::TimeValue(go);
}

// template.Alert.
class Alert : public Object {
 public:
  Alert(const alert::Alert& alert, bool firing)
      : alert_(alert),
        firing_(firing),
        labels_(Held{alert.labels}),
        annotations_(Held{alert.annotations}) {}

  bool firing() const { return firing_; }
  std::string_view type() const override { return "template.Alert"; }
  std::span<const Field> fields() const override { return kAlertFields; }
  Value Get(size_t field) const override {
    switch (field) {
      case 0:
        return Value::View(firing_ ? "firing" : "resolved");
      case 1:
        return Value::Ref(labels_);
      case 2:
        return Value::Ref(annotations_);
      case 3:
        return TimeOf({alert_.starts_at, alert_.starts_zone});
      case 4:
        return firing_ ? templates::TimeValue(templates::GoTime())
                       : TimeOf({alert_.ends_at, alert_.ends_zone});
      case 5:
        return Value::View(alert_.generator_url.view());
      default:
        return Value::String(Hex64(alert_.fingerprint()));
    }
  }

 private:
  const alert::Alert& alert_;
  const bool firing_;
  const KeyValues labels_;
  const KeyValues annotations_;
};

// template.Alerts.
class Alerts : public Object {
 public:
  // Of the notification, which outlives it.
  explicit Alerts(const dispatch::Notification& notification) {
    std::vector<Value> items;
    items.reserve(notification.alerts.size());
    alerts_.reserve(notification.alerts.size());  // They stay where they are.
    for (const alert::Alert& alert : notification.alerts) {
      const Alert& made = alerts_.emplace_back(alert, notification.Firing(alert));
      items.push_back(Value::Ref(made));
      firing_ += made.firing() ? 1 : 0;
    }
    list_ = Value::Of(std::move(items), kAlertListType);
  }

  std::string_view type() const override { return "template.Alerts"; }
  Value Underlying() const override { return Value::Ref(*list_.as_list()); }
  std::span<const Function> methods() const override;

  Value Selected(bool firing) const {
    const size_t count = firing ? firing_ : alerts_.size() - firing_;
    if (count == alerts_.size()) return Underlying();
    std::vector<Value> items;
    items.reserve(count);
    for (const Alert& alert : alerts_) {
      if (alert.firing() == firing) items.push_back(Value::Ref(alert));
    }
    return Value::Of(std::move(items), kAlertListType);
  }

 private:
  std::vector<Alert> alerts_;
  size_t firing_ = 0;
  Value list_;
};

Result<Value> CallFiring(const Call& call) {
  return static_cast<const Alerts*>(call.self)->Selected(true);
}
Result<Value> CallResolved(const Call& call) {
  return static_cast<const Alerts*>(call.self)->Selected(false);
}

constexpr Function kAlertsMethods[] = {{"Firing", "", CallFiring}, {"Resolved", "", CallResolved}};

std::span<const Function> Alerts::methods() const { return kAlertsMethods; }

constexpr Field kDataFields[] = {{"Receiver", "receiver"},
                                 {"Status", "status"},
                                 {"Alerts", "alerts"},
                                 {"NotificationReason", "notification_reason"},
                                 {"GroupLabels", "groupLabels"},
                                 {"CommonLabels", "commonLabels"},
                                 {"CommonAnnotations", "commonAnnotations"},
                                 {"RouteLabels", "routeLabels"},
                                 {"ExternalURL", "externalURL"},
                                 // Only of messages about the incident.
                                 {"Update", "update"}};
constexpr size_t kUpdateField = std::size(kDataFields) - 1;

constexpr Field kUpdateFields[] = {
    {"Action", "action"}, {"By", "by"}, {"Text", "text"}, {"Incident", "incident"}, {"At", "at"}};

// What happened to the incident.
class Update : public Object {
 public:
  explicit Update(const dispatch::VendorUpdate& update) : update_(update) {}

  std::string_view type() const override { return "template.Update"; }
  std::span<const Field> fields() const override { return kUpdateFields; }
  Value Get(size_t field) const override {
    switch (field) {
      case 0:
        return Value::View(config::VendorActName(update_.act));
      case 1:
        return Value::View(update_.by);
      case 2:
        return Value::View(update_.text);
      case 3:
        return Value::String(std::to_string(update_.incident));
      default:
        return templates::TimeValue(templates::FromWallTime(update_.at));
    }
  }

 private:
  const dispatch::VendorUpdate& update_;
};

// *template.Data. What it shows of labels is kept here.
class Data : public Object {
 public:
  Data(const dispatch::Notification& notification, const labels::LabelSet& route_labels)
      : notification_(notification), route_labels_(route_labels) {
    if (notification.update) update_.emplace(*notification.update);
  }

  std::string_view type() const override { return "*template.Data"; }
  std::span<const Field> fields() const override {
    return std::span(kDataFields).first(update_ ? kUpdateField + 1 : kUpdateField);
  }
  Value Get(size_t field) const override {
    switch (field) {
      case 0:
        return Value::String(QuoteRegex(notification_.receiver));
      case 1:
        return Value::View(notification_.firing() ? "firing" : "resolved");
      case 2:
        if (!alerts_) alerts_.emplace(notification_);
        return Value::Ref(*alerts_);
      case 3:
        return Value::View(dispatch::ReasonText(notification_.reason));
      case 4:
        return Value::Ref(group_);
      case 5:
        if (!common_labels_) common_labels_.emplace(notification_.common_labels());
        return Value::Ref(common_labels_->shown);
      case 6:
        if (!common_annotations_) common_annotations_.emplace(notification_.common_annotations());
        return Value::Ref(common_annotations_->shown);
      case 7:
        return Value::Ref(route_);
      case kUpdateField:
        return Value::Ref(*update_);
      default:
        return Value::View(notification_.external_url);
    }
  }

 private:
  struct Common {
    explicit Common(labels::LabelSet common) : labels(std::move(common)) {}

    const labels::LabelSet labels;
    const KeyValues shown{Held{labels}};
  };

  const dispatch::Notification& notification_;
  const labels::LabelSet route_labels_;
  const KeyValues group_{Held{notification_.group_labels}};
  const KeyValues route_{Held{route_labels_}};
  std::optional<Update> update_;
  // Made when first asked for.
  mutable std::optional<Alerts> alerts_;
  mutable std::optional<Common> common_labels_;
  mutable std::optional<Common> common_annotations_;
};

// template.Alert of what somebody has already.
class ShownAlert : public Object {
 public:
  explicit ShownAlert(const GivenAlert& alert)
      : alert_(alert), labels_(Held{alert.labels}), annotations_(Held{alert.annotations}) {}

  std::string_view status() const { return alert_.status; }
  std::string_view type() const override { return "template.Alert"; }
  std::span<const Field> fields() const override { return kAlertFields; }
  Value Get(size_t field) const override {
    switch (field) {
      case 0:
        return Value::View(alert_.status);
      case 1:
        return Value::Ref(labels_);
      case 2:
        return Value::Ref(annotations_);
      case 3:
        return TimeOf(alert_.starts_at);
      case 4:
        return TimeOf(alert_.ends_at);
      case 5:
        return Value::View(alert_.generator_url);
      default:
        return Value::View(alert_.fingerprint);
    }
  }

 private:
  const GivenAlert& alert_;
  const KeyValues labels_;
  const KeyValues annotations_;
};

// template.Alerts of those, which outlive it.
class ShownAlerts : public Object {
 public:
  explicit ShownAlerts(const std::vector<GivenAlert>& alerts) {
    std::vector<Value> items;
    items.reserve(alerts.size());
    alerts_.reserve(alerts.size());  // They stay where they are.
    for (const GivenAlert& alert : alerts) items.push_back(Value::Ref(alerts_.emplace_back(alert)));
    list_ = Value::Of(std::move(items), kAlertListType);
  }

  std::string_view type() const override { return "template.Alerts"; }
  Value Underlying() const override { return Value::Ref(*list_.as_list()); }
  std::span<const Function> methods() const override;

  Value Selected(std::string_view status) const {
    std::vector<Value> items;
    for (const ShownAlert& alert : alerts_) {
      if (alert.status() == status) items.push_back(Value::Ref(alert));
    }
    return Value::Of(std::move(items), kAlertListType);
  }

 private:
  std::vector<ShownAlert> alerts_;
  Value list_;
};

constexpr Function kShownAlertsMethods[] = {
    {"Firing", "",
     [](const Call& call) -> Result<Value> {
       return static_cast<const ShownAlerts*>(call.self)->Selected("firing");
     }},
    {"Resolved", "", [](const Call& call) -> Result<Value> {
       return static_cast<const ShownAlerts*>(call.self)->Selected("resolved");
     }}};

std::span<const Function> ShownAlerts::methods() const { return kShownAlertsMethods; }

// *template.Data of those.
class ShownData : public Object {
 public:
  explicit ShownData(GivenMessage given) : given_(std::move(given)) {}

  std::string_view type() const override { return "*template.Data"; }
  std::span<const Field> fields() const override {
    return std::span(kDataFields).first(kUpdateField);
  }
  Value Get(size_t field) const override {
    switch (field) {
      case 0:
        return Value::View(given_.receiver);
      case 1:
        return Value::View(given_.status);
      case 2:
        return Value::Ref(alerts_);
      case 3:
        return Value::View(given_.notification_reason);
      case 4:
        return Value::Ref(group_);
      case 5:
        return Value::Ref(common_labels_);
      case 6:
        return Value::Ref(common_annotations_);
      case 7:
        return Value::Ref(route_);
      default:
        return Value::View(given_.external_url);
    }
  }

 private:
  const GivenMessage given_;
  const ShownAlerts alerts_{given_.alerts};
  const KeyValues group_{Held{given_.group_labels}};
  const KeyValues common_labels_{Held{given_.common_labels}};
  const KeyValues common_annotations_{Held{given_.common_annotations}};
  const KeyValues route_{Held{given_.route_labels}};
};

}  // namespace

Value MessageData(const dispatch::Notification& notification,
                  const labels::LabelSet& route_labels) {
  return Value::Of(std::make_shared<Data>(notification, route_labels));
}

Value MessageData(const GivenMessage& given) {
  return Value::Of(std::make_shared<ShownData>(given));
}

}  // namespace watchfire::notify
