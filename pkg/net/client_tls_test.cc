// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include <cstdio>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "pkg/net/client.h"
#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {
namespace {

using ::testing::HasSubstr;

// A server on loopback whose certificate, signed by itself, is valid for watchfire.test only.
class ClientTlsTest : public testing::Test {
 protected:
  ClientTlsTest() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
    X509* certificate = certificate_.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key_.get());
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("watchfire.test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:watchfire.test");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key_.get(), EVP_sha256());
    std::FILE* file = std::fopen(ca_file_.c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);

    server_ = std::make_unique<httplib::SSLServer>(certificate, key_.get());
    server_->Get("/", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(request.get_header_value("Host"), "text/plain");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }

  ~ClientTlsTest() override {
    server_->stop();
    thread_.join();
    std::remove(ca_file_.c_str());
  }

  Result<OutResponse> Get() {
    OutRequest request;
    request.method = "GET";
    request.url = Secret("https://127.0.0.1:" + std::to_string(port_) + "/");
    request.http = &http_;
    Client client({});
    return Fetch(client, request);
  }

  const std::string ca_file_ = testing::TempDir() + "/watchfire_net_ca.pem";
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
  std::unique_ptr<X509, void (*)(X509*)> certificate_;
  std::unique_ptr<httplib::SSLServer> server_;
  int port_ = 0;
  std::thread thread_;
  config::HttpConfig http_;
};

TEST_F(ClientTlsTest, TrustsOnlyWhatItIsTold) {
  const auto unknown = Get();
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::kUnavailable);
  EXPECT_THAT(unknown.error().message, HasSubstr("self-signed"));

  http_.tls_ca_file = ca_file_;
  const auto wrong_name = Get();
  ASSERT_FALSE(wrong_name);
  EXPECT_EQ(wrong_name.error().code, Code::kUnavailable);

  http_.tls_server_name = "watchfire.test";
  const auto named = Get();
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->body, "127.0.0.1:" + std::to_string(port_)) << "the Host header stays";

  http_ = {};
  http_.tls_insecure_skip_verify = true;
  EXPECT_TRUE(Get());
}

TEST_F(ClientTlsTest, NamesAnUnreadableFile) {
  http_.tls_ca_file = "/no/such/ca.pem";
  EXPECT_EQ(Get().error().code, Code::kInvalidArgument);
  http_ = {};
  http_.tls_insecure_skip_verify = true;
  http_.tls_cert_file = "/no/such/cert.pem";
  EXPECT_EQ(Get().error().code, Code::kInvalidArgument);
}

}  // namespace
}  // namespace watchfire::net
