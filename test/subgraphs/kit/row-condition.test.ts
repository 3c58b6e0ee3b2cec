import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import type { Condition } from '#contract/permissions/conditions/condition.ts';
import { evaluate } from '#contract/permissions/conditions/evaluate-condition.ts';
import { instantOf } from '#contract/permissions/conditions/literal.ts';
import { readCondition } from '#contract/permissions/conditions/read-condition.ts';
import { allowsRecord, type Decision, decide } from '#contract/permissions/decide.ts';
import { combinedLimits } from '#contract/permissions/limits.ts';
import { readCombinedGrants, readGrants } from '#contract/permissions/read-grants.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';
import {
  type Dialect,
  type RecordColumns,
  recordFacts,
  rowCondition,
} from '#subgraphs/kit/index.ts';
import { conditionOn, type Written } from '../../contract/permissions/support/random-conditions.ts';
import { onEachStore, type Store } from '../support/stores.ts';

/** One column of each kind, one more for texts, and the two that say where a record stands. */
interface Row {
  readonly id: number;
  readonly word: string | null;
  readonly note: string | null;
  readonly size: number | null;
  readonly ratio: number | null;
  readonly isOpen: boolean | null;
  readonly at: number | null;
  readonly stage: string | null;
  readonly locale: string | null;
}

interface Tables {
  thing: { [column in keyof Row]: unknown };
}

const columnsOn = (dialect: Dialect): RecordColumns => ({
  dialect,
  stage: 'stage',
  locale: 'locale',
  fields: {
    id: { column: 'id', kind: 'number' },
    word: { column: 'word', kind: 'text' },
    note: { column: 'thing.note', kind: 'text' },
    size: { column: 'size', kind: 'number' },
    ratio: { column: sql`ratio`, kind: 'number' },
    isOpen: { column: 'isOpen', kind: 'boolean' },
    at: { column: 'at', kind: 'instant' },
    stage: { column: 'stage', kind: 'text' },
    locale: { column: 'locale', kind: 'text' },
  },
});

const texts = [
  '',
  'a',
  'A',
  'ab',
  'b',
  'a%b',
  'a_b',
  '\\',
  "'",
  'ä',
  'Z',
  '\uffff',
  '\u{1f3f0}',
  'x\u{1f3f0}y',
];
const dateTimes = [
  '2024-05-01T00:00:00Z',
  '2024-05-01T02:00:00+02:00',
  '2024-05-01T00:00:00.0005Z',
  '9999-12-31T23:59:59Z',
];
const start = Date.parse('2024-05-01T00:00:00Z');
const moments = [
  start - 1,
  start,
  start + 1,
  0,
  Date.parse('+010000-01-01T00:00:00Z'),
  Date.parse('-000001-12-31T00:00:00Z'),
];
const orNull = <T>(...values: readonly T[]) => fc.constantFrom(null, ...values, ...values);

const row = fc.record({
  word: orNull(...texts),
  note: orNull(...texts, ...dateTimes),
  size: orNull(-1, 0, 1, 2 ** 53 - 1, -(2 ** 53) + 1),
  ratio: orNull(-1, 0, 0.1 + 0.2, 0.3, 2.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY),
  isOpen: orNull(true, false),
  at: orNull(...moments),
  stage: orNull('DRAFT', 'QA', 'PUBLISHED'),
  locale: orNull('en', 'de', 'EN'),
});

const writtenCondition = conditionOn({
  fields: [
    'id',
    'word',
    'note',
    'size',
    'ratio',
    'isOpen',
    'at',
    'stage',
    'unknown',
    'constructor',
  ],
  texts,
  instants: dateTimes,
  numbers: [-1, 0, 0.3, 0.1 + 0.2, 2.5, 2 ** 53 - 1],
});

