// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Cuts a template's text into tokens: text, delimiters and what stands between them. Trim markers
// and comments are dealt with here; the parser never sees them.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace watchfire::templates {

struct Token {
  enum class Kind {
    kError,  // `message` says what is wrong.
    kEnd,
    kText,
    kOpen,   // {{
    kClose,  // }}
    kSpace,
    kAssign,   // =
    kDeclare,  // :=
    kPipe,
    kLeftParen,
    kRightParen,
    kChar,  // Any other printable ASCII character.
    kBool,
    kRune,
    kNumber,
    kComplex,
    kQuoted,
    kRaw,
    kDot,
    kNil,
    kField,       // .Name
    kVariable,    // $ or $name
    kIdentifier,  // A function's name.
    // Words that start or end a control action.
    kBlock,
    kBreak,
    kContinue,
    kDefine,
    kElse,
    kEndWord,
    kIf,
    kRange,
    kTemplate,
    kWith,
  };

  Kind kind = Kind::kEnd;
  size_t position = 0;  // Byte offset in the text.
  std::string_view text;
  int line = 0;  // From 1; where the token starts.
  std::string message;

  // How errors show it: "EOF", <if>, "quoted" (at most ten code points of it).
  std::string ToString() const;
};

class Lexer {
 public:
  // `text` must outlive the lexer and its tokens.
  explicit Lexer(std::string_view text) : text_(text) {}

  // Returns the next token; after the end or an error, kEnd.
  Token Next();

 private:
  Token Emit(Token::Kind kind);
  Token Error(std::string message);
  void Skip(size_t to);

  Token Text();
  Token Open();
  bool Comment(Token* error);
  Token Close();
  Token Inside();
  Token Space();
  Token Word();
  Token FieldOrVariable(Token::Kind kind);
  Token Quoted(char quote, Token::Kind kind, const char* what);
  Token Raw();
  Token Number();

  bool AtClose(bool* trim) const;
  bool AtTerminator() const;
  void EatWord();
  bool ScanNumber();
  bool Accept(std::string_view set);
  void AcceptRun(std::string_view set);
  // The code point at the cursor as errors show it: U+0041 'A'.
  std::string Here() const;

  std::string_view text_;
  size_t start_ = 0;     // Of the token being read.
  size_t position_ = 0;  // The cursor.
  int line_ = 1;         // Of start_.
  int parens_ = 0;
  bool inside_ = false;  // Between delimiters.
};

}  // namespace watchfire::templates
