// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What Amazon's services answer: XML, but for those that only speak on the machine itself.

#pragma once

#include <string>

#include "pkg/notify/sns/sigv4.h"

namespace watchfire::notify::sns {

// The text of the first <tag> in an answer, "" if there is none.
std::string XmlText(const std::string& body, const std::string& tag);

// The credentials that STS, or the service of an instance or container, hands out; empty when the
// answer holds none. Those that say no end have none.
Credentials CredentialsOfXml(const std::string& body);
Credentials CredentialsOfJson(const std::string& body);

}  // namespace watchfire::notify::sns
