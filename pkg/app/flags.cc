// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "pkg/app/flags.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

#include "pkg/base/strings.h"

namespace watchfire::app {
namespace {

enum class Kind { kString, kList, kBool, kInt, kFloat, kGoDuration, kChoice, kFeatures };

// One without a field is accepted because Alertmanager, its Operator and charts pass it, and has no
// effect here; its value must be one all the same.
struct Flag {
  const char* name;
  Kind kind;
  const char* help;
  std::string Flags::*text = nullptr;
  std::vector<std::string> Flags::*list = nullptr;
  bool Flags::*boolean = nullptr;
  Duration Flags::*duration = nullptr;
  int Flags::*integer = nullptr;
  const char* choices = "";  // kChoice: "a|b".
  bool positive = false;     // kGoDuration: zero is an error.
  bool signed_time = false;  // kGoDuration: below zero is as good as zero.
  bool of_cluster = false;   // `positive` holds only where clustering is on.

  bool IsIgnored() const {
    return kind != Kind::kFeatures && text == nullptr && list == nullptr && boolean == nullptr &&
           duration == nullptr && integer == nullptr;
  }
};

Flag Text(const char* name, std::string Flags::*field, const char* help) {
  return {name, Kind::kString, help, field};
}
Flag List(const char* name, std::vector<std::string> Flags::*field, const char* help) {
  Flag flag{name, Kind::kList, help};
  flag.list = field;
  return flag;
}
Flag Switch(const char* name, bool Flags::*field, const char* help) {
  Flag flag{name, Kind::kBool, help};
  flag.boolean = field;
  return flag;
}
Flag Time(const char* name, Duration Flags::*field, bool positive, const char* help) {
  Flag flag{name, Kind::kGoDuration, help};
  flag.duration = field;
  flag.positive = positive;
  return flag;
}
Flag Number(const char* name, int Flags::*field, const char* help) {
  Flag flag{name, Kind::kInt, help};
  flag.integer = field;
  return flag;
}
Flag AnyTime(const char* name, Duration Flags::*field, const char* help) {
  Flag flag = Time(name, field, false, help);
  flag.signed_time = true;
  return flag;
}
Flag Choice(const char* name, std::string Flags::*field, const char* choices, const char* help) {
  Flag flag{name, Kind::kChoice, help, field};
  flag.choices = choices;
  return flag;
}
// `why` ends the warning.
Flag Ignored(const char* name, Kind kind = Kind::kString, const char* why = "") {
  return {name, kind, why};
}

std::vector<Flag> FlagsOfTheState() {
  return {
      Text("config.file", &Flags::config_file, "Configuration, Alertmanager's format and ours."),
      List("config.extra", &Flags::config_extra,
           "A second file holding only Watchfire's own top-level keys. Repeatable."),
      Time("config.watch-interval", &Flags::config_watch_interval, false,
           "How often changed files are looked for and reloaded; 0s turns the watch off."),
      Text("storage.path", &Flags::storage_path, "Directory of the database."),
      Switch("storage.repair", &Flags::storage_repair,
             "Salvage a corrupt database into a new one; the old file is kept beside it."),
      Switch(
          "storage.sync-alerts", &Flags::storage_sync_alerts,
          "Answer POSTed alerts once they are stored, not up to a second before: for senders that "
          "do not repeat them, as Prometheus does."),
      Time("data.retention", &Flags::retention, true,
           "How long notifications and closed incidents are kept."),
      Time(
          "data.maintenance-interval", &Flags::maintenance_interval, true,
          "How often what is older is looked for where `delivery: alertmanager` holds: sooner than "
          "that nothing is told again for its age."),
      Time("alerts.gc-interval", &Flags::gc_interval, true,
           "How often resolved alerts are forgotten."),
      Number(
          "alerts.per-alertname-limit", &Flags::per_alertname_limit,
          "Most alerts of one alertname, further ones are dropped; 0: the built-in bound alone."),
      Number("silences.max-silences", &Flags::max_silences,
             "Most silences, expired ones included; 0: the built-in bound."),
      Number("silences.max-silence-size-bytes", &Flags::max_silence_bytes,
             "Most bytes of one silence, as Alertmanager would store it; 0: the built-in bound."),
      AnyTime("dispatch.start-delay", &Flags::start_delay,
              "How long after the start nothing is sent, so that alerts can come in first."),
  };
}

std::vector<Flag> FlagsOfTheWeb() {
  return {
      List("web.listen-address", &Flags::listen_addresses,
           "host:port to listen on; port 0 picks a free one. Repeatable."),
      Switch("web.systemd-socket", &Flags::systemd_socket,
             "Listen on the sockets that systemd passes, and on no address."),
      Text("web.config.file", &Flags::web_config_file,
           "TLS, passwords and headers of the listener, the exporter toolkit's format."),
      Text("web.external-url", &Flags::external_url,
           "URL under which people reach Watchfire; used in links."),
      Text("web.route-prefix", &Flags::route_prefix,
           "Prefix of every path; by default the path of the external URL."),
      Text("web.cors.origin", &Flags::cors_origin,
           "Regular expression for whole origins (https?://ui\\.example) whose pages may call API "
           "v2; "
           "empty: none."),
      Number("web.get-concurrency", &Flags::get_concurrency,
             "GET requests at once, further ones answer 503; 0: the number of CPUs, at least 8."),
      AnyTime("web.timeout", &Flags::web_timeout,
              "Time for one HTTP request, else it answers 503; 0s: none."),
  };
}

std::vector<Flag> FlagsOfTheRest() {
  return {
      Text("prometheus.url", &Flags::prometheus_url,
           "Prometheus to query, unless the configuration names datasources."),
      List("rules.files", &Flags::rules_files, "Glob of Prometheus rule files. Repeatable."),
      List("slo.files", &Flags::slo_files,
           "Glob of SLO files (Sloth's, OpenSLO's, Pyrra's and others). Repeatable."),
      Text("cluster.listen-address", &Flags::cluster_listen_address,
           "Shown as this instance's peer address, where nothing listens; empty: clustering is "
           "reported as disabled."),
      Text("cluster.advertise-address", &Flags::cluster_advertise_address,
           "Shown as the peer address in place of that."),
      Text("cluster.peer-name", &Flags::cluster_peer_name,
           "Shown as this instance's peer name; by default the host's name."),
      Text("shadow", &Flags::shadow,
           "URL of a live Alertmanager that gets the same alerts: send nothing, compare with it."),
      Time("shadow.poll", &Flags::shadow_poll, true,
           "How often its groups and silences are asked for."),
      Time("shadow.tolerance", &Flags::shadow_tolerance, false,
           "How far apart the same message may be; 0s: 2 group_interval + group_wait of the "
           "receiver's slowest route."),
      Text("shadow.http-config", &Flags::shadow_http_config,
           "File with the fields of http_config for reaching it."),
      Switch("log.silences", &Flags::log_silences,
             "Log each silence that is created, updated or ended by somebody."),
      Choice("log.level", &Flags::log_level, "debug|info|warn|error", "Least level to log."),
      Choice("log.format", &Flags::log_format, "logfmt|json", "Form of log lines."),
      {"enable-feature", Kind::kFeatures,
       "Comma-separated: classic-mode or utf8-strict-mode decide how matchers and label names are "
       "read; alert-names-in-metrics, receiver-name-in-metrics and group-key-in-metrics give "
       "metrics a label more; grafana-oncall-metrics exports some under the names of Grafana "
       "OnCall "
       "too; Alertmanager's others have no effect."},
      Switch("help", &Flags::help, "Show this text."),
      Switch("version", &Flags::version, "Show the version."),
  };
}

// In the order of --help.
std::vector<Flag> OwnFlags() {
  std::vector<Flag> flags = FlagsOfTheState();
  for (const std::vector<Flag>& more : {FlagsOfTheWeb(), FlagsOfTheRest()}) {
    flags.insert(flags.end(), more.begin(), more.end());
  }
  return flags;
}

std::vector<Flag> AllFlags() {
  std::vector<Flag> flags = OwnFlags();
  flags.push_back(Ignored("cluster.peer", Kind::kString,
                          ": there is no gossip, so replicas that get the same alerts each send"));
  for (const char* name : {"cluster.tls-config", "cluster.label", "template.default",
                           "web.ui-path"}) {  // The last two: Debian's.
    flags.push_back(Ignored(name));
  }
  flags.push_back(Ignored("dispatch.maintenance-interval", Kind::kGoDuration));
  flags.back().positive = true;
  // Of 0.35. What is said there of Connect is of an API that is experimental, and not here.
  flags.push_back(Ignored("auto-gomemlimit", Kind::kBool));
  flags.push_back(Ignored("auto-gomemlimit.ratio", Kind::kFloat));
  for (const char* name : {"api.connect.max-request-body-bytes", "api.connect.read-max-bytes",
                           "api.connect.send-max-bytes", "api.connect.unary-concurrency",
                           "api.connect.stream-concurrency"}) {
    flags.push_back(Ignored(name, Kind::kInt));
  }
  for (const char* name : {"auto-gomemlimit.refresh-interval", "api.connect.stream-idle-timeout",
                           "api.connect.stream-lifetime", "api.connect.unary-timeout"}) {
    flags.push_back(Ignored(name, Kind::kGoDuration));
    flags.back().signed_time = true;
  }
  flags.push_back(
      Ignored("cluster.allow-insecure-public-advertise-address-discovery", Kind::kBool));
  for (const char* name :
       {"cluster.peer-timeout", "cluster.peers-resolve-timeout", "cluster.gossip-interval",
        "cluster.pushpull-interval", "cluster.tcp-timeout", "cluster.probe-timeout",
        "cluster.probe-interval", "cluster.settle-timeout", "cluster.reconnect-interval",
        "cluster.reconnect-timeout"}) {
    flags.push_back(Ignored(name, Kind::kGoDuration));
    flags.back().positive = flags.back().name != std::string_view("cluster.settle-timeout");
    flags.back().signed_time = !flags.back().positive;
    flags.back().of_cluster = true;
  }
  return flags;
}

tl::unexpected<Error> UnknownFlag(const std::string& name, const std::vector<Flag>& flags) {
  std::vector<std::string> known;
  for (const Flag& flag : flags) known.emplace_back(flag.name);
  const std::string near = Nearest(name, known);
  return InvalidArgument("unknown flag --" + name +
                         (near.empty() ? " (see --help)" : " (did you mean --" + near + "?)"));
}

// Source: Alertmanager's featurecontrol (reference §1.1), texts included.
Status AssignFeatures(const std::string& value, Flags* out) {
  static constexpr std::array<std::string_view, 2> kWithoutEffect = {"auto-gomemlimit",
                                                                     "event-recorder"};
  out->matcher_mode = matcher::Mode::kFallback;
  out->metric_features = {};
  if (value.empty()) return {};
  bool classic = false;
  bool utf8 = false;
  for (const std::string_view feature : Split(value, ',')) {
    if (feature == "classic-mode") {
      classic = true;
    } else if (feature == "utf8-strict-mode") {
      utf8 = true;
    } else if (feature == "alert-names-in-metrics") {
      out->metric_features.alert_names = true;
    } else if (feature == "receiver-name-in-metrics") {
      out->metric_features.receiver_names = true;
    } else if (feature == "group-key-in-metrics") {
      out->metric_features.group_keys = true;
    } else if (feature == "grafana-oncall-metrics") {  // Ours.
      out->metric_features.oncall_names = true;
    } else if (std::ranges::count(kWithoutEffect, feature) > 0) {
      out->warnings.push_back("--enable-feature=" + std::string(feature) +
                              " has no effect in Watchfire");
    } else {
      return InvalidArgument("unknown option '" + std::string(feature) + "' for --enable-feature");
    }
  }
  if (classic && utf8) return InvalidArgument("cannot have both classic and UTF-8 modes enabled");
  if (classic) out->matcher_mode = matcher::Mode::kClassic;
  if (utf8) out->matcher_mode = matcher::Mode::kUtf8;
  return {};
}

// What is known only when all flags are read.
struct Progress {
  std::vector<std::string> cleared;       // Lists whose default is gone.
  std::vector<std::string> not_positive;  // Of those that must be where clustering is on.
};

// Durations as Kingpin has them, which reads Alertmanager's flags: those of Go, with d and w.
Result<Duration> ParseFlagDuration(const std::string& value) {
  const auto is_number = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  const bool has_sign = value.starts_with('-') || value.starts_with('+');
  std::string_view rest = value;
  rest.remove_prefix(has_sign ? 1 : 0);
  if (rest == "0") return Duration::zero();
  int64_t sum = 0;
  bool is_good = !rest.empty();
  while (is_good && !rest.empty()) {
    const auto unit = std::ranges::find_if_not(rest, is_number);
    const auto end = std::find_if(unit, rest.end(), is_number);
    const std::string name(unit, end);
    const int64_t hours = name == "d" ? 24 : name == "w" ? 24 * 7 : 0;
    const std::string number(rest.begin(), unit);
    const Result<Duration> part = ParseGoDuration(number + (hours > 0 ? "h" : name));
    int64_t nanos = part ? part->count() : 0;
    is_good = part && !name.empty() &&
              !__builtin_mul_overflow(nanos, std::max<int64_t>(hours, 1), &nanos) &&
              !__builtin_add_overflow(sum, nanos, &sum);
    rest.remove_prefix(static_cast<size_t>(end - rest.begin()));
  }
  if (is_good) return Duration(value[0] == '-' ? -sum : sum);
  return InvalidArgument("bad duration " + GoQuote(value) + ": want one like 1m30s, 500ms or 5d");
}

Status AssignDuration(const Flag& flag, const std::string& value, Progress* progress, Flags* out) {
  const std::string name = std::string("--") + flag.name;
  const Result<Duration> duration = ParseFlagDuration(value);
  if (!duration) return InvalidArgument(name + ": " + duration.error().message);
  const bool is_low =
      (duration->count() < 0 && !flag.signed_time) || (flag.positive && duration->count() == 0);
  if (is_low && flag.of_cluster) {
    progress->not_positive.push_back(name);
  } else if (is_low) {
    return InvalidArgument(name + ": must be greater than zero");
  }
  if (flag.duration != nullptr) out->*flag.duration = *duration;
  return {};
}

template <typename Number>
Status AssignNumber(const Flag& flag, const std::string& value, Number* out) {
  const char* end = value.data() + value.size();
  Number number{};
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stop != end) {
    const char* what =
        std::is_integral_v<Number> ? "\" is not a whole number" : "\" is not a number";
    return InvalidArgument(std::string("--") + flag.name + ": \"" + value + what);
  }
  if (out != nullptr) *out = number;
  return {};
}

Status Assign(const Flag& flag, const std::string& value, Progress* progress, Flags* out) {
  switch (flag.kind) {
    case Kind::kString:
      if (flag.text != nullptr) out->*flag.text = value;
      return {};
    case Kind::kList:
      // The first use replaces the default, further ones add.
      if (std::ranges::find(progress->cleared, flag.name) == progress->cleared.end()) {
        progress->cleared.emplace_back(flag.name);
        (out->*flag.list).clear();
      }
      (out->*flag.list).push_back(value);
      return {};
    case Kind::kChoice: {
      const auto choices = Split(flag.choices, '|');
      // Levels are taken in any letters, formats are not, as there.
      const std::string chosen = flag.text == &Flags::log_level ? ToLower(value) : value;
      if (std::ranges::find(choices, chosen) == choices.end()) {
        return InvalidArgument(std::string("--") + flag.name + ": \"" + value +
                               "\" is not one of " + flag.choices);
      }
      out->*flag.text = chosen;
      return {};
    }
    case Kind::kInt:
      return AssignNumber<int>(flag, value,
                               flag.integer == nullptr ? nullptr : &(out->*flag.integer));
    case Kind::kFloat:
      return AssignNumber<double>(flag, value, nullptr);
    case Kind::kGoDuration:
      return AssignDuration(flag, value, progress, out);
    case Kind::kFeatures:
      return AssignFeatures(value, out);
    case Kind::kBool:
      if (flag.boolean != nullptr) out->*flag.boolean = value == "true";
      return {};
  }
  return {};
}

bool IsHostPort(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || address.size() - colon > 6) return false;
  int port = 0;
  const char* end = address.data() + address.size();
  const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, port);
  return error == std::errc() && stop == end && port >= 0 && port <= 65535;
}

