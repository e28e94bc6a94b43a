// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Checks the Grafana dashboards, in two ways (Node 18 or newer, nothing else):
//
//   dashboards.mjs --check             what each file says, without any server
//   dashboards.mjs --prometheus URL    every query, against a Prometheus that scraped the demo
//
// The second runs each expression over the last minutes and fails on an error, and on a query that
// answers with no number, unless MAY_BE_EMPTY says why that is right. Exit codes: 0 all is well,
// 1 something is wrong with a dashboard or its data, 2 wrong usage.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `usage: dashboards.mjs --check [--dir DIR]
       dashboards.mjs --prometheus URL [--dir DIR] [--minutes 3] [--step 5s] [--rate-interval 30s]`;

// Queries, by `uid / panel / refId`, that have nothing to show while all is well.
const MAY_BE_EMPTY = {
  'watchfire / Resolved Without Ack / A': 'every incident of the demo is acknowledged',
  'watchfire / Notification Failures / A': 'no notification fails',
  'watchfire / Evaluation Failures / A': 'no rule evaluation fails',
  'watchfire / Evaluation Failures / B': 'no iteration is missed',
  'watchfire / Evaluation Failures / C': 'no SLO evaluation fails',
  'watchfire / Limits Hit / A': 'no bound is reached',
  'watchfire / Automation Success / A': 'the demo has no rules of automation',
  'watchfire / Automation Runs / A': 'the demo has no rules of automation',
  'watchfire / Pages in a Week on Call / A': 'the demo has no schedules',
  'watchfire / Schedules / A': 'the demo has no schedules',
  'watchfire / Schedules / B': 'the demo has no schedules',
  'watchfire / Noise / A': 'nobody classifies the incidents of the demo',
  'watchfire / What Incidents Were / A': 'nobody classifies the incidents of the demo',
  'watchfire / Precision of Paging / A': 'a page is judged a quarter of an hour after it',
  'watchfire / Recall of Paging / A': 'the loss of the demo is not over yet',
  'watchfire / Response Targets Met / A': 'the demo has no response targets',
  'watchfire / From Ack to End / A': 'an incident that is over may be reopened yet',
  'watchfire / From Ack to End / B': 'an incident that is over may be reopened yet',
  'watchfire / Post-mortems / A': 'the demo wants no post-mortems',
  'watchfire / Post-mortems / B': 'the demo wants no post-mortems',
};

// Selectors that leave out job and instance on purpose.
const ACROSS_JOBS = {
  'victor-performance / Active Alerts / A': 'Watchfire is another job than Victor AI',
};

// The runbook of Victor AI finds these by title.
const RUNBOOK_PANELS = [
  'Performance Health Score',
  'Cache Hit Rate',
  'Cache Utilization',
  'Tool Selection Latency P95',
  'Tool Execution Latency P95',
  'Tool Error Rate',
  'Provider Health',
  'Provider Request Rate',
  'Provider Latency P95',
  'System Memory Usage',
  'System CPU Usage',
  'Thread Count',
  'Tool Execution Count',
  'Provider Error Rate',
  'Cache Eviction Rate',
  'Active Alerts',
  'Uptime',
];

const UNITS = new Set(
  'bytes eps ms none ops percent percentunit reqps s short dtdurations'.split(' '),
);
const OWN_METRIC = /\b(?:alertmanager|process|victor|watchfire)_\w+/g;
const SELECTOR = /([a-zA-Z_:][\w:]*)(\{[^}]*\})( offset|\[)?/g;
const GRID_COLUMNS = 24;
const BYTES_MAX = 1 << 20;
const QUERY_TIMEOUT_MS = 15_000;

function load(directory) {
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return files.sort().map((file) => {
    const text = readFileSync(join(directory, file), 'utf8');
    return { file, text, model: JSON.parse(text) };
  });
}

/** Rows and panels in reading order, those inside a collapsed row included. */
function flatten(model) {
  return model.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

function charts(model) {
  return flatten(model).filter((panel) => panel.type !== 'row');
}

/** Every query of a dashboard with its name, `uid / panel / refId`. */
function queries(model) {
  return charts(model).flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({
      name: `${model.uid} / ${panel.title} / ${target.refId}`,
      expr: target.expr,
    })),
  );
}

function repeated(values) {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

// ------------------------------------------------------------------------------------- --check

function checkIdentity({ file, text, model }, fail) {
  if (`${model.uid}.json` !== file) fail(`uid "${model.uid}" is not the name of the file`);
  if (model.uid.length > 40) fail('uid is longer than 40 characters');
  if (model.id !== undefined) fail('has an id, which belongs to one Grafana server');
  if (!model.title || !model.description) fail('has no title or no description');
  if (model.editable !== false) fail('is editable: changes belong into its source');
  if (text.length > BYTES_MAX) fail(`has ${text.length} bytes, more than ${BYTES_MAX}`);
  if (/https?:\/\//.test(text)) fail('contains an absolute URL');

  const everything = flatten(model);
  for (const id of repeated(everything.map((panel) => panel.id))) fail(`id ${id} appears twice`);
  for (const title of repeated(everything.map((panel) => panel.title))) {
    fail(`title "${title}" appears twice`);
  }
  for (const { id, title } of everything) {
    if (!Number.isInteger(id) || id < 1) fail(`"${title}" has no id`);
  }
}

/** Every line of the grid must be full, and no cell used twice. */
function checkGrid({ model }, fail) {
  const columnsUsed = new Map();
  const taken = new Set();
  for (const { title, gridPos } of flatten(model)) {
    const { x, y, w, h } = gridPos;
    if (x < 0 || x + w > GRID_COLUMNS) fail(`"${title}" is outside the grid`);
    for (let line = y; line < y + h; ++line) {
      columnsUsed.set(line, (columnsUsed.get(line) ?? 0) + w);
      for (let column = x; column < x + w; ++column) {
        const cell = `${line}:${column}`;
        if (taken.has(cell)) return fail(`"${title}" overlaps another panel at ${cell}`);
        taken.add(cell);
      }
    }
  }
  for (const [line, columns] of columnsUsed) {
    if (columns !== GRID_COLUMNS) fail(`grid line ${line} uses ${columns} of 24 columns`);
  }
}

function checkVariables({ model }, fail) {
  const [source, ...others] = model.templating.list;
  if (source?.type !== 'datasource' || source.name !== 'datasource') {
    fail('the first variable is not the data source');
  }
  for (const variable of others) {
    const { name } = variable;
    if (variable.datasource?.uid !== '${datasource}') fail(`variable ${name}: fixed data source`);
    if (variable.current === undefined) fail(`variable ${name}: empty on the first load`);
    if (variable.refresh !== 2) fail(`variable ${name}: not refreshed with the time range`);
    if (parseLabelValues(variable) === null) fail(`variable ${name}: not a label_values() query`);
  }
  for (const name of ['job', 'instance']) {
    if (!others.some((variable) => variable.name === name)) fail(`no variable ${name}`);
  }
}

function checkPanels({ model }, fail) {
  for (const panel of charts(model)) {
    const say = (text) => fail(`"${panel.title}": ${text}`);
    const defaults = panel.fieldConfig?.defaults ?? {};
    if (!panel.title || !panel.description) say('no title or no description');
    if (!UNITS.has(defaults.unit)) say(`unit "${defaults.unit}" is not one we use`);
    if (panel.datasource?.uid !== '${datasource}') say('fixed data source');
    if (!panel.targets?.length) say('no query');

    const refIds = (panel.targets ?? []).map((target) => target.refId);
    if (refIds.includes(undefined) || repeated(refIds).length) say('refIds missing or repeated');
    const values = (defaults.thresholds?.steps ?? []).map((step) => step.value);
    const isAscending = values.every((value, i) =>
      i === 0 ? value === null : value > (values[i - 1] ?? -Infinity),
    );
    if (!isAscending) say('thresholds are not in order');
  }
  if (model.uid !== 'victor-performance') return;
  const byId = charts(model).sort((a, b) => a.id - b.id);
  const titles = byId.map((panel) => panel.title);
  if (titles.join() !== RUNBOOK_PANELS.join()) fail("panels are not the runbook's 17, by number");
}

function checkQueries({ model }, fail) {
  const variables = new Set(model.templating.list.map((variable) => variable.name));
  for (const name of ['__rate_interval', '__range']) variables.add(name);
  for (const { name, expr } of queries(model)) {
    const say = (text) => fail(`${name}: ${text}`);
    for (const [, variable] of expr.matchAll(/\$(\w+)/g)) {
      if (!variables.has(variable)) say(`unknown variable $${variable}`);
    }
    for (const [, window] of expr.matchAll(/\[([^\]]*)\]/g)) {
      if (!['$__rate_interval', '$__range'].includes(window)) say(`fixed window [${window}]`);
    }
    for (const [, metric, matchers, after] of expr.matchAll(SELECTOR)) {
      const isWhole = ['job=~"$job"', 'instance=~"$instance"'].every((m) => matchers.includes(m));
      if (!isWhole && !(name in ACROSS_JOBS)) say(`${metric} ignores $job or $instance`);
      const isCounter = /_(?:total|bucket|count|sum)$/.test(metric);
      if (isCounter && after === undefined) say(`${metric} is a counter without a rate`);
    }
    const bare = expr.replace(SELECTOR, '').match(OWN_METRIC);
    if (bare) say(`${bare[0]} has no matchers`);
  }
}

/** Prints what is wrong; true if nothing is. */
function check(dashboards) {
  let failures = 0;
  const failIn = (file) => (text) => {
    console.error(`${file}: ${text}`);
    ++failures;
  };
  for (const each of dashboards) {
    const fail = failIn(each.file);
    checkIdentity(each, fail);
    checkGrid(each, fail);
    checkVariables(each, fail);
    checkPanels(each, fail);
    checkQueries(each, fail);
    const { length } = charts(each.model);
    console.log(`${each.file}: ${length} panels, ${queries(each.model).length} queries`);
  }
  const known = new Set(dashboards.flatMap(({ model }) => queries(model)).map(({ name }) => name));
  for (const name of [...Object.keys(MAY_BE_EMPTY), ...Object.keys(ACROSS_JOBS)]) {
    if (!known.has(name)) failIn('exceptions')(`there is no query "${name}"`);
  }
  for (const uid of repeated(dashboards.map(({ model }) => model.uid))) {
    failIn('all')(`uid "${uid}" appears twice`);
  }
  return failures === 0;
}

// -------------------------------------------------------------------------------- --prometheus

/** The selector and the label of a variable's query; null if it is not label_values(). */
function parseLabelValues(variable) {
  const match = /^label_values\((.+), (\w+)\)$/.exec(variable.query?.query ?? '');
  return match && { selector: match[1], label: match[2] };
}

/** `text` as Grafana would send it with "All" chosen in every variable. */
function substitute(text, model, options) {
  let result = text
    .replaceAll('$__rate_interval', options.rateInterval)
    .replaceAll('$__range', `${options.minutes}m`);
  for (const { name, allValue } of model.templating.list) {
    result = result.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), allValue ?? '.+');
  }
  // A count that falls back to zero must not hide that its metric does not exist.
  return result.replaceAll(' or vector(0)', '');
}

async function call(options, path, parameters) {
  const response = await fetch(`${options.prometheus}${path}`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
    signal: AbortSignal.timeout(QUERY_TIMEOUT_MS),
  });
  const body = await response.json().catch(() => ({ error: `HTTP ${response.status}` }));
  if (body.status !== 'success') throw new Error(body.error);
  return body.data;
}

/** How many series of `expr` had a finite value within the last minutes: NaN draws nothing. */
async function countSeries(expr, options) {
  const end = Date.now() / 1000;
  const start = end - options.minutes * 60;
  const { step } = options;
  const data = await call(options, '/api/v1/query_range', { query: expr, start, end, step });
  const hasValue = ({ values }) => values.some(([, value]) => Number.isFinite(Number(value)));
  return data.result.filter(hasValue).length;
}

async function countLabelValues({ selector, label }, options) {
  const end = Date.now() / 1000;
  const start = end - options.minutes * 60;
  const data = await call(options, '/api/v1/series', { 'match[]': selector, start, end });
  return new Set(data.map((labels) => labels[label]).filter(Boolean)).size;
}

/** What went wrong; fetch() hides the reason in the cause. */
function describe(error) {
  const cause = error.cause?.code ?? error.cause?.message;
  return cause ? `${error.message} (${cause})` : error.message;
}

/** One line of the report: counts, and judges the count. */
async function judge(name, count) {
  try {
    const series = await count();
    if (series > 0) return { name, series, verdict: 'ok', isGood: true };
    const reason = MAY_BE_EMPTY[name];
    const verdict = reason ? `empty, rightly: ${reason}` : 'EMPTY';
    return { name, series, verdict, isGood: reason !== undefined };
  } catch (error) {
    return { name, series: '-', verdict: `ERROR ${describe(error)}`, isGood: false };
  }
}

async function judgeDashboard({ model }, options) {
  const lines = [];
  for (const variable of model.templating.list.filter(({ type }) => type === 'query')) {
    const { selector, label } = parseLabelValues(variable);
    const parsed = { selector: substitute(selector, model, options), label };
    const count = () => countLabelValues(parsed, options);
    lines.push(await judge(`${model.uid} / $${variable.name}`, count));
  }
  for (const { name, expr } of queries(model)) {
    const count = () => countSeries(substitute(expr, model, options), options);
    lines.push(await judge(name, count));
  }
  return lines;
}

/** Runs every query and prints one line for each; true if all is as it should be. */
async function run(dashboards, options) {
  try {
    await call(options, '/api/v1/query', { query: '1' });
  } catch (error) {
    console.error(`dashboards.mjs: no Prometheus at ${options.prometheus}: ${describe(error)}`);
    return false;
  }
  const lines = [];
  for (const each of dashboards) lines.push(...(await judgeDashboard(each, options)));
  const width = Math.max(...lines.map(({ name }) => name.length));
  console.log(`${'query'.padEnd(width)}  series`);
  for (const { name, series, verdict } of lines) {
    console.log(`${name.padEnd(width)}  ${String(series).padStart(6)}  ${verdict}`);
  }
  const bad = lines.filter(({ isGood }) => !isGood);
  console.log(`${lines.length} queries, ${bad.length} bad`);
  for (const { name, verdict } of bad) console.error(`FAIL ${name}: ${verdict}`);
  return bad.length === 0;
}

// -----------------------------------------------------------------------------------------------

function parse(args) {
  const { values } = parseArgs({
    args,
    options: {
      check: { type: 'boolean', default: false },
      prometheus: { type: 'string' },
      dir: {
        type: 'string',
        default: fileURLToPath(new URL('../../grafana/dashboards', import.meta.url)),
      },
      minutes: { type: 'string', default: '3' },
      step: { type: 'string', default: '5s' },
      'rate-interval': { type: 'string', default: '30s' },
    },
  });
  if (values.check === (values.prometheus !== undefined)) {
    throw new Error('give either --check or --prometheus URL');
  }
  if (!(Number(values.minutes) > 0)) throw new Error('--minutes must be a number above 0');
  // The URL may have a path, for a Prometheus behind a proxy; new URL() throws on nonsense.
  const prometheus = values.prometheus && new URL(values.prometheus).href.replace(/\/$/, '');
  return { ...values, prometheus, rateInterval: values['rate-interval'] };
}

async function main() {
  let options;
  try {
    options = parse(process.argv.slice(2));
  } catch (error) {
    console.error(`dashboards.mjs: ${error.message}\n${USAGE}`);
    return 2;
  }
  const dashboards = load(options.dir);
  if (dashboards.length === 0) {
    console.error(`dashboards.mjs: no dashboards in ${options.dir}`);
    return 1;
  }
  return (options.check ? check(dashboards) : await run(dashboards, options)) ? 0 : 1;
}

process.exitCode = await main();
