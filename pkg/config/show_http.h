// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How http_config and tls_config stand in Config.original: as Alertmanager prints them, whether
// they were written there or come from `global`. Private to pkg/config. Source: the YAML tags of
// prometheus/common config.HTTPClientConfig.

#pragma once

#include "pkg/config/http_config.h"
#include "pkg/config/original.h"

namespace watchfire::config {

// The grant_type of OAuth2 by an Assertion.
inline constexpr const char* kJwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

void ShowHttp(const HttpConfig& http, Echo* out);
void ShowTls(const TlsConfig& tls, Echo* out);

}  // namespace watchfire::config
