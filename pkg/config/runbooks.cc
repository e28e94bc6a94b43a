// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads `incidents.runbooks`: texts that are shown beside the incidents of the alert that they are
// called after.

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "pkg/base/strings.h"
#include "pkg/config/loader.h"

namespace watchfire::config {
namespace {

// HighCacheMissRate of runbooks/HighCacheMissRate.md
std::string NameOf(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
  if (const size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0) name.resize(dot);
  return name;
}

// Where the file is no text that a page can show, and why; the line is 0 where it is one.
std::pair<int, std::string> NoText(std::string_view text) {
  int number = 0;
  for (const std::string_view line : Split(text, '\n')) {
    ++number;
    if (line.find('\0') != std::string_view::npos) return {number, "this line has a NUL byte"};
    if (!IsValidUtf8(line)) return {number, "this line is not valid UTF-8"};
  }
  return {0, ""};
}

}  // namespace

void ReadRunbooks(Section& section, Loader* loader) {
  const Source& source = section.impl().source;
  auto texts = std::make_shared<RunbookTexts>();
  std::set<std::string> seen(loader->left_out.begin(), loader->left_out.end());
  for (const Text& glob : section.impl().Texts("runbooks")) {
    const auto paths = loader->files.glob(source.Resolve(glob.text));
    if (paths.empty()) source.Warn(glob.mark, glob.text + " matches no file");
    for (const std::string& path : paths) {
      if (!seen.insert(path).second) continue;
      // A mistake of that file: pages do not wait for a text, so a server starts without it.
      const auto refuse = [&](const std::string& why, Mark mark = {}) {
        loader->config.file_errors[path] = 0;
        const Source& own = loader->sources.emplace_back(path, &loader->problems);
        own.Error(mark, why, "named in " + source.file + ":" + std::to_string(glob.mark.line));
      };
      Result<std::string> text = loader->files.read(path);
      const std::string name = NameOf(path);
      if (!text) {
        refuse(Reason(text.error(), path));
      } else if (text->size() > kRunbookBytesMax) {
        refuse("larger than " + std::to_string(kRunbookBytesMax / 1024) + " KiB");
      } else if (const auto [line, why] = NoText(*text); line > 0) {
        refuse(why, {line, 1});
      } else if (texts->contains(name)) {
        refuse("another runbook is called " + GoQuote(name));
      } else if (texts->size() == kRunbooksMax) {
        source.Warn(glob.mark, "more than " + std::to_string(kRunbooksMax) + " runbooks: " + path +
                                   " and those behind it are left out");
        break;
      } else {
        texts->emplace(name, *std::move(text));
      }
    }
  }
  if (!texts->empty()) loader->config.incidents.runbooks = std::move(texts);
}

}  // namespace watchfire::config
