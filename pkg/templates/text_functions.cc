// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/text_functions.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <re2/re2.h>

#include "pkg/base/limits.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

using re2::RE2;
using re2::StringPiece;

// Matching, in steps: the worst case of RE2 looks at the whole program for each byte, and moves the
// ends of all groups as it does; starting costs what several nodes do.
constexpr size_t kMatchSteps = 10;
constexpr size_t kProgramPerStep = 16;
constexpr size_t kGroupsPerStep = 16;
// RE2's fast matcher passes so many bytes in a step. It has room for the states of an automaton of
// so short a program, whatever it is; a longer one may drive RE2 to its slow matcher.
constexpr size_t kBytesPassed = 100;
constexpr size_t kFastProgram = 16;

size_t SlowSteps(const RE2& regex, size_t bytes, size_t groups) {
  const size_t program = static_cast<size_t>(regex.ProgramSize());
  return bytes * (1 + program / kProgramPerStep) * (1 + groups / kGroupsPerStep);
}

Status SpendMatch(const RE2& regex, size_t bytes, size_t groups, Budget* budget) {
  if (!budget->Spend(kMatchSteps + SlowSteps(regex, bytes, groups))) return OutOfSteps();
  return {};
}

// What the next match in the rest of a text may cost beyond that. An expression that repeats may
// look at all of the rest for each match, though it ends soon.
size_t AheadSteps(const RE2& regex, size_t bytes, size_t groups) {
  if (regex.pattern().find_first_of("*+{") == std::string::npos) return 0;
  const bool is_fast = regex.ProgramSize() <= static_cast<int>(kFastProgram);
  return is_fast ? bytes / kBytesPassed : SlowSteps(regex, bytes, groups);
}

StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

bool IsNameChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Cuts the name out of "$name", "$1" or "${name}" at the start of `text`. Empty: none of them.
std::string_view TakeName(std::string_view* text) {
  std::string_view rest = text->substr(1);
  const bool braces = rest.starts_with("{");
  if (braces) rest.remove_prefix(1);
  const auto end = std::find_if_not(rest.begin(), rest.end(), IsNameChar);
  const std::string_view name = rest.substr(0, static_cast<size_t>(end - rest.begin()));
  rest.remove_prefix(name.size());
  if (name.empty() || (braces && !rest.starts_with("}"))) return {};
  if (braces) rest.remove_prefix(1);
  *text = rest;
  return name;
}

// The group that a name in a replacement means; -1: none, which is empty.
int GroupOf(const RE2& regex, std::string_view name) {
  const bool number =
      std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (number) {
    const bool known = name.size() < 5 && (name.size() == 1 || name[0] != '0');
    return known ? std::stoi(std::string(name)) : -1;
  }
  const auto& groups = regex.NamedCapturingGroups();
  const auto found = groups.find(std::string(name));
  return found == groups.end() ? -1 : found->second;
}

void Expand(const RE2& regex, std::string_view replacement, const std::vector<StringPiece>& groups,
            std::string* out) {
  while (!replacement.empty()) {
    const size_t dollar = std::min(replacement.find('$'), replacement.size());
    out->append(replacement.substr(0, dollar));
    replacement.remove_prefix(dollar);
    if (replacement.empty()) return;
    if (replacement.substr(0, 2) == "$$") {
      *out += '$';
      replacement.remove_prefix(2);
      continue;
    }
    const std::string_view name = TakeName(&replacement);
    if (name.empty()) {
      *out += '$';
      replacement.remove_prefix(1);
      continue;
    }
    const int group = GroupOf(regex, name);
    if (group < 0 || static_cast<size_t>(group) >= groups.size()) continue;
    out->append(groups[static_cast<size_t>(group)].data(),
                groups[static_cast<size_t>(group)].size());
  }
}

