import type { Measured } from './measure.ts';
import type { ScenarioName } from './scenarios/operations.ts';

/** A line of `results/latest.json`; one that has a `failure` has no numbers. */
export type Result = {
  readonly scenario: ScenarioName;
  readonly gateway: string;
  readonly dedupe: boolean;
} & (Measured | Failed);

type Failed = { readonly [Name in keyof Measured]: null } & { readonly failure: string };

export function failed(reason: string): Failed {
  return {
    requestsPerSecond: null,
    p50Ms: null,
    p99Ms: null,
    cpuMicrosPerRequest: null,
    peakMemoryMb: null,
    failure: reason,
  };
}

/** Numbers as precise as they are worth. */
export function rounded(measured: Measured): Measured {
  return {
    requestsPerSecond: round(measured.requestsPerSecond, 1),
    p50Ms: round(measured.p50Ms, 2),
    p99Ms: round(measured.p99Ms, 2),
    cpuMicrosPerRequest: round(measured.cpuMicrosPerRequest, 1),
    peakMemoryMb: measured.peakMemoryMb,
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
