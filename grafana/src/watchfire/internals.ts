// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The last row, collapsed: the core thread, the store, and what the process takes.

import * as units from '@grafana/grafana-foundation-sdk/units';

import { line, type Line, type Row } from '../layout';
import { timeseries } from '../panels';
import { RATE, quantile, rareQuantile, rate, select, sum } from '../promql';

function core(): Line {
  const steps = select('watchfire_core_step_duration_seconds_bucket');
  const duration = timeseries({
    title: 'Core Step Duration',
    description: 'How long the one thread that decides everything takes for one turn.',
    unit: units.Seconds,
    queries: [
      { expr: quantile(0.5, steps), legend: 'p50' },
      { expr: quantile(0.99, steps), legend: 'p99' },
    ],
  });
  const ingest = select('watchfire_ingest_delay_seconds_bucket');
  const delay = timeseries({
    title: 'Ingest Delay',
    description: 'From an alert starting to fire at its source to its arrival here.',
    unit: units.Seconds,
    queries: [
      { expr: rareQuantile(0.5, ingest, RATE), legend: 'p50' },
      { expr: rareQuantile(0.99, ingest, RATE), legend: 'p99' },
    ],
    noValue: 'none',
  });
  const exceeded = select('watchfire_limit_exceeded_total');
  const limits = timeseries({
    title: 'Limits Hit',
    description:
      'Requests and records refused per second because a bound was reached. Empty is good.',
    unit: units.OpsPerSecond,
    queries: [{ expr: `${sum(rate(exceeded), 'limit')} > 0`, legend: '{{limit}}' }],
    noValue: 'none',
  });
  return line(8, 601, duration, delay, limits);
}

function store(): Line {
  const commits = select('watchfire_store_commits_total');
  const results = timeseries({
    title: 'Store Commits',
    description: 'Transactions per second, by result.',
    unit: units.OpsPerSecond,
    queries: [{ expr: sum(rate(commits), 'result'), legend: '{{result}}' }],
  });
  const buckets = select('watchfire_store_commit_duration_seconds_bucket');
  const duration = timeseries({
    title: 'Store Commit Duration',
    description: 'How long a transaction takes; acknowledgements and silences wait for it.',
    unit: units.Seconds,
    queries: [
      { expr: quantile(0.5, buckets), legend: 'p50' },
      { expr: quantile(0.99, buckets), legend: 'p99' },
    ],
  });
  const pending = timeseries({
    title: 'Store Backlog',
    description: 'Records waiting to be written. It grows while the disk is full or slow.',
    unit: units.Short,
    queries: [{ expr: select('watchfire_store_pending_records'), legend: '{{instance}}' }],
  });
  return line(8, 604, results, duration, pending);
}

function process(): Line {
  const legend = '{{instance}}';
  const cpu = timeseries({
    title: 'CPU',
    description: 'Cores used by each instance.',
    unit: units.Short,
    queries: [{ expr: rate(select('process_cpu_seconds_total')), legend }],
  });
  const memory = timeseries({
    title: 'Memory',
    description: 'Resident memory of each instance.',
    unit: units.BytesIEC,
    queries: [{ expr: select('process_resident_memory_bytes'), legend }],
  });
  const files = timeseries({
    title: 'Open Files',
    description: 'Open file descriptors of each instance, connections included.',
    unit: units.Short,
    queries: [{ expr: select('process_open_fds'), legend }],
  });
  return line(8, 607, cpu, memory, files);
}

export function internals(): Row {
  return { id: 600, title: 'Internals', isCollapsed: true, lines: [core(), store(), process()] };
}
