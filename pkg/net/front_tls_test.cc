// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The front with --web.config.file in force: TLS and passwords over real sockets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pkg/net/credentials.h"
#include "pkg/net/front.h"
#include "pkg/net/tls_for_test.h"
#include "pkg/net/tls_session.h"

namespace watchfire::net {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kSecret = "$2b$04$abcdefghijklmnopqrstuuLZYjhNQAOdpbzt4WxWlUHjv1wsyH5DG";

Response Echo(const Request& request) {
  return {200,
          {{"Content-Type", "text/plain"}},
          request.method + " " + request.path + "|" + request.body};
}

// A blocking TLS client that trusts everybody.
class TlsClient {
 public:
  struct Options {
    const Identity* identity = nullptr;
    int version = 0;             // The only one; 0: any.
    std::string ciphers = {};    // Up to TLS 1.2.
    std::string protocols = {};  // As ALPN has them on the wire.
  };
  TlsClient(const std::string& address, const Options& options)
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        socket_(socket(AF_INET, SOCK_STREAM, 0)),
        ssl_(nullptr, SSL_free) {
    SSL_CTX* context = context_.get();
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, options.version);
    SSL_CTX_set_max_proto_version(context, options.version);
    if (!options.ciphers.empty()) SSL_CTX_set_cipher_list(context, options.ciphers.c_str());
    if (options.identity != nullptr) {
      SSL_CTX_use_certificate(context, options.identity->certificate());
      SSL_CTX_use_PrivateKey(context, options.identity->key());
    }
    SSL_CTX_set_alpn_protos(context,
                            reinterpret_cast<const unsigned char*>(options.protocols.data()),
                            static_cast<unsigned>(options.protocols.size()));
    ssl_.reset(SSL_new(context));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    const timeval ten_seconds{10, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &ten_seconds, sizeof(ten_seconds));
    WF_CHECK(connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
    SSL_set_fd(ssl_.get(), socket_.get());
    is_open_ = SSL_connect(ssl_.get()) == 1;
  }

