// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The start and end of the throwaway Prometheus, with scripts in its place.

#include "cmd/wfctl/prometheus.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/wfctl/interrupt.h"

namespace watchfire::wfctl {
namespace {

using ::testing::HasSubstr;

// Answers whatever is asked with its own command line, and refuses what is written.
constexpr const char* kServe = R"(exec python3 - "$port" "$*" <<'EOF'
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, sys.argv[2].encode())
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        self.answer(400, b'out of bounds')
    def answer(self, status, body):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
EOF
)";

class PrometheusTest : public ::testing::Test {
 protected:
  PrometheusTest() {
    std::string pattern = ::testing::TempDir() + "wfctl-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    ::setenv("TMPDIR", directory_.c_str(), 1);
  }
  ~PrometheusTest() override {
    ::unsetenv("TMPDIR");
    std::filesystem::remove_all(directory_);
  }

  // A program that does what `body` says; $port is the port that it is to take.
  std::string Program(const std::string& body) const {
    const std::string path = directory_ + "/program";
    std::ofstream(path) << "#!/bin/sh\ncd '" << directory_
                        << "'\nfor word; do case $word in --web.listen-address=*)"
                           " port=${word##*:};; esac; done\n"
                        << body << "\n";
    ::chmod(path.c_str(), 0700);
    return path;
  }
  size_t LeftBehind() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      count += entry.path().filename().string().starts_with("wfctl-test-") ? 1 : 0;
    }
    return count;
  }
  size_t Starts() const {
    std::ifstream file(directory_ + "/starts");
    size_t count = 0;
    for (std::string line; std::getline(file, line);) ++count;
    return count;
  }

  std::string directory_;
};

TEST_F(PrometheusTest, APortThatSomebodyTookIsGivenUpForAnother) {
  const std::string program = Program(
      "echo $port >> starts\n"
      "if [ $(wc -l < starts) -lt 3 ]; then\n"
      "  echo 'listen tcp 127.0.0.1: bind: address already in use'; echo 'See you'; exit 1\n"
      "fi\n" +
      std::string(kServe));
  {
    const auto started = StartPrometheus(program);
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(Starts(), 3U);
    EXPECT_EQ(LeftBehind(), 1U);
  }
  EXPECT_EQ(LeftBehind(), 0U);
}

TEST_F(PrometheusTest, AnotherServerOnThePortIsNotTakenForOurs) {
  // Its command line names another directory for data, the first time.
  const std::string program = Program(
      "echo $port >> starts\n"
      "if [ $(wc -l < starts) -lt 2 ]; then set -- --storage.tsdb.path=/elsewhere/data; fi\n" +
      std::string(kServe));
  const auto started = StartPrometheus(program);
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(Starts(), 2U);
  EXPECT_EQ(LeftBehind(), 1U);
}

TEST_F(PrometheusTest, WhatIsWrongOtherwiseIsNotTriedAgain) {
  auto started = StartPrometheus(Program("echo $port >> starts; echo 'no such flag'; exit 1"));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("no such flag"));
  EXPECT_EQ(Starts(), 1U);
  started = StartPrometheus(Program("echo $port >> starts; echo 'address already in use'; exit 1"));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::kUnavailable);
  EXPECT_EQ(Starts(), 6U) << "five times, and then no more";
  EXPECT_EQ(LeftBehind(), 0U);
}

TEST_F(PrometheusTest, SamplesOfTheFutureThatAreRefusedAreExplained) {
  const auto started = StartPrometheus(Program(kServe));
  ASSERT_TRUE(started) << started.error().message;
  const auto write = [&](int64_t seconds) -> std::string {
    const WallTime at = FromNanos(seconds * 1'000'000'000);
    const Status status = (*started)->Write({{labels::LabelSet{{"__name__", "x"}}, at, 1}});
    return status ? "" : status.error().message;
  };
  EXPECT_EQ(write(0), "HTTP 400: out of bounds");
  EXPECT_THAT(write(9'000'000'000), HasSubstr("set start_timestamp so that"));
}

// In a process of its own, which is interrupted while its Prometheus does not come up.
TEST_F(PrometheusTest, AnInterruptLeavesNothingBehind) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string pipe = directory_ + "/pipe" + std::to_string(signal);
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const std::string program = Program("echo $$ > '" + pipe + "'; exec sleep 1000");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      {
        const CatchInterrupt catch_interrupt;
        if (StartPrometheus(program)) ::_exit(1);
      }
      EndBy(Interrupted());
    }
    pid_t prometheus = 0;
    std::ifstream(pipe) >> prometheus;
    ASSERT_GT(prometheus, 0);
    EXPECT_EQ(LeftBehind(), 1U);
    ::kill(child, signal);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_EQ(LeftBehind(), 0U);
    EXPECT_EQ(::kill(prometheus, 0), -1);
    EXPECT_EQ(errno, ESRCH);
  }
}

}  // namespace
}  // namespace watchfire::wfctl
