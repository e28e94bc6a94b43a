// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a configuration, and what of it is secret, gathered over all of its files.
// Private to pkg/config.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pkg/config/config.h"

namespace watchfire::config {

struct Mark {
  int line = 0;    // From 1; 0: the file as a whole.
  int column = 0;  // In bytes from 1.
};

// A text and where its lines start, so that a place in it is found without reading it again.
class FileText {
 public:
  FileText() = default;
  explicit FileText(std::string_view text);  // `text` must live longer than this.

  std::string_view text() const { return text_; }
  // Returns the byte at `mark`, or std::string_view::npos if there is none.
  size_t Position(Mark mark) const;
  // Returns where byte `position`, or the end, stands.
  Mark MarkOf(size_t position) const;

 private:
  std::string_view text_;
  std::vector<size_t> lines_;  // Of each its first byte.
};

class Problems {
 public:
  // Problems print in the order in which their files were first entered.
  void Enter(const std::string& file) { rank_.emplace(file, rank_.size()); }

  // Keeps the first few thousand and counts the rest, so that a hostile file costs no memory.
  void Add(Problem problem);

  // Past this point a problem is only counted: no use in searching for a good hint.
  bool full() const { return dropped_ > 0; }
  bool has_error() const { return has_error_; }
  const std::vector<Problem>& all() const { return problems_; }

  // Reads what a tls_config names: where Alertmanager does not start without it, it must be there
  // and hold what it should. Unset: nobody looks, as where the server's files are out of reach.
  using ReadTlsFile = std::function<Result<std::string>(const std::string& path)>;
  void set_read_tls_file(ReadTlsFile read) { read_tls_file_ = std::move(read); }
  const ReadTlsFile& read_tls_file() const { return read_tls_file_; }
  // Whether a file of an http_config that is not as it should be is an error, not a warning.
  void set_needs_tls_files(bool needs) { needs_tls_files_ = needs; }
  bool needs_tls_files() const { return needs_tls_files_; }

  // Keeps a secret that was read: what is shown of the configuration must not hold it.
  void Keep(Secret secret) { secrets_.push_back(std::move(secret)); }
  std::vector<Secret> TakeSecrets() { return std::exchange(secrets_, {}); }

  // Returns them by file, line and column: at most limits::kConfigProblems, errors before warnings
  // when there are more; the last one then says how many were left out.
  std::vector<Problem> Take();

 private:
  std::map<std::string, size_t> rank_;
  std::vector<Problem> problems_;
  std::vector<Secret> secrets_;
  ReadTlsFile read_tls_file_;
  bool needs_tls_files_ = true;
  size_t dropped_ = 0;
  bool has_error_ = false;
};

// Returns why the file `path` could not be read. Such errors name the path, which a problem shows
// anyway: it is left out.
std::string Reason(const Error& error, const std::string& path);

// One text being read, and where its problems go. pkg/oncall reads with it, too: its documents are
// no part of the configuration.
struct Source {
  // `contents`, what the file says, must live longer than this.
  Source(std::string path, Problems* sink, std::string_view contents = {});

  void Error(Mark at, std::string message, std::string hint = "") const;
  void Warn(Mark at, std::string message, std::string hint = "") const;
  // Returns `path` as seen from the directory of this file.
  std::string Resolve(const std::string& path) const;

  std::string file;
  Problems* problems;
  FileText text;  // "" where nobody asks for places inside of it.
};

}  // namespace watchfire::config
