// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/prometheus.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/wfctl/interrupt.h"
#include "cmd/wfctl/version.h"
#include "pkg/app/core_thread.h"
#include "pkg/base/promise.h"
#include "pkg/base/strings.h"
#include "pkg/net/client.h"
#include "pkg/remotewrite/remotewrite.h"

namespace watchfire::wfctl {
namespace {

constexpr Duration kRequestTimeout = std::chrono::seconds(60);
constexpr Duration kStartTimeout = std::chrono::seconds(30);
constexpr Duration kInterruptLook = std::chrono::milliseconds(50);
constexpr int kStarts = 5;  // Somebody else may take the port first.
// Newer ones take no sample that lies further in the future. Source: Prometheus web/api/v1, the
// remote write handler's maxAheadTime.
constexpr Duration kAhead = std::chrono::minutes(10);

// Where `program` is, or nothing.
std::string FindProgram(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* path = std::getenv("PATH");
  std::istringstream directories(path == nullptr ? "/usr/bin" : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string candidate = directory + "/" + program;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return "";
}

// A port that was free a moment ago. Prometheus cannot be asked which one it took.
Result<int> FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const bool good = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0) ::close(fd);
  if (!good) return Fail(Code::kUnavailable, "no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

std::string FormatSeconds(WallTime at) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.3f", ToUnixSeconds(at));
  return text.data();
}

class Prometheus : public ruletest::Backend {
 public:
  explicit Prometheus(std::string directory) : directory_(std::move(directory)) {}
  ~Prometheus() override;
  Prometheus(const Prometheus&) = delete;
  Prometheus& operator=(const Prometheus&) = delete;

  Status Launch(const std::string& path);
  Status AwaitReady();
  // It has ended because its port was taken, or somebody else answers on it.
  bool lost_its_port() const;
  Status Write(const promql::Vector& samples) override;
  Result<promql::Vector> Query(const std::string& expr, WallTime at) override;
  Result<promql::Vector> Range(const std::string& expr, WallTime from, WallTime to,
                               Duration step) override;

 private:
  Result<net::OutResponse> Ask(const char* path, std::string body);
  Result<net::OutResponse> Get(const std::string& path);
  Result<net::OutResponse> Send(net::OutRequest request);
  std::string Log() const;
  std::string LastLog() const;

