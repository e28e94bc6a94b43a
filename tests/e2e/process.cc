// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/e2e/process.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/check.h"

namespace watchfire::e2e {

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "watchfire-e2e-XXXXXX").string();
  WF_CHECK(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::Write(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path) << text;
  return path;
}

Process::Process(const Options& options) {
  std::array<int, 2> pipe{};
  WF_CHECK(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  std::vector<std::string> words = options.arguments;
  const bool is_path = options.program.starts_with('/');
  words.insert(words.begin(), (is_path ? "" : std::string(WF_BIN_DIR) + "/") + options.program);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  WF_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(pipe[1], STDERR_FILENO);
    if (options.collect_output) ::dup2(pipe[1], STDOUT_FILENO);
    if (options.file_bytes_max > 0) {
      rlimit limit{};
      ::getrlimit(RLIMIT_FSIZE, &limit);
      limit.rlim_cur = options.file_bytes_max;
      ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  reader_ = std::thread([this, fd = pipe[0]] {
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::read(fd, buffer.data(), buffer.size())) > 0;) {
      errors_.With([&](std::string& text) { text.append(buffer.data(), static_cast<size_t>(n)); });
    }
    ::close(fd);
  });
}

Process::~Process() { Kill(); }

std::string Process::WaitForAddress() {
  std::string address;
  Eventually([&] {
    const std::string text = errors();
    const size_t line = text.find("Listening on");
    const size_t key = text.find("address=", line);
    const size_t end = text.find('\n', line);
    if (line == std::string::npos || key == std::string::npos || end == std::string::npos) {
      return text.find("start failed") != std::string::npos;
    }
    address = text.substr(key + 8, end - key - 8);
    return true;
  });
  return address;
}

void Process::Signal(int signal) const { ::kill(pid_, signal); }

void Process::LiftFileLimit() const {
  rlimit limit{};
  WF_CHECK(::prlimit(pid_, RLIMIT_FSIZE, nullptr, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  WF_CHECK(::prlimit(pid_, RLIMIT_FSIZE, &limit, nullptr) == 0);
}

void Process::Kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
  Wait();
}

int Process::Wait() {
  if (pid_ > 0) {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    pid_ = -1;
  }
  if (reader_.joinable()) reader_.join();
  return exit_code_;
}

::testing::AssertionResult Process::Says(const std::string& text) const {
  if (Eventually([&] { return errors().find(text) != std::string::npos; })) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << '"' << text << "\" is not said in:\n" << errors();
}

bool Eventually(const std::function<bool()>& condition, int seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace watchfire::e2e
