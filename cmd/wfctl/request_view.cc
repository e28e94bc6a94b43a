// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/wfctl/request_view.h"

#include <algorithm>
#include <array>
#include <utility>

#include <simdjson.h>

#include "cmd/wfctl/mail_view.h"
#include "pkg/base/strings.h"

namespace watchfire::wfctl {
namespace {

using simdjson::dom::element;

// Fields of a form that are secrets, whatever the configuration made of them.
constexpr std::array<std::string_view, 3> kSecretFields = {"token", "user", "AuthToken"};

void Indent(element value, size_t depth, std::ostream& out) {
  const std::string margin(2 * depth + 2, ' ');
  const std::string end = "\n" + std::string(2 * depth, ' ');
  simdjson::dom::object object;
  simdjson::dom::array array;
  const char* separator = "\n";
  if (value.get(object) == simdjson::SUCCESS && object.size() > 0) {
    out << "{";
    for (const auto field : object) {
      out << std::exchange(separator, ",\n") << margin << JsonWriter().String(field.key).Take()
          << ": ";
      Indent(field.value, depth + 1, out);
    }
    out << end << "}";
  } else if (value.get(array) == simdjson::SUCCESS && array.size() > 0) {
    out << "[";
    for (const element item : array) {
      out << std::exchange(separator, ",\n") << margin;
      Indent(item, depth + 1, out);
    }
    out << end << "]";
  } else if (value.is_string()) {
    out << JsonWriter().String(std::string_view(value)).Take();
  } else {
    out << simdjson::minify(value);
  }
}

void PrintForm(std::string_view form, const Masking& masking, std::ostream& out) {
  for (const std::string_view field : Split(form, '&')) {
    const size_t equals = std::min(field.find('='), field.size());
    const std::string name = UrlDecode(field.substr(0, equals), true);
    const std::string value = UrlDecode(field.substr(std::min(equals + 1, field.size())), true);
    const bool is_secret = std::ranges::count(kSecretFields, name) > 0;
    out << name << " = " << (is_secret ? Secret::masked() : masking.Mask(value)) << "\n";
  }
}

// Those that the client adds because of http_config.
std::vector<net::Header> AddedHeaders(const net::OutRequest& request) {
  std::vector<net::Header> headers;
  if (request.http == nullptr) return headers;
  const std::string masked = Secret::masked();
  const bool has_own = !net::FindHeader(request.headers, "Authorization").empty();
  if (request.http->basic_auth && !has_own) headers.push_back({"Authorization", "Basic " + masked});
  if (request.http->oauth2 && !has_own) headers.push_back({"Authorization", "Bearer " + masked});
  if (request.http->authorization && !has_own) {
    headers.push_back({"Authorization", request.http->authorization->type + " " + masked});
  }
  for (const auto& [name, header] : request.http->headers) {
    for (const std::string& value : header.values) headers.push_back({name, value});
    for (size_t i = 0; i < header.secrets.size() + header.files.size(); ++i) {
      headers.push_back({name, masked});
    }
  }
  return headers;
}

// All headers, masked.
std::vector<net::Header> ShownHeaders(const net::OutRequest& request, const Masking& masking) {
  std::vector<net::Header> headers;
  for (const net::Header& header : request.headers) {
    headers.push_back({header.name, masking.MaskHeader(header)});
  }
  for (net::Header& header : AddedHeaders(request)) {
    headers.push_back({header.name, masking.MaskHeader(header)});
  }
  return headers;
}

void PrintMail(const net::OutRequest& request, const Masking& masking, std::ostream& out) {
  const net::Mail& mail = *request.mail;
  out << "SMTP " << request.shown_url;
  if (request.shown_url.starts_with("smtps:")) {
    out << " (TLS)";
  } else {
    out << (mail.require_tls ? " (STARTTLS)" : " (not encrypted)");
  }
  if (!mail.username.empty()) {
    out << ", as " << mail.username << " by " << Join(mail.mechanisms, " or ");
  }
  out << "\nMAIL FROM:<" << mail.from << ">\n";
  for (const std::string& to : mail.to) out << "RCPT TO:<" << to << ">\n";
  const MailView view = ViewMail(request.body);
  out << "\n";
  for (const net::Header& header : view.headers) {
    out << header.name << ": " << masking.MaskHeader(header) << "\n";
  }
  for (const MailPart& part : view.parts) {
    const std::string text = masking.Mask(part.text);
    out << "\n--- " << part.type << "\n" << text << (text.ends_with('\n') ? "" : "\n");
  }
}

}  // namespace

void PrintRequest(const net::OutRequest& request, const Masking& masking, std::ostream& out) {
  if (request.mail) return PrintMail(request, masking, out);
  out << request.method << " " << masking.Mask(request.shown_url) << "\n";
  for (const net::Header& header : ShownHeaders(request, masking)) {
    out << header.name << ": " << header.value << "\n";
  }
  if (request.shown_url.ends_with(std::string("?") + Secret::masked())) {
    const std::string& url = request.url.reveal();
    out << "\n";
    PrintForm(std::string_view(url).substr(std::min(url.find('?') + 1, url.size())), masking, out);
  }
  if (request.body.empty()) return;
  out << "\n";
  const std::string body = masking.Mask(request.body);
  const std::string_view type = net::FindHeader(request.headers, "Content-Type");
  simdjson::dom::parser parser;
  element json;
  const simdjson::padded_string padded(body);
  if (type.starts_with("application/x-www-form-urlencoded")) {
    PrintForm(request.body, masking, out);
  } else if (parser.parse(padded).get(json) == simdjson::SUCCESS) {
    Indent(json, 0, out);
    out << "\n";
  } else {
    out << body << (body.ends_with('\n') ? "" : "\n");
  }
}

void WriteRequest(const net::OutRequest& request, const Masking& masking, JsonWriter* json) {
  json->StartObject();
  if (!request.mail) json->Field("method", request.method);
  json->Field("url", masking.Mask(request.shown_url));
  const MailView view = request.mail ? ViewMail(request.body) : MailView();
  if (request.mail) {
    json->Field("from", request.mail->from).Key("to").StartArray();
    for (const std::string& to : request.mail->to) json->String(to);
    json->EndArray();
  }
  json->Key("headers").StartArray();
  for (const auto& [name, value] : request.mail ? view.headers : ShownHeaders(request, masking)) {
    json->StartObject().Field("name", name).Field("value", masking.Mask(value)).EndObject();
  }
  json->EndArray();
  if (request.mail) {
    json->Key("parts").StartArray();
    for (const MailPart& part : view.parts) {
      json->StartObject().Field("type", part.type).Field("text", masking.Mask(part.text));
      json->EndObject();
    }
    json->EndArray();
  } else {
    json->Field("delaySeconds", ToSeconds(request.delay));
  }
  json->Field(request.mail ? "raw" : "body", masking.Mask(request.body)).EndObject();
}

}  // namespace watchfire::wfctl
