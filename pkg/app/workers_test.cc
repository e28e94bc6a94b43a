// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/workers.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pkg/base/guarded.h"
#include "pkg/base/promise.h"
#include "pkg/net/front.h"

namespace watchfire::app {
namespace {

// Sends one request and retries whatever comes.
class OneRequest : public notify::Exchange {
 public:
  explicit OneRequest(std::string url) : url_(std::move(url)) {}
  notify::Step Begin(const dispatch::Notification&) override {
    notify::Send send;
    send.request.url = Secret(url_);
    send.request.shown_url = "somewhere";
    return send;
  }
  notify::Step OnResponse(const Result<net::OutResponse>& response) override {
    notify::Retry retry;
    retry.why = response ? std::to_string(response->status) : response.error().message;
    return retry;
  }

 private:
  std::string url_;
};

class WorkersTest : public testing::Test {
 protected:
  core::Attempted Drive(const std::string& url) {
    core::Attempt attempt;
    attempt.integration = &integration_;
    attempt.notification = std::make_shared<dispatch::Notification>();
    attempt.timeout = std::chrono::milliseconds(300);
    auto outcome = std::make_shared<Promise<core::Attempted>>();
    DriveAttempt(
        std::move(attempt), [&](const core::Attempt&) { return std::make_unique<OneRequest>(url); },
        pool_, client_, [outcome](core::Attempted done) { outcome->Set(std::move(done)); });
    auto done = outcome->Wait(ReadNow().mono + std::chrono::seconds(10));
    return done ? std::move(*done) : core::Attempted();
  }

  config::Integration integration_;
  RenderPool pool_{1};
  net::Client client_{{}};
};

// Says once what it is told to, and must not be asked again.
class OneStep : public notify::Exchange {
 public:
  explicit OneStep(notify::Step step) : step_(std::move(step)) {}
  notify::Step Begin(const dispatch::Notification&) override { return step_; }
  notify::Step OnResponse(const Result<net::OutResponse>&) override {
    ADD_FAILURE() << "there was no request";
    return notify::Done{};
  }

 private:
  notify::Step step_;
};

TEST_F(WorkersTest, WhatIsSwallowedIsMadeAndCountsAsTaken) {
  notify::Retry retry;
  retry.why = "no such file";
  for (const auto& each : std::vector<std::pair<notify::Step, std::string>>{
           {notify::Send{}, ""},
           {notify::Done{}, ""},
           {notify::Fail{"template: x", notify::Failure::kOther}, "template: x"},
           {retry, "no such file"}}) {
    const notify::Step& step = each.first;
    const std::string& why = each.second;
    core::Attempt attempt;
    attempt.id = DeliveryId{7};
    attempt.notification = std::make_shared<dispatch::Notification>();
    const auto told = attempt.notification;
    auto outcome = std::make_shared<Promise<core::Attempted>>();
    auto unmade = std::make_shared<Promise<std::string>>();
    SwallowAttempt(
        std::move(attempt), [&](const core::Attempt&) { return std::make_unique<OneStep>(step); },
        pool_,
        [&, unmade](auto notification, std::string text) {
          EXPECT_EQ(notification, told);
          unmade->Set(std::move(text));
        },
        [outcome](core::Attempted done) { outcome->Set(std::move(done)); });
    const auto done = outcome->Wait(ReadNow().mono + std::chrono::seconds(10));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->kind, core::Attempted::Kind::kDone);
    EXPECT_EQ(done->id, DeliveryId{7});
    EXPECT_EQ(unmade->Wait(ReadNow().mono), why);
  }
}

// Whatever their number, each is begun once, and its outcome bears its own name.
TEST_F(WorkersTest, AllAttemptsOfATurnAreDriven) {
  RenderPool several(3);
  for (const size_t count : {0U, 1U, 2U, 3U, 25U, 80U}) {
    std::vector<core::Attempt> attempts(count);
    for (size_t i = 0; i < count; ++i) {
      attempts[i].id = DeliveryId{i + 1};
      attempts[i].notification = std::make_shared<dispatch::Notification>();
    }
    Guarded<std::set<DeliveryId>> done;
    auto last = std::make_shared<Promise<bool>>();
    DriveAttempts(
        std::move(attempts),
        [](const core::Attempt&) { return std::make_unique<OneStep>(notify::Done{}); }, several,
        client_,
        [&, last](const core::Attempted& outcome) {
          const size_t known = done.With([&](auto& ids) {
            EXPECT_TRUE(ids.insert(outcome.id).second);
            return ids.size();
          });
          if (known == count) last->Set(true);
        });
    if (count > 0) {
      EXPECT_TRUE(last->Wait(ReadNow().mono + std::chrono::seconds(10)));
    }
    EXPECT_EQ(done.Copy().size(), count);
  }
}

TEST_F(WorkersTest, WhyItFailedDoesNotTellTheLinkOfTheMessage) {
  notify::Fail quoted;
  quoted.why = "unexpected status code 400: bad text: see https://wf/ack/AZaz09-_token";
  core::Attempt attempt;
  attempt.notification = std::make_shared<dispatch::Notification>();
  attempt.ack_url = "https://wf.example.com/ack/AZaz09-_token";
  auto outcome = std::make_shared<Promise<core::Attempted>>();
  DriveAttempt(
      std::move(attempt), [&](const core::Attempt&) { return std::make_unique<OneStep>(quoted); },
      pool_, client_, [outcome](core::Attempted done) { outcome->Set(std::move(done)); });
  const auto done = outcome->Wait(ReadNow().mono + std::chrono::seconds(10));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->why, "unexpected status code 400: bad text: see https://wf/ack/<secret>");
}

