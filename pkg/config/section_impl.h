// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a Section holds. Private to pkg/config.

#pragma once

#include <set>
#include <string>

#include "pkg/config/section.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {

struct Section::Impl {
  std::string file;
  const Node* node = nullptr;   // Always a map.
  const Node* place = nullptr;  // Where the section stands.
  std::string what;             // "route": for messages.
  Problems* problems = nullptr;
  std::set<std::string> asked;

  // The value of a key that is set and not null; remembers that it was asked for.
  const Node* Take(const std::string& key);
  void Wrong(const Node& at, const std::string& key, const std::string& want);
  const Node& Place(const std::string& key) const;
};

// A section over `node`; not a mapping is a problem (nothing at all is an empty one).
Section MakeSection(const std::string& file, const Node& node, const std::string& what,
                    Problems* problems);

const Node& EmptyMap();

// Errors: kInvalidArgument in Alertmanager's words.
Status CheckUrl(const std::string& url);

}  // namespace watchfire::config
