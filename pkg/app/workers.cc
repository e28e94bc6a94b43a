// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/workers.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include <pthread.h>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/core/options.h"
#include "pkg/promql/response.h"
#include "pkg/remotewrite/remotewrite.h"

namespace watchfire::app {

RenderPool::RenderPool(size_t threads) : jobs_(limits::kEventQueue) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      pthread_setname_np(pthread_self(), "render");
      while (true) {
        std::vector<std::function<void()>> jobs = jobs_.PopAll(std::nullopt);
        if (jobs.empty()) return;  // Closed and drained.
        for (const auto& job : jobs) job();
      }
    });
  }
}

RenderPool::~RenderPool() { Stop(); }

void RenderPool::Stop() {
  jobs_.Close();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

StoreThread::StoreThread(std::unique_ptr<store::Store> store, Done done)
    : store_(std::move(store)), done_(std::move(done)), batches_(limits::kStoreQueue) {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "store");
    while (true) {
      std::vector<core::Persist> batches = batches_.PopAll(std::nullopt);
      if (batches.empty()) return;
      for (const core::Persist& batch : batches) {
        const MonoTime start = ReadNow().mono;
        Status status = store_->Commit(*batch.records);
        done_({batch.id, std::move(status), ReadNow().mono - start});
      }
    }
  });
}

StoreThread::~StoreThread() { Stop(); }

void StoreThread::Stop() {
  batches_.Close();
  if (thread_.joinable()) thread_.join();
}

namespace {

// True when the far end may have taken the request: it was sent and no answer came, or only a
// gateway's error, which says nothing of what is behind it.
bool Unclear(const Result<net::OutResponse>& result) {
  if (!result) return !result.error().never_sent;
  return result->status == 502 || result->status == 504;
}

// An answer of so many bytes is read where it arrives: to hand it over would take longer.
constexpr size_t kSmallAnswer = 8 * 1024;

// One attempt under way. Lives in the closures that carry it from thread to thread; only one of
// them runs at a time.
class AttemptDriver : public std::enable_shared_from_this<AttemptDriver> {
 public:
  AttemptDriver(core::Attempt attempt, std::unique_ptr<notify::Exchange> exchange, RenderPool& pool,
                net::Client& client, std::function<void(core::Attempted)> done)
      : attempt_(std::move(attempt)),
        exchange_(std::move(exchange)),
        pool_(pool),
        client_(client),
        done_(std::move(done)),
        start_(ReadNow().mono) {}

  void Begin() { Take(exchange_->Begin(*attempt_.notification)); }

 private:
  void Take(notify::Step step) {
    if (auto* send = std::get_if<notify::Send>(&step)) {
      if (flaw_.empty()) flaw_ = std::move(send->flaw);
      Send(std::move(send->request));
      return;
    }
    core::Attempted outcome;
    outcome.id = attempt_.id;
    outcome.took = ReadNow().mono - start_;
    outcome.unknown = unknown_;
    outcome.asked = sends_ > 0;
    if (auto* retry = std::get_if<notify::Retry>(&step)) {
      outcome.kind = core::Attempted::Kind::kRetry;
      outcome.why = std::move(retry->why);
      outcome.retry_after = retry->after;
      outcome.failure = notify::FailureName(retry->failure);
    } else if (auto* fail = std::get_if<notify::Fail>(&step)) {
      outcome.kind = core::Attempted::Kind::kFail;
      outcome.why = std::move(fail->why);
      outcome.failure = notify::FailureName(fail->failure);
    } else {
      outcome.data = std::move(std::get<notify::Done>(step).data);
      outcome.flaw = std::move(flaw_);
    }
    // A vendor that refuses a message may quote it: who reads the log is not to acknowledge.
    const std::string_view url = attempt_.ack_url;
    if (!url.empty()) {
      const std::string token(url.substr(url.rfind('/') + 1));
      outcome.why = notify::MaskSecrets(std::move(outcome.why), {token});
    }
    done_(std::move(outcome));
  }

  void Send(net::OutRequest request) {
    if (++sends_ > kSendsPerAttempt) {
      Take(notify::Fail{
          "the exchange wants more than " + std::to_string(kSendsPerAttempt) + " requests",
          notify::Failure::kOther});
      return;
    }
    const Duration left = attempt_.timeout - (ReadNow().mono - start_);
    request.timeout = std::clamp<Duration>(left, std::chrono::milliseconds(1), request.timeout);
    request.keep_alive = attempt_.config;
    client_.Send(std::move(request), [self = shared_from_this()](Result<net::OutResponse> result) {
      const bool is_short = result && result->body.size() <= kSmallAnswer;
      if (is_short && self->exchange_->only_judges()) return self->Judge(result);
      self->pool_.Run([self, result = std::move(result)] { self->Judge(result); });
    });
  }

  void Judge(const Result<net::OutResponse>& result) {
    unknown_ |= Unclear(result);
    Take(exchange_->OnResponse(result));
  }

