// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The body of a loop that prints texts and fields of the element and does nothing else, as the long
// loops of messages do:
//
//     {{ range .Labels.SortedPairs }} - {{ .Name }} = {{ .Value }}{{ end }}
//
// The fields are looked up once; neither a list nor values are made, which costs a fraction.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pkg/templates/executor.h"
#include "pkg/templates/nodes.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

class Row {
 public:
  // `body` is that of a statement which is_row. Nothing if it prints a field that is not among
  // `known`, or there is none.
  static std::optional<Row> Of(const Statements& body, std::span<const Field> known);

  // Prints an element. Returns the statement whose output failed, with the error, or null.
  const Statement* Print(std::span<const std::string_view> texts, Output* output,
                         Error* error) const;

  // What one element costs, as if each statement were walked.
  size_t steps() const { return steps_; }

 private:
  explicit Row(const Statements& body) : body_(body) {}

  const Statements& body_;
  size_t steps_ = 1;
  std::vector<size_t> fields_;  // Of each action in turn, which of them it prints.
};

}  // namespace watchfire::templates
