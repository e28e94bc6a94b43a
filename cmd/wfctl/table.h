// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Columns for people.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace watchfire::wfctl {

// Prints rows under a header, columns padded to the widest cell (counted in code points) and two
// spaces apart. Newlines inside a cell become spaces. With `color` the header is bold and words
// that mean trouble (active, firing, critical …) or its end are coloured.
void PrintTable(std::ostream& out, const std::vector<std::string>& header,
                const std::vector<std::vector<std::string>>& rows, bool color = false);

}  // namespace watchfire::wfctl
