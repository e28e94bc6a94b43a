// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/templates/html_context.h"

#include <algorithm>
#include <string>

#include "pkg/base/strings.h"
#include "pkg/templates/unicode.h"

namespace watchfire::templates {
namespace {

constexpr std::string_view kSpace = " \t\n\f\r";

size_t EatSpace(std::string_view text, size_t from) {
  return std::min(text.find_first_not_of(kSpace, from), text.size());
}

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && ToLower(text) == lower;
}

HtmlElement ElementOf(std::string_view name) {
  static constexpr std::pair<std::string_view, HtmlElement> kElements[] = {
      {"script", HtmlElement::kScript},
      {"style", HtmlElement::kStyle},
      {"textarea", HtmlElement::kTextarea},
      {"title", HtmlElement::kTitle},
      {"meta", HtmlElement::kMeta}};
  for (const auto& [known, element] : kElements) {
    if (EqualsIgnoringCase(name, known)) return element;
  }
  return HtmlElement::kNone;
}

std::string_view EndTagOf(HtmlElement element) {
  switch (element) {
    case HtmlElement::kScript:
      return "script";
    case HtmlElement::kStyle:
      return "style";
    case HtmlElement::kTextarea:
      return "textarea";
    case HtmlElement::kTitle:
      return "title";
    default:
      return "";
  }
}

// Length of the tag name at the start of `text`: letters and digits, joined by ':' and '-'.
size_t TagName(std::string_view text) {
  if (text.empty() || !IsAlpha(text[0])) return 0;
  size_t length = 1;
  while (length < text.size()) {
    const char c = text[length];
    const bool alnum = IsAlpha(c) || (c >= '0' && c <= '9');
    const char next = length + 1 < text.size() ? text[length + 1] : '\0';
    const bool joins = (c == ':' || c == '-') && (IsAlpha(next) || (next >= '0' && next <= '9'));
    if (!alnum && !joins) break;
    length += joins ? 2 : 1;
  }
  return length;
}

// Where "</script" or its like starts, or npos.
size_t FindEndTag(std::string_view text, std::string_view tag) {
  for (size_t at = text.find("</"); at != std::string_view::npos; at = text.find("</", at + 2)) {
    const std::string_view rest = text.substr(at + 2);
    if (!EqualsIgnoringCase(rest.substr(0, tag.size()), tag)) continue;
    if (rest.size() > tag.size() &&
        std::string_view("> \t\n\f/").find(rest[tag.size()]) != std::string_view::npos) {
      return at;
    }
  }
  return std::string_view::npos;
}

size_t AdvanceText(std::string_view text, HtmlContext* context) {
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (at + 1 == text.size()) break;
    if (text.substr(at).starts_with("<!--")) {
      *context = {};
      context->state = HtmlState::kComment;
      return at + 4;
    }
    const bool ends = text[at + 1] == '/';
    const size_t start = at + (ends ? 2 : 1);
    const size_t length = TagName(text.substr(start));
    if (length == 0) continue;
    *context = {};
    context->state = HtmlState::kTag;
    if (!ends) context->element = ElementOf(text.substr(start, length));
    return start + length;
  }
  return text.size();
}

HtmlState InsideOf(HtmlElement element) {
  switch (element) {
    case HtmlElement::kScript:
      return HtmlState::kJs;
    case HtmlElement::kStyle:
      return HtmlState::kCss;
    case HtmlElement::kTextarea:
    case HtmlElement::kTitle:
      return HtmlState::kRcdata;
    default:
      return HtmlState::kText;
  }
}

HtmlAttribute AttributeOf(HtmlElement element, const std::string& name) {
  if (element == HtmlElement::kScript && name == "type") return HtmlAttribute::kScriptType;
  if (element == HtmlElement::kMeta && name == "content") return HtmlAttribute::kMetaContent;
  switch (KindOfAttribute(name)) {
    case AttributeKind::kUrl:
      return HtmlAttribute::kUrl;
    case AttributeKind::kCss:
      return HtmlAttribute::kStyle;
    case AttributeKind::kJs:
      return HtmlAttribute::kScript;
    case AttributeKind::kSrcset:
      return HtmlAttribute::kSrcset;
    default:
      return HtmlAttribute::kNone;
  }
}

// Where the attribute's name at `from` ends.
Result<size_t> EatAttributeName(std::string_view text, size_t from) {
  const size_t end = std::min(text.find_first_of(" \t\n\f\r=>'\"<", from), text.size());
  if (end == text.size() || std::string_view("'\"<").find(text[end]) == std::string_view::npos) {
    return end;
  }
  return InvalidArgument(GoQuote(text.substr(end, 1)) +
                         " in attribute name: " + GoQuote(TruncateRunes(RepairUtf8(text), 32)));
}

