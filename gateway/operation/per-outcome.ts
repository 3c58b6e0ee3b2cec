import type { OverrideOutcome, ProgressiveOverrides } from '../plan/overrides.ts';

/**
 * What is planned once for each outcome of the progressive `@override`s, and drawn for each run. The first
 * outcome is planned at once, so that what cannot be planned is found out now; the others when they are drawn.
 */
export async function perOutcome<Planned>(
  overrides: ProgressiveOverrides,
  plan: (outcome: OverrideOutcome) => Promise<Planned>,
): Promise<() => Planned | Promise<Planned>> {
  const drawn = overrides.draw();
  const first = await plan(drawn);
  if (overrides.outcomes.length === 1) return () => first;

  const planned = new Map<OverrideOutcome, Planned | Promise<Planned>>([[drawn, first]]);
  const prepare = (outcome: OverrideOutcome): Promise<Planned> => {
    const pending = plan(outcome);
    planned.set(outcome, pending);
    pending.then(
      (ready) => planned.set(outcome, ready),
      () => planned.delete(outcome),
    );
    return pending;
  };
  return () => {
    const outcome = overrides.draw();
    return planned.get(outcome) ?? prepare(outcome);
  };
}
