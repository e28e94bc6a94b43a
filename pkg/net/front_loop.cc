// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/front_loop.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"

namespace watchfire::net {
namespace {

constexpr uint64_t kWakeToken = 0;  // Listeners are 1, 2, …
constexpr uint64_t kFirstConnection = 1 << 20;
constexpr int kAcceptsPerTurn = 64;
constexpr std::chrono::seconds kDrainTime{5};
constexpr size_t kLargeAnswerBytes = size_t{256} * 1024;  // Smaller ones are not worth a cut.

void Watch(int epoll, int fd, uint32_t events, uint64_t token) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = token;
  WF_CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

}  // namespace

FrontLoop::FrontLoop(const Front::Options& options, std::vector<Fd> listeners)
    : options_(options),
      done_(limits::kConnections),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      listeners_(std::move(listeners)),
      spare_(open("/dev/null", O_RDONLY | O_CLOEXEC)),
      next_id_(kFirstConnection) {
  WF_CHECK(epoll_ && wake_);
  for (size_t worker = 0; worker < static_cast<size_t>(std::max(options.workers, 1)); ++worker) {
    inboxes_.push_back(std::make_unique<Channel<Job>>(1));
  }
  for (size_t worker = 0; worker < inboxes_.size(); ++worker) IdleLike(worker).push_back(worker);
  Watch(epoll_.get(), wake_.get(), EPOLLIN, kWakeToken);
  for (size_t i = 0; i < listeners_.size(); ++i) {
    addresses_.push_back(BoundAddress(listeners_[i].get()));
    Watch(epoll_.get(), listeners_[i].get(), EPOLLIN, i + 1);
  }
}

void FrontLoop::Run() {
  std::array<epoll_event, 256> events;
  while (!Finished()) {
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), WaitMillis());
    now_ = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<size_t>(i)];
      OnEvent(event.data.u64, event.events);
    }
    for (Done& done : done_.PopAll(MonoTime{})) TakeBack(std::move(done));
    if (stopping_ && !draining_) BeginDrain();
    Resume();
    Expire();
    Dispatch();
  }
  for (const auto& inbox : inboxes_) inbox->Close();
}

void FrontLoop::CloseAll() {
  listeners_.clear();
  connections_.clear();
  counters_.connections = 0;
}

void FrontLoop::RequestStop() {
  stopping_ = true;
  eventfd_write(wake_.get(), 1);
}

void FrontLoop::GiveBack(Done done) {
  done_.Push(std::move(done));
  eventfd_write(wake_.get(), 1);
}

Front::Stats FrontLoop::stats() const {
  return {counters_.connections,     counters_.requests,     counters_.refused_syntax,
          counters_.refused_size,    counters_.refused_time, counters_.refused_count,
          counters_.cut_slow_reader, counters_.gets,         counters_.refused_gets,
          counters_.timeouts,        counters_.refused_tls};
}

void FrontLoop::OnEvent(uint64_t token, uint32_t events) {
  if (token == kWakeToken) {
    eventfd_t value = 0;
    eventfd_read(wake_.get(), &value);
  } else if (token < kFirstConnection) {
    if (token <= listeners_.size()) Accept(listeners_[token - 1].get());
  } else if (Connection* connection = Find(token)) {
    if ((events & ~static_cast<uint32_t>(EPOLLOUT)) != 0) connection->readable = true;
    Drive(*connection);
  }
}

void FrontLoop::Accept(int listener) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    Fd fd(accept4(listener, reinterpret_cast<sockaddr*>(&address), &size,
                  SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd && (errno == EMFILE || errno == ENFILE) && spare_) {
      // Left in the queue, the client would wake us for ever: take it and hang up.
      spare_ = Fd();
      { const Fd turned_away(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)); }
      spare_ = Fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
      ++counters_.refused_count;
      continue;
    }
    if (!fd && errno == ECONNABORTED) continue;
    if (!fd) return;
    if (connections_.size() >= options_.connections_max) {
      ++counters_.refused_count;
      const std::shared_ptr<const Access> now = access();
      const bool is_plain = !now || !now->tls();
      if (is_plain) SendSome(fd.get(), RefusalBytes({503, "too many connections"}));
      continue;
    }
    Open(std::move(fd), FormatAddress(address));
  }
}

