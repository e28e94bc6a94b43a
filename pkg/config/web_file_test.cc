// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/config/web_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/identity_for_test.h"

namespace watchfire::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// "pw", cost 4.
constexpr const char* kHash = "$2y$04$nltTsnT3mgRxu0C5wXtoJ./ZdNhsxv.V7//ZfsxsTHYmsd6T7elJW";

class WebFileTest : public testing::Test {
 protected:
  WebFile Load(const std::string& text) {
    Files files;
    files.read = [&](const std::string& path) -> Result<std::string> {
      if (path == "etc/web.yml") return text;
      const auto file = files_.find(path);
      if (file == files_.end()) return Fail(Code::kNotFound, path + ": No such file or directory");
      return file->second;
    };
    files.glob = [](const std::string&) { return std::vector<std::string>(); };
    return LoadWebFile("etc/web.yml", files);
  }
  // The only problem, as printed; the number of them when there are others.
  std::string Problem(const std::string& text) {
    const WebFile file = Load(text);
    if (file.problems.size() != 1) return std::to_string(file.problems.size()) + " problems";
    return (file.config ? "warning " : "") + file.problems[0].ToString();
  }
  // tls_server_config with a pair that fits and these further lines.
  static std::string Tls(const std::string& lines) {
    return "tls_server_config:\n  cert_file: tls.crt\n  key_file: tls.key\n" + lines;
  }

  const Identity server_{"wf.test"};
  const Identity other_{"other.test"};
  std::map<std::string, std::string> files_ = {{"etc/tls.crt", server_.CertificatePem()},
                                               {"etc/tls.key", server_.KeyPem()},
                                               {"/abs/ca.crt", other_.CertificatePem()},
                                               {"etc/other.key", other_.KeyPem()},
                                               {"etc/empty", ""}};
};

TEST_F(WebFileTest, AnEmptyFileProtectsNothing) {
  for (const char* text : {"", "# nothing\n", "tls_server_config:\nbasic_auth_users:\n",
                           "tls_server_config: {}\nhttp_server_config: {http2: false}\n"}) {
    const WebFile file = Load(text);
    ASSERT_TRUE(file.config) << text;
    EXPECT_THAT(file.problems, IsEmpty()) << text;
    EXPECT_FALSE(file.config->tls);
    EXPECT_THAT(file.config->users, IsEmpty());
    EXPECT_THAT(file.config->headers, IsEmpty());
    EXPECT_EQ(file.config->rate_limit.interval, Duration::zero());
  }
}

TEST_F(WebFileTest, FilesAreReadFromBesideIt) {
  const WebFile file =
      Load(Tls("  client_ca_file: /abs/ca.crt\n"
               "  client_auth_type: RequireAndVerifyClientCert\n"
               "  client_allowed_sans: [prometheus.test, 10.0.0.1]\n"));
  ASSERT_TRUE(file.config && file.config->tls) << file.problems.size();
  const ServerTls& tls = *file.config->tls;
  EXPECT_EQ(tls.certificate, server_.CertificatePem());
  EXPECT_EQ(tls.key.reveal(), server_.KeyPem());
  EXPECT_EQ(tls.client_ca, other_.CertificatePem());
  EXPECT_EQ(tls.client_auth, ClientAuth::kRequireAndVerify);
  EXPECT_THAT(tls.client_allowed_sans.value(), ElementsAre("prometheus.test", "10.0.0.1"));
  EXPECT_EQ(tls.min_version, TlsVersion::kTls12);
  EXPECT_EQ(tls.max_version, TlsVersion::kTls13);
  EXPECT_TRUE(tls.prefer_server_ciphers);
  EXPECT_THAT(tls.ciphers, IsEmpty());
  EXPECT_THAT(tls.curves, IsEmpty());
}

TEST_F(WebFileTest, TextsStandForFilesAndGiveWayToThem) {
  const auto inlined = [](const std::string& pem) {
    std::string out = "|\n    ";
    for (const char c : pem) out += c == '\n' ? std::string("\n    ") : std::string(1, c);
    return out + "\n";
  };
  const std::string texts = "tls_server_config:\n  cert: " + inlined(server_.CertificatePem()) +
                            "  key: " + inlined(server_.KeyPem());
  const WebFile file = Load(texts);
  ASSERT_TRUE(file.config && file.config->tls);
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_EQ(file.config->tls->certificate, server_.CertificatePem());
  const WebFile both = Load(texts + "  cert_file: tls.crt\n  key_file: tls.key\n");
  ASSERT_TRUE(both.config && both.config->tls);
  ASSERT_THAT(both.problems, SizeIs(2));
  EXPECT_THAT(both.problems[0].message, HasSubstr("cert is ignored"));
}

