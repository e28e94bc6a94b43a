// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Text on its way into an HTML document: literal text as it is, values escaped for their place.

#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pkg/templates/executor.h"
#include "pkg/templates/html_context.h"

namespace watchfire::templates {

class HtmlOutput : public Output {
 public:
  // `name` is what errors call the document; it outlives this.
  explicit HtmlOutput(std::string_view name) : name_(name) {}

  // Drops comments, which are nobody's business but the author's. `text` outlives this.
  Status Literal(std::string_view text) override;
  Status Print(const Value& value, Escaped escaped) override;

  // Returns the document. Errors: it ends inside a tag, an attribute, a comment, a script or a
  // style, and the message says in which as Go's does.
  Result<std::string> Take();

 private:
  // What a literal text became: most of a long document comes out of loops, the same texts again.
  struct Passage {
    size_t before = kNowhere;  // Contexts by their numbers.
    size_t after = kNowhere;
    std::string text;
  };
  // The way to a passage that is taken again and again.
  struct Shortcut {
    const char* place = nullptr;
    Passage* passage = nullptr;
  };
  static constexpr size_t kNowhere = std::numeric_limits<size_t>::max();
  static constexpr size_t kShortcuts = 64;
  static constexpr size_t kContextsMax = 64;  // Braces may nest in ever new ways.

  Passage& PassageOf(const char* place);
  Status Follow(std::string_view text);
  void Append(std::string_view text, const HtmlContext& before, const HtmlContext& after);
  const HtmlContext& context() const { return contexts_[here_]; }
  void GoTo(HtmlContext context);
  void Forget();

  Error Wrong(const std::string& what) const;

  const std::string_view name_;
  std::unordered_map<const char*, Passage> passages_;  // By where the text stands in the template.
  std::array<Shortcut, kShortcuts> shortcuts_;
  std::vector<HtmlContext> contexts_{1};  // Those there were.
  size_t here_ = 0;
  std::string text_;
};

}  // namespace watchfire::templates
