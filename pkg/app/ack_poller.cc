// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/ack_poller.h"

#include <algorithm>
#include <utility>

#include "pkg/app/core_thread.h"
#include "pkg/app/log.h"
#include "pkg/base/limits.h"
#include "pkg/config/ack_polling.h"
#include "pkg/oncall/person.h"

namespace watchfire::app {
namespace {

using inbound::ResponderAct;

constexpr Duration kTimeout = std::chrono::seconds(20);

const char* NameOf(ResponderAct::Kind kind) {
  switch (kind) {
    case ResponderAct::Kind::kAcknowledge:
      return "acknowledge";
    case ResponderAct::Kind::kResolve:
      return "resolve";
    case ResponderAct::Kind::kNote:
    case ResponderAct::Kind::kNothing:
      break;
  }
  return "note";
}

responder::Answer ToAnswer(const net::OutResponse& response) {
  responder::Answer answer{response.status, response.body, "",
                           std::string(response.header("Date"))};
  for (const char* name : responder::kWaitHeaders) {
    if (answer.wait.empty()) answer.wait = response.header(name);
  }
  return answer;
}

}  // namespace

AckPoller::AckPoller(net::Client& client, CoreAccess core)
    : client_(client), core_(std::move(core)), channel_(limits::kEventQueue) {}

AckPoller::~AckPoller() { Stop(); }

void AckPoller::Start(std::shared_ptr<const config::Config> config) {
  OnConfig(std::move(config));
  thread_ = std::thread([this] { Run(); });
}

void AckPoller::Stop() {
  channel_.Close();
  if (thread_.joinable()) thread_.join();
}

void AckPoller::OnConfig(std::shared_ptr<const config::Config> config) {
  channel_.Push(std::move(config));
}

void AckPoller::Run() {
  while (!channel_.closed()) {
    std::optional<MonoTime> wake;
    for (Line& line : lines_) {
      if (line.poll.due() && *line.poll.due() <= ReadNow().mono) Ask(&line);
      const auto due = line.poll.due();
      if (due && (!wake || *due < *wake)) wake = due;
    }
    for (Input& input : channel_.PopAll(wake)) {
      if (const auto* config = std::get_if<std::shared_ptr<const config::Config>>(&input)) {
        Use(**config);
      } else {
        Take(std::get<Answered>(input));
      }
    }
  }
}

void AckPoller::Use(const config::Config& config) {
  const MonoTime now = ReadNow().mono;
  std::vector<Line> lines;
  for (const auto& account : responder::AccountsOf(config)) {
    const auto same = std::ranges::find_if(
        lines_, [&](const Line& line) { return line.poll.account().IsSameAccount(*account); });
    const responder::Poll* before = same == lines_.end() ? nullptr : &same->poll;
    lines.push_back({responder::Poll::After(account, before, now), ++last_line_, "", ""});
  }
  lines_ = std::move(lines);
}

void AckPoller::Ask(Line* line) {
  const auto view = core_.read(core::kViewIncidents);
  if (!view) return line->poll.Wait(ReadNow().mono);
  const auto question = line->poll.Ask((*view)->incidents, ReadNow());
  if (!question) return;
  auto http = std::make_shared<config::HttpConfig>(line->poll.account().http);
  http->follow_redirects = false;  // The secrets are for that host.
  net::OutRequest request;
  request.method = "GET";
  request.url = Secret(question->url);
  request.shown_url = question->url.substr(0, question->url.find('?'));
  for (const auto& [name, value] : question->headers) request.headers.push_back({name, value});
  request.timeout = kTimeout;
  request.response_bytes_max = limits::kPollBytes;
  request.http = http.get();
  request.keep_alive = http;
  client_.Send(std::move(request), [this, id = line->id](Result<net::OutResponse> response) {
    channel_.Push(Answered{id, std::move(response)});
  });
}

void AckPoller::Take(const Answered& answered) {
  const auto line = std::ranges::find(lines_, answered.line, &Line::id);
  if (line == lines_.end()) return;
  const std::string vendor = line->poll.vendor().kind;
  const Result<responder::Answer> answer =
      answered.response ? Result<responder::Answer>(ToAnswer(*answered.response))
                        : Fail(answered.response.error());
  const Now now = ReadNow();
  const responder::Poll::Learnt learnt = line->poll.Take(answer, now);
  const bool is_ok = std::string_view(learnt.outcome) == "ok";
  stats_.With([&](Stats& stats) {
    Count(&stats.polls, {vendor, learnt.outcome});
    if (is_ok) stats.last_ok[{vendor}] = ToUnixSeconds(now.wall);
  });
  std::string& fault = learnt.is_of_notes ? line->notes_fault : line->fault;
  if (learnt.fault != fault && learnt.fault.empty()) {
    Log(Level::kInfo, "poll_acks: the vendor answers again", {{"vendor", vendor}});
  } else if (learnt.fault != fault) {
    Log(Level::kWarn, "poll_acks: failed", {{"vendor", vendor}, {"err", learnt.fault}});
  }
  fault = learnt.fault;
  if (!learnt.acts.empty()) Tell(&*line, learnt.acts);
}

void AckPoller::Tell(Line* line, const std::vector<ResponderAct>& acts) {
  const responder::Vendor vendor = line->poll.vendor();
  std::shared_ptr<const core::View> view;
  std::optional<responder::Index> incidents;
  for (ResponderAct act : acts) {
    // Each sees what the one before it did.
    if (view == nullptr) {
      const auto read = core_.read(core::kViewIncidents);
      if (!read) return line->poll.Postpone();
      view = *read;
      incidents.emplace(view->incidents);
    }
    act.actor = oncall::PersonById(view->roster.get(), vendor.kind, act.actor_id, act.actor);
    const responder::Verdict verdict =
        responder::Judge(vendor, act, *incidents, responder::Heard::kPolled, ReadNow().wall);
    if (verdict.is_to_do) view = nullptr;
    const char* result = Do(verdict, act);
    line->poll.Settle(act, result);
    stats_.With([&](Stats& stats) { Count(&stats.acts, {vendor.kind, NameOf(act.kind), result}); });
  }
}

const char* AckPoller::Do(const responder::Verdict& verdict, const ResponderAct& act) {
  if (!verdict.is_to_do) return verdict.word;
  const std::string vendor = verdict.ack.channel;
  core::IncidentCommand command;
  command.entity_id = verdict.entity_id;
  command.ack = verdict.ack;
  command.act = verdict.act;
  command.done_at = verdict.at;
  const Result<core::Reply> reply = core_.ask(std::move(command));
  const Status status = reply ? reply->status : Fail(reply.error());
  const char* word = responder::WordAfter(verdict, act, status);
  if (std::string_view(word) != "error") return word;
  Log(Level::kWarn, "poll_acks: could not be done, is tried again",
      {{"vendor", vendor}, {"action", NameOf(act.kind)}, {"err", status.error().message}});
  return word;
}

}  // namespace watchfire::app
