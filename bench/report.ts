import type { Result } from './results.ts';
import { type ScenarioName, scenarioNames } from './scenarios/operations.ts';

/** The results as Markdown: a table for each scenario, and what could not be measured below it. */
export function report(results: readonly Result[]): string {
  return scenarioNames
    .map((scenario) => results.filter((each) => each.scenario === scenario))
    .filter((rows) => rows.length > 0)
    .map((rows) => table((rows[0] as Result).scenario, rows))
    .join('\n\n');
}

/** Puts a text between the markers of a document. @throws Error when it has none */
export function betweenMarkers(document: string, text: string): string {
  const marked = /(<!-- results -->\n)[\s\S]*(\n<!-- \/results -->)/;
  if (!marked.test(document)) throw new Error('there are no markers for the results');
  return document.replace(marked, (_, begin: string, end: string) => `${begin}\n${text}\n${end}`);
}

function table(scenario: ScenarioName, rows: readonly Result[]): string {
  const ours = rows.find(({ gateway }) => gateway === 'castellan')?.cpuMicrosPerRequest ?? null;
  const lines = rows.map((row) => {
    const name = row.dedupe ? `${row.gateway}, shared calls` : row.gateway;
    if (row.cpuMicrosPerRequest === null) return [name, '—', '—', '', '—', '—', '—'];
    const times = ours === null ? '' : (row.cpuMicrosPerRequest / ours).toFixed(2);
    return [
      name,
      grouped(row.requestsPerSecond),
      grouped(row.cpuMicrosPerRequest),
      times,
      row.p50Ms.toFixed(1),
      row.p99Ms.toFixed(1),
      grouped(row.peakMemoryMb),
    ];
  });
  const failures = rows.flatMap((row) =>
    'failure' in row ? [`- ${row.gateway} was not measured: ${oneLine(row.failure)}`] : [],
  );
  return [
    `### ${scenario}`,
    '',
    '| gateway | requests/s | CPU µs a request | × castellan | p50 ms | p99 ms | peak MB |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...lines.map((cells) => `| ${cells.join(' | ')} |`),
    ...(failures.length > 0 ? ['', ...failures] : []),
  ].join('\n');
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 200);
}
