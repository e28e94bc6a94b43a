// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/lexer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

using Kind = Token::Kind;

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kDigits = "0123456789_";
constexpr size_t kShownRunes = 10;

constexpr std::pair<std::string_view, Kind> kWords[] = {
    {"block", Kind::kBlock},   {"break", Kind::kBreak}, {"continue", Kind::kContinue},
    {"define", Kind::kDefine}, {"else", Kind::kElse},   {"end", Kind::kEndWord},
    {"false", Kind::kBool},    {"if", Kind::kIf},       {"nil", Kind::kNil},
    {"range", Kind::kRange},   {"true", Kind::kBool},   {"template", Kind::kTemplate},
    {"with", Kind::kWith},
};

bool IsSpace(char c) { return kSpace.find(c) != std::string_view::npos; }

size_t SpacesAtStart(std::string_view text) {
  return std::min(text.find_first_not_of(kSpace), text.size());
}

bool HasOpeningTrim(std::string_view text) {
  return text.size() >= 2 && text[0] == '-' && IsSpace(text[1]);
}

bool HasClosingTrim(std::string_view text) {
  return text.size() >= 4 && IsSpace(text[0]) && text[1] == '-' && text.substr(2, 2) == "}}";
}

// Length of the identifier character at the start of `text`, 0 when it is none.
size_t WordRune(std::string_view text) {
  if (text.empty()) return 0;
  char32_t rune = 0;
  const size_t length = DecodeRune(text, &rune);
  return rune == '_' || IsLetterOrDigit(rune) ? length : 0;
}

bool IsKeyword(Kind kind) {
  return kind >= Kind::kBlock || kind == Kind::kDot || kind == Kind::kNil;
}

}  // namespace

std::string Token::ToString() const {
  if (kind == Kind::kEnd) return "EOF";
  if (kind == Kind::kError) return message;
  if (IsKeyword(kind)) return "<" + std::string(text) + ">";
  if (text.size() <= kShownRunes) return GoQuote(text);
  size_t bytes = 0;
  char32_t rune = 0;
  for (size_t i = 0; i < kShownRunes && bytes < text.size(); ++i) {
    bytes += DecodeRune(text.substr(bytes), &rune);
  }
  return GoQuote(text.substr(0, bytes)) + "...";
}

Token Lexer::Emit(Kind kind) {
  Token token;
  token.kind = kind;
  token.position = start_;
  token.text = text_.substr(start_, position_ - start_);
  token.line = line_;
  Skip(position_);
  return token;
}

Token Lexer::Error(std::string message) {
  Token token;
  token.kind = Kind::kError;
  token.position = start_;
  token.line = line_;
  token.message = std::move(message);
  text_ = {};
  start_ = position_ = 0;
  inside_ = false;
  return token;
}

// Moves the start of the next token to `to`, counting lines on the way.
void Lexer::Skip(size_t to) {
  line_ += static_cast<int>(std::count(text_.begin() + static_cast<ptrdiff_t>(start_),
                                       text_.begin() + static_cast<ptrdiff_t>(to), '\n'));
  start_ = position_ = to;
}

Token Lexer::Next() { return inside_ ? Inside() : Text(); }

// Text up to the next action. Comments give no token, so there may be several texts in a row.
Token Lexer::Text() {
  while (true) {
    const size_t open = std::min(text_.find("{{", position_), text_.size());
    position_ = open;
    if (open < text_.size() && HasOpeningTrim(text_.substr(open + 2))) {
      const size_t last = text_.substr(start_, open - start_).find_last_not_of(kSpace);
      position_ = last == std::string_view::npos ? start_ : start_ + last + 1;
    }
    if (position_ > start_) {
      Token token = Emit(Kind::kText);
      Skip(open);
      return token;
    }
    Skip(open);
    if (open == text_.size()) return Emit(Kind::kEnd);
    const size_t marker = HasOpeningTrim(text_.substr(open + 2)) ? 2 : 0;
    if (!text_.substr(open + 2 + marker).starts_with("/*")) return Open();
    Skip(open + 2 + marker);
    Token error;
    if (!Comment(&error)) return error;
  }
}

