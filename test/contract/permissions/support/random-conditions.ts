import fc from 'fast-check';

/** Conditions as somebody would write them, over a few fields, so that random records often meet them. */
export type Written = { readonly [key: string]: unknown };

const texts = ['', 'a', 'ab', 'b', '\u{1f3f0}', '\uffff'];
const instants = ['2024-05-01T00:00:00Z', '2024-05-01T02:00:00+02:00', '2024-05-01T00:00:00.5Z'];
const numbers = [-1, 0, 1, 2.5];
/** Two of them end like operators. */
const fields = ['a', 'b', 'logged_in', 'x_not'];

const text = fc.constantFrom(...texts);
const instant = fc.constantFrom(...instants);
const number = fc.constantFrom(...numbers);
const ordered = fc.oneof(text, instant, number);
const literal = fc.oneof(ordered, fc.boolean());
const listOf = (of: fc.Arbitrary<unknown>) =>
  fc.array(fc.oneof({ weight: 6, arbitrary: of }, fc.constant(null)), {
    minLength: 1,
    maxLength: 3,
  });
const list = fc.oneof(listOf(text), listOf(instant), listOf(number), listOf(fc.boolean()));

const comparison = fc.constantFrom(...fields).chain((field) =>
  fc.oneof(
    keyed(field, ['not'], fc.oneof(literal, fc.constant(null))),
    // Without an operator these two are other fields and operators.
    keyed(field === 'logged_in' || field === 'x_not' ? 'a' : field, [], literal),
    keyed(field === 'logged_in' || field === 'x_not' ? 'b' : field, [], fc.constant(null)),
    keyed(field, field === 'x_not' ? ['not_in'] : ['in', 'not_in'], list),
    keyed(field, ['lt', 'lte', 'gt', 'gte'], ordered),
    keyed(
      field,
      field === 'x_not'
        ? ['not_contains', 'not_starts_with', 'not_ends_with']
        : ['contains', 'not_contains', 'starts_with', 'not_starts_with', 'ends_with'],
      fc.oneof(text, instant),
    ),
  ),
);

function keyed(field: string, operators: readonly string[], value: fc.Arbitrary<unknown>) {
  if (operators.length === 0) return value.map((each): Written => ({ [field]: each }));
  return fc
    .tuple(fc.constantFrom(...operators), value)
    .map(([operator, each]): Written => ({ [`${field}_${operator}`]: each }));
}

export const writtenCondition: fc.Arbitrary<Written> = fc.letrec<{ condition: Written }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    comparison,
    fc.tuple(comparison, comparison).map(([one, other]) => ({ ...one, ...other })),
    fc
      .tuple(
        fc.constantFrom('_and', 'AND', '_or', 'OR', '_not', 'NOT'),
        fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
        fc.option(comparison, { nil: {} }),
      )
      .map(([key, parts, beside]) => ({ ...beside, [key]: parts })),
  ),
})).condition;

const recordValue = fc.oneof(
  literal,
  instant.map((each) => new Date(each)),
  fc.constantFrom(1n, null, undefined, Number.NaN, ['a']),
);

export const record: fc.Arbitrary<Record<string, unknown>> = fc.record(
  Object.fromEntries([...fields, 'logged', 'x'].map((field) => [field, recordValue])),
  { requiredKeys: [] },
);
