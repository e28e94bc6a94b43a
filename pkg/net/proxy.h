// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Which proxy a request goes through. Pure but for ReadProxyEnvironment(). Source of every rule:
// Go's golang.org/x/net/http/httpproxy, which Alertmanager's users know it by.

#pragma once

#include <string>
#include <string_view>

#include "pkg/config/http_config.h"

namespace watchfire::net {

struct ProxyEnvironment {
  std::string http;      // HTTP_PROXY or http_proxy
  std::string https;     // HTTPS_PROXY or https_proxy
  std::string no_proxy;  // NO_PROXY or no_proxy
};

// Reads the process' environment; as in Go the upper-case name wins.
ProxyEnvironment ReadProxyEnvironment();

struct Target {
  std::string scheme;  // "http" or "https"
  std::string host;    // IPv6 in brackets or not.
  std::string port;    // Never empty.
};

// Returns the URL of the proxy, "" to go directly.
std::string ChooseProxy(const config::ProxyConfig& proxy, const ProxyEnvironment& environment,
                        const Target& target);

// Returns true when `no_proxy` (a comma-separated list of hosts, .domains, addresses and CIDR
// blocks, each with an optional port, or *) names the target. So does loopback, always.
bool BypassesProxy(std::string_view no_proxy, const Target& target);

}  // namespace watchfire::net
