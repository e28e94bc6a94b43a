// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Where in an HTML document the next text goes: between tags, in an attribute, a URL, a script, a
// style. Follows the text of a template as it is written out, so that each value can be escaped for
// its place. Source: Go html/template, which works this out before a template runs; done while it
// runs, a branch may end in another place than its sibling.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pkg/base/result.h"

namespace watchfire::templates {

enum class HtmlState {
  kText,
  kTag,          // Inside a tag, before an attribute's name or the end.
  kAttrName,     // In a name.
  kAfterName,    // Before a possible '='.
  kBeforeValue,  // After it.
  kComment,      // <!-- -->
  kRcdata,       // In <title> and <textarea>.
  // Attribute values, and what is in <script> and <style>.
  kAttr,
  kUrl,
  kSrcset,
  kMetaContent,
  kMetaContentUrl,
  kJs,
  kJsDouble,    // "…"
  kJsSingle,    // '…'
  kJsTemplate,  // `…`
  kJsRegexp,
  kJsBlockComment,
  kJsLineComment,
  kCss,
  kCssDouble,
  kCssSingle,
  kCssDoubleUrl,  // url("…")
  kCssSingleUrl,
  kCssUrl,
  kCssBlockComment,
  kCssLineComment,
};

enum class HtmlDelimiter { kNone, kDouble, kSingle, kSpaceOrTagEnd };
enum class HtmlElement { kNone, kScript, kStyle, kTextarea, kTitle, kMeta };
enum class HtmlAttribute { kNone, kScript, kScriptType, kStyle, kUrl, kSrcset, kMetaContent };
enum class UrlPart { kNone, kPreQuery, kQueryOrFragment };

struct HtmlContext {
  HtmlState state = HtmlState::kText;
  HtmlDelimiter delimiter = HtmlDelimiter::kNone;  // Of the attribute value we are in.
  HtmlElement element = HtmlElement::kNone;
  HtmlAttribute attribute = HtmlAttribute::kNone;
  UrlPart url_part = UrlPart::kNone;
  bool slash_divides = false;  // What a '/' would start in JavaScript: a regular expression?
  std::vector<int> js_braces;  // Open braces in each ${…} of a template literal we are in.

  bool operator==(const HtmlContext&) const = default;

  // Among the names of a tag: a value may begin one, or an attribute's value.
  bool in_tag() const { return state >= HtmlState::kTag && state <= HtmlState::kBeforeValue; }
  bool in_comment() const;
  // In a string, template or regular expression of a script.
  bool in_script_literal() const;
};

// Takes the longest part of `text` (not empty) that ends in one known context, moves `context`
// there and returns the part's length. Zero only when the end of a script or style was reached.
// Errors: kInvalidArgument for what browsers do not read alike.
Result<size_t> AdvanceHtml(std::string_view text, HtmlContext* context);

// The context in which a value at this point stands: it makes up an attribute's name or value.
HtmlContext ForValue(HtmlContext context);

// As Go prints a context, where an error shows it: "{stateURL delimDoubleQuote urlPartNone …}".
std::string ToString(const HtmlContext& context);

enum class AttributeKind { kPlain, kUrl, kCss, kJs, kSrcset, kUnsafe };
// What the attribute of that lower-case name holds.
AttributeKind KindOfAttribute(std::string_view name);

// For html_script.cc and html_context.cc.
Result<size_t> AdvanceScript(std::string_view text, HtmlContext* context);
Result<size_t> AdvanceStyle(std::string_view text, HtmlContext* context);
size_t AdvanceUrl(std::string_view text, HtmlContext* context);
std::string DecodeCss(std::string_view text);

}  // namespace watchfire::templates