TEST_F(WebFileTest, NamesAreGos) {
  const WebFile file =
      Load(Tls("  min_version: TLS10\n  max_version: TLS12\n  prefer_server_cipher_suites: false\n"
               "  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,\n"
               "    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]\n"
               "  curve_preferences: [X25519, CurveP384]\n"));
  ASSERT_TRUE(file.config && file.config->tls);
  const ServerTls& tls = *file.config->tls;
  EXPECT_EQ(tls.min_version, TlsVersion::kTls10);
  EXPECT_EQ(tls.max_version, TlsVersion::kTls12);
  EXPECT_FALSE(tls.prefer_server_ciphers);
  EXPECT_THAT(tls.ciphers,
              ElementsAre("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"));
  EXPECT_THAT(tls.curves, ElementsAre("X25519", "P-384"));
  const WebFile newest = Load(Tls("  cipher_suites: [TLS_AES_128_GCM_SHA256]\n"));
  ASSERT_TRUE(newest.config && newest.config->tls);
  EXPECT_EQ(newest.config->tls->min_version, TlsVersion::kTls13);
}

TEST_F(WebFileTest, EveryPolicyHasItsName) {
  const std::vector<std::pair<std::string, ClientAuth>> rows = {
      {"NoClientCert", ClientAuth::kNone},
      {"RequestClientCert", ClientAuth::kRequest},
      {"RequireClientCert", ClientAuth::kRequireAny},
      {"RequireAnyClientCert", ClientAuth::kRequireAny},
      {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
      {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}};
  for (const auto& [name, policy] : rows) {
    const WebFile file = Load(Tls("  client_auth_type: " + name + "\n"));
    ASSERT_TRUE(file.config && file.config->tls) << name;
    EXPECT_EQ(file.config->tls->client_auth, policy) << name;
  }
}

TEST_F(WebFileTest, WhatTlsCannotWorkWithIsRefusedInItsPlace) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"tls_server_config:\n  cert_file: tls.crt\n",
       "etc/web.yml:1:1: missing one of key or key_file"},
      {"tls_server_config:\n  key_file: tls.key\n",
       "etc/web.yml:1:1: missing one of cert or cert_file"},
      {"tls_server_config:\n  cert_file: none\n  key_file: tls.key\n",
       "etc/web.yml:2:3: failed to read cert_file: etc/none: No such file or directory"},
      {"tls_server_config:\n  cert_file: tls.crt\n  key_file: other.key\n",
       "etc/web.yml:2:3: failed to load the key pair: private key does not match"},
      {"tls_server_config:\n  cert_file: tls.key\n  key_file: tls.key\n",
       "etc/web.yml:2:3: failed to load the key pair: no PEM certificate"},
      {"tls_server_config:\n  cert_file: tls.crt\n  key_file: tls.crt\n",
       "etc/web.yml:2:3: failed to load the key pair: no PEM private key"},
      {Tls("  client_auth_type: RequireAndVerifyClientCerts\n"),
       "etc/web.yml:4:3: invalid client_auth_type: RequireAndVerifyClientCerts (did you mean "
       "RequireAndVerifyClientCert?)"},
      {Tls("  client_ca_file: /abs/ca.crt\n"),
       "etc/web.yml:4:3: client CAs have been configured without a client_auth_type"},
      {Tls("  client_ca_file: tls.key\n  client_auth_type: VerifyClientCertIfGiven\n"),
       "etc/web.yml:4:3: no PEM certificate in it"},
      {Tls("  client_allowed_sans: [a]\n  client_auth_type: VerifyClientCertIfGiven\n"),
       "etc/web.yml:4:3: client_allowed_sans requires client_auth_type to be one of"},
      {Tls("  client_allowed_sans: []\n"), "etc/web.yml:4:3: client_allowed_sans requires"},
      {Tls("  min_version: TLS14\n"), "etc/web.yml:4:3: unknown TLS version: TLS14 (one of TLS10"},
      {Tls("  max_version: TLS11\n"), "etc/web.yml:4:3: max_version leaves no TLS version"},
      {Tls("  cipher_suites:\n    - TLS_RSA_WITH_RC4_128_SHA\n"),
       "etc/web.yml:5:7: unknown cipher: TLS_RSA_WITH_RC4_128_SHA"},
      {Tls("  curve_preferences: [CurveP25]\n"),
       "etc/web.yml:4:23: unknown curve: CurveP25 (did you mean CurveP256?)"},
      {Tls("  cert_fil: a\n"), "etc/web.yml:4:3: unknown key"},
  };
  for (const auto& [text, problem] : rows) EXPECT_THAT(Problem(text), HasSubstr(problem)) << text;
}

