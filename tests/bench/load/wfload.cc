// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Loads a server on 127.0.0.1 and says in one line of JSON how it took it:
//
//   wfload post PORT [kind=target|source] [first=0] [count=100000] [batch=64] [connections=4]
//               [passes=1] [rate=0]        alerts; rate: at most so many a second
//   wfload get PORT PATH [times=5] [seconds=0]
//   wfload silences PORT [first=0] [count=1000] [connections=4]
//   wfload latency PORT SINK_PORT [times=150] [gap_ms=10]   from POST to webhook
//   wfload sink PORT      a webhook; "report WHOLE" and "reset" on its standard input

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/load/client.h"
#include "tests/bench/load/corpus.h"
#include "tests/bench/load/sink.h"

namespace watchfire::load {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

[[noreturn]] void Usage(const std::string& what) {
  std::fprintf(stderr, "wfload: %s; see the head of wfload.cc\n", what.c_str());
  std::exit(2);
}

class Options {
 public:
  Options(std::vector<std::string> words, std::map<std::string, std::string> defaults)
      : values_(std::move(defaults)) {
    for (const std::string& word : words) {
      const size_t equals = word.find('=');
      if (equals == std::string::npos || !values_.contains(word.substr(0, equals))) {
        Usage("unknown option " + word);
      }
      values_[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  const std::string& text(const std::string& name) const { return values_.at(name); }
  size_t number(const std::string& name) const {
    return std::strtoull(text(name).c_str(), nullptr, 10);
  }

 private:
  std::map<std::string, std::string> values_;
};

struct Outcome {
  std::vector<double> seconds;  // Of each exchange.
  size_t bytes = 0;             // Of the last answer.
  size_t failed = 0;            // Answers other than 200 and 503.
  size_t refused = 0;           // 503: asked again, within the same exchange.
};

double Percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<size_t>(share * double(sorted.size())))];
}

void Print(Outcome outcome, double seconds) {
  std::ranges::sort(outcome.seconds);
  std::printf(
      R"({"exchanges":%zu,"failed":%zu,"refused":%zu,"seconds":%.4f,"p50_ms":%.4f,"p99_ms":%.4f,)"
      R"("bytes":%zu})"
      "\n",
      outcome.seconds.size(), outcome.failed, outcome.refused, seconds,
      Percentile(outcome.seconds, 0.5) * 1000, Percentile(outcome.seconds, 0.99) * 1000,
      outcome.bytes);
}

// Posts `bodies` `passes` times over, shared among the connections; at most `rate` bodies a second.
Outcome PostAll(uint16_t port, const std::string& path, const std::vector<std::string>& bodies,
                const Options& options, double rate) {
  const size_t total = bodies.size() * options.number("passes");
  const size_t connections = options.number("connections");
  std::atomic<size_t> next{0};
  std::vector<Outcome> outcomes(connections);
  std::vector<std::thread> threads;
  const Clock::time_point start = Clock::now();
  for (size_t i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] {
      Client client(port);
      for (size_t number = next++; number < total; number = next++) {
        if (rate > 0) {
          std::this_thread::sleep_until(start +
                                        std::chrono::duration_cast<Clock::duration>(
                                            std::chrono::duration<double>(double(number) / rate)));
        }
        const Clock::time_point begin = Clock::now();
        int status = client.Post(path, bodies[number % bodies.size()]);
        // A server that has its hands full says so, and is asked again.
        for (; status == 503; status = client.Post(path, bodies[number % bodies.size()])) {
          ++outcomes[i].refused;
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        outcomes[i].failed += status != 200;
        outcomes[i].seconds.push_back(Seconds(Clock::now() - begin));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Outcome all;
  for (const Outcome& outcome : outcomes) {
    all.failed += outcome.failed;
    all.refused += outcome.refused;
    all.seconds.insert(all.seconds.end(), outcome.seconds.begin(), outcome.seconds.end());
  }
  return all;
}

int Post(uint16_t port, const std::vector<std::string>& words) {
  const Options options(words, {{"kind", "target"},
                                {"first", "0"},
                                {"count", "100000"},
                                {"batch", "64"},
                                {"connections", "4"},
                                {"passes", "1"},
                                {"rate", "0"}});
  const Kind kind = options.text("kind") == "source" ? Kind::kSource : Kind::kTarget;
  const size_t batch = options.number("batch");
  const auto bodies = Bodies(kind, options.number("first"), options.number("count"), batch);
  const Clock::time_point start = Clock::now();
  const Outcome outcome = PostAll(port, "/api/v2/alerts", bodies, options,
                                  double(options.number("rate")) / double(batch));
  Print(outcome, Seconds(Clock::now() - start));
  return outcome.failed > 0;
}

int Silences(uint16_t port, const std::vector<std::string>& words) {
  const Options options(words,
                        {{"first", "0"}, {"count", "1000"}, {"connections", "4"}, {"passes", "1"}});
  std::vector<std::string> bodies;
  for (size_t i = 0; i < options.number("count"); ++i) {
    bodies.push_back(SilenceJson(options.number("first") + i));
  }
  const Clock::time_point start = Clock::now();
  const Outcome outcome = PostAll(port, "/api/v2/silences", bodies, options, 0);
  Print(outcome, Seconds(Clock::now() - start));
  return outcome.failed > 0;
}

int Get(uint16_t port, const std::string& path, const std::vector<std::string>& words) {
  const Options options(words, {{"times", "5"}, {"seconds", "0"}});
  Client client(port);
  Outcome outcome;
  const Clock::time_point start = Clock::now();
  const double wanted = double(options.number("seconds"));
  while (outcome.seconds.size() < options.number("times") ||
         Seconds(Clock::now() - start) < wanted) {
    const Clock::time_point begin = Clock::now();
    outcome.failed += client.Get(path) != 200;
    outcome.seconds.push_back(Seconds(Clock::now() - begin));
    outcome.bytes = client.answer_bytes();
  }
  Print(outcome, Seconds(Clock::now() - start));
  return outcome.failed > 0;
}

int Latency(uint16_t port, uint16_t sink_port, const std::vector<std::string>& words) {
  const Options options(words, {{"times", "150"}, {"gap_ms", "10"}});
  Sink sink(sink_port);
  Client client(port);
  Outcome outcome;
  const Clock::time_point start = Clock::now();
  for (size_t i = 0; i < options.number("times"); ++i) {
    // Of another group each time, or it would wait for the interval of a group that is there.
    const std::string body = Bodies(Kind::kTarget, i * kGroupSize, 1, 1).front();
    const Clock::time_point begin = Clock::now();
    outcome.failed += client.Post("/api/v2/alerts", body) != 200;
    while (sink.notifications() <= i && Seconds(Clock::now() - begin) < 5) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    outcome.failed += sink.notifications() <= i;
    outcome.seconds.push_back(Seconds(sink.last() - begin));
    std::this_thread::sleep_for(std::chrono::milliseconds(options.number("gap_ms")));
  }
  Print(outcome, Seconds(Clock::now() - start));
  return outcome.failed > 0;
}

int RunSink(uint16_t port) {
  Sink sink(port);
  std::printf("{\"port\":%u}\n", sink.port());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "reset") {
      sink.Reset();
    } else {
      const size_t whole = std::strtoull(line.c_str() + std::strlen("report"), nullptr, 10);
      const Sink::Totals totals = sink.totals(whole);
      std::printf(
          R"({"notifications":%zu,"alerts":%zu,"groups":%zu,"repeated":%zu,"incomplete":%zu})"
          "\n",
          totals.notifications, totals.alerts, totals.groups, totals.repeated, totals.incomplete);
    }
    std::fflush(stdout);
  }
  return 0;
}

int Main(const std::vector<std::string>& words) {
  const auto port = [&](size_t i) {
    if (words.size() <= i) Usage("no port");
    return static_cast<uint16_t>(std::atoi(words[i].c_str()));
  };
  const auto rest = [&](size_t from) {
    return std::vector<std::string>(words.begin() + static_cast<ptrdiff_t>(from), words.end());
  };
  if (words.empty()) Usage("no command");
  if (words[0] == "post") return Post(port(1), rest(2));
  if (words[0] == "silences") return Silences(port(1), rest(2));
  if (words[0] == "get" && words.size() > 2) return Get(port(1), words[2], rest(3));
  if (words[0] == "latency") return Latency(port(1), port(2), rest(3));
  if (words[0] == "sink") return RunSink(port(1));
  Usage("unknown command " + words[0]);
}

}  // namespace
}  // namespace watchfire::load

int main(int argc, char** argv) {
  return watchfire::load::Main(std::vector<std::string>(argv + 1, argv + argc));
}