Result<size_t> AdvanceTag(std::string_view text, HtmlContext* context) {
  const size_t start = EatSpace(text, 0);
  if (start == text.size()) return start;
  if (text[start] == '>') {
    const HtmlElement element =
        context->element == HtmlElement::kMeta ? HtmlElement::kNone : context->element;
    *context = {};
    context->element = element;
    context->state = InsideOf(element);
    return start + 1;
  }
  const Result<size_t> end = EatAttributeName(text, start);
  if (!end) return end;
  if (*end == start) {
    return InvalidArgument("expected space, attr name, or end of tag, but got " +
                           GoQuote(TruncateRunes(RepairUtf8(text.substr(start)), 32)));
  }
  context->attribute = AttributeOf(context->element, ToLower(text.substr(start, *end - start)));
  context->state = *end == text.size() ? HtmlState::kAttrName : HtmlState::kAfterName;
  return end;
}

size_t AdvanceAfterName(std::string_view text, HtmlContext* context) {
  const size_t start = EatSpace(text, 0);
  if (start == text.size()) return start;
  if (text[start] != '=') {
    context->state = HtmlState::kTag;
    return start;
  }
  context->state = HtmlState::kBeforeValue;
  return start + 1;
}

HtmlState StartOf(HtmlAttribute attribute) {
  switch (attribute) {
    case HtmlAttribute::kScript:
      return HtmlState::kJs;
    case HtmlAttribute::kStyle:
      return HtmlState::kCss;
    case HtmlAttribute::kUrl:
      return HtmlState::kUrl;
    case HtmlAttribute::kSrcset:
      return HtmlState::kSrcset;
    case HtmlAttribute::kMetaContent:
      return HtmlState::kMetaContent;
    default:
      return HtmlState::kAttr;
  }
}

size_t AdvanceBeforeValue(std::string_view text, HtmlContext* context) {
  const size_t start = EatSpace(text, 0);
  if (start == text.size()) return start;
  context->state = StartOf(context->attribute);
  context->delimiter = text[start] == '"'    ? HtmlDelimiter::kDouble
                       : text[start] == '\'' ? HtmlDelimiter::kSingle
                                             : HtmlDelimiter::kSpaceOrTagEnd;
  return start + (context->delimiter == HtmlDelimiter::kSpaceOrTagEnd ? 0 : 1);
}

size_t AdvanceMeta(std::string_view text, HtmlContext* context) {
  if (context->state == HtmlState::kMetaContentUrl) {
    const size_t end = text.find(';');
    if (end == std::string_view::npos) return text.size();
    context->state = HtmlState::kMetaContent;
    return end + 1;
  }
  for (size_t i = 0; i + 3 < text.size(); ++i) {
    if (!EqualsIgnoringCase(text.substr(i, 3), "url")) continue;
    const size_t equals = EatSpace(text, i + 3);
    if (equals >= text.size() || text[equals] != '=') continue;
    context->state = HtmlState::kMetaContentUrl;
    return equals + 1;
  }
  return text.size();
}

// One step by the rules of the state alone.
Result<size_t> AdvanceByState(std::string_view text, HtmlContext* context) {
  switch (context->state) {
    case HtmlState::kText:
      return AdvanceText(text, context);
    case HtmlState::kTag:
      return AdvanceTag(text, context);
    case HtmlState::kAttrName: {
      const Result<size_t> end = EatAttributeName(text, 0);
      if (end && *end != text.size()) context->state = HtmlState::kAfterName;
      return end;
    }
    case HtmlState::kAfterName:
      return AdvanceAfterName(text, context);
    case HtmlState::kBeforeValue:
      return AdvanceBeforeValue(text, context);
    case HtmlState::kComment: {
      const size_t end = text.find("-->");
      if (end == std::string_view::npos) return text.size();
      *context = {};
      return end + 3;
    }
    case HtmlState::kRcdata:
    case HtmlState::kAttr:
      return text.size();
    case HtmlState::kUrl:
    case HtmlState::kSrcset:
      return AdvanceUrl(text, context);
    case HtmlState::kMetaContent:
    case HtmlState::kMetaContentUrl:
      return AdvanceMeta(text, context);
    default:
      return context->state >= HtmlState::kCss ? AdvanceStyle(text, context)
                                               : AdvanceScript(text, context);
  }
}

