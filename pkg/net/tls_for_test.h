// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// For this folder's tests: a TLS server on loopback that notes what its clients offer and speaks
// just enough HTTP/1.1 or HTTP/2 to answer 200.

#pragma once

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <openssl/ssl.h>

#include "pkg/base/guarded.h"
#include "pkg/base/identity_for_test.h"
#include "pkg/net/loopback_for_test.h"

namespace watchfire::net {

using watchfire::Identity;

class TlsServer {
 public:
  struct Options {
    bool http2 = false;                   // Takes h2 when it is offered.
    const Identity* client_ca = nullptr;  // A client certificate of this one is required.
    int version = 0;                      // The only TLS version; 0: any.
  };
  struct Seen {
    int connections = 0;    // That finished the handshake.
    std::string protocols;  // What the last one offered by ALPN, each with a comma.
    std::string version;    // "TLSv1.3"
    std::string client;     // The name in its certificate.
    std::string head;       // HTTP/1.1: its request line and headers.
    bool http2 = false;
  };

  TlsServer(const Identity& identity, Options options)
      : options_(options),
        context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
        listener_(std::move(*ListenOn("127.0.0.1:0"))) {
    SSL_CTX* context = context_.get();
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_use_certificate(context, identity.certificate());
    SSL_CTX_use_PrivateKey(context, identity.key());
    SSL_CTX_set_min_proto_version(context, options.version != 0 ? options.version : TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, options.version);
    SSL_CTX_set_alpn_select_cb(context, &TlsServer::Select, this);
    if (options.client_ca != nullptr) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), options.client_ca->certificate());
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    thread_ = std::thread([this] { Run(); });
  }
  ~TlsServer() {
    stopping_ = true;
    thread_.join();
    // Clients may keep their connections longer.
    for (const auto& socket : sockets_) shutdown(socket->get(), SHUT_RDWR);
    for (std::thread& thread : connections_) thread.join();
  }

  std::string port() const {
    const std::string address = BoundAddress(listener_.get());
    return address.substr(address.rfind(':') + 1);
  }
  Seen seen() { return seen_.Copy(); }

 private:
  static int Select(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void* self) {
    auto& server = *static_cast<TlsServer*>(self);
    std::string offered;
    const char* chosen = "";
    for (unsigned at = 0; at < in_size; at += 1U + in[at]) {
      const std::string name(reinterpret_cast<const char*>(in) + at + 1, in[at]);
      offered += name + ",";
      const bool wanted = name == (server.options_.http2 ? "h2" : "http/1.1");
      if (!wanted && *chosen != '\0') continue;
      if (!wanted && name != "http/1.1") continue;
      chosen = "x";
      *out = in + at + 1;
      *out_size = in[at];
    }
    server.seen_.With([&](Seen& seen) { seen.protocols = offered; });
    return *chosen != '\0' ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
  }

  void Run() {
    while (!stopping_) {
      pollfd ready{listener_.get(), POLLIN, 0};
      poll(&ready, 1, 10);
      const int fd = accept(listener_.get(), nullptr, nullptr);
      if (fd < 0) continue;
      sockets_.push_back(std::make_unique<Fd>(fd));
      connections_.emplace_back([this, fd] { Serve(fd); });
    }
  }

  void Serve(int fd) {
    const timeval ten_seconds{10, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof(ten_seconds));
    const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(ssl.get(), fd);
    if (SSL_accept(ssl.get()) != 1) return;
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl.get(), &protocol, &size);
    const bool http2 = size == 2;
    char name[256] = "";
    if (X509* peer = SSL_get0_peer_certificate(ssl.get())) {
      X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, name, sizeof(name));
    }
    seen_.With([&](Seen& seen) {
      ++seen.connections;
      seen.http2 = http2;
      seen.version = SSL_get_version(ssl.get());
      seen.client = name;
    });
    http2 ? SpeakHttp2(ssl.get()) : SpeakHttp1(ssl.get());
  }

  void SpeakHttp1(SSL* ssl) {
    while (true) {
      std::string head;
      char byte = 0;
      while (head.find("\r\n\r\n") == std::string::npos) {
        if (SSL_read(ssl, &byte, 1) != 1) return;
        head += byte;
      }
      seen_.With([&](Seen& seen) { seen.head = head; });
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
    }
  }

  // RFC 9113: the preface, then frames of a 9-byte header. Answers each stream that ends with
  // ":status: 200", which is one byte of HPACK.
  static void SpeakHttp2(SSL* ssl) {
    const auto read = [&](size_t size) {
      std::string bytes(size, '\0');
      for (size_t at = 0; at < size;) {
        const int count = SSL_read(ssl, bytes.data() + at, static_cast<int>(size - at));
        if (count <= 0) return std::string();
        at += static_cast<size_t>(count);
      }
      return bytes;
    };
    const auto send = [&](char type, char flags, const std::string& stream,
                          const std::string& body) {
      const std::string frame =
          std::string("\0\0", 2) + static_cast<char>(body.size()) + type + flags + stream + body;
      SSL_write(ssl, frame.data(), static_cast<int>(frame.size()));
    };
    const std::string none(4, '\0');
    read(24);
    send(4, 0, none, "");
    while (true) {
      const std::string header = read(9);
      if (header.empty()) return;
      const auto at = [&](size_t i) { return static_cast<unsigned char>(header[i]); };
      const size_t size =
          static_cast<size_t>(at(0)) << 16 | static_cast<size_t>(at(1)) << 8 | at(2);
      if (size > 0 && read(size).empty()) return;
      const bool last = (at(4) & 1) != 0;  // END_STREAM, or ACK.
      if (at(3) == 4 && !last) send(4, 1, none, "");
      if (at(3) <= 1 && last) send(1, 5, header.substr(5), "\x88");
    }
  }

  const Options options_;
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  Fd listener_;
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Fd>> sockets_;  // Of thread_, and of the destructor after it.
  std::vector<std::thread> connections_;
  std::thread thread_;
  Guarded<Seen> seen_;
};

// A file of the test's own, gone with it.
class TestFile {
 public:
  TestFile(const std::string& name, const std::string& text)
      : path_(testing::TempDir() + "/watchfire_net_" + std::to_string(getpid()) + "_" + name) {
    Write(text);
  }
  ~TestFile() { std::remove(path_.c_str()); }
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;

  void Write(const std::string& text) const {
    std::FILE* file = std::fopen(path_.c_str(), "w");
    WF_CHECK(file != nullptr);
    std::fputs(text.c_str(), file);
    std::fclose(file);
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

}  // namespace watchfire::net
