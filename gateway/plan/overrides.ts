import { type DocumentNode, Kind, visit } from 'graphql';

/** Which progressive `@override`s are in force for a request. */
export interface OverrideOutcome {
  /** The active labels, those by percentage among them. */
  readonly labels: ReadonlySet<string>;
  /** A number that stands for the same: the label `percent(n)` is active when it is less than n. */
  readonly percentage: number;
}

/** The progressive `@override`s of a supergraph (`@override(from:, label:)`). */
export interface ProgressiveOverrides {
  /** All that can be drawn. Each is one object, so that it can be the key of what was made for it. */
  readonly outcomes: readonly [OverrideOutcome, ...OverrideOutcome[]];
  /** The outcome for one request. One number decides all percentages, so that n of them have n + 1 outcomes and not 2ⁿ. */
  draw(): OverrideOutcome;
}

/** Reads the labels of a supergraph. `activeLabels` are the named ones that are in force; `random` draws from [0, 1). */
export function readOverrides(
  supergraph: DocumentNode,
  activeLabels: readonly string[],
  random: () => number = Math.random,
): ProgressiveOverrides {
  const percentages = new Map<string, number>();
  for (const label of labelsOf(supergraph)) {
    const percentage = /^percent\((\d+(?:\.\d+)?)\)$/.exec(label)?.[1];
    if (percentage !== undefined) percentages.set(label, Number(percentage));
  }
  const outcomeAt = (percentage: number): OverrideOutcome => {
    const drawn = Array.from(percentages).filter(([, threshold]) => percentage < threshold);
    return Object.freeze({
      labels: new Set([...activeLabels, ...drawn.map(([label]) => label)]),
      percentage,
    });
  };
  // 0 and 100 percent are no matter of chance.
  const thresholds = Array.from(new Set(percentages.values()))
    .filter((threshold) => threshold > 0 && threshold < 100)
    .sort((one, other) => one - other);
  const first = outcomeAt(0);
  const others = thresholds.map(outcomeAt);
  return Object.freeze({
    outcomes: Object.freeze([first, ...others] as const),
    draw() {
      if (others.length === 0) return first;
      const drawn = random() * 100;
      const passed = thresholds.findLastIndex((threshold) => threshold <= drawn);
      return others[passed] ?? first;
    },
  });
}

function labelsOf(supergraph: DocumentNode): ReadonlySet<string> {
  const labels = new Set<string>();
  visit(supergraph, {
    Directive(node) {
      if (node.name.value !== 'join__field') return;
      const label = node.arguments?.find((each) => each.name.value === 'overrideLabel')?.value;
      if (label?.kind === Kind.STRING) labels.add(label.value);
    },
  });
  return labels;
}
