// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// --web.config.file: the real binary behind TLS and passwords, and the programs that talk to it.

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/tls_for_test.h"
#include "tests/e2e/process.h"

namespace watchfire::e2e {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Of "s3cret" and of "other", at bcrypt's least cost.
constexpr const char* kSecretHash = "$2y$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG";
constexpr const char* kOtherHash = "$2a$05$ABCDEFGHIJKLMNOPQRSTUuy7.SRQp6zzmDqpwAozFshLprLplpb1m";
constexpr const char* kTls = "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n";
constexpr const char* kPaths[] = {"/",        "/-/healthy",     "/-/ready",
                                  "/metrics", "/api/v2/alerts", "/no/such/path"};

std::string Users(const std::string& hash) { return "basic_auth_users: {ada: '" + hash + "'}\n"; }

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    WriteIdentity(server_);
    dir_.Write("ca.crt", authority_.CertificatePem());
    dir_.Write("am.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n");
  }
  void WriteIdentity(const net::Identity& identity) {
    dir_.Write("tls.crt", identity.CertificatePem());
    dir_.Write("tls.key", identity.KeyPem());
  }
  Process::Options Arguments(const std::vector<std::string>& more) const {
    Process::Options options{
        "watchfire",
        {"--config.file=" + dir_.path() + "/am.yml", "--web.listen-address=127.0.0.1:0"}};
    options.arguments.insert(options.arguments.end(), more.begin(), more.end());
    return options;
  }
  void Start(const std::string& web) {
    process_ =
        std::make_unique<Process>(Arguments({"--storage.path=" + dir_.path() + "/data",
                                             "--web.config.file=" + dir_.Write("web.yml", web)}));
    address_ = process_->WaitForAddress();
    ASSERT_NE(address_, "") << process_->errors();
  }

  struct Caller {
    std::string password = {};                // Of ada; empty: no credentials.
    const net::Identity* identity = nullptr;  // Shown as a client certificate.
    std::string scheme = "https";
  };
  Result<net::OutResponse> Call(const std::string& path, const Caller& caller) {
    config::HttpConfig http;
    http.tls.ca = authority_.CertificatePem();
    if (caller.identity != nullptr) {
      http.tls.cert = caller.identity->CertificatePem();
      http.tls.key = Secret(caller.identity->KeyPem());
    }
    if (!caller.password.empty()) {
      http.basic_auth = config::BasicAuth{"ada", "", Secret(caller.password), ""};
    }
    net::OutRequest request;
    request.method = "GET";
    request.url = Secret(caller.scheme + "://" + address_ + path);
    request.shown_url = request.url.reveal();
    request.http = &http;
    // A client of its own: its connection is a new one.
    net::Client client({.user_agent = "test"});
    return net::Fetch(client, request);
  }
  // The status; 0 without an answer.
  int Status(const std::string& path, const Caller& caller) {
    const auto response = Call(path, caller);
    return response ? response->status : 0;
  }
  // What wfctl says, its exit code at the end.
  std::string Ctl(const std::string& http_config, const std::vector<std::string>& words) {
    std::vector<std::string> arguments = words;
    arguments.push_back("--http.config.file=" + dir_.Write("http.yml", http_config));
    arguments.push_back("--url=https://" + address_);
    Process wfctl({"wfctl", arguments, 0, true});
    const int code = wfctl.Wait();
    return wfctl.errors() + "exit " + std::to_string(code);
  }

  TempDir dir_;
  const net::Identity authority_{"authority.test"};
  const net::Identity server_{"wf.test", &authority_, "DNS:wf.test,IP:127.0.0.1"};
  std::unique_ptr<Process> process_;
  std::string address_;
};

TEST_F(TlsTest, AnEmptyFileServesPlainHttp) {
  ASSERT_NO_FATAL_FAILURE(Start(""));
  EXPECT_EQ(Status("/-/healthy", {.scheme = "http"}), 200);
  EXPECT_TRUE(process_->Says("TLS is disabled."));
}

TEST_F(TlsTest, EverythingIsServedOverTlsAndNothingInPlain) {
  ASSERT_NO_FATAL_FAILURE(Start(
      std::string(kTls) +
      "http_server_config: {headers: {X-Frame-Options: deny, Strict-Transport-Security: a=1}}\n"));
  EXPECT_TRUE(process_->Says("TLS is enabled."));
  for (const char* path : kPaths) {
    const auto response = Call(path, {});
    ASSERT_TRUE(response) << path << response.error().message;
    EXPECT_EQ(response->status, std::string(path) == "/no/such/path" ? 404 : 200) << path;
    EXPECT_EQ(response->header("X-Frame-Options"), "deny") << path;
    EXPECT_EQ(response->header("Strict-Transport-Security"), "a=1") << path;
  }
  net::RawClient plain(address_);
  plain.Send("GET /-/healthy HTTP/1.1\r\nHost: wf.test\r\n\r\n");
  const std::string answer = plain.ReadToEnd();
  EXPECT_THAT(answer, StartsWith("HTTP/1.0 400 Bad Request\r\n"));
  EXPECT_THAT(answer, HasSubstr("Client sent an HTTP request to an HTTPS server."));
  EXPECT_THAT(Call("/metrics", {})->body,
              HasSubstr("watchfire_http_refused_total{reason=\"tls\"} 1\n"));
  const std::string status = Call("/api/v2/status", {})->body;
  EXPECT_THAT(status, Not(HasSubstr("PRIVATE")));
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->Wait(), 0);
}