TEST_F(WorkersTest, AnAttemptThatEndsBeforeItsFirstRequestAskedNobody) {
  notify::Retry unreadable;
  unreadable.why = "api_key_file: no such file";
  core::Attempt attempt;
  attempt.notification = std::make_shared<dispatch::Notification>();
  auto outcome = std::make_shared<Promise<core::Attempted>>();
  DriveAttempt(
      std::move(attempt),
      [&](const core::Attempt&) { return std::make_unique<OneStep>(unreadable); }, pool_, client_,
      [outcome](core::Attempted done) { outcome->Set(std::move(done)); });
  const auto done = outcome->Wait(ReadNow().mono + std::chrono::seconds(10));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->kind, core::Attempted::Kind::kRetry);
  EXPECT_FALSE(done->asked);
  EXPECT_TRUE(Drive("http://127.0.0.1:1/").asked)
      << "nobody is there, as with a vendor that is down";
}

// Sends a message that lacks something, and takes whatever comes for success.
class Flawed : public OneRequest {
 public:
  using OneRequest::OneRequest;
  notify::Step Begin(const dispatch::Notification& what) override {
    notify::Step step = OneRequest::Begin(what);
    std::get<notify::Send>(step).flaw = "template: text:1: x";
    return step;
  }
  notify::Step OnResponse(const Result<net::OutResponse>&) override { return notify::Done{}; }
};

TEST_F(WorkersTest, WhatAMessageLackedIsHandedOn) {
  core::Attempt attempt;
  attempt.integration = &integration_;
  attempt.notification = std::make_shared<dispatch::Notification>();
  attempt.timeout = std::chrono::seconds(5);
  auto outcome = std::make_shared<Promise<core::Attempted>>();
  DriveAttempt(
      std::move(attempt),
      [](const core::Attempt&) { return std::make_unique<Flawed>("http://127.0.0.1:1/"); }, pool_,
      client_, [outcome](core::Attempted done) { outcome->Set(std::move(done)); });
  const auto done = outcome->Wait(ReadNow().mono + std::chrono::seconds(10));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->kind, core::Attempted::Kind::kDone);
  EXPECT_EQ(done->flaw, "template: text:1: x");
}

TEST_F(WorkersTest, OnlyWhatMayHaveArrivedIsUnknown) {
  net::Front::Options options;
  options.listen_addresses = {"127.0.0.1:0"};
  std::atomic<bool> open{false};
  auto front = *net::Front::Listen(options, [&](const net::Request& request) {
    if (request.path == "/hang") open.wait(false);
    return net::Response{request.path == "/hang" ? 200 : std::stoi(request.path.substr(1)), {}, ""};
  });
  front->Start();
  const std::string base = "http://" + front->addresses()[0];
  struct Case {
    std::string url;
    bool unknown;
  };
  for (const auto& [url, unknown] : std::vector<Case>{{"http://127.0.0.1:1/", false},
                                                      {"http://no-such-host.invalid/", false},
                                                      {base + "/200", false},
                                                      {base + "/500", false},
                                                      {base + "/502", true},
                                                      {base + "/504", true},
                                                      {base + "/hang", true}}) {
    const core::Attempted outcome = Drive(url);
    EXPECT_EQ(outcome.kind, core::Attempted::Kind::kRetry);
    EXPECT_EQ(outcome.unknown, unknown) << url << ": " << outcome.why;
  }
  open = true;
  open.notify_all();
}

