// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0

#include "cmd/pagersim/page.h"

namespace watchfire::pagersim {
namespace {

constexpr std::string_view kPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>pagersim</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0
 16 16'%3E%3Cpath d='M8 1c1 3 4 4 4 8a4 4 0 0 1-8 0c0-2 1-3 2-4 0 1 1 2 1 2 1-2 1-4 1-6z'
 fill='%23d9480f'/%3E%3C/svg%3E">
<style>
:root {
  --bg: #f6f5f2; --card: #fff; --ink: #1c1b19; --soft: #5d5a54; --line: #dedbd3;
  --red: #b42318; --red-bg: #fdecea; --amber: #8a5300; --amber-bg: #fdf1da;
  --green: #1d6b3a; --green-bg: #e4f4e9; --grey-bg: #eceae5; --accent: #1f5fae;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #161513; --card: #201f1c; --ink: #efece6; --soft: #aaa69d; --line: #3a3833;
    --red: #ff9a8f; --red-bg: #46201c; --amber: #f5c26b; --amber-bg: #40310f;
    --green: #86d7a2; --green-bg: #173723; --grey-bg: #33312d; --accent: #8bb8f5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 0 1rem 3rem; background: var(--bg); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
header, main { max-width: 76rem; margin: 0 auto; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding: 1rem 0; }
h1 { font-size: 1.25rem; margin: 0; }
h1 small { font-weight: 400; font-size: .9375rem; color: var(--soft); margin-left: .5rem; }
header label { margin-left: auto; color: var(--soft); font-size: .9375rem; display: flex;
  align-items: center; gap: .5rem; max-width: 100%; white-space: nowrap; }
main { display: grid; gap: 2rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
@media (max-width: 52rem) {
  main { grid-template-columns: minmax(0, 1fr); }
  header label { margin-left: 0; }
}
h2 { font-size: 1rem; margin: 0 0 .75rem; }
h2 span { color: var(--soft); font-weight: 400; }
h3 { font-size: 1.0625rem; line-height: 1.35; margin: .5rem 0 .25rem; }
article, li {
  background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
}
article { padding: .875rem 1rem; margin-bottom: .75rem; border-left: .3125rem solid var(--line); }
article[data-state=triggered] { border-left-color: var(--red); }
article[data-state=acknowledged] { border-left-color: var(--amber); }
article[data-state=resolved] { border-left-color: var(--green); }
.tags { display: flex; flex-wrap: wrap; gap: .375rem; align-items: center; }
.tag {
  font-size: .8125rem; line-height: 1.25rem; padding: 0 .5rem; border-radius: 1rem;
  background: var(--grey-bg); white-space: nowrap;
}
.critical, .triggered, .bad { background: var(--red-bg); color: var(--red); }
.warning, .acknowledged { background: var(--amber-bg); color: var(--amber); }
.recovery, .resolved { background: var(--green-bg); color: var(--green); }
.text { white-space: pre-wrap; margin: .25rem 0; max-height: 24rem; overflow: auto; }
.facts, .empty, time { color: var(--soft); }
.facts { font-size: .9375rem; margin: .25rem 0 0; padding: 0; list-style: none; }
.facts li { background: none; border: 0; }
time, .status { font-variant-numeric: tabular-nums; }
button, select {
  font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--soft);
  border-radius: .375rem; padding: .375rem .875rem; min-height: 2.5rem; cursor: pointer;
}
select { padding: .375rem .5rem; min-width: 0; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--card); }
select.odd { border-color: var(--red); color: var(--red); }
:focus-visible { outline: .1875rem solid var(--accent); outline-offset: .125rem; }
.actions { display: flex; gap: .5rem; margin-top: .75rem; }
ol { list-style: none; margin: 0; padding: 0; }
ol > li { margin-bottom: .375rem; }
summary { display: grid; grid-template-columns: auto auto 1fr auto; gap: .125rem .625rem;
  align-items: center; padding: .5rem .875rem; cursor: pointer; border-radius: .5rem; }
summary::before { content: "\25B8"; color: var(--soft); }
details[open] summary::before { content: "\25BE"; }
summary .title, summary .gist { grid-column: 2 / -1; }
summary .gist { color: var(--soft); font-size: .9375rem; white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
details[open] .gist { display: none; }
summary .tag { justify-self: start; }
details > div { padding: 0 .875rem .75rem 2.25rem; }
pre { font-size: .8125rem; line-height: 1.45; white-space: pre-wrap; margin: .5rem 0 0;
  padding: .625rem; background: var(--bg); border-radius: .375rem; max-height: 22rem;
  overflow: auto; }
.live { color: var(--soft); font-size: .9375rem; }
.live::before { content: ""; display: inline-block; width: .625rem; height: .625rem;
  border-radius: 50%; background: var(--green); margin-right: .4375rem; }
.live.lost { color: var(--red); }
.live.lost::before { background: var(--red); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
</style>
</head>
<body>
<header>
  <h1>pagersim<small>a pretend VictorOps</small></h1>
  <span class="live" id="live">live</span>
  <label>Answers
    <select id="mode">
      <option value='{}'>normally</option>
      <option value='{"latency_ms":3000}'>after 3 seconds</option>
      <option value='{"status":503}'>503</option>
      <option value='{"status":429,"retry_after_s":5}'>429, retry after 5 s</option>
      <option value='{"result_failure":true}'>200, but result: failure</option>
      <option value='{"hang":true}'>never (hangs)</option>
      <option value='{"cut":true}'>by cutting the connection</option>
      <option value='' hidden>as scripted</option>
    </select>
  </label>
</header>
<main>
  <section aria-labelledby="incidents-title">
    <h2 id="incidents-title">Incidents <span id="incident-count"></span></h2>
    <p class="empty" id="no-incidents">No incident yet. One opens with the first CRITICAL page.</p>
    <div id="incidents"></div>
  </section>
  <section aria-labelledby="pages-title">
    <h2 id="pages-title">What arrived <span id="page-count"></span></h2>
    <p class="empty" id="no-pages">Nothing yet.</p>
    <ol id="pages"></ol>
  </section>
</main>
<div class="hidden" role="status" aria-live="polite" id="say"></div>
)html"
                                   R"html(<script>
"use strict";
const MAX_ROWS = 200;
const $ = id => document.getElementById(id);
const el = (tag, props, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children.filter(child => child !== null));
  return node;
};
const clock = iso => new Date(iso).toLocaleTimeString([], {hour12: false});
const stamp = iso => el("time", {dateTime: iso, title: iso}, clock(iso));
const tag = (text, kind) => el("span", {className: "tag " + (kind || text).toLowerCase()}, text);
const between = (from, to) => {
  const s = Math.max(0, Math.round((new Date(to) - new Date(from)) / 1000));
  return s < 120 ? s + "\u00a0s" : Math.floor(s / 60) + "\u00a0min " + s % 60 + "\u00a0s";
};
let quiet = true;  // What was there before the visitor came is not news.
const say = text => { if (!quiet) $("say").textContent = text; };

// Incidents: a card each, rebuilt only when its facts change so that focus and scroll stay.
const cards = new Map();

function facts(i) {
  const lines = [el("li", {}, "Started ", stamp(i.started_at),
      i.alert_count > 1 ? `, ${i.alert_count} alerts` : "", i.muted ? ", muted" : "")];
  if (i.state === "triggered") {
    const wait = el("span", {className: "wait"});
    wait.dataset.since = i.transitions.at(-1).at;
    lines.push(el("li", {}, "Nobody has acknowledged for ", wait));
  }
  if (i.acknowledged_at) lines.push(el("li", {}, "Acknowledged ", stamp(i.acknowledged_at),
      ` by ${i.acknowledged_by}, ${between(i.started_at, i.acknowledged_at)} after the start`));
  if (i.resolved_at) lines.push(el("li", {}, "Resolved ", stamp(i.resolved_at),
      ` by ${i.resolved_by}, ${between(i.started_at, i.resolved_at)} after the start`));
  if (i.callback) lines.push(el("li", {}, "Told the other side: ", i.callback));
  return el("ul", {className: "facts"}, ...lines);
}

function button(i, verb, label, primary) {
  const node = el("button", {className: primary ? "primary" : "", type: "button"}, label);
  node.setAttribute("aria-label", `${label} incident ${i.number}`);
  node.onclick = async () => {
    // Not disabled meanwhile: that would take the focus away. Pressing twice does no harm.
    try {
      await post(`/api/incidents/${i.number}/${verb}`);
    } catch (error) {
      say(`Could not ${verb} incident ${i.number}: ${error.message}`);
    }
    refresh();
  };
  return node;
}

function fill(card, i) {
  const hadFocus = card.contains(document.activeElement);
  const actions = el("div", {className: "actions"});
  if (i.state === "triggered") actions.append(button(i, "ack", "Acknowledge", true));
  if (i.state !== "resolved") actions.append(button(i, "resolve", "Resolve", false));
  card.dataset.state = i.state;
  const title = el("h3", {tabIndex: -1}, i.title);
  card.replaceChildren(
    el("div", {className: "tags"}, el("strong", {}, "#" + i.number), tag(i.severity),
       tag(i.state), i.routing_key ? tag(i.routing_key, "plain") : null),
    title,
    i.text ? el("div", {className: "text"}, i.text) : "",
    facts(i), i.state === "resolved" ? "" : actions);
  if (hadFocus) (actions.querySelector("button") || title).focus();
}

function showIncidents(incidents) {
  let open = 0;
  for (const i of incidents) {
    if (i.state === "triggered") ++open;
    const text = JSON.stringify(i);
    const known = cards.get(i.number);
    if (known && known.text === text) continue;
    const card = known ? known.card : el("article");
    if (known && known.state !== i.state) say(`Incident ${i.number} is ${i.state}`);
    fill(card, i);
    if (!known) $("incidents").prepend(card);
    cards.set(i.number, {card, text, state: i.state});
  }
  const numbers = new Set(incidents.map(i => i.number));
  for (const [number, {card}] of cards) {
    if (!numbers.has(number)) { card.remove(); cards.delete(number); }
  }
  for (const wait of document.querySelectorAll(".wait")) {
    wait.textContent = between(wait.dataset.since, Date.now());
  }
  $("no-incidents").hidden = incidents.length > 0;
  $("incident-count").textContent = open ? `${open} not acknowledged` : "";
  document.title = (open ? `(${open}) ` : "") + "pagersim";
}

// Pages: newest first; only what came since the last look is fetched.
let last = 0;
let answers = new Map();

function describe(page) {
  const b = page.body instanceof Object ? page.body : {};
  const note = b.commonAnnotations || {};
  return {
    kind: b.message_type ? String(b.message_type).toUpperCase()
        : String(b.status || page.path.split("/").at(-1)),
    title: String(b.entity_display_name || note.summary || b.title || b.text || page.path),
    text: String(b.state_message || note.description || ""),
  };
}

function setStatus(node, status) {
  node.textContent = status || "no answer";
  node.classList.toggle("bad", !(status >= 200 && status < 300));
}

function showPage(page) {
  const {kind, title, text} = describe(page);
  const status = el("span", {className: "tag status"});
  setStatus(status, page.status);
  if (!page.status) answers.set(page.seq, status);
  const body = typeof page.body === "string" ? page.body : JSON.stringify(page.body, null, 2);
  $("pages").prepend(el("li", {}, el("details", {},
    el("summary", {}, stamp(page.received_at), tag(kind), status,
       el("span", {className: "title"}, title),
       text ? el("span", {className: "gist"}, text) : null),
    el("div", {}, text ? el("div", {className: "text"}, text) : null,
       el("div", {className: "facts"}, page.method + " " + page.path),
       el("pre", {tabIndex: 0}, body)))));
  if ($("pages").children.length > MAX_ROWS) $("pages").lastElementChild.remove();
  say(`${kind}: ${title}`);
}

async function showPages() {
  // A page without an answer is fetched again until it has one.
  const from = Math.min(last, ...[...answers.keys()].map(seq => seq - 1));
  const pages = await get("/api/pages?after=" + from);
  for (const page of pages) {
    if (page.seq > last) {
      showPage(page);
      last = page.seq;
    } else if (page.status && answers.has(page.seq)) {
      setStatus(answers.get(page.seq), page.status);
      answers.delete(page.seq);
    }
  }
  for (const seq of answers.keys()) if (seq < last - 50) answers.delete(seq);
  $("no-pages").hidden = last > 0;
  $("page-count").textContent = last ? String(last) : "";
}

function showMode(behaviour) {
  const same = option => option.value && Object.entries(behaviour).every(
    ([key, value]) => (JSON.parse(option.value)[key] ?? (key === "callback" ? "normal" : false)) ==
                      value);
  const options = [...$("mode").options];
  if (document.activeElement !== $("mode")) {
    $("mode").value = (options.find(same) || options.at(-1)).value;
  }
  $("mode").classList.toggle("odd", $("mode").value !== "{}");
}

async function call(path, options) {
  const answer = await fetch(path, {signal: AbortSignal.timeout(5000), ...options});
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.error || answer.status);
  return json;
}
const get = path => call(path, {cache: "no-store"});
const post = (path, body) => call(path, {method: "POST", body});

let lost = false;
async function refresh() {
  try {
    if (lost) {  // It may have been restarted: what we show may be gone.
      last = 0;
      answers = new Map();
      $("pages").replaceChildren();
    }
    await showPages();
    showIncidents(await get("/api/incidents"));
    showMode(await get("/api/behaviour"));
    lost = false;
    quiet = false;
  } catch (error) {
    if (!lost) say("Connection to pagersim lost");
    lost = true;
  }
  $("live").textContent = lost ? "connection lost, trying again" : "live";
  $("live").classList.toggle("lost", lost);
}

$("mode").onchange = async event => {
  try { await post("/api/behaviour", event.target.value); } catch (error) { say(error.message); }
};
(async function loop() {
  await refresh();
  setTimeout(loop, 1000);
})();
</script>
</body>
</html>
)html";

}  // namespace

std::string_view PageHtml() { return kPage; }

}  // namespace watchfire::pagersim
