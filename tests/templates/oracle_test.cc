// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// pkg/templates against Go's own text/template. cases.jsonl carries Go's answers, so that most of
// it runs without Go; where there is one, it is asked again, and for many more.
// WF_SEED=N chooses other mutations.
// To write the answers down anew: WF_UPDATE_CASES=1 build/dev/bin/templates_oracle_test

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/templates/cases.h"

namespace watchfire::templates {
namespace {

constexpr const char* kPath = WF_ORACLE_DIR "/../cases.jsonl";

std::string Show(const Answer& answer) {
  return answer.err.empty() ? "out: " + answer.out : "err: " + answer.err;
}

TEST(OracleTest, WrittenCasesRenderAsInGo) {
  const CaseFile file = ReadCases(kPath);
  ASSERT_GT(file.cases.size(), 500U);
  for (const Case& a_case : file.cases) {
    EXPECT_EQ(Show(Render(a_case, file)), Show(a_case.want))
        << a_case.text << "\n"
        << a_case.data << " " << a_case.missing_key;
  }
}

TEST(OracleTest, GoStillAnswersTheSame) {
  if (!HasGo()) GTEST_SKIP() << "no go";
  CaseFile file = ReadCases(kPath);
  const std::vector<Answer> answers = AskGo(file.cases, file);
  ASSERT_EQ(answers.size(), file.cases.size());
  const bool update = std::getenv("WF_UPDATE_CASES") != nullptr;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (!update) {
      EXPECT_EQ(Show(file.cases[i].want), Show(answers[i])) << file.cases[i].text;
    }
    file.cases[i].want = answers[i];
  }
  if (update) WriteCases(file, kPath);
}

TEST(OracleTest, GeneratedCasesRenderAsInGo) {
  if (!HasGo()) GTEST_SKIP() << "no go";
  const CaseFile file = ReadCases(kPath);
  const std::vector<Case> cases = GeneratedCases();
  const std::vector<Answer> answers = AskGo(cases, file);
  ASSERT_EQ(answers.size(), cases.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(Show(Render(cases[i], file)), Show(answers[i])) << cases[i].text;
  }
}

TEST(OracleTest, HtmlIsEscapedAsInGo) {
  if (!HasGo()) GTEST_SKIP() << "no go";
  const CaseFile file = ReadCases(kPath);
  const std::vector<Case> cases = GeneratedHtmlCases();
  const std::vector<Answer> answers = AskGo(cases, file);
  ASSERT_EQ(answers.size(), cases.size());
  size_t refused = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    // What Go refuses before it runs, because branches might end in different places.
    const bool is_refused = answers[i].err.starts_with("html/template:") &&
                            answers[i].err.find(": ends in a non-text") == std::string::npos;
    refused += is_refused ? 1 : 0;
    if (is_refused) continue;
    EXPECT_EQ(Show(Render(cases[i], file)), Show(answers[i])) << cases[i].text;
  }
  EXPECT_LT(refused, cases.size() / 10);
}

TEST(OracleTest, MutatedCasesRenderAsInGo) {
  if (!HasGo()) GTEST_SKIP() << "no go";
  const CaseFile file = ReadCases(kPath);
  const char* seed = std::getenv("WF_SEED");
  const std::vector<Case> cases =
      MutatedCases(file, 5000, seed == nullptr ? 20'260'728 : std::stoull(seed));
  const std::vector<Answer> answers = AskGo(cases, file);
  ASSERT_EQ(answers.size(), cases.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    // The inside of a time is Go's own business.
    const std::string& out = answers[i].out;
    if (out.find("*time.Location") != std::string::npos || out.find("{0 63") != std::string::npos) {
      continue;
    }
    EXPECT_EQ(Show(Render(cases[i], file)), Show(answers[i])) << cases[i].text;
  }
}

}  // namespace
}  // namespace watchfire::templates