TEST_F(WorkersTest, QueriesOfAnInstantAndOfARange) {
  net::Front::Options options;
  options.listen_addresses = {"127.0.0.1:0"};
  std::string cache_control;
  auto front = *net::Front::Listen(options, [&](const net::Request& request) {
    cache_control = request.header("Cache-Control");
    // What was asked comes back as the label of the only series.
    const bool is_range = request.path == "/api/v1/query_range";
    const std::string sample =
        is_range ? R"("values":[[60,"1"],[120,"2"]])" : R"("value":[120,"3"])";
    return net::Response{200,
                         {},
                         R"({"status":"success","data":{"resultType":")" +
                             std::string(is_range ? "matrix" : "vector") +
                             R"(","result":[{"metric":{"asked":")" + request.body +
                             R"(","coding":")" + std::string(request.header("Accept-Encoding")) +
                             "\"}," + sample + "}]}}"};
  });
  front->Start();
  auto config = std::make_shared<config::Config>();
  config::Datasource& datasource = config->datasources.emplace_back();
  datasource.url = "http://" + front->addresses()[0];
  const auto ask = [&](core::RunQuery query) {
    auto end = std::make_shared<Promise<core::QueryDone>>();
    QueryDesk desk(pool_, client_, [end](core::QueryDone done) { end->Set(std::move(done)); });
    desk.Ask({query});
    return end->Wait(ReadNow().mono + std::chrono::seconds(10));
  };
  core::RunQuery query{QueryId{1}, config, &datasource, "up", WallTime(std::chrono::minutes(2))};
  auto done = ask(query);
  ASSERT_TRUE(done && done->result);
  ASSERT_EQ(done->result->size(), 1U);
  EXPECT_EQ((*done->result)[0].value, 3);
  EXPECT_EQ((*done->result)[0].labels.Get("asked"),
            "query=up&time=120.000&timeout=30s"
            "&partial_response=true&max_source_resolution=0s");
  EXPECT_EQ(cache_control, "");
  EXPECT_EQ((*done->result)[0].labels.Get("coding"), "identity");

  query.from = WallTime(std::chrono::minutes(1));
  query.step = std::chrono::minutes(1);
  done = ask(query);
  ASSERT_TRUE(done && done->result);
  ASSERT_EQ(done->result->size(), 2U);
  EXPECT_EQ((*done->result)[1].at, WallTime(std::chrono::minutes(2)));
  EXPECT_EQ((*done->result)[1].labels.Get("asked"),
            "query=up&start=60.000&end=120.000&step=60.000&nocache=1&timeout=30s"
            "&partial_response=true&max_source_resolution=0s");
  EXPECT_EQ(cache_control, "no-store") << "what late samples changed is in no cache";
  EXPECT_EQ((*done->result)[1].labels.Get("coding"), "gzip");
}

// A small answer does not wait for a render thread; what takes time to be read does not hold up the
// client.
TEST_F(WorkersTest, OnlyLargeAnswersAreReadByRenderThreads) {
  net::Front::Options options;
  options.listen_addresses = {"127.0.0.1:0"};
  auto front = *net::Front::Listen(options, [](const net::Request& request) {
    const size_t filler = request.body.starts_with("query=large") ? 100'000 : 0;
    return net::Response{200,
                         {},
                         R"({"status":"success","data":{"resultType":"scalar","result":[1,"2"]}})" +
                             std::string(filler, ' ')};
  });
  front->Start();
  auto config = std::make_shared<config::Config>();
  config->datasources.emplace_back().url = "http://" + front->addresses()[0];
  Promise<int> go_on;
  pool_.Run([&] { go_on.Wait(ReadNow().mono + std::chrono::seconds(10)); });
  Promise<core::QueryDone> small;
  Promise<core::QueryDone> large;
  std::vector<core::RunQuery> queries;
  for (const char* expr : {"large", "small"}) {
    queries.push_back({QueryId{queries.size()}, config, &config->datasources[0], expr, kNoTime});
  }
  QueryDesk desk(pool_, client_, [&](core::QueryDone done) {
    (done.id == QueryId{0} ? large : small).Set(std::move(done));
  });
  desk.Ask(queries);
  const auto one = small.Wait(ReadNow().mono + std::chrono::seconds(10));
  ASSERT_TRUE(one && one->result);
  EXPECT_EQ((*one->result)[0].value, 2);
  EXPECT_FALSE(large.Wait(ReadNow().mono + std::chrono::milliseconds(50)));
  go_on.Set(1);
  const auto other = large.Wait(ReadNow().mono + std::chrono::seconds(10));
  ASSERT_TRUE(other && other->result);
  EXPECT_EQ((*other->result)[0].value, 2);
}

TEST_F(WorkersTest, ADatasourceIsAskedNoMoreAtOnceThanItTakes) {
  std::atomic<int> at_once{0};
  std::atomic<int> most{0};
  net::Front::Options options;
  options.listen_addresses = {"127.0.0.1:0"};
  auto front = *net::Front::Listen(options, [&](const net::Request&) {
    const int now = ++at_once;
    if (now > most) most = now;
    --at_once;
    return net::Response{
        200, {}, R"({"status":"success","data":{"resultType":"vector","result":[]}})"};
  });
  front->Start();
  auto config = std::make_shared<config::Config>();
  config::Datasource& datasource = config->datasources.emplace_back();
  datasource.url = "http://" + front->addresses()[0];
  datasource.concurrency = 3;
  constexpr int kQueries = 20;
  Guarded<std::vector<core::QueryDone>> ended;
  Promise<int> all;
  QueryDesk desk(pool_, client_, [&](core::QueryDone done) {
    const size_t count = ended.With([&](std::vector<core::QueryDone>& ends) {
      ends.push_back(std::move(done));
      return ends.size();
    });
    if (count == kQueries) all.Set(1);
  });
  for (int i = 0; i < kQueries; i += 2) {
    core::RunQuery query{QueryId{static_cast<uint64_t>(i)}, config, &datasource, "up", kNoTime};
    core::RunQuery next = query;
    next.id = QueryId{static_cast<uint64_t>(i) + 1};
    next.is_awaited = true;
    desk.Ask({query, next});
  }
  ASSERT_TRUE(all.Wait(ReadNow().mono + std::chrono::seconds(10)));
  EXPECT_LE(most, 3);
  std::set<QueryId> ids;
  for (const core::QueryDone& done : ended.Copy()) {
    EXPECT_TRUE(done.result);
    EXPECT_EQ(done.is_awaited, done.id.value % 2 == 1);
    ids.insert(done.id);
  }
  EXPECT_EQ(ids.size(), static_cast<size_t>(kQueries));
}

// One that hangs has no more than it takes, and holds up no other.
TEST_F(WorkersTest, ADatasourceThatHangsHoldsUpNoOther) {
  const std::string body = R"({"status":"success","data":{"resultType":"vector","result":[]}})";
  Promise<int> go_on;
  std::atomic<int> hanging_asked{0};
  net::Front::Options options;
  options.listen_addresses = {"127.0.0.1:0"};
  auto hanging = *net::Front::Listen(options, [&](const net::Request&) {
    if (++hanging_asked == 1) go_on.Wait(ReadNow().mono + std::chrono::seconds(10));
    return net::Response{200, {}, body};
  });
  auto fine = *net::Front::Listen(options, [&](const net::Request&) {
    return net::Response{200, {}, body};
  });
  hanging->Start();
  fine->Start();
  auto config = std::make_shared<config::Config>();
  config->datasources.resize(2);
  config->datasources[0].name = "hanging";
  config->datasources[0].url = "http://" + hanging->addresses()[0];
  config->datasources[0].concurrency = 1;
  config->datasources[1].name = "fine";
  config->datasources[1].url = "http://" + fine->addresses()[0];
  std::array<Promise<core::QueryDone>, 3> ends;
  QueryDesk desk(pool_, client_,
                 [&](core::QueryDone done) { ends.at(done.id.value - 1).Set(std::move(done)); });
  std::vector<core::RunQuery> queries;
  for (const size_t source : {0U, 0U, 1U}) {
    queries.push_back(
        {QueryId{queries.size() + 1}, config, &config->datasources[source], "up", kNoTime});
  }
  desk.Ask(queries);
  const auto in_time = [] { return ReadNow().mono + std::chrono::seconds(5); };
  const auto other = ends[2].Wait(in_time());
  ASSERT_TRUE(other && other->result);
  EXPECT_LE(hanging_asked, 1) << "its second query was asked before the other's";
  go_on.Set(1);
  const auto first = ends[0].Wait(in_time());
  ASSERT_TRUE(first && first->result);
  EXPECT_FALSE(first->was_not_asked);
  const auto second = ends[1].Wait(in_time());
  ASSERT_TRUE(second && second->result);
}

TEST_F(WorkersTest, WhoWaitsBehindOneWithoutAnAnswerIsHandedBack) {
  auto config = std::make_shared<config::Config>();
  config::Datasource& datasource = config->datasources.emplace_back();
  datasource.url = "http://127.0.0.1:1";  // Nobody listens.
  datasource.concurrency = 1;
  std::array<Promise<core::QueryDone>, 2> ends;
  QueryDesk desk(pool_, client_,
                 [&](core::QueryDone done) { ends.at(done.id.value - 1).Set(std::move(done)); });
  desk.Ask({{QueryId{1}, config, &datasource, "up", kNoTime},
            {QueryId{2}, config, &datasource, "up", kNoTime}});
  const auto first = ends[0].Wait(ReadNow().mono + std::chrono::seconds(10));
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->result);
  EXPECT_FALSE(first->was_not_asked);
  EXPECT_GT(first->took, Duration::zero()) << "that nobody answered took its time, too";
  const auto second = ends[1].Wait(ReadNow().mono + std::chrono::seconds(10));
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->was_not_asked);
}

