// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "pkg/base/check.h"

namespace watchfire::fuzz {
namespace {

// What parsers have stumbled over: numbers at the edge of a type, times at the edge of a calendar,
// bytes that are no text, and the punctuation of every language that we read.
constexpr std::string_view kSpice[] = {"0",
                                       "-1",
                                       "1",
                                       "65536",
                                       "2147483648",
                                       "9223372036854775807",
                                       "-9223372036854775808",
                                       "18446744073709551616",
                                       "1e308",
                                       "1e999",
                                       "-0",
                                       "0x10",
                                       "0.1",
                                       "NaN",
                                       ".inf",
                                       "1_000",
                                       "292y",
                                       "106751d",
                                       "290y364d23h59m59s999ms",
                                       "1ms",
                                       "0s",
                                       "-5m",
                                       "9223372036854775807h",
                                       "0001-01-01T00:00:00Z",
                                       "1678-01-01T00:00:00+24:60",
                                       "2261-12-31T23:59:59.999999999-24:00",
                                       "9999-12-31T23:59:59Z",
                                       "2024-02-30T00:00:00Z",
                                       "24:00",
                                       "-31",
                                       "9999:1",
                                       "monday:sunday",
                                       "null",
                                       "true",
                                       "~",
                                       "yes",
                                       "''",
                                       "\"\"",
                                       "{}",
                                       "[]",
                                       "[[]]",
                                       "{\"a\":{}}",
                                       "<<: *a",
                                       "*a",
                                       "&a",
                                       "!!binary",
                                       "!!str ",
                                       "? ",
                                       "- ",
                                       ": ",
                                       "|\n",
                                       ">-\n",
                                       "---\n",
                                       "...\n",
                                       "%YAML 1.1\n",
                                       "#",
                                       "\t",
                                       "\r\n",
                                       "\n",
                                       "  ",
                                       "\xef\xbb\xbf",
                                       "\xff\xfe",
                                       "\xc0\x80",
                                       "\xed\xa0\x80",
                                       "\xf4\x90\x80\x80",
                                       "\xe2\x82",
                                       "\xe2\x80\xa8",
                                       "\xc2\x85",
                                       "\\u0000",
                                       "\\ud800",
                                       "\\x00",
                                       "\\",
                                       "\"",
                                       "'",
                                       "`",
                                       ",",
                                       "=",
                                       "=~",
                                       "!~",
                                       "!=",
                                       "a=~\"(\"",
                                       "(?P<n>",
                                       "(((((a{9}){9}){9}){9})",
                                       "x{1001}",
                                       "[[:alpha:]-",
                                       "\\pN",
                                       "{{",
                                       "}}",
                                       "{{ end }}",
                                       "{{ template \"t\" . }}",
                                       "{{ range 1000000000 }}",
                                       "{{ printf \"%1000000d\" 1 }}",
                                       "{{ $x }}",
                                       "{{- ",
                                       "${{",
                                       "%",
                                       "%zz",
                                       "%00",
                                       "&",
                                       "?",
                                       "+",
                                       "/../",
                                       "://",
                                       "[::1",
                                       "@",
                                       ";",
                                       "<secret>",
                                       "...",
                                       "__name__",
                                       "*"};

bool IsWord(char c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_';
}

std::vector<std::string> Words(const std::vector<std::string>& seeds) {
  std::set<std::string> words;
  for (const std::string& seed : seeds) {
    for (auto at = seed.begin(); at != seed.end();) {
      at = std::find_if(at, seed.end(), IsWord);
      const auto end = std::find_if_not(at, seed.end(), IsWord);
      if (at != end) words.emplace(at, end);
      at = end;
    }
  }
  words.insert("");
  return {words.begin(), words.end()};
}

// A piece of `text`: where it starts and how long it is. Short ones are likelier.
struct Range {
  size_t at = 0;
  size_t size = 0;
};

Range PickRange(const std::string& text, Rng* rng) {
  const size_t at = rng->Below(text.size() + 1);
  const size_t longest = rng->Chance(0.8) ? 16 : 4096;
  return {at, std::min(rng->Below(longest), text.size() - at)};
}

// The word at or behind a random place; empty when there is none.
Range PickWord(const std::string& text, Rng* rng) {
  const auto begin = text.begin() + static_cast<ptrdiff_t>(rng->Below(text.size() + 1));
  const auto at = std::find_if(begin, text.end(), IsWord);
  const auto end = std::find_if_not(at, text.end(), IsWord);
  return {static_cast<size_t>(at - text.begin()), static_cast<size_t>(end - at)};
}

// The line around a random place, with its line end.
Range PickLine(const std::string& text, Rng* rng) {
  const size_t inside = rng->Below(text.size() + 1);
  const size_t before = inside == 0 ? text.npos : text.rfind('\n', inside - 1);
  const size_t at = before == text.npos ? 0 : before + 1;
  return {at, std::min(text.find('\n', at), text.size() - 1) + 1 - at};
}

std::string Repeat(std::string_view piece, size_t count) {
  std::string out;
  for (; count > 0; --count) out += piece;
  return out;
}

// Something long or deep.
std::string Bulk(Rng* rng) {
  static constexpr std::string_view kPieces[] = {
      "[",  "{\"a\":", "{a: ", "- ",  "(",    "{{ if . }}", "\n ",    "a",   "\xc3\xa9",
      "\"", "\\",      "x,",   "\n#", "*a, ", "&a [",       "a: b\n", "(a|", "{{ . }}"};
  return Repeat(kPieces[rng->Below(std::size(kPieces))], size_t{1} << rng->Below(17));
}

std::string ReplaceAll(const std::string& text, char from, std::string_view to) {
  std::string out;
  for (const char c : text) c == from ? void(out += to) : void(out += c);
  return out;
}

}  // namespace

Mutator::Mutator(std::vector<std::string> seeds) : seeds_(std::move(seeds)), words_(Words(seeds_)) {
  WF_CHECK(!seeds_.empty());
}

const std::string& Mutator::Pick(const std::vector<std::string>& from, Rng* rng) const {
  return from[rng->Below(from.size())];
}

std::string Mutator::Make(uint64_t number) const {
  Rng rng(number);
  std::string text = Pick(seeds_, &rng);
  for (uint64_t edits = 1 + rng.Below(5); edits > 0; --edits) {
    Edit(&text, &rng);
    if (text.size() > kBytesMax) text.resize(kBytesMax);
  }
  return text;
}

void Mutator::Edit(std::string* text, Rng* rng) const {
  const Range range = PickRange(*text, rng);
  const Range word = PickWord(*text, rng);
  const Range line = text->empty() ? Range() : PickLine(*text, rng);
  switch (rng->Below(16)) {
    case 0:  // One bit.
      if (range.at < text->size()) {
        (*text)[range.at] = static_cast<char>((*text)[range.at] ^ (1 << rng->Below(8)));
      }
      return;
    case 1:
      text->erase(range.at, range.size);
      return;
    case 2:
      text->insert(range.at, text->substr(range.at, range.size));
      return;
    case 3:
    case 4:
    case 5:
      text->replace(range.at, rng->Chance(0.5) ? 0 : range.size,
                    kSpice[rng->Below(std::size(kSpice))]);
      return;
    case 6:
    case 7:
      text->replace(word.at, word.size, kSpice[rng->Below(std::size(kSpice))]);
      return;
    case 8:
    case 9:
      text->replace(word.at, word.size, Pick(words_, rng));
      return;
    case 10:
      text->insert(range.at, text->substr(line.at, line.size));
      return;
    case 11:
      text->erase(line.at, line.size);
      return;
    case 12: {  // The front of this one, the back of another.
      const std::string& other = Pick(seeds_, rng);
      *text = text->substr(0, range.at) + other.substr(rng->Below(other.size() + 1));
      return;
    }
    case 13:
      text->resize(range.at);
      return;
    case 14:
      text->insert(range.at, rng->Chance(0.3) ? Bulk(rng) : std::string(1, '\0'));
      return;
    default:
      *text = rng->Chance(0.5) ? ReplaceAll(*text, '\n', "\r\n") : ReplaceAll(*text, ' ', "\t");
  }
}

}  // namespace watchfire::fuzz
