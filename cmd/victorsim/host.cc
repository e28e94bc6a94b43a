// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/victorsim/host.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include <sys/socket.h>

#include "pkg/base/json.h"
#include "pkg/base/promise.h"
#include "pkg/base/strings.h"

namespace watchfire::victorsim {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kBodyBytes = size_t{1} << 20;
constexpr size_t kThreads = 32;

struct Address {
  std::string host;
  int port;
};

void PrintHelp(std::string_view intro, const std::vector<Flag>& flags) {
  std::printf("%.*s\nFlags:\n", static_cast<int>(intro.size()), intro.data());
  for (const Flag& flag : flags) {
    std::printf("  --%s %s\n", std::string(flag.name).c_str(), std::string(flag.value).c_str());
    for (const std::string_view line : Split(flag.help, '\n')) {
      std::printf("        %s\n", std::string(line).c_str());
    }
  }
  std::printf("  --help\n        Print this and exit.\n");
}

Status SetFlag(const std::vector<Flag>& flags, std::string_view name,
               std::optional<std::string> value, const std::function<const char*()>& next) {
  const auto flag = std::ranges::find(flags, name, &Flag::name);
  if (flag == flags.end()) {
    std::vector<std::string> known;
    known.reserve(flags.size());
    for (const Flag& each : flags) known.emplace_back(each.name);
    const std::string nearest = Nearest(name, known);
    return InvalidArgument("unknown flag --" + std::string(name) +
                           (nearest.empty() ? "" : ": did you mean --" + nearest + "?"));
  }
  const std::string label = "--" + std::string(name);
  if (flag->value.empty() && value) return InvalidArgument(label + " takes no value");
  if (!flag->value.empty() && !value) {
    const char* following = next();
    if (following == nullptr) return InvalidArgument(label + " needs a value");
    value = following;
  }
  const Status status = flag->set(value.value_or(""));
  if (!status) return InvalidArgument(label + ": " + status.error().message);
  return {};
}

Result<Address> ParseAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data() + colon + 1, end, port).ptr != end) port = -1;
  }
  if (port < 0 || port > 65535) {
    return InvalidArgument("--listen " + GoQuote(text) + ": want host:port, for example :0");
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return Address{host.empty() ? "0.0.0.0" : host, port};
}

// `listener` must live until the server is bound, and is the socket then.
void Configure(httplib::Server& server, socket_t& listener) {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_payload_max_length(kBodyBytes);
  server.set_keep_alive_max_count(1000);
  // The library also sets SO_REUSEPORT, with which a second simulator would silently share the
  // port of the first.
  server.set_socket_options([&listener](socket_t socket) {
    listener = socket;
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.set_tcp_nodelay(true);
  server.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
    if (!response.body.empty()) return;
    const std::string what = response.status == 404   ? "nothing here: " + request.path
                             : response.status == 413 ? "body larger than 1 MiB"
                                                      : "request refused";
    response.set_content(JsonError(response.status == 404 ? "not_found" : "bad_data", what) + "\n",
                         "application/json");
  });
}

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

std::optional<int> ParseFlags(int argc, char** argv, std::string_view intro,
                              const std::vector<Flag>& flags) {
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    Status status = InvalidArgument("unexpected argument " + GoQuote(argument));
    if (argument.starts_with('-')) {
      argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
      if (argument == "help" || argument == "h") {
        PrintHelp(intro, flags);
        return 0;
      }
      std::optional<std::string> value;
      const size_t equals = argument.find('=');
      if (equals != std::string_view::npos) value = argument.substr(equals + 1);
      status = SetFlag(flags, argument.substr(0, equals), value,
                       [&]() -> const char* { return i + 1 < argc ? argv[++i] : nullptr; });
    }
    if (!status) {
      std::fprintf(stderr, "%s: %s (--help lists the flags)\n", argv[0],
                   status.error().message.c_str());
      return 2;
    }
  }
  return std::nullopt;
}

std::function<Status(const std::string&)> SetString(std::string& target) {
  return [&target](const std::string& value) -> Status {
    target = value;
    return {};
  };
}

std::function<Status(const std::string&)> SetDuration(Duration& target) {
  return [&target](const std::string& value) -> Status {
    const Result<Duration> duration = ParseGoDuration(value);
    if (!duration || *duration < Duration::zero()) {
      return InvalidArgument("bad duration " + GoQuote(value) + ": want something like 15s");
    }
    target = *duration;
    return {};
  };
}

void Log(std::string_view level, std::string_view message,
         std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  std::string line = "level=" + std::string(level) + " msg=" + GoQuote(message);
  for (const auto& [key, value] : fields) {
    const bool plain = !value.empty() && value.find_first_of(" =\"\\\n") == std::string::npos;
    line += " " + std::string(key) + "=" + (plain ? value : GoQuote(value));
  }
  line += '\n';
  std::fputs(line.c_str(), stderr);
}

bool Owner::Do(const std::function<void()>& task) {
  // Shared, because the owner may still be in Set() when the waiter has its value and leaves.
  const auto done = std::make_shared<Promise<bool>>();
  const bool queued = tasks_.TryPush([&task, done] {
    task();
    done->Set(true);
  });
  // A queued task always runs, so there is no deadline that could leave it with dead references.
  return queued && done->Wait(MonoTime::max()).has_value();
}

void Owner::Run(Duration period, const std::function<void()>& tick) {
  while (!tasks_.closed()) {
    for (const auto& task : tasks_.PopAll(steady_clock::now() + period)) task();
    tick();
  }
  for (const auto& task : tasks_.PopAll(steady_clock::now())) task();
}

std::optional<std::string> ReadBody(const httplib::Request& request,
                                    const httplib::ContentReader& reader) {
  std::string body;
  if (!request.has_header("Content-Length") && !request.has_header("Transfer-Encoding")) {
    return body;
  }
  const bool whole = reader([&](const char* data, size_t size) {
    body.append(data, size);
    return body.size() <= kBodyBytes;
  });
  if (!whole) return std::nullopt;
  return body;
}

void HoldEndSignals() {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int Serve(httplib::Server& server, const std::string& address, Owner& owner, Duration period,
          const std::function<void()>& tick) {
  const Result<Address> parsed = ParseAddress(address);
  if (!parsed) {
    std::fprintf(stderr, "%s\n", parsed.error().message.c_str());
    return 2;
  }
  socket_t socket = INVALID_SOCKET;
  Configure(server, socket);
  int port = parsed->port;
  if (port == 0) {
    port = server.bind_to_any_port(parsed->host);
  } else if (!server.bind_to_port(parsed->host, port)) {
    port = -1;
  }
  if (port <= 0) {
    Log("error", "Cannot listen: address in use or not ours", {{"address", address}});
    return 1;
  }
  // The library lets five connections wait; one more is not answered for a second and longer.
  listen(socket, SOMAXCONN);
  const std::string host =
      parsed->host.find(':') == std::string::npos ? parsed->host : "[" + parsed->host + "]";
  Log("info", "Listening on", {{"address", host + ":" + std::to_string(port)}});

  std::thread listener([&server] { server.listen_after_bind(); });
  std::thread waiter([&] {
    const sigset_t signals = EndSignals();
    int signal = 0;
    sigwait(&signals, &signal);
    Log("info", "Ending", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
    owner.Stop();
  });
  owner.Run(period, tick);
  // Idle connections keep the library's workers for seconds and there is nothing to save.
  std::_Exit(0);
}

}  // namespace watchfire::victorsim
