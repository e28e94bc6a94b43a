// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// TLS of a libcurl handle, for whatever protocol it speaks.

#pragma once

#include <curl/curl.h>

#include "pkg/config/http_config.h"

namespace watchfire::net {

// Sets everything of `tls` but server_name, which needs the URL, for the server and for an HTTPS
// proxy alike, as Go does. libcurl reads the files when it connects.
void ApplyTls(CURL* easy, const config::TlsConfig& tls);

}  // namespace watchfire::net