async function fill({ database }: Store, rows: readonly Omit<Row, 'id'>[], dialect: Dialect) {
  const tables = database.$extendTables<{ [Name in keyof Tables]: Tables[Name] }>();
  const number = dialect === 'postgres' ? 'double precision' : 'real';
  // For the column itself, a is A: that must not open any row.
  if (dialect === 'postgres') {
    await sql`create collation any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`.execute(
      database,
    );
  }
  await tables.schema
    .createTable('thing')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('word', 'text')
    .addColumn('note', sql`text collate ${sql.raw(dialect === 'postgres' ? 'any_case' : 'nocase')}`)
    .addColumn('size', 'bigint')
    .addColumn('ratio', sql.raw(number))
    .addColumn('isOpen', 'boolean')
    .addColumn('at', 'bigint')
    .addColumn('stage', 'text')
    .addColumn('locale', 'text')
    .execute();
  const stored = rows.map((each, id) => ({
    ...each,
    id,
    isOpen: dialect === 'sqlite' && each.isOpen !== null ? Number(each.isOpen) : each.isOpen,
  }));
  await tables.insertInto('thing').values(stored).execute();
  return tables;
}

async function idsWhere(tables: Kysely<Tables>, decision: Decision, columns: RecordColumns) {
  const found = await tables
    .selectFrom('thing')
    .select(['id'])
    .where(rowCondition(decision, columns))
    .execute();
  return new Set(found.map(({ id }) => id));
}

const RUNS = 1_000;
const ROWS = 60;

function conditionOf(written: Written): Condition | null {
  try {
    return readCondition(written, 'where', combinedLimits);
  } catch (error) {
    if (/nothing can meet/.test(String(error))) return null;
    throw error;
  }
}

/** Whether a text that looks like a date-time meets a literal that is one: a column of texts never does. */
function isTextAsInstant(condition: Condition, note: string | null): boolean {
  if (condition.kind !== 'compare')
    return condition.conditions.some((each) => isTextAsInstant(each, note));
  return (
    condition.field === 'note' &&
    note !== null &&
    instantOf(note) !== null &&
    condition.values.some((each) => typeof each === 'string' && instantOf(each) !== null)
  );
}

onEachStore('rows are the ones that the evaluator lets in, for any condition', async (t, store) => {
  const { dialect } = store;
  const columns = columnsOn(dialect);
  const [rows = []] = fc.sample(fc.array(row, { minLength: ROWS, maxLength: ROWS }), {
    numRuns: 1,
    seed: 7,
  });
  const tables = await fill(store, rows, dialect);
  const stored = await storedRows(tables);
  const counts = { pairs: 0, letIn: 0, narrower: 0 };
  await fc.assert(
    fc.asyncProperty(writtenCondition, async (written) => {
      const where = conditionOf(written);
      if (where === null) return;
      const decision: Decision = { outcome: 'conditional', alternatives: [{ where }], grants: [] };
      const found = await idsWhere(tables, decision, columns);
      for (const each of stored) {
        counts.pairs += 1;
        const facts = recordFacts(columns, each);
        const isLetIn = evaluate(where, facts.record) === true;
        const isFound = found.has(each.id);
        if (isFound) counts.letIn += 1;
        if (isFound === isLetIn) continue;
        if (!isFound && isTextAsInstant(where, each.note)) counts.narrower += 1;
        else throw new Error(`row ${JSON.stringify(each)} is ${isFound ? '' : 'not '}found`);
      }
    }),
    { numRuns: RUNS },
  );
  t.ok(counts.pairs > (RUNS * ROWS) / 2, `${counts.pairs} pairs`);
  t.ok(counts.letIn > counts.pairs / 50, `${counts.letIn} let in`);
  t.ok(counts.narrower < counts.pairs / 50, `${counts.narrower} narrower`);
});