// Alertmanager's gossip would refuse to start with these.
Status CheckCluster(const Flags& flags, const Progress& progress) {
  if (flags.cluster_listen_address.empty()) return {};
  if (!progress.not_positive.empty()) {
    return InvalidArgument(progress.not_positive.front() + ": must be greater than zero");
  }
  if (!IsHostPort(flags.cluster_listen_address)) {
    return InvalidArgument("--cluster.listen-address: \"" + flags.cluster_listen_address +
                           "\": want host:port");
  }
  if (!flags.cluster_advertise_address.empty() && !IsHostPort(flags.cluster_advertise_address)) {
    return InvalidArgument("--cluster.advertise-address: \"" + flags.cluster_advertise_address +
                           "\": want host:port");
  }
  return {};
}

// Takes "true" out of "--name=true", or what the name alone means. Errors: another value.
Result<std::string> ReadSwitch(const std::string& name, const std::string& argument, bool on) {
  const size_t equals = argument.find('=');
  if (equals == std::string::npos) return std::string(on ? "true" : "false");
  std::string value = argument.substr(equals + 1);
  if (value == "true" || value == "false") return value;
  return InvalidArgument("--" + name + ": want true or false, got \"" + value + "\"");
}

}  // namespace

Result<Flags> ParseFlags(const std::vector<std::string>& arguments) {
  const std::vector<Flag> known = AllFlags();
  const auto find = [&](const std::string& name) -> const Flag* {
    const auto found = std::ranges::find_if(known, [&](const Flag& f) { return f.name == name; });
    return found == known.end() ? nullptr : &*found;
  };
  Flags flags;
  Progress progress;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string argument = arguments[i] == "-h" ? "--help" : arguments[i];
    if (!argument.starts_with("--")) {
      return InvalidArgument("unexpected argument \"" + argument + "\" (flags begin with --)");
    }
    argument.erase(0, 2);
    const size_t equals = argument.find('=');
    std::string name = argument.substr(0, equals);
    const Flag* flag = find(name);
    bool on = true;
    if (flag == nullptr && name.starts_with("no-")) {
      flag = find(name.substr(3));
      on = false;
    }
    if (flag == nullptr || (!on && flag->kind != Kind::kBool)) return UnknownFlag(name, known);
    std::string value;
    if (flag->kind == Kind::kBool) {
      Result<std::string> said = ReadSwitch(name, argument, on);
      if (!said) return Fail(said.error());
      value = *std::move(said);
    } else if (equals != std::string::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      return InvalidArgument("--" + name + " needs a value");
    }
    WF_RETURN_IF_ERROR(Assign(*flag, value, &progress, &flags));
    if (flag->IsIgnored()) {
      flags.warnings.push_back(std::string("--") + flag->name + " has no effect in Watchfire" +
                               flag->help);
    }
  }
  WF_RETURN_IF_ERROR(CheckCluster(flags, progress));
  return flags;
}

