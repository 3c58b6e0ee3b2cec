import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const results = join(root, '.tap/results.tap');
const tap = createRequire(import.meta.url)
  .resolve('tap/package.json')
  .replace(/package\.json$/, '');

/**
 * Runs tap on the files that are named, or on all of them, and ends with a line of counts that comes from
 * tap's own results. A run in which no assertion ran is a failed one.
 */
function runTests(args: readonly string[]): number {
  buildTap();
  rmSync(results, { force: true });
  const reporter = process.stdout.isTTY ? 'base' : 'min';
  const status = run(['run', `--reporter=${reporter}`, `--output-file=${results}`, ...args]);
  const stream = readIfThere(results);
  const { files, pass, fail, skip } = countsOf(stream);
  if (!process.stdout.isTTY) console.log(failuresIn(stream).join('\n'));
  const asides = [`${files} files`, ...(skip > 0 ? [`${skip} skipped`] : [])];
  console.log(`\n${asides.join(', ')}\n${pass} passed, ${fail} failed`);
  if (pass + fail > 0) return status === 0 && fail > 0 ? 1 : status;
  console.error('no test ran');
  return status === 0 ? 1 : status;
}

/** tap compiles its plugins into one class, in node_modules; anew when either has changed. */
function buildTap(): void {
  const stamp = join(root, 'node_modules/.cache/castellan/tap.sha256');
  const hash = createHash('sha256')
    .update(readFileSync(join(root, '.taprc')))
    .update(readFileSync(join(tap, 'package.json')))
    .digest('hex');
  if (readIfThere(stamp) === hash) return;
  if (run(['build']) !== 0) throw new Error('tap cannot be built');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function run(args: readonly string[]): number {
  const { bin } = JSON.parse(readFileSync(join(tap, 'package.json'), 'utf8'));
  const { status, error } = spawnSync(process.execPath, [join(tap, bin.tap), ...args], {
    cwd: root,
    // Hundreds of files compile the same modules.
    env: {
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/castellan/compile'),
      ...process.env,
    },
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** The counts of tap's closing comment, `# { total: 9, pass: 8, fail: 0, skip: 1 }`. */
function countsOf(stream: string) {
  const closing = [...stream.matchAll(/^# \{ (total: .*) \}$/gm)].at(-1)?.[1] ?? '';
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(closing)?.[1] ?? 0);
  return {
    files: [...stream.matchAll(/^(?:not )?ok \d+ - \S+\.test\.ts\b/gm)].length,
    pass: count('pass'),
    fail: count('fail'),
    skip: count('skip') + count('todo'),
  };
}

/** The failed assertions, each under the names of the file and tests that it stands in, with what tap says of it. */
function failuresIn(stream: string): readonly string[] {
  const lines = stream.split('\n');
  const names: string[] = [];
  const found: string[] = [];
  for (const [index, line] of lines.entries()) {
    const depth = line.search(/\S/) / 4;
    const subtest = /^ *# Subtest: (.*)$/.exec(line)?.[1];
    if (subtest !== undefined) names.splice(depth, names.length, subtest);
    // A test or file (they have a time) that only passes a failure on says nothing new.
    if (!/^ *not ok/.test(line) || line.includes('# time=')) continue;
    const indent = `${' '.repeat(depth * 4)}  `;
    const end = lines.findIndex((each, at) => at > index && !each.startsWith(indent));
    found.push('', names.slice(0, depth).join(' > '), ...lines.slice(index, end).slice(0, 40));
  }
  return found;
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

if (import.meta.main) process.exitCode = runTests(process.argv.slice(2));
