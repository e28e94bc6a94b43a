// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/email/email.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "pkg/base/digest.h"
#include "pkg/base/strings.h"
#include "pkg/notify/email/address.h"
#include "pkg/notify/email/mime.h"
#include "pkg/notify/rendering.h"

namespace watchfire::notify::email {
namespace {

using config::SecretSource;
using config::Section;
using templates::Snippet;

// Names that Go would look up in /etc/services.
std::string PortNumber(const std::string& port) {
  if (port == "smtp") return "25";
  if (port == "smtps" || port == "submissions") return "465";
  return port == "submission" ? "587" : port;
}

bool IsLocal(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

std::string Domain(const std::string& address) { return address.substr(address.rfind('@') + 1); }

// What tells this message from every other, and is the same when it is sent once more.
std::string Identity(const dispatch::Notification& notification) {
  return Sha256Hex(notification.receiver + "\n" + std::to_string(notification.index) + "\n" +
                   std::to_string(ToNanos(notification.at)) + "\n" + notification.group_key);
}

void AppendPart(const std::string& boundary, const char* type, const std::string& text,
                std::string* out) {
  *out += "--" + boundary +
          "\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Type: " + type +
          "; charset=UTF-8\r\n\r\n";
  AppendQuotedPrintable(text, out);
  *out += "\r\n";
}

class EmailExchange final : public Exchange {
 public:
  EmailExchange(std::shared_ptr<const Options> options, Context context)
      : options_(std::move(options)), context_(std::move(context)) {}

  Step Begin(const dispatch::Notification& notification) override {
    Rendering message(context_, notification);
    const std::string from = message.Text(options_->from);
    if (!message.status()) return message.Failed("execute 'from' template");
    const std::string to = message.Text(options_->to);
    if (!message.status()) return message.Failed("execute 'to' template");
    const auto senders = ParseAddressList(from);
    if (!senders) return Fail{"parse 'from' addresses: " + senders.error().message};
    if (senders->size() != 1) {
      return Fail{"must be exactly one 'from' address (got: " + std::to_string(senders->size()) +
                  ")"};
    }
    const auto recipients = ParseAddressList(to);
    if (!recipients) return Fail{"parse 'to' addresses: " + recipients.error().message};
    mail_.from = senders->front().address;
    for (const Address& address : *recipients) mail_.to.push_back(address.address);
    body_ = Message(notification, &message);
    if (!message.status()) return message.Failed("execute " + failed_ + " template");
    const Status known = ReadCredentials();
    // The file may appear with the next mount of the secret, so this is worth another try.
    if (!known) return Retry{{}, known.error().message, Failure::kOther};
    return Next();
  }

  Step OnResponse(const Result<net::OutResponse>& response) override {
    if (!response) {
      const bool no_mechanism = response.error().code == Code::kPermission;
      if (no_mechanism && ways_.size() > 1) {
        ways_.erase(ways_.begin());
        return Next();
      }
      const bool deadline = response.error().code == Code::kTimeout;
      return Retry{{},
                   Excerpt(response.error().message, secrets_),
                   no_mechanism ? Failure::kAuth
                   : deadline   ? Failure::kDeadline
                                : Failure::kOther};
    }
    const int status = response->status;
    if (status / 100 == 2) return Done{};
    const std::string why = "send " + std::string(response->header("Command")) +
                            " command: " + std::to_string(status) + " " +
                            Excerpt(response->body, secrets_);
    const bool auth = status == 530 || status == 534 || status == 535 || status == 538;
    if (status / 100 == 5) return Fail{why, auth ? Failure::kAuth : Failure::kOther};
    return Retry{{}, why, Failure::kOther};
  }

 private:
  // A secret and what it is good for.
  struct Way {
    std::string secret;
    std::vector<std::string> mechanisms;
  };

  Status ReadCredentials() {
    if (options_->auth_username.empty()) return {};
    const SecretSource& secret = options_->auth_secret;
    const SecretSource& password = options_->auth_password;
    const Result<std::string> first = Reveal(secret.value, secret.file, context_);
    if (!first)
      return watchfire::Fail(first.error().code, "auth_secret_file: " + first.error().message);
    const Result<std::string> second = Reveal(password.value, password.file, context_);
    if (!second) {
      return watchfire::Fail(second.error().code, "auth_password_file: " + second.error().message);
    }
    secrets_ = {*first, *second};
    if (!first->empty()) ways_.push_back({*first, {"CRAM-MD5"}});
    // As Go's PLAIN, which shows the password to nobody on the way.
    const bool hidden =
        options_->require_tls || options_->implicit_tls || IsLocal(options_->smarthost.host);
    std::vector<std::string> open = {"LOGIN"};
    if (hidden) open.insert(open.begin(), "PLAIN");
    if (!second->empty()) ways_.push_back({*second, std::move(open)});
    return {};
  }

  // With the next way to log in.
  Step Next() {
    const std::string& host = options_->smarthost.host;
    std::string authority = host.empty() ? "localhost" : host;
    if (authority.find(':') != std::string::npos) authority = "[" + authority + "]";
    authority += ":" + PortNumber(options_->smarthost.port);
    net::OutRequest request;
    request.shown_url = (options_->implicit_tls ? "smtps://" : "smtp://") + authority;
    request.url = Secret(request.shown_url + "/" +
                         UrlEncode(options_->hello.empty() ? "localhost" : options_->hello));
    // Long, and seldom needed again.
    request.body = ways_.size() > 1 ? body_ : std::move(body_);
    request.http = &options_->http;
    request.keep_alive = options_;
    request.mail = mail_;
    request.mail->require_tls = options_->require_tls && !options_->implicit_tls;
    if (!ways_.empty()) {
      request.mail->username = options_->auth_username;
      request.mail->identity = options_->auth_identity;
      request.mail->password = Secret(ways_.front().secret);
      request.mail->mechanisms = ways_.front().mechanisms;
    }
    return Send{std::move(request)};
  }

  // What is wrong is in message->status(), and failed_ says where.
  std::string Message(const dispatch::Notification& notification, Rendering* message) {
    const std::string identity = Identity(notification);
    std::string out;
    for (const auto& [name, snippet] : options_->headers) {
      out += HeaderLine(name, message->Text(snippet));
      if (!message->status()) {
        failed_ = GoQuote(name) + " header";
        return "";
      }
    }
    if (!options_->headers.contains("Message-Id")) {
      out += "Message-Id: <" + std::to_string(ToNanos(notification.at)) + "." +
             identity.substr(0, 16) + "@" + Domain(mail_.from) + ">\r\n";
    }
    if (options_->threading) {
      const std::string day =
          options_->thread_by_day ? FormatRfc3339(notification.at).substr(0, 10) : "";
      const std::string root = "<alert-" + Sha256Hex(notification.group_key).substr(0, 16) + "-" +
                               day + "@alertmanager>";
      out += "References: " + root + "\r\nIn-Reply-To: " + root + "\r\n";
    }
    // "=_" is in no text that is quoted-printable.
    const std::string boundary = "=_" + identity.substr(0, 48);
    out += "Date: " + FormatDate(context_.now()) + "\r\n";
    out += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n";
    out += "MIME-Version: 1.0\r\n\r\n";
    if (!options_->text.empty()) {
      AppendPart(boundary, "text/plain", message->Text(options_->text), &out);
    }
    failed_ = "text";
    if (!message->status()) return "";
    // The best one last: RFC 2046 section 5.1.4.
    if (!options_->html.empty()) {
      AppendPart(boundary, "text/html", message->Html(options_->html), &out);
    }
    failed_ = "html";
    out += "--" + boundary + "--\r\n";
    return out;
  }

  const std::shared_ptr<const Options> options_;
  const Context context_;
  net::Mail mail_;
  std::string body_;
  std::string failed_;
  std::vector<Way> ways_;  // The first is tried; the next, if the server knows none of its kinds.
  std::vector<std::string> secrets_;
};

// Here an empty text is as good as none.
std::string TextOr(Section& section, const std::string& key, const std::string& fallback) {
  std::string text = section.String(key, fallback);
  return text.empty() ? fallback : text;
}

Snippet TemplateOr(Section& section, const std::string& key, const std::string& fallback) {
  Snippet snippet = section.Template(key, fallback);
  const bool written = !section.String(key).empty();
  return snippet.empty() && !written ? Snippet::Parse(key, fallback).value_or(Snippet()) : snippet;
}

// Alertmanager takes a value beside a file, and reads the file.
SecretSource Credential(Section& section, const std::string& key, const SecretSource& fallback) {
  const std::string file = section.Has(key) ? section.String(key + "_file") : "";
  if (file.empty() || section.SecretString(key).empty()) {
    return section.SecretOrFile(key, fallback);
  }
  section.Warn(key, key + " does not count beside " + key + "_file");
  return {Secret(), file};
}

void ParseHeaders(Section& section, Options* options) {
  section.Default("headers", "templates by name", "`Subject`, `To` and `From`");
  for (auto& [name, snippet] : section.TemplateMap("headers")) {
    const std::string canonical = CanonicalHeader(name);
    if (!IsHeaderName(canonical)) {
      section.Warn("headers", "a message cannot have the header " + GoQuote(name));
    } else if (!options->headers.emplace(canonical, snippet).second) {
      section.Error("headers", "duplicate header " + GoQuote(canonical) + " in email config");
    }
  }
  const Snippet subject =
      Snippet::Parse("Subject", "{{ template \"email.default.subject\" . }}").value();
  options->headers.emplace("Subject", subject);
  options->headers.emplace("To", options->to);
  options->headers.emplace("From", options->from);
}

void ParseThreading(Section& section, Options* options) {
  std::optional<Section> threading = section.Child("threading");
  if (!threading) return;
  options->threading = threading->Bool("enabled", false);
  const std::string by = threading->String("thread_by_date");
  options->thread_by_day = by == "daily";
  if (options->threading) {
    for (const char* header : {"References", "In-Reply-To"}) {
      if (!options->headers.contains(header)) continue;
      section.Error("headers",
                    "conflicting configuration: threading.enabled conflicts with custom " +
                        std::string(header) + " header");
    }
    threading->OneOf("thread_by_date", by, {"none", "daily"},
                     "threading.thread_by_date must be either 'none' or 'daily'");
  }
  threading->Finish();
}

std::shared_ptr<const void> Parse(Section& section, const config::Global& global) {
  auto options = std::make_shared<Options>();
  options->to = section.Template("to");
  if (section.String("to").empty()) section.Error("to", "missing to address in email config");
  options->from = TemplateOr(section, "from", global.smtp_from);
  if (section.String("from").empty() && global.smtp_from.empty()) {
    section.Error("from", "no global SMTP from set", "set from here, or smtp_from in global");
  }
  options->hello = TextOr(section, "hello", global.smtp_hello);
  options->smarthost = section.Host("smarthost", global.smtp_smarthost);
  if (section.String("smarthost").empty() && global.smtp_smarthost.empty()) {
    section.Error("smarthost", "no global SMTP smarthost set",
                  "set smarthost here, or smtp_smarthost in global");
  }
  options->auth_username = TextOr(section, "auth_username", global.smtp_auth_username);
  options->auth_password = Credential(section, "auth_password", global.smtp_auth_password);
  options->auth_secret = Credential(section, "auth_secret", global.smtp_auth_secret);
  options->auth_identity = TextOr(section, "auth_identity", global.smtp_auth_identity);
  if (!options->auth_username.empty() && options->auth_password.empty() &&
      options->auth_secret.empty()) {
    section.Warn("auth_username", "a user without auth_password and auth_secret",
                 "messages are sent without authentication");
  }
  ParseHeaders(section, options.get());
  options->html = section.Template("html", "{{ template \"email.default.html\" . }}");
  options->text = section.Template("text");
  options->require_tls = section.MaybeBool("require_tls", global.smtp_require_tls).value();
  options->http.tls = section.Tls("tls_config", global.smtp_tls, config::FilePaths::kAsWritten);
  options->implicit_tls = section.MaybeBool("force_implicit_tls", global.smtp_force_implicit_tls)
                              .value_or(PortNumber(options->smarthost.port) == "465");
  ParseThreading(section, options.get());
  return options;
}

Contract Promises() {
  return {
      .is_mail = true,
      .retries = "another way to log in is tried at once when the server does not know the first",
      .dedup =
          "`Message-Id`, from group key and time of the notification: mail programs show a "
          "repeated attempt once",
      .sources = {"https://www.rfc-editor.org/rfc/rfc5321",
                  "https://www.rfc-editor.org/rfc/rfc5322"},
      .accepted = "2.0.0 queued",
      .accepted_status = 250};
}

}  // namespace

Backend Describe() {
  const auto start = [](const std::shared_ptr<const void>& options, const Context& context) {
    return std::make_unique<EmailExchange>(std::static_pointer_cast<const Options>(options),
                                           context);
  };
  return {{"email", /*send_resolved_default=*/false, /*pages=*/false, Parse}, start, Promises()};
}

}  // namespace watchfire::notify::email
