// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// docs/receivers.md, made from what the loader reads and what the receivers say of themselves.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "pkg/base/limits.h"
#include "pkg/base/strings.h"
#include "pkg/config/schema.h"
#include "pkg/notify/builtin/builtin.h"

namespace watchfire::notify::builtin {
namespace {

using config::Field;

constexpr const char* kIntroduction =
    R"(<!-- Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0 -->
# Receivers

Every receiver, its fields, what becomes of long messages, when an attempt is repeated, and by what
the vendor knows a message that came twice. Generated from what the loader reads and the receivers
say of themselves: after a change run `WF_UPDATE=1 build/dev/bin/notify_builtin_test`.

`wfctl template render` shows what a receiver would send, `wfctl receiver test NAME` sends a test
through it ([wfctl.md](wfctl.md)). What is promised about delivery, and the keys of a receiver as a
whole, are in [delivery.md](delivery.md). Those that Alertmanager does not have are told at length in
[own-receivers.md](own-receivers.md). What a template can say, who is on call too, is in
[templates.md](templates.md).

)";

// In a cell: no line breaks, and no end of the cell.
std::string Cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string Code(const std::string& text) { return "`" + Cell(text) + "`"; }

std::string Codes(const std::vector<std::string>& texts) {
  std::vector<std::string> codes;
  for (const std::string& text : texts) codes.push_back(Code(text));
  return Join(codes, ", ");
}

std::string DefaultCell(const Field& field) {
  std::vector<std::string> parts;
  if (field.is_needed) parts.emplace_back("**required**");
  for (const std::string& key : field.globals) parts.push_back("global " + Code(key));
  if (field.is_needed && field.fallback == "0") return Join(parts, ", or ");
  const bool is_prose = field.fallback.find('`') != std::string::npos;
  if (!field.fallback.empty()) parts.push_back(is_prose ? field.fallback : Code(field.fallback));
  return Join(parts, ", or ");
}

void PrintFields(const std::vector<Field>& fields, std::ostream& out) {
  out << "| Field | Type | Default |\n|---|---|---|\n";
  for (const Field& field : fields) {
    const std::string type = field.choices.empty() ? field.type : "one of " + Codes(field.choices);
    const std::string fallback = DefaultCell(field);
    out << "| " << Code(field.path) << " | " << type << " | " << fallback
        << (fallback.empty() ? "" : " ") << "|\n";
  }
}

std::string Retried(const Contract& contract) {
  std::vector<std::string> codes;
  for (const int code : contract.retry_codes) codes.push_back(std::to_string(code));
  std::string text = contract.is_mail       ? "no answer, a reply below 500"
                     : contract.retries_all ? "whatever is no success"
                                            : "no answer, 5xx";
  if (!codes.empty()) text += ", " + Join(codes, ", ");
  return contract.retries.empty() ? text : text + "; " + contract.retries;
}

void PrintSummary(std::ostream& out) {
  out << "| Receiver | Pages | `send_resolved` | Tried again | A repetition is known by |\n"
         "|---|---|---|---|---|\n";
  for (const Backend& backend : Backends()) {
    const std::string& kind = backend.kind.kind;
    out << "| [" << kind << "](#" << kind << ") | " << (backend.kind.pages ? "yes" : "no") << " | "
        << (backend.kind.send_resolved_default ? "yes" : "no") << " | "
        << Cell(Retried(backend.contract)) << " | " << Cell(backend.contract.dedup) << " |\n";
  }
}

void PrintReceiver(const Backend& backend, std::ostream& out) {
  out << "\n## " << backend.kind.kind << "\n\n";
  PrintFields(config::FieldsOf(backend.kind), out);
  out << "\n";
  for (const Limit& limit : backend.contract.limits) {
    const bool is_field = limit.what.find(' ') == std::string::npos;
    out << "- " << (is_field ? Code(limit.what) : limit.what) << " above " << limit.max << " "
        << limit.unit << " " << limit.beyond << ".\n";
  }
  std::vector<std::string> sources;
  for (const std::string& source : backend.contract.sources) sources.push_back("<" + source + ">");
  out << "- Sources: " << Join(sources, ", ") << "\n";
}

std::string Document() {
  std::ostringstream out;
  out << kIntroduction;
  PrintSummary(out);
  out << "\nA receiver that pages opens incidents. Each entry has `send_resolved`, with the "
         "default "
         "of this\ntable, and `page: true` or `false` to differ from it. A `Retry-After` of a "
         "vendor is obeyed, up to an\nhour. `tell_acks` in an entry says whether it is told of "
         "acks: "
         "[incidents.md](incidents.md#told-to-vendors), and\n`poll_acks` has the vendor asked for "
         "those there: [polling.md](polling.md).\nWhat all templates of one message print "
         "may be "
      << limits::kTemplateOutputBytes / (1024 * 1024)
      << " MiB; more is an error, not a cut.\n\n"
         "In the tables a default after *global* holds when `global` has no such key. Where a "
         "secret or URL may\nstand in a file, one of the two is **required**; of PagerDuty's keys, "
         "of SNS' destinations\nand of Twilio's `from` and `messaging_service_sid`, one.\n";
  for (const Backend& backend : Backends()) PrintReceiver(backend, out);
  out << "\n## global\n\n";
  PrintFields(config::GlobalFields(), out);
  out << "\n## http_config\n\nThe same in every receiver but email, and in `global`.\n\n";
  PrintFields(config::HttpFields(), out);
  return out.str();
}

TEST(DocsTest, TheDocumentIsTheCode) {
  const char* const path = "docs/receivers.md";
  if (std::getenv("WF_UPDATE") != nullptr)
    std::ofstream(path) << Document();  // NOLINT: one thread.
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), Document()) << "run WF_UPDATE=1 build/dev/bin/notify_builtin_test";
}

}  // namespace
}  // namespace watchfire::notify::builtin
