// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// How good the alerting is: whether pages were worth waking somebody for, whether what hurt was
// paged, and whether what was promised about incidents is kept. Counted over the chosen range.

import * as units from '@grafana/grafana-foundation-sdk/units';

import { line, type Line, type Row } from '../layout';
import { bars, stat, table, timeseries, type Steps } from '../panels';
import { RANGE, RATE, growth, rareQuantile, select, sum } from '../promql';
import { TEAM } from './variables';

/** The share of `part` in `whole` over the range, in percent; none of nothing. */
function share(title: string, description: string, part: string, whole: string, steps: Steps) {
  return stat({
    title,
    description,
    unit: units.PercentUnit,
    queries: [
      {
        expr: `${sum(growth(part, RANGE))} / (${sum(growth(whole, RANGE))} > 0)`,
        legend: 'share',
      },
    ],
    steps,
    noValue: 'none',
  });
}

function shares(): Line {
  const outcomes = 'watchfire_incident_outcomes_total';
  const correlated = 'watchfire_pages_slo_correlated_total';
  const episodes = 'watchfire_slo_loss_episodes_total';
  const responses = 'watchfire_incident_responses_total';
  const rising: Steps = ['red', [0.5, 'orange'], [0.9, 'green']];
  const panels = [
    share(
      'Noise',
      'Share of classified incidents that were noise, false positives or duplicates. Target: ' +
        'under a tenth.',
      select(outcomes, TEAM, 'outcome!="actionable"'),
      select(outcomes, TEAM),
      ['green', [0.1, 'orange'], [0.3, 'red']],
    ),
    share(
      'Escalated',
      'Share of paged incidents that went beyond the first step of their policy. Target: under ' +
        'one in twenty.',
      select('watchfire_incidents_escalated_total', TEAM),
      select('watchfire_incidents_paged_total', TEAM),
      ['green', [0.05, 'orange'], [0.2, 'red']],
    ),
    share(
      'Precision of Paging',
      'Share of pages beside which an error budget was being lost: the others told of nothing ' +
        'that users felt, or of something without an SLO.',
      select(correlated, 'correlated="yes"'),
      select(correlated),
      rising,
    ),
    share(
      'Recall of Paging',
      'Share of losses of an error budget that somebody was paged for.',
      select(episodes, 'paged="yes"'),
      select(episodes),
      rising,
    ),
    share(
      'Response Targets Met',
      'Share of incidents with a response target that somebody took within it.',
      select(responses, 'met="yes"'),
      select(responses),
      rising,
    ),
  ];
  const width = (index: number) => (index < 4 ? 5 : 4);
  const cells = panels.map((panel, index) => ({ id: 701 + index, width: width(index), panel }));
  return { height: 5, cells };
}

function overTime(): Line {
  const outcomes = bars({
    title: 'What Incidents Were',
    description: 'Classifications per interval, by people and by rule.',
    unit: units.Short,
    queries: [
      {
        expr: sum(growth(select('watchfire_incident_outcomes_total', TEAM), RATE), 'outcome'),
        legend: '{{outcome}}',
      },
    ],
    noValue: 'none',
  });
  const delays = select('watchfire_detection_delay_seconds_bucket', TEAM);
  const detection = timeseries({
    title: 'Detection Delay',
    description: 'From when the condition first held until Watchfire heard of it.',
    unit: units.Seconds,
    queries: [
      { expr: rareQuantile(0.5, delays, RATE), legend: 'p50' },
      { expr: rareQuantile(0.9, delays, RATE), legend: 'p90' },
    ],
    noValue: 'none',
  });
  const flapping = timeseries({
    title: 'Flapping Alerts',
    description: 'Alerts that begin and end so often that nobody can act on them.',
    unit: units.Short,
    queries: [{ expr: `max(${select('watchfire_alerts_flapping')})`, legend: 'flapping' }],
  });
  const postmortems = timeseries({
    title: 'Post-mortems',
    description: 'Incidents that want one, by how far it has come, and those that are overdue.',
    unit: units.Short,
    queries: [
      {
        expr: sum(`max by (team, status) (${select('watchfire_postmortems', TEAM)})`, 'status'),
        legend: '{{status}}',
      },
      {
        expr: sum(`max by (team) (${select('watchfire_postmortems_overdue', TEAM)})`),
        legend: 'overdue',
      },
    ],
    noValue: 'none',
  });
  return line(8, 706, outcomes, detection, flapping, postmortems);
}