TEST_F(WorkersTest, SamplesAreEncodedOnARenderThreadAndSentEverywhere) {
  net::Front::Options options;
  options.listen_addresses = {"127.0.0.1:0"};
  std::atomic<int> taken{0};
  auto front = *net::Front::Listen(options, [&](const net::Request& request) {
    ++taken;
    return net::Response{request.path == "/bad" ? 400 : 204, {}, "out of order"};
  });
  front->Start();
  auto config = std::make_shared<config::Config>();
  for (const char* path : {"/good", "/bad"}) {
    config::RemoteWrite& place = config->remote_writes.emplace_back();
    place.url = "http://" + front->addresses()[0] + path;
    place.timeout = std::chrono::seconds(10);
  }
  // While the only render thread is busy nothing is encoded, and who asks does not wait.
  Promise<int> go_on;
  pool_.Run([&] { go_on.Wait(ReadNow().mono + std::chrono::seconds(10)); });
  const promql::Vector samples{{labels::LabelSet{{"__name__", "x"}}, FromNanos(0), 1}};
  auto end = std::make_shared<Promise<core::SamplesWritten>>();
  DriveWrite({QueryId{7}, config, samples}, pool_, client_,
             [end](core::SamplesWritten done) { end->Set(std::move(done)); });
  EXPECT_EQ(taken, 0);
  go_on.Set(1);
  const auto done = end->Wait(ReadNow().mono + std::chrono::seconds(10));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->id, QueryId{7});
  EXPECT_EQ(done->samples, 1U);
  EXPECT_EQ(done->status.error(), (Error{Code::kInvalidArgument, "HTTP 400: out of order"}));
  EXPECT_EQ(taken, 2);

  // A configuration without a place: there is nothing to wait for.
  auto none = std::make_shared<Promise<core::SamplesWritten>>();
  DriveWrite({QueryId{8}, std::make_shared<config::Config>(), samples}, pool_, client_,
             [none](core::SamplesWritten ended) { none->Set(std::move(ended)); });
  ASSERT_TRUE(none->Wait(ReadNow().mono + std::chrono::seconds(10)));
}

}  // namespace
}  // namespace watchfire::app