  const core::Attempt attempt_;
  const std::unique_ptr<notify::Exchange> exchange_;
  RenderPool& pool_;
  net::Client& client_;
  const std::function<void(core::Attempted)> done_;
  const MonoTime start_;
  int sends_ = 0;
  std::string flaw_;      // The first that a message had.
  bool unknown_ = false;  // A request got no answer.
};

// With three digits behind the point.
std::string Seconds(std::chrono::nanoseconds span) {
  const int64_t millis = std::chrono::round<std::chrono::milliseconds>(span).count();
  std::string text = std::to_string(std::abs(millis));
  if (text.size() < 4) text.insert(0, 4 - text.size(), '0');
  text.insert(text.size() - 3, ".");
  return (millis < 0 ? "-" : "") + text;
}

std::string Seconds(WallTime time) { return Seconds(time.time_since_epoch()); }

bool IsRange(const core::RunQuery& query) { return query.step > Duration::zero(); }

// Besides what all backends know, what one of them does and the others ignore. Thanos: a store that
// is down is a warning, which is told apart from a query that is wrong, and no downsampled data, in
// which most of a counter's samples of the last minutes are missing. VictoriaMetrics: history is
// asked for because samples came late, or not at all before, so what it remembers of it is wrong.
std::string QueryBody(const core::RunQuery& query) {
  const std::string at = Seconds(query.at);
  const std::string when = IsRange(query) ? "&start=" + Seconds(query.from) + "&end=" + at +
                                                "&step=" + Seconds(query.step) + "&nocache=1"
                                          : "&time=" + at;
  return "query=" + UrlEncode(query.expr.view()) + when +
         "&timeout=" + FormatDuration(query.datasource->timeout) +
         "&partial_response=true&max_source_resolution=0s";
}

net::OutRequest QueryRequest(const core::RunQuery& query) {
  const config::Datasource& datasource = *query.datasource;
  net::OutRequest request;
  const char* path = IsRange(query) ? "/api/v1/query_range" : "/api/v1/query";
  request.url = Secret(datasource.url + path);
  request.shown_url = datasource.name + path;
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  if (IsRange(query)) {
    // The query frontends of Mimir and Thanos remember the same.
    request.headers.push_back({"Cache-Control", "no-store"});
  } else {
    // To squeeze an answer takes Prometheus longer than to find it: only what is long is worth it.
    request.headers.push_back({"Accept-Encoding", "identity"});
  }
  for (const auto& [name, value] : datasource.headers) request.headers.push_back({name, value});
  request.body = QueryBody(query);
  // The server gives up first, so that its answer says why.
  request.timeout = datasource.timeout + std::chrono::seconds(2);
  request.response_bytes_max = limits::kQueryResultBytes;
  request.http = &datasource.http;
  request.keep_alive = query.config;
  return request;
}

// On a render thread.
void SendSamples(const core::WriteSamples& write, net::Client& client,
                 const std::function<void(core::SamplesWritten)>& done) {
  // The last answer ends it. Touched by the client's thread alone, once the requests are made.
  struct UnderWay {
    size_t outstanding = 0;
    core::SamplesWritten end;
  };
  auto under_way = std::make_shared<UnderWay>();
  under_way->outstanding = write.config->remote_writes.size();
  under_way->end = {write.id, {}, write.samples.size()};
  if (under_way->outstanding == 0) return done(std::move(under_way->end));
  const std::string body = remotewrite::Encode(write.samples);
  for (const config::RemoteWrite& place : write.config->remote_writes) {
    net::OutRequest request;
    request.url = Secret(place.url);
    request.shown_url = place.name;
    request.headers = {{"Content-Type", std::string(remotewrite::kContentType)},
                       {"Content-Encoding", "snappy"},
                       {"X-Prometheus-Remote-Write-Version", std::string(remotewrite::kVersion)}};
    for (const auto& [name, value] : place.headers) request.headers.push_back({name, value});
    request.body = body;
    request.timeout = place.timeout;
    request.http = &place.http;
    request.keep_alive = write.config;
    client.Send(std::move(request), [under_way, done](const Result<net::OutResponse>& response) {
      Status status = response ? remotewrite::ReadAnswer(response->status, response->body)
                               : Status(Fail(response.error()));
      Status& worst = under_way->end.status;
      // What may pass is worse: it is tried again.
      if (!status && (worst || worst.error().code == Code::kInvalidArgument)) {
        worst = std::move(status);
      }
      if (--under_way->outstanding == 0) done(std::move(under_way->end));
    });
  }
}

}  // namespace

void DriveAttempt(core::Attempt attempt, const StartExchange& start, RenderPool& pool,
                  net::Client& client, std::function<void(core::Attempted)> done) {
  std::vector<core::Attempt> only;
  only.push_back(std::move(attempt));
  DriveAttempts(std::move(only), start, pool, client, done);
}

