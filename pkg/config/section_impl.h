// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What a Section holds, and the readers that keep the position of every entry. Private to
// pkg/config.

#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pkg/config/original.h"
#include "pkg/config/section.h"
#include "pkg/config/survey.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {

struct Text {
  std::string text;
  Mark mark;
};

// One entry of a mapping of texts.
struct Pair {
  std::string name;
  std::string text;  // "" for null.
  Mark mark;         // Of the name.
  bool is_null = false;
};

struct Section::Impl {
  const YamlNode& node;  // A mapping or null. Lives longer than this.
  Mark mark;             // Of what the section as a whole stands at.
  const Source& source;  // Lives longer than this.
  Echo* echo = nullptr;  // Where what is read is shown; may be null.
  std::set<std::string> asked;
  std::set<std::string> secrets;  // Keys whose values no message may quote.
  Survey* survey = nullptr;       // Of whoever asks what fields there are; else null.
  std::string prefix = {};        // Of this section's keys in the survey: "threading."

  bool Absent(const std::string& key) const { return node.Find(key) == nullptr; }
  bool IsNull(const std::string& key) const;
  // Tells the survey, if there is one, of a field that is about to be read.
  void Note(const std::string& key, const char* type, const std::string& fallback = "") const {
    if (survey != nullptr) survey->Note(prefix + key, type, fallback);
  }
  // Whether the survey wants another value of `key` than its default, to see what follows.
  bool Marked(const std::string& key) const {
    return survey != nullptr && survey->options().mark == prefix + key;
  }
  // Returns the value of `key`, or nullptr when it is absent or null.
  const YamlNode* Find(const std::string& key);
  // The same; any other kind than `kind` is reported, and nullptr.
  const YamlNode* FindKind(const std::string& key, YamlNode::Kind kind);
  // Where `key` stands, or the section itself.
  Mark At(const std::string& key) const;
  // Where `key` is shown; null when nothing is.
  Echo* Show(const std::string& key) const { return echo != nullptr ? &echo->Put(key) : nullptr; }
  // The same, but null for a zero value that nobody wrote: as Go's omitempty, and an Alertmanager
  // that does not know the key yet still loads what is shown.
  Echo* ShowUnlessZero(const std::string& key, bool is_zero) const {
    return is_zero && Absent(key) ? nullptr : Show(key);
  }

  std::vector<Text> Texts(const std::string& key);  // A list of texts.
  std::vector<Pair> Pairs(const std::string& key);
};

// While one lives, what `section` reads is not shown: our own keys among Alertmanager's.
class Unshown {
 public:
  explicit Unshown(Section& section) : impl_(section.impl()), echo_(impl_.echo) {
    impl_.echo = nullptr;
  }
  ~Unshown() { impl_.echo = echo_; }
  Unshown(const Unshown&) = delete;
  Unshown& operator=(const Unshown&) = delete;

 private:
  Section::Impl& impl_;
  Echo* const echo_;
};

// Returns a view of `node`, of which problems point to `mark` when no key is meant. A node that is
// neither a mapping nor null is reported as `what` and gives nullopt.
std::optional<Section> MakeSection(const YamlNode& node, Mark mark, const Source& source,
                                   Echo* echo, const std::string& what);

// Returns `url` with `mask` for the password in it, if there is one. The default is <secret>, so
// that it is a URL to Go as well.
std::string MaskPassword(const std::string& url, const char* mask = "%3Csecret%3E");

}  // namespace watchfire::config
