// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/limits.h"

namespace watchfire::app {
namespace {

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// For who may read a new file.
mode_t Umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

}  // namespace

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

Status WriteFile(const std::string& path, const std::string& text) {
  const auto failed = [&] { return Fail(Code::kUnavailable, path + ": " + std::strerror(errno)); };
  std::error_code ignored;
  // Of a link the file behind it is replaced.
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, ignored);
  struct stat known {};
  const bool is_known = ::stat(path.c_str(), &known) == 0;
  if (is_known && !S_ISREG(known.st_mode)) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return failed();
    const bool is_written = WriteAll(file, text);
    const Status status = is_written ? Status() : failed();
    ::close(file);
    return status;
  }
  std::string beside = (real.empty() ? path : real.string()) + ".XXXXXX";
  const int file = ::mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) return failed();
  const mode_t mode = is_known ? known.st_mode & 07777U : 0666U & ~Umask();
  bool is_written = ::fchmod(file, mode) == 0 && WriteAll(file, text) && ::fsync(file) == 0;
  Status status = is_written ? Status() : failed();
  ::close(file);
  if (is_written && ::rename(beside.c_str(), (real.empty() ? path : real.string()).c_str()) != 0) {
    is_written = false;
    status = failed();
  }
  if (!is_written) ::unlink(beside.c_str());
  return status;
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