void FrontLoop::Open(Fd fd, std::string remote) {
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  auto connection = std::make_unique<Connection>();
  connection->id = next_id_++;
  connection->fd = std::move(fd);
  connection->remote = std::move(remote);
  const std::shared_ptr<const Access> now = access();
  if (now && now->tls()) connection->tls = std::make_unique<TlsSession>(now->tls());
  // The first request has to start soon; a client that proved itself may idle longer.
  SetDeadline(*connection,
              now_ + (connection->tls ? options_.handshake_time : options_.request_time));
  Watch(epoll_.get(), connection->fd.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        connection->id);
  connections_.emplace(connection->id, std::move(connection));
  counters_.connections = connections_.size();
}

void FrontLoop::Drive(Connection& connection) {
  switch (connection.phase) {
    case Phase::kReading:
      if (!connection.unsent.empty()) Flush(connection);
      return Read(connection);
    case Phase::kWriting:
      return Write(connection);
    case Phase::kLingering:
      return Discard(connection);
    case Phase::kQueued:
    case Phase::kWorking:
      return;  // The worker's answer drives it on.
  }
}

void FrontLoop::Enqueue(Connection& connection) {
  const std::string_view method = connection.framer.method();
  connection.answers_head = method == "HEAD";
  const std::shared_ptr<const Access> now = access();
  const bool is_check = now && now->IsSlow(connection.framer.headers());
  // Who is not known yet takes no known client's place.
  connection.share = {method == "GET" && !is_check, method == "GET" || method == "HEAD" || is_check,
                      is_check};
  if (connection.share.is_get && counters_.gets >= options_.gets_max) {
    ++counters_.refused_gets;
    connection.close_after = connection.framer.Take().close;
    return AnswerBusy(connection, "Limit of concurrent GET requests reached (" +
                                      std::to_string(options_.gets_max) +
                                      "), try again later.\n\n");
  }
  if (connection.share.is_get) ++counters_.gets;
  connection.phase = Phase::kQueued;
  const bool has_timeout = options_.handler_timeout > Duration::zero();
  SetDeadline(connection, now_ + (has_timeout ? options_.handler_timeout : options_.request_time));
  auto& line = is_check ? checks_ : connection.share.is_read ? reads_ : writes_;
  line.push_back({next_turn_++, connection.id});
}

// Answers without a worker; the connection goes on. Only prepares, as Refuse() does.
void FrontLoop::AnswerBusy(Connection& connection, const std::string& body) {
  connection.close_after = connection.close_after || draining_;
  const std::shared_ptr<const Access> now = access();
  Put(connection, BusyBytes(body, {connection.close_after, connection.answers_head,
                                   now ? now->headers() : std::vector<Header>()}));
  connection.phase = Phase::kWriting;
  SetDeadline(connection, now_ + options_.request_time);
  Account(connection);
  ResumeLater(connection);
}

// A request is worked on no more.
void FrontLoop::Return(const Share& share) {
  if (share.is_get) --counters_.gets;
}

// Answers without a worker and ends the connection. Only prepares: the next turn of Resume() sends.
// `refusal` may be the framer's own, so it is used before the framer goes.
void FrontLoop::Refuse(Connection& connection, const Refusal& refusal) {
  const int status = refusal.status;
  ++(status == 408                                     ? counters_.refused_time
     : status == 503                                   ? counters_.refused_count
     : status == 413 || status == 414 || status == 431 ? counters_.refused_size
                                                       : counters_.refused_syntax);
  connection.close_after = true;
  Put(connection, RefusalBytes(refusal));
  End(connection);
}

