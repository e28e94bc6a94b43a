// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/nodes.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace watchfire::templates {
namespace {

void Write(const Statements& statements, std::string* out);

void WriteIdents(const std::vector<std::string>& idents, std::string* out) {
  for (const std::string& ident : idents) out->append(".").append(ident);
}

void Write(const Pipe& pipe, std::string* out);

void Write(const Operand& operand, std::string* out) {
  switch (operand.kind) {
    case Node::Kind::kField:
      return WriteIdents(operand.idents, out);
    case Node::Kind::kVariable:
      *out += Join(operand.idents, ".");
      return;
    case Node::Kind::kChain:
      Write(*operand.inner, out);
      return WriteIdents(operand.idents, out);
    case Node::Kind::kPipeOperand:
      *out += "(";
      Write(*operand.pipe, out);
      *out += ")";
      return;
    default:
      *out += operand.text;
  }
}

void Write(const Command& command, std::string* out) {
  for (size_t i = 0; i < command.operands.size(); ++i) {
    if (i > 0) *out += " ";
    Write(command.operands[i], out);
  }
}

void Write(const Pipe& pipe, std::string* out) {
  if (!pipe.variables.empty()) {
    out->append(Join(pipe.variables, ", ")).append(pipe.assigns ? " = " : " := ");
  }
  for (size_t i = 0; i < pipe.commands.size(); ++i) {
    if (i > 0) *out += " | ";
    Write(pipe.commands[i], out);
  }
}

void WriteBranch(std::string_view word, const Statement& branch, std::string* out) {
  out->append("{{").append(word).append(" ");
  Write(*branch.pipe, out);
  *out += "}}";
  Write(branch.body, out);
  if (branch.has_else) {
    *out += "{{else}}";
    Write(branch.else_body, out);
  }
  *out += "{{end}}";
}

void Write(const Statement& statement, std::string* out) {
  switch (statement.kind) {
    case Node::Kind::kIf:
      return WriteBranch("if", statement, out);
    case Node::Kind::kWith:
      return WriteBranch("with", statement, out);
    case Node::Kind::kRange:
      return WriteBranch("range", statement, out);
    case Node::Kind::kBreak:
      *out += "{{break}}";
      return;
    case Node::Kind::kContinue:
      *out += "{{continue}}";
      return;
    case Node::Kind::kAction:
      *out += "{{";
      Write(*statement.pipe, out);
      *out += "}}";
      return;
    case Node::Kind::kTemplate:
      *out += "{{template " + GoQuote(statement.text);
      if (statement.pipe != nullptr) {
        *out += " ";
        Write(*statement.pipe, out);
      }
      *out += "}}";
      return;
    default:
      *out += statement.text;
  }
}

void Write(const Statements& statements, std::string* out) {
  for (const Statement& statement : statements) Write(statement, out);
}

}  // namespace

bool Tree::IsEmpty() const {
  return std::all_of(body.begin(), body.end(), [](const Statement& statement) {
    return statement.kind == Node::Kind::kText && Trim(statement.text).empty();
  });
}

std::string ToString(const Node& node) {
  std::string out;
  if (node.kind <= Node::Kind::kContinue) {
    Write(static_cast<const Statement&>(node), &out);
  } else if (node.kind == Node::Kind::kPipe) {
    Write(static_cast<const Pipe&>(node), &out);
  } else if (node.kind == Node::Kind::kCommand) {
    Write(static_cast<const Command&>(node), &out);
  } else {
    Write(static_cast<const Operand&>(node), &out);
  }
  return out;
}

std::string Location(const Source& source, size_t position) {
  const std::string_view before = std::string_view(source.text).substr(0, position);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column = newline == std::string_view::npos ? position : position - newline - 1;
  return source.name + ":" + std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace watchfire::templates
