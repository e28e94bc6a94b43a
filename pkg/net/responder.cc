// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/net/responder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <httplib.h>

#include "pkg/base/check.h"
#include "pkg/base/limits.h"
#include "pkg/base/strings.h"

namespace watchfire::net {
namespace {

constexpr size_t kCopiedBytes = 64 * 1024;        // Larger bodies are moved.
constexpr size_t kKeepAliveRequests = 1'000'000;  // What the Keep-Alive header says; no bound.

// What httplib reads from and writes to. It reports no socket: httplib would refuse one numbered
// above FD_SETSIZE.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string in) : in_(std::move(in)) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t size) override {
    const size_t count = std::min(size, in_.size() - read_);
    std::memcpy(to, in_.data() + read_, count);
    read_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override {
    out_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  std::string TakeOutput() { return std::move(out_); }

 private:
  const std::string in_;
  size_t read_ = 0;
  std::string out_;
};

// httplib writes these itself.
bool IsOwnHeader(std::string_view name) {
  return SameHeaderName(name, "Content-Length") || SameHeaderName(name, "Connection") ||
         SameHeaderName(name, "Keep-Alive") || SameHeaderName(name, "Transfer-Encoding");
}

Response ErrorResponse(int status, const std::string& message) {
  return {status, {{"Content-Type", "application/json"}}, ErrorBody(status, message)};
}

}  // namespace

class Responder::Server final : private httplib::Server {
 public:
  Server(Front::Handler handler, std::string prefix, Front::AccessSource access,
         std::string open_path)
      : handler_(std::move(handler)),
        prefix_(std::move(prefix)),
        access_(std::move(access)),
        open_path_(std::move(open_path)) {
    set_keep_alive_timeout(limits::kIdleTime.count());
    set_keep_alive_max_count(kKeepAliveRequests);
    set_pre_routing_handler([this](const httplib::Request& in, httplib::Response& out) {
      Route(in, out);
      return HandlerResponse::Handled;
    });
    set_exception_handler(
        [this](const httplib::Request&, httplib::Response& out, const std::exception_ptr&) {
          Write(ErrorResponse(500, "internal error"), out);
        });
    set_error_handler(HandlerWithResponse([this](const httplib::Request&, httplib::Response& out) {
      // Only for what httplib refused by itself; our handlers' errors stay as they are.
      if (std::exchange(routed_, true)) return HandlerResponse::Unhandled;
      Write(ErrorResponse(out.status, "malformed request line"), out);
      return HandlerResponse::Handled;
    }));
  }

  AnswerBytes Answer(Framed framed, const std::string& remote) {
    MemoryStream stream(framed.request_line + "\r\n\r\n");
    request_ = Request();
    request_.headers = std::move(framed.headers);
    request_.body = std::move(framed.body);
    request_.remote = remote;
    routed_ = false;
    large_body_.clear();
    write_body_ = {};
    bool closed = false;
    process_request(stream, framed.close, closed, {});
    std::string out = stream.TakeOutput();
    if (out.empty()) return {RefusalBytes({500, "internal error"}), ""};
    if (write_body_) {
      return {WithFraming(std::move(out), "Transfer-Encoding: chunked"), "",
              std::exchange(write_body_, {}), body_bytes_};
    }
    if (large_body_.empty()) return {std::move(out), ""};
    return {WithFraming(std::move(out), "Content-Length: " + std::to_string(large_body_.size())),
            std::exchange(large_body_, {})};
  }

 private:
  void Route(const httplib::Request& in, httplib::Response& out) {
    routed_ = true;
    request_.method = in.method;
    // What is older knows no chunks (RFC 9112 section 6.1), and for a HEAD the length alone counts.
    takes_chunks_ = in.version == "HTTP/1.1" && in.method != "HEAD";
    ParseTarget(in.target, &request_);
    const auto handle = [this](const Request& /*request*/) {
      return StripPrefix() ? handler_(request_) : Elsewhere();
    };
    const std::shared_ptr<const Access> access = access_ ? access_() : nullptr;
    const bool is_open = !open_path_.empty() && request_.path.starts_with(open_path_);
    Write(access ? access->Answer(request_, handle, is_open) : handle(request_), out);
  }

