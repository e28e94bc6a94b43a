// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Ten thousand hostile texts: no crash, no exception, no leak (when built with AddressSanitizer),
// bounded work, and every refusal says what is wrong and where. One mutant again:
//
//   WF_FUZZ_FIRST=<number> WF_FUZZ_COUNT=1 build/dev/bin/fuzz_test --gtest_filter='*/<target>'
//
// Others than those of every run: WF_FUZZ_FIRST=1000000 WF_FUZZ_COUNT=50000.

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <set>

#include <gtest/gtest.h>
#include <unistd.h>

#include "pkg/base/strings.h"
#include "tests/fuzz/corpus.h"
#include "tests/fuzz/meter.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/targets.h"

namespace watchfire::fuzz {
namespace {

// No text of at most Mutator::kBytesMax costs more, whatever it says.
constexpr size_t kAllocationsMax = 10'000'000;
constexpr size_t kBytesMax = size_t{2} << 30;

size_t FromEnv(const char* name, size_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

// What is under way, for those who find a core dump instead of a report.
std::array<char, 100> running{};

void TellAndDie(int signal) {
  static_cast<void>(!::write(STDERR_FILENO, running.data(), std::strlen(running.data())));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// On a stack of its own: the usual reason is that the other one is used up.
void TellWhatCrashes() {
  static std::array<char, 64 * 1024> stack;
  stack_t alternative{};
  alternative.ss_sp = stack.data();
  alternative.ss_size = stack.size();
  struct sigaction action {};
  action.sa_handler = TellAndDie;
  action.sa_flags = SA_ONSTACK;
  if (::sigaltstack(&alternative, nullptr) != 0) return;
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) ::sigaction(signal, &action, nullptr);
}

// Runs one text; returns what is wrong, "" when nothing.
std::string RunOn(const Target& target, const std::string& text, bool* accepted, Usage* most) {
  const Usage before = HeapUsage();
  Outcome outcome;
  try {
    outcome = target.run(text);
  } catch (const std::exception& e) {
    outcome.complaint = std::string("throws ") + e.what();
  }
  const Usage after = HeapUsage();
  const Usage spent{after.allocations - before.allocations, after.bytes - before.bytes};
  most->allocations = std::max(most->allocations, spent.allocations);
  most->bytes = std::max(most->bytes, spent.bytes);
  *accepted = outcome.accepted;
  if (!outcome.complaint.empty()) return outcome.complaint;
  if (spent.allocations <= kAllocationsMax && spent.bytes <= kBytesMax) return "";
  return "takes " + std::to_string(spent.allocations) + " allocations of " +
         std::to_string(spent.bytes) + " bytes";
}

class FuzzTest : public testing::TestWithParam<Target> {
 protected:
  void SetUp() override {
    for (Seed& seed : ReadCorpus(GetParam().name)) seeds_.push_back(std::move(seed));
    ASSERT_FALSE(seeds_.empty());
    TellWhatCrashes();
  }

  std::vector<Seed> seeds_;
};

// Otherwise mutants would only ever be refused at the door. The exceptions say so by their name.
TEST_P(FuzzTest, SeedsAreAcceptedUnlessTheirNameSaysBad) {
  for (const Seed& seed : seeds_) {
    bool accepted = false;
    Usage most;
    EXPECT_EQ(RunOn(GetParam(), seed.text, &accepted, &most), "") << seed.path;
    EXPECT_EQ(accepted, seed.path.find("/bad-") == std::string::npos) << seed.path;
  }
}

TEST_P(FuzzTest, MutantsAreTakenOrRefusedWithAPlace) {
  std::vector<std::string> texts;
  for (const Seed& seed : seeds_) texts.push_back(seed.text);
  const Mutator mutator(std::move(texts));
  const size_t first = FromEnv("WF_FUZZ_FIRST", 0);
  const size_t count = FromEnv("WF_FUZZ_COUNT", GetParam().mutants);
  size_t taken = 0;
  size_t faults = 0;
  Usage most;
  for (size_t number = first; number < first + count && faults < 5; ++number) {
    const std::string text = mutator.Make(number);
    std::snprintf(running.data(), running.size(), "\n%s: died of mutant %zu\n", GetParam().name,
                  number);
    bool accepted = false;
    const std::string fault = RunOn(GetParam(), text, &accepted, &most);
    taken += accepted ? 1 : 0;
    if (fault.empty()) continue;
    ++faults;
    ADD_FAILURE() << "mutant " << number << ": " << fault << "\nof "
                  << GoQuote(text.substr(0, 2000));
  }
  std::printf("  %zu texts, %zu accepted; at most %zu allocations, %zu KiB for one\n", count, taken,
              most.allocations, most.bytes / 1024);
  if (count < 100) return;
  // Few of JSON's mutants are JSON.
  EXPECT_GT(taken, count / 100) << "mutants are refused before they are read";
  EXPECT_LT(taken, count - count / 50) << "mutants do no harm";
}

TEST(FuzzTargetsTest, ARunHasTenThousandMutants) {
  size_t mutants = 0;
  for (const Target& target : Targets()) mutants += target.mutants;
  EXPECT_EQ(mutants, 10'000U);
}

TEST(MutatorTest, TheSameNumberGivesTheSameTextAndOthersDiffer) {
  const Mutator mutator({"one: [two, 3]\n", "four: 5\n"});
  std::set<std::string> texts;
  for (uint64_t number = 0; number < 1000; ++number) {
    texts.insert(mutator.Make(number));
    ASSERT_EQ(mutator.Make(number), Mutator({"one: [two, 3]\n", "four: 5\n"}).Make(number));
    ASSERT_LE(mutator.Make(number).size(), Mutator::kBytesMax);
  }
  EXPECT_GT(texts.size(), 800U);
}

INSTANTIATE_TEST_SUITE_P(All, FuzzTest, testing::ValuesIn(Targets()),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace watchfire::fuzz