namespace {

// What a flag is when it is not given, or what kind of value it takes when that is nothing.
std::string DefaultOf(const Flag& flag) {
  static const Flags& defaults = *new Flags;
  if (flag.duration != nullptr) return FormatGoDuration(defaults.*flag.duration);
  if (flag.integer != nullptr) return std::to_string(defaults.*flag.integer);
  if (flag.kind == Kind::kBool) return "";
  if (flag.list != nullptr && !(defaults.*flag.list).empty()) return (defaults.*flag.list).front();
  if (flag.text != nullptr && !(defaults.*flag.text).empty()) return defaults.*flag.text;
  return "TEXT";
}

}  // namespace

std::string HelpText() {
  std::string text =
      "watchfire: the one binary between Prometheus and the pager\n\n"
      "usage: watchfire [--config.file=alertmanager.yml] [flags]\n\n"
      "Alertmanager's flags are accepted; those without a meaning here give a warning.\n"
      "Check a configuration without starting: wfctl check FILE\n\n"
      "flags, with what they are when they are not given:\n";
  for (const Flag& flag : OwnFlags()) {
    std::string line = std::string("  --") + flag.name;
    if (flag.kind == Kind::kChoice) line += std::string("=") + flag.choices;
    const std::string by_default = DefaultOf(flag);
    if (!by_default.empty() && flag.kind != Kind::kChoice) line += "=" + by_default;
    if (line.size() < 38) line.resize(38, ' ');
    text += line + "  " + flag.help + "\n";
  }
  return text +
         "\nsignals: SIGHUP reloads, SIGTERM and SIGINT stop. exit: 0 clean stop, 1 start-up "
         "error or bad flags\n";
}

