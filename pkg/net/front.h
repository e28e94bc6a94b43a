// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The HTTP front: one epoll thread owns every idle, half-read and half-answered connection
// (bounded bytes and time each) and hands only complete requests to a few workers; httplib reads
// the request line, routes nothing and writes the answer. 1,000 slow clients cost 1,000 buffers,
// not 1,000 threads. httplib's own accept loop gives each connection a thread and stops there.
//
// Speaks HTTP/1.1 and HTTP/1.0 with keep-alive, pipelining (answered in order), chunked bodies and
// "Expect: 100-continue". What cannot become a request is answered with a short JSON error and the
// connection closed: 400 malformed, 408 too slow, 413 body, 414 request line, 431 headers, 503 too
// many connections or bytes at once.
//
// With TLS the epoll thread translates (tls_session.h): a handshake that takes its time costs a
// connection, and no thread. Passwords are checked by workers; one at a time, so that guesses keep
// nobody waiting whose password is known.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pkg/base/limits.h"
#include "pkg/base/result.h"
#include "pkg/base/time.h"
#include "pkg/net/access.h"
#include "pkg/net/http.h"

namespace watchfire::net {

class Front {
 public:
  // Runs on a worker thread; must return within the limits of limits.h.
  using Handler = std::function<Response(const Request&)>;
  // Who may speak to us right now. Called on every thread of the front; cheap; may give null.
  using AccessSource = std::function<std::shared_ptr<const Access>()>;

  struct Options {
    std::vector<std::string> listen_addresses;  // "127.0.0.1:9093", ":9093", "[::1]:0"
    std::vector<int> inherited_sockets;         // That listen already; the front owns them.
    int workers = 4;                            // At least 1.
    // "" or "/foo": stripped from Request::path; GET / leads there, other paths answer 404.
    std::string route_prefix;
    size_t connections_max = limits::kConnections;
    Duration request_time = limits::kRequestTime;  // Reading one request; sending one answer.
    Duration idle_time = limits::kIdleTime;        // Between requests.
    // GETs waiting or in work at once; further ones answer 503. Whatever their number, GETs and
    // HEADs leave one of several workers to the others, so that no flood of slow reads delays a
    // POST; and it goes before the workers that take them (nice). Source of limit, timeout and
    // their answers: reference alertmanager-compat §1.3.
    size_t gets_max = limits::kConnections;
    // From a complete request to its answer, or to the beginning of one that is made while it is
    // sent (Response::write_body), else 503; the handler's late answer is dropped. 0: none.
    Duration handler_timeout{};
    AccessSource access;  // Null: plain HTTP for everybody.
    // "/foo/", behind the route prefix: what is below it proves its callers by itself, and no
    // password is asked for there. "": nothing is.
    std::string open_path = {};
    Duration handshake_time = std::chrono::seconds(10);  // From connecting to its end.
    // Of half-read requests together: one that grows beyond answers 503. Of answers not taken yet:
    // beyond, the reader that has kept a large one for the longest is cut off, but never the one
    // who was answered last. Apart, so that slow readers turn no POST away.
    size_t request_bytes_max = limits::kFrontBytes;
    size_t answer_bytes_max = limits::kFrontBytes;
  };
  struct Stats {
    size_t connections = 0;        // Open now.
    uint64_t requests = 0;         // Handed to a worker.
    uint64_t refused_syntax = 0;   // 400, 417, 501, 505
    uint64_t refused_size = 0;     // 413, 414 and 431
    uint64_t refused_time = 0;     // 408
    uint64_t refused_count = 0;    // 503: connections_max, request_bytes_max, no worker in time
    uint64_t cut_slow_reader = 0;  // Of an answer: request_time, answer_bytes_max.
    size_t gets = 0;               // Waiting or in work now.
    uint64_t refused_gets = 0;     // 503: gets_max
    uint64_t timeouts = 0;         // 503: handler_timeout
    uint64_t refused_tls = 0;      // Handshakes that failed or took too long; plain HTTP.
  };

  // Binds and listens; serving begins with Start(). An empty host means every interface. Raises
  // the process' soft limit of open files to the hard one. Errors naming the address:
  // kInvalidArgument (not host:port, not such a socket), kUnavailable (unknown host, port taken).
  static Result<std::unique_ptr<Front>> Listen(const Options& options, Handler handler);
  ~Front();  // Stop()

  // Spawns the threads. Call once.
  void Start();
  // Stops accepting, closes what is idle or half-read, lets requests in work finish and their
  // answers leave (up to 5 s), closes. Blocks until every thread ended. Idempotent.
  void Stop();

  // "127.0.0.1:9093" with the port that was really bound, one per listen address.
  std::vector<std::string> addresses() const;
  // Any thread, any time.
  Stats stats() const;

 private:
  class Impl;
  explicit Front(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace watchfire::net
