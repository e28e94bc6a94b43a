// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Opsgenie answers: which request it took, and later what became of it.
// Source: https://docs.opsgenie.com/docs/alert-api, "Get request status", read 2026-08.

#pragma once

#include <optional>
#include <string>

namespace watchfire::notify::opsgenie {

// Returns the number by which to ask for a request that was taken; "": none.
std::string RequestId(const std::string& body);

// What became of a request.
struct Processed {
  bool success = false;
  std::string action;
  std::string status;  // "Alert does not exist" and so on.
};

// Nothing when `body` does not say.
std::optional<Processed> ReadProcessed(const std::string& body);

}  // namespace watchfire::notify::opsgenie
