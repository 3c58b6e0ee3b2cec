import fc from 'fast-check';

/** Conditions as somebody would write them, over a few fields, so that random records often meet them. */
export type Written = { readonly [key: string]: unknown };

const texts = ['', 'a', 'ab', 'b', '\u{1f3f0}', '\uffff'];
const instants = ['2024-05-01T00:00:00Z', '2024-05-01T02:00:00+02:00', '2024-05-01T00:00:00.5Z'];
const numbers = [-1, 0, 1, 2.5];
/** Two of them end like operators. */
const fields = ['a', 'b', 'logged_in', 'x_not'];

/** What conditions are made of. */
export interface Vocabulary {
  readonly fields: readonly string[];
  readonly texts: readonly string[];
  readonly instants: readonly string[];
  readonly numbers: readonly number[];
}

export function conditionOn(vocabulary: Vocabulary): fc.Arbitrary<Written> {
  const comparison = comparisonOn(vocabulary);
  return fc.letrec<{ condition: Written }>((tie) => ({
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
}

function comparisonOn({ fields, texts, instants, numbers }: Vocabulary): fc.Arbitrary<Written> {
  const text = fc.constantFrom(...texts);
  const instant = fc.constantFrom(...instants);
  const number = fc.constantFrom(...numbers);
  const ordered = fc.oneof(text, instant, number);
  const literal = fc.oneof(ordered, fc.boolean());
  const list = fc.oneof(listOf(text), listOf(instant), listOf(number), listOf(fc.boolean()));
  return fc.constantFrom(...fields).chain((field) => {
    const isLikeOperator = field === 'logged_in' || field === 'x_not';
    // Without an operator these two are other fields and operators.
    const plain = isLikeOperator ? [] : [''];
    return fc.oneof(
      keyed(field, ['not', ...plain], fc.oneof(literal, fc.constant(null))),
      keyed(field, field === 'x_not' ? ['not_in'] : ['in', 'not_in'], list),
      keyed(field, ['lt', 'lte', 'gt', 'gte'], ordered),
      keyed(
        field,
        field === 'x_not'
          ? ['not_contains', 'not_starts_with', 'not_ends_with']
          : [
              'contains',
              'not_contains',
              'starts_with',
              'not_starts_with',
              'ends_with',
              'not_ends_with',
            ],
        fc.oneof(text, instant),
      ),
    );
  });
}

function listOf(of: fc.Arbitrary<unknown>) {
  return fc.array(fc.oneof({ weight: 6, arbitrary: of }, fc.constant(null)), {
    minLength: 1,
    maxLength: 3,
  });
}

function keyed(field: string, operators: readonly string[], value: fc.Arbitrary<unknown>) {
  return fc.tuple(fc.constantFrom(...operators), value).map(
    ([operator, each]): Written => ({
      [operator === '' ? field : `${field}_${operator}`]: each,
    }),
  );
}

export const writtenCondition: fc.Arbitrary<Written> = conditionOn({
  fields,
  texts,
  instants,
  numbers,
});

const text = fc.constantFrom(...texts);
const instant = fc.constantFrom(...instants);
const number = fc.constantFrom(...numbers);
const literal = fc.oneof(text, instant, number, fc.boolean());

const recordValue = fc.oneof(
  literal,
  instant.map((each) => new Date(each)),
  fc.constantFrom(1n, null, undefined, Number.NaN, ['a']),
);

export const record: fc.Arbitrary<Record<string, unknown>> = fc.record(
  Object.fromEntries([...fields, 'logged', 'x'].map((field) => [field, recordValue])),
  { requiredKeys: [] },
);
