// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The e-mail receiver: one message by SMTP for each notification, as text and HTML. A repeated
// attempt has the Message-Id of the one before, so that mail programs fold the two. What the server
// refuses for good (5xx) is not repeated within a flush, unlike Alertmanager's; everything else is.
// Sources: reference alertmanager-compat §4.7, RFC 5321, RFC 5322.

#pragma once

#include <map>
#include <memory>
#include <string>

#include "pkg/notify/receiver.h"

namespace watchfire::notify::email {

struct Options {
  config::HostPort smarthost;
  std::string hello = "localhost";
  templates::Snippet from;
  templates::Snippet to;
  std::string auth_username;           // Empty: no authentication.
  config::SecretSource auth_password;  // For PLAIN and LOGIN.
  config::SecretSource auth_secret;    // For CRAM-MD5.
  std::string auth_identity;
  bool require_tls = true;
  bool implicit_tls = false;
  std::map<std::string, templates::Snippet> headers;  // Canonical names; Subject, To, From are in.
  templates::Snippet html;
  templates::Snippet text;
  bool threading = false;
  bool thread_by_day = false;
  config::HttpConfig http;  // Of it, only `tls`.
};

// Returns the number of a port: Go would look a name up in /etc/services.
std::string PortNumber(const std::string& port);

// Reads and checks one entry of email_configs.
std::shared_ptr<const void> Parse(config::Section& section, const config::Global& global);

// The row for notify/builtin: kind "email".
Backend Describe();

}  // namespace watchfire::notify::email
