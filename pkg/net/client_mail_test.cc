// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Mail, with a server that says what a script wants.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/base/guarded.h"
#include "pkg/net/client.h"
#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// One conversation after the other, on a thread of its own: says `greeting`, then for each line
// that comes what `answer` makes of it; "" hangs up, "-" says nothing.
class MailServer {
 public:
  using Answer = std::function<std::string(const std::string& line)>;

  explicit MailServer(Answer answer, std::string greeting = "220 here")
      : answer_(std::move(answer)),
        greeting_(std::move(greeting)),
        listener_(std::move(*ListenOn("127.0.0.1:0"))) {
    thread_ = std::thread([this] { Run(); });
  }
  ~MailServer() {
    stopping_ = true;
    thread_.join();
  }

  std::string url() const { return "smtp://" + BoundAddress(listener_.get()) + "/me"; }
  std::vector<std::string> lines() { return lines_.Copy(); }

 private:
  void Run() {
    while (!stopping_) {
      pollfd ready{listener_.get(), POLLIN, 0};
      poll(&ready, 1, 10);
      const int fd = accept(listener_.get(), nullptr, nullptr);
      if (fd < 0) continue;
      const Fd owner(fd);
      SendAll(fd, greeting_ + "\r\n");
      while (Converse(fd)) {
      }
    }
  }

  bool Converse(int fd) {
    std::string line;
    char byte = 0;
    while (!line.ends_with("\r\n")) {
      pollfd ready{fd, POLLIN, 0};
      if (poll(&ready, 1, 10) == 0) {
        if (stopping_) return false;
        continue;
      }
      if (recv(fd, &byte, 1, 0) != 1) return false;
      line += byte;
    }
    line.resize(line.size() - 2);
    lines_.With([&](auto& lines) { lines.push_back(line); });
    const std::string answer = answer_(line);
    if (answer != "-" && !answer.empty()) SendAll(fd, answer + "\r\n");
    return !answer.empty();
  }

  const Answer answer_;
  const std::string greeting_;
  Fd listener_;
  std::atomic<bool> stopping_{false};
  Guarded<std::vector<std::string>> lines_;
  std::thread thread_;
};

// What a server without extensions says, but for the line that begins with `special`.
MailServer::Answer Plain(const std::string& special = "-", const std::string& answer = "") {
  return [=, in_data = false](const std::string& line) mutable -> std::string {
    if (line.starts_with(special)) return answer;
    if (in_data) {
      in_data = line != ".";
      return in_data ? "-" : "250 queued as 7";
    }
    if (line.starts_with("EHLO")) return "250-here\r\n250 8BITMIME";
    in_data = line == "DATA";
    return in_data ? "354 go on" : line == "QUIT" ? "221 bye" : "250 ok";
  };
}

OutRequest Message(const MailServer& server) {
  OutRequest request;
  request.url = Secret(server.url());
  request.shown_url = "smtp://shown";
  request.body = "Subject: x\r\n\r\none\r\n.two\r\n";
  request.mail.emplace();
  request.mail->from = "wf@example.com";
  request.mail->to = {"a@example.com", "b@example.com"};
  request.mail->require_tls = false;
  return request;
}

Client::Options Named() {
  Client::Options options;
  options.user_agent = "test";
  return options;
}

TEST(ClientMailTest, AMessageGoesToEveryRecipientInOneConversation) {
  MailServer server(Plain());
  Client client(Named());
  const auto answer = Fetch(client, Message(server));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 250);
  EXPECT_EQ(answer->body, "queued as 7");
  EXPECT_EQ(answer->header("Command"), "DATA");
  // Other than the first line's, a dot at the beginning is doubled.
  EXPECT_THAT(server.lines(), testing::Contains(std::string("..two")));
  std::vector<std::string> begin = server.lines();
  begin.resize(5);
  EXPECT_THAT(begin, ElementsAre("EHLO me", StartsWith("MAIL FROM:<wf@example.com>"),
                                 "RCPT TO:<a@example.com>", "RCPT TO:<b@example.com>", "DATA"));
}

TEST(ClientMailTest, ARefusalIsAnAnswerWithItsCommand) {
  struct Case {
    const char* special;
    const char* answer;
    int status;
    const char* command;
    const char* text;
  };
  for (const Case& c :
       {Case{"MAIL", "451-later\r\n451 greylisted", 451, "MAIL", "greylisted"},
        Case{"RCPT TO:<b", "550 5.1.1 nobody here", 550, "RCPT", "5.1.1 nobody here"},
        Case{"DATA", "554 no", 554, "DATA", "no"}}) {
    MailServer server(Plain(c.special, c.answer));
    Client client(Named());
    const auto answer = Fetch(client, Message(server));
    ASSERT_TRUE(answer) << c.special << ": " << answer.error().message;
    EXPECT_EQ(answer->status, c.status);
    EXPECT_EQ(answer->header("Command"), c.command);
    EXPECT_THAT(answer->body, HasSubstr(c.text));
  }
}

TEST(ClientMailTest, ACutConnectionTellsWhetherTheMessageMayHaveBeenTaken) {
  for (const auto& [special, never_sent] : std::vector<std::pair<std::string, bool>>{
           {"EHLO", true}, {"MAIL", true}, {"RCPT", true}, {"DATA", true}, {"Subject", false}}) {
    MailServer server(Plain(special, ""));
    Client client(Named());
    const auto answer = Fetch(client, Message(server));
    ASSERT_FALSE(answer) << special;
    EXPECT_EQ(answer.error().never_sent, never_sent) << special;
    EXPECT_THAT(answer.error().message, StartsWith("smtp://shown: "));
  }
}

