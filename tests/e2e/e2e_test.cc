// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The product as its users meet it: the real binary, real sockets, kill -9.

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/process.h"
#include "tests/e2e/sink.h"

namespace watchfire::e2e {
namespace {

using testing::HasSubstr;

constexpr const char* kAlert =
    R"([{"labels":{"alertname":"ApiDown","service":"api","severity":"critical","team":"core"},)"
    R"("annotations":{"summary":"the API is down"}}])";
constexpr const char* kResolved =
    R"([{"labels":{"alertname":"ApiDown","service":"api","severity":"critical","team":"core"},)"
    R"("startsAt":"2026-01-01T00:00:00Z","endsAt":"2026-01-01T00:00:01Z"}])";

std::string Config(const Sink& sink) {
  return "route: {receiver: hook, group_by: [service], group_wait: 0s, group_interval: 1s, "
         "repeat_interval: 1h}\n"
         "receivers:\n"
         "  - name: hook\n"
         "    webhook_configs: [{url: '" +
         sink.url() + "', page: true}]\n";
}

// One server with its directory and its receiver.
class Watchfire {
 public:
  explicit Watchfire(const std::string& config = "", size_t file_bytes_max = 0)
      : config_(dir_.Write("watchfire.yml", config.empty() ? Config(sink) : config)) {
    Start(file_bytes_max);
  }
  void Start(size_t file_bytes_max = 0) {
    process = std::make_unique<Process>(
        Process::Options{"watchfire",
                         {"--config.file=" + config_, "--storage.path=" + dir_.path() + "/data",
                          "--web.listen-address=127.0.0.1:0", "--config.watch-interval=0s"},
                         file_bytes_max});
    address = process->WaitForAddress();
  }
  Answer Get(const std::string& path) const { return Http(address, "GET", path); }
  Answer Post(const std::string& path, const std::string& body) const {
    return Http(address, "POST", path, body);
  }
  void WriteConfig(const std::string& text) { config_ = dir_.Write("watchfire.yml", text); }
  const TempDir& dir() const { return dir_; }

  Sink sink;
  std::unique_ptr<Process> process;
  std::string address;