  // Whether the server greeted back; that it takes the client's certificate only an answer tells.
  bool is_open() const { return is_open_; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string cipher() const { return SSL_get_cipher_name(ssl_.get()); }
  SSL* ssl() const { return ssl_.get(); }

  void Send(const std::string& bytes) {
    if (is_open_) SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  // Reads until `end` has come, or the end of the connection.
  std::string ReadUntil(const std::string& end) {
    while (buffer_.find(end) == std::string::npos) {
      char bytes[16384];
      const int count = is_open_ ? SSL_read(ssl_.get(), bytes, sizeof(bytes)) : 0;
      if (count <= 0) break;
      buffer_.append(bytes, static_cast<size_t>(count));
    }
    const size_t at = buffer_.find(end);
    const size_t size = at == std::string::npos ? buffer_.size() : at + end.size();
    std::string text = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return text;
  }
  std::string Get(const std::string& path) {
    Send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return ReadUntil("GET " + path + "|");
  }

 private:
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  const Fd socket_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  bool is_open_ = false;
  std::string buffer_;
};

class FrontTlsTest : public testing::Test {
 protected:
  void SetUp() override {
    config_.tls.emplace();
    config_.tls->certificate = server_.CertificatePem();
    config_.tls->key = Secret(server_.KeyPem());
  }
  void Start(Front::Options options = {}, Front::Handler handler = Echo) {
    Use();
    options.listen_addresses = {"127.0.0.1:0"};
    options.access = [this] { return access_.Copy(); };
    front_ = std::move(*Front::Listen(options, std::move(handler)));
    front_->Start();
  }
  // Puts config_ in force.
  void Use() {
    auto access = Access::Make(config_);
    ASSERT_TRUE(access) << access.error().message;
    access_.With([&](auto& current) { current = *access; });
  }
  std::string address() const { return front_->addresses()[0]; }
  TlsClient Connect(const TlsClient::Options& options = {}) const {
    return TlsClient(address(), options);
  }
  // Whether a client with these options gets an answer.
  bool IsServed(const TlsClient::Options& options = {}) const {
    return Connect(options).Get("/").ends_with("GET /|");
  }

  const Identity authority_{"authority.test"};
  const Identity server_{"wf.test", &authority_};
  config::WebConfig config_;
  Guarded<std::shared_ptr<const Access>> access_;
  std::unique_ptr<Front> front_;
};

TEST_F(FrontTlsTest, AnswersOverTlsAndKeepsTheConnection) {
  Start();
  TlsClient client = Connect();
  ASSERT_TRUE(client.is_open());
  EXPECT_EQ(client.version(), "TLSv1.3");
  for (int i = 0; i < 3; ++i) {
    const std::string response = client.Get("/" + std::to_string(i));
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, EndsWith("GET /" + std::to_string(i) + "|"));
  }
  EXPECT_EQ(front_->stats().requests, 3u);
  EXPECT_EQ(front_->stats().connections, 1u);
  EXPECT_EQ(front_->stats().refused_tls, 0u);
}

TEST_F(FrontTlsTest, OurOwnClientVerifiesIt) {
  Start();
  const std::string port = address().substr(address().rfind(':'));
  const TestFile ca("ca.pem", authority_.CertificatePem());
  config::HttpConfig http;
  http.tls.ca_file = ca.path();
  http.tls.server_name = "wf.test";
  Client client({.user_agent = "test"});
  OutRequest request;
  request.url = Secret("https://127.0.0.1" + port + "/a");
  request.body = std::string(size_t{3} * 1024 * 1024, 'x');
  request.response_bytes_max = size_t{4} * 1024 * 1024;
  request.http = &http;
  const auto response = Fetch(client, request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "POST /a|" + request.body);
}

// No worker can send through TLS, so it is all kept for who can.
TEST_F(FrontTlsTest, WhatIsWrittenPieceByPieceArrivesWholeAndTheConnectionGoesOn) {
  constexpr size_t kPieceBytes = 100'000;
  constexpr char kLast = 'z';
  Start({}, [](const Request& request) {
    if (request.path != "/pieces") return Echo(request);
    Response response;
    response.write_body = [](const BodySink& sink) {
      for (char c = 'a'; c <= kLast; ++c) sink(std::string(kPieceBytes, c));
    };
    return response;
  });
  TlsClient client = Connect();
  for (int i = 0; i < 2; ++i) {
    client.Send("GET /pieces HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string answer = client.ReadUntil("\r\n0\r\n\r\n");
    const std::string size = "186a0\r\n";
    std::string expected;
    for (char c = 'a'; c <= kLast; ++c) expected += size + std::string(kPieceBytes, c) + "\r\n";
    EXPECT_TRUE(answer.ends_with("\r\n\r\n" + expected + "0\r\n\r\n"));
    EXPECT_THAT(client.Get("/next"), EndsWith("GET /next|"));
  }
}

TEST_F(FrontTlsTest, AnswersPipelinedRequestsInOrderAndSaysGoodbye) {
  Start();
  TlsClient client = Connect();
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  client.Send(all + "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  for (int i = 0; i < 50; ++i) {
    ASSERT_THAT(client.ReadUntil("|"), EndsWith("GET /" + std::to_string(i) + "|"));
  }
  EXPECT_THAT(client.ReadUntil("until the end"), EndsWith("GET /last|"));
  EXPECT_EQ(SSL_get_shutdown(client.ssl()), SSL_RECEIVED_SHUTDOWN) << "nothing was cut off";
}

// More than goes through TLS at a time.
TEST_F(FrontTlsTest, LargeAnswersAreWholeAndOthersFollowThem) {
  std::string large(size_t{2} * 1024 * 1024 + 1, 'x');
  for (size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i / 1000 % 26);
  Start({}, [&](const Request& request) {
    return request.path == "/large" ? Response{200, {}, large + "|"} : Echo(request);
  });
  TlsClient client = Connect();
  const std::string get = "GET /large HTTP/1.1\r\nHost: h\r\n";
  client.Send(get + "\r\n" + get + "\r\n");
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(client.ReadUntil("|").ends_with("\r\n\r\n" + large + "|"));
  }
  EXPECT_THAT(client.Get("/next"), EndsWith("GET /next|"));
  client.Send(get + "Connection: close\r\n\r\n");
  EXPECT_TRUE(client.ReadUntil("until the end").ends_with("\r\n\r\n" + large + "|"));
  EXPECT_EQ(SSL_get_shutdown(client.ssl()), SSL_RECEIVED_SHUTDOWN) << "nothing was cut off";
}

TEST_F(FrontTlsTest, RefusalsAndContinueGoThroughTls) {
  Start();
  TlsClient bad = Connect();
  bad.Send("nonsense\r\n\r\n");
  EXPECT_THAT(bad.ReadUntil("}"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  TlsClient client = Connect();
  client.Send("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hello");
  EXPECT_THAT(client.ReadUntil("hello"), EndsWith("POST /e|hello"));
}

TEST_F(FrontTlsTest, PlainHttpOnATlsPortIsToldSo) {
  Start();
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}) {
    RawClient client(address());
    for (const char c : std::string(method) + " / HTTP/1.1\r\nHost: h\r\n\r\n")
      client.Send({&c, 1});
    EXPECT_EQ(client.ReadToEnd(),
              "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
        << method;
  }
  EXPECT_EQ(front_->stats().refused_tls, 6u);
  EXPECT_EQ(front_->stats().requests, 0u);
}

TEST_F(FrontTlsTest, GarbageIsRefusedWithAnAlert) {
  Start();
  RawClient client(address());
  client.Send(std::string("\x16\x03\x01\x00\x05", 5) + "hello");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("\x15\x03")) << "a TLS alert";
  EXPECT_EQ(front_->stats().refused_tls, 1u);
}

TEST_F(FrontTlsTest, AHandshakeThatDawdlesHoldsNobodyAndEnds) {
  Front::Options options;
  options.workers = 1;
  options.handshake_time = std::chrono::milliseconds(300);
  Start(options);
  std::vector<std::unique_ptr<RawClient>> dawdlers;
  for (int i = 0; i < 50; ++i) {
    dawdlers.push_back(std::make_unique<RawClient>(address()));
    if (i % 2 == 0) dawdlers.back()->Send(std::string("\x16\x03\x01\x02\x00\x01", 6));
  }
  EXPECT_TRUE(IsServed());
  for (const auto& dawdler : dawdlers) EXPECT_EQ(dawdler->ReadToEnd(), "");
  EXPECT_EQ(front_->stats().refused_tls, 50u);
  while (front_->stats().connections != 0) std::this_thread::yield();
}

TEST_F(FrontTlsTest, AHandshakeMayComeByteByByte) {
  Use();
  TlsSession server(access_.Copy()->tls());
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                             SSL_CTX_free);
  const std::unique_ptr<SSL, void (*)(SSL*)> client(SSL_new(context.get()), SSL_free);
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(client.get(), in, out);
  SSL_set_connect_state(client.get());
  std::string said;
  for (int turn = 0; turn < 10 && said.empty(); ++turn) {
    if (SSL_do_handshake(client.get()) == 1) SSL_write(client.get(), "hello", 5);
    char byte = 0;
    while (BIO_read(out, &byte, 1) == 1) server.Receive({&byte, 1}, &said);
    const std::string wire = server.TakeWire();
    BIO_write(in, wire.data(), static_cast<int>(wire.size()));
  }
  EXPECT_EQ(said, "hello");
  EXPECT_EQ(server.state(), TlsSession::State::kOpen);
  server.Send("back");
  const std::string wire = server.TakeWire();
  BIO_write(in, wire.data(), static_cast<int>(wire.size()));
  char answer[16];
  EXPECT_EQ(SSL_read(client.get(), answer, sizeof(answer)), 4);
}

TEST_F(FrontTlsTest, EveryClientPolicyTakesWhomItShould) {
  const Identity known("prometheus.test", &authority_);
  const Identity stranger("stranger.test");
  using config::ClientAuth;
  struct Row {
    ClientAuth policy;
    bool nobody, stranger, known;
  };
  Start();
  for (const Row& row :
       {Row{ClientAuth::kNone, true, true, true}, Row{ClientAuth::kRequest, true, true, true},
        Row{ClientAuth::kRequireAny, false, true, true},
        Row{ClientAuth::kVerifyIfGiven, true, false, true},
        Row{ClientAuth::kRequireAndVerify, false, false, true}}) {
    config_.tls->client_auth = row.policy;
    config_.tls->client_ca = authority_.CertificatePem();
    Use();
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      const int policy = static_cast<int>(row.policy);
      EXPECT_EQ(IsServed({.version = version}), row.nobody) << policy;
      EXPECT_EQ(IsServed({.identity = &stranger, .version = version}), row.stranger) << policy;
      EXPECT_EQ(IsServed({.identity = &known, .version = version}), row.known) << policy;
    }
  }
}

