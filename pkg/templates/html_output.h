// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Text on its way into an HTML document: literal text as it is, values escaped for their place.

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "pkg/templates/executor.h"
#include "pkg/templates/html_context.h"

namespace watchfire::templates {

class HtmlOutput : public Output {
 public:
  // Drops comments, which are nobody's business but the author's. `text` outlives this.
  Status Literal(std::string_view text) override;
  Status Print(const Value& value, Escaped escaped) override;

  // Returns the document. Errors: it ends inside a tag, an attribute, a script or a style.
  Result<std::string> Take();

 private:
  // What a literal text became: most of a long document comes out of loops, the same texts again.
  struct Passage {
    HtmlContext before;
    HtmlContext after;
    std::string text;
  };

  Status Follow(std::string_view text);
  void Append(std::string_view text, const HtmlContext& before, const HtmlContext& after);

  std::unordered_map<const char*, Passage> passages_;  // By where the text stands in the template.
  HtmlContext context_;
  std::string text_;
};

}  // namespace watchfire::templates
