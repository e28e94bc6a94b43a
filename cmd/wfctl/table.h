// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Columns for people.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace watchfire::wfctl {

// Prints rows under a header, columns padded to the widest cell (counted in code points) and two
// spaces apart. Newlines inside a cell become spaces.
void PrintTable(std::ostream& out, const std::vector<std::string>& header,
                const std::vector<std::vector<std::string>>& rows);

}  // namespace watchfire::wfctl