std::string PeerAddress(const Flags& flags) {
  if (flags.cluster_listen_address.empty()) return "";
  std::string address = flags.cluster_advertise_address.empty() ? flags.cluster_listen_address
                                                                : flags.cluster_advertise_address;
  // Charts and the Operator put brackets around whatever address the pod has.
  const size_t end = address.find(']');
  if (address.starts_with('[') && end != std::string::npos && address.find(':') > end) {
    address.erase(end, 1).erase(0, 1);
  }
  return address;
}

Result<std::vector<int>> SocketsOfSystemd(const std::string& pid, const std::string& count,
                                          int own) {
  constexpr int kFirst = 3;
  constexpr int kMost = 1024;
  int sockets = 0;
  const auto [stop, error] = std::from_chars(count.data(), count.data() + count.size(), sockets);
  const bool is_number = error == std::errc() && stop == count.data() + count.size();
  if (pid != std::to_string(own) || !is_number || sockets < 1 || sockets > kMost) {
    return InvalidArgument("--web.systemd-socket: systemd passed no sockets (LISTEN_PID \"" + pid +
                           "\", LISTEN_FDS \"" + count +
                           "\"): start the .socket unit, or take the flag away");
  }
  std::vector<int> out;
  for (int i = 0; i < sockets; ++i) out.push_back(kFirst + i);
  return out;
}

