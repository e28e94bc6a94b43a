// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/html_escape.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "pkg/base/eight.h"
#include "pkg/base/strings.h"
#include "pkg/templates/format.h"
#include "pkg/templates/to_json.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

constexpr std::string_view kFailsafe = "ZgotmplZ";

// A value on its way through the escapers: its text, and whether that is known to be safe.
struct Content {
  std::string text;
  bool html = false;  // Of the type that safeHtml gives.
  bool url = false;   // And safeUrl.
};

Content ToContent(const Value& value) {
  Content content;
  if (value.is_nil()) return content;  // Nothing prints as nothing here.
  // Cannot grow past the bound of a text: what prints it checks again.
  if (!AppendPrinted(value, &content.text)) content.text = kFailsafe;
  content.html = value.text_type() == TextType::kHtml;
  content.url = value.text_type() == TextType::kUrl;
  return content;
}

bool IsHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

constexpr bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void AppendReference(char c, std::string* out) {
  switch (c) {
    case '\0':
      *out += "\ufffd";
      return;
    case '&':
      *out += "&amp;";
      return;
    case '<':
      *out += "&lt;";
      return;
    case '>':
      *out += "&gt;";
      return;
    default:
      out->append("&#").append(std::to_string(static_cast<unsigned char>(c))) += ';';
  }
}

// Which characters become references, and where the next of them is.
template <char... kCharacters>
struct Special {
  static size_t Find(std::string_view text, size_t from) {
    for (; from + Eight::kSize <= text.size(); from += Eight::kSize) {
      const Eight eight(text.data() + from);
      const size_t plain = Eight::Before((eight.Is(kCharacters) | ...));
      if (plain < Eight::kSize) return from + plain;
    }
    while (from < text.size() && !kIsIn[static_cast<unsigned char>(text[from])]) ++from;
    return from;
  }

 private:
  static constexpr std::array<bool, 256> kIsIn = [] {
    std::array<bool, 256> is_in{};
    ((is_in[static_cast<unsigned char>(kCharacters)] = true), ...);
    return is_in;
  }();
};

template <typename Special>
void AppendReferences(std::string_view text, std::string* out) {
  for (size_t from = 0;; ++from) {
    const size_t next = Special::Find(text, from);
    out->append(text, from, next - from);
    if (next == text.size()) return;
    AppendReference(text[next], out);
    from = next;
  }
}

template <typename Special>
std::string References(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  AppendReferences<Special>(text, &out);
  return out;
}

using namespace std::string_view_literals;
using QuotedSpecial = Special<'\0', '"', '&', '\'', '+', '<', '>'>;
using TagSpecial = Special<'\0', '"', '\'', '+', '<', '>'>;  // Entities of trusted HTML stay.
using BareSpecial =
    Special<'\t', '\n', '\v', '\f', '\r', ' ', '"', '&', '\'', '+', '<', '=', '>', '`'>;
using BareTagSpecial =
    Special<'\t', '\n', '\v', '\f', '\r', ' ', '"', '\'', '+', '<', '=', '>', '`'>;

// Not the insides of scripts and styles, which StripTags reads over.
bool IsText(const HtmlContext& context) {
  const bool code =
      context.element == HtmlElement::kScript || context.element == HtmlElement::kStyle;
  return context.state == HtmlState::kText || (context.state == HtmlState::kRcdata && !code);
}

// What is left of trusted HTML without its tags, comments, scripts and styles.
std::string StripTags(const std::string& html) {
  HtmlContext context;
  std::string out;
  for (std::string_view rest = html; !rest.empty();) {
    HtmlContext next = context;
    const Result<size_t> taken = AdvanceHtml(rest, &next);
    if (!taken) break;
    if (IsText(context)) {
      size_t end = *taken;
      if (next.state != context.state && end > 0) {
        const size_t tag = rest.substr(0, end).rfind('<');
        if (tag != std::string_view::npos) end = tag;
      }
      out += rest.substr(0, end);
    }
    // Scripts and styles are read over, not into.
    if (next.state >= HtmlState::kJs && next.delimiter == HtmlDelimiter::kNone) {
      next.state = HtmlState::kRcdata;
    }
    context = next;
    rest.remove_prefix(*taken);
  }
  return out;
}

