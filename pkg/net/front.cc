// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/front.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <sys/resource.h>

#include "pkg/net/front_loop.h"
#include "pkg/net/responder.h"
#include "pkg/net/socket.h"

namespace watchfire::net {
namespace {

std::string NormalPrefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
  if (!prefix.empty() && prefix.front() != '/') prefix.insert(prefix.begin(), '/');
  return prefix;
}

// The thread goes behind others that have as much to do. One read of a large installation takes a
// processor for a tenth of a second; alerts that are posted, pages and whoever hands them on are
// not to wait for it.
void StepBack() {
  constexpr int kNicer = 5;
  setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + kNicer);  // Linux: of this thread.
}

// Sends what the socket takes without blocking.
SendOutcome SendBoth(int fd, const AnswerBytes& answer) {
  SendOutcome outcome = SendSome(fd, answer.head);
  if (outcome.sent < answer.head.size()) return outcome;
  const SendOutcome of_body = SendSome(fd, answer.body);
  return {outcome.sent + of_body.sent, of_body.broken};
}

// What is left of an answer is one piece for the loop, which copies nothing large: others wait.
void JoinUnsent(Done* done) {
  AnswerBytes& answer = done->answer;
  if (done->outcome.sent < answer.head.size()) {
    answer.body.insert(0, std::exchange(answer.head, {}));
  }
}

// Sends an answer whose body is made piece by piece, each a chunk (RFC 9112 section 7.1). What the
// socket does not take is kept, and tried again with the next: whoever reads fast enough is sent
// all of it from the memory of a few pieces, and nobody is waited for.
class ChunkSender {
 public:
  // Keeps everything unless it `may_send`; about `most` bytes will come.
  ChunkSender(int fd, bool may_send, size_t most) : fd_(fd), may_send_(may_send), most_(most) {}

  void Head(std::string_view head) { Put(head); }
  void Chunk(std::string_view piece) {
    if (piece.empty()) return;  // It would end the body.
    std::array<char, 2 * sizeof(size_t) + 2> size;
    char* end = std::to_chars(size.data(), size.data() + 2 * sizeof(size_t), piece.size(), 16).ptr;
    end = std::ranges::copy(kLineEnd, end).out;
    Put({size.data(), end});
    Put(piece);
    Put(kLineEnd);
  }
  void End() { Put("0\r\n\r\n"); }
  // The connection is of no use any more.
  void Break() { broken_ = true; }
  bool broken() const { return broken_; }

  // What is left to be sent.
  std::string TakeKept() {
    kept_.erase(0, std::exchange(sent_, 0));
    return std::exchange(kept_, {});
  }

 private:
  static constexpr std::string_view kLineEnd = "\r\n";

  void Put(std::string_view bytes) {
    if (broken_) return;
    SendKept();
    if (kept_.empty() && may_send_) bytes.remove_prefix(Send(bytes));
    // Room costs nothing that is not written to; to move what is large does.
    if (!bytes.empty() && kept_.empty()) kept_.reserve(most_);
    kept_ += bytes;
  }
  void SendKept() {
    if (kept_.empty() || !may_send_) return;
    sent_ += Send(std::string_view(kept_).substr(sent_));
    if (sent_ < kept_.size() / 2) return;
    kept_.erase(0, std::exchange(sent_, 0));
  }
  size_t Send(std::string_view bytes) {
    const SendOutcome outcome = SendSome(fd_, bytes);
    broken_ |= outcome.broken;
    return outcome.sent;
  }

  const int fd_;
  const bool may_send_;
  const size_t most_;
  bool broken_ = false;
  std::string kept_;
  size_t sent_ = 0;  // Of these.
};

// Makes and sends the body of an answer that has none yet. Leaves the rest to the loop.
void SendChunks(const Job& job, Done* done) {
  ChunkSender sender(job.fd, !job.is_for_loop, done->answer.body_bytes);
  sender.Head(std::exchange(done->answer.head, {}));
  try {
    done->answer.write_body([&sender](std::string_view piece) { sender.Chunk(piece); });
    sender.End();
  } catch (const std::exception&) {
    sender.Break();  // Whoever has read half of it is not to take that for all.
  }
  done->answer.write_body = {};
  done->answer.body = sender.TakeKept();
  done->outcome = {0, sender.broken()};
}

void Work(FrontLoop& loop, size_t worker, Responder& responder) {
  for (;;) {
    std::vector<Job> jobs = loop.inbox(worker).PopAll(std::nullopt);
    if (jobs.empty()) return;  // Closed.
    for (Job& job : jobs) {
      Done done;
      done.connection = job.connection;
      done.worker = worker;
      done.answer = responder.Answer(std::move(job.framed), job.remote);
      done.share = job.share;
      done.late = job.claim != nullptr && job.claim->exchange(true);
      if (done.late) {
        done.answer = {};  // Here: the loop has others to look after.
      } else if (done.answer.write_body) {
        SendChunks(job, &done);
      } else if (!job.is_for_loop) {
        done.outcome = SendBoth(job.fd, done.answer);
      }
      JoinUnsent(&done);
      loop.GiveBack(std::move(done));
    }
  }
}

}  // namespace

class Front::Impl {
 public:
  Impl(const Options& options, std::vector<Fd> listeners, Handler handler)
      : workers_(static_cast<size_t>(std::max(options.workers, 1))),
        handler_(std::move(handler)),
        prefix_(NormalPrefix(options.route_prefix)),
        access_(options.access),
        open_path_(options.open_path.empty() ? "" : prefix_ + options.open_path),
        loop_(options, std::move(listeners)) {}

  void Start() {
    threads_.emplace_back([this] { loop_.Run(); });
    for (size_t worker = 0; worker < workers_; ++worker) {
      threads_.emplace_back([this, worker] {
        if (loop_.IsReader(worker) && workers_ > 1) StepBack();
        Responder responder(handler_, prefix_, access_, open_path_);
        Work(loop_, worker, responder);
      });
    }
  }

  void Stop() {
    loop_.RequestStop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    loop_.CloseAll();
  }

  const FrontLoop& loop() const { return loop_; }

 private:
  const size_t workers_;
  const Handler handler_;
  const std::string prefix_;
  const AccessSource access_;
  const std::string open_path_;
  FrontLoop loop_;
  std::vector<std::thread> threads_;
};

Result<std::unique_ptr<Front>> Front::Listen(const Options& options, Handler handler) {
  RaiseFileLimit();
  std::vector<Fd> listeners;
  for (const std::string& address : options.listen_addresses) {
    Result<Fd> listener = ListenOn(address);
    if (!listener) return Fail(std::move(listener.error()));
    listeners.push_back(std::move(*listener));
  }
  for (const int socket : options.inherited_sockets) {
    Result<Fd> listener = AdoptListener(socket);
    if (!listener) return Fail(std::move(listener.error()));
    listeners.push_back(std::move(*listener));
  }
  auto impl = std::make_unique<Impl>(options, std::move(listeners), std::move(handler));
  return std::unique_ptr<Front>(new Front(std::move(impl)));
}

Front::Front(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Front::~Front() { Stop(); }
void Front::Start() { impl_->Start(); }
void Front::Stop() { impl_->Stop(); }
std::vector<std::string> Front::addresses() const { return impl_->loop().addresses(); }
Front::Stats Front::stats() const { return impl_->loop().stats(); }

}  // namespace watchfire::net
