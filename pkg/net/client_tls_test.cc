// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/client.h"
#include "pkg/net/loopback_for_test.h"
#include "pkg/net/tls_for_test.h"

namespace watchfire::net {
namespace {

using config::TlsVersion;
using ::testing::HasSubstr;

// A server on loopback whose certificate is valid for watchfire.test only.
class ClientTlsTest : public testing::Test {
 protected:
  void Serve(TlsServer::Options options) {
    server_ = std::make_unique<TlsServer>(identity_, options);
  }

  Result<OutResponse> Send(const std::string& method = "GET", const std::string& body = "") {
    OutRequest request;
    request.method = method;
    request.body = body;
    request.url = Secret("https://127.0.0.1:" + server_->port() + "/");
    request.http = &http_;
    return Fetch(client_, request);
  }
  // The inline form of "trusts the server".
  void Trust() {
    http_.tls.ca = ca_.CertificatePem();
    http_.tls.server_name = "watchfire.test";
  }

  const Identity ca_{"ca.test"};
  const Identity identity_{"watchfire.test", &ca_};
  const Identity me_{"client.test", &ca_};
  std::unique_ptr<TlsServer> server_ = std::make_unique<TlsServer>(identity_, TlsServer::Options());
  config::HttpConfig http_;
  Client client_{{}};
};

TEST_F(ClientTlsTest, TrustsOnlyWhatItIsTold) {
  const auto unknown = Send();
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::kUnavailable);
  EXPECT_TRUE(unknown.error().never_sent);
  EXPECT_THAT(unknown.error().message, HasSubstr("certificate"));

  const TestFile ca("ca.pem", ca_.CertificatePem());
  http_.tls.ca_file = ca.path();
  const auto wrong_name = Send();
  ASSERT_FALSE(wrong_name);
  EXPECT_EQ(wrong_name.error().code, Code::kUnavailable);

  http_.tls.server_name = "watchfire.test";
  const auto named = Send();
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_THAT(server_->seen().head, HasSubstr("Host: 127.0.0.1:" + server_->port() + "\r\n"));

  http_.tls.ca_file.clear();
  http_.tls.ca = me_.CertificatePem();
  EXPECT_FALSE(Send()) << "another authority, given as text";
  http_.tls.ca = ca_.CertificatePem();
  EXPECT_TRUE(Send());

  http_ = {};
  http_.tls.insecure_skip_verify = true;
  EXPECT_TRUE(Send());
}

TEST_F(ClientTlsTest, ShowsItsCertificateFromFilesOrText) {
  TlsServer::Options options;
  options.client_ca = &ca_;
  Serve(options);
  Trust();
  EXPECT_FALSE(Send()) << "without one";
  http_.tls.cert = me_.CertificatePem();
  http_.tls.key = Secret(me_.KeyPem());
  const auto inlined = Send();
  ASSERT_TRUE(inlined) << inlined.error().message;
  EXPECT_EQ(server_->seen().client, "client.test");

  const Identity other("other.test", &ca_);
  const TestFile cert("cert.pem", other.CertificatePem());
  const TestFile key("key.pem", other.KeyPem());
  http_.tls.cert.clear();
  http_.tls.key = Secret();
  http_.tls.cert_file = cert.path();
  http_.tls.key_file = key.path();
  const auto filed = Send();
  ASSERT_TRUE(filed) << filed.error().message;
  EXPECT_EQ(server_->seen().client, "other.test") << "no connection of another certificate";

  http_.tls.key_file.clear();
  http_.tls.key = Secret(other.KeyPem());
  EXPECT_TRUE(Send()) << "a file and a text";
}

TEST_F(ClientTlsTest, KeepsToTheVersionsItIsGiven) {
  struct Case {
    TlsVersion least;
    TlsVersion most;
    int server;
    std::string spoken;  // "" when they cannot agree.
  };
  for (const auto& [least, most, server, spoken] :
       std::vector<Case>{{TlsVersion::kDefault, TlsVersion::kDefault, 0, "TLSv1.3"},
                         {TlsVersion::kDefault, TlsVersion::kTls12, 0, "TLSv1.2"},
                         {TlsVersion::kTls13, TlsVersion::kDefault, TLS1_2_VERSION, ""},
                         {TlsVersion::kTls13, TlsVersion::kTls13, 0, "TLSv1.3"},
                         {TlsVersion::kDefault, TlsVersion::kDefault, TLS1_1_VERSION, ""},
                         {TlsVersion::kTls12, TlsVersion::kDefault, TLS1_1_VERSION, ""},
                         {TlsVersion::kTls11, TlsVersion::kDefault, TLS1_1_VERSION, "TLSv1.1"},
                         {TlsVersion::kTls11, TlsVersion::kDefault, TLS1_VERSION, ""},
                         {TlsVersion::kTls10, TlsVersion::kDefault, TLS1_VERSION, "TLSv1"},
                         {TlsVersion::kTls10, TlsVersion::kTls11, 0, "TLSv1.1"},
                         {TlsVersion::kDefault, TlsVersion::kTls11, 0, ""}}) {
    TlsServer::Options options;
    options.version = server;
    Serve(options);
    http_ = {};
    Trust();
    http_.tls.min_version = least;
    http_.tls.max_version = most;
    const auto response = Send();
    const std::string what = std::to_string(static_cast<int>(least)) + " to " +
                             std::to_string(static_cast<int>(most)) + " with " +
                             std::to_string(server);
    EXPECT_EQ(response.has_value(), !spoken.empty())
        << what << (response ? "" : response.error().message);
    EXPECT_EQ(server_->seen().version, spoken) << what;
  }
}

TEST_F(ClientTlsTest, SpeaksHttp2WhereOfferedUnlessToldNotTo) {
  TlsServer::Options options;
  options.http2 = true;
  Serve(options);
  Trust();
  for (const char* method : {"GET", "POST"}) {
    const auto second = Send(method, *method == 'P' ? "body" : "");
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->status, 200);
  }
  EXPECT_TRUE(server_->seen().http2);
  EXPECT_EQ(server_->seen().connections, 1);
  EXPECT_EQ(server_->seen().protocols, "h2,http/1.1,");

  http_.enable_http2 = false;
  const auto first = Send();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->body, "ok");
  EXPECT_FALSE(server_->seen().http2) << "not even over a connection that is there already";
  EXPECT_EQ(server_->seen().protocols, "http/1.1,");
}

TEST_F(ClientTlsTest, NamesAnUnreadableFile) {
  http_.tls.ca_file = "/no/such/ca.pem";
  const auto response = Send();
  EXPECT_EQ(response.error().code, Code::kInvalidArgument);
  EXPECT_TRUE(response.error().never_sent);
  http_ = {};
  http_.tls.insecure_skip_verify = true;
  http_.tls.cert_file = "/no/such/cert.pem";
  http_.tls.key_file = "/no/such/key.pem";
  EXPECT_EQ(Send().error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace watchfire::net
