import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errors } from '#contract/errors.ts';
import { defineCommand } from '../command.ts';
import { writeAtomically } from '../write-atomically.ts';

const root = resolve(import.meta.dirname, '../..');

export const command = defineCommand({
  name: 'docs',
  summary: 'Writes the generated pages of docs/',
  flags: {
    check: { type: 'boolean', description: 'writes nothing and fails when a page differs' },
  },
  async run({ check }, io) {
    const page = 'docs/errors.md';
    const file = join(root, page);
    const text = errorsPage();
    const same = (await readFile(file, 'utf8').catch(() => null)) === text;
    if (check && !same) {
      io.stderr.write(`${page} is not what contract/errors.ts says; run: npm run docs\n`);
      return 1;
    }
    if (!same) await writeAtomically(file, text);
    io.stdout.write(`${page}  ${same ? 'is up to date' : 'written'}\n`);
    return 0;
  },
});

function errorsPage(): string {
  const rows = Object.entries(errors).map(([code, { status, message, since }]) =>
    [`\`${code}\``, status === 0 ? '' : String(status), escapePipes(message), since].join(' | '),
  );
  return `# Error codes

<!-- Generated from contract/errors.ts by \`npm run docs\`. -->

A client finds the code in \`extensions.code\` of an error. The status is that of the answer when the
whole request fails with it; an error on one field leaves the status as it is. Codes without a status end
a process or a command and are never sent. The message is the one that stands when nothing more can be
said. A code is never reused for another meaning.

| Code | HTTP status | Message | Since |
| --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}

function escapePipes(text: string): string {
  return text.replaceAll('|', '\\|');
}
