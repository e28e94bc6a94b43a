// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The epoll thread of the front and what crosses to and from its workers. One thread calls Run();
// it owns every connection. A worker owns one request at a time and may send on its descriptor,
// never close it.
//
//            bytes             complete             idle worker           answer
//   kReading ------> (framer) ---------> kQueued ---------------> kWorking ------> kReading
//      |  bad, slow                         | no worker in time      | unsent tail     ^
//      +--------> kWriting <----------------+                        v                 |
//                    |  ^-----------------------------------------kWriting ------------+
//                    v  the connection ends                                  sent
//                kLingering ---> closed
//
// A request that is not answered within handler_timeout goes from kQueued or kWorking to kWriting
// with a 503. Its worker may then still be busy, so whoever claims the answer first sends it, and
// the other lets the descriptor alone.
//
// With TLS the bytes that come in go through the connection's TlsSession, and so do the answers:
// only this thread touches it, so a worker's answer comes back whole. What TLS itself has to say, a
// handshake's half, is sent while kReading.
//
// kLingering exists because closing a socket that still holds unread bytes makes the kernel throw
// the answer away: a client in the middle of its 17 MiB would never see the 413.

#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pkg/base/channel.h"
#include "pkg/base/time.h"
#include "pkg/net/framer.h"
#include "pkg/net/front.h"
#include "pkg/net/responder.h"
#include "pkg/net/socket.h"
#include "pkg/net/tls_session.h"

namespace watchfire::net {

// What a request counts against while it waits and is worked on.
struct Share {
  bool is_get = false;    // Front::Options::gets_max.
  bool is_read = false;   // GET, HEAD or a password to check: may not take the last free worker.
  bool is_check = false;  // A password to check comes first: one at a time.
};

// Set by the first to answer a request: its worker, or the loop after handler_timeout.
using Claim = std::shared_ptr<std::atomic<bool>>;

// A complete request on its way to a worker.
struct Job {
  uint64_t connection = 0;
  int fd = -1;
  Framed framed;
  std::string remote;
  Share share;
  Claim claim;
  bool is_for_loop = false;  // Through TLS, or behind what is unsent: no worker sends it.
};

// A worker's result on its way back; the worker is idle again.
struct Done {
  uint64_t connection = 0;
  size_t worker = 0;
  Share share;
  bool late = false;    // The loop has answered: the connection may be anywhere, or gone.
  AnswerBytes answer;   // Its head is gone, or is part of the body.
  SendOutcome outcome;  // What of the answer is gone already.
};

class FrontLoop {
 public:
  FrontLoop(const Front::Options& options, std::vector<Fd> listeners);

  // Serves until RequestStop() and the drain after it; then closes the inboxes. Connections whose
  // worker is still busy stay open.
  void Run();
  // Closes every socket. Only while neither Run() nor a worker is running.
  void CloseAll();

  // Any thread.
  void RequestStop();
  void GiveBack(Done done);
  Channel<Job>& inbox(size_t worker) { return *inboxes_[worker]; }
  // Whether reads are given to that worker; the first of several has none.
  bool IsReader(size_t worker) const { return worker > 0 || inboxes_.size() == 1; }
  Front::Stats stats() const;
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  enum class Phase { kReading, kQueued, kWorking, kWriting, kLingering };

  struct Connection {
    uint64_t id = 0;
    Fd fd;
    std::string remote;
    Phase phase = Phase::kReading;
    bool readable = false;            // Edge-triggered: true until a read says "no more for now".
    bool is_resumed = false;          // Among resumed_.
    bool close_after = false;         // The answer in hand is the last one.
    std::unique_ptr<TlsSession> tls;  // Null: plain.
    Framer framer;
    std::string extra;   // Bytes after the request in hand: the next, pipelined ones.
    std::string unsent;  // Wire bytes the socket did not take yet, from `sent` on.
    size_t sent = 0;
    std::string unsealed;  // Of an answer, from `sealed` on what did not go through TLS yet.
    size_t sealed = 0;
    bool answers_head = false;
    Share share;
    Claim claim;       // While kWorking.
    size_t asked = 0;  // This connection's shares of asked_ and owed_.
    size_t owed = 0;
    size_t discarded = 0;  // While lingering.
    MonoTime deadline = MonoTime::max();
  };

