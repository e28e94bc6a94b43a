// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The Victor AI dashboard: the 17 panels of its runbook, found there by title and row. The
// thresholds are those of the alert rules in rules/victor-ai, so a line crossed is an alert on its
// way. Panel ids are the runbook's numbers: alerts link to them.

import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';

import { build, labelVariable, targetVariables, type Cell, type Line, type Row } from './layout';
import { bars, flag, gauge, stat, timeseries, type Steps } from './panels';
import { RATE, quantile, rate, select, sum } from './promql';

const NAMESPACE = 'namespace=~"$namespace"';
const PROVIDER = 'provider=~"$provider"';
const TOOL = 'tool=~"$tool"';
const GIB = 2 ** 30;

/** `panels` with their ids side by side, equally wide. */
function line(height: number, panels: [id: number, panel: Cell['panel']][]): Line {
  return { height, cells: panels.map(([id, panel]) => ({ id, width: 24 / panels.length, panel })) };
}

/** Green up to the target, then what the warning and the critical alert are set to. */
function targetWarningCritical(target: number, warning: number, critical: number): Steps {
  return ['green', [target, 'yellow'], [warning, 'orange'], [critical, 'red']];
}

function health(): Row {
  const score = gauge({
    title: 'Performance Health Score',
    description:
      'The lowest health score of the chosen instances, 0 to 100. Target 80 or more; below 70 ' +
      'the alert PerformanceDegraded, below 50 PerformanceCritical.',
    unit: units.NoUnit,
    queries: [{ expr: `min(${select('victor_performance_health_score')})`, legend: 'score' }],
    steps: ['red', [50, 'orange'], [70, 'yellow'], [80, 'green']],
    max: 100,
    decimals: 0,
  });
  const providers = flag(
    {
      title: 'Provider Health',
      description:
        'One tile for each provider. Any unhealthy one raises UnhealthyProviders after 5 minutes.',
      unit: units.NoUnit,
      queries: [
        {
          expr: `min by (provider) (${select('victor_provider_health', PROVIDER)})`,
          legend: '{{provider}}',
        },
      ],
    },
    'healthy',
    'unhealthy',
  );
  const alerts = stat({
    title: 'Active Alerts',
    description:
      'Alerts that are firing and neither silenced nor inhibited, from Watchfire (all teams). ' +
      'The link of this panel leads to the Watchfire dashboard.',
    unit: units.NoUnit,
    // Watchfire is scraped as a job of its own, so the job chosen above does not apply.
    queries: [{ expr: 'sum(alertmanager_alerts{state="active"})', legend: 'active' }],
    steps: ['green', [1, 'orange'], [5, 'red']],
    noValue: 'none',
  }).links([
    new dashboard.DashboardLinkBuilder('Watchfire')
      .type(dashboard.DashboardLinkType.Link)
      .url('/d/watchfire?${__url_time_range}'),
  ]);
  const started = select('process_start_time_seconds');
  const uptime = stat({
    title: 'Uptime',
    description: 'Time since the youngest instance started. Below 5 minutes it has just restarted.',
    unit: units.DurationSeconds,
    queries: [
      {
        expr: `min(${select('victor_system_uptime_seconds')} or time() - ${started})`,
        legend: 'uptime',
      },
    ],
    steps: ['orange', [300, 'green']],
  });
  return {
    id: 101,
    title: 'Health',
    lines: [
      {
        height: 6,
        cells: [
          { id: 1, width: 6, panel: score },
          { id: 7, width: 8, panel: providers },
          { id: 16, width: 5, panel: alerts },
          { id: 17, width: 5, panel: uptime },
        ],
      },
    ],
  };
}

function tools(): Row {
  const latency = timeseries({
    title: 'Tool Execution Latency P95',
    description:
      'What 95 % of the runs of a tool stay below; the ten slowest tools. Target 500 ms, warning ' +
      'above 1 s, critical above 5 s.',
    unit: units.Milliseconds,
    queries: [
      {
        expr: `topk(10, ${quantile(0.95, select('victor_tool_duration_ms_bucket', TOOL), 'tool')})`,
        legend: '{{tool}}',
      },
    ],
    steps: targetWarningCritical(500, 1000, 5000),
  });
  const errors = timeseries({
    title: 'Tool Error Rate',
    description:
      'Share of tool runs that fail. Target 1 %, warning above 5 %, critical above 15 %.',
    unit: units.PercentUnit,
    queries: [
      {
        expr: `max by (tool) (${select('victor_tool_error_rate', TOOL)})`,
        legend: '{{tool}}',
      },
    ],
    steps: targetWarningCritical(0.01, 0.05, 0.15),
  });
  const executions = bars({
    title: 'Tool Execution Count',
    description:
      'Runs of each tool per interval. There is no threshold: it shows what the load is made of.',
    unit: units.Short,
    queries: [
      {
        expr: sum(`increase(${select('victor_tool_duration_ms_count', TOOL)}[${RATE}])`, 'tool'),
        legend: '{{tool}}',
      },
    ],
  });
  const selection = timeseries({
    title: 'Tool Selection Latency P95',
    description:
      'What 95 % of tool selections stay below. Warning above 1 ms, critical above 5 ms.',
    unit: units.Milliseconds,
    queries: [
      { expr: quantile(0.95, select('victor_tool_selection_duration_ms_bucket')), legend: 'p95' },
    ],
    steps: ['green', [1, 'orange'], [5, 'red']],
  });
  return {
    id: 102,
    title: 'Tool Execution',
    lines: [
      line(8, [
        [5, latency],
        [6, errors],
      ]),
      line(8, [
        [13, executions],
        [4, selection],
      ]),
    ],
  };
}

