// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/load/corpus.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace watchfire::load {
namespace {

constexpr size_t kNames = 40;
constexpr size_t kClusters = 5;
constexpr size_t kServices = 50;
constexpr size_t kRacks = 100;

std::string Two(size_t number) {
  char text[24];
  std::snprintf(text, sizeof(text), "%02zu", number);
  return text;
}

// Five characters that look like those behind a deployment's name.
std::string Suffix(size_t number) {
  uint64_t hash = (number + 1) * 0x9e3779b97f4a7c15ULL;
  std::string text;
  for (int i = 0; i < 5; ++i) {
    text += "bcdfghjklmnpqrstvwxz2456789"[hash % 27];
    hash /= 27;
  }
  return text;
}

std::string Now() {
  const std::time_t now = std::time(nullptr);
  std::tm fields{};
  gmtime_r(&now, &fields);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.123Z", &fields);
  return text;
}

// Appends "name":"value", with a comma behind it.
void Add(std::string* json, const char* name, const std::string& value) {
  json->append("\"").append(name).append("\":\"").append(value).append("\",");
}

}  // namespace

std::string AlertJson(Kind kind, size_t number, const std::string& starts_at) {
  const bool is_source = kind == Kind::kSource;
  const size_t group = number / kGroupSize;
  const std::string service = "shop-" + Two(group / (kNames * kClusters) % kServices);
  const std::string name =
      is_source ? "NodeUnreachable" : "WorkloadUnavailable" + Two(group % kNames);
  const std::string cluster = is_source && number % 200 != 0
                                  ? "lab-" + std::to_string(number)
                                  : "prod-" + std::to_string(group / kNames % kClusters);
  const std::string pod = "web-" + std::to_string(group) + "-7d9c" + Suffix(group) + "-" +
                          Suffix(number) + std::to_string(number % kGroupSize);
  const std::string address = "10." + std::to_string(number / 65536 % 256) + "." +
                              std::to_string(number / 256 % 256) + "." +
                              std::to_string(number % 256) + ":8443";
  std::string json = "{\"labels\":{";
  Add(&json, "alertname", name);
  Add(&json, "cluster", cluster);
  Add(&json, "container", "main");
  Add(&json, "instance", address);
  Add(&json, "job", is_source ? "rack-" + Two(number % kRacks) : "kube-state-metrics");
  Add(&json, "namespace", "team-" + service);
  Add(&json, "pod", pod);
  Add(&json, "prometheus", "monitoring/k8s");
  Add(&json, "service", service);
  Add(&json, "severity", is_source ? "critical" : "warning");
  Add(&json, "team", "team-" + Two(group % 17));
  json.back() = '}';
  json += ",\"annotations\":{";
  Add(&json, "description",
      "Pod team-" + service + "/" + pod + " on " + address +
          " has not been ready for more than fifteen minutes; its deployment has less than the "
          "wanted number of replicas, and requests of customers may be failing meanwhile.");
  Add(&json, "runbook_url", "https://runbooks.example.com/workloads/" + name + "#" + cluster);
  Add(&json, "summary", "Workload " + service + " in " + cluster + " is short of replicas.");
  json.back() = '}';
  json +=
      ",\"startsAt\":\"" + starts_at + "\",\"generatorURL\":\"https://prometheus." + cluster +
      ".example.com/graph?g0.expr=kube_deployment_status_replicas_ready%7Bnamespace%3D%22team-" +
      service + "%22%7D+%2F+kube_deployment_spec_replicas%7Bnamespace%3D%22team-" + service +
      "%22%7D+%3C+0.9&g0.tab=1\"}";
  return json;
}

std::vector<std::string> Bodies(Kind kind, size_t first, size_t count, size_t batch) {
  const std::string starts_at = Now();
  std::vector<std::string> bodies;
  for (size_t done = 0; done < count; done += batch) {
    std::string body = "[";
    for (size_t i = done; i < std::min(done + batch, count); ++i) {
      body += AlertJson(kind, first + i, starts_at) + ",";
    }
    body.back() = ']';
    bodies.push_back(std::move(body));
  }
  return bodies;
}

std::string SilenceJson(size_t number) {
  const std::string group = std::to_string(number);
  const std::string pods =
      number % 10 == 9 ? ".*-7d9c" + Suffix(number) + "-.*" : "web-" + group + "-.*";
  std::string json = R"({"matchers":[)";
  json += R"({"name":"cluster","value":"prod-[0-9]","isRegex":true,"isEqual":true},)";
  json += R"({"name":"pod","value":")" + pods + R"(","isRegex":true,"isEqual":true}],)";
  json += R"("startsAt":"2026-01-01T00:00:00Z","endsAt":"2099-01-01T00:00:00Z",)";
  return json + R"("createdBy":"bench","comment":"maintenance of )" + group + R"("})";
}

}  // namespace watchfire::load
