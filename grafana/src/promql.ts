// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
//
// The PromQL the dashboards are made of. Strings in, strings out; nothing here knows a panel.

/** The window Grafana sizes so that it always holds at least four scrapes. */
export const RATE = '$__rate_interval';
/** The whole time range the reader has chosen. */
export const RANGE = '$__range';

/** `metric` restricted to the chosen job and instance, and to `matchers` (PromQL text). */
export function select(metric: string, ...matchers: string[]): string {
  return `${metric}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`;
}

/** `sum by (labels) (expr)`; a plain sum without labels. */
export function sum(expr: string, ...labels: string[]): string {
  return labels.length ? `sum by (${labels.join(', ')}) (${expr})` : `sum(${expr})`;
}

/** Per-second rate of a busy counter. */
export function rate(selector: string): string {
  return `rate(${selector}[${RATE}])`;
}

/**
 * How much a rare counter grew in `window`, the first event included.
 *
 * A counter with labels is born with its first event, so its first sample is already 1 and
 * increase() sees no growth: one page or one ack would be drawn as none. For a series that did
 * not exist when the window began, its earliest value is added.
 */
export function growth(selector: string, window: string): string {
  const increase = `increase(${selector}[${window}])`;
  const born = `(min_over_time(${selector}[${window}]) unless ${selector} offset ${window})`;
  return `${increase} + ${born} or ${increase}`;
}

/** Quantile `q` of a busy histogram, one series for each combination of `labels`. */
export function quantile(q: number, buckets: string, ...labels: string[]): string {
  return `histogram_quantile(${q}, ${sum(rate(buckets), 'le', ...labels)})`;
}

/** Quantile `q` of a rare event over `window`; no result, rather than NaN, if none happened. */
export function rareQuantile(q: number, buckets: string, window: string): string {
  return `histogram_quantile(${q}, ${sum(growth(buckets, window), 'le')}) >= 0`;
}

/** Mean of a rare event over `window`; no result if none happened. `histogram` has no suffix. */
export function rareMean(histogram: (suffix: string) => string, window: string): string {
  const total = sum(growth(histogram('_sum'), window));
  return `${total} / (${sum(growth(histogram('_count'), window))} > 0)`;
}
