// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The insides of scripts, styles and URLs.

#include <algorithm>
#include <string>

#include "pkg/base/strings.h"
#include "pkg/templates/html_context.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

constexpr std::string_view kCssSpace = " \t\n\f\r";

bool IsJsIdentifier(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '$' ||
         c == '_';
}

// Without the white space at the end.
std::string_view TrimJsSpace(std::string_view text) {
  static constexpr std::string_view kMark = "\xef\xbb\xbf";  // U+FEFF counts as space there.
  while (true) {
    const std::string_view trimmed = TrimUnicodeSpace(text);
    if (trimmed.empty()) return {};
    text = text.substr(0, static_cast<size_t>(trimmed.data() + trimmed.size() - text.data()));
    if (!text.ends_with(kMark)) return text;
    text.remove_suffix(kMark.size());
  }
}

// Would a '/' after this code divide, or start a regular expression? One token back is enough for
// any program that people write.
bool SlashDivides(std::string_view code, bool before) {
  static constexpr std::string_view kOperators = ",<>=*%&|^?!~([:;{}";
  static constexpr std::string_view kWords[] = {
      "break", "case",       "continue", "delete", "do",  "else",   "finally",
      "in",    "instanceof", "return",   "throw",  "try", "typeof", "void"};
  code = TrimJsSpace(code);
  if (code.empty()) return before;
  const char last = code.back();
  if (last == '+' || last == '-') {
    const size_t other = code.find_last_not_of(last);
    const size_t run = code.size() - (other == std::string_view::npos ? 0 : other + 1);
    return run % 2 == 0;
  }
  if (last == '.') {
    return code.size() > 1 && code[code.size() - 2] >= '0' && code[code.size() - 2] <= '9';
  }
  if (kOperators.find(last) != std::string_view::npos) return false;
  size_t start = code.size();
  while (start > 0 && IsJsIdentifier(code[start - 1])) --start;
  const std::string_view word = code.substr(start);
  return std::find(std::begin(kWords), std::end(kWords), word) == std::end(kWords);
}

size_t AdvanceJsCode(std::string_view text, HtmlContext* context) {
  const size_t at = std::min(text.find_first_of("\"`'/{}<-#"), text.size());
  context->slash_divides = SlashDivides(text.substr(0, at), context->slash_divides);
  if (at == text.size()) return at;
  const std::string_view rest = text.substr(at);
  const auto enter = [&](HtmlState state, size_t length) {
    context->state = state;
    return at + length;
  };
  switch (rest[0]) {
    case '"':
    case '\'':
    case '`':
      context->slash_divides = false;
      return enter(rest[0] == '"'    ? HtmlState::kJsDouble
                   : rest[0] == '\'' ? HtmlState::kJsSingle
                                     : HtmlState::kJsTemplate,
                   1);
    case '/':
      if (rest.starts_with("//")) return enter(HtmlState::kJsLineComment, 2);
      if (rest.starts_with("/*")) return enter(HtmlState::kJsBlockComment, 2);
      if (!context->slash_divides) return enter(HtmlState::kJsRegexp, 1);
      context->slash_divides = false;
      return at + 1;
    case '<':
      // Old comments count to the end of the line.
      if (rest.starts_with("<!--")) return enter(HtmlState::kJsLineComment, 4);
      return at + 1;
    case '-':
      if (rest.starts_with("-->")) return enter(HtmlState::kJsLineComment, 3);
      return at + 1;
    case '#':
      if (rest.starts_with("#!")) return enter(HtmlState::kJsLineComment, 2);
      return at + 1;
    default:
      break;
  }
  // Braces count only inside the ${…} of a template literal, whose end one of them is.
  if (!context->js_braces.empty()) {
    context->js_braces.back() += rest[0] == '{' ? 1 : -1;
    if (context->js_braces.back() < 0) {
      context->js_braces.pop_back();
      return enter(HtmlState::kJsTemplate, 1);
    }
  }
  context->slash_divides = SlashDivides(rest.substr(0, 1), context->slash_divides);
  return at + 1;
}

tl::unexpected<Error> Unfinished(const char* what, std::string_view text) {
  return InvalidArgument(std::string("unfinished ") + what + ": " +
                         GoQuote(TruncateRunes(RepairUtf8(text), 32)));
}

Result<size_t> AdvanceJsTemplate(std::string_view text, HtmlContext* context) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i == text.size()) return Unfinished("escape sequence in JS string", text);
      continue;
    }
    if (text[i] == '`') {
      context->state = HtmlState::kJs;
      return i + 1;
    }
    if (text.substr(i).starts_with("${")) {
      context->js_braces.push_back(0);
      context->state = HtmlState::kJs;
      return i + 2;
    }
  }
  return text.size();
}

// A string or regular expression.
Result<size_t> AdvanceJsLiteral(std::string_view text, HtmlContext* context) {
  const bool regexp = context->state == HtmlState::kJsRegexp;
  const char end = regexp ? '/' : context->state == HtmlState::kJsDouble ? '"' : '\'';
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      if (++i == text.size()) return Unfinished("escape sequence in JS string", text);
    } else if (regexp && c == '[') {
      in_class = true;
    } else if (regexp && c == ']') {
      in_class = false;
    } else if (c == end && !in_class) {
      // The end of the script inside a regular expression does not end it.
      const bool end_tag = regexp && i > 0 && ToLower(text.substr(i - 1, 8)) == "</script";
      if (end_tag) continue;
      context->state = HtmlState::kJs;
      context->slash_divides = true;
      return i + 1;
    }
  }
  if (in_class) return Unfinished("JS regexp charset", text);
  return text.size();
}

