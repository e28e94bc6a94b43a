// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What stands inside an action: pipelines, commands, operands.

#include <algorithm>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/templates/literals.h"
#include "pkg/templates/tree_parser.h"

namespace watchfire::templates {
namespace {

using Kind = Token::Kind;

bool StartsOperand(Kind kind) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kRune:
    case Kind::kComplex:
    case Kind::kDot:
    case Kind::kField:
    case Kind::kIdentifier:
    case Kind::kNumber:
    case Kind::kNil:
    case Kind::kRaw:
    case Kind::kQuoted:
    case Kind::kVariable:
    case Kind::kLeftParen:
      return true;
    default:
      return false;
  }
}

bool IsConstant(Node::Kind kind) { return kind >= Node::Kind::kDot && kind <= Node::Kind::kString; }

bool IsPath(const Pipe& pipe) {
  if (!pipe.variables.empty() || pipe.commands.size() != 1) return false;
  const std::vector<Operand>& operands = pipe.commands[0].operands;
  const Node::Kind kind = operands[0].kind;
  return operands.size() == 1 &&
         (kind == Node::Kind::kDot || kind == Node::Kind::kField || kind == Node::Kind::kVariable);
}

}  // namespace

bool TreeParser::ParsePipe(const char* context, Kind end, Pipe* pipe) {
  pipe->kind = Node::Kind::kPipe;
  pipe->position = PeekNonSpace().position;
  if (!ParseDeclarations(context, pipe)) return false;
  while (true) {
    Token token = NextNonSpace();
    if (token.kind == end) return FinishPipe(context, pipe);
    if (!StartsOperand(token.kind)) return Unexpected(token, context);
    Push(std::move(token));
    if (!ParseCommand(pipe)) return false;
  }
}

// "$x :=", "$x =" and, in a range, "$i, $x :=".
bool TreeParser::ParseDeclarations(const char* context, Pipe* pipe) {
  while (PeekNonSpace().kind == Kind::kVariable) {
    Token variable = Next();
    // Only what follows tells a declaration from an argument, and that may be a space away.
    const Token after = Peek();
    const Token next = PeekNonSpace();
    const bool comma = next.kind == Kind::kChar && next.text == ",";
    if (!comma && next.kind != Kind::kAssign && next.kind != Kind::kDeclare) {
      if (after.kind == Kind::kSpace) Push(after);
      Push(std::move(variable));
      return true;
    }
    NextNonSpace();
    pipe->variables.emplace_back(variable.text);
    variables_.emplace_back(variable.text);
    if (!comma) {
      pipe->assigns = next.kind == Kind::kAssign;
      return true;
    }
    if (std::string_view(context) != "range" || pipe->variables.size() >= 2) {
      return Fail("too many declarations in " + std::string(context));
    }
    const Kind second = PeekNonSpace().kind;
    if (second != Kind::kVariable && second != Kind::kClose && second != Kind::kRightParen) {
      return Fail("range can only initialize variables");
    }
  }
  return true;
}

bool TreeParser::FinishPipe(const char* context, Pipe* pipe) {
  if (pipe->commands.empty()) return Fail("missing value for " + std::string(context));
  pipe->is_path = IsPath(*pipe);
  for (size_t i = 1; i < pipe->commands.size(); ++i) {
    if (IsConstant(pipe->commands[i].operands[0].kind)) {
      return Fail("non executable command in pipeline stage " + std::to_string(i + 1));
    }
  }
  return true;
}

bool TreeParser::ParseCommand(Pipe* pipe) {
  Command& command = pipe->commands.emplace_back();
  command.kind = Node::Kind::kCommand;
  command.position = PeekNonSpace().position;
  while (true) {
    PeekNonSpace();
    if (!ParseOperand(&command)) return false;
    Token token = Next();
    if (token.kind == Kind::kSpace) continue;
    if (token.kind == Kind::kClose || token.kind == Kind::kRightParen) {
      Push(std::move(token));
    } else if (token.kind != Kind::kPipe) {
      return Unexpected(token, "operand");
    }
    return !command.operands.empty() || Fail("empty command");
  }
}

