// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include "pkg/labels/labels.h"

namespace watchfire::labels {

// Makes `key` a text that is equal for two sets exactly when they have equal values of all `names`;
// a label that is missing has the empty one. Keeps what memory `key` has.
void MakeValuesKey(const LabelSet& labels, const std::vector<std::string>& names, std::string* key);

// The same of all labels but those of `names`.
void MakeOtherValuesKey(const LabelSet& labels, const std::vector<std::string>& names,
                        std::string* key);

}  // namespace watchfire::labels