// Sends what there is to send and nothing else. Only prepares.
void FrontLoop::End(Connection& connection) {
  connection.framer = Framer();
  connection.extra = std::string();
  connection.close_after = true;
  connection.phase = Phase::kWriting;
  SetDeadline(connection, now_ + options_.request_time);
  Account(connection);
  ResumeLater(connection);
}

// Returns the line whose first one is next, or null. First come, first served, but for reads while
// they have all the workers that they may have, and for checks while there is one.
std::deque<FrontLoop::Waiting>* FrontLoop::NextLine() {
  const bool may_read = !idle_readers_.empty();
  std::deque<Waiting>* next = writes_.empty() ? nullptr : &writes_;
  const auto offer = [&](std::deque<Waiting>& line) {
    if (line.empty()) return;
    if (next == nullptr || line.front().turn < next->front().turn) next = &line;
  };
  if (may_read) offer(reads_);
  if (may_read && checks_working_ == 0) offer(checks_);
  return next;
}

void FrontLoop::Dispatch() {
  while (!idle_readers_.empty() || !idle_others_.empty()) {
    std::deque<Waiting>* line = NextLine();
    if (line == nullptr) return;
    const bool is_read = line != &writes_;
    Connection* connection = Find(line->front().connection);
    line->pop_front();
    if (connection == nullptr || connection->phase != Phase::kQueued) continue;
    connection->phase = Phase::kWorking;
    Job job{connection->id,
            connection->fd.get(),
            connection->framer.Take(),
            connection->remote,
            connection->share,
            nullptr,
            connection->tls != nullptr || !connection->unsent.empty()};
    if (options_.handler_timeout > Duration::zero()) {
      // The deadline goes on: it is the time of waiting and work together.
      job.claim = connection->claim = std::make_shared<std::atomic<bool>>(false);
    } else {
      SetDeadline(*connection, MonoTime::max());
    }
    job.framed.close = job.framed.close || draining_;
    connection->close_after = job.framed.close;
    ++counters_.requests;
    if (job.share.is_check) ++checks_working_;
    auto& idle = is_read || idle_others_.empty() ? idle_readers_ : idle_others_;
    inboxes_[idle.back()]->Push(std::move(job));
    idle.pop_back();
  }
}

void FrontLoop::TakeBack(Done done) {
  IdleLike(done.worker).push_back(done.worker);
  Return(done.share);
  if (done.share.is_check) --checks_working_;
  if (done.late) return;
  Connection* connection = Find(done.connection);
  WF_CHECK(connection != nullptr && connection->phase == Phase::kWorking);
  connection->claim.reset();
  if (done.outcome.broken) return Close(connection->id);
  Put(*connection, std::move(done.answer.body));
  connection->sent += done.outcome.sent - done.answer.head.size();
  connection->phase = Phase::kWriting;
  SetDeadline(*connection, now_ + options_.request_time);
  Account(*connection);
  Write(*connection);
  while (owed_ > options_.answer_bytes_max) {
    if (!CutSlowest(done.connection)) break;
  }
}

// Ends the connection whose answer is large and has been on its way for the longest: by its
// deadline. Not `newest`, which had no time to read: an answer larger than all may be must reach
// whoever asks for it. Returns whether there was one.
bool FrontLoop::CutSlowest(uint64_t newest) {
  for (const auto& [deadline, id] : deadlines_) {
    const Connection& connection = *Find(id);
    if (connection.phase != Phase::kWriting || connection.owed < kLargeAnswerBytes) continue;
    if (id == newest) continue;
    ++counters_.cut_slow_reader;
    Close(id);
    return true;
  }
  return false;
}

void FrontLoop::Resume() {
  for (const uint64_t id : std::exchange(resumed_, {})) {
    Connection* connection = Find(id);
    if (connection == nullptr) continue;
    connection->is_resumed = false;
    Drive(*connection);
  }
}

