// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The parser behind parser.h. Its own header only because it fills two files: statements in
// parser.cc, what stands inside an action in parser_pipe.cc.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pkg/templates/lexer.h"
#include "pkg/templates/nodes.h"
#include "pkg/templates/parser.h"

namespace watchfire::templates {

// What all definitions of one text share.
struct ParseState {
  std::shared_ptr<const Source> source;
  const ParseOptions& options;
  Lexer lexer;
  TreeMap trees;
  size_t depth = 0;  // Of nested actions and parentheses.
  Error error;       // The first one; every function returns false from then on.
  int column = 1;    // Its place in the line.
};

// What ended a list of statements.
enum class Ending { kNone, kEnd, kElse };

// Reads one definition. Nested ones get a parser of their own: they see neither its variables nor
// its loops.
class TreeParser {
 public:
  explicit TreeParser(ParseState* state);

  bool ParseWhole();

 private:
  bool ParseDefinition();
  bool ParseItems(Statements* list, Ending* ending);
  bool ParseItem(Statements* list, Ending* ending);
  bool ParseAction(Statements* list, Ending* ending);
  bool ParseLoopExit(const Token& word, Statements* list);
  bool ParseElse(Ending* ending);
  bool ParseControl(Node::Kind kind, Statements* list);
  bool ParseElseBranch(Statement* statement);
  bool ParseBlock(Statements* list);
  bool ParseTemplate(Statements* list);
  bool ParseTemplateName(const Token& token, const char* context, std::string* name);
  bool ParsePipe(const char* context, Token::Kind end, Pipe* pipe);
  bool ParseDeclarations(const char* context, Pipe* pipe);
  bool FinishPipe(const char* context, Pipe* pipe);
  bool ParseCommand(Pipe* pipe);
  bool ParseOperand(Command* command);
  bool ParseTerm(Operand* operand, bool* found);
  bool ParseConstant(const Token& token, Operand* operand);
  bool ParseIdentifier(const Token& token, Operand* operand);
  bool ParseVariable(const Token& token, Operand* operand);
  bool ParseParentheses(Operand* operand);
  bool AddTree(std::string name, Statements body);

  Token Next();
  Token NextNonSpace();
  const Token& Peek();
  const Token& PeekNonSpace();
  void Push(Token token) { pending_.push_back(std::move(token)); }
  bool Expect(Token::Kind kind, const char* context);

  bool Fail(const std::string& message, Code code = Code::kInvalidArgument);
  int Column() const;
  bool Unexpected(const Token& token, const std::string& context);
  bool Enter();
  bool Leave() {
    --state_.depth;
    return true;
  }

  ParseState& state_;
  std::vector<Token> pending_;  // Put back; the last one comes next.
  int line_ = 0;                // Of the token read last.
  size_t position_ = 0;         // Of the token taken last, which may have been put back before.
  int action_line_ = 0;         // Where the current action started; 0 outside.
  int loops_ = 0;
  std::vector<std::string> variables_;
};

}  // namespace watchfire::templates