onEachStore(
  'rows are the ones that a decision lets in, its stages and locales too',
  async (t, store) => {
    const { dialect } = store;
    const columns = columnsOn(dialect);
    const [rows = []] = fc.sample(fc.array(row, { minLength: ROWS, maxLength: ROWS }), {
      numRuns: 1,
      seed: 8,
    });
    const tables = await fill(store, rows, dialect);
    const stored = await storedRows(tables);
    const some = <T>(...values: readonly T[]) =>
      fc.option(fc.subarray([...values], { minLength: 1 }), { nil: null, freq: 2 });
    const grant = fc.record({
      actions: fc.constant(['READ']),
      on: fc.constant('Thing'),
      stages: some('DRAFT', 'QA', 'PUBLISHED'),
      locales: some('en', 'de'),
      where: fc.option(fc.constantFrom({ size_gt: 0 }, { word_not: 'a' }, { isOpen: true }), {
        nil: null,
        freq: 2,
      }),
    });
    const outcomes = { allow: 0, conditional: 0, deny: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(grant, { maxLength: 4 }), async (written) => {
        const rights = permissionsOf([], undefined, readGrants(written));
        const decision = decide(rights, { action: 'READ', target: { type: 'Thing' } });
        outcomes[decision.outcome] += 1;
        const found = await idsWhere(tables, decision, columns);
        return stored.every((each) => {
          return found.has(each.id) === allowsRecord(decision, recordFacts(columns, each));
        });
      }),
      { numRuns: 300 },
    );
    t.ok(Math.min(...Object.values(outcomes)) > 5, JSON.stringify(outcomes));
  },
);

onEachStore(
  'without columns for them, no row is of a stage, in a locale, or like anything',
  async (t, store) => {
    const tables = await fill(store, [blank], store.dialect);
    const columns: RecordColumns = { dialect: store.dialect, fields: {} };
    for (const restriction of [
      { stages: ['DRAFT'] },
      { locales: ['en'] },
      { where: { word: null } },
    ]) {
      const [grant] = readGrants([{ actions: ['READ'], on: '*', ...restriction }]);
      const { stages, locales, where } = grant ?? {};
      const alternative = {
        ...(stages && { stages }),
        ...(locales && { locales }),
        ...(where && { where }),
      };
      const decision: Decision = {
        outcome: 'conditional',
        alternatives: [alternative],
        grants: [],
      };
      t.equal((await idsWhere(tables, decision, columns)).size, 0, JSON.stringify(restriction));
      const inFields = await idsWhere(tables, decision, columnsOn(store.dialect));
      t.equal(inFields.size, 1, JSON.stringify(restriction));
    }
  },
);

onEachStore('the largest rights that claims can carry are one query', async (t, store) => {
  const tables = await fill(store, [blank, { ...blank, word: 'w7' }], store.dialect);
  const columns = columnsOn(store.dialect);
  const many = Array.from({ length: 250 }, (_, index) => ({
    actions: ['READ'],
    on: 'Thing',
    where: { word_starts_with: `w${index}` },
  }));
  const wide = Array.from({ length: 256 }, (_, index) => ({ word_not: `v${index}`, size: index }));
  for (const written of [
    many,
    [{ actions: ['READ'], on: 'Thing', where: { _or: wide.slice(0, 128) } }],
  ]) {
    const rights = permissionsOf([], undefined, readCombinedGrants(written));
    const decision = decide(rights, { action: 'READ', target: { type: 'Thing' } });
    const expected = written === many ? [1] : [];
    t.strictSame([...(await idsWhere(tables, decision, columns))], expected);
  }
});

const blank: Omit<Row, 'id'> = {
  word: null,
  note: null,
  size: null,
  ratio: null,
  isOpen: null,
  at: null,
  stage: 'DRAFT',
  locale: 'en',
};

/** As they come out again: SQLite keeps "not a number" as null. */
async function storedRows(tables: Kysely<Tables>): Promise<readonly Row[]> {
  return (await tables.selectFrom('thing').selectAll().orderBy('id').execute()) as readonly Row[];
}
