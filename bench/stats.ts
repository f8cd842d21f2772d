import { loadavg } from 'node:os'

const round = (value: number) => Math.round(value * 1000) / 1000

/** Nearest-rank percentile. */
export function percentile(values: number[], rank: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(rank * sorted.length) - 1)] ?? Number.NaN
}

export function summary(valuesMs: number[]) {
  const at = (rank: number) => round(percentile(valuesMs, rank))
  return { n: valuesMs.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) }
}

/** What every line of a bench carries. */
export const machine = () => ({ node: process.version, loadavg: loadavg().map(round) })