Result<std::string> ExternalUrl(const std::string& url, const OwnAddress& own) {
  if (url.empty()) {
    return own.scheme + "://" + own.hostname +
           own.bound_address.substr(own.bound_address.rfind(':'));
  }
  const size_t scheme_end = url.find("://");
  const std::string scheme = scheme_end == std::string::npos ? "" : url.substr(0, scheme_end);
  if (scheme != "http" && scheme != "https") {
    return InvalidArgument("\"" + url + "\": invalid \"" + scheme +
                           "\" scheme, only 'http' and 'https' are supported");
  }
  std::string out = url;
  while (out.ends_with('/')) out.pop_back();
  return out;
}

Result<std::optional<matcher::Matcher>> CorsOrigins(const std::string& regex) {
  if (regex.empty()) return std::nullopt;
  Result<matcher::Matcher> origins = matcher::Matcher::Create(matcher::Op::kRegex, "Origin", regex);
  if (!origins) return InvalidArgument("--web.cors.origin: " + origins.error().message);
  return std::optional(*std::move(origins));
}

std::string RoutePrefix(const std::string& prefix, const std::string& external_url) {
  std::string path = prefix;
  if (path.empty()) {
    const size_t scheme = external_url.find("://");
    const size_t slash = external_url.find('/', scheme == std::string::npos ? 0 : scheme + 3);
    if (slash != std::string::npos) path = external_url.substr(slash);
  }
  while (path.starts_with('/')) path.erase(0, 1);
  while (path.ends_with('/')) path.pop_back();
  return path.empty() ? "" : "/" + path;
}

}  // namespace watchfire::app
