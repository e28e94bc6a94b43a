// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads `enrichment`: what alerts are given that they lack, by the value of a label, from files or
// from the configuration itself.

#include "pkg/config/enrichment.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

using Entries = decltype(Enrichment::entries);

constexpr const char* kForm = "VALUE: {ANNOTATION: TEXT, ...}";

// How many entries there may be beside those.
size_t RoomBeside(const std::vector<Enrichment>& lookups) {
  size_t count = 0;
  for (const Enrichment& lookup : lookups) count += lookup.entries.size();
  return limits::kEnrichmentEntries - std::min(count, limits::kEnrichmentEntries);
}

// Nullopt after saying what is wrong with that annotation of `value`.
std::optional<std::string> ReadAnnotation(const Key& name, const YamlNode& node,
                                          const Source& source, matcher::Mode mode) {
  if (!IsLabelName(name.text, mode)) {
    source.Error(name.mark, "invalid annotation name " + GoQuote(name.text));
    return std::nullopt;
  }
  if (node.kind == YamlNode::Kind::kList || node.kind == YamlNode::Kind::kMap) {
    source.Error(name.mark, "annotation " + GoQuote(name.text) + " must be a text, found " +
                                KindName(node.kind));
    return std::nullopt;
  }
  if (node.text.find("{{") != std::string::npos) {
    source.Warn(node.mark, "annotation " + GoQuote(name.text) + " is given as it stands here",
                "texts of a catalogue are no templates");
  }
  return node.text;
}

Enrichment::Annotations ReadAnnotations(const Key& value, const YamlNode& node,
                                        const Source& source, matcher::Mode mode) {
  Enrichment::Annotations annotations;
  if (node.kind == YamlNode::Kind::kNull) return annotations;
  if (node.kind != YamlNode::Kind::kMap) {
    source.Error(
        value.mark,
        GoQuote(value.text) + " must be a mapping of annotations, found " + KindName(node.kind),
        kForm);
    return annotations;
  }
  size_t bytes = 0;
  for (size_t i = 0; i < node.keys.size(); ++i) {
    auto text = ReadAnnotation(node.keys[i], node.items[i], source, mode);
    // A catalogue that was made by a tool has such of what it does not know.
    if (!text || text->empty()) continue;
    bytes += node.keys[i].text.size() + text->size();
    annotations.emplace_back(node.keys[i].text, *std::move(text));
  }
  if (bytes > limits::kAnnotationBytesPerAlert) {
    source.Error(value.mark, "annotations of " + GoQuote(value.text) + " have " +
                                 std::to_string(bytes) + " bytes, and an alert at most " +
                                 std::to_string(limits::kAnnotationBytesPerAlert));
  }
  std::ranges::sort(annotations);
  return annotations;
}

// `room`: how many there may be.
Entries ReadEntries(const YamlNode& node, size_t room, const Source& source, matcher::Mode mode) {
  Entries entries;
  for (size_t i = 0; i < node.keys.size(); ++i) {
    const Key& value = node.keys[i];
    if (value.text.empty()) {
      source.Error(value.mark, "a label of an alert is never empty", kForm);
      continue;
    }
    Enrichment::Annotations annotations = ReadAnnotations(value, node.items[i], source, mode);
    if (annotations.empty()) continue;
    if (entries.size() == room) {
      source.Error(value.mark, "more than " + std::to_string(limits::kEnrichmentEntries) +
                                   " entries of all look-ups together");
      break;
    }
    entries.emplace(value.text, std::move(annotations));
  }
  return entries;
}

// What the look-up that is about to be added had before its file broke. It is the one that stands
// at the same place among those by the same label.
Entries EntriesBefore(const std::string& label, const Loader& loader) {
  const auto& previous = loader.options.previous;
  if (previous == nullptr) return {};
  auto place = std::ranges::count(loader.config.enrichments, label, &Enrichment::label);
  for (const Enrichment& lookup : previous->enrichments) {
    if (lookup.label == label && place-- == 0) return lookup.entries;
  }
  return {};
}

// Mistakes are those of that file: alerts do not wait for a text, so a server starts without it.
Entries ReadCatalogue(const std::string& path, const std::string& named_in, size_t room,
                      Loader* loader) {
  loader->config.file_errors[path] = 0;
  const Source& source = loader->sources.emplace_back(path, &loader->problems);
  const Result<std::string> text = loader->files.read(path);
  if (!text) {
    source.Error({}, Reason(text.error(), path), "named in " + named_in);
    return {};
  }
  const std::optional<YamlNode> document = ParseYamlDocument(*text, source);
  if (!document || document->kind == YamlNode::Kind::kNull) return {};
  if (document->kind != YamlNode::Kind::kMap) {
    source.Error(document->mark,
                 std::string("a catalogue must be a mapping, found ") + KindName(document->kind),
                 kForm);
    return {};
  }
  return ReadEntries(*document, room, source, loader->config.matcher_mode);
}

Enrichment ReadLookUp(Section& section, Loader* loader) {
  const Source& source = section.impl().source;
  const matcher::Mode mode = loader->config.matcher_mode;
  const size_t room = RoomBeside(loader->config.enrichments);
  Enrichment lookup;
  lookup.label = section.String("label");
  if (lookup.label.empty()) {
    section.Error("label", "a look-up needs a label, whose value is looked up", "such as service");
  } else if (!IsLabelName(lookup.label, mode)) {
    section.Error("label", "invalid label name " + GoQuote(lookup.label));
  }
  const std::string file = section.String("file");
  const YamlNode* entries = section.impl().FindKind("entries", YamlNode::Kind::kMap);
  if (file.empty() && !section.Has("entries")) {
    section.Error("", "a look-up needs entries, or a file of them", kForm);
  } else if (!file.empty() && section.Has("entries")) {
    section.Error("entries", "a look-up has a file or entries, not both",
                  "make it two look-ups by the same label: the first wins");
  } else if (entries != nullptr) {
    lookup.entries = ReadEntries(*entries, room, source, mode);
  } else if (!file.empty()) {
    const std::string path = source.Resolve(file);
    const std::string place = source.file + ":" + std::to_string(section.impl().At("file").line);
    lookup.entries = loader->left_out.contains(path) ? EntriesBefore(lookup.label, *loader)
                                                     : ReadCatalogue(path, place, room, loader);
  }
  section.Finish();
  return lookup;
}

}  // namespace

void LoadEnrichment(Section& root, Loader* loader) {
  std::vector<Enrichment>& known = loader->config.enrichments;
  for (Section& section : root.Children("enrichment")) {
    if (known.size() == limits::kEnrichments) {
      section.Error("", "more than " + std::to_string(limits::kEnrichments) + " look-ups");
      break;
    }
    known.push_back(ReadLookUp(section, loader));
  }
}

}  // namespace watchfire::config