// A term and the fields taken of it; adds nothing when the next token is neither.
bool TreeParser::ParseOperand(Command* command) {
  Operand operand;
  bool found = false;
  if (!ParseTerm(&operand, &found)) return false;
  if (!found) return true;
  if (Peek().kind == Kind::kField) {
    if (IsConstant(operand.kind)) {
      return Fail("unexpected . after term " + GoQuote(operand.text));
    }
    const size_t position = Peek().position;
    // Fields of fields and variables are one node; of anything else a chain.
    if (operand.kind != Node::Kind::kField && operand.kind != Node::Kind::kVariable) {
      auto inner = std::make_unique<Operand>(std::move(operand));
      operand = Operand();
      operand.kind = Node::Kind::kChain;
      operand.inner = std::move(inner);
    }
    operand.position = position;
    while (Peek().kind == Kind::kField) operand.idents.emplace_back(Next().text.substr(1));
  }
  command->operands.push_back(std::move(operand));
  return true;
}

bool TreeParser::ParseTerm(Operand* operand, bool* found) {
  Token token = NextNonSpace();
  *found = StartsOperand(token.kind);
  if (!*found) {
    Push(std::move(token));
    return true;
  }
  operand->position = token.position;
  operand->text = token.text;
  switch (token.kind) {
    case Kind::kIdentifier:
      return ParseIdentifier(token, operand);
    case Kind::kVariable:
      return ParseVariable(token, operand);
    case Kind::kLeftParen:
      return ParseParentheses(operand);
    case Kind::kField:
      operand->kind = Node::Kind::kField;
      operand->idents.emplace_back(token.text.substr(1));
      return true;
    case Kind::kDot:
      operand->kind = Node::Kind::kDot;
      return true;
    case Kind::kNil:
      operand->kind = Node::Kind::kNil;
      return true;
    case Kind::kBool:
      operand->kind = Node::Kind::kBool;
      operand->constant = Value::Bool(token.text == "true");
      return true;
    default:
      return ParseConstant(token, operand);
  }
}

bool TreeParser::ParseConstant(const Token& token, Operand* operand) {
  if (token.kind == Kind::kQuoted || token.kind == Kind::kRaw) {
    operand->kind = Node::Kind::kString;
    Result<std::string> text = Unquote(token.text);
    if (!text) return Fail(text.error().message);
    operand->constant = Value::String(*std::move(text));
    return true;
  }
  operand->kind = Node::Kind::kNumber;
  if (token.kind == Kind::kComplex || (token.kind == Kind::kNumber && token.text.back() == 'i')) {
    return Fail("complex constants are not supported: " + GoQuote(token.text));
  }
  const Result<Number> number =
      token.kind == Kind::kRune ? ParseRune(token.text) : ParseNumber(token.text);
  if (!number) return Fail(number.error().message);
  operand->number = *number;
  return true;
}

bool TreeParser::ParseIdentifier(const Token& token, Operand* operand) {
  operand->kind = Node::Kind::kIdentifier;
  operand->function = FindFunction(state_.options.functions, token.text);
  if (operand->function == nullptr) {
    operand->is_builtin = true;
    operand->function = FindFunction(Builtins(), token.text);
  }
  return operand->function != nullptr || Fail("function " + GoQuote(token.text) + " not defined");
}

bool TreeParser::ParseVariable(const Token& token, Operand* operand) {
  operand->kind = Node::Kind::kVariable;
  operand->idents.emplace_back(token.text);
  return std::find(variables_.begin(), variables_.end(), token.text) != variables_.end() ||
         Fail("undefined variable " + GoQuote(token.text));
}

bool TreeParser::ParseParentheses(Operand* operand) {
  operand->kind = Node::Kind::kPipeOperand;
  operand->pipe = std::make_unique<Pipe>();
  if (!Enter()) return false;
  if (!ParsePipe("parenthesized pipeline", Kind::kRightParen, operand->pipe.get())) return false;
  operand->position = operand->pipe->position;
  return Leave();
}

}  // namespace watchfire::templates
