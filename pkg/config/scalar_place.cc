// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/scalar_place.h"

#include <algorithm>

namespace watchfire::config {
namespace {

constexpr size_t kNone = std::string_view::npos;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

size_t LineEnd(std::string_view file, size_t from) {
  return std::min(file.find('\n', from), file.size());
}

// Returns the first byte of the text that is marked with `at`: what is behind a tag or an anchor.
size_t SkipProperties(std::string_view file, size_t at) {
  while (at < file.size() && (file[at] == '&' || file[at] == '!')) {
    at = std::min(file.find_first_of(" \t\r\n", at), file.size());
    at = std::min(file.find_first_not_of(" \t\r\n", at), file.size());
  }
  return at < file.size() ? at : kNone;
}

// Goes through a text and its file in step.
class Walk {
 public:
  // `indent` is how far the lines of a block are moved; any space before a line otherwise.
  Walk(std::string_view file, std::string_view text, size_t at, size_t indent)
      : file_(file), text_(text), at_(at), indent_(indent) {}

  std::optional<size_t> To(size_t offset, char quote) {
    while (done_ < offset) {
      const size_t before = done_;
      const size_t from = at_;
      if (!Step(quote) || (done_ == before && at_ == from)) return std::nullopt;
    }
    return done_ == offset ? std::optional(at_) : std::nullopt;
  }

 private:
  bool Step(char quote) {
    if (at_ >= file_.size()) return false;
    const char c = file_[at_];
    if (quote == '"' && c == '\\') return StepEscape();
    const bool folds = c == '\n' || (quote != '|' && IsBlank(c) && BlankUpToLineEnd());
    if (folds) return StepFold();
    if (c != text_[done_]) return false;
    at_ += quote == '\'' && c == '\'' ? 2 : 1;
    ++done_;
    return true;
  }

  bool BlankUpToLineEnd() const {
    size_t at = at_;
    while (at < file_.size() && IsBlank(file_[at])) ++at;
    return at < file_.size() && file_[at] == '\n';
  }

  // One line break is a space in the text, or a break where lines are kept; of more, the first is
  // nothing.
  bool StepFold() {
    size_t breaks = 0;
    size_t at = at_;
    for (size_t next = at; next < file_.size() && (IsBlank(file_[next]) || file_[next] == '\n');
         ++next) {
      if (file_[next] != '\n') continue;
      ++breaks;
      at = next + 1;
    }
    if (breaks == 0) return false;
    const size_t line_start = at;
    while (at < file_.size() && IsBlank(file_[at]) && at - line_start < indent_) ++at;
    const std::string_view rest = text_.substr(done_);
    const size_t kept = std::min(rest.find_first_not_of('\n'), rest.size());
    if (kept == 0 && (breaks > 1 || rest.front() != ' ')) return false;
    if (kept != 0 && kept != breaks && kept + 1 != breaks) return false;
    done_ += std::max<size_t>(kept, 1);
    at_ = at;
    return true;
  }

  bool StepEscape() {
    const char kind = at_ + 1 < file_.size() ? file_[at_ + 1] : '\0';
    if (kind == '\n') {  // The line goes on, without a space.
      at_ = std::min(file_.find_first_not_of(" \t", at_ + 2), file_.size());
      return true;
    }
    at_ += kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
    do {
      ++done_;
    } while (done_ < text_.size() && (static_cast<unsigned char>(text_[done_]) & 0xc0) == 0x80);
    return true;
  }

  const std::string_view file_;
  const std::string_view text_;
  size_t at_;
  const size_t indent_;
  size_t done_ = 0;
};

// A block's first line of content, and how far its lines are moved to the right.
std::optional<size_t> BlockStart(std::string_view file, std::string_view text, size_t at,
                                 size_t* indent) {
  at = LineEnd(file, at) + 1;
  const auto lead = [](std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
  };
  while (at < file.size()) {
    const std::string_view line = file.substr(at, LineEnd(file, at) - at);
    if (line.find_first_not_of(" \r") != kNone) {
      const size_t own = lead(text.substr(0, LineEnd(text, 0)));
      *indent = lead(line) - std::min(lead(line), own);
      return at + *indent;
    }
    if (!text.starts_with('\n')) return std::nullopt;
    text.remove_prefix(1);
    at += line.size() + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Mark> PlaceInScalar(const FileText& whole, const YamlNode& scalar, size_t offset) {
  const std::string_view file = whole.text();
  const std::string_view text = scalar.text;
  size_t at = SkipProperties(file, whole.Position(scalar.mark));
  if (at == kNone || offset > text.size()) return std::nullopt;
  const char style = file[at];
  size_t indent = kNone;
  size_t skipped = 0;
  if (style == '|' || style == '>') {
    // Empty lines before the first one with content are one byte each in the text.
    skipped = std::min(text.find_first_not_of('\n'), text.size());
    const std::optional<size_t> start = BlockStart(file, text, at, &indent);
    if (!start || offset < skipped) return std::nullopt;
    at = *start;
  } else if (style == '"' || style == '\'') {
    ++at;
  }
  const std::optional<size_t> found =
      Walk(file, text.substr(skipped), at, indent).To(offset - skipped, style);
  if (!found) return std::nullopt;
  return whole.MarkOf(*found);
}

}  // namespace watchfire::config
