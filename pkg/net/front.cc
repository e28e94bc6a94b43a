// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/front.h"

#include <algorithm>
#include <optional>
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
// processor for a third of a second; alerts that are posted, pages and whoever hands them on are
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
  auto& [head, body] = done->answer;
  if (done->outcome.sent < head.size()) body.insert(0, std::exchange(head, {}));
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
      if (!done.late && !job.is_for_loop) done.outcome = SendBoth(job.fd, done.answer);
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
