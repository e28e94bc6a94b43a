// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The names that Go's html/template has for places in a document (its context.go).

#include <array>

#include "pkg/templates/html_context.h"

namespace watchfire::templates {
namespace {

template <typename Enum, size_t kSize>
std::string NameOf(const std::array<const char*, kSize>& names, Enum value) {
  return names.at(static_cast<size_t>(value));
}

// Each in the order of its enum.
constexpr std::array<const char*, 27> kStates = {
    "stateText",        "stateTag",         "stateAttrName",    "stateAfterName",
    "stateBeforeValue", "stateHTMLCmt",     "stateRCDATA",      "stateAttr",
    "stateURL",         "stateSrcset",      "stateMetaContent", "stateMetaContentURL",
    "stateJS",          "stateJSDqStr",     "stateJSSqStr",     "stateJSTmplLit",
    "stateJSRegexp",    "stateJSBlockCmt",  "stateJSLineCmt",   "stateCSS",
    "stateCSSDqStr",    "stateCSSSqStr",    "stateCSSDqURL",    "stateCSSSqURL",
    "stateCSSURL",      "stateCSSBlockCmt", "stateCSSLineCmt"};
static_assert(static_cast<size_t>(HtmlState::kCssLineComment) + 1 == kStates.size());

constexpr std::array<const char*, 4> kDelimiters = {"delimNone", "delimDoubleQuote",
                                                    "delimSingleQuote", "delimSpaceOrTagEnd"};
constexpr std::array<const char*, 3> kUrlParts = {"urlPartNone", "urlPartPreQuery",
                                                  "urlPartQueryOrFrag"};
constexpr std::array<const char*, 7> kAttributes = {
    "attrNone", "attrScript", "attrScriptType", "attrStyle",
    "attrURL",  "attrSrcset", "attrMetaContent"};
constexpr std::array<const char*, 6> kElements = {"elementNone",  "elementScript",
                                                  "elementStyle", "elementTextarea",
                                                  "elementTitle", "elementMeta"};

}  // namespace

std::string ToString(const HtmlContext& context) {
  std::string braces;
  for (const int depth : context.js_braces) {
    braces += (braces.empty() ? "" : " ") + std::to_string(depth);
  }
  return "{" + NameOf(kStates, context.state) + " " + NameOf(kDelimiters, context.delimiter) + " " +
         NameOf(kUrlParts, context.url_part) + " " +
         (context.slash_divides ? "jsCtxDivOp" : "jsCtxRegexp") + " [" + braces + "] " +
         NameOf(kAttributes, context.attribute) + " " + NameOf(kElements, context.element) +
         " <nil>}";
}

}  // namespace watchfire::templates
