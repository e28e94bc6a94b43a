// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Runs a parsed template. Evaluation follows Go's text/template step by step, since its error
// texts name the node that was looked at last.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/result.h"
#include "pkg/templates/function.h"
#include "pkg/templates/nodes.h"

namespace watchfire::templates {

// What {{.x}} gives when the map .x is taken of has no x.
enum class MissingKey {
  kNothing,  // "<no value>".
  kZero,     // "" in a map of strings, else nothing.
  kError,
};

// How a pipeline has escaped its value itself: its last function is Go's html or urlquery.
enum class Escaped { kNo, kHtml, kUrlQuery };

// Where the text goes. Literal text and values come separately, for escaping.
class Output {
 public:
  virtual ~Output() = default;
  virtual Status Literal(std::string_view text) = 0;
  virtual Status Print(const Value& value, Escaped escaped) = 0;
  // Nobody wants more: the error that it gave only ended the execution.
  virtual bool is_full() const { return false; }
};

struct Execution {
  const TreeMap& trees;
  MissingKey missing_key = MissingKey::kNothing;
  const Environment& environment;
  Budget& budget;
  Output& output;
  // Names with their '$', beside $ itself.
  std::vector<std::pair<std::string, Value>> variables;
};

class Row;

class Executor {
 public:
  explicit Executor(const Execution& execution) : run_(execution) {}

  // Errors: kInvalidArgument "template: NAME:LINE:COLUMN: executing "NAME" at <NODE>: …",
  // with kExhausted for the bounds; what the output says of a document that it cannot escape.
  Status Execute(const Tree& tree, const Value& dot);

 private:
  enum class Flow { kNext, kBreak, kContinue, kFail };

  // Statements.
  Flow Walk(const Value& dot, const Statements& statements);
  Flow WalkOne(const Value& dot, const Statement& statement);
  Flow WalkAction(const Value& dot, const Statement& statement);
  Flow WalkIfOrWith(const Value& dot, const Statement& statement);
  Flow WalkRange(const Value& dot, const Statement& statement);
  Flow WalkElements(const Value& value, const Statement& statement, bool* any);
  Flow WalkList(const List& list, const Statement& statement);
  Flow WalkRows(const Row& row, const Object& list, bool* any);
  Flow WalkElement(const Statement& statement, const Value& index, const Value& element);
  Flow WalkTemplate(const Value& dot, const Statement& statement);

  // Pipelines. False: error_ says why.
  bool EvalPipe(const Value& dot, const Pipe& pipe, Value* out);
  bool EvalCommand(const Value& dot, const Command& command, const Value* final, Value* out);
  bool EvalConstant(const Value& dot, const Command& command, const Value* final, Value* out);
  // What stands around a field that may be a method: its arguments, and . for them.
  struct Surroundings {
    const Value& dot;
    std::span<const Operand> arguments = {};
    const Value* final = nullptr;

    bool has_arguments() const { return !arguments.empty() || final != nullptr; }
  };
  bool EvalOperand(const Operand& operand, const Surroundings& around, Value* out);
  bool EvalFieldChain(const Value& start, const Operand& node, size_t first,
                      const Surroundings& around, Value* out);
  bool EvalField(const Value& receiver, const std::string& name, const Node& node,
                 const Surroundings& around, Value* out);
  bool EvalFieldOfPlain(const Value& receiver, const std::string& name, const Surroundings& around,
                        Value* out);
  bool EvalEntry(const Map& map, const std::string& name, Value* out);
  // What a map has for a key that it lacks; `zero` is that of its values.
  bool EvalMissing(const std::string& name, Value zero, Value* out);
  bool EvalNumber(const Operand& operand, Value* out);
  bool EvalArgument(const Value& dot, char parameter, const Operand& operand, Value* out);
  bool EvalLiteral(char parameter, const Operand& operand, Value* out);
  bool CheckType(char parameter, Value* value);

  // Calls.
  struct Callee {
    const Function& function;
    const Object* self = nullptr;
    bool is_builtin = false;
    const Node& node;  // What errors of the function itself point at.
  };
  bool Invoke(const Value& dot, const Callee& callee, std::span<const Operand> arguments,
              const Value* final, Value* out);
  bool CheckCount(const Callee& callee, size_t arguments, bool has_final);
  bool EvalAndOr(const Value& dot, const Callee& callee, std::span<const Operand> arguments,
                 const Value* final, Value* out);
  bool EvalCall(const Callee& callee, std::span<const Operand> arguments, const Value* final,
                const Value& first);
  void Undeclare(size_t variables) {
    if (variables_.size() != variables) variables_.resize(variables);
  }

  // State.
  void At(const Node& node) { node_ = &node; }
  bool Fail(const std::string& message, Code code = Code::kInvalidArgument);
  bool FailToWrite(Error error);
  bool Spend() { return run_.budget.Spend(1) || FailForSteps(); }
  bool FailForSteps();
  // The machine's stack grows with every body, template and parenthesis entered.
  bool Enter() { return ++depth_ <= limits::kTemplateDepth || FailForDepth(); }
  bool FailForDepth();
  const Value* Find(std::string_view name) const;
  bool Assign(std::string_view name, const Value& value);

  const Execution& run_;
  const Tree* tree_ = nullptr;
  const Node* node_ = nullptr;  // Looked at last.
  size_t depth_ = 0;
  size_t frame_ = 0;  // Where the variables of the current template start.
  std::vector<std::pair<std::string_view, Value>> variables_;
  std::vector<Value> arguments_;  // Of the calls under way, a stack.
  Error error_;
};

}  // namespace watchfire::templates
