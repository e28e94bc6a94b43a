// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Reads `incidents.runbooks`: texts that are shown beside the incidents of the alert that they are
// called after.

#include <memory>
#include <string>
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

}  // namespace

void ReadRunbooks(Section& section, Loader* loader) {
  const Source& source = section.impl().source;
  auto texts = std::make_shared<RunbookTexts>();
  for (const Text& glob : section.impl().Texts("runbooks")) {
    const auto paths = loader->files.glob(source.Resolve(glob.text));
    if (paths.empty()) source.Warn(glob.mark, glob.text + " matches no file");
    for (const std::string& path : paths) {
      Result<std::string> text = loader->files.read(path);
      const std::string name = NameOf(path);
      if (!text) {
        source.Error(glob.mark, "runbook " + path + ": " + text.error().message);
      } else if (text->size() > kRunbookBytesMax) {
        source.Error(glob.mark, "runbook " + path + " is larger than " +
                                    std::to_string(kRunbookBytesMax / 1024) + " KiB");
      } else if (texts->size() == kRunbooksMax) {
        source.Error(glob.mark, "more than " + std::to_string(kRunbooksMax) + " runbooks");
        return;
      } else if (!texts->emplace(name, *std::move(text)).second) {
        source.Error(glob.mark, "two runbooks are called " + GoQuote(name));
      }
    }
  }
  if (!texts->empty()) loader->config.incidents.runbooks = std::move(texts);
}

}  // namespace watchfire::config
