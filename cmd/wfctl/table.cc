// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/table.h"

#include <algorithm>
#include <map>

#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

constexpr const char* kBold = "\033[1m";
constexpr const char* kRed = "\033[31m";
constexpr const char* kYellow = "\033[33m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kGrey = "\033[90m";

const char* ColorOf(const std::string& cell) {
  static const auto& colors = *new std::map<std::string, const char*>{
      {"active", kRed},         {"firing", kRed},     {"triggered", kRed},  {"critical", kRed},
      {"page", kRed},           {"pending", kYellow}, {"warning", kYellow}, {"ticket", kYellow},
      {"suppressed", kGrey},    {"expired", kGrey},   {"muted", kGrey},     {"resolved", kGreen},
      {"acknowledged", kGreen}, {"ok", kGreen},       {"ready", kGreen},    {"exhausted", kRed},
      {"freeze", kYellow}};
  const auto found = colors.find(cell);
  return found == colors.end() ? "" : found->second;
}

void PrintRow(std::ostream& out, const std::vector<std::string>& cells,
              const std::vector<size_t>& widths, const char* color, bool color_words) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string cell = cells[i];
    std::ranges::replace(cell, '\n', ' ');
    const size_t width = RuneCount(cell);
    const char* own = color_words ? ColorOf(cell) : color;
    line += *own == '\0' ? cell : own + cell + "\033[0m";
    if (i + 1 < cells.size()) line.append(widths[i] - width + 2, ' ');
  }
  while (line.ends_with(' ')) line.pop_back();
  out << line << "\n";
}

}  // namespace

void PrintTable(std::ostream& out, const std::vector<std::string>& header,
                const std::vector<std::vector<std::string>>& rows, bool color) {
  std::vector<size_t> widths;
  for (const std::string& name : header) widths.push_back(RuneCount(name));
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], RuneCount(row[i]));
    }
  }
  PrintRow(out, header, widths, color ? kBold : "", false);
  for (const auto& row : rows) PrintRow(out, row, widths, "", color);
}

}  // namespace watchfire::wfctl