size_t AdvanceComment(std::string_view text, HtmlState back, HtmlContext* context) {
  const size_t end = text.find("*/");
  if (end == std::string_view::npos) return text.size();
  context->state = back;
  return end + 2;
}

// The line's end belongs to what follows.
size_t AdvanceLineComment(std::string_view text, HtmlState back, HtmlContext* context) {
  size_t end =
      std::min(text.find_first_of(back == HtmlState::kJs ? "\n\r" : "\n\f\r"), text.size());
  if (back == HtmlState::kJs) {
    end = std::min({end, text.find("\xe2\x80\xa8"), text.find("\xe2\x80\xa9")});
  }
  if (end < text.size()) context->state = back;
  return std::min(end, text.size());
}

bool IsCssName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool EndsWithUrl(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(kCssSpace) + 1);
  if (text.size() < 3 || ToLower(text.substr(text.size() - 3)) != "url") return false;
  return text.size() == 3 || !IsCssName(text[text.size() - 4]);
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t AdvanceCssCode(std::string_view text, HtmlContext* context) {
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest[0] == '(' && EndsWithUrl(text.substr(0, i))) {
      const size_t start = std::min(rest.find_first_not_of(kCssSpace, 1), rest.size());
      const char quote = start < rest.size() ? rest[start] : '\0';
      context->state = quote == '"'    ? HtmlState::kCssDoubleUrl
                       : quote == '\'' ? HtmlState::kCssSingleUrl
                                       : HtmlState::kCssUrl;
      return i + start + (context->state == HtmlState::kCssUrl ? 0 : 1);
    }
    if (rest.starts_with("//") || rest.starts_with("/*")) {
      context->state = rest[1] == '/' ? HtmlState::kCssLineComment : HtmlState::kCssBlockComment;
      return i + 2;
    }
    if (rest[0] == '"' || rest[0] == '\'') {
      context->state = rest[0] == '"' ? HtmlState::kCssDouble : HtmlState::kCssSingle;
      return i + 1;
    }
  }
  return text.size();
}

// A string or url(…), both taken for a URL.
Result<size_t> AdvanceCssString(std::string_view text, HtmlContext* context) {
  std::string_view ends = "\t\n\f\r )";
  if (context->state == HtmlState::kCssDouble || context->state == HtmlState::kCssDoubleUrl) {
    ends = "\"";
  } else if (context->state != HtmlState::kCssUrl) {
    ends = "'";
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i == text.size()) return Unfinished("escape sequence in CSS string", text);
    } else if (ends.find(text[i]) != std::string_view::npos) {
      context->state = HtmlState::kCss;
      return i + 1;
    }
  }
  AdvanceUrl(DecodeCss(text), context);
  return text.size();
}

}  // namespace

std::string DecodeCss(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t slash = std::min(text.find('\\'), text.size());
    out += text.substr(0, slash);
    text.remove_prefix(slash);
    if (text.size() < 2) break;
    text.remove_prefix(1);
    size_t digits = 0;
    char32_t rune = 0;
    for (; digits < text.size() && digits < 6; ++digits) {
      const int value = HexValue(text[digits]);
      if (value < 0 || rune * 16 + static_cast<char32_t>(value) > kMaxRune) break;
      rune = rune * 16 + static_cast<char32_t>(value);
    }
    if (digits == 0) {
      char32_t plain = 0;
      digits = DecodeRune(text, &plain);
      out += text.substr(0, digits);
      text.remove_prefix(digits);
      continue;
    }
    AppendRune(rune, &out);
    text.remove_prefix(digits);
    // One space ends the digits.
    if (text.starts_with("\r\n")) {
      text.remove_prefix(2);
    } else if (!text.empty() && kCssSpace.find(text[0]) != std::string_view::npos) {
      text.remove_prefix(1);
    }
  }
  return out;
}

size_t AdvanceUrl(std::string_view text, HtmlContext* context) {
  if (text.find_first_of("#?") != std::string_view::npos) {
    context->url_part = UrlPart::kQueryOrFragment;
  } else if (context->url_part == UrlPart::kNone &&
             text.find_first_not_of(kCssSpace) != std::string_view::npos) {
    context->url_part = UrlPart::kPreQuery;
  }
  return text.size();
}

Result<size_t> AdvanceScript(std::string_view text, HtmlContext* context) {
  switch (context->state) {
    case HtmlState::kJs:
      return AdvanceJsCode(text, context);
    case HtmlState::kJsTemplate:
      return AdvanceJsTemplate(text, context);
    case HtmlState::kJsBlockComment:
      return AdvanceComment(text, HtmlState::kJs, context);
    case HtmlState::kJsLineComment:
      return AdvanceLineComment(text, HtmlState::kJs, context);
    default:
      return AdvanceJsLiteral(text, context);
  }
}

Result<size_t> AdvanceStyle(std::string_view text, HtmlContext* context) {
  switch (context->state) {
    case HtmlState::kCss:
      return AdvanceCssCode(text, context);
    case HtmlState::kCssBlockComment:
      return AdvanceComment(text, HtmlState::kCss, context);
    case HtmlState::kCssLineComment:
      return AdvanceLineComment(text, HtmlState::kCss, context);
    default:
      return AdvanceCssString(text, context);
  }
}

}  // namespace watchfire::templates