// Once the others have had a go.
void FrontLoop::ResumeLater(Connection& connection) {
  if (!std::exchange(connection.is_resumed, true)) resumed_.push_back(connection.id);
}

void FrontLoop::Expire() {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_) {
    Connection& connection = *Find(deadlines_.begin()->second);
    if (connection.phase == Phase::kReading && connection.framer.started()) {
      Refuse(connection, {408, "request not complete in time"});
    } else if (connection.phase == Phase::kQueued || connection.phase == Phase::kWorking) {
      GiveUp(connection);
    } else {
      if (connection.phase == Phase::kWriting) ++counters_.cut_slow_reader;
      const bool is_handshake =
          connection.tls && connection.tls->state() == TlsSession::State::kHandshake;
      if (is_handshake) ++counters_.refused_tls;
      Close(connection.id);
    }
  }
}

// A complete request has waited too long for its worker or for its answer.
void FrontLoop::GiveUp(Connection& connection) {
  const bool is_queued = connection.phase == Phase::kQueued;
  if (is_queued) Return(connection.share);
  if (options_.handler_timeout <= Duration::zero()) {
    return Refuse(connection, {503, "no worker was free in time"});
  }
  if (is_queued) {
    connection.close_after = connection.framer.Take().close;
  } else if (std::exchange(connection.claim, {})->exchange(true)) {
    return SetDeadline(connection, MonoTime::max());  // The answer is on its way after all.
  }
  ++counters_.timeouts;
  AnswerBusy(connection, "Exceeded configured timeout of " +
                             FormatGoDuration(options_.handler_timeout) + ".\n");
}

void FrontLoop::BeginDrain() {
  draining_ = true;
  drain_deadline_ = now_ + kDrainTime;
  listeners_.clear();
  std::vector<uint64_t> unbusy;
  for (const auto& [id, connection] : connections_) {
    const Phase phase = connection->phase;
    if (phase == Phase::kReading || phase == Phase::kLingering) unbusy.push_back(id);
  }
  for (const uint64_t id : unbusy) Close(id);
}

bool FrontLoop::Finished() const {
  return draining_ && (connections_.empty() || now_ >= drain_deadline_);
}

int FrontLoop::WaitMillis() const {
  if (!resumed_.empty()) return 0;
  MonoTime next = draining_ ? drain_deadline_ : MonoTime::max();
  if (!deadlines_.empty()) next = std::min(next, deadlines_.begin()->first);
  if (next == MonoTime::max()) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - now_).count();
  return static_cast<int>(std::clamp<int64_t>(wait, 0, 60'000));
}

void FrontLoop::SetDeadline(Connection& connection, MonoTime deadline) {
  if (connection.deadline != MonoTime::max()) {
    deadlines_.erase({connection.deadline, connection.id});
  }
  connection.deadline = deadline;
  if (deadline != MonoTime::max()) deadlines_.emplace(deadline, connection.id);
}

void FrontLoop::Account(Connection& connection) {
  const size_t asked = connection.framer.bytes() + connection.extra.size();
  const size_t owed = connection.unsent.size() + connection.unsealed.size();
  asked_ = asked_ - connection.asked + asked;
  owed_ = owed_ - connection.owed + owed;
  connection.asked = asked;
  connection.owed = owed;
}

void FrontLoop::Close(uint64_t id) {
  const auto it = connections_.find(id);
  SetDeadline(*it->second, MonoTime::max());
  asked_ -= it->second->asked;
  owed_ -= it->second->owed;
  connections_.erase(it);
  counters_.connections = connections_.size();
}

FrontLoop::Connection* FrontLoop::Find(uint64_t id) {
  const auto it = connections_.find(id);
  return it == connections_.end() ? nullptr : it->second.get();
}

}  // namespace watchfire::net