function duty(): Line {
  const schedule = (metric: string) => `max by (schedule) (${select(metric)})`;
  const schedules = table(
    {
      title: 'Schedules',
      description:
        'Schedules that pages depend on: how much of the coming week has nobody on call, and how ' +
        'much of the coming four weeks has somebody.',
      key: 'schedule',
      keyName: 'Schedule',
    },
    [
      {
        name: 'Nobody, next 7 days',
        expr: schedule('watchfire_oncall_gap_seconds'),
        unit: units.DurationSeconds,
      },
      {
        name: 'Covered, next 28 days',
        expr: schedule('watchfire_schedule_coverage_ratio'),
        unit: units.PercentUnit,
      },
    ],
  );
  const engaged = bars({
    title: 'Time Engaged',
    description:
      'From the first ack of a person until the incident was over or came back, by team, counted ' +
      'when it was.',
    unit: units.DurationSeconds,
    queries: [
      {
        expr: sum(growth(select('watchfire_engaged_seconds_total', TEAM), RATE), 'team'),
        legend: '{{team}}',
      },
    ],
    noValue: 'none',
  });
  const context = bars({
    title: 'Pages Without Context',
    description: 'Incidents opened whose page lacked something that whoever is woken needs.',
    unit: units.Short,
    queries: [
      {
        expr: sum(growth(select('watchfire_incidents_missing_context_total'), RATE), 'field'),
        legend: '{{field}}',
      },
    ],
    noValue: 'none',
  });
  return line(8, 710, schedules, engaged, context);
}

// What comes before and after the page: who noticed, how long it went on once somebody had it.
function around(): Line {
  const noticed = bars({
    title: 'Who Noticed',
    description:
      'Incidents opened per interval, by who found them: monitoring, or a person (alerts with ' +
      'the annotation detected_by: human), which monitoring then missed.',
    unit: units.Short,
    queries: [
      {
        expr: sum(growth(select('watchfire_incidents_opened_total', TEAM), RATE), 'detected_by'),
        legend: '{{detected_by}}',
      },
    ],
    noValue: 'none',
  });
  const buckets = select('watchfire_ack_to_resolve_seconds_bucket', TEAM);
  const after = timeseries({
    title: 'From Ack to End',
    description:
      'From the first ack of a person to the end of the incident, when it can be reopened no more.',
    unit: units.Seconds,
    queries: [
      { expr: rareQuantile(0.5, buckets, RATE), legend: 'p50' },
      { expr: rareQuantile(0.9, buckets, RATE), legend: 'p90' },
    ],
    noValue: 'none',
  });
  const again = bars({
    title: 'Paged Again',
    description: 'Pages per interval of cycles after the first: acks and snoozes that ran out.',
    unit: units.Short,
    queries: [
      {
        expr: sum(growth(select('watchfire_repages_total', TEAM), RATE), 'team'),
        legend: '{{team}}',
      },
    ],
    noValue: 'none',
  });
  const seen = sum(select('watchfire_alert_rules_seen'));
  const runbooks = stat({
    title: 'Alerts With a Runbook',
    description:
      'Of the alerts, by name, that paged somebody within 30 days: how many had a runbook. wfctl ' +
      'report names those that had none.',
    unit: units.PercentUnit,
    queries: [
      {
        expr: `${sum(select('watchfire_alert_rules_seen', 'has_runbook="yes"'))} / (${seen} > 0)`,
        legend: 'share',
      },
    ],
    steps: ['red', [0.5, 'orange'], [0.9, 'green']],
    noValue: 'none',
  });
  return line(8, 713, noticed, after, again, runbooks);
}

export function quality(): Row {
  const lines = [shares(), overTime(), duty(), around()];
  return { id: 700, title: 'How good is the alerting?', lines };
}
