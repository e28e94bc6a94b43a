// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How people are paged and how they answer. These events are rare, so the figures are taken over
// the whole chosen time range, and the first event of each kind is counted.

import * as units from '@grafana/grafana-foundation-sdk/units';

import { line, type Line, type Row } from '../layout';
import { bars, stat, timeseries } from '../panels';
import { RANGE, RATE, growth, rareMean, rareQuantile, select, sum } from '../promql';
import { TEAM } from './variables';

const PAGES = select('watchfire_pages_total', TEAM);

function durations() {
  // An automation that acknowledges within a second would hide how long people take.
  const ack = select('watchfire_ack_duration_seconds_bucket', TEAM, 'actor_type!="automation"');
  const acknowledged = stat({
    title: 'Time to Acknowledge',
    description:
      'From the page being sent to a person acknowledging it, over the chosen time range. Target ' +
      '2 minutes; for the highest severity at most 5. Pages still open are not in it.',
    unit: units.DurationSeconds,
    queries: [
      { expr: rareQuantile(0.5, ack, RANGE), legend: 'p50' },
      { expr: rareQuantile(0.9, ack, RANGE), legend: 'p90' },
    ],
    steps: ['green', [120, 'yellow'], [300, 'orange'], [900, 'red']],
    noValue: 'none',
  });
  const resolve = (suffix: string) =>
    // What a policy gave up on took no time that anybody worked.
    select(
      `watchfire_incident_resolve_duration_seconds${suffix}`,
      TEAM,
      'resolved_by!="timeout"',
    );
  const resolved = stat({
    title: 'Time to Resolve',
    description:
      'From the incident being opened to its end, for incidents that ended in the chosen time ' +
      'range. The mean is the MTTR; target 30 minutes, for critical ones at most 1 hour.',
    unit: units.DurationSeconds,
    queries: [
      { expr: rareMean(resolve, RANGE), legend: 'mean (MTTR)' },
      { expr: rareQuantile(0.9, resolve('_bucket'), RANGE), legend: 'p90' },
    ],
    steps: ['green', [1800, 'orange'], [3600, 'red']],
    noValue: 'none',
  });
  return { acknowledged, resolved };
}

function counts() {
  const paged = stat({
    title: 'Pages',
    description:
      'Pages sent in the chosen time range, repeats included. Target: under 5 a person and week.',
    unit: units.NoUnit,
    queries: [{ expr: `${sum(growth(PAGES, RANGE))} or vector(0)`, legend: 'pages' }],
    decimals: 0,
  });
  const alerts = select('watchfire_alerts_received_total', TEAM);
  const ratio = stat({
    title: 'Alerts per Page',
    description:
      'Alerts received for each page sent, over the chosen time range: how much grouping and ' +
      'inhibition spare people. Target above 10.',
    unit: units.NoUnit,
    queries: [
      {
        expr: `${sum(growth(alerts, RANGE))} / (${sum(growth(PAGES, RANGE))} > 0)`,
        legend: 'alerts per page',
      },
    ],
    steps: ['orange', [10, 'green']],
    decimals: 1,
    noValue: 'no pages',
  });
  const ignored = select('watchfire_incidents_resolved_unacked_total', TEAM);
  const unacked = stat({
    title: 'Resolved Without Ack',
    description:
      'Incidents that ended before anybody acknowledged them, in the chosen time range: a missed ' +
      'page, or one that should not have been sent.',
    unit: units.NoUnit,
    queries: [{ expr: `${sum(growth(ignored, RANGE))} or vector(0)`, legend: 'unacknowledged' }],
    steps: ['green', [1, 'orange'], [5, 'red']],
    decimals: 0,
  });
  return { paged, ratio, unacked };
}

