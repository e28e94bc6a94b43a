// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/notify/email/email.h"

#include <utility>
#include <vector>

#include "pkg/base/strings.h"
#include "pkg/notify/email/address.h"
#include "pkg/notify/email/message.h"
#include "pkg/notify/rendering.h"
#include "pkg/notify/start.h"

namespace watchfire::notify::email {
namespace {

using config::SecretSource;

bool IsLocal(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
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
    std::string failed;
    body_ = MessageText(notification, *options_, {mail_.from, context_.now()}, &message, &failed);
    if (!message.status()) return message.Failed("execute " + failed + " template");
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

  const std::shared_ptr<const Options> options_;
  const Context context_;
  net::Mail mail_;
  std::string body_;
  std::vector<Way> ways_;  // The first is tried; the next, if the server knows none of its kinds.
  std::vector<std::string> secrets_;
};

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
  return {{"email", /*send_resolved_default=*/false, /*pages=*/false, Parse},
          Starts<EmailExchange, Options>(),
          Promises()};
}

}  // namespace watchfire::notify::email
