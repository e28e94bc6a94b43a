// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

// The deprecated form: a mapping of classic label names to values or regular expressions.
void ReadMatch(Section& section, const std::string& key, matcher::Op op, matcher::Matchers* out) {
  const Source& source = section.impl().source;
  for (const Pair& pair : section.impl().Pairs(key)) {
    if (!labels::IsClassicLabelName(pair.name)) {
      source.Error(pair.mark, "invalid label name " + GoQuote(pair.name));
      continue;
    }
    if (op == matcher::Op::kRegex && pair.is_null) {
      source.Error(pair.mark, "invalid regexp value for " + GoQuote(pair.name));
      continue;
    }
    Result<matcher::Matcher> matcher = matcher::Matcher::Create(op, pair.name, pair.text);
    if (op == matcher::Op::kRegex && matcher) {
      // Alertmanager keeps these with their anchors, and so they stand in group keys, which vendors
      // and its notification log know.
      matcher = matcher::Matcher::Create(op, pair.name, "^(?:" + pair.text + ")$");
    }
    if (matcher) {
      out->push_back(*std::move(matcher));
    } else {
      source.Error(pair.mark, matcher.error().message);
    }
  }
}

}  // namespace

matcher::Matchers ReadMatchers(Section& section, const std::string& prefix, matcher::Mode mode) {
  matcher::Matchers matchers;
  ReadMatch(section, prefix + "match", matcher::Op::kEqual, &matchers);
  ReadMatch(section, prefix + "match_re", matcher::Op::kRegex, &matchers);
  const size_t deprecated = matchers.size();
  for (const char* key : {"match", "match_re"}) section.StringMap(prefix + key);  // Shows it.
  for (const Text& text : section.impl().Texts(prefix + "matchers")) {
    Result<matcher::Matchers> parsed = matcher::Parse(text.text, mode);
    if (!parsed) {
      section.impl().source.Error(text.mark, parsed.error().message,
                                  "a matcher looks like severity=\"critical\" or team=~\"a|b\"");
      continue;
    }
    for (matcher::Matcher& matcher : *parsed) matchers.push_back(std::move(matcher));
  }
  Echo* echo = section.impl().Show(prefix + "matchers");
  for (size_t i = deprecated; echo != nullptr && i < matchers.size(); ++i) {
    echo->Append().SetText(matchers[i].ToString());
  }
  return matchers;
}

labels::LabelSet ReadLabels(Section& section, const std::string& key) {
  labels::LabelSet::Pairs pairs;
  for (Pair& pair : section.impl().Pairs(key)) {
    if (pair.name.empty() || pair.name == "__name__") {
      section.impl().source.Error(pair.mark,
                                  "invalid label name " + GoQuote(pair.name) + " in " + key);
    } else {
      pairs.emplace_back(std::move(pair.name), std::move(pair.text));
    }
  }
  labels::LabelSet set(std::move(pairs));
  if (Echo* echo = section.Has(key) ? section.impl().Show(key) : nullptr) {
    echo->SetMap();
    for (const labels::Label& label : set) {
      echo->Put(std::string(label.name)).SetText(std::string(label.value));
    }
  }
  return set;
}

}  // namespace watchfire::config
