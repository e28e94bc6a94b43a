// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/store/file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace watchfire::store {
namespace {

Error SystemError(const std::string& path, int code) {
  const bool denied = code == EACCES || code == EPERM || code == EROFS;
  return {denied ? Code::kPermission : Code::kUnavailable,
          path + ": " + std::generic_category().message(code)};
}

Status SyncParent(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Fail(SystemError(directory, errno));
  const int error = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  if (error != 0) return Fail(SystemError(directory, error));
  return {};
}

}  // namespace

Result<FileLock> FileLock::Take(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return Fail(SystemError(path, errno));
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return FileLock(fd);
  const int error = errno;
  close(fd);
  if (error != EWOULDBLOCK) return Fail(SystemError(path, error));
  return Fail(Code::kConflict, path + " is held by another process: stop it, or give this one " +
                                   "another --storage.path");
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

Status MakeParents(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return Fail(SystemError(parent.string(), error.value()));
  return {};
}

Status Rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return Fail(SystemError(from, errno));
  return SyncParent(to);
}

Status KeepAs(const std::string& from, const std::string& to) {
  if (link(from.c_str(), to.c_str()) == 0) return SyncParent(to);
  if (errno == EEXIST) return Fail(SystemError(to, EEXIST));
  return Rename(from, to);
}

int64_t WrittenAt(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_mtim.tv_sec : 0;
}

int64_t FileSize(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 ? info.st_size : -1;
}

}  // namespace watchfire::store