// For the value of an attribute without quotes.
std::string EscapeBare(const Content& content) {
  if (content.text.empty()) return std::string(kFailsafe);
  const std::string text = content.html ? StripTags(content.text) : content.text;
  std::string out;
  for (size_t i = 0; i < text.size();) {
    char32_t rune = 0;
    const size_t length = DecodeRune(std::string_view(text).substr(i), &rune);
    const bool odd = (rune >= 0xfdd0 && rune <= 0xfdef) || (rune >= 0xfff0 && rune <= 0xffff);
    if (rune == 0 || odd) {
      std::array<char, 16> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "&#x%x;",
                    rune == 0 ? 0xfffdU : static_cast<unsigned>(rune));
      out += buffer.data();
    } else {
      const std::string_view character = std::string_view(text).substr(i, length);
      out +=
          content.html ? References<BareTagSpecial>(character) : References<BareSpecial>(character);
    }
    i += length;
  }
  return out;
}

std::string EscapeAttribute(const Content& content) {
  return content.html ? References<TagSpecial>(StripTags(content.text))
                      : References<QuotedSpecial>(content.text);
}

// The name of an attribute: letters and digits, and none with a meaning of its own.
std::string FilterName(const Content& content) {
  const std::string name = ToLower(content.text);
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), IsAlnum) &&
                     KindOfAttribute(name) == AttributeKind::kPlain;
  return plain ? name : std::string(kFailsafe);
}

bool IsSafeUrl(std::string_view url) {
  const size_t colon = url.find(':');
  if (colon == std::string_view::npos || url.substr(0, colon).find('/') != std::string_view::npos) {
    return true;
  }
  const std::string scheme = ToLower(url.substr(0, colon));
  return scheme == "http" || scheme == "https" || scheme == "mailto";
}

constexpr std::array<bool, 256> AlnumAnd(std::string_view others) {
  std::array<bool, 256> out{};
  for (int c = 0; c < 256; ++c) out[static_cast<size_t>(c)] = IsAlnum(static_cast<char>(c));
  for (const char c : others) out[static_cast<unsigned char>(c)] = true;
  return out;
}

// Percent-encodes; `keep_parts` leaves what separates the parts of a URL, and escapes in it.
std::string EncodeUrl(std::string_view text, bool keep_parts) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  static constexpr std::array<bool, 256> kUnreserved = AlnumAnd("-._~");
  static constexpr std::array<bool, 256> kUrlParts = AlnumAnd("-._~!#$&*+,/:;=?@[]");
  const std::array<bool, 256>& kept = keep_parts ? kUrlParts : kUnreserved;
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t begin = i;
    while (i < text.size() && kept[static_cast<unsigned char>(text[i])]) ++i;
    out.append(text, begin, i - begin);
    if (i == text.size()) break;
    const char c = text[i];
    const bool escape = c == '%' && i + 2 < text.size() && IsHex(text[i + 1]) && IsHex(text[i + 2]);
    if (keep_parts && escape) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

constexpr std::string_view kHtmlSpace = "\t\n\f\r ";

// One "url 2x" of a srcset.
std::string FilterSource(std::string_view source) {
  const size_t start = std::min(source.find_first_not_of(kHtmlSpace), source.size());
  const size_t end = std::min(source.find_first_of(kHtmlSpace, start), source.size());
  const std::string_view url = source.substr(start, end - start);
  const std::string_view rest = source.substr(end);
  const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) {
    return IsAlnum(c) || kHtmlSpace.find(c) != std::string_view::npos;
  });
  if (!IsSafeUrl(url) || !plain) return "#" + std::string(kFailsafe);
  return std::string(source.substr(0, start)) + EncodeUrl(url, true) + std::string(rest);
}

