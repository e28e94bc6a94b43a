// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/executor.h"

#include <algorithm>
#include <optional>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/templates/format.h"
#include "pkg/templates/row.h"

namespace watchfire::templates {
namespace {

constexpr size_t kNodeRunes = 500;  // A node is as long as the template that it stands for.

Escaped EscapedBy(const Pipe& pipe) {
  const Operand& last = pipe.commands.back().operands[0];
  if (!last.is_builtin) return Escaped::kNo;
  if (last.text == "html") return Escaped::kHtml;
  return last.text == "urlquery" ? Escaped::kUrlQuery : Escaped::kNo;
}

}  // namespace

Status Executor::Execute(const Tree& tree, const Value& dot) {
  tree_ = &tree;
  variables_.emplace_back("$", dot);
  for (const auto& [name, value] : run_.variables) variables_.emplace_back(name, value);
  if (Walk(dot, tree.body) == Flow::kFail) return watchfire::Fail(std::move(error_));
  return {};
}

bool Executor::Fail(const std::string& message, Code code) {
  error_ = {code, "template: " + Location(*tree_->source, node_->position) + ": executing " +
                      GoQuote(tree_->name) + " at <" + TruncateRunes(ToString(*node_), kNodeRunes) +
                      ">: " + message};
  return false;
}

bool Executor::FailToWrite(Error error) {
  if (error.code == Code::kExhausted) return Fail(error.message, error.code);
  error_ = std::move(error);
  return false;
}

bool Executor::FailForSteps() {
  const Error error = OutOfSteps().value();
  return Fail(error.message, error.code);
}

bool Executor::FailForDepth() {
  return Fail("exceeded maximum template depth (" + std::to_string(limits::kTemplateDepth) + ")",
              Code::kExhausted);
}

const Value* Executor::Find(std::string_view name) const {
  for (size_t i = variables_.size(); i > frame_; --i) {
    if (variables_[i - 1].first == name) return &variables_[i - 1].second;
  }
  return nullptr;
}

bool Executor::Assign(std::string_view name, const Value& value) {
  for (size_t i = variables_.size(); i > frame_; --i) {
    if (variables_[i - 1].first != name) continue;
    variables_[i - 1].second = value;
    return true;
  }
  return Fail("undefined variable: " + std::string(name));
}

Executor::Flow Executor::Walk(const Value& dot, const Statements& statements) {
  if (!Enter()) return Flow::kFail;
  Flow flow = Flow::kNext;
  for (size_t i = 0; i < statements.size() && flow == Flow::kNext; ++i) {
    flow = WalkOne(dot, statements[i]);
  }
  --depth_;
  return flow;
}

Executor::Flow Executor::WalkOne(const Value& dot, const Statement& statement) {
  At(statement);
  if (!Spend()) return Flow::kFail;
  switch (statement.kind) {
    case Node::Kind::kText: {
      Status written = run_.output.Literal(statement.text);
      if (!written) FailToWrite(std::move(written.error()));
      return written ? Flow::kNext : Flow::kFail;
    }
    case Node::Kind::kAction:
      return WalkAction(dot, statement);
    case Node::Kind::kIf:
    case Node::Kind::kWith:
      return WalkIfOrWith(dot, statement);
    case Node::Kind::kRange:
      return WalkRange(dot, statement);
    case Node::Kind::kTemplate:
      return WalkTemplate(dot, statement);
    case Node::Kind::kBreak:
      return Flow::kBreak;
    default:
      return Flow::kContinue;
  }
}

// Variables declared by an action last until the end of the list it stands in.
Executor::Flow Executor::WalkAction(const Value& dot, const Statement& statement) {
  Value value;
  if (!EvalPipe(dot, *statement.pipe, &value)) return Flow::kFail;
  if (!statement.pipe->variables.empty()) return Flow::kNext;
  At(statement);
  Status written = run_.output.Print(value, EscapedBy(*statement.pipe));
  if (!written) FailToWrite(std::move(written.error()));
  return written ? Flow::kNext : Flow::kFail;
}

Executor::Flow Executor::WalkIfOrWith(const Value& dot, const Statement& statement) {
  const size_t variables = variables_.size();
  Value value;
  if (!EvalPipe(dot, *statement.pipe, &value)) return Flow::kFail;
  Flow flow = Flow::kNext;
  if (Truth(value)) {
    flow = Walk(statement.kind == Node::Kind::kWith ? value : dot, statement.body);
  } else {
    flow = Walk(dot, statement.else_body);
  }
  if (flow != Flow::kFail) Undeclare(variables);
  return flow;
}

Executor::Flow Executor::WalkRange(const Value& dot, const Statement& statement) {
  const size_t variables = variables_.size();
  Value value;
  if (!EvalPipe(dot, *statement.pipe, &value)) return Flow::kFail;
  bool any = false;
  const Object* object = statement.is_row ? value.as_object() : nullptr;
  const std::optional<Row> row =
      object != nullptr ? Row::Of(statement.body, object->text_fields()) : std::nullopt;
  Flow flow = row ? WalkRows(*row, *object, &any) : WalkElements(value.Base(), statement, &any);
  if (flow == Flow::kFail) return flow;
  flow = any ? Flow::kNext : Walk(dot, statement.else_body);
  if (flow != Flow::kFail) Undeclare(variables);
  return flow;
}

Executor::Flow Executor::WalkElements(const Value& value, const Statement& statement, bool* any) {
  const auto next = [&](const Value& index, const Value& element) {
    *any = true;
    const Flow flow = WalkElement(statement, index, element);
    return flow == Flow::kContinue ? Flow::kNext : flow;
  };
  Flow flow = Flow::kNext;
  if (const int64_t* count = value.as_int()) {
    if (statement.pipe->variables.size() > 1) {
      Fail("can't use " + std::to_string(*count) + " to iterate over more than one variable");
      return Flow::kFail;
    }
    for (int64_t i = 0; i < *count && flow == Flow::kNext; ++i) {
      flow = next(Value(), Value::Int(i, value.int_type()));
    }
  } else if (const List* list = value.as_list()) {
    *any = !list->items.empty();
    flow = WalkList(*list, statement);
  } else if (const Map* map = value.as_map()) {
    for (size_t i = 0; i < map->entries.size() && flow == Flow::kNext; ++i) {
      flow = next(Value::View(map->entries[i].first), map->At(i));
    }
  } else if (!value.is_nil()) {
    Fail("range can't iterate over " + Shown(value));
    return Flow::kFail;
  }
  return flow;
}

Executor::Flow Executor::WalkList(const List& list, const Statement& statement) {
  const bool is_boxed = list.holds_interfaces();
  Flow flow = Flow::kNext;
  for (size_t i = 0; i < list.items.size() && flow != Flow::kBreak; ++i) {
    const Value& element = list.items[i];
    const Value boxed = is_boxed ? element.Boxed() : Value();
    flow = WalkElement(statement, Value::Int(static_cast<int64_t>(i)), is_boxed ? boxed : element);
    if (flow == Flow::kFail) return flow;
  }
  return flow == Flow::kContinue ? Flow::kNext : flow;
}

Executor::Flow Executor::WalkRows(const Row& row, const Object& list, bool* any) {
  Flow flow = Flow::kNext;
  list.EachTexts([&](std::span<const std::string_view> texts) {
    *any = true;
    Error error;
    const Statement* failed = nullptr;
    if (!run_.budget.Spend(row.steps())) {
      FailForSteps();
    } else if ((failed = row.Print(texts, &run_.output, &error)) != nullptr) {
      At(*failed);
      FailToWrite(std::move(error));
    } else {
      return true;
    }
    flow = Flow::kFail;
    return false;
  });
  return flow;
}

// One turn of the loop. With one variable it takes the element, with two the index comes first.
Executor::Flow Executor::WalkElement(const Statement& statement, const Value& index,
                                     const Value& element) {
  const Pipe& pipe = *statement.pipe;
  const size_t count = pipe.variables.size();
  const size_t variables = variables_.size();
  if (!Spend()) return Flow::kFail;
  if (count > 0 && pipe.assigns) {
    if (count > 1 && !Assign(pipe.variables[0], index)) return Flow::kFail;
    if (!Assign(pipe.variables[count - 1], element)) return Flow::kFail;
  } else if (count > 0) {
    variables_[variables - 1].second = element;
    if (count > 1) variables_[variables - 2].second = index;
  }
  const Flow flow = Walk(element, statement.body);
  if (flow != Flow::kFail) Undeclare(variables);
  return flow;
}

// A template sees its argument as both . and $, and none of the caller's variables.
Executor::Flow Executor::WalkTemplate(const Value& dot, const Statement& statement) {
  const auto found = run_.trees.find(statement.text);
  if (found == run_.trees.end()) {
    Fail("template " + GoQuote(statement.text) + " not defined");
    return Flow::kFail;
  }
  Value argument;
  if (statement.pipe != nullptr && !EvalPipe(dot, *statement.pipe, &argument)) return Flow::kFail;
  const Tree* const caller = std::exchange(tree_, found->second.get());
  const size_t frame = std::exchange(frame_, variables_.size());
  variables_.emplace_back("$", argument);
  const Flow flow = Walk(argument, tree_->body);
  if (flow == Flow::kFail) return flow;
  variables_.resize(frame_);
  frame_ = frame;
  tree_ = caller;
  return Flow::kNext;
}

}  // namespace watchfire::templates
