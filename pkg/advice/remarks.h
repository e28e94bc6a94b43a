// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the parts of Advise() share. Private to pkg/advice.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pkg/advice/advice.h"
#include "pkg/config/yaml.h"

namespace watchfire::advice {

// Where remarks of one file go.
class Remarks {
 public:
  Remarks(std::string file, const Options& options, std::vector<Advice>* out)
      : file_(std::move(file)), options_(options), out_(out) {}

  // `id` must be that of a Kind. Nothing happens if it is not wanted.
  void Add(const char* id, config::Mark at, std::string message);

  const Options& options() const { return options_; }

 private:
  const std::string file_;
  const Options& options_;
  std::vector<Advice>* out_;
};

// Remarks about Alertmanager's keys of the main file, whose root is `root`.
void AdviseRoutes(const config::Config& config, const config::YamlNode& root, Remarks* remarks);
void AdviseReceivers(const config::Config& config, const config::YamlNode& root, Remarks* remarks);
// Remarks about the rules of one file.
void AdviseRules(const config::Config& config, const std::string& file,
                 const config::YamlNode& root, Remarks* remarks);

// Remarks about labels that the texts of an alerting rule name, which stands at `node`.
void AdviseLabels(const config::Rule& rule, const config::YamlNode& node, Remarks* remarks);

// The severities that page: the values by which rules and routes of every handbook call them.
bool IsPagingSeverity(std::string_view severity);

// Whether a label of this name has a value for each request, so that groups and incidents by it
// have one alert each: "request_id", "X-Request-ID", "traceId", "uuid".
bool IsUnbounded(std::string_view label);

// Returns the receiver of that name, or null.
const config::Receiver* FindReceiver(const config::Config& config, const std::string& name);

// Whether any integration opens incidents.
bool Pages(const config::Receiver& receiver);

// The `index`th entry of the list `key`, or null where the file has no such.
const config::YamlNode* Entry(const config::YamlNode& node, const std::string& key, size_t index);

}  // namespace watchfire::advice
