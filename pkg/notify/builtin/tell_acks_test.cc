// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Who is told of acks, as the configuration says.

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/notify/builtin/builtin.h"

namespace watchfire::notify::builtin {
namespace {

using testing::HasSubstr;

constexpr unsigned kNoReturn =
    config::kVendorAcknowledge | config::kVendorNote | config::kVendorResolve;
constexpr unsigned kAll = kNoReturn | config::kVendorUnacknowledge;

config::Loaded Load(const std::string& integrations, const std::string& own_keys) {
  const std::string yaml =
      "route: {receiver: r}\nreceivers:\n- name: r\n" + integrations + own_keys;
  config::Files files;
  files.read = [yaml](const std::string&) -> Result<std::string> { return yaml; };
  files.glob = [](const std::string& pattern) { return std::vector<std::string>{pattern}; };
  config::LoadOptions options;
  options.path = "am.yml";
  return config::Load(options, files, Kinds());
}

const std::string kVendors =
    "  victorops_configs: [{api_key: k, routing_key: r}]\n"
    "  pagerduty_configs: [{routing_key: k}]\n"
    "  opsgenie_configs: [{api_key: k, api_url: 'https://jsm.example.com/'}]\n"
    "  webhook_configs: [{url: 'http://hook.example.com/'}]\n"
    "  slack_configs: [{app_token: t, app_url: 'https://slack.example.com/api/chat.postMessage', "
    "channel: c, update_message: true}, {api_url: 'https://hooks.example.com/x'}]\n"
    "  email_configs: [{to: a@example.com, from: b@example.com, smarthost: 'mail:25'}]\n";

// By kind and index.
std::map<std::string, unsigned> TakenBy(const std::string& own_keys) {
  const config::Loaded loaded = Load(kVendors, own_keys);
  std::map<std::string, unsigned> takes;
  for (const config::Problem& problem : loaded.problems) {
    if (loaded.config == nullptr) ADD_FAILURE() << problem.ToString();
  }
  if (loaded.config == nullptr) return takes;
  for (const config::Integration& one : loaded.config->receivers[0].integrations) {
    takes[one.kind + std::to_string(one.index)] = one.takes;
  }
  return takes;
}

TEST(TellAcksTest, NobodyIsToldWithoutBeingAskedFor) {
  for (const auto& [who, takes] : TakenBy("")) EXPECT_EQ(takes, 0U) << who;
  for (const auto& [who, takes] : TakenBy("incidents: {tell_vendors: false}\n")) {
    EXPECT_EQ(takes, 0U) << who;
  }
}

TEST(TellAcksTest, VendorsAreToldWhatTheyCanBeTold) {
  const std::map<std::string, unsigned> wanted = {
      {"victorops0", kNoReturn},
      {"pagerduty0", config::kVendorAcknowledge | config::kVendorResolve},
      {"opsgenie0", kAll},
      {"webhook0", 0},
      {"slack0", config::kVendorEveryAct},
      {"slack1", 0},
      {"email0", 0}};
  EXPECT_EQ(TakenBy("incidents: {tell_vendors: true}\n"), wanted);
}

TEST(TellAcksTest, AnIntegrationMayDiffer) {
  const auto takes = [](const std::string& integrations, const std::string& own_keys) {
    const config::Loaded loaded = Load(integrations, own_keys);
    return loaded.config == nullptr ? 99U : loaded.config->receivers[0].integrations[0].takes;
  };
  EXPECT_EQ(takes("  webhook_configs: [{url: 'http://h/', tell_acks: true}]\n", ""),
            config::kVendorEveryAct);
  EXPECT_EQ(takes("  slack_configs: [{api_url: 'http://s/x', tell_acks: true}]\n", ""),
            config::kVendorEveryAct);
  EXPECT_EQ(
      takes("  slack_configs: [{api_url: 'http://s/x', tell_acks: [acknowledge, escalate]}]\n", ""),
      unsigned{config::kVendorAcknowledge} | config::kVendorEscalate);
  EXPECT_EQ(takes("  opsgenie_configs: [{api_key: k, tell_acks: []}]\n",
                  "incidents: {tell_vendors: true}\n"),
            0U);
  EXPECT_EQ(takes("  pagerduty_configs: [{routing_key: k, tell_acks: false}]\n",
                  "incidents: {tell_vendors: true}\n"),
            0U);
}

TEST(TellAcksTest, WhoCannotBeToldIsAnErrorAndStatusShowsNoneOfIt) {
  const auto says = [](const std::string& integrations) {
    const config::Loaded loaded = Load(integrations, "");
    return loaded.config != nullptr ? "" : loaded.problems.at(0).ToString();
  };
  EXPECT_THAT(says("  discord_configs: [{webhook_url: 'http://d/x', tell_acks: true}]\n"),
              HasSubstr("am.yml:4:"));
  EXPECT_THAT(says("  pagerduty_configs: [{routing_key: k, tell_acks: [acknowledge, escalate]}]\n"),
              HasSubstr("pagerduty cannot be told of \"escalate\""));
  const config::Loaded loaded =
      Load("  pagerduty_configs: [{routing_key: k, tell_acks: true}]\n", "");
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_THAT(loaded.config->original, testing::Not(HasSubstr("tell_acks")));
}

}  // namespace
}  // namespace watchfire::notify::builtin
