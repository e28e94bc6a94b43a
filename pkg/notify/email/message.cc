// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/email/message.h"

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/email/mime.h"

namespace watchfire::notify::email {
namespace {

std::string Domain(const std::string& address) { return address.substr(address.rfind('@') + 1); }

// What tells this message from every other, and is the same when it is sent once more.
std::string Identity(const dispatch::Notification& notification) {
  return Sha256Hex(notification.receiver + "\n" + std::to_string(notification.index) + "\n" +
                   std::to_string(ToNanos(notification.at)) + "\n" + notification.group_key.str());
}

void AppendPart(const std::string& boundary, const char* type, const std::string& text,
                std::string* out) {
  *out += "--" + boundary +
          "\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: " + type +
          "; charset=UTF-8\r\n\r\n";
  AppendQuotedPrintable(text, out);
  *out += "\r\n";
}

}  // namespace

std::string MessageText(const dispatch::Notification& notification, const Options& options,
                        const Sending& sending, Rendering* message, std::string* failed) {
  const std::string identity = Identity(notification);
  std::string out;
  for (const auto& [name, snippet] : options.headers) {
    out += HeaderLine(name, message->Text(snippet));
    if (!message->status()) {
      *failed = GoQuote(name) + " header";
      return "";
    }
  }
  if (!options.headers.contains("Message-Id")) {
    out += "Message-Id: <" + std::to_string(ToNanos(notification.at)) + "." +
           identity.substr(0, 16) + "@" + Domain(sending.from) + ">\r\n";
  }
  if (options.threading) {
    const std::string day =
        options.thread_by_day ? FormatRfc3339(notification.at).substr(0, 10) : "";
    const std::string root =
        "<alert-" + Sha256Hex(notification.group_key).substr(0, 16) + "-" + day + "@alertmanager>";
    out += "References: " + root + "\r\nIn-Reply-To: " + root + "\r\n";
  }
  // "=_" is in no text that is quoted-printable.
  const std::string boundary = "=_" + identity.substr(0, 48);
  out += "Date: " + FormatDate(sending.now) + "\r\n";
  out += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n";
  out += "MIME-Version: 1.0\r\n\r\n";
  if (!options.text.empty()) {
    AppendPart(boundary, "text/plain", message->Text(options.text), &out);
  }
  *failed = "text";
  if (!message->status()) return "";
  // The best one last: RFC 2046 section 5.1.4.
  if (!options.html.empty()) {
    AppendPart(boundary, "text/html", message->Html(options.html), &out);
  }
  *failed = "html";
  out += "--" + boundary + "--\r\n";
  return out;
}

}  // namespace watchfire::notify::email
