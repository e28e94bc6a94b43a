// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/alert/json_fault.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "pkg/base/strings.h"

namespace watchfire::alert {
namespace {

constexpr size_t kDepthMax = 1024;  // As simdjson.
constexpr size_t kShownBytes = 16;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f'); }

// Walks through a text without recursion; stops at the first fault.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::optional<std::string> Run() {
    State state = State::kValue;
    while (fault_.empty()) {
      SkipBlanks();
      state = Next(state);
      if (state == State::kEnd) break;
    }
    if (fault_.empty()) return std::nullopt;
    return Place() + fault_;
  }

 private:
  enum class State { kValue, kFirstItem, kFirstName, kName, kColon, kBehind, kEnd };

  State Next(State state) {
    switch (state) {
      case State::kFirstItem:
        return Take(']') ? Close() : Value();
      case State::kValue:
        return Value();
      case State::kFirstName:
        return Take('}') ? Close() : Name();
      case State::kName:
        return Name();
      case State::kColon:
        if (!Take(':')) Want("\":\" after a member's name");
        return State::kValue;
      case State::kBehind:
        return Behind();
      case State::kEnd:
        break;
    }
    return State::kEnd;
  }

  // Behind a value: the next one, or the end of what is around it.
  State Behind() {
    if (open_.empty()) return State::kEnd;
    const bool in_object = open_.back() == '{';
    if (Take(',')) return in_object ? State::kName : State::kValue;
    if (Take(in_object ? '}' : ']')) return Close();
    Want(in_object ? "\",\" or \"}\" after a member" : "\",\" or \"]\" after an item");
    return State::kEnd;
  }

  State Close() {
    open_.pop_back();
    return State::kBehind;
  }

  State Open(char kind) {
    if (open_.size() >= kDepthMax) {
      fault_ = "nested deeper than " + std::to_string(kDepthMax) + " levels";
      return State::kEnd;
    }
    ++at_;
    open_.push_back(kind);
    return kind == '{' ? State::kFirstName : State::kFirstItem;
  }

  State Value() {
    const char c = Peek();
    if (c == '{' || c == '[') return Open(c);
    if (c == '"') {
      String();
    } else if (c == '-' || IsDigit(c)) {
      Number();
    } else if (!Word("true") && !Word("false") && !Word("null")) {
      Want("a value");
    }
    return State::kBehind;
  }

  State Name() {
    if (Peek() == '"') {
      String();
    } else {
      Want("a member's name in double quotes");
    }
    return State::kColon;
  }

  void String() {
    const size_t start = at_;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) {
        fault_ = "a line end or other control character inside of a string";
        return;
      }
      if (text_[at_] == '\\' && !Escape()) return;
    }
    if (at_ == text_.size()) {
      at_ = start;
      fault_ = "a string that does not end";
      return;
    }
    ++at_;
  }

  // Leaves at_ on the last character of the escape.
  bool Escape() {
    const std::string_view rest = text_.substr(at_ + 1);
    if (rest.empty()) return true;  // The string does not end.
    if (rest[0] == 'u') {
      const std::string_view digits = rest.substr(1, 4);
      if (digits.size() == 4 && std::ranges::all_of(digits, IsHex)) {
        at_ += 5;
        return true;
      }
    } else if (std::string_view("\"\\/bfnrt").find(rest[0]) != std::string_view::npos) {
      ++at_;
      return true;
    }
    fault_ = "no such escape: " + Shown();
    return false;
  }

  void Number() {
    const size_t start = at_;
    Take('-');
    const size_t whole = at_;
    const bool good = Digits() && (text_[whole] != '0' || at_ == whole + 1);
    bool is_integer = true;
    bool good_tail = true;
    if (good && Take('.')) {
      is_integer = false;
      good_tail = Digits();
    }
    if (good && good_tail && (Peek() | 32) == 'e') {
      is_integer = false;
      ++at_;
      if (!Take('+')) Take('-');
      good_tail = Digits();
    }
    const std::string_view number = text_.substr(start, at_ - start);
    if (good && good_tail && Fits(number, is_integer)) return;
    at_ = start;
    fault_ = (good && good_tail ? "a number out of range: " : "no number: ") + Shown();
  }

  static bool Fits(std::string_view number, bool is_integer) {
    const char* end = number.data() + number.size();
    int64_t narrow = 0;
    uint64_t wide = 0;
    double real = 0;
    // What is too small counts as zero.
    if (number.find('-', 1) != std::string_view::npos) return true;
    if (!is_integer) return std::from_chars(number.data(), end, real).ec == std::errc();
    return std::from_chars(number.data(), end, narrow).ec == std::errc() ||
           std::from_chars(number.data(), end, wide).ec == std::errc();
  }

  bool Digits() {
    const size_t start = at_;
    while (IsDigit(Peek())) ++at_;
    return at_ > start;
  }

  bool Word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipBlanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

  void Want(const std::string& what) {
    fault_ = "want " + what + ", found " + (at_ == text_.size() ? "the end" : Shown());
  }

  // The next few bytes.
  std::string Shown() const {
    const std::string_view line = text_.substr(at_, kShownBytes);
    return GoQuote(RepairUtf8(line.substr(0, std::max<size_t>(line.find('\n'), 1))));
  }

  std::string Place() const {
    const std::string_view before = text_.substr(0, at_);
    const size_t line_end = before.rfind('\n');
    const size_t column = line_end == std::string_view::npos ? at_ + 1 : at_ - line_end;
    return "line " + std::to_string(1 + std::ranges::count(before, '\n')) + ", column " +
           std::to_string(column) + ": ";
  }

  const std::string_view text_;
  size_t at_ = 0;
  std::vector<char> open_;  // The brackets around.
  std::string fault_;
};

}  // namespace

std::optional<std::string> FindJsonFault(std::string_view text) { return Scanner(text).Run(); }

std::string DescribeJsonFault(std::string_view text, const std::string& reason) {
  return FindJsonFault(text).value_or("line 1, column 1: " + reason);
}

}  // namespace watchfire::alert