 private:
  TempDir dir_;
  std::string config_;
};

TEST(E2eTest, AnAlertIsPagedAcknowledgedAndRecovered) {
  Watchfire server;
  ASSERT_NE(server.address, "") << server.process->errors();
  EXPECT_EQ(server.Post("/api/v2/alerts", kAlert).status, 200);
  EXPECT_THAT(server.Get("/api/v2/alerts").body, HasSubstr("ApiDown"));
  ASSERT_TRUE(Eventually([&] { return server.sink.Count("\"status\":\"firing\"") == 1; }));
  EXPECT_THAT(server.sink.Header("User-Agent"),
              testing::MatchesRegex("Alertmanager/[0-9.]+ \\(Watchfire/[0-9.]+\\)"));
  EXPECT_EQ(server.sink.Header("Accept"), "");

  EXPECT_EQ(server.Post("/api/v1/incidents/1/ack", R"({"actor":"ada","note":"on it"})").status,
            200);
  EXPECT_THAT(server.Get("/api/v1/incidents/1").body, HasSubstr("\"state\":\"acknowledged\""));
  EXPECT_TRUE(Eventually([&] {  // The answer to the page may still be on its way.
    return server.Get("/metrics").body.find("watchfire_ack_duration_seconds_count{") !=
           std::string::npos;
  }));

  EXPECT_EQ(server.Post("/api/v2/alerts", kResolved).status, 200);
  ASSERT_TRUE(Eventually([&] { return server.sink.Count("\"status\":\"resolved\"") >= 1; }));
  EXPECT_TRUE(Eventually([&] {
    return server.Get("/api/v1/incidents/1").body.find("\"state\":\"resolved\"") !=
           std::string::npos;
  }));
  server.process->Signal(SIGTERM);
  EXPECT_EQ(server.process->Wait(), 0);
}

TEST(E2eTest, Kill9LosesNoAckAndRepeatsNoPage) {
  Watchfire server;
  server.Post("/api/v2/alerts", kAlert);
  ASSERT_TRUE(Eventually([&] { return server.sink.accepted().size() == 1; }));
  ASSERT_TRUE(Eventually(
      [&] { return server.Post("/api/v1/incidents/1/ack", R"({"actor":"ada"})").status == 200; }));
  ASSERT_TRUE(Stored(server.address));
  server.process->Kill();

  server.Start();
  ASSERT_NE(server.address, "") << server.process->errors();
  EXPECT_THAT(server.Get("/api/v1/incidents/1").body, HasSubstr("\"ackedBy\":\"ada\""));
  EXPECT_THAT(server.Get("/api/v2/alerts").body, HasSubstr("ApiDown")) << "alerts survive too";
  // Several flushes later nothing was repeated; the end of it is told.
  ASSERT_TRUE(Eventually(
      [&] { return Metric(server.address, "alertmanager_dispatcher_aggregation_groups") == 1; }));
  server.Post("/api/v2/alerts", kResolved);
  ASSERT_TRUE(Eventually([&] { return server.sink.Count("\"status\":\"resolved\"") == 1; }));
  EXPECT_EQ(server.sink.Count("\"status\":\"firing\""), 1U);
}

TEST(E2eTest, ALoneInstanceListsItselfAsAPeer) {
  Watchfire server;
  EXPECT_THAT(server.Get("/api/v2/status").body, HasSubstr("\"peers\":[{"));
  EXPECT_EQ(server.Get("/-/healthy").status, 200);
  EXPECT_EQ(server.Get("/-/ready").status, 200);
}

TEST(E2eTest, ABadReloadChangesNothingAndSaysWhy) {
  Watchfire server;
  server.WriteConfig("route: {reciever: hook}\nreceivers: [{name: hook}]\n");
  const Answer answer = server.Post("/-/reload", "");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("watchfire.yml:1:9"));
  EXPECT_THAT(answer.body, HasSubstr("receiver"));
  EXPECT_EQ(Metric(server.address, "alertmanager_config_last_reload_successful"), 0);
  server.Post("/api/v2/alerts", kAlert);
  EXPECT_TRUE(Eventually([&] { return server.sink.accepted().size() == 1; }))
      << "the old one works";

  server.WriteConfig(Config(server.sink));
  server.process->Signal(SIGHUP);
  EXPECT_TRUE(Eventually(
      [&] { return Metric(server.address, "alertmanager_config_last_reload_successful") == 1; }));
  EXPECT_EQ(server.sink.accepted().size(), 1U) << "a reload repeats no page";
}

TEST(E2eTest, TemplateFilesAreRenderedAndFollowAReload) {
  Watchfire server;
  std::string config = Config(server.sink);
  config.insert(config.find("page: true"), "payload: {said: '{{ template \"mine\" . }}'}, ");
  server.WriteConfig(config + "templates: ['*.tmpl']\n");
  const auto reload = [&](const std::string& text) {
    server.dir().Write("a.tmpl", text);
    return server.Post("/-/reload", "");
  };
  EXPECT_EQ(reload("{{ define \"mine\" }}{{ .CommonLabels.alertname }} <one>{{ end }}").status,
            200);
  server.Post("/api/v2/alerts", kAlert);
  EXPECT_TRUE(
      Eventually([&] { return server.sink.Count(R"({"said":"ApiDown \u003cone\u003e"})") == 1; }));
  const Answer bad = reload("{{ define \"mine\" }}\n{{ .CommonLabels.alertname }");
  EXPECT_EQ(bad.status, 500);
  EXPECT_THAT(bad.body, HasSubstr("a.tmpl:2:28: failed to parse templates: "));
  EXPECT_EQ(reload("{{ define \"mine\" }}two{{ end }}").status, 200);
  server.Post("/api/v2/alerts", kResolved);
  EXPECT_TRUE(Eventually([&] { return server.sink.Count(R"({"said":"two"})") >= 1; }));
}

TEST(E2eTest, BadConfigurationStopsTheStartWithEveryProblem) {
  TempDir dir;
  const std::string path = dir.Write("bad.yml",
                                     "route: {receiver: nobody, matchers: ['a=~\"(\"']}\n"
                                     "receivers: [{name: hook, webhook_configs: [{uri: x}]}]\n");
  Process process({"watchfire",
                   {"--config.file=" + path, "--storage.path=" + dir.path() + "/data",
                    "--web.listen-address=127.0.0.1:0"}});
  EXPECT_EQ(process.Wait(), 1);
  EXPECT_TRUE(process.Says("bad.yml:1:"));
  EXPECT_TRUE(process.Says("bad.yml:2:"));
  EXPECT_TRUE(process.Says("nobody"));
}

// Opens a port, and becomes the server as systemd would.
constexpr const char* kSocketUnit = R"(
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
print("port", listener.getsockname()[1], file=sys.stderr, flush=True)
os.execv(sys.argv[1], sys.argv[1:])
)";

