// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <iterator>

#include "pkg/templates/html_context.h"

namespace watchfire::templates {
namespace {

constexpr std::string_view kUrls[] = {"action",   "archive",  "background", "cite",    "classid",
                                      "codebase", "data",     "formaction", "href",    "icon",
                                      "longdesc", "manifest", "poster",     "profile", "src",
                                      "usemap",   "xmlns"};

// Attributes that change what other content or messages mean.
constexpr std::string_view kUnsafe[] = {
    "accept-charset", "async",          "challenge",  "charset", "content",
    "crossorigin",    "defer",          "enctype",    "form",    "formenctype",
    "formmethod",     "formnovalidate", "http-equiv", "keytype", "language",
    "method",         "novalidate",     "pattern",    "rel",     "sandbox",
    "srcdoc",         "type",           "value"};

// Plain ones whose names look like URLs or scripts.
constexpr std::string_view kPlain[] = {"srclang"};

template <size_t kCount>
bool Contains(const std::string_view (&list)[kCount], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

}  // namespace

AttributeKind KindOfAttribute(std::string_view name) {
  // data-href and svg:href are taken for href.
  if (name.starts_with("data-")) {
    name.remove_prefix(5);
  } else if (const size_t colon = name.find(':'); colon != std::string_view::npos) {
    if (name.substr(0, colon) == "xmlns") return AttributeKind::kUrl;
    name.remove_prefix(colon + 1);
  }
  if (Contains(kUrls, name)) return AttributeKind::kUrl;
  if (Contains(kUnsafe, name)) return AttributeKind::kUnsafe;
  if (Contains(kPlain, name)) return AttributeKind::kPlain;
  if (name == "srcset") return AttributeKind::kSrcset;
  if (name == "style") return AttributeKind::kCss;
  if (name.starts_with("on")) return AttributeKind::kJs;
  for (const std::string_view hint : {"src", "uri", "url"}) {
    if (name.find(hint) != std::string_view::npos) return AttributeKind::kUrl;
  }
  return AttributeKind::kPlain;
}

}  // namespace watchfire::templates
