// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The command line of the server: Alertmanager's flags unchanged, and ours.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/matcher/matcher.h"
#include "pkg/telemetry/telemetry.h"

namespace watchfire::app {

struct Flags {
  std::string config_file = "alertmanager.yml";
  std::vector<std::string> config_extra;
  std::string storage_path = "data/";
  bool storage_repair = false;
  bool storage_sync_alerts = false;  // POSTed alerts are stored before the answer.
  Duration retention = std::chrono::hours(120);
  Duration maintenance_interval = std::chrono::minutes(15);
  Duration gc_interval = std::chrono::minutes(30);
  int per_alertname_limit = 0;  // Not above zero: none.
  int max_silences = 0;         // Not above zero: the built-in bound.
  int max_silence_bytes = 0;
  Duration start_delay{};
  std::vector<std::string> listen_addresses = {":9093"};
  bool systemd_socket = false;  // Its sockets in place of listen_addresses.
  std::string web_config_file;  // Empty: plain HTTP for everybody.
  std::string external_url;
  std::string route_prefix;
  std::string cors_origin;  // A regular expression; empty: no other origin.
  int get_concurrency = 0;  // Below 1: the number of processors, at least 8.
  Duration web_timeout{};   // 0 or less: none.
  std::string prometheus_url = "http://localhost:9090";
  std::vector<std::string> rules_files;
  std::vector<std::string> slo_files;
  std::string cluster_listen_address = "0.0.0.0:9094";        // Empty: clustering disabled.
  std::string cluster_advertise_address;                      // Empty: the listen address.
  std::string cluster_peer_name;                              // Empty: the host's name.
  Duration config_watch_interval = std::chrono::seconds(10);  // 0: no watch.
  matcher::Mode matcher_mode = matcher::Mode::kFallback;      // --enable-feature
  telemetry::Features metric_features;                        // --enable-feature
  std::string shadow;                                         // Empty: no shadow mode.
  Duration shadow_poll = std::chrono::seconds(15);
  Duration shadow_tolerance{};  // 0: as the routes ask for.
  std::string shadow_http_config;
  bool log_silences = false;
  std::string log_level = "info";
  std::string log_format = "logfmt";
  bool help = false;
  bool version = false;
  std::vector<std::string> warnings;  // Flags accepted without effect.
};

// Parses "--flag=value", "--flag value", "--flag" and "--no-flag". Errors: kInvalidArgument naming
// the flag, what was expected, and the nearest known flag.
Result<Flags> ParseFlags(const std::vector<std::string>& arguments);

// The text of --help.
std::string HelpText();

// What this instance is shown as among the peers; "" when clustering is off.
std::string PeerAddress(const Flags& flags);

// The sockets that systemd passes (sd_listen_fds(3)): `pid` and `count` are LISTEN_PID and
// LISTEN_FDS, `own` is this process. Errors: there are none.
Result<std::vector<int>> SocketsOfSystemd(const std::string& pid, const std::string& count,
                                          int own);

// Where this instance is reached when no URL says so.
struct OwnAddress {
  std::string scheme;  // "http" or "https"
  std::string hostname;
  std::string bound_address;
};
// Returns `url` (or "http://<hostname>:<port>") without trailing slash. Errors: bad scheme.
Result<std::string> ExternalUrl(const std::string& url, const OwnAddress& own);
// Which origins API v2 answers to besides its own: those that `regex` matches as a whole; nullopt
// for "". Errors: kInvalidArgument naming the flag, why it is no regular expression.
Result<std::optional<matcher::Matcher>> CorsOrigins(const std::string& regex);
// "" or "/foo": --web.route-prefix, else the path of the external URL.
std::string RoutePrefix(const std::string& prefix, const std::string& external_url);

}  // namespace watchfire::app
