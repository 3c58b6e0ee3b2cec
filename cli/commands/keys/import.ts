import { createReadStream } from 'node:fs';
import path from 'node:path';
import { CodedError } from '#contract/errors.ts';
import { type ImportOutcome, MAX_IMPORTED } from '#subgraphs/identity/key-import/import-keys.ts';
import type { KeyOperator } from '#subgraphs/identity/operator/key-operator.ts';
import { type CommandIo, defineCommand } from '../../command.ts';
import { UsageMistake } from '../../usage-mistake.ts';
import { withOperator } from '../../with-operator.ts';
import { type ImportLine, readImportLines } from './import-lines.ts';
import { jsonFlag } from './key-flags.ts';

export const command = defineCommand({
  name: 'keys import',
  summary: 'Takes in API keys of another system, by their hashes: JSON lines from a file or stdin',
  flags: {
    as: { type: 'string', value: 'E-MAIL', description: 'the person whose keys they are' },
    organization: {
      type: 'string',
      value: 'ID',
      description: 'the organization that takes them in; the person’s own when left out',
    },
    prefix: { type: 'string', value: 'TEXT', description: 'what the keys begin with' },
    file: { type: 'string', value: 'FILE', description: 'the JSON lines; stdin when left out' },
    ...jsonFlag,
  },
  async run({ as: email, organization, prefix, file, json }, io) {
    if (email === undefined) throw new UsageMistake('say in whose name: --as E-MAIL');
    if (prefix === undefined) throw new UsageMistake('say what they begin with: --prefix TEXT');
    return withOperator(io, 'keys import', async (operator) => {
      // All of it first: of a file that is broken nothing is taken in.
      const lines = await readImportLines(inputOf(file, io));
      if (lines.length === 0) throw new CodedError('BAD_USER_INPUT', 'There are no keys');
      const outcomes = await importAll(operator, { email, organization }, prefix, lines);
      return { text: textOf(outcomes, json === true), problems: problemsOf(outcomes) };
    });
  },
});

interface Imported extends Omit<ImportOutcome, 'index'> {
  readonly line: number;
}

async function importAll(
  operator: KeyOperator,
  maker: { readonly email: string; readonly organization: string | undefined },
  prefix: string,
  lines: readonly ImportLine[],
): Promise<readonly Imported[]> {
  const imported: Imported[] = [];
  for (let start = 0; start < lines.length; start += MAX_IMPORTED) {
    const some = lines.slice(start, start + MAX_IMPORTED);
    const outcomes = await operator.import(maker, { prefix, keys: some.map(({ key }) => key) });
    for (const { index, ...outcome } of outcomes) {
      imported.push({ ...outcome, line: some[index]?.number ?? 0 });
    }
  }
  return imported;
}

function inputOf(file: string | undefined, io: CommandIo): AsyncIterable<Uint8Array | string> {
  if (file !== undefined) return readable(path.resolve(io.cwd, file));
  if (io.stdin === undefined) throw new UsageMistake('nothing is piped in; say --file FILE');
  return io.stdin;
}

async function* readable(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file);
  } catch (cause) {
    throw new CodedError('BAD_USER_INPUT', `${file} cannot be read`, { cause });
  }
}

function textOf(outcomes: readonly Imported[], json: boolean): string {
  const count = (test: (outcome: Imported) => boolean) => outcomes.filter(test).length;
  const counts = {
    imported: count(({ isNew }) => isNew),
    known: count(({ isNew, apiKey }) => !isNew && apiKey !== null),
    refused: count(({ error }) => error !== null),
  };
  if (json) {
    const keys = outcomes.map(({ line, isNew, apiKey, error }) => ({
      line,
      isNew,
      id: apiKey?.id ?? null,
      error,
    }));
    return `${JSON.stringify({ ...counts, keys })}\n`;
  }
  return `Imported  ${counts.imported}\nThere already  ${counts.known}\nRefused  ${counts.refused}\n`;
}

function problemsOf(outcomes: readonly Imported[]): readonly string[] {
  return outcomes.flatMap(({ line, error }) =>
    error === null ? [] : [`line ${line}: ${error.message} (${error.code})`],
  );
}
