// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/client_files.h"

#include <utility>

#include "pkg/config/problems.h"
#include "pkg/config/section.h"
#include "pkg/config/section_impl.h"
#include "pkg/config/yaml.h"

namespace watchfire::config {

HttpFile LoadHttpFile(const std::string& path, const Files& files) {
  HttpFile file;
  Problems problems;
  const Source source(path, &problems);
  const Result<std::string> text = files.read(path);
  if (!text) {
    source.Error({}, Reason(text.error(), path));
  } else if (std::optional<YamlNode> document = ParseYamlDocument(*text, source)) {
    // What is a mapping of its own here is the value of a key elsewhere, and read by that name.
    YamlNode root;
    root.kind = YamlNode::Kind::kMap;
    const Mark begin = document->mark;
    root.keys.push_back({"http_config", begin});
    root.items.push_back(*std::move(document));
    std::optional<Section> section = MakeSection(root, begin, source, nullptr, "the file");
    file.http = section->Http("http_config", {});
  }
  if (problems.has_error()) file.http.reset();
  file.problems = problems.Take();
  return file;
}

Result<std::map<std::string, std::string>> LoadFlatFile(const std::string& path,
                                                        const Files& files) {
  const Result<std::string> text = files.read(path);
  if (!text) return Fail(text.error());
  Problems problems;
  const Source source(path, &problems);
  const std::optional<YamlNode> document = ParseYamlDocument(*text, source);
  std::map<std::string, std::string> values;
  if (document && document->kind != YamlNode::Kind::kMap &&
      document->kind != YamlNode::Kind::kNull) {
    source.Error(document->mark, "expected a mapping of names to values");
  } else if (document) {
    for (size_t i = 0; i < document->keys.size(); ++i) {
      const YamlNode& value = document->items[i];
      if (value.kind == YamlNode::Kind::kScalar) {
        values[document->keys[i].text] = value.text;
      } else {
        source.Error(document->keys[i].mark,
                     document->keys[i].text + ": expected one value, not " + KindName(value.kind));
      }
    }
  }
  if (!problems.has_error()) return values;
  return InvalidArgument(problems.Take().front().ToString());
}

}  // namespace watchfire::config