std::string FilterSrcset(const Content& content) {
  if (content.url) {
    std::string out;
    for (const char c : EncodeUrl(content.text, true)) out += c == ',' ? "%2c" : std::string(1, c);
    return out;
  }
  std::string out;
  for (const std::string_view source : Split(content.text, ',')) {
    if (source.data() != content.text.data()) out += ",";
    out += FilterSource(source);
  }
  return out;
}

// For the inside of a JavaScript string, template or regular expression.
std::string EscapeJsInside(std::string_view text, HtmlState state) {
  static constexpr std::string_view kRegexp = "$()*-.?[]^{|}";
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    char32_t rune = 0;
    const size_t length = DecodeRune(text, &rune);
    const char c = text[0];
    const bool ascii = rune < 0x80;
    const bool in_template = state == HtmlState::kJsTemplate && (c == '$' || c == '{' || c == '}');
    if (c == '\t' || c == '\n' || c == '\f' || c == '\r') {
      out += c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\f' ? "\\f" : "\\r";
    } else if (c == '/' || c == '\\' ||
               (state == HtmlState::kJsRegexp && ascii &&
                kRegexp.find(c) != std::string_view::npos)) {
      out += '\\';
      out += c;
    } else if ((ascii && (rune < 0x20 || "\"&'+<>"sv.find(c) != std::string_view::npos ||
                          (c == '`' && state != HtmlState::kJsRegexp) || in_template)) ||
               rune == 0x2028 || rune == 0x2029) {
      out += "\\u";
      for (const int shift : {12, 8, 4, 0}) out += kHex[(rune >> shift) & 15];
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  // An empty regular expression would be a comment.
  return out.empty() && state == HtmlState::kJsRegexp ? "(?:)" : out;
}

bool IsJsIdentifier(char c) { return IsAlnum(c) || c == '$' || c == '_'; }

std::string ReplaceAll(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// A value as a JavaScript expression: JSON, kept apart from words around it.
std::string EscapeJsValue(const Value& value) {
  Value shown = value;
  const Object* object = value.as_object();
  if (object != nullptr && object->Json().is_nil()) {
    if (std::optional<std::string> text = object->String()) {
      shown = Value::String(*std::move(text));
    }
  }
  const Result<std::string> json = ToJson(shown);
  if (!json) {
    std::string why = ReplaceAll(json.error().message, "*/", "* /");
    return " /* " + ReplaceAll(std::move(why), "<!--", "\\x3C!--") + " */null ";
  }
  const bool word = IsJsIdentifier(json->front()) || IsJsIdentifier(json->back());
  return word ? " " + *json + " " : *json;
}

// For the inside of a CSS string.
std::string EscapeCss(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      out += "\\\\";
    } else if ("\0\t\n\f\r\"&'()+/:;<>{}"sv.find(c) == std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '\\';
      if (byte > 15) out += kHex[byte >> 4];
      out += kHex[byte & 15];
      // What follows must not be read as one more digit.
      const bool glued = i + 1 == text.size() || IsHex(text[i + 1]) ||
                         kHtmlSpace.find(text[i + 1]) != std::string_view::npos;
      if (glued) out += ' ';
    }
  }
  return out;
}

// A value in CSS may not open or close anything.
std::string FilterCss(std::string_view text) {
  const std::string plain = DecodeCss(text);
  std::string name;
  for (size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    const bool dashes = c == '-' && i > 0 && plain[i - 1] == '-';
    if (dashes || "\0\"'()/;@[\\]`{}<>"sv.find(c) != std::string_view::npos) {
      return std::string(kFailsafe);
    }
    if (IsAlnum(c) || c == '_') name += c;
  }
  name = ToLower(name);
  const bool runs =
      name.find("expression") != std::string::npos || name.find("mozbinding") != std::string::npos;
  return runs ? std::string(kFailsafe) : plain;
}

