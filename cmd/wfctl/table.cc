// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/table.h"

#include <algorithm>

#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

void PrintRow(std::ostream& out, const std::vector<std::string>& cells,
              const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string cell = cells[i];
    std::ranges::replace(cell, '\n', ' ');
    line += cell;
    if (i + 1 < cells.size()) line.append(widths[i] - RuneCount(cell) + 2, ' ');
  }
  out << line << "\n";
}

}  // namespace

void PrintTable(std::ostream& out, const std::vector<std::string>& header,
                const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const std::string& name : header) widths.push_back(RuneCount(name));
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], RuneCount(row[i]));
    }
  }
  PrintRow(out, header, widths);
  for (const auto& row : rows) PrintRow(out, row, widths);
}

}  // namespace watchfire::wfctl