  // Above the prefix there is nothing but the way to it. Source: Alertmanager (reference §1.4).
  Response Elsewhere() const {
    const bool is_root = request_.path == "/" && request_.method == "GET";
    return is_root
               ? Response{302, {{"Location", prefix_}}, ""}
               : Response{
                     404, {{"Content-Type", "text/plain; charset=utf-8"}}, "404 page not found\n"};
  }

  // Returns false when the path is not below the prefix.
  bool StripPrefix() {
    std::string& path = request_.path;
    if (prefix_.empty()) return true;
    if (path.compare(0, prefix_.size(), prefix_) != 0) return false;
    if (path.size() > prefix_.size() && path[prefix_.size()] != '/') return false;
    path.erase(0, prefix_.size());
    if (path.empty()) path = "/";
    std::string& escaped = request_.escaped_path;
    // A prefix that is escaped itself, or what follows it, is taken for what it means.
    escaped = escaped.starts_with(prefix_) ? escaped.substr(prefix_.size()) : "";
    if (!escaped.starts_with('/')) escaped.clear();
    return true;
  }

  // httplib would copy a large body, so it is shown none, and what it says of the length is put
  // right.
  static std::string WithFraming(std::string head, const std::string& header) {
    constexpr std::string_view kNone = "\r\nContent-Length: 0\r\n";
    const size_t place = head.find(kNone);
    WF_CHECK(place != std::string::npos);
    head.replace(place, kNone.size(), "\r\n" + header + "\r\n");
    return head;
  }

  void Write(Response from, httplib::Response& to) {
    to.status = from.status;
    // set_header() ignores what holds a CR or LF.
    for (const Header& header : from.headers) {
      if (!IsOwnHeader(header.name)) to.set_header(header.name, header.value);
    }
    if (from.write_body && takes_chunks_) {
      write_body_ = std::move(from.write_body);
      body_bytes_ = from.body_bytes;
      return;
    }
    if (from.write_body) from.body = WholeBody(from);
    const bool is_large = from.body.size() >= kCopiedBytes && request_.method != "HEAD";
    (is_large ? large_body_ : to.body) = std::move(from.body);
  }

  const Front::Handler handler_;
  const std::string prefix_;
  const Front::AccessSource access_;
  const std::string open_path_;
  Request request_;         // The one in hand.
  std::string large_body_;  // Of its answer.
  std::function<void(const BodySink&)> write_body_;
  size_t body_bytes_ = 0;
  bool takes_chunks_ = false;
  bool routed_ = false;
};

Responder::Responder(Front::Handler handler, std::string prefix, Front::AccessSource access,
                     std::string open_path)
    : server_(std::make_unique<Server>(std::move(handler), std::move(prefix), std::move(access),
                                       std::move(open_path))) {}
Responder::~Responder() = default;

AnswerBytes Responder::Answer(Framed framed, const std::string& remote) {
  return server_->Answer(std::move(framed), remote);
}

void ParseTarget(std::string_view target, Request* request) {
  const size_t scheme = target.find("://");
  if (!target.empty() && target.front() != '/' && scheme != std::string_view::npos) {
    const size_t slash = target.find_first_of("/?", scheme + 3);
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  target = target.substr(0, target.find('#'));
  const size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  request->path = UrlDecode(path, /*plus_is_space=*/false);
  const bool has_slash =
      path.find("%2F") != std::string_view::npos || path.find("%2f") != std::string_view::npos;
  request->escaped_path = has_slash ? path : std::string_view();
  if (request->path.empty()) request->path = "/";
  if (mark == std::string_view::npos) return;
  for (const std::string_view pair : Split(target.substr(mark + 1), '&')) {
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    request->query.emplace_back(UrlDecode(pair.substr(0, equals), /*plus_is_space=*/true),
                                UrlDecode(value, /*plus_is_space=*/true));
  }
}

}  // namespace watchfire::net
