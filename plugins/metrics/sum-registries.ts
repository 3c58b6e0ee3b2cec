import { AggregatorRegistry } from 'prom-client';

/** A registry as JSON, which is what processes tell each other. */
export type RegistryJson = readonly object[];

/** What several processes measure as if they were one: sums, where a sum means something. */
export function sumRegistries(registries: readonly RegistryJson[]): {
  metrics(): Promise<string>;
  getMetricsAsJSON(): Promise<object[]>;
} {
  return AggregatorRegistry.aggregate([...registries]);
}

/** What is counted outlives a process; what is measured of it, such as its memory, does not. */
export function countersOf(registry: RegistryJson): RegistryJson {
  return registry.filter(
    (metric) => 'type' in metric && (metric.type === 'counter' || metric.type === 'histogram'),
  );
}
