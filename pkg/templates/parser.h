// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Text to trees: the grammar of Go's text/template, with its error texts.
// Source: https://pkg.go.dev/text/template (Actions, Pipelines, Nested template definitions).

#pragma once

#include <memory>

#include "pkg/base/result.h"
#include "pkg/templates/function.h"
#include "pkg/templates/nodes.h"

namespace watchfire::templates {

struct ParseOptions {
  FunctionTable functions;             // Beside the built-in ones, and before them.
  std::vector<std::string> variables;  // Defined from the start, with their '$'.
};

// Returns the template itself, under the source's name, and every template that it defines.
// Errors: kInvalidArgument "template: NAME:LINE: …" for what Go refuses too, and for constants with
// an imaginary part, which nothing here needs; kExhausted when actions nest deeper than
// limits::kTemplateDepth. `column`, if there is one, becomes the error's in its line, from 1, which
// Go does not tell.
Result<TreeMap> Parse(std::shared_ptr<const Source> source, const ParseOptions& options,
                      int* column = nullptr);

}  // namespace watchfire::templates