TEST_F(FrontTlsTest, ACertificateMustHaveAnAllowedName) {
  config_.tls->client_auth = config::ClientAuth::kRequireAndVerify;
  config_.tls->client_ca = authority_.CertificatePem();
  config_.tls->client_allowed_sans = {"prometheus.test", "10.1.2.3", "2001:db8::1",
                                      "ops@example.com", "spiffe://cluster/prometheus"};
  Start();
  for (const char* sans : {"DNS:other.test,DNS:prometheus.test", "IP:10.1.2.3", "IP:2001:db8::1",
                           "email:ops@example.com", "URI:spiffe://cluster/prometheus"}) {
    const Identity client("client", &authority_, sans);
    EXPECT_TRUE(IsServed({.identity = &client})) << sans;
  }
  for (const char* sans : {"DNS:a.prometheus.test", "DNS:prometheus.tes", "IP:10.1.2.4"}) {
    const Identity client("prometheus.test", &authority_, sans);
    EXPECT_FALSE(IsServed({.identity = &client})) << sans;
  }
  config_.tls->client_allowed_sans.emplace();
  Use();
  const Identity client("prometheus.test", &authority_);
  EXPECT_FALSE(IsServed({.identity = &client})) << "an empty list allows nobody";
}

TEST_F(FrontTlsTest, VersionsAndCiphersAreAsConfigured) {
  config_.tls->min_version = config::TlsVersion::kTls12;
  config_.tls->max_version = config::TlsVersion::kTls12;
  config_.tls->ciphers = {"ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES256-GCM-SHA384"};
  config_.tls->curves = {"P-384"};
  Start();
  const std::string ours = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305";
  TlsClient client = Connect({.ciphers = ours});
  EXPECT_EQ(client.version(), "TLSv1.2");
  EXPECT_EQ(client.cipher(), "ECDHE-ECDSA-CHACHA20-POLY1305") << "the server's first";
  EXPECT_EQ(SSL_get_negotiated_group(client.ssl()), NID_secp384r1);
  EXPECT_FALSE(Connect({.version = TLS1_3_VERSION}).is_open());
  EXPECT_FALSE(Connect({.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"}).is_open());
  config_.tls->prefer_server_ciphers = false;
  Use();
  EXPECT_EQ(Connect({.ciphers = ours}).cipher(), "ECDHE-ECDSA-AES256-GCM-SHA384");
}

TEST_F(FrontTlsTest, OldVersionsAreRefusedUnlessAskedFor) {
  Start();
  EXPECT_FALSE(IsServed({.version = TLS1_1_VERSION}));
  config_.tls->min_version = config::TlsVersion::kTls10;
  Use();
  EXPECT_TRUE(IsServed({.version = TLS1_VERSION}));
  EXPECT_TRUE(IsServed({.version = TLS1_1_VERSION}));
}

TEST_F(FrontTlsTest, OffersHttp11AndNothingElse) {
  Start();
  TlsClient both = Connect({.protocols = "\x02h2\x08http/1.1"});
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(both.ssl(), &protocol, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(protocol), size), "http/1.1");
  EXPECT_FALSE(Connect({.protocols = "\x02h2"}).is_open());
}

TEST_F(FrontTlsTest, ANewCertificateIsForNewConnections) {
  Start();
  TlsClient before = Connect();
  const Identity renewed("renewed.test", &authority_);
  config_.tls->certificate = renewed.CertificatePem() + authority_.CertificatePem();
  config_.tls->key = Secret(renewed.KeyPem());
  Use();
  EXPECT_THAT(before.Get("/a"), EndsWith("GET /a|"));
  const TlsClient after = Connect();
  char name[64] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(after.ssl())),
                            NID_commonName, name, sizeof(name));
  EXPECT_STREQ(name, "renewed.test");
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(after.ssl())), 2) << "and who vouches for it";
}

