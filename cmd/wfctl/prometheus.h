// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// A Prometheus for the length of one command: started on an empty temporary directory and a free
// port of this machine, filled by remote write, ended and removed.

#pragma once

#include <memory>
#include <string>

#include "pkg/base/result.h"
#include "pkg/ruletest/ruletest.h"

namespace watchfire::wfctl {

// Starts `program`, a path or a name to be found in $PATH, and waits until it answers. It ends with
// what is returned, and with this process however that ends. Errors: kNotFound (no such program;
// the text says how to get one), kUnavailable.
Result<std::unique_ptr<ruletest::Backend>> StartPrometheus(const std::string& program);

}  // namespace watchfire::wfctl
