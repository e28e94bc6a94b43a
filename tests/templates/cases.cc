// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/templates/cases.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include <simdjson.h>
#include <unistd.h>

#include "pkg/base/check.h"
#include "pkg/base/json.h"
#include "pkg/base/rng.h"
#include "pkg/base/strings.h"
#include "pkg/templates/template.h"
#include "tests/templates/typed_value.h"

namespace watchfire::templates {
namespace {

std::string TextOf(const simdjson::dom::object& object, const char* key) {
  const auto found = object[key];
  return found.error() == simdjson::SUCCESS ? std::string(found.get_string().value()) : "";
}

std::string RawOf(const simdjson::dom::object& object, const char* key) {
  auto found = object[key];
  return found.error() == simdjson::SUCCESS ? simdjson::minify(found.value()) : "";
}

Answer AnswerOf(const simdjson::dom::object& object) {
  return {TextOf(object, "out"), TextOf(object, "err")};
}

// What a case is on the oracle's input.
void WriteCase(const Case& a_case, const std::string& data, JsonWriter* json) {
  json->Field("t", a_case.text);
  if (!data.empty()) json->Key("d").Raw(data);
  if (!a_case.missing_key.empty()) json->Field("missing", a_case.missing_key);
  if (a_case.html) json->Field("html", true);
}

// What mutations put in.
constexpr const char* kPieces[] = {"{{",
                                   "}}",
                                   "{{- ",
                                   " -}}",
                                   "(",
                                   ")",
                                   " | ",
                                   "\"",
                                   "`",
                                   "'",
                                   "$",
                                   ".",
                                   "$x",
                                   "$x := ",
                                   "$x = ",
                                   ".s",
                                   ".n",
                                   ".l",
                                   ".m.d",
                                   ".kv",
                                   ".nil",
                                   " ",
                                   "\n",
                                   "{{end}}",
                                   "{{else}}",
                                   "{{if .t}}",
                                   "{{range .l}}",
                                   "{{with .m}}",
                                   "{{define \"d\"}}",
                                   "{{template \"d\" .}}",
                                   "{{break}}",
                                   "nil",
                                   "true",
                                   "1",
                                   "-1",
                                   "2.5",
                                   "0x",
                                   ",",
                                   "%v",
                                   "%d",
                                   "[1]",
                                   "*",
                                   "printf ",
                                   "index ",
                                   "list ",
                                   "eq ",
                                   "len ",
                                   "and ",
                                   "or ",
                                   "not ",
                                   "upper ",
                                   "/*",
                                   "*/",
                                   "else if ",
                                   ".Keys ",
                                   "\\",
                                   "\u00e9"};

MissingKey MissingKeyOf(const Case& a_case) {
  if (a_case.missing_key == "zero") return MissingKey::kZero;
  return a_case.missing_key == "error" ? MissingKey::kError : MissingKey::kNothing;
}

}  // namespace

CaseFile ReadCases(const std::string& path) {
  CaseFile file;
  std::ifstream in(path);
  WF_CHECK(in.is_open());
  simdjson::dom::parser parser;
  for (std::string line; std::getline(in, line);) {
    const simdjson::dom::object object = parser.parse(line).get_object().value();
    if (file.common_data.empty()) {
      file.common_data = RawOf(object, "common");
      continue;
    }
    file.cases.push_back({TextOf(object, "t"), RawOf(object, "d"), TextOf(object, "missing"),
                          object["html"].error() == simdjson::SUCCESS, AnswerOf(object)});
  }
  return file;
}

void WriteCases(const CaseFile& file, const std::string& path) {
  std::ofstream out(path);
  out << R"({"common":)" << file.common_data << "}\n";
  for (const Case& a_case : file.cases) {
    JsonWriter json;
    json.StartObject();
    WriteCase(a_case, a_case.data, &json);
    const bool failed = !a_case.want.err.empty();
    json.Field(failed ? "err" : "out", failed ? a_case.want.err : a_case.want.out).EndObject();
    out << json.Take() << "\n";
  }
}

std::vector<Case> GeneratedCases() {
  static constexpr const char* kValues[] = {
      "0",    "7",    "-42",           "65",   "1114112", "0.0",  "1.5",    "-2.25e10",
      "1e-7", "1e21", "123456789.125", "true", "false",   "\"\"", "\"hi\"", "\"h\\u00e9\\n\"",
      ".nil", ".l",   ".ln",           ".mix", ".sm",     ".m",   ".kv",    ".dur",
      ".nan", ".inf", ".ninf"};
  static constexpr const char* kFlags[] = {"",   "+",  "-",   "#",     " ",  "0",   "5",   "-8",
                                           "08", "+8", "# 8", "#08",   ".0", ".3",  "8.3", "+08.3",
                                           ".1", ".",  "# ",  "-08.2", "+#", "#.3", "30",  "-030"};
  std::vector<Case> cases;
  for (const char verb : std::string("vdsqxXtcUbobOeEfFgGTz")) {
    for (const char* value : kValues) {
      std::string text;
      for (const char* flags : kFlags) {
        text += std::string("{{printf \"%") + flags + verb + "|\" " + value + "}}";
      }
      cases.push_back({text, "", "", false, {}});
    }
  }
  static constexpr const char* kPairs[] = {"eq",  "ne", "lt",    "le",    "gt",   "ge",
                                           "and", "or", "print", "index", "slice"};
  for (const char* function : kPairs) {
    for (const char* a : kValues) {
      for (const char* b : kValues) {
        cases.push_back(
            {std::string("{{") + function + " " + a + " " + b + "}}", "", "", false, {}});
      }
    }
  }
  for (uint32_t first = 0x20; first < 0x2c00; first += 64) {
    std::string runes;
    for (uint32_t rune = first; rune < first + 64; ++rune) {
      runes += "\\u" + Hex64(rune).substr(12);
    }
    cases.push_back(
        {"{{upper \"" + runes + "\"}}{{lower \"" + runes + "\"}}{{words \"" + runes + "\"}}",
         "",
         "",
         false,
         {}});
  }
  return cases;
}

std::vector<Case> MutatedCases(const CaseFile& file, size_t count, uint64_t seed) {
  Rng rng(seed);
  std::vector<Case> mutated;
  while (mutated.size() < count) {
    Case a_case = file.cases[rng.Below(file.cases.size())];
    if (a_case.html) continue;  // Go refuses broken HTML before it runs, we while we run.
    std::string& text = a_case.text;
    for (uint64_t edits = 1 + rng.Below(3); edits > 0; --edits) {
      const size_t at = rng.Below(text.size() + 1);
      const size_t length = std::min<size_t>(rng.Below(6), text.size() - at);
      const std::string piece =
          rng.Below(4) == 0 ? text.substr(at, length) : kPieces[rng.Below(std::size(kPieces))];
      text.replace(at, rng.Below(2) == 0 ? length : 0, piece);
    }
    bool exhausted = false;
    const Answer ours = Render(a_case, file, &exhausted);
    // Addresses are never the same, and Go has imaginary numbers.
    const bool differs = text.find("%p") != std::string::npos ||
                         ours.err.find("complex constants") != std::string::npos;
    if (!exhausted && !differs && IsValidUtf8(text)) mutated.push_back(std::move(a_case));
  }
  return mutated;
}

Answer Render(const Case& a_case, const CaseFile& file, bool* exhausted) {
  TemplateSet set(OracleFunctions(), MissingKeyOf(a_case));
  const Status parsed = set.Parse("t", a_case.text);
  if (!parsed) return {"", parsed.error().message};
  const Value dot = TypedValue(a_case.data.empty() ? file.common_data : a_case.data);
  const Result<std::string> out =
      a_case.html ? set.ExecuteHtml("t", dot, {}) : set.Execute("t", dot, {});
  if (exhausted != nullptr) *exhausted = !out && out.error().code == Code::kExhausted;
  return out ? Answer{*out, ""} : Answer{"", out.error().message};
}

bool HasGo() {
  // Older ones cannot range over numbers and have other opinions on HTML.
  return std::system("go version 2> /dev/null | grep -qE 'go1\\.(2[4-9]|[3-9][0-9])'") == 0;
}

std::vector<Answer> AskGo(const std::vector<Case>& cases, const CaseFile& file) {
  std::string folder = (std::filesystem::temp_directory_path() / "wf-oracle-XXXXXX").string();
  WF_CHECK(mkdtemp(folder.data()) != nullptr);
  {
    std::ofstream in(folder + "/in");
    for (const Case& a_case : cases) {
      JsonWriter json;
      json.StartObject();
      WriteCase(a_case, a_case.data.empty() ? file.common_data : a_case.data, &json);
      json.EndObject();
      in << json.Take() << "\n";
    }
  }
  const std::string command = "cd " WF_ORACLE_DIR
                              " && GOFLAGS=-mod=mod GOTOOLCHAIN=local go run . < " +
                              folder + "/in > " + folder + "/out";
  WF_CHECK(std::system(command.c_str()) == 0);
  std::vector<Answer> answers;
  std::ifstream out(folder + "/out");
  simdjson::dom::parser parser;
  for (std::string line; std::getline(out, line);) {
    answers.push_back(AnswerOf(parser.parse(line).get_object().value()));
  }
  std::filesystem::remove_all(folder);
  return answers;
}

}  // namespace watchfire::templates
