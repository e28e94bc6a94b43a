// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/parser.h"

#include <algorithm>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/templates/literals.h"
#include "pkg/templates/tree_parser.h"

namespace watchfire::templates {
namespace {

using Kind = Token::Kind;

const char* EndingText(Ending ending) { return ending == Ending::kElse ? "{{else}}" : "{{end}}"; }

// See pkg/templates/row.h.
bool IsRow(const Statements& body) {
  bool has_fields = false;
  for (const Statement& part : body) {
    if (part.kind == Node::Kind::kText) continue;
    if (part.kind != Node::Kind::kAction || !part.pipe->is_path) return false;
    const Operand& operand = part.pipe->commands[0].operands[0];
    if (operand.kind != Node::Kind::kField || operand.idents.size() != 1) return false;
    has_fields = true;
  }
  return has_fields;
}

}  // namespace

TreeParser::TreeParser(ParseState* state) : state_(*state) {
  variables_ = {"$"};
  variables_.insert(variables_.end(), state_.options.variables.begin(),
                    state_.options.variables.end());
}

Token TreeParser::Next() {
  if (pending_.empty()) {
    Token token = state_.lexer.Next();
    line_ = token.line;
    position_ = token.position;
    return token;
  }
  Token token = std::move(pending_.back());
  pending_.pop_back();
  position_ = token.position;
  return token;
}

Token TreeParser::NextNonSpace() {
  Token token = Next();
  while (token.kind == Kind::kSpace) token = Next();
  return token;
}

const Token& TreeParser::Peek() {
  if (pending_.empty()) Push(Next());
  return pending_.back();
}

const Token& TreeParser::PeekNonSpace() {
  Push(NextNonSpace());
  return pending_.back();
}

bool TreeParser::Expect(Kind kind, const char* context) {
  const Token token = NextNonSpace();
  return token.kind == kind || Unexpected(token, context);
}

bool TreeParser::Fail(const std::string& message, Code code) {
  state_.column = Column();
  state_.error = {
      code, "template: " + state_.source->name + ":" + std::to_string(line_) + ": " + message};
  return false;
}

// Of the token taken last, if that is in the line that the error names.
int TreeParser::Column() const {
  const std::string_view before = std::string_view(state_.source->text).substr(0, position_);
  if (1 + std::ranges::count(before, '\n') != line_) return 1;
  return static_cast<int>(position_ - (before.rfind('\n') + 1)) + 1;
}

bool TreeParser::Unexpected(const Token& token, const std::string& context) {
  if (token.kind != Kind::kError) return Fail("unexpected " + token.ToString() + " in " + context);
  std::string where;
  if (action_line_ != 0 && action_line_ != token.line) {
    where = " started at " + state_.source->name + ":" + std::to_string(action_line_);
    if (!token.message.ends_with(" action")) where.insert(0, " in action");
  }
  return Fail(token.message + where);
}

bool TreeParser::Enter() {
  if (++state_.depth <= limits::kTemplateDepth) return true;
  return Fail("max expression depth exceeded", Code::kExhausted);
}

bool TreeParser::AddTree(std::string name, Statements body) {
  auto tree = std::make_shared<Tree>(Tree{std::move(name), state_.source, std::move(body)});
  std::shared_ptr<const Tree>& slot = state_.trees[tree->name];
  if (slot == nullptr || slot->IsEmpty()) {
    slot = std::move(tree);
  } else if (!tree->IsEmpty()) {
    return Fail("template: multiple definition of template " + GoQuote(tree->name));
  }
  return true;
}

// The top level, where {{define}} may stand.
bool TreeParser::ParseWhole() {
  Statements body;
  while (Peek().kind != Kind::kEnd) {
    if (Peek().kind == Kind::kOpen) {
      Token open = Next();
      Token word = NextNonSpace();
      if (word.kind == Kind::kDefine) {
        if (!TreeParser(&state_).ParseDefinition()) return false;
        continue;
      }
      Push(std::move(word));
      Push(std::move(open));
    }
    Ending ending = Ending::kNone;
    if (!ParseItem(&body, &ending)) return false;
    if (ending != Ending::kNone) return Fail(std::string("unexpected ") + EndingText(ending));
  }
  return AddTree(state_.source->name, std::move(body));
}

bool TreeParser::ParseDefinition() {
  static constexpr const char* kContext = "define clause";
  const Token token = NextNonSpace();
  if (token.kind != Kind::kQuoted && token.kind != Kind::kRaw) return Unexpected(token, kContext);
  const Result<std::string> name = Unquote(token.text);
  if (!name) return Fail(name.error().message);
  if (!Expect(Kind::kClose, kContext)) return false;
  Statements body;
  Ending ending = Ending::kNone;
  if (!ParseItems(&body, &ending)) return false;
  if (ending == Ending::kElse) return Fail("unexpected {{else}} in " + std::string(kContext));
  return AddTree(*name, std::move(body));
}

bool TreeParser::ParseItems(Statements* list, Ending* ending) {
  *ending = Ending::kNone;
  while (PeekNonSpace().kind != Kind::kEnd) {
    if (!ParseItem(list, ending)) return false;
    if (*ending != Ending::kNone) return true;
  }
  return Fail("unexpected EOF");
}

bool TreeParser::ParseItem(Statements* list, Ending* ending) {
  const Token token = NextNonSpace();
  if (token.kind == Kind::kText) {
    Statement& statement = list->emplace_back();
    statement.position = token.position;
    statement.text = token.text;
    return true;
  }
  if (token.kind != Kind::kOpen) return Unexpected(token, "input");
  action_line_ = token.line;
  if (!Enter() || !ParseAction(list, ending)) return false;
  action_line_ = 0;
  return Leave();
}

bool TreeParser::ParseAction(Statements* list, Ending* ending) {
  Token token = NextNonSpace();
  switch (token.kind) {
    case Kind::kBlock:
      return ParseBlock(list);
    case Kind::kBreak:
    case Kind::kContinue:
      return ParseLoopExit(token, list);
    case Kind::kElse:
      return ParseElse(ending);
    case Kind::kEndWord:
      *ending = Ending::kEnd;
      return Expect(Kind::kClose, "end");
    case Kind::kIf:
      return ParseControl(Node::Kind::kIf, list);
    case Kind::kRange:
      return ParseControl(Node::Kind::kRange, list);
    case Kind::kTemplate:
      return ParseTemplate(list);
    case Kind::kWith:
      return ParseControl(Node::Kind::kWith, list);
    default:
      break;
  }
  Statement statement;
  statement.kind = Node::Kind::kAction;
  statement.position = token.position;
  statement.pipe = std::make_unique<Pipe>();
  Push(std::move(token));
  if (!ParsePipe("command", Kind::kClose, statement.pipe.get())) return false;
  list->push_back(std::move(statement));
  return true;
}

bool TreeParser::ParseLoopExit(const Token& word, Statements* list) {
  const bool is_break = word.kind == Kind::kBreak;
  const std::string shown = is_break ? "{{break}}" : "{{continue}}";
  const Token token = NextNonSpace();
  if (token.kind != Kind::kClose) return Unexpected(token, shown);
  if (loops_ == 0) return Fail(shown + " outside {{range}}");
  Statement& statement = list->emplace_back();
  statement.kind = is_break ? Node::Kind::kBreak : Node::Kind::kContinue;
  statement.position = word.position;
  return true;
}

// Leaves an `if` or `with` that follows to the branch that this ends.
bool TreeParser::ParseElse(Ending* ending) {
  *ending = Ending::kElse;
  const Kind next = PeekNonSpace().kind;
  return next == Kind::kIf || next == Kind::kWith || Expect(Kind::kClose, "else");
}

bool TreeParser::ParseControl(Node::Kind kind, Statements* list) {
  const bool loop = kind == Node::Kind::kRange;
  const size_t variables = variables_.size();
  Statement statement;
  statement.kind = kind;
  statement.pipe = std::make_unique<Pipe>();
  const char* word = kind == Node::Kind::kIf ? "if" : loop ? "range" : "with";
  if (!ParsePipe(word, Kind::kClose, statement.pipe.get())) return false;
  statement.position = statement.pipe->position;
  loops_ += loop ? 1 : 0;
  Ending ending = Ending::kNone;
  if (!ParseItems(&statement.body, &ending)) return false;
  loops_ -= loop ? 1 : 0;
  statement.is_row = loop && !statement.pipe->assigns && IsRow(statement.body);
  if (ending == Ending::kElse && !ParseElseBranch(&statement)) return false;
  variables_.resize(variables);
  list->push_back(std::move(statement));
  return true;
}

// {{else if x}} is {{else}}{{if x}} with one {{end}} for both; the same for `with`.
bool TreeParser::ParseElseBranch(Statement* statement) {
  statement->has_else = true;
  const Kind next = Peek().kind;
  const bool chained = (statement->kind == Node::Kind::kIf && next == Kind::kIf) ||
                       (statement->kind == Node::Kind::kWith && next == Kind::kWith);
  if (chained) {
    Next();
    return Enter() && ParseControl(statement->kind, &statement->else_body) && Leave();
  }
  Ending ending = Ending::kNone;
  if (!ParseItems(&statement->else_body, &ending)) return false;
  return ending == Ending::kEnd || Fail("expected end; found {{else}}");
}

bool TreeParser::ParseTemplateName(const Token& token, const char* context, std::string* name) {
  if (token.kind != Kind::kQuoted && token.kind != Kind::kRaw) return Unexpected(token, context);
  Result<std::string> unquoted = Unquote(token.text);
  if (!unquoted) return Fail(unquoted.error().message);
  *name = *std::move(unquoted);
  return true;
}

bool TreeParser::ParseBlock(Statements* list) {
  static constexpr const char* kContext = "block clause";
  const Token token = NextNonSpace();
  Statement statement;
  statement.kind = Node::Kind::kTemplate;
  statement.position = token.position;
  if (!ParseTemplateName(token, kContext, &statement.text)) return false;
  statement.pipe = std::make_unique<Pipe>();
  if (!ParsePipe(kContext, Kind::kClose, statement.pipe.get())) return false;
  TreeParser block(&state_);
  Statements body;
  Ending ending = Ending::kNone;
  if (!block.ParseItems(&body, &ending)) return false;
  if (ending == Ending::kElse) return Fail("unexpected {{else}} in " + std::string(kContext));
  if (!block.AddTree(statement.text, std::move(body))) return false;
  list->push_back(std::move(statement));
  return true;
}

bool TreeParser::ParseTemplate(Statements* list) {
  static constexpr const char* kContext = "template clause";
  const Token token = NextNonSpace();
  Statement statement;
  statement.kind = Node::Kind::kTemplate;
  statement.position = token.position;
  if (!ParseTemplateName(token, kContext, &statement.text)) return false;
  Token next = NextNonSpace();
  if (next.kind != Kind::kClose) {
    Push(std::move(next));
    statement.pipe = std::make_unique<Pipe>();
    if (!ParsePipe(kContext, Kind::kClose, statement.pipe.get())) return false;
  }
  list->push_back(std::move(statement));
  return true;
}

Result<TreeMap> Parse(std::shared_ptr<const Source> source, const ParseOptions& options,
                      int* column) {
  const std::string_view text = source->text;
  ParseState state{std::move(source), options, Lexer(text), {}, 0, {}};
  if (TreeParser(&state).ParseWhole()) return std::move(state.trees);
  if (column != nullptr) *column = state.column;
  return Fail(std::move(state.error));
}

}  // namespace watchfire::templates
