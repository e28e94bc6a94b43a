// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Escaping of values for each place in an HTML document. What cannot be made safe becomes
// "ZgotmplZ", which is easy to search for. Source: Go html/template.

#pragma once

#include <string>

#include "pkg/templates/executor.h"
#include "pkg/templates/html_context.h"
#include "pkg/templates/value.h"

namespace watchfire::templates {

// Returns `value` as it may stand in the context, which is that of ForValue().
std::string EscapeForHtml(const Value& value, Escaped escaped, const HtmlContext& context);
// The same at the end of `out`.
void AppendForHtml(const Value& value, Escaped escaped, const HtmlContext& context,
                   std::string* out);

}  // namespace watchfire::templates
