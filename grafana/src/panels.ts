// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The few kinds of panel the dashboards use, with one look: zero-based axes, a table legend that
// shows the last and the highest value, thresholds drawn as dashed lines, never colour alone.

import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as gauges from '@grafana/grafana-foundation-sdk/gauge';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stats from '@grafana/grafana-foundation-sdk/stat';
import * as tables from '@grafana/grafana-foundation-sdk/table';
import * as series from '@grafana/grafana-foundation-sdk/timeseries';

export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** One query: its expression, and how the legend names each series of the answer. */
export interface Query {
  expr: string;
  legend: string;
}

/** Colour from a value upwards; the first entry of a list is the colour below all of them. */
export type Steps = [base: string, ...steps: [value: number, color: string][]];

/** What every panel must say. `unit` is a Grafana unit id. */
export interface Common {
  title: string;
  description: string;
  unit: string;
  queries: Query[];
  steps?: Steps;
  max?: number;
  isSigned?: boolean; // The axis of a time series may go below zero.
  decimals?: number;
  noValue?: string;
}

export interface Column {
  name: string;
  expr: string;
  unit: string;
}

type Styled = stats.PanelBuilder | gauges.PanelBuilder | series.PanelBuilder;

function thresholds([base, ...steps]: Steps): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))]);
}

function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function target(query: Query, index: number): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .refId(refId(index))
    .expr(query.expr)
    .legendFormat(query.legend)
    .editorMode(prometheus.QueryEditorMode.Code);
}

function style<T extends Styled>(panel: T, options: Common, isInstant: boolean): T {
  panel
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .unit(options.unit)
    .thresholds(thresholds(options.steps ?? ['blue']))
    .targets(
      options.queries.map((query, index) =>
        isInstant ? target(query, index).instant() : target(query, index).range(),
      ),
    );
  if (options.max !== undefined) panel.max(options.max);
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.noValue !== undefined) panel.noValue(options.noValue);
  return panel;
}

function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
}

/** A line for each series over time. */
export function timeseries(options: Common): series.PanelBuilder {
  const panel = style(new series.PanelBuilder(), options, false)
    .lineWidth(2)
    .fillOpacity(8)
    .showPoints(common.VisibilityMode.Auto)
    .colorScheme(
      new dashboard.FieldColorBuilder().mode(dashboard.FieldColorModeId.PaletteClassicByName),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    )
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Bottom)
        .calcs(['lastNotNull', 'max'])
        .sortBy('Last *')
        .sortDesc(true),
    );
  if (!options.isSigned) panel.min(0);
  const isMarked = (options.steps?.length ?? 0) > 1;
  return panel.thresholdsStyle(
    new common.GraphThresholdsStyleConfigBuilder().mode(
      isMarked ? common.GraphThresholdsStyleMode.Dashed : common.GraphThresholdsStyleMode.Off,
    ),
  );
}

/** Stacked bars: counts per interval, where the sum means something. */
export function bars(options: Common): series.PanelBuilder {
  return timeseries(options)
    .drawStyle(common.GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(80)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
}

/** One tile for each series, showing what is true now. */
export function stat(options: Common): stats.PanelBuilder {
  const isNamed = options.queries.length > 1 || options.queries[0].legend.includes('{{');
  return style(new stats.PanelBuilder(), options, true)
    .reduceOptions(lastValue())
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .orientation(common.VizOrientation.Auto)
    .textMode(isNamed ? common.BigValueTextMode.ValueAndName : common.BigValueTextMode.Value);
}

/** A stat that is 1 when all is well and 0 when not: the word says it, not only the colour. */
export function flag(options: Common, good: string, bad: string): stats.PanelBuilder {
  return stat({ ...options, steps: ['red', [1, 'green']] })
    .colorMode(common.BigValueColorMode.Background)
    .mappings([
      {
        type: dashboard.MappingType.ValueToText,
        options: {
          '0': { text: bad, color: 'red', index: 0 },
          '1': { text: good, color: 'green', index: 1 },
        },
      },
    ]);
}

/** A dial from 0 to `options.max`. */
export function gauge(options: Common): gauges.PanelBuilder {
  return style(new gauges.PanelBuilder(), options, true)
    .min(0)
    .reduceOptions(lastValue())
    .showThresholdMarkers(true)
    .showThresholdLabels(false);
}

/** One line for each value of `key`, one column for each query. `key` must be the only label. */
export function table(
  options: { title: string; description: string; key: string; keyName: string },
  columns: Column[],
): tables.PanelBuilder {
  const names = columns.map((column, index) => [`Value #${refId(index)}`, column.name]);
  const panel = new tables.PanelBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .unit('short')
    .showHeader(true)
    .filterable(true)
    .targets(
      columns.map((column, index) =>
        target({ expr: column.expr, legend: column.name }, index)
          .instant()
          .format(prometheus.PromQueryFormat.Table),
      ),
    )
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: {},
        renameByName: Object.fromEntries([[options.key, options.keyName], ...names]),
      },
    });
  for (const column of columns) {
    panel.overrideByName(column.name, [{ id: 'unit', value: column.unit }]);
  }
  return panel;
}
