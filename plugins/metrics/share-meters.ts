import type { Registry } from 'prom-client';
import type { Castellan } from '#gateway/plugin.ts';
import { countersOf, type RegistryJson, sumRegistries } from './sum-registries.ts';

const TOPIC = 'metrics';

/**
 * Reads the metrics of all processes that serve together, whichever of them is asked; of the one process where it is
 * alone. What a process had counted when it was last read goes on with the one that takes its place, so that a
 * counter of the group never falls.
 */
export function shareMeters(
  { workers }: Pick<Castellan, 'workers'>,
  registry: Pick<Registry, 'metrics' | 'getMetricsAsJSON'>,
): () => Promise<string> {
  if (workers === undefined) return () => registry.metrics();
  const inherited = countersOf(registryIn(workers.inherited(TOPIC)));
  workers.provide(TOPIC, async () =>
    sumRegistries([await registry.getMetricsAsJSON(), inherited]).getMetricsAsJSON(),
  );
  return async () => {
    const answers = await workers.collect(TOPIC);
    return sumRegistries(
      answers.map(({ value, isFresh }) =>
        isFresh ? registryIn(value) : countersOf(registryIn(value)),
      ),
    ).metrics();
  };
}

function registryIn(value: unknown): RegistryJson {
  return Array.isArray(value) ? value : [];
}
