// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/socket.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

namespace watchfire::net {
namespace {

std::string ErrnoText() { return std::generic_category().message(errno); }

Result<Fd> BindAndListen(const addrinfo& info, const std::string& address) {
  Fd fd(socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return Fail(Code::kUnavailable, "listen " + address + ": " + ErrnoText());
  const int on = 1;
  const int off = 0;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (info.ai_family == AF_INET6) {
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  if (bind(fd.get(), info.ai_addr, info.ai_addrlen) != 0 || listen(fd.get(), SOMAXCONN) != 0) {
    return Fail(Code::kUnavailable, "listen " + address + ": " + ErrnoText());
  }
  return fd;
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Result<Fd> ListenOn(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return InvalidArgument("listen address \"" + address + "\": want host:port");
  }
  std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  // getaddrinfo() takes what is left of a number after 16 bits.
  if (port.find_first_not_of("0123456789") == std::string::npos &&
      (port.size() > 5 || std::stoi(port) > 65535)) {
    return InvalidArgument("listen address \"" + address + "\": there is no port " + port);
  }
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return InvalidArgument("listen address \"" + address + "\": want brackets around IPv6");
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  // "::" takes IPv4 as well; a machine without IPv6 falls through to 0.0.0.0.
  for (const std::string& name :
       host.empty() ? std::vector<std::string>{"::", "0.0.0.0"} : std::vector<std::string>{host}) {
    const int error = getaddrinfo(name.c_str(), port.c_str(), &hints, &found);
    if (error != 0) {
      if (host.empty() && name == "::") continue;
      return Fail(Code::kUnavailable, "listen " + address + ": " + gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
    Result<Fd> fd = BindAndListen(*found, address);
    if (fd || name != "::" || !host.empty() || errno != EAFNOSUPPORT) return fd;
  }
  return Fail(Code::kUnavailable, "listen " + address + ": no address family");
}

Result<Fd> AdoptListener(int socket) {
  const auto option = [socket](int name) {
    int value = 0;
    socklen_t size = sizeof(value);
    return getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
  };
  const int domain = option(SO_DOMAIN);
  const bool is_good = option(SO_ACCEPTCONN) == 1 && option(SO_TYPE) == SOCK_STREAM &&
                       (domain == AF_INET || domain == AF_INET6);
  if (!is_good) {
    return InvalidArgument("file descriptor " + std::to_string(socket) +
                           " is not a TCP socket that listens");
  }
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  return Fd(socket);
}

std::string FormatAddress(const sockaddr_storage& address) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), sizeof(address), host, sizeof(host),
                  port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  const std::string name = host;
  if (address.ss_family != AF_INET6) return name + ":" + port;
  // An IPv4 client of a dual-stack socket.
  if (name.rfind("::ffff:", 0) == 0) return name.substr(7) + ":" + port;
  return "[" + name + "]:" + port;
}

std::string BoundAddress(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return FormatAddress(address);
}

SendOutcome SendSome(int fd, std::string_view bytes) {
  SendOutcome outcome;
  while (outcome.sent < bytes.size()) {
    const ssize_t sent = send(fd, bytes.data() + outcome.sent, bytes.size() - outcome.sent,
                              MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      outcome.broken = errno != EAGAIN && errno != EWOULDBLOCK;
      break;
    }
    outcome.sent += static_cast<size_t>(sent);
  }
  return outcome;
}

void RaiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace watchfire::net
