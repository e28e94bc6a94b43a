// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Block Kit from the configuration: a list of blocks in which every text is a template.

#pragma once

#include <string>

#include "pkg/base/result.h"
#include "pkg/config/template_tree.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::slack {

// What Slack takes of blocks.
std::vector<notify::Limit> BlockLimits();

// Returns the blocks as a JSON array. Texts stay texts, cut where Slack would refuse them; but
// where a block or the whole list is due, a text is read as YAML, so that a template may make one
// block an alert. More blocks than an attachment may have end in one that says how many are left
// out. Errors: those of the templates; kInvalidArgument when it is no list of mappings.
Result<std::string> BlocksJson(const config::TemplateTree& tree, Rendering* message);

}  // namespace watchfire::notify::slack
