// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What works and is unwise: remarks about a configuration that loads, for whoever writes it. None
// is an error, and the server says none of them. docs/advice.md has the table. Sources: reference
// paging-backends §8, the SRE workbook's chapter on alerting.

#pragma once

#include <string>
#include <vector>

#include "pkg/config/config.h"

namespace watchfire::advice {

// One kind of advice. `id` is what --ignore takes and never changes.
struct Kind {
  const char* id;
  const char* what;  // What is odd.
  const char* mend;  // What to do; the hint of each remark.
};

// All kinds there are, in the order of the docs.
const std::vector<Kind>& Kinds();

// One remark. Prints as a config::Problem does: `file:line:column: message (hint)`.
struct Advice {
  std::string id;  // Of a Kind.
  config::Problem place;
};

// A remark of the kind `id`, which must be one.
Advice About(const char* id, const std::string& file, int line, int column, std::string message);

struct Options {
  // Annotations that a rule that pages should have.
  std::vector<std::string> annotations = {"summary", "description", "runbook_url"};
  std::vector<std::string> ignored = {};  // Ids of kinds that are not wanted.
};

// Remarks about `config`, which `from` loaded, in the order of its files and lines; at most
// limits::kConfigProblems. Reads the files of `from` once more by `files`, to say where things
// stand; one that cannot be read any more has no remarks. `path`: of the main file, in `from`.
std::vector<Advice> Advise(const config::Config& config, const config::LoadOptions& from,
                           const config::Files& files, const Options& options);

}  // namespace watchfire::advice
