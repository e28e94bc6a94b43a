// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/e2e/sink.h"

#include <algorithm>
#include <cstdlib>

#include <httplib.h>
#include <sys/socket.h>

#include "pkg/base/check.h"
#include "tests/e2e/process.h"

namespace watchfire::e2e {

Sink::Sink() : server_(std::make_unique<httplib::Server>()) {
  server_->Post(".*", [this](const httplib::Request& request, httplib::Response& response) {
    ++received_;
    hanging_.wait(true);
    response.status = status_;
    response.set_content("{}", "application/json");
    if (status_ / 100 == 2) {
      headers_.With([&](auto& headers) {
        headers = {request.headers.begin(), request.headers.end()};
      });
      accepted_.With([&](std::vector<std::string>& bodies) { bodies.push_back(request.body); });
    }
  });
  // An idle connection would hold one of its few threads.
  server_->set_keep_alive_max_count(1);
  // The library lets five connections wait. The system answers no more than those, and a client
  // that is not answered asks again after 1, 3, 7 and 15 s.
  socket_t listener = INVALID_SOCKET;
  server_->set_socket_options([&listener](socket_t socket) { listener = socket; });
  port_ = server_->bind_to_any_port("127.0.0.1");
  WF_CHECK(::listen(listener, SOMAXCONN) == 0);
  thread_ = std::thread([this] { server_->listen_after_bind(); });
}

Sink::~Sink() {
  set_hanging(false);
  server_->stop();
  thread_.join();
}

void Sink::set_hanging(bool hanging) {
  hanging_ = hanging;
  hanging_.notify_all();
}

std::string Sink::Header(const std::string& name) const {
  const auto headers = headers_.Copy();
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

size_t Sink::Count(const std::string& text) const {
  const std::vector<std::string> bodies = accepted();
  return static_cast<size_t>(std::ranges::count_if(
      bodies, [&](const std::string& body) { return body.find(text) != std::string::npos; }));
}

Answer Http(const std::string& address, const std::string& method, const std::string& path,
            const std::string& body, const std::string& type) {
  httplib::Client client("http://" + address);
  client.set_read_timeout(30);
  const httplib::Result result = method == "GET"      ? client.Get(path)
                                 : method == "DELETE" ? client.Delete(path)
                                                      : client.Post(path, body, type.c_str());
  if (!result) return {};
  return {result->status, result->body};
}

double Metric(const std::string& address, const std::string& series) {
  const std::string text = "\n" + Http(address, "GET", "/metrics").body;
  const size_t at = text.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::atof(text.c_str() + at + series.size() + 2);
}

bool Stored(const std::string& address, int under_way) {
  return Eventually([&] {
    return Metric(address, "watchfire_deliveries") == under_way &&
           Metric(address, "watchfire_store_pending_records") == 0;
  });
}

}  // namespace watchfire::e2e
