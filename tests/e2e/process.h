// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The real binary as a child process, on 127.0.0.1 port 0, ended by the test that started it.

#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>

#include "pkg/base/guarded.h"

namespace watchfire::e2e {

// A directory that goes away with the test.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  // Writes a file below the directory and returns its path.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

class Process {
 public:
  struct Options {
    std::string program;  // Name in the build's bin directory, or a path from the root.
    std::vector<std::string> arguments;
    size_t file_bytes_max = 0;    // Soft limit on file size (a full disk); 0: none.
    bool collect_output = false;  // errors() holds stdout as well.
  };
  // Starts the program; its stderr is collected.
  explicit Process(const Options& options);
  ~Process();  // Kill()
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Waits until a line with "Listening on" gives the address. "" when the process ended instead.
  std::string WaitForAddress();
  void Signal(int signal) const;
  // Lifts the file-size limit while the process runs.
  void LiftFileLimit() const;
  // SIGKILL and reap.
  void Kill();
  // Waits for the end; returns the exit code, or 128 + signal.
  int Wait();
  std::string errors() const { return errors_.Copy(); }
  // Waits until `text` stands in errors(): a line may be read after what it tells of was seen.
  ::testing::AssertionResult Says(const std::string& text) const;

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
  Guarded<std::string> errors_;
  std::thread reader_;
};

// Polls until `condition` holds, at most `seconds`. Returns whether it did.
bool Eventually(const std::function<bool()>& condition, int seconds = 20);

}  // namespace watchfire::e2e