Token Lexer::Open() {
  position_ += 2;
  Token token = Emit(Kind::kOpen);
  if (HasOpeningTrim(text_.substr(position_))) Skip(position_ + 2);
  inside_ = true;
  parens_ = 0;
  return token;
}

// Skips a comment with its closing delimiter.
bool Lexer::Comment(Token* error) {
  const size_t end = text_.find("*/", position_ + 2);
  if (end == std::string_view::npos) {
    *error = Error("unclosed comment");
    return false;
  }
  position_ = end + 2;
  bool trim = false;
  if (!AtClose(&trim)) {
    *error = Error("comment ends before closing delimiter");
    return false;
  }
  position_ += trim ? 4 : 2;
  if (trim) position_ += SpacesAtStart(text_.substr(position_));
  Skip(position_);
  return true;
}

Token Lexer::Close() {
  bool trim = false;
  AtClose(&trim);
  if (trim) Skip(position_ + 2);
  position_ += 2;
  Token token = Emit(Kind::kClose);
  if (trim) Skip(position_ + SpacesAtStart(text_.substr(position_)));
  inside_ = false;
  return token;
}

bool Lexer::AtClose(bool* trim) const {
  const std::string_view rest = text_.substr(position_);
  *trim = HasClosingTrim(rest);
  return *trim || rest.starts_with("}}");
}

Token Lexer::Inside() {
  bool trim = false;
  if (AtClose(&trim)) return parens_ == 0 ? Close() : Error("unclosed left paren");
  if (position_ >= text_.size()) return Error("unclosed action");
  const char c = text_[position_];
  if (IsSpace(c)) return Space();
  const bool sign = c == '+' || c == '-';
  const char next = position_ + 1 < text_.size() ? text_[position_ + 1] : '0';
  const bool digit_next = next >= '0' && next <= '9';
  if (c == '.' && !digit_next) return FieldOrVariable(Kind::kField);
  if (c == '.' || sign || (c >= '0' && c <= '9')) return Number();
  if (WordRune(text_.substr(position_)) > 0) return Word();
  if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) {
    std::string message = "unrecognized character in action: " + Here();
    return Error(std::move(message));
  }
  ++position_;
  switch (c) {
    case '=':
      return Emit(Kind::kAssign);
    case ':':
      if (position_ >= text_.size() || text_[position_] != '=') return Error("expected :=");
      ++position_;
      return Emit(Kind::kDeclare);
    case '|':
      return Emit(Kind::kPipe);
    case '"':
      return Quoted('"', Kind::kQuoted, "unterminated quoted string");
    case '\'':
      return Quoted('\'', Kind::kRune, "unterminated character constant");
    case '`':
      return Raw();
    case '$':
      --position_;
      return FieldOrVariable(Kind::kVariable);
    case '(':
      ++parens_;
      return Emit(Kind::kLeftParen);
    case ')':
      if (--parens_ < 0) return Error("unexpected right paren");
      return Emit(Kind::kRightParen);
    default:
      return Emit(Kind::kChar);
  }
}

// A run of spaces; the last one may belong to a closing trim marker.
Token Lexer::Space() {
  position_ += SpacesAtStart(text_.substr(position_));
  if (HasClosingTrim(text_.substr(position_ - 1))) {
    --position_;
    if (position_ == start_) return Close();
  }
  return Emit(Kind::kSpace);
}

void Lexer::EatWord() {
  while (const size_t length = WordRune(text_.substr(position_))) position_ += length;
}

Token Lexer::Word() {
  EatWord();
  if (!AtTerminator()) return Error("bad character " + Here());
  const std::string_view word = text_.substr(start_, position_ - start_);
  for (const auto& [name, kind] : kWords) {
    if (word == name) return Emit(kind);
  }
  return Emit(Kind::kIdentifier);
}

