/** How much a list of grants may hold. `bytes` counts its JSON in UTF-8; depth counts nested `_and` and `_or`. */
export interface GrantLimits {
  readonly grants: number;
  readonly bytes: number;
  readonly conditionDepth: number;
  readonly conditionComparisons: number;
}

/** What somebody may write down: of this size, all grants fit into a header of claims. */
export const writtenLimits: GrantLimits = Object.freeze({
  grants: 100,
  bytes: 5_000,
  conditionDepth: 5,
  conditionComparisons: 32,
});

/** What several lists may come to when they are combined. Beyond it they are refused. */
export const combinedLimits: GrantLimits = Object.freeze({
  grants: 250,
  bytes: 32_768,
  conditionDepth: 16,
  conditionComparisons: 256,
});
