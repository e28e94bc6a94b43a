// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/problems.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::config {
namespace {

constexpr size_t kKept = 2 * limits::kConfigProblems;
constexpr size_t kMessageRunes = 500;  // Messages and hints may quote the file, which has no end.

}  // namespace

std::string Problem::ToString() const {
  std::string text = file;
  if (line > 0) text += ":" + std::to_string(line) + ":" + std::to_string(column);
  text += ": " + message;
  if (!hint.empty()) text += " (" + hint + ")";
  return text;
}

void Problems::Add(Problem problem) {
  Enter(problem.file);
  has_error_ |= problem.level == Problem::Level::kError;
  if (problems_.size() < kKept) {
    problem.message = TruncateRunes(problem.message, kMessageRunes);
    problem.hint = TruncateRunes(problem.hint, kMessageRunes);
    problems_.push_back(std::move(problem));
  } else {
    ++dropped_;
  }
}

std::vector<Problem> Problems::Take() {
  const auto place = [&](const Problem& p) {
    return std::tuple(rank_.at(p.file), p.line, p.column);
  };
  const auto same = [&](const Problem& a, const Problem& b) {
    return place(a) == place(b) && a.message == b.message;
  };
  std::ranges::stable_sort(problems_, {}, place);
  problems_.erase(std::unique(problems_.begin(), problems_.end(), same), problems_.end());
  const size_t total = problems_.size() + dropped_;
  if (total > limits::kConfigProblems) {
    const size_t shown = limits::kConfigProblems - 1;
    std::ranges::stable_sort(problems_, {}, &Problem::level);
    problems_.resize(shown);
    const auto level = has_error_ ? Problem::Level::kError : Problem::Level::kWarning;
    const std::string file = problems_.back().file;
    problems_.push_back({level, file, 0, 0, "and " + std::to_string(total - shown) + " more", ""});
  }
  return std::move(problems_);
}

FileText::FileText(std::string_view text) : text_(text), lines_{0} {
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    lines_.push_back(at + 1);
  }
}

size_t FileText::Position(Mark mark) const {
  const auto line = static_cast<size_t>(mark.line) - 1;
  if (mark.line < 1 || mark.column < 1 || line >= lines_.size()) return std::string_view::npos;
  const size_t position = lines_[line] + static_cast<size_t>(mark.column) - 1;
  return position < text_.size() ? position : std::string_view::npos;
}

Mark FileText::MarkOf(size_t position) const {
  const auto next = std::ranges::upper_bound(lines_, position);
  const size_t start = next == lines_.begin() ? 0 : *(next - 1);
  return {static_cast<int>(next - lines_.begin()), static_cast<int>(position - start) + 1};
}

std::string Reason(const Error& error, const std::string& path) {
  const std::string prefix = path + ": ";
  return error.message.starts_with(prefix) ? error.message.substr(prefix.size()) : error.message;
}

Source::Source(std::string path, Problems* sink, std::string_view contents)
    : file(std::move(path)), problems(sink), text(contents) {
  problems->Enter(file);
}

void Source::Error(Mark at, std::string message, std::string hint) const {
  problems->Add(
      {Problem::Level::kError, file, at.line, at.column, std::move(message), std::move(hint)});
}

void Source::Warn(Mark at, std::string message, std::string hint) const {
  problems->Add(
      {Problem::Level::kWarning, file, at.line, at.column, std::move(message), std::move(hint)});
}

std::string Source::Resolve(const std::string& path) const {
  const size_t slash = file.rfind('/');
  if (path.empty() || path.front() == '/' || slash == std::string::npos) return path;
  return file.substr(0, slash + 1) + path;
}

}  // namespace watchfire::config
