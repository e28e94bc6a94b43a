// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Fields that are templates, and the files of templates they may call.

#include <charconv>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

constexpr const char* kInvalid = "invalid template syntax: ";

// A syntax error of the template `name` without the name, and the line it stands in.
std::pair<int, std::string> SplitError(const std::string& message, const std::string& name) {
  const std::string prefix = "template: " + name + ":";
  int line = 0;
  if (!message.starts_with(prefix)) return {line, message};
  const char* end = message.data() + message.size();
  const auto [stop, error] = std::from_chars(message.data() + prefix.size(), end, line);
  if (error != std::errc() || end - stop < 2) return {0, message};
  return {line, std::string(stop + 2, end)};  // After ": ".
}

// Takes one character of a class off `rest`; whether there was one.
bool TakeFromClass(std::string_view* rest) {
  if (rest->empty() || rest->front() == '-' || rest->front() == ']') return false;
  rest->remove_prefix(rest->front() == '\\' ? 1 : 0);
  if (rest->empty()) return false;
  rest->remove_prefix(1);
  return true;
}

// Whether `pattern` is one that Go's filepath.Glob reads.
bool IsGlob(std::string_view pattern) {
  while (!pattern.empty()) {
    const char c = pattern.front();
    pattern.remove_prefix(1);
    if (c == '\\') {
      if (pattern.empty()) return false;
      pattern.remove_prefix(1);
    }
    if (c != '[') continue;
    if (pattern.starts_with('^')) pattern.remove_prefix(1);
    do {
      if (!TakeFromClass(&pattern)) return false;
      if (!pattern.starts_with('-')) continue;
      pattern.remove_prefix(1);
      if (!TakeFromClass(&pattern)) return false;
    } while (!pattern.starts_with(']'));
    pattern.remove_prefix(1);
  }
  return true;
}

// Parses the files of one pattern into the set. Alertmanager takes a pattern that matches nothing.
void LoadTemplateFiles(const Text& pattern, const Source& source, Loader* loader) {
  for (const std::string& path : loader->files.glob(source.Resolve(pattern.text))) {
    const Result<std::string> text = loader->files.read(path);
    if (!text && text.error().code == Code::kNotFound) continue;
    if (!text) {
      source.Error(pattern.mark, "failed to parse templates: " + text.error().message);
      continue;
    }
    int column = 1;
    const Status parsed = loader->config.templates.Parse(path, *text, &column);
    if (parsed) continue;
    const auto [line, message] = SplitError(parsed.error().message, path);
    loader->sources.emplace_back(path, &loader->problems)
        .Error({line, line > 0 ? column : 0}, "failed to parse templates: " + message);
  }
}

}  // namespace

templates::Snippet Section::Template(const std::string& key, const std::string& fallback) {
  impl_->Note(key, "template", fallback);
  Result<templates::Snippet> snippet = templates::Snippet::Parse(key, String(key, fallback));
  if (snippet) return *std::move(snippet);
  Error(key, kInvalid + snippet.error().message);
  return {};
}

templates::Snippet Section::SecretTemplate(const std::string& key) {
  impl_->Note(key, "secret template");
  Result<templates::Snippet> snippet = templates::Snippet::Parse(key, SecretString(key).reveal());
  if (snippet) return *std::move(snippet);
  // The message quotes the text.
  const int line = SplitError(snippet.error().message, key).first;
  Error(key, kInvalid + key + ", line " + std::to_string(line));
  return {};
}

std::map<std::string, templates::Snippet> Section::TemplateMap(const std::string& key) {
  impl_->Note(key, "templates by name");
  std::map<std::string, templates::Snippet> snippets;
  for (const auto& [name, text] : StringMap(key)) {
    const std::string path = key + "." + name;
    Result<templates::Snippet> snippet = templates::Snippet::Parse(path, text);
    if (!snippet) Error(key, kInvalid + snippet.error().message);
    if (snippet) snippets.emplace(name, *std::move(snippet));
  }
  return snippets;
}

templates::Snippet Section::TemplateWords(const std::string& key) {
  impl_->Note(key, "template, or list of texts");
  const YamlNode* node = impl_->Find(key);
  if (node == nullptr || node->kind != YamlNode::Kind::kList) return Template(key);
  std::vector<std::string> words;
  for (Text& text : impl_->Texts(key)) words.push_back(std::move(text.text));
  const std::string joined = Join(words, ",");
  Warn(key, key + " is a list, which Alertmanager refuses",
       "write it with commas: " + key + ": " + GoQuote(TruncateRunes(joined, 60)));
  if (Echo* echo = impl_->Show(key)) echo->SetText(joined);
  Result<templates::Snippet> snippet = templates::Snippet::Parse(key, joined);
  if (snippet) return *std::move(snippet);
  Error(key, kInvalid + snippet.error().message);
  return {};
}

void LoadTemplates(Section& root, Loader* loader) {
  const Source& source = root.impl().source;
  std::vector<std::string> shown;
  for (const Text& pattern : root.impl().Texts("templates")) {
    if (!IsGlob(pattern.text)) {
      source.Error(pattern.mark, "failed to parse templates: syntax error in pattern",
                   "a backslash or a [ to be taken as it is needs a backslash before it");
      continue;
    }
    LoadTemplateFiles(pattern, source, loader);
    shown.push_back(source.Resolve(pattern.text));
  }
  if (Echo* echo = root.impl().Show("templates")) echo->SetTexts(shown);
}

}  // namespace watchfire::config
