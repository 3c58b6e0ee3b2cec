import type { Command, FlagTable } from './command.ts';

/** What `castellan --help` prints. */
export function overview(
  commands: Readonly<Record<string, { readonly summary: string }>>,
  path = '',
): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  return [
    `castellan ${path}COMMAND [flags]`,
    '',
    ...columns(rows),
    '',
    `castellan ${path}COMMAND --help tells more.`,
    '',
  ].join('\n');
}

/** What `castellan COMMAND --help` prints. */
export function helpOf({ name, summary, flags, operands = [] }: Command<FlagTable>): string {
  const rows = Object.entries(flags).map(([flag, { value, description, default: preset }]) => {
    const label = `--${flag}${value === undefined ? '' : ` ${value}`}`;
    return [label, preset === undefined ? description : `${description} (${preset})`] as const;
  });
  const usage = `castellan ${[name, ...operands].join(' ')}${rows.length > 0 ? ' [flags]' : ''}`;
  return [usage, '', summary, ...(rows.length > 0 ? ['', ...columns(rows)] : []), ''].join('\n');
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
}