// A match of nothing right after another match does not count. Source: Go regexp.ReplaceAll.
Result<std::string> ReplaceAll(const RE2& regex, std::string_view replacement,
                               std::string_view text, Budget* budget) {
  std::vector<StringPiece> groups(static_cast<size_t>(regex.NumberOfCapturingGroups()) + 1);
  std::string out;
  size_t done = 0;
  for (size_t from = 0; from <= text.size();) {
    // The first match has been paid for.
    const size_t ahead = from == 0 ? 0 : AheadSteps(regex, text.size() - from, groups.size());
    if (!budget->Spend(1 + groups.size() + ahead)) return OutOfSteps();
    if (!regex.Match(Piece(text), from, text.size(), RE2::UNANCHORED, groups.data(),
                     static_cast<int>(groups.size()))) {
      break;
    }
    const auto start = static_cast<size_t>(groups[0].data() - text.data());
    const size_t end = start + groups[0].size();
    out += text.substr(done, start - done);
    if (end > done || start == 0) Expand(regex, replacement, groups, &out);
    if (out.size() > limits::kTemplateOutputBytes) return TooMuchOutput();
    done = end;
    char32_t rune = 0;
    const size_t width = from < text.size() ? DecodeRune(text.substr(from), &rune) : 1;
    from = std::max(from + width, end);
  }
  return out.append(text.substr(done));
}

// What a code point does to a word, for TitleEnglish().
enum class WordPart { kLetter, kMiddle, kBreak };

WordPart PartOf(char32_t rune) {
  static constexpr char32_t kMiddles[] = {'\'',   '.',    ':',    0xb7,   0x387,  0x55f,
                                          0x5f4,  0x2018, 0x2019, 0x2024, 0x2027, 0xfe13,
                                          0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a};
  if (std::find(std::begin(kMiddles), std::end(kMiddles), rune) != std::end(kMiddles)) {
    return WordPart::kMiddle;
  }
  // Scripts written without spaces end a word with every sign.
  if (rune >= 0x3040 && rune <= 0x9fff) return WordPart::kBreak;
  const bool combining = rune >= 0x300 && rune <= 0x36f;
  return rune == '_' || combining || rune == 0x200d || IsLetterOrDigit(rune) ? WordPart::kLetter
                                                                             : WordPart::kBreak;
}

}  // namespace

std::string TitleEnglish(std::string_view text) {
  std::string out;
  bool in_word = false;
  bool after_middle = false;
  while (!text.empty()) {
    char32_t rune = 0;
    text.remove_prefix(DecodeRune(text, &rune));
    const WordPart part = PartOf(rune);
    if (part == WordPart::kMiddle && after_middle) in_word = false;
    after_middle = part == WordPart::kMiddle;
    const bool cased = ToUpperRune(rune) != rune || ToLowerRune(rune) != rune;
    if (cased) {
      AppendRune(in_word ? ToLowerRune(rune) : ToTitleRune(rune), &out);
      in_word = true;
      continue;
    }
    AppendRune(rune, &out);
    if (part == WordPart::kBreak) in_word = false;
  }
  return out;
}

std::string TitleWords(std::string_view text) {
  std::string out;
  bool starts = true;
  while (!text.empty()) {
    char32_t rune = 0;
    text.remove_prefix(DecodeRune(text, &rune));
    AppendRune(starts ? ToTitleRune(rune) : rune, &out);
    // Outside ASCII only white space separates words.
    starts = rune != '_' && !IsLetterOrDigit(rune) && (rune < 0x80 || IsUnicodeSpace(rune));
  }
  return out;
}

Result<Value> CallToUpper(const Call& call) { return Value::String(ToUpperText(call.text(0))); }
Result<Value> CallToLower(const Call& call) { return Value::String(ToLowerText(call.text(0))); }
Result<Value> CallSafeHtml(const Call& call) {
  return Value::String(std::string(call.text(0)), TextType::kHtml);
}

Result<Value> CallMatch(const Call& call) {
  const Result<const RE2*> regex = call.budget.Regex(call.text(0));
  if (!regex) return Fail(regex.error());
  WF_RETURN_IF_ERROR(SpendMatch(**regex, call.text(1).size(), 0, &call.budget));
  return Value::Bool(RE2::PartialMatch(Piece(call.text(1)), **regex));
}

Result<Value> CallReplaceAll(const Call& call) {
  const Result<const RE2*> regex = call.budget.Regex(call.text(0));
  if (!regex) {
    return Fail(regex.error().code,
                "regexp: Compile(`" + std::string(call.text(0)) + "`): " + regex.error().message);
  }
  const auto groups = static_cast<size_t>((*regex)->NumberOfCapturingGroups());
  WF_RETURN_IF_ERROR(SpendMatch(**regex, call.text(2).size(), groups, &call.budget));
  Result<std::string> out = ReplaceAll(**regex, call.text(1), call.text(2), &call.budget);
  if (!out) return Fail(std::move(out.error()));
  return Value::String(*std::move(out));
}

}  // namespace watchfire::templates
