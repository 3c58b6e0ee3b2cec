import type { Result } from './results.ts';
import { scenarioNames } from './scenarios/operations.ts';

const WIDTH = 760;
const LABEL = 210;
const BAR = 18;
const GAP = 6;
const NUMBER = 80;

/** CPU time of one request as bars, a panel for each scenario, each with its own scale. */
export function chart(results: readonly Result[]): string {
  const parts: string[] = [];
  let y = 44;
  for (const scenario of scenarioNames) {
    const rows = results.filter((each) => each.scenario === scenario);
    if (rows.length === 0) continue;
    parts.push(text(12, y, scenario, 'class="head"'));
    y += 12;
    const longest = Math.max(...rows.map((row) => row.cpuMicrosPerRequest ?? 0), 1);
    for (const row of rows) {
      parts.push(...bar(row, y, longest));
      y += BAR + GAP;
    }
    y += 28;
  }
  const style =
    'text{font:13px system-ui,sans-serif;fill:#24292f}.head{font-weight:600}.ours{fill:#2f6f4f}' +
    '.peer{fill:#8a94a3}.floor{fill:#cfd5dd}';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="CPU microseconds of one request">
<style>${style}</style>
<rect width="100%" height="100%" fill="#fff"/>
${text(12, 22, 'CPU microseconds of one request, less is better', 'class="head"')}
${parts.join('\n')}
</svg>
`;
}

function bar(row: Result, y: number, longest: number): string[] {
  const name = row.dedupe ? `${row.gateway}, shared calls` : row.gateway;
  const baseline = y + BAR - 5;
  const label = text(LABEL - 8, baseline, name, 'text-anchor="end"');
  if (row.cpuMicrosPerRequest === null) return [label, text(LABEL, baseline, 'not measured')];
  const length = Math.max(1, (row.cpuMicrosPerRequest / longest) * (WIDTH - LABEL - NUMBER));
  const value = Math.round(row.cpuMicrosPerRequest).toLocaleString('en');
  return [
    label,
    `<rect class="${kindOf(row.gateway)}" x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`,
    text(LABEL + length + 6, baseline, value),
  ];
}

function kindOf(gateway: string): string {
  if (gateway.startsWith('castellan')) return 'ours';
  return gateway === 'relay' || gateway === 'fastify' ? 'floor' : 'peer';
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes}>${safe}</text>`;
}