function providers(): Row {
  const requests = sum(rate(select('victor_provider_requests_total', PROVIDER)), 'provider');
  const failures = sum(rate(select('victor_provider_errors_total', PROVIDER)), 'provider');
  const legend = '{{provider}}';
  const requestRate = timeseries({
    title: 'Provider Request Rate',
    description: 'Requests per second to each provider. There is no threshold.',
    unit: units.RequestsPerSecond,
    queries: [{ expr: requests, legend }],
  });
  const errorRate = timeseries({
    title: 'Provider Error Rate',
    description:
      'Share of the requests to a provider that fail. Warning above 10 %, critical above 30 %.',
    unit: units.PercentUnit,
    queries: [{ expr: `${failures} / ${requests}`, legend }],
    steps: ['green', [0.1, 'orange'], [0.3, 'red']],
    max: 1,
  });
  const latency = timeseries({
    title: 'Provider Latency P95',
    description: 'What 95 % of the requests to a provider stay below. Warning above 10 s.',
    unit: units.Milliseconds,
    queries: [
      {
        expr: quantile(0.95, select('victor_provider_latency_ms_bucket', PROVIDER), 'provider'),
        legend,
      },
    ],
    steps: ['green', [10000, 'orange']],
  });
  return {
    id: 103,
    title: 'Provider Pool',
    lines: [
      line(8, [
        [8, requestRate],
        [14, errorRate],
        [9, latency],
      ]),
    ],
  };
}

function cache(): Row {
  const legend = '{{namespace}}';
  const hitRate = timeseries({
    title: 'Cache Hit Rate',
    description:
      'Share of cache look-ups that hit: the higher the better. Target 60 % or more, warning ' +
      'below 40 %, critical below 20 %.',
    unit: units.PercentUnit,
    queries: [
      { expr: `min by (namespace) (${select('victor_cache_hit_rate', NAMESPACE)})`, legend },
    ],
    steps: ['red', [0.2, 'orange'], [0.4, 'yellow'], [0.6, 'green']],
    max: 1,
  });
  const utilization = timeseries({
    title: 'Cache Utilization',
    description: 'How full the cache is. Warning above 80 %, critical above 95 %.',
    unit: units.PercentUnit,
    queries: [
      { expr: `max by (namespace) (${select('victor_cache_utilization', NAMESPACE)})`, legend },
    ],
    steps: ['green', [0.8, 'orange'], [0.95, 'red']],
    max: 1,
  });
  const evictions = timeseries({
    title: 'Cache Eviction Rate',
    description: 'Entries thrown out per second to make room. Warning above 10 per second.',
    unit: units.OpsPerSecond,
    queries: [
      { expr: sum(rate(select('victor_cache_evictions_total', NAMESPACE)), 'namespace'), legend },
    ],
    steps: ['green', [10, 'orange']],
  });
  return {
    id: 104,
    title: 'Cache Performance',
    lines: [
      line(8, [
        [2, hitRate],
        [3, utilization],
        [15, evictions],
      ]),
    ],
  };
}

function system(): Row {
  const legend = '{{instance}}';
  const memory = timeseries({
    title: 'System Memory Usage',
    description: 'Memory used by each instance. Warning above 1 GiB, critical above 2 GiB.',
    unit: units.BytesIEC,
    queries: [{ expr: select('victor_system_memory_bytes'), legend }],
    steps: ['green', [GIB, 'orange'], [2 * GIB, 'red']],
  });
  const cpu = timeseries({
    title: 'System CPU Usage',
    description: 'CPU used by each instance. Target 60 %, warning above 80 %, critical above 95 %.',
    unit: units.Percent,
    queries: [{ expr: select('victor_system_cpu_percent'), legend }],
    steps: targetWarningCritical(60, 80, 95),
    max: 100,
  });
  const threads = timeseries({
    title: 'Thread Count',
    description: 'Threads of each instance. Warning above 100: a pool that only grows is a leak.',
    unit: units.Short,
    queries: [{ expr: select('victor_system_threads'), legend }],
    steps: ['green', [100, 'orange']],
  });
  return {
    id: 105,
    title: 'System Resources',
    lines: [
      line(8, [
        [10, memory],
        [11, cpu],
        [12, threads],
      ]),
    ],
  };
}

/** The dashboard `victor-performance`: rows in the order a responder reads them. */
export function victorPerformance(): dashboard.Dashboard {
  return build({
    uid: 'victor-performance',
    title: 'Victor AI / Performance',
    description:
      'Is Victor AI healthy, and if not, which part: tools, providers, cache or the machine. ' +
      'Lines mark the thresholds of its alerts.',
    tags: ['victor-ai', 'watchfire'],
    variables: [
      ...targetVariables('victor_performance_health_score'),
      labelVariable('tool', 'victor_tool_error_rate{job=~"$job"}'),
      labelVariable('provider', 'victor_provider_health{job=~"$job"}'),
      labelVariable('namespace', 'victor_cache_hit_rate{job=~"$job"}'),
    ],
    rows: [health(), tools(), providers(), cache(), system()],
  });
}
