// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// Turns rows of panels into a dashboard: places them on Grafana's grid of 24 columns, gives them
// ids and fills in what the SDK leaves out. The SDK numbers nothing and puts a panel that does not
// fit on its line outside the grid, so both are done here.

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { DATASOURCE } from './panels';

const GRID_COLUMNS = 24;

/** A panel, its width in columns, and its id: links (`viewPanel=`) use it, so keep it for good. */
export interface Cell {
  id: number;
  width: number;
  panel: Builder<dashboard.Panel>;
}

/** Panels side by side; their widths sum to 24. */
export interface Line {
  height: number;
  cells: Cell[];
}

/** `panels` side by side, equally wide, with the ids `firstId`, `firstId` + 1 … */
export function line(height: number, firstId: number, ...panels: Builder<dashboard.Panel>[]): Line {
  const width = GRID_COLUMNS / panels.length;
  return { height, cells: panels.map((panel, index) => ({ id: firstId + index, width, panel })) };
}

/** One question to the system, asked by the title of the row and answered by its panels. */
export interface Row {
  id: number;
  title: string;
  lines: Line[];
  isCollapsed?: boolean;
}

export interface Options {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  variables: dashboard.VariableModel[];
  rows: Row[];
}

/** A variable filled from a label of a metric; with "All" chosen it matches `allValue`. */
export function labelVariable(
  name: string,
  metric: string,
  allValue = '.*',
): dashboard.VariableModel {
  const query = `label_values(${metric}, ${name})`;
  return new dashboard.QueryVariableBuilder(name)
    .label(name)
    .datasource(DATASOURCE)
    .query({ query, refId: name })
    .definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(allValue)
    .current({ selected: true, text: ['All'], value: ['$__all'] })
    .build();
}

/** The variables every dashboard starts with. The watched process must always export `metric`. */
export function targetVariables(metric: string): dashboard.VariableModel[] {
  const source = new dashboard.DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type('prometheus')
    .current({ selected: true, text: 'default', value: 'default' })
    .build();
  return [
    source,
    labelVariable('job', metric, '.+'),
    labelVariable('instance', `${metric}{job=~"$job"}`, '.+'),
  ];
}

function place(line: Line, title: string, y: number): dashboard.Panel[] {
  const width = line.cells.reduce((total, cell) => total + cell.width, 0);
  if (width !== GRID_COLUMNS) throw new Error(`row "${title}": widths sum to ${width}, not 24`);

  let x = 0;
  return line.cells.map((cell) => {
    const gridPos = { h: line.height, w: cell.width, x, y };
    x += cell.width;
    return { ...cell.panel.build(), id: cell.id, gridPos };
  });
}

function layOut(rows: Row[]): (dashboard.Panel | dashboard.RowPanel)[] {
  const placed: (dashboard.Panel | dashboard.RowPanel)[] = [];
  let y = 0;
  for (const row of rows) {
    const isCollapsed = row.isCollapsed ?? false;
    const header = new dashboard.RowBuilder(row.title).id(row.id).collapsed(isCollapsed).build();
    header.gridPos = { h: 1, w: GRID_COLUMNS, x: 0, y };
    y += 1;
    const panels: dashboard.Panel[] = [];
    for (const line of row.lines) {
      panels.push(...place(line, row.title, y));
      y += line.height;
    }
    placed.push(isCollapsed ? { ...header, panels } : header);
    if (!isCollapsed) placed.push(...panels);
  }
  return placed;
}

/** The finished dashboard, as Grafana's file provisioning reads it. */
export function build(options: Options): dashboard.Dashboard {
  const link = new dashboard.DashboardLinkBuilder('Watchfire dashboards')
    .type(dashboard.DashboardLinkType.Dashboards)
    .tags(['watchfire'])
    .icon('dashboard')
    .tooltip('The other dashboards of the alerting system, for the same time range')
    .keepTime(true);
  const result = new dashboard.DashboardBuilder(options.title)
    .uid(options.uid)
    .description(options.description)
    .tags(options.tags)
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .link(link)
    .build();
  result.annotations = { list: [] };
  result.templating = { list: options.variables };
  result.panels = layOut(options.rows);
  // The SDK gives every variable the settings of an interval variable.
  for (const each of options.variables) {
    delete each.auto;
    delete each.auto_count;
    delete each.auto_min;
  }
  // The SDK would hide links behind a menu that only newer Grafanas have.
  for (const each of result.links ?? []) delete each.placement;
  return result;
}
