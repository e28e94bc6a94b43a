// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/labels/values_key.h"

#include <algorithm>

namespace watchfire::labels {

void MakeValuesKey(const LabelSet& labels, const std::vector<std::string>& names,
                   std::string* key) {
  key->clear();
  for (const std::string& name : names) {
    key->append(labels.Get(name));
    *key += '\xff';  // Stands in no UTF-8 text, so different values never join to one key.
  }
}

void MakeOtherValuesKey(const LabelSet& labels, const std::vector<std::string>& names,
                        std::string* key) {
  key->clear();
  for (const Label& label : labels) {
    if (std::ranges::find(names, label.name) != names.end()) continue;
    key->append(label.name);
    *key += '\xff';
    key->append(label.value);
    *key += '\xff';
  }
}

}  // namespace watchfire::labels
