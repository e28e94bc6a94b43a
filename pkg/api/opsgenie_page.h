// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which part of a list a client of Opsgenie's Alert API asks for, in which order, and where the
// other parts are. Private to pkg/api. Source: docs.opsgenie.com/docs/alert-api, "List Alerts", and
// /docs/pagination.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pkg/api/handlers.h"
#include "pkg/base/json.h"
#include "pkg/inbound/opsgenie.h"

namespace watchfire::api {

struct OpsgeniePage {
  size_t offset = 0;
  size_t limit = 20;  // 1 to 100.
  std::string sort = "createdAt";
  bool is_ascending = false;

  // Errors: 422 for a limit, offset, sort or order that the vendor refuses.
  static inbound::OpsgenieResult<OpsgeniePage> Read(const net::Request& request);
};

void SortOpsgenie(const OpsgeniePage& page, std::vector<inbound::OpsgenieAlert>* alerts);

// Writes the member `paging`: where the first and the last page are, and those before and behind
// this one, if there are any. `total`: of all pages.
void WritePaging(const OpsgeniePage& page, size_t total, const Call& call, JsonWriter* json);

}  // namespace watchfire::api