void DriveAttempts(std::vector<core::Attempt> attempts, const StartExchange& start,
                   RenderPool& pool, net::Client& client,
                   const std::function<void(core::Attempted)>& done) {
  struct Turn {
    std::vector<std::shared_ptr<AttemptDriver>> drivers;
    std::atomic<size_t> begun{0};
  };
  auto turn = std::make_shared<Turn>();
  turn->drivers.reserve(attempts.size());
  for (core::Attempt& attempt : attempts) {
    auto exchange = start(attempt);
    turn->drivers.push_back(std::make_shared<AttemptDriver>(std::move(attempt), std::move(exchange),
                                                            pool, client, done));
  }
  // One that hangs, in a template or at a file, holds up none of those behind it.
  for (size_t jobs = std::min(pool.threads(), turn->drivers.size()); jobs > 0; --jobs) {
    pool.Run([turn] {
      for (size_t next = turn->begun++; next < turn->drivers.size(); next = turn->begun++) {
        turn->drivers[next]->Begin();
      }
    });
  }
}

void SwallowAttempt(core::Attempt attempt, const StartExchange& start, RenderPool& pool, Made made,
                    std::function<void(core::Attempted)> done) {
  std::shared_ptr<notify::Exchange> exchange = start(attempt);
  pool.Run([attempt = std::move(attempt), exchange = std::move(exchange), made = std::move(made),
            done = std::move(done)] {
    const MonoTime began = ReadNow().mono;
    const notify::Step step = exchange->Begin(*attempt.notification);
    std::string why;
    if (const auto* retry = std::get_if<notify::Retry>(&step)) {
      why = retry->why;
    } else if (const auto* fail = std::get_if<notify::Fail>(&step)) {
      why = fail->why;
    }
    // Alertmanager has nothing to compare with what vendors are told besides.
    if (!attempt.notification->update) made(attempt.notification, std::move(why));
    core::Attempted outcome;
    outcome.id = attempt.id;
    outcome.took = ReadNow().mono - began;
    done(std::move(outcome));
  });
}

void QueryDesk::Ask(std::vector<core::RunQuery> queries) {
  auto all = std::make_shared<std::vector<core::RunQuery>>(std::move(queries));
  // Requests are made on the client's thread: this one has decisions to make.
  client_.SendMade([this, all] {
    std::set<std::string> names;
    lines_.With([&](Lines& lines) {
      for (core::RunQuery& query : *all) {
        const std::string& name = query.datasource->name;
        names.insert(name);
        lines[name].waiting.push_back(std::move(query));
      }
    });
    std::vector<net::Client::Outgoing> out;
    for (const std::string& name : names)
      std::ranges::move(TakeReady(name), std::back_inserter(out));
    return out;
  });
}

std::vector<net::Client::Outgoing> QueryDesk::TakeReady(const std::string& datasource) {
  std::vector<core::RunQuery> ready;
  lines_.With([&](Lines& lines) {
    const auto found = lines.find(datasource);
    if (found == lines.end()) return;
    Line& line = found->second;
    while (!line.waiting.empty() &&
           line.out < static_cast<size_t>(line.waiting.front().datasource->concurrency)) {
      ready.push_back(std::move(line.waiting.front()));
      line.waiting.pop_front();
      ++line.out;
    }
    if (line.out == 0) lines.erase(found);
  });
  std::vector<net::Client::Outgoing> out;
  out.reserve(ready.size());
  const MonoTime sent = ReadNow().mono;
  for (core::RunQuery& query : ready) {
    net::OutRequest request = QueryRequest(query);
    out.push_back({std::move(request),
                   [this, sent, query = std::move(query)](Result<net::OutResponse> response) {
                     Finish(query, sent, std::move(response));
                   }});
  }
  return out;
}

void QueryDesk::Finish(const core::RunQuery& query, MonoTime sent,
                       Result<net::OutResponse> response) {
  const auto done = done_;  // Who waits for the last answer may end this.
  const bool is_slow = !response || response->took > core::kSlowAnswer;
  std::deque<core::RunQuery> back;
  lines_.With([&](Lines& lines) {
    Line& line = lines[query.datasource->name];
    --line.out;
    if (is_slow) back = std::exchange(line.waiting, {});
  });
  if (auto next = TakeReady(query.datasource->name); !next.empty()) {
    client_.SendAll(std::move(next));
  }
  core::QueryDone answer{query.id, promql::Vector(), Duration::zero(), query.is_awaited};
  const auto decode = IsRange(query) || query.samples ? promql::DecodeRange : promql::DecodeInstant;
  if (!response) {
    answer.took = ReadNow().mono - sent;
    answer.result = Fail(response.error());
    (*done)(std::move(answer));
  } else if (answer.took = response->took; response->body.size() <= kSmallAnswer) {
    answer.result = decode(response->status, response->body);
    (*done)(std::move(answer));
  } else {
    pool_.Run([done, decode, answer, response = *std::move(response)]() mutable {
      answer.result = decode(response.status, response.body);
      (*done)(std::move(answer));
    });
  }
  for (const core::RunQuery& one : back) {
    core::QueryDone returned{one.id, promql::Vector(), Duration::zero(), one.is_awaited};
    returned.was_not_asked = true;
    (*done)(std::move(returned));
  }
}

void DriveWrite(core::WriteSamples write, RenderPool& pool, net::Client& client,
                std::function<void(core::SamplesWritten)> done) {
  pool.Run([write = std::move(write), &client, done = std::move(done)] {
    SendSamples(write, client, done);
  });
}

}  // namespace watchfire::app
