// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The body of a loop that prints texts and fields of the element and does nothing else, as the long
// loops of messages do:
//
//     {{ range .Labels.SortedPairs }} - {{ .Name }} = {{ .Value }}{{ end }}
//
// Elements of one type have their fields in one place, so these are looked up once and nothing is
// evaluated any more, which costs less than half.

#pragma once

#include <cstddef>
#include <vector>

#include "pkg/templates/executor.h"
#include "pkg/templates/nodes.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

class Row {
 public:
  // `body` is that of a statement which is_row.
  explicit Row(const Statements& body);

  // Can all of it be printed of this element? Remembers where its type has the fields.
  bool Fits(const Value& element);
  // Prints an element that fits. Returns the statement whose output failed, with the error, or
  // null.
  const Statement* Print(const Value& element, Output* output, Error* error) const;

  // What one element costs, as if each statement were walked.
  size_t steps() const { return steps_; }

 private:
  bool LookUp(std::span<const Field> known);

  const Statements& body_;
  size_t steps_ = 1;
  const Field* type_ = nullptr;  // The fields of the type seen last.
  bool fits_ = false;
  std::vector<size_t> fields_;  // Of each action in turn, which of them it prints.
};

}  // namespace watchfire::templates
