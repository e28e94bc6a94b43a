// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Where a byte of a YAML text stands in its file. Private to pkg/config.

#pragma once

#include <cstddef>
#include <optional>

#include "pkg/config/yaml.h"

namespace watchfire::config {

// Returns the place of byte `offset` of `scalar.text` in `file`, from which `scalar` was read;
// scalar.text.size() is the place behind it. Plain, quoted and block texts, folded ones as well.
// nullopt where text and file do not go together, as for one that was decoded (!!binary).
std::optional<Mark> PlaceInScalar(const FileText& file, const YamlNode& scalar, size_t offset);

}  // namespace watchfire::config
