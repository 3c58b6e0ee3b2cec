import type { Fetch } from './plan.ts';

/** The keys under which what a call brought stands in the answer, but not in its document. */
export function renamedKeys({ outputRewrites, batches }: Fetch): string[] {
  return [outputRewrites, ...batches.map((batch) => batch.outputRewrites)]
    .flat()
    .flatMap((rewrite) => (rewrite.kind === 'rename' ? rewrite.to : []));
}
