// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Labels that texts name and expressions cannot have.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/advice/advice.h"
#include "pkg/config/fake_world.h"

namespace watchfire::advice {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The remarks about a rule with this expression and this summary.
std::vector<advice::Advice> About(const std::string& expr, const std::string& text) {
  config::World world(
      "rule_files: [r.yml]\nroute: {receiver: a}\nreceivers: [{name: a, "
      "webhook_configs: [{url: 'http://a.example/'}]}]\n");
  world.files["r.yml"] =
      "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: |\n          " + expr +
      "\n        annotations:\n          summary: |\n            " + text + "\n";
  const config::Loaded loaded = world.Load();
  EXPECT_NE(loaded.config, nullptr)
      << expr << testing::PrintToString(config::World::Print(loaded.problems));
  if (!loaded.config) return {};
  config::Files access;
  access.read = [&world](const std::string& path) -> Result<std::string> {
    const auto found = world.files.find(path);
    if (found == world.files.end()) return Fail(Code::kNotFound, "gone");
    return found->second;
  };
  access.glob = [](const std::string& pattern) { return std::vector{pattern}; };
  return Advise(*loaded.config, world.options, access, {});
}

TEST(LabelsTest, WhatTheExpressionCannotHaveIsSaid) {
  const auto got = About("sum by (job) (rate(e[5m])) > 0", "of {{ $labels.pod }}");
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_EQ(got[0].id, "label-never-there");
  EXPECT_EQ(got[0].place.file, "r.yml");
  EXPECT_EQ(got[0].place.line, 8);
  EXPECT_EQ(got[0].place.column, 11);
  EXPECT_THAT(got[0].place.message, HasSubstr("names the label \"pod\" in summary"));
  for (const char* expr :
       {"sum(up)", "sum without (pod) (up) > 1", "vector(1)", "absent(up{job=\"x\",pod=~\"y\"})",
        "a / on (job) b > 1", "a / ignoring (pod) b", "max by (job) (a) or sum by (zone) (b)",
        "topk(3, sum by (job) (a))", "label_replace(sum(a), \"x\", \"y\", \"job\", \".*\")",
        "sum by (job) (a) * on (job) group_left (zone) b", "-max(rate(a[5m:1m]))",
        "count_values(\"v\", up)", "sum(a) and b", "histogram_quantile(0.9, sum by (le) (a))"}) {
    EXPECT_THAT(About(expr, "of {{ $labels.pod }}"), SizeIs(1)) << expr;
  }
}

TEST(LabelsTest, TheNameOfAMetricIsNoLabel) {
  const std::string expr = "kube_deployment_spec_replicas != kube_deployment_status_ready_replicas";
  const auto got = About(expr, "{{ $labels.spec_replicas }} of {{ $labels.deployment }}");
  ASSERT_THAT(got, SizeIs(1));
  EXPECT_THAT(got[0].place.message,
              HasSubstr("names the label \"spec_replicas\" in summary, which "
                        "is how the metric kube_deployment_spec_replicas is"));
  EXPECT_THAT(About("(" + expr + ") > 0", "{{ $labels.ready_replicas }}"), SizeIs(1));
  EXPECT_THAT(About("kube_volume_access_mode == 1", "{{ $labels.access_mode }}"), IsEmpty())
      << "metrics that only carry labels are called like them";
  EXPECT_THAT(About("a_access_mode and b_access_mode", "{{ $labels.access_mode }}"), IsEmpty());
  EXPECT_THAT(About("a_job > b_job", "{{ $labels.job }}"), IsEmpty());
}

TEST(LabelsTest, WhatItMayHaveIsNot) {
  for (const char* expr :
       {"up == 0", "sum by (pod) (a)", "sum without (job) (a)", "absent(up{pod=\"x\"})",
        "a / on (pod) b", "a / ignoring (job) b", "a * on (job) group_left (zone) b",
        "sum by (job) (a) * on (job) group_left (pod) b", "sum by (job) (a) or b",
        "b * on (job) group_right (zone) a", "topk(3, a)", "b and sum(a)",
        "label_replace(sum(a), \"pod\", \"y\", \"job\", \".*\")", "count_values(\"pod\", up)",
        "1 < a", "sort_desc(sum(a))"}) {
    EXPECT_THAT(About(expr, "of {{ $labels.pod }}"), IsEmpty()) << expr;
  }
  for (const char* text : {"of $labels.pod", "{{ \"$labels.pod\" }}", "{{/* $labels.pod */}}",
                           "{{ $value }} of $labels.pod", "{{ $labels := . }}{{ $labels.pod }}",
                           "{{ $labels.job }}"}) {
    EXPECT_THAT(About("sum by (job) (a)", text), IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace watchfire::advice