TEST_F(TlsTest, APasswordIsAskedForEverywhere) {
  ASSERT_NO_FATAL_FAILURE(Start(kTls + Users(kSecretHash)));
  for (const char* path : kPaths) {
    const auto response = Call(path, {});
    ASSERT_TRUE(response) << path << response.error().message;
    EXPECT_EQ(response->status, 401) << path;
    EXPECT_EQ(response->header("WWW-Authenticate"), "Basic") << path;
    EXPECT_EQ(response->body, "Unauthorized\n") << path;
    EXPECT_EQ(Status(path, {.password = "other"}), 401) << path;
    EXPECT_THAT(Status(path, {.password = "s3cret"}), AnyOf(200, 404)) << path;
  }
  EXPECT_THAT(process_->errors(), Not(HasSubstr("s3cret")));
}

TEST_F(TlsTest, OnlyClientsWithACertificateComeIn) {
  ASSERT_NO_FATAL_FAILURE(
      Start("tls_server_config: {cert_file: tls.crt, key_file: tls.key, client_ca_file: ca.crt, "
            "client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [prom.test]}\n"));
  const net::Identity known("prom.test", &authority_);
  const net::Identity other("other.test", &authority_);
  const net::Identity forged("prom.test");
  EXPECT_EQ(Status("/-/ready", {.identity = &known}), 200);
  EXPECT_EQ(Status("/-/ready", {.identity = &other}), 0);
  EXPECT_EQ(Status("/-/ready", {.identity = &forged}), 0);
  EXPECT_EQ(Status("/-/ready", {}), 0);
}

TEST_F(TlsTest, ChangedFilesCountWithoutARestart) {
  ASSERT_NO_FATAL_FAILURE(Start(kTls + Users(kSecretHash)));
  EXPECT_EQ(Status("/", {.password = "s3cret"}), 200);
  dir_.Write("web.yml", kTls + Users(kOtherHash));
  EXPECT_TRUE(Eventually([&] { return Status("/", {.password = "other"}) == 200; }));
  EXPECT_EQ(Status("/", {.password = "s3cret"}), 401);

  // A certificate that our client does not trust, and back.
  const net::Identity stranger("stranger.test", nullptr, "IP:127.0.0.1");
  WriteIdentity(stranger);
  EXPECT_TRUE(Eventually([&] { return Status("/", {.password = "other"}) == 0; }));
  WriteIdentity(server_);
  EXPECT_TRUE(Eventually([&] { return Status("/", {.password = "other"}) == 200; }));

  // What cannot be loaded changes nothing, and neither does the end of TLS.
  dir_.Write("web.yml", kTls + Users("s3cret"));
  EXPECT_TRUE(process_->Says("web.yml:2:20: crypto/bcrypt"));
  EXPECT_EQ(Status("/", {.password = "other"}), 200);
  dir_.Write("web.yml", Users(kSecretHash));
  EXPECT_TRUE(process_->Says("turning TLS off needs a restart"));
  EXPECT_EQ(Status("/", {.password = "other"}), 200);
  EXPECT_EQ(Status("/", {.password = "s3cret"}), 401);
}

TEST_F(TlsTest, AFileThatProtectsNotAsMeantStopsTheStart) {
  Process broken(Arguments(
      {"--storage.path=" + dir_.path() + "/data",
       "--web.config.file=" + dir_.Write("web.yml", "tls_server_config: {cert_fil: tls.crt}\n")}));
  EXPECT_EQ(broken.WaitForAddress(), "");
  EXPECT_EQ(broken.Wait(), 1);
  EXPECT_TRUE(broken.Says("web.yml:1:21: "));
  EXPECT_TRUE(broken.Says("did you mean"));
}

TEST_F(TlsTest, WfctlComesInAsItsFileSays) {
  ASSERT_NO_FATAL_FAILURE(Start(kTls + Users(kSecretHash)));
  const std::string ca = "tls_config: {ca_file: ca.crt}\n";
  const std::string ada = "basic_auth: {username: ada, password: s3cret}\n";
  EXPECT_THAT(Ctl(ca + ada, {"silence", "add", "alertname=A", "--comment=c", "--author=ada"}),
              HasSubstr("exit 0"));
  EXPECT_THAT(Ctl(ca + ada, {"silence"}), HasSubstr("alertname"));
  EXPECT_THAT(Ctl(ca, {"silence"}), HasSubstr("HTTP 401: Unauthorized (credentials go into"));
  EXPECT_THAT(Ctl(ada, {"silence"}), Not(HasSubstr("exit 0"))) << "nobody it trusts";
  EXPECT_THAT(Ctl(ca + "basic_auth: {username: ada, password: wrong}\n", {"silence"}),
              HasSubstr("exit 1"));
}

TEST_F(TlsTest, ShadowModeFollowsAProtectedOne) {
  ASSERT_NO_FATAL_FAILURE(Start(kTls + Users(kSecretHash)));
  EXPECT_THAT(Ctl("{tls_config: {ca_file: ca.crt}, basic_auth: {username: ada, password: s3cret}}",
                  {"silence", "add", "alertname=A", "--comment=theirs", "--author=ada"}),
              HasSubstr("exit 0"));
  Process beside(
      Arguments({"--storage.path=" + dir_.path() + "/beside", "--shadow=https://" + address_,
                 "--shadow.http-config=" + dir_.path() + "/http.yml"}));
  address_ = beside.WaitForAddress();
  ASSERT_NE(address_, "") << beside.errors();
  EXPECT_TRUE(Eventually([&] {
    const auto response = Call("/api/v2/silences", {.scheme = "http"});
    return response && response->body.find("theirs") != std::string::npos;
  })) << beside.errors();
}

}  // namespace
}  // namespace watchfire::e2e