TEST(ClientMailTest, TlsThatIsRequiredAndNotOfferedEndsIt) {
  MailServer server(Plain());
  Client client(Named());
  OutRequest request = Message(server);
  request.mail->require_tls = true;
  const auto answer = Fetch(client, std::move(request));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().never_sent);
  EXPECT_THAT(answer.error().message, HasSubstr("does not advertise the STARTTLS extension"));
  EXPECT_THAT(server.lines(), testing::Not(testing::Contains(StartsWith("MAIL"))));
}

TEST(ClientMailTest, NoPasswordIsSentByAnotherMechanism) {
  MailServer server(Plain("EHLO", "250-here\r\n250 AUTH XOAUTH2 PLAIN"));
  Client client(Named());
  OutRequest request = Message(server);
  request.mail->username = "ada";
  request.mail->password = Secret("s3cret");
  request.mail->mechanisms = {"CRAM-MD5"};
  const auto answer = Fetch(client, std::move(request));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kPermission);
  EXPECT_THAT(answer.error().message,
              testing::EndsWith("none of CRAM-MD5 is among those offered: XOAUTH2 PLAIN"));
  EXPECT_THAT(server.lines(), testing::Not(testing::Contains(StartsWith("AUTH"))));
}

TEST(ClientMailTest, AServerThatHangsAtTheEndHoldsUpNobody) {
  MailServer slow(Plain("QUIT", "-"));
  MailServer quick(Plain());
  Client client(Named());
  // libcurl would wait two minutes for an answer, Fetch() waits for ten seconds.
  for (int i = 0; i < 3; ++i) {
    MailServer& server = i == 1 ? quick : slow;
    const auto answer = Fetch(client, Message(server));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 250);
  }
  EXPECT_THAT(slow.lines(), testing::Contains(std::string("QUIT")));
}

// From the line on that begins with `first`, nothing is answered.
MailServer::Answer HangingFrom(const std::string& first) {
  return [=, plain = Plain(), hangs = false](const std::string& line) mutable -> std::string {
    hangs |= line.starts_with(first);
    return hangs ? "-" : plain(line);
  };
}

// libcurl would end the message as if it were whole and wait two minutes for the answer, and
// everybody else with it; Fetch() waits for ten seconds.
TEST(ClientMailTest, AHungServerIsGivenUpInTimeAndHoldsUpNobody) {
  const struct {
    const char* first;
    bool never_sent;
  } cases[] = {{"EHLO", true}, {"MAIL", true}, {"DATA", true}, {"Subject", false}, {".", false}};
  MailServer quick(Plain());
  for (const auto& [first, never_sent] : cases) {
    MailServer hung(HangingFrom(first));
    Client client(Named());
    OutRequest request = Message(hung);
    request.timeout = milliseconds(200);
    const auto answer = Fetch(client, std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kTimeout) << first;
    EXPECT_EQ(answer.error().never_sent, never_sent) << first;
    const auto other = Fetch(client, Message(quick));
    EXPECT_TRUE(other) << first << ": " << other.error().message;
    if (!never_sent) continue;
    EXPECT_THAT(hung.lines(), testing::Not(testing::Contains("."))) << first;
  }
}

TEST(ClientMailTest, MoreThanAServerMayGetAtOnceWaitForTheirTurnOrTheirDeadline) {
  Client::Options narrow = Named();
  narrow.connections_per_host = 1;
  MailServer quick(Plain());
  MailServer hung(HangingFrom("EHLO"));
  Client client(narrow);
  constexpr int kMessages = 4;
  std::vector<Promise<Result<OutResponse>>> answers(2 * kMessages);
  for (int i = 0; i < 2 * kMessages; ++i) {
    OutRequest request = Message(i < kMessages ? quick : hung);
    if (i >= kMessages) request.timeout = milliseconds(200);
    client.Send(std::move(request), [&answer = answers[static_cast<size_t>(i)]](
                                        Result<OutResponse> result) { answer.Set(result); });
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    const auto answer = answers[i].Wait(InTenSeconds());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->has_value(), i < kMessages) << i;
    if (answer->has_value()) continue;
    EXPECT_EQ(answer->error().code, Code::kTimeout) << answer->error().message;
  }
  EXPECT_EQ(std::ranges::count(quick.lines(), "DATA"), kMessages);
}

TEST(ClientMailTest, AHungServerDoesNotHoldUpTheEnd) {
  MailServer hung(HangingFrom("EHLO"));
  auto client = std::make_unique<Client>(Named());
  Promise<Code> answer;
  client->Send(Message(hung),
               [&](const Result<OutResponse>& result) { answer.Set(result.error().code); });
  while (hung.lines().empty()) std::this_thread::yield();
  Promise<bool> gone;
  std::thread end([&] {
    client.reset();
    gone.Set(true);
  });
  EXPECT_TRUE(gone.Wait(InTenSeconds()));
  end.join();
  EXPECT_EQ(answer.Wait(InTenSeconds()), Code::kUnavailable);
}

TEST(ClientMailTest, AddressesCannotBreakOutOfTheirLine) {
  MailServer server(Plain());
  Client client(Named());
  for (const char* to : {"a@b\r\nDATA", "", "a@b\nx"}) {
    OutRequest request = Message(server);
    request.mail->to = {to};
    const auto answer = Fetch(client, std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kInvalidArgument);
  }
  OutRequest http = Message(server);
  http.mail.reset();
  EXPECT_FALSE(Fetch(client, std::move(http)));
}

}  // namespace
}  // namespace watchfire::net
