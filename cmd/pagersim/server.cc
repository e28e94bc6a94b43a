// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/server.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "cmd/pagersim/failure.h"
#include "cmd/pagersim/page.h"
#include "cmd/pagersim/pushover.h"
#include "cmd/pagersim/victorops.h"
#include "cmd/pagersim/webhook.h"
#include "pkg/base/json.h"
#include "pkg/base/strings.h"

namespace watchfire::pagersim {
namespace {

using httplib::ContentReader;
using httplib::Request;
using httplib::Response;
using std::chrono::minutes;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr const char* kJson = "application/json";
constexpr const char* kIngestPath = "/integrations/generic/20131114/alert/";
// Of the host's 32 threads; the others keep the page and the switches working.
constexpr int kHangingMax = 24;

// Closes the connection of `request` under the library's feet, so that its client sees an end of
// file instead of an answer. The library does not tell the socket, but it tells the peer's port.
void Cut(const Request& request) {
  constexpr int kFilesMax = 1024;
  for (int file = 3; file < kFilesMax; ++file) {
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    if (getpeername(file, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    const uint16_t port = peer.ss_family == AF_INET6
                              ? reinterpret_cast<const sockaddr_in6&>(peer).sin6_port
                              : reinterpret_cast<const sockaddr_in&>(peer).sin_port;
    if (ntohs(port) == request.remote_port) shutdown(file, SHUT_RDWR);
  }
}

// PagerDuty's key is part of the body.
std::string MaskKeys(std::string body) {
  for (const std::string_view key : {"\"routing_key\":\"", "\"service_key\":\""}) {
    const size_t at = body.find(key);
    if (at == std::string::npos) continue;
    const size_t begin = at + key.size();
    const size_t end = body.find('"', begin);
    if (end != std::string::npos) body.replace(begin, end - begin, "***");
  }
  return body;
}

std::string UserOf(const Request& request) {
  const std::string user = request.get_param_value("user");
  return user.empty() ? "page-visitor" : user;
}

WallTime Wall() { return system_clock::now(); }

uint64_t NumberIn(const Request& request) { return std::stoull(request.matches[1].str()); }

}  // namespace

void Routes::AddTo(httplib::Server& server) {
  AddIngest(server);
  AddAws(server);
  AddPushover(server);
  AddWechat(server);
  AddChats(server);
  AddPublicApi(server);
  AddPagingVendors(server);
  AddHooks(server);
  AddOwn(server);
}

void Routes::AddAws(httplib::Server& server) {
  server.Post("/", VendorWithBody([this](const Request& request, const std::string& body) {
                AwsRequest signed_request{request.method, request.path, {}, body};
                for (const auto& [name, value] : request.headers) {
                  signed_request.headers[ToLower(name)] = value;
                }
                return aws_.Answer(signed_request, Wall());
              }));
  server.Get("/api/sns", Own([this](const Request&, const std::string&) {
               return Reply{200, aws_.DeliveredJson()};
             }));
}

void Routes::AddPushover(httplib::Server& server) {
  server.Post("/1/messages.json", [this](const Request& request, Response& response,
                                         const ContentReader& reader) {
    const std::optional<std::string> body = victorsim::ReadBody(request, reader);
    if (!body) return;
    Fields fields = body->empty() ? Fields() : ParseForm(*body);
    for (const auto& [name, value] : request.params) fields[name] = value;
    Misbehave(request, response, PushoverShown(fields),
              [&](const Request&, const std::string&) { return PushoverAnswer(fields); });
  });
}

void Routes::AddWechat(httplib::Server& server) {
  server.Get("/cgi-bin/gettoken", Vendor([this](const Request& request, const std::string&) {
               return wechat_.GetToken(request.get_param_value("corpid"),
                                       request.get_param_value("corpsecret"), Wall());
             }));
  server.Post("/cgi-bin/message/send",
              VendorWithBody([this](const Request& request, const std::string& body) {
                return wechat_.Send(request.get_param_value("access_token"), body, Wall());
              }));
}

void Routes::AddIngest(httplib::Server& server) {
  server.Post(std::string(kIngestPath) + "([^/]+)(?:/([^/]*))?",
              VendorWithBody([this](const Request& request, const std::string& body) {
                if (pager_.behaviour().result_failure) {
                  return Reply{200, FailureJson("failing as asked for")};
                }
                return pager_.Ingest(request.matches[1].str(), request.matches[2].str(), body,
                                     Wall());
              }));
  server.Post("/webhook/([^/]+)",
              VendorWithBody([this](const Request& request, const std::string& body) {
                if (signing_secret_.empty()) return Reply{200, "{}"};
                return TakeSigned(signing_secret_.reveal(),
                                  request.get_header_value("X-Watchfire-Timestamp"),
                                  request.get_header_value("X-Watchfire-Signature"), body, Wall());
              }));
}

void Routes::AddChats(httplib::Server& server) {
  for (const ChatVendor& vendor : chats_.vendors()) {
    server.Post(vendor.path,
                VendorWithBody([this](const Request& request, const std::string& body) {
                  ChatCall call;
                  call.path = request.path;
                  call.header = [&](const char* name) { return request.get_header_value(name); };
                  call.now = Wall();
                  return chats_.Answer(std::move(call), body);
                }));
  }
  server.Get("/api/chats", Own([this](const Request&, const std::string&) {
               return Reply{200, chats_.Json()};
             }));
}

void Routes::AddPublicApi(httplib::Server& server) {
  const std::string base = "/api-public/v1/incidents";
  server.Get(base, Vendor(Checked([this](const Request&, const std::string&) {
               return pager_.PublicIncidents();
             })));
  server.Get(base + "/(\\d{1,9})",
             Vendor(Checked([this](const Request& request, const std::string&) {
               return pager_.PublicIncident(NumberIn(request));
             })));
  server.Get(base + "/(\\d{1,9})/notes",
             Vendor(Checked([this](const Request& request, const std::string&) {
               return pager_.PublicNotes(NumberIn(request));
             })));
  server.Post(base + "/(\\d{1,9})/notes",
              VendorWithBody(Checked([this](const Request& request, const std::string& body) {
                return pager_.PublicAddNote(NumberIn(request), body);
              })));
  server.Patch(base + "/ack",
               VendorWithBody(Checked([this](const Request&, const std::string& body) {
                 return pager_.PublicAct(Pager::Verb::kAcknowledge, body, Wall());
               })));
  server.Patch(base + "/resolve",
               VendorWithBody(Checked([this](const Request&, const std::string& body) {
                 return pager_.PublicAct(Pager::Verb::kResolve, body, Wall());
               })));
}

void Routes::AddPagingVendors(httplib::Server& server) {
  const Act act = [this](const Request& request, const std::string& body) {
    vendors_.Configure(pager_.behaviour());
    const PagingVendors::Call call{request.method,
                                   request.path,
                                   request.get_param_value("identifierType"),
                                   request.get_header_value("Authorization"),
                                   body,
                                   request.get_param_value("sysparm_query"),
                                   [&request](const char* name) {
                                     std::string text;
                                     const auto [from, to] = request.params.equal_range(name);
                                     for (auto it = from; it != to; ++it) {
                                       text += (text.empty() ? "" : " ") + it->second;
                                     }
                                     return text;
                                   }};
    const std::optional<Reply> reply = vendors_.Answer(call, Wall());
    return reply.value_or(Reply{404, JsonError("not_found", "no such path")});
  };
  const std::string any = "/(?:v2|rest|generic|jsm|2010-04-01|api/now/table)/.*";
  server.Get(any, Vendor(act));
  server.Get("/log_entries", Vendor(act));
  server.Post(any, VendorWithBody(act));
  server.Put(any, VendorWithBody(act));
  server.Patch(any, VendorWithBody(act));
  server.Get("/api/vendors", Own([this](const Request&, const std::string&) {
               return Reply{200, vendors_.Json()};
             }));
}

void Routes::AddOwn(httplib::Server& server) {
  server.Get("/api/pages", Own([this](const Request& request, const std::string&) {
               const std::string after = request.get_param_value("after");
               return Reply{200, pager_.PagesJson(std::strtoull(after.c_str(), nullptr, 10))};
             }));
  server.Get("/api/incidents", Own([this](const Request&, const std::string&) {
               return Reply{200, pager_.IncidentsJson()};
             }));
  server.Get("/api/behaviour", Own([this](const Request&, const std::string&) {
               return Reply{200, pager_.BehaviourText()};
             }));
  server.Post("/api/behaviour", OwnWithBody([this](const Request&, const std::string& body) {
                return pager_.SetBehaviour(body, Wall());
              }));
  server.Post("/api/incidents/(\\d{1,9})/(ack|resolve)",
              OwnWithBody([this](const Request& request, const std::string&) {
                const bool ack = request.matches[2] == "ack";
                return pager_.Act(ack ? Pager::Verb::kAcknowledge : Pager::Verb::kResolve,
                                  NumberIn(request), UserOf(request), Wall());
              }));
  server.Get("/-/healthy", [](const Request&, Response& response) {
    response.set_content("pagersim is healthy.\n", "text/plain");
  });
  server.Get("/", [](const Request&, Response& response) {
    response.set_header("Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; script-src "
                        "'unsafe-inline'; connect-src 'self'; img-src data:");
    response.set_content(std::string(PageHtml()), "text/html; charset=utf-8");
  });
}

Routes::Handler Routes::Own(const Act& act) {
  return [this, act](const Request& request, Response& response) {
    Answer(response, [&] { return act(request, ""); });
  };
}

Routes::BodyHandler Routes::OwnWithBody(const Act& act) {
  return [this, act](const Request& request, Response& response, const ContentReader& reader) {
    const std::optional<std::string> body = victorsim::ReadBody(request, reader);
    if (body) Answer(response, [&] { return act(request, *body); });
  };
}

Routes::Handler Routes::Vendor(const Act& act) {
  return [this, act](const Request& request, Response& response) {
    Misbehave(request, response, "", act);
  };
}

Routes::BodyHandler Routes::VendorWithBody(const Act& act) {
  return [this, act](const Request& request, Response& response, const ContentReader& reader) {
    const std::optional<std::string> body = victorsim::ReadBody(request, reader);
    if (body) Misbehave(request, response, *body, act);
  };
}

Routes::Act Routes::Checked(const Act& act) {
  return [this, act](const Request& request, const std::string& body) {
    const bool has_headers =
        request.has_header("X-VO-Api-Id") && request.has_header("X-VO-Api-Key");
    const Reply reply = pager_.CheckApiKeys(has_headers, request.get_header_value("X-VO-Api-Key"));
    return reply.status == 200 ? act(request, body) : reply;
  };
}

void Routes::Answer(Response& response, const std::function<Reply()>& act) {
  Reply reply{503, JsonError("unavailable", "the simulator is busy")};
  owner_.Do([&] { reply = act(); });
  response.status = reply.status;
  for (const auto& [name, value] : reply.headers) response.set_header(name, value);
  if (!reply.body.empty() && reply.type == kJson) reply.body += "\n";
  if (!reply.body.empty()) response.set_content(reply.body, reply.type);
}

void Routes::Misbehave(const Request& request, Response& response, const std::string& body,
                       const Act& act) {
  Behaviour behaviour;
  uint64_t page = 0;
  owner_.Do([&] {
    behaviour = pager_.behaviour();
    // The others are users at work, and questions.
    if (request.method == "POST" || request.method == "PUT" ||
        request.path.starts_with("/api/now/")) {
      page = Arrive(request, body);
    }
  });
  if (behaviour.hang) Hang();
  std::this_thread::sleep_for(behaviour.latency);
  const std::optional<Reply> of_chat = chats_.Failure(request.path, behaviour);
  if (behaviour.status != 0 || (behaviour.result_failure && of_chat)) {
    response.status = behaviour.status == 0 ? 200 : behaviour.status;
    if (behaviour.status != 0 && behaviour.retry_after > Duration::zero()) {
      const auto wait = std::chrono::floor<std::chrono::seconds>(behaviour.retry_after);
      response.set_header("Retry-After", std::to_string(wait.count()));
    }
    const std::optional<Reply> of_vendor = FailureOf(request.path, behaviour.status);
    const Reply failure =
        of_chat.value_or(of_vendor.value_or(Reply{0, FailureJson("failing as asked for") + "\n"}));
    response.set_content(failure.body, failure.type);
  } else {
    Answer(response, [&] { return act(request, body); });
  }
  if (behaviour.cut) Cut(request);
  owner_.Do([&] { pager_.SetAnswer(page, behaviour.cut ? 0 : response.status); });
}

uint64_t Routes::Arrive(const Request& request, const std::string& body) {
  // The key is part of the path of a message and must not get into what the page shows.
  const size_t key = std::string_view(kIngestPath).size();
  std::string path = request.path;
  if (path.starts_with(kIngestPath)) {
    path.replace(key, std::min(path.find('/', key), path.size()) - key, "***");
  }
  return pager_.Arrive(request.method, chats_.Masked(path), MaskKeys(body), Wall());
}

void Routes::Hang() {
  const auto deadline = steady_clock::now() + minutes(10);
  bool hang = ++hanging_ <= kHangingMax;
  while (hang && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (!owner_.Do([&] { hang = pager_.behaviour().hang; })) break;
  }
  --hanging_;
}

}  // namespace watchfire::pagersim
