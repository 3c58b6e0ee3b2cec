import { Histogram, type HistogramConfiguration } from 'prom-client';

/** One line of the text. */
interface Sample {
  readonly metricName: string;
  /** Its own, as prom-client adds the shared ones to it. */
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Series {
  /** How many fell under each bound, and not under the one before it. */
  readonly counts: number[];
  count: number;
  sum: number;
}

/**
 * A histogram with one label that counts at the price of one look-up; to prom-client it tells what came together
 * when it is read. What it tells is to the letter what prom-client would have told.
 */
export class Durations extends Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #label: string;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();

  /** @param configuration its `buckets` in ascending order */
  constructor(
    label: string,
    configuration: HistogramConfiguration<string> & { readonly buckets: number[] },
  ) {
    super({ ...configuration, labelNames: [label] });
    const { name, help } = configuration;
    this.#name = name;
    this.#help = help;
    this.#label = label;
    this.#bounds = configuration.buckets;
  }

  add(value: string, seconds: number): void {
    let series = this.#series.get(value);
    if (series === undefined) {
      series = { counts: this.#bounds.map(() => 0), count: 0, sum: 0 };
      this.#series.set(value, series);
    }
    series.count += 1;
    series.sum += seconds;
    for (let index = 0; index < this.#bounds.length; index += 1) {
      if (seconds > (this.#bounds[index] ?? 0)) continue;
      series.counts[index] = (series.counts[index] ?? 0) + 1;
      return;
    }
  }

  /** What `get` and a registry read; the types of prom-client leave it out. */
  async getForPromString(): Promise<object> {
    return {
      name: this.#name,
      help: this.#help,
      type: 'histogram',
      values: Array.from(this.#values()),
      aggregator: 'sum',
    };
  }

  *#values(): Generator<Sample> {
    const bucket = `${this.#name}_bucket`;
    for (const [value, { counts, count, sum }] of this.#series) {
      const sharedLabels = { [this.#label]: value };
      let below = 0;
      for (const [index, bound] of this.#bounds.entries()) {
        below += counts[index] ?? 0;
        yield { metricName: bucket, labels: { le: bound }, sharedLabels, value: below };
      }
      yield { metricName: bucket, labels: { le: '+Inf' }, sharedLabels, value: count };
      yield { metricName: `${this.#name}_sum`, labels: {}, sharedLabels, value: sum };
      yield { metricName: `${this.#name}_count`, labels: {}, sharedLabels, value: count };
    }
  }
}
