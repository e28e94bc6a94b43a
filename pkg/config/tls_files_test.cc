// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// What the files of a tls_config hold, when somebody looks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/identity_for_test.h"
#include "pkg/config/fake_world.h"

namespace watchfire::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TlsFilesTest : public testing::Test {
 protected:
  TlsFilesTest() {
    files_ = {{"ca.pem", own_.CertificatePem()},
              {"own.pem", own_.CertificatePem()},
              {"own.key", own_.KeyPem()},
              {"other.key", other_.KeyPem()},
              {"text.pem", "none\n"},
              {"empty", ""}};
  }

  // Problems of a receiver's tls_config, which is in line 6, or of what else `global` has.
  std::vector<std::string> Problems(const std::string& tls, const std::string& global = "",
                                    const std::string& route = "receiver: r") {
    World world("route: {" + route +
                "}\nreceivers:\n- name: r\n  webhook_configs:\n  - url: http://h\n"
                "    http_config: {" +
                tls + "}\n" + global);
    world.options.leaves_out_bad_files = is_looked_at_;
    world.files.insert(files_.begin(), files_.end());
    std::vector<std::string> problems;
    for (const Problem& problem : world.Load().problems) {
      const bool is_warning = problem.level == Problem::Level::kWarning;
      problems.push_back((is_warning ? "warning " : "") + problem.ToString());
    }
    return problems;
  }

  const Identity own_{"own"};
  const Identity other_{"other"};
  std::map<std::string, std::string> files_;
  bool is_looked_at_ = true;
};

TEST_F(TlsFilesTest, AreAsTheyShouldBe) {
  EXPECT_THAT(Problems("tls_config: {ca_file: ca.pem, cert_file: own.pem, key_file: own.key}"),
              IsEmpty());
  EXPECT_THAT(Problems("tls_config: {insecure_skip_verify: true}"), IsEmpty());
}

TEST_F(TlsFilesTest, AreNamedWhenTheyAreNotThereOrHoldSomethingElse) {
  EXPECT_THAT(
      Problems("tls_config: {ca_file: gone.pem}"),
      ElementsAre("w.yml:6:32: cannot read \"gone.pem\": No such file or directory (without it no "
                  "connection can be made)"));
  EXPECT_THAT(Problems("tls_config: {ca_file: text.pem}"),
              ElementsAre("w.yml:6:32: no PEM certificate in it"));
  EXPECT_THAT(Problems("tls_config: {ca: none}"),
              ElementsAre("w.yml:6:32: no PEM certificate in it"));
  EXPECT_THAT(
      Problems("tls_config: {cert_file: own.pem, key_file: gone.key}"),
      ElementsAre("w.yml:6:52: cannot read \"gone.key\": No such file or directory (without it no "
                  "connection can be made)"));
  EXPECT_THAT(Problems("tls_config: {cert_file: own.pem, key_file: other.key}"),
              ElementsAre("w.yml:6:32: private key does not match the certificate's public key"));
  EXPECT_THAT(Problems("tls_config: {cert_file: empty, key_file: own.key}"),
              ElementsAre("w.yml:6:32: no PEM certificate in it"));
  EXPECT_THAT(Problems("tls_config: {cert_file: own.pem, key_file: empty}"),
              ElementsAre("w.yml:6:32: no PEM private key without password in it"));
}

// Alertmanager starts with these.
TEST_F(TlsFilesTest, OfMailAndOfTokensAreWarnings) {
  EXPECT_THAT(
      Problems("", "global: {smtp_tls_config: {ca_file: gone.pem}}\n"),
      ElementsAre(
          "warning w.yml:7:28: cannot read \"gone.pem\": No such file or directory (without it "
          "no connection can be made)"));
  EXPECT_THAT(
      Problems("oauth2: {client_id: c, token_url: http://t, tls_config: {ca_file: gone.pem}}"),
      ElementsAre(
          "warning w.yml:6:76: cannot read \"gone.pem\": No such file or directory (without it "
          "no connection can be made)"));
}

// Alertmanager builds no receiver that no route names.
TEST_F(TlsFilesTest, OfAReceiverWithoutARouteAreWarnings) {
  EXPECT_THAT(Problems("tls_config: {ca_file: text.pem}", "- {name: other}\n", "receiver: other"),
              ElementsAre("warning w.yml:3:3: receiver \"r\" is used by no route",
                          "warning w.yml:6:32: no PEM certificate in it"));
  EXPECT_THAT(Problems("tls_config: {ca_file: text.pem}", "- {name: other}\n",
                       "receiver: other, routes: [{receiver: r, matchers: [a=b]}]"),
              ElementsAre("w.yml:6:32: no PEM certificate in it"));
}

TEST_F(TlsFilesTest, AreNotLookedAtWhereTheyAreOutOfReach) {
  is_looked_at_ = false;
  EXPECT_THAT(Problems("tls_config: {ca_file: gone.pem}"), IsEmpty());
}

}  // namespace
}  // namespace watchfire::config