function overTime(): Line {
  const states = `max by (state, severity, team) (${select('watchfire_incidents', TEAM)})`;
  const incidents = timeseries({
    title: 'Incidents',
    description: 'Incidents by state.',
    unit: units.Short,
    queries: [{ expr: sum(states, 'state'), legend: '{{state}}' }],
  });
  const pages = bars({
    title: 'Pages by Severity',
    description: 'Pages sent per interval.',
    unit: units.Short,
    queries: [{ expr: sum(growth(PAGES, RATE), 'severity'), legend: '{{severity}}' }],
  });
  const buckets = select('watchfire_time_to_page_seconds_bucket', TEAM);
  const delay = timeseries({
    title: 'Time to Page',
    description:
      'From an alert being received to the first page for it being accepted, group_wait included.',
    unit: units.Seconds,
    queries: [
      { expr: rareQuantile(0.5, buckets, RATE), legend: 'p50' },
      { expr: rareQuantile(0.99, buckets, RATE), legend: 'p99' },
    ],
    noValue: 'none',
  });
  return line(8, 206, incidents, pages, delay);
}

// What is done without people, and what being on call costs them.
function machines(): Line {
  const runs = (results: string) =>
    select('watchfire_automation_runs_total', `result=~"${results}"`);
  const finished = sum(growth(runs('success|failure|timeout'), RANGE));
  const success = stat({
    title: 'Automation Success',
    description:
      'Share of the runs of automation rules that succeeded, of those that finished in the ' +
      'chosen time range; with verification that passed. Dry runs and refusals do not count. ' +
      'Target 90 %.',
    unit: units.PercentUnit,
    queries: [
      {
        expr: `${sum(growth(runs('success'), RANGE))} / (${finished} > 0)`,
        legend: 'succeeded',
      },
    ],
    steps: ['red', [0.5, 'orange'], [0.9, 'green']],
    noValue: 'no runs',
  });
  const results = bars({
    title: 'Automation Runs',
    description: 'Runs of automation rules that were over, by result, per interval.',
    unit: units.Short,
    queries: [
      {
        expr: sum(growth(select('watchfire_automation_runs_total'), RATE), 'result'),
        legend: '{{result}}',
      },
    ],
  });
  const pages = sum(growth(select('watchfire_person_pages_total'), RANGE));
  const oncall = sum(growth(select('watchfire_oncall_seconds_total'), RANGE));
  const load = stat({
    title: 'Pages in a Week on Call',
    description:
      'Pages of a person in a week on call, over the chosen time range: by escalation policies, ' +
      'one for each person and incident, and by the final schedules. Target: under 5, at most 10.',
    unit: units.NoUnit,
    queries: [{ expr: `${pages} / (${oncall} / 604800 > 0)`, legend: 'pages' }],
    steps: ['green', [5, 'orange'], [10, 'red']],
    decimals: 1,
    noValue: 'nobody on call',
  });
  const hours = bars({
    title: 'Pages by Hours',
    description:
      'Pages sent per interval, by the clocks of whoever was paged: business is Monday to ' +
      'Friday, 08 to 18; sleep is 22 to 08; off is the rest.',
    unit: units.Short,
    queries: [{ expr: sum(growth(PAGES, RATE), 'hours'), legend: '{{hours}}' }],
  });
  return {
    height: 6,
    cells: [
      { id: 209, width: 5, panel: success },
      { id: 210, width: 7, panel: results },
      { id: 212, width: 7, panel: hours },
      { id: 211, width: 5, panel: load },
    ],
  };
}

export function response(): Row {
  const { acknowledged, resolved } = durations();
  const { paged, ratio, unacked } = counts();
  return {
    id: 200,
    title: 'How good is the response?',
    lines: [
      {
        height: 5,
        cells: [
          { id: 201, width: 6, panel: acknowledged },
          { id: 202, width: 6, panel: resolved },
          { id: 203, width: 4, panel: paged },
          { id: 204, width: 4, panel: ratio },
          { id: 205, width: 4, panel: unacked },
        ],
      },
      overTime(),
      machines(),
    ],
  };
}
