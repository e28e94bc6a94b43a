// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <glob.h>

#include "pkg/base/limits.h"

namespace watchfire::app {

Result<std::string> ReadFile(const std::string& path, size_t bytes_max) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return InvalidArgument(path + ": is a directory");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const Code code = errno == EACCES ? Code::kPermission : Code::kNotFound;
    return Fail(code, path + ": " + std::strerror(errno));
  }
  std::string text;
  char buffer[65536];
  while (file.read(buffer, sizeof(buffer)) || file.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(file.gcount()));
    if (text.size() > bytes_max) {
      return Fail(Code::kExhausted, path + ": larger than " + std::to_string(bytes_max) + " bytes");
    }
  }
  if (file.bad()) return Fail(Code::kUnavailable, path + ": " + std::strerror(errno));
  return text;
}

config::Files RealFiles() {
  config::Files files;
  files.read = [](const std::string& path) { return ReadFile(path, limits::kConfigBytes); };
  files.glob = [](const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> paths;
    if (::glob(pattern.c_str(), GLOB_NOCHECK, nullptr, &found) == 0) {
      paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    // GLOB_NOCHECK gives the pattern itself: right for a plain name, wrong for a wildcard.
    const bool wildcard = pattern.find_first_of("*?[") != std::string::npos;
    if (wildcard && paths.size() == 1 && paths[0] == pattern) paths.clear();
    return paths;
  };
  return files;
}

}  // namespace watchfire::app