  net::Client client_{{.user_agent = std::string("wfctl/") + kVersion}};
  const std::string directory_;
  std::string url_;
  pid_t pid_ = -1;
  bool is_foreign_ = false;  // Whoever answers is somebody else.
};

Prometheus::~Prometheus() {
  if (pid_ > 0) {
    // Nothing of it is worth an orderly end.
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Status Prometheus::Launch(const std::string& path) {
  const Result<int> port = FreePort();
  if (!port) return Fail(port.error());
  const std::string address = "127.0.0.1:" + std::to_string(*port);
  url_ = "http://" + address;
  const std::string config = directory_ + "/prometheus.yml";
  std::ofstream(config) << "global: {}\n";
  // One block for all times that a test can name: samples may come in any order of cases.
  const std::vector<std::string> words = {
      path,
      "--config.file=" + config,
      "--storage.tsdb.path=" + directory_ + "/data",
      "--storage.tsdb.min-block-duration=15000w",
      "--storage.tsdb.max-block-duration=15000w",
      "--storage.tsdb.retention.time=15000w",
      "--web.listen-address=" + address,
      "--web.enable-remote-write-receiver",
      "--enable-feature=native-histograms",
      "--log.level=warn",
  };
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const std::string log = directory_ + "/log";
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) return Fail(Code::kUnavailable, std::string("fork: ") + std::strerror(errno));
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(fd, STDOUT_FILENO);
    ::dup2(fd, STDERR_FILENO);
    ::execv(path.c_str(), argv.data());
    ::_exit(127);
  }
  return {};
}

Status Prometheus::AwaitReady() {
  const MonoTime deadline = app::ReadNow().mono + kStartTimeout;
  while (app::ReadNow().mono < deadline) {
    if (const std::string why = WhyStop(); !why.empty()) return Fail(Code::kUnavailable, why);
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return Fail(Code::kUnavailable, "Prometheus ended at its start: " + LastLog());
    }
    const Result<net::OutResponse> response = Get("/-/ready");
    if (!response || response->status != 200) continue;
    const Result<net::OutResponse> flags = Get("/api/v1/status/flags");
    if (!flags) continue;
    // Its tests must not be answered by, nor written into, whoever took the port first.
    if (flags->body.find(directory_ + "/data") != std::string::npos) return {};
    is_foreign_ = true;
    return Fail(Code::kUnavailable, url_ + " is taken by another server");
  }
  return Fail(Code::kUnavailable, "Prometheus is not ready after 30s: " + LastLog());
}

Result<net::OutResponse> Prometheus::Get(const std::string& path) {
  net::OutRequest request;
  request.method = "GET";
  request.url = Secret(url_ + path);
  request.delay = std::chrono::milliseconds(20);  // Between one question and the next.
  return Send(std::move(request));
}

std::string Prometheus::Log() const {
  std::ifstream log(directory_ + "/log");
  return {std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
}

bool Prometheus::lost_its_port() const {
  return is_foreign_ || (pid_ < 0 && Log().find("address already in use") != std::string::npos);
}

std::string Prometheus::LastLog() const {
  std::istringstream log(Log());
  std::string last;
  for (std::string line; std::getline(log, line);) {
    if (!line.empty()) last = line;
  }
  return last.empty() ? "it said nothing" : last;
}

Result<net::OutResponse> Prometheus::Send(net::OutRequest request) {
  request.shown_url = url_;
  request.timeout = kRequestTimeout;
  request.response_bytes_max = size_t{64} * 1024 * 1024;
  auto answer = std::make_shared<Promise<Result<net::OutResponse>>>();
  client_.Send(std::move(request),
               [answer](Result<net::OutResponse> r) { answer->Set(std::move(r)); });
  const MonoTime deadline = app::ReadNow().mono + 2 * kRequestTimeout;
  while (app::ReadNow().mono < deadline) {
    if (const std::string why = WhyStop(); !why.empty()) return Fail(Code::kUnavailable, why);
    auto waited = answer->Wait(app::ReadNow().mono + kInterruptLook);
    if (waited) return *std::move(waited);
  }
  return Fail(Code::kTimeout, url_ + ": no answer");
}

Status Prometheus::Write(const promql::Vector& samples) {
  net::OutRequest request;
  request.url = Secret(url_ + "/api/v1/write");
  request.headers = {{"Content-Type", std::string(remotewrite::kContentType)},
                     {"Content-Encoding", "snappy"},
                     {"X-Prometheus-Remote-Write-Version", std::string(remotewrite::kVersion)}};
  request.body = remotewrite::Encode(samples);
  const Result<net::OutResponse> response = Send(std::move(request));
  if (!response) return Fail(response.error());
  Status taken = remotewrite::ReadAnswer(response->status, response->body);
  const WallTime newest = app::ReadNow().wall + kAhead;
  const auto is_ahead = [&](const promql::Sample& sample) { return sample.at > newest; };
  if (taken || !std::ranges::any_of(samples, is_ahead)) return taken;
  return Fail(taken.error().code,
              taken.error().message +
                  " (samples lie in the future, where this Prometheus takes none: set "
                  "start_timestamp so that all of the test has passed)");
}

Result<net::OutResponse> Prometheus::Ask(const char* path, std::string body) {
  net::OutRequest request;
  request.url = Secret(url_ + path);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = std::move(body);
  return Send(std::move(request));
}

Result<promql::Vector> Prometheus::Query(const std::string& expr, WallTime at) {
  const Result<net::OutResponse> response =
      Ask("/api/v1/query", "query=" + UrlEncode(expr) + "&time=" + FormatSeconds(at));
  if (!response) return Fail(response.error());
  return promql::DecodeInstant(response->status, response->body);
}

Result<promql::Vector> Prometheus::Range(const std::string& expr, WallTime from, WallTime to,
                                         Duration step) {
  const Result<net::OutResponse> response =
      Ask("/api/v1/query_range", "query=" + UrlEncode(expr) + "&start=" + FormatSeconds(from) +
                                     "&end=" + FormatSeconds(to) +
                                     "&step=" + FormatSeconds(WallTime(step)));
  if (!response) return Fail(response.error());
  return promql::DecodeRange(response->status, response->body);
}

}  // namespace

Result<std::unique_ptr<ruletest::Backend>> StartPrometheus(const std::string& program) {
  const std::string path = FindProgram(program);
  if (path.empty() || ::access(path.c_str(), X_OK) != 0) {
    return Fail(Code::kNotFound, "no " + program +
                                     " to answer the expressions: install it (Debian: apt-get "
                                     "install prometheus) or name one by --prometheus");
  }
  for (int start = 1;; ++start) {
    std::string pattern = (std::filesystem::temp_directory_path() / "wfctl-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      return Fail(Code::kUnavailable, pattern + ": " + std::strerror(errno));
    }
    auto started = std::make_unique<Prometheus>(pattern);
    WF_RETURN_IF_ERROR(started->Launch(path));
    const Status ready = started->AwaitReady();
    if (ready) return started;
    if (!started->lost_its_port() || start == kStarts) return Fail(ready.error());
  }
}

}  // namespace watchfire::wfctl