// Credentials that were never seen wait for each other, and nobody else waits for them.
TEST_F(FrontTlsTest, GuessesKeepNobodyWaitingWhosePasswordIsKnown) {
  config_.tls.reset();
  config_.users = {{"ada", Secret(kSecret)}};
  Promise<bool> may_go_on;
  std::atomic<int> waiting{0};
  Front::Options options;
  options.gets_max = 4;  // The place of a read is free a moment after its answer is there.
  Start(options, [&](const Request& request) {
    if (request.path == "/wait") {
      ++waiting;
      (void)may_go_on.Wait(InTenSeconds());
    }
    return Echo(request);
  });
  const auto get = [](const std::string& path, const std::string& password) {
    return "GET " + path +
           " HTTP/1.1\r\nHost: h\r\nAuthorization: " + BasicCredentials("ada", password) +
           "\r\n\r\n";
  };
  // The first request with a password is a check for as long as it takes.
  RawClient first(address());
  first.Send(get("/wait", "s3cret"));
  while (waiting == 0) std::this_thread::yield();
  std::vector<std::unique_ptr<RawClient>> guessers;
  for (int i = 0; i < 20; ++i) {
    guessers.push_back(std::make_unique<RawClient>(address()));
    guessers.back()->Send(get("/", "guess " + std::to_string(i)));
  }
  // More of them than workers and than gets_max.
  for (int i = 0; i < 8; ++i) {
    RawClient known(address());
    known.Send(get("/known", "s3cret"));
    EXPECT_THAT(known.ReadResponse(), EndsWith("GET /known|"));
  }
  may_go_on.Set(true);
  EXPECT_THAT(first.ReadResponse(), EndsWith("GET /wait|"));
  for (const auto& guesser : guessers) {
    const std::string response = guesser->ReadResponse();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
    EXPECT_THAT(response, HasSubstr("WWW-Authenticate: Basic\r\n"));
  }
}

TEST_F(FrontTlsTest, ABusyAnswerHasTheHeadersToo) {
  config_.tls.reset();
  config_.headers = {{"X-Frame-Options", "deny"}, {"X-Content-Type-Options", "nosniff"}};
  Front::Options options;
  options.gets_max = 0;
  Start(options);
  RawClient client(address());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string response = client.ReadResponse();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(response, HasSubstr("X-Frame-Options: deny\r\n"));
  const size_t sniff = response.find("X-Content-Type-Options: nosniff\r\n");
  EXPECT_NE(sniff, std::string::npos);
  EXPECT_EQ(response.find("X-Content-Type-Options", sniff + 1), std::string::npos) << "once";
}

}  // namespace
}  // namespace watchfire::net
