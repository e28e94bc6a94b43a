// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/label_map.h"

#include <memory>
#include <string>

namespace watchfire::templates {
namespace {

class LabelMap : public Object {
 public:
  explicit LabelMap(const labels::LabelSet& labels)
      : labels_(std::make_shared<const labels::LabelSet>(labels)) {}

  std::string_view type() const override { return kStringMapType; }
  std::optional<Value> Entry(std::string_view key) const override {
    if (!labels_->Has(key)) return Value();
    return Value::View(labels_->Get(key), labels_);
  }
  std::optional<size_t> size() const override { return labels_->size(); }
  Value Underlying() const override {
    std::vector<std::pair<std::string, Value>> entries;
    entries.reserve(labels_->size());
    for (const labels::Label& label : *labels_) {
      entries.emplace_back(label.name, Value::View(label.value, labels_));
    }
    return Value::Of(std::move(entries), kStringMapType);
  }

 private:
  const std::shared_ptr<const labels::LabelSet> labels_;
};

}  // namespace

Value LabelMapValue(const labels::LabelSet& labels) {
  return Value::Of(std::make_shared<LabelMap>(labels));
}

}  // namespace watchfire::templates
