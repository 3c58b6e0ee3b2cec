import type { Finding } from './compose-supergraph.ts';

/** Composition errors in rover's words, with the places that each one is about. */
export function reportErrors(errors: readonly Finding[]): string {
  const count = `${errors.length} build error${errors.length === 1 ? '' : 's'}`;
  return [
    `error[E029]: Encountered ${count} while trying to build a supergraph.`,
    '',
    'Caused by:',
    ...errors.flatMap((error) => block(`    ${error.code}: `, error)),
    '',
    '        The subgraph schemas you provided are incompatible with each other. ' +
      'See https://www.apollographql.com/docs/federation/errors/ ' +
      'for more information on resolving build errors.',
    '',
  ].join('\n');
}

/** Hints, a line or two each; the supergraph was composed all the same. */
export function reportHints(hints: readonly Finding[]): string {
  return hints.flatMap((hint) => [...block(`warning[${hint.code}]: `, hint), '']).join('\n');
}

function block(label: string, { message, places }: Finding): string[] {
  const [first = '', ...more] = message.split('\n');
  return [
    `${label}${first}`,
    ...more.map((line) => `    ${line}`),
    ...places.map(({ subgraph, location, coordinate }) =>
      ['        at', `[${subgraph}]`, coordinate, location].filter(Boolean).join(' '),
    ),
  ];
}