// The cursor is at the '.' or '$'.
Token Lexer::FieldOrVariable(Kind kind) {
  ++position_;
  if (AtTerminator()) return Emit(kind == Kind::kVariable ? kind : Kind::kDot);
  EatWord();
  if (!AtTerminator()) return Error("bad character " + Here());
  return Emit(kind);
}

// May an identifier end here? "$x+2" is not taken apart.
bool Lexer::AtTerminator() const {
  if (position_ >= text_.size() || IsSpace(text_[position_])) return true;
  static constexpr std::string_view kEnders = ".,|:)(";
  if (kEnders.find(text_[position_]) != std::string_view::npos) return true;
  return text_.substr(position_).starts_with("}}");
}

// A string or character constant whose opening quote has been read.
Token Lexer::Quoted(char quote, Kind kind, const char* what) {
  for (; position_ < text_.size() && text_[position_] != '\n'; ++position_) {
    if (text_[position_] == quote) {
      ++position_;
      return Emit(kind);
    }
    if (text_[position_] != '\\') continue;
    ++position_;
    if (position_ >= text_.size() || text_[position_] == '\n') break;
  }
  return Error(what);
}

Token Lexer::Raw() {
  const size_t end = text_.find('`', position_);
  if (end == std::string_view::npos) return Error("unterminated raw quoted string");
  position_ = end + 1;
  return Emit(Kind::kRaw);
}

Token Lexer::Number() {
  const auto bad = [this] {
    return Error("bad number syntax: " + GoQuote(text_.substr(start_, position_ - start_)));
  };
  if (!ScanNumber()) return bad();
  const char sign = position_ < text_.size() ? text_[position_] : '\0';
  if (sign != '+' && sign != '-') return Emit(Kind::kNumber);
  if (!ScanNumber() || text_[position_ - 1] != 'i') return bad();
  return Emit(Kind::kComplex);
}

// Reads what may be a number; whether it is one, its conversion will tell. A letter after it makes
// it none, and is taken along for the error to show.
bool Lexer::ScanNumber() {
  Accept("+-");
  std::string_view digits = kDigits;
  if (Accept("0")) {
    if (Accept("xX")) {
      digits = "0123456789abcdefABCDEF_";
    } else if (Accept("oO")) {
      digits = "01234567_";
    } else if (Accept("bB")) {
      digits = "01_";
    }
  }
  AcceptRun(digits);
  if (Accept(".")) AcceptRun(digits);
  const bool decimal = digits == kDigits;
  if ((decimal && Accept("eE")) || (digits.size() > kDigits.size() && Accept("pP"))) {
    Accept("+-");
    AcceptRun(kDigits);
  }
  Accept("i");
  const size_t letter = WordRune(text_.substr(position_));
  position_ += letter;
  return letter == 0;
}

bool Lexer::Accept(std::string_view set) {
  if (position_ >= text_.size() || set.find(text_[position_]) == std::string_view::npos) {
    return false;
  }
  ++position_;
  return true;
}

void Lexer::AcceptRun(std::string_view set) {
  while (Accept(set)) {
  }
}

std::string Lexer::Here() const {
  char32_t rune = 0;
  const std::string_view rest = text_.substr(position_);
  const size_t length = DecodeRune(rest, &rune);
  std::array<char, 16> number{};
  std::snprintf(number.data(), number.size(), "U+%04X", static_cast<unsigned>(rune));
  std::string shown;
  AppendRune(rune, &shown);
  // Only what prints is shown.
  const bool printable = GoQuote(shown) == "\"" + shown + "\"" || rune == '"' || rune == '\\';
  static_cast<void>(length);
  return number.data() + (printable ? " '" + shown + "'" : std::string());
}

}  // namespace watchfire::templates
