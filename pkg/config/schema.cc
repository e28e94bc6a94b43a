// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/schema.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

// An empty section to be read.
class Blank {
 public:
  explicit Blank(Survey survey) : survey_(std::move(survey)), source_("", &problems_) {
    auto impl = std::make_shared<Section::Impl>(Section::Impl{node_, {}, source_, nullptr, {}, {}});
    impl->survey = &survey_;
    section_ = std::make_unique<Section>(std::move(impl));
  }
  Blank(const Blank&) = delete;
  Blank& operator=(const Blank&) = delete;

  Section& section() { return *section_; }

  // What was read: no keys that are refused, and no mapping of which there are the fields.
  std::vector<Field> Fields() const {
    std::vector<Field> fields;
    const std::vector<Field>& all = survey_.fields();
    for (const Field& field : all) {
      const auto is_below = [&](const Field& other) {
        return other.path.starts_with(field.path + ".") ||
               other.path.starts_with(field.path + "[].");
      };
      if (field.type == Survey::kRefused || std::ranges::any_of(all, is_below)) continue;
      fields.push_back(field);
      if (field.type == "text" && field.path.ends_with("_file")) fields.back().type = "path";
    }
    return fields;
  }

 private:
  const YamlNode node_;
  Survey survey_;
  Problems problems_;
  const Source source_;
  std::unique_ptr<Section> section_;
};

std::vector<Field> ReadKind(const IntegrationKind& kind, const Global& global, bool maps = false) {
  Blank blank{Survey({.maps = maps})};
  kind.parse(blank.section(), global);
  return blank.Fields();
}

// Puts those of `more` that `fields` lacks behind the field that they are below.
void Merge(const std::vector<Field>& more, std::vector<Field>* fields) {
  for (const Field& field : more) {
    if (std::ranges::find(*fields, field.path, &Field::path) != fields->end()) continue;
    const std::string parent = field.path.substr(0, field.path.find_last_of('.'));
    auto at = fields->begin();
    while (at != fields->end() && at->path != parent) ++at;
    while (at != fields->end() && at->path.starts_with(parent)) ++at;
    fields->insert(at, field);
  }
}

}  // namespace

Field& Survey::Find(const std::string& path) {
  const auto found = std::ranges::find(fields_, path, &Field::path);
  if (found != fields_.end()) return *found;
  Field field;
  field.path = path;
  fields_.push_back(std::move(field));
  return fields_.back();
}

void Survey::Note(const std::string& path, const char* type, const std::string& fallback) {
  Field& field = Find(path);
  if (field.type.empty() || field.type == kAnything) field.type = type;
  if (field.fallback.empty()) field.fallback = fallback;
}

void Survey::Need(const std::string& path) {
  const auto found = std::ranges::find(fields_, path, &Field::path);
  if (found != fields_.end()) found->is_needed = true;
}

void Survey::Choose(const std::string& path, const std::vector<std::string>& choices) {
  for (const std::string& choice : choices) {
    if (!choice.empty()) Find(path).choices.push_back(choice);
  }
}

std::vector<Field> FieldsOf(const IntegrationKind& kind) {
  std::vector<Field> fields = ReadKind(kind, Global());
  Merge(ReadKind(kind, Global(), /*maps=*/true), &fields);
  // What changes with a key of `global` is taken from there.
  for (const Field& global : GlobalFields()) {
    Blank blank{Survey({.mark = global.path})};
    const std::vector<Field> changed = ReadKind(kind, ReadGlobal(blank.section()));
    for (Field& field : fields) {
      const auto now = std::ranges::find(changed, field.path, &Field::path);
      if (now == changed.end() || now->fallback == field.fallback) continue;
      field.globals.push_back(global.path);
    }
  }
  return fields;
}

std::vector<Field> GlobalFields() {
  Blank blank{Survey({})};
  ReadGlobal(blank.section());
  return blank.Fields();
}

std::vector<Field> HttpFields() {
  Blank blank{Survey({.enters_http = true})};
  blank.section().Http("http_config", {});
  std::vector<Field> fields = blank.Fields();
  constexpr std::string_view kPrefix = "http_config.";
  for (Field& field : fields) field.path.erase(0, kPrefix.size());
  return fields;
}

}  // namespace watchfire::config
