// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A parsed template. Nodes print in the form Go's errors show them: {{if eq .A 1}}…{{end}}.

#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/templates/function.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

struct Node {
  enum class Kind {
    // Statements.
    kText,
    kAction,
    kIf,
    kWith,
    kRange,
    kTemplate,
    kBreak,
    kContinue,
    // Inside an action.
    kPipe,
    kCommand,
    // Operands.
    kField,       // .A.B
    kVariable,    // $x.A.B
    kChain,       // (…).A.B
    kIdentifier,  // A function's name.
    kDot,
    kNil,
    kBool,
    kNumber,
    kString,
    kPipeOperand,  // (…)
  };

  Kind kind = Kind::kText;
  size_t position = 0;  // Byte offset in the source.
};

struct Pipe;

// A number as Go's untyped constants: everything it can be without loss.
struct Number {
  bool is_int = false;
  bool is_float = false;
  bool looks_float = false;  // Written with a point or an exponent: a float64 when nobody cares.
  int64_t integer = 0;
  double real = 0;
};

struct Operand : Node {
  std::string text;                 // Number or string as written; name of a function.
  std::vector<std::string> idents;  // Of fields, variables and chains. A variable's is first.
  Number number;
  Value constant;                      // Of strings and booleans.
  const Function* function = nullptr;  // Of identifiers.
  bool is_builtin = false;
  std::unique_ptr<Pipe> pipe;      // Of parentheses, and of chains on parentheses.
  std::unique_ptr<Operand> inner;  // Of chains: what the fields are taken of.
};

struct Command : Node {
  std::vector<Operand> operands;  // At least one.
};

struct Pipe : Node {
  bool assigns = false;                // With '=', not ':='.
  bool is_path = false;                // Nothing but one dot, field or variable, as most are.
  std::vector<std::string> variables;  // At most two.
  std::vector<Command> commands;       // At least one in an action.
};

struct Statement;
using Statements = std::vector<Statement>;

struct Statement : Node {
  std::string text;            // Literal text; name of a template.
  std::unique_ptr<Pipe> pipe;  // Null: text, break, continue, template without argument.
  Statements body;
  bool is_row = false;  // A loop that prints texts and fields of its elements, and nothing else.
  bool has_else = false;
  Statements else_body;
};

// The text of one file or field.
struct Source {
  std::string name;  // As errors show it.
  std::string text;
};

// One named template. Immutable once parsed.
struct Tree {
  std::string name;
  std::shared_ptr<const Source> source;
  Statements body;

  // Nothing in it but white space. Such a definition does not replace another one.
  bool IsEmpty() const;
};

using TreeMap = std::map<std::string, std::shared_ptr<const Tree>, std::less<>>;

// The node in Go's normal form.
std::string ToString(const Node& node);

// "name:line:column" of a byte in `source`; the column counts bytes from 0.
std::string Location(const Source& source, size_t position);

}  // namespace watchfire::templates