  // A request in line for a worker.
  struct Waiting {
    uint64_t turn = 0;  // Grows by one per request.
    uint64_t connection = 0;
  };

  void OnEvent(uint64_t token, uint32_t events);
  void Accept(int listener);
  void Open(Fd fd, std::string remote);
  void TakeBack(Done done);
  void Dispatch();
  std::deque<Waiting>* NextLine();
  std::vector<size_t>& IdleLike(size_t worker) {
    return IsReader(worker) ? idle_readers_ : idle_others_;
  }
  void Resume();
  void ResumeLater(Connection& connection);
  void Expire();
  void GiveUp(Connection& connection);
  void BeginDrain();
  bool Finished() const;
  int WaitMillis() const;

  // These four may destroy the connection they are given.
  void Drive(Connection& connection);
  void Read(Connection& connection);
  void Write(Connection& connection);
  void Discard(Connection& connection);

  bool Take(Connection& connection, std::string_view wire);
  bool TakeTls(Connection& connection, std::string_view wire);
  void Feed(Connection& connection, std::string_view bytes);
  void Put(Connection& connection, std::string bytes);
  static void Seal(Connection& connection);
  SendOutcome Flush(Connection& connection);
  void Enqueue(Connection& connection);
  void Refuse(Connection& connection, const Refusal& refusal);
  void End(Connection& connection);
  void AnswerBusy(Connection& connection, const std::string& body);
  void Return(const Share& share);
  void SetDeadline(Connection& connection, MonoTime deadline);
  void Account(Connection& connection);
  bool CutSlowest(uint64_t newest);
  void Close(uint64_t id);
  Connection* Find(uint64_t id);
  std::shared_ptr<const Access> access() const {
    return options_.access ? options_.access() : nullptr;
  }

  const Front::Options options_;
  std::vector<std::unique_ptr<Channel<Job>>> inboxes_;
  Channel<Done> done_;
  std::vector<std::string> addresses_;
  Fd epoll_;
  Fd wake_;

  // Owned by the thread in Run().
  std::vector<Fd> listeners_;
  Fd spare_;  // Given up for a moment to turn a client away when descriptors run out.
  std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections_;
  uint64_t next_id_;
  std::set<std::pair<MonoTime, uint64_t>> deadlines_;
  std::deque<Waiting> reads_;   // kQueued, oldest first: GET and HEAD.
  std::deque<Waiting> checks_;  // With a password to check.
  std::deque<Waiting> writes_;  // The others.
  uint64_t next_turn_ = 0;
  size_t checks_working_ = 0;
  // Workers without a job: those that read as well, and the one that is there for all else.
  std::vector<size_t> idle_readers_;
  std::vector<size_t> idle_others_;
  std::vector<uint64_t> resumed_;  // To be driven again without waiting for an event.
  size_t asked_ = 0;               // Bytes of the requests of all connections.
  size_t owed_ = 0;                // And of their answers that are not sent.
  MonoTime now_{};
  bool draining_ = false;
  MonoTime drain_deadline_{};
  std::array<char, size_t{64} * 1024> scratch_;

  std::atomic<bool> stopping_{false};
  struct Counters {
    std::atomic<size_t> connections{0};
    std::atomic<uint64_t> requests{0};
    std::atomic<uint64_t> refused_syntax{0};
    std::atomic<uint64_t> refused_size{0};
    std::atomic<uint64_t> refused_time{0};
    std::atomic<uint64_t> refused_count{0};
    std::atomic<uint64_t> cut_slow_reader{0};
    std::atomic<size_t> gets{0};
    std::atomic<uint64_t> refused_gets{0};
    std::atomic<uint64_t> timeouts{0};
    std::atomic<uint64_t> refused_tls{0};
  } counters_;
};

}  // namespace watchfire::net