TEST_F(WebFileTest, WarnsOfWhatProtectsLessThanItSeems) {
  EXPECT_THAT(Problem("tls_server_config: {min_version: TLS13}\n"),
              HasSubstr("warning etc/web.yml:1:1: TLS stays off"));
  EXPECT_THAT(Problem(Tls("  client_auth_type: RequireAnyClientCert\n")),
              HasSubstr("warning etc/web.yml:4:3: RequireAnyClientCert takes certificates"));
  EXPECT_THAT(Problem("rate_limit: {interval: 1s}\n"), HasSubstr("burst is not above 0"));
}

TEST_F(WebFileTest, OnlySomeHeadersMayBeSet) {
  const WebFile file = Load(
      "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    X-XSS-Protection: ''\n"
      "    Strict-Transport-Security: max-age=60\n");
  ASSERT_TRUE(file.config);
  EXPECT_THAT(file.config->headers, ElementsAre(Pair("Strict-Transport-Security", "max-age=60"),
                                                Pair("X-Frame-Options", "deny")));
  const std::string at = "http_server_config:\n  headers:\n    ";
  EXPECT_THAT(Problem(at + "X-Frame-Option: deny\n"),
              HasSubstr("etc/web.yml:3:5: HTTP header \"X-Frame-Option\" can not be configured "
                        "(did you mean X-Frame-Options?)"));
  EXPECT_THAT(Problem(at + "X-Frame-Options: allow\n"),
              HasSubstr("invalid value for X-Frame-Options: \"allow\" (one of deny, sameorigin)"));
  EXPECT_THAT(Problem(at + "X-Content-Type-Options: sniff\n"), HasSubstr("invalid value for"));
  EXPECT_THAT(Problem(at + "X-XSS-Protection: \"a\\r\\nb\"\n"), HasSubstr("must be one line"));
}

TEST_F(WebFileTest, UsersHaveBcryptHashes) {
  const WebFile file = Load(std::string("basic_auth_users:\n  ada: ") + kHash + "\n");
  ASSERT_TRUE(file.config);
  EXPECT_THAT(file.config->users, ElementsAre(Pair("ada", Secret(kHash))));
  std::string md5 = kHash;
  md5[1] = '1';
  std::string cheap = kHash;
  cheap[5] = '3';
  std::string dear = kHash;
  dear.replace(4, 2, "17");
  const std::string at = "basic_auth_users:\n  ada: ";
  EXPECT_THAT(Problem(at + "s3cret\n"),
              HasSubstr("etc/web.yml:2:3: crypto/bcrypt: hashedSecret too short"));
  EXPECT_THAT(Problem(at + "s3cret\n"), testing::Not(HasSubstr("s3cret")));
  EXPECT_THAT(Problem(at + md5 + "\n"), HasSubstr("must be of version 2"));
  EXPECT_THAT(Problem(at + "x" + kHash + "\n"), HasSubstr("must start with '$'"));
  EXPECT_THAT(Problem(at + cheap + "\n"), HasSubstr("cost 3 is outside"));
  EXPECT_THAT(Problem(at + dear + "\n"), HasSubstr("warning etc/web.yml:2:3: a first request"));
}

TEST_F(WebFileTest, TheRateIsATokenBucket) {
  const WebFile file = Load("rate_limit: {interval: 250ms, burst: 20}\n");
  ASSERT_TRUE(file.config);
  EXPECT_EQ(file.config->rate_limit.interval, std::chrono::milliseconds(250));
  EXPECT_EQ(file.config->rate_limit.burst, 20);
}

TEST_F(WebFileTest, EveryProblemIsToldAtOnce) {
  const WebFile file = Load(
      "tls_server_config: {cert_file: tls.crt}\nbasic_auth_users: {ada: x, bob: y}\n"
      "basic_auth_user: {}\n");
  EXPECT_FALSE(file.config);
  EXPECT_THAT(file.problems, SizeIs(4));
  EXPECT_THAT(Problem("- a\n"), HasSubstr("the file must be a mapping"));
  EXPECT_THAT(Problem("a: [\n"), HasSubstr("etc/web.yml:"));
}

TEST_F(WebFileTest, AMissingFileIsNamed) {
  Files files;
  files.read = [](const std::string& path) -> Result<std::string> {
    return Fail(Code::kNotFound, path + ": No such file or directory");
  };
  const WebFile file = LoadWebFile("web.yml", files);
  EXPECT_FALSE(file.config);
  EXPECT_EQ(file.problems.at(0).ToString(), "web.yml: No such file or directory");
}

}  // namespace
}  // namespace watchfire::config