// URLs in attributes, and in strings and url(…) of CSS.
Content EscapeUrl(Content content, Escaped escaped, const HtmlContext& context) {
  const bool css_string =
      context.state == HtmlState::kCssDouble || context.state == HtmlState::kCssSingle;
  if (context.url_part == UrlPart::kQueryOrFragment) {
    if (escaped == Escaped::kUrlQuery) return {content.text};
    return {EncodeUrl(content.text, content.url)};
  }
  if (context.url_part == UrlPart::kNone && !content.url && !IsSafeUrl(content.text)) {
    content.text = "#" + std::string(kFailsafe);
  }
  if (css_string) return {EscapeCss(content.text)};
  if (escaped == Escaped::kUrlQuery) return {content.text};
  return {EncodeUrl(content.text, true)};
}

Content EscapeForState(const Value& value, Escaped escaped, const HtmlContext& context) {
  Content content = ToContent(value);
  switch (context.state) {
    case HtmlState::kUrl:
    case HtmlState::kCssDouble:
    case HtmlState::kCssSingle:
    case HtmlState::kCssDoubleUrl:
    case HtmlState::kCssSingleUrl:
    case HtmlState::kCssUrl:
      return EscapeUrl(std::move(content), escaped, context);
    case HtmlState::kMetaContentUrl:
      if (!content.url && !IsSafeUrl(content.text)) return {"#" + std::string(kFailsafe)};
      return {content.text};
    case HtmlState::kSrcset:
      return {FilterSrcset(content)};
    case HtmlState::kJs:
      return {EscapeJsValue(value)};
    case HtmlState::kJsDouble:
    case HtmlState::kJsSingle:
    case HtmlState::kJsTemplate:
    case HtmlState::kJsRegexp:
      return {EscapeJsInside(content.text, context.state)};
    case HtmlState::kCss:
      return {FilterCss(content.text)};
    case HtmlState::kText:
      if (content.html || escaped == Escaped::kHtml) return {content.text};
      return {References<QuotedSpecial>(content.text)};
    case HtmlState::kRcdata:
      if (escaped == Escaped::kHtml) return {content.text};
      return {content.html ? References<TagSpecial>(content.text)
                           : References<QuotedSpecial>(content.text)};
    case HtmlState::kTag:
    case HtmlState::kAttrName:
      return {FilterName(content)};
    default:
      return context.in_comment() ? Content() : content;
  }
}

}  // namespace

void AppendForHtml(const Value& value, Escaped escaped, const HtmlContext& context,
                   std::string* out) {
  const std::string_view* text = value.as_string();
  // What most values are, without a copy: text between tags, and the whole of a quoted link.
  if (text != nullptr && value.text_type() == TextType::kString && escaped == Escaped::kNo) {
    if (IsText(context) && context.delimiter == HtmlDelimiter::kNone) {
      return AppendReferences<QuotedSpecial>(*text, out);
    }
    const bool is_link = context.state == HtmlState::kUrl && context.url_part == UrlPart::kNone &&
                         (context.delimiter == HtmlDelimiter::kDouble ||
                          context.delimiter == HtmlDelimiter::kSingle);
    if (is_link && IsSafeUrl(*text)) {
      return AppendReferences<QuotedSpecial>(EncodeUrl(*text, true), out);
    }
  }
  *out += EscapeForHtml(value, escaped, context);
}

std::string EscapeForHtml(const Value& value, Escaped escaped, const HtmlContext& context) {
  const Content content = EscapeForState(value, escaped, context);
  switch (context.delimiter) {
    case HtmlDelimiter::kNone:
      return content.text;
    case HtmlDelimiter::kSpaceOrTagEnd:
      return EscapeBare(content);
    default:
      return escaped == Escaped::kHtml ? content.text : EscapeAttribute(content);
  }
}

}  // namespace watchfire::templates
