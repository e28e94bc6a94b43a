// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Template cases with what Go's text/template makes of them.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace watchfire::templates {

struct Answer {
  std::string out;  // Of a template that ran.
  std::string err;  // Of one that did not.

  bool operator==(const Answer&) const = default;
};

struct Case {
  std::string text;
  std::string data;         // Typed JSON; empty: the file's common data.
  std::string missing_key;  // "", "default", "zero" or "error".
  bool html = false;        // For html/template.
  Answer want;
};

struct CaseFile {
  std::string common_data;
  std::vector<Case> cases;
};

// Reads cases.jsonl: one object {"common": …}, then one {"t", "d", "missing", "out", "err"} a line.
CaseFile ReadCases(const std::string& path);
void WriteCases(const CaseFile& file, const std::string& path);

// Returns every verb with many flags on many values, and more of the kind: too many to write down.
std::vector<Case> GeneratedCases();

// Every place in an HTML document with many values in it.
std::vector<Case> GeneratedHtmlCases();

// Returns `count` of the file's cases with a few pieces cut out, doubled or put in, the same ones
// for the same seed. None of them would keep Go busy for long.
std::vector<Case> MutatedCases(const CaseFile& file, size_t count, uint64_t seed);

// What pkg/templates makes of it. `exhausted`, if given, tells whether a bound was reached, which
// Go does not have.
Answer Render(const Case& a_case, const CaseFile& file, bool* exhausted = nullptr);

// True when there is a Go to ask.
bool HasGo();
// What Go makes of them, in the same order.
std::vector<Answer> AskGo(const std::vector<Case>& cases, const CaseFile& file);

}  // namespace watchfire::templates