TEST(E2eTest, SystemdsSocketIsTheOnlyAddress) {
  TempDir dir;
  const std::string path =
      dir.Write("watchfire.yml", "route: {receiver: hook}\nreceivers: [{name: hook}]\n");
  const std::vector<std::string> flags = {
      "--config.file=" + path, "--storage.path=" + dir.path() + "/data",
      "--web.listen-address=127.0.0.1:0", "--web.systemd-socket"};
  std::vector<std::string> words = {"python3", "-c", kSocketUnit,
                                    std::string(WF_BIN_DIR) + "/watchfire"};
  words.insert(words.end(), flags.begin(), flags.end());
  Process process({"/usr/bin/env", words});
  const std::string address = process.WaitForAddress();
  ASSERT_NE(address, "") << process.errors();
  EXPECT_TRUE(process.Says("port " + address.substr(address.rfind(':') + 1) + "\n"));
  EXPECT_EQ(Http(address, "GET", "/-/ready").status, 200);
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0);

  Process alone({"watchfire", flags});
  EXPECT_EQ(alone.Wait(), 1);
  EXPECT_TRUE(alone.Says("systemd passed no sockets"));
}

TEST(E2eTest, BadFlagsEndTheStart) {
  Process process({"watchfire", {"--config.fil=x"}});
  EXPECT_EQ(process.Wait(), 1);
  EXPECT_TRUE(process.Says("did you mean --config.file?"));
}

struct BadBody {
  const char* name;
  std::string body;
  int status;
  const char* says;
};

TEST(E2eTest, BadBodiesGetAClearAnswerAndLoseNothing) {
  Watchfire server;
  const std::vector<BadBody> bodies = {
      {"broken JSON", "[{\"labels\":", 400, "line 1, column 12: want a value, found the end"},
      {"wrong type", R"({"labels":{}})", 400, "parsing alerts body"},
      {"wrong member type", R"([{"labels":{"a":5}}])", 400, "parsing alerts body"},
      {"labels missing", R"([{"annotations":{}}])", 422, "0.labels in body is required"},
      {"empty body", "", 422, "alerts in body is required"},
      {"no labels", R"([{"labels":{}}])", 400, "at least one label pair required"},
      {"17 MiB", std::string(17UL * 1024 * 1024, ' '), 413, ""},
  };
  for (const BadBody& bad : bodies) {
    const Answer answer = server.Post("/api/v2/alerts", bad.body);
    EXPECT_EQ(answer.status, bad.status) << bad.name << ": " << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(bad.says)) << bad.name;
  }
  EXPECT_EQ(server.Post("/api/v2/alerts", R"([{"labels":{"alertname":"X"},"unknown":1}])").status,
            200)
      << "unknown members are ignored, as Alertmanager does";
  EXPECT_EQ(Metric(server.address, "watchfire_limit_exceeded_total{limit=\"request_bytes\"}"), 1);
  // One bad alert does not take the good one down with it.
  EXPECT_EQ(
      server.Post("/api/v2/alerts", R"([{"labels":{"alertname":"Good"}},{"labels":{"a":""}}])")
          .status,
      400);
  EXPECT_THAT(server.Get("/api/v2/alerts").body, HasSubstr("Good"));
  EXPECT_GE(Metric(server.address, "alertmanager_alerts_invalid_total{version=\"v2\"}"), 2);
  EXPECT_EQ(server.Get("/api/v2/alerts?filter=a%3D~%22(%22").status, 400) << "bad regex";
}

}  // namespace
}  // namespace watchfire::e2e