// The references that matter to what surrounds a value.
std::string Unescape(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kReferences[] = {
      {"&amp;", "&"},  {"&lt;", "<"},    {"&gt;", ">"},    {"&quot;", "\""}, {"&apos;", "'"},
      {"&#34;", "\""}, {"&#39;", "'"},   {"&#x22;", "\""}, {"&#x27;", "'"},  {"&#43;", "+"},
      {"&num;", "#"},  {"&quest;", "?"}, {"&colon;", ":"}, {"&sol;", "/"},   {"&#47;", "/"}};
  std::string out;
  while (!text.empty()) {
    const auto found =
        std::find_if(std::begin(kReferences), std::end(kReferences),
                     [&](const auto& known) { return text.starts_with(known.first); });
    const bool known = found != std::end(kReferences);
    out += known ? found->second : text.substr(0, 1);
    text.remove_prefix(known ? found->first.size() : 1);
  }
  return out;
}

bool IsJavaScriptType(std::string_view type) {
  static constexpr std::string_view kTypes[] = {"",
                                                "application/ecmascript",
                                                "application/javascript",
                                                "application/json",
                                                "application/ld+json",
                                                "application/x-ecmascript",
                                                "application/x-javascript",
                                                "module",
                                                "text/ecmascript",
                                                "text/javascript",
                                                "text/jscript",
                                                "text/livescript",
                                                "text/x-ecmascript",
                                                "text/x-javascript"};
  const std::string name(TrimUnicodeSpace(ToLower(type.substr(0, type.find(';')))));
  return name.starts_with("text/javascript1.") ||
         std::find(std::begin(kTypes), std::end(kTypes), name) != std::end(kTypes);
}

// In an attribute's value: to its end, or through all of the text.
Result<size_t> AdvanceInValue(std::string_view text, HtmlContext* context) {
  const bool bare = context->delimiter == HtmlDelimiter::kSpaceOrTagEnd;
  const std::string_view ends = bare                                           ? " \t\n\f\r>"
                                : context->delimiter == HtmlDelimiter::kDouble ? "\""
                                                                               : "'";
  const size_t end = std::min(text.find_first_of(ends), text.size());
  if (bare) {
    const size_t bad = text.substr(0, end).find_first_of("\"'<=`");
    if (bad != std::string_view::npos) {
      return InvalidArgument(GoQuote(text.substr(bad, 1)) + " in unquoted attr: " +
                             GoQuote(TruncateRunes(RepairUtf8(text.substr(0, end)), 32)));
    }
  }
  if (end == text.size()) {
    const std::string plain = Unescape(text);
    for (std::string_view rest = plain; !rest.empty();) {
      const Result<size_t> taken = AdvanceByState(rest, context);
      if (!taken) return taken;
      rest.remove_prefix(*taken);
    }
    return end;
  }
  HtmlElement element = context->element;
  if (context->attribute == HtmlAttribute::kScriptType && !IsJavaScriptType(text.substr(0, end))) {
    element = HtmlElement::kNone;
  }
  *context = {};
  context->state = HtmlState::kTag;
  context->element = element;
  return end + (bare ? 0 : 1);
}

}  // namespace

bool HtmlContext::in_comment() const {
  return state == HtmlState::kComment || state == HtmlState::kJsBlockComment ||
         state == HtmlState::kJsLineComment || state == HtmlState::kCssBlockComment ||
         state == HtmlState::kCssLineComment;
}

bool HtmlContext::in_script_literal() const {
  return state >= HtmlState::kJsDouble && state <= HtmlState::kJsRegexp;
}

Result<size_t> AdvanceHtml(std::string_view text, HtmlContext* context) {
  if (context->delimiter != HtmlDelimiter::kNone) return AdvanceInValue(text, context);
  // The end of a script inside one of its strings is taken for text, and escaped.
  const bool hidden = context->element == HtmlElement::kScript &&
                      (context->in_script_literal() || context->in_comment());
  const bool inside = context->state >= HtmlState::kRcdata;
  const std::string_view tag = EndTagOf(context->element);
  if (inside && !tag.empty() && !hidden) {
    const size_t end = FindEndTag(text, tag);
    if (end == 0) {
      *context = {};
      return 0;
    }
    text = text.substr(0, end);
  }
  return AdvanceByState(text, context);
}

HtmlContext ForValue(HtmlContext context) {
  if (context.state == HtmlState::kTag) {
    context.state = HtmlState::kAttrName;
  } else if (context.state == HtmlState::kBeforeValue) {
    context.state = StartOf(context.attribute);
    context.delimiter = HtmlDelimiter::kSpaceOrTagEnd;
    context.attribute = HtmlAttribute::kNone;
  } else if (context.state == HtmlState::kAfterName) {
    context.state = HtmlState::kAttrName;
    context.attribute = HtmlAttribute::kNone;
  }
  return context;
}

}  // namespace watchfire::templates
