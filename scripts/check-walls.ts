import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { ICruiseResult, IFlattenedRuleSet, IModule } from 'dependency-cruiser';
import { cruise } from 'dependency-cruiser';
import { teachSwcUsing } from './teach-swc-using.ts';

const folders = [
  'bench',
  'cli',
  'contract',
  'dashboard',
  'gateway',
  'plugins',
  'scripts',
  'subgraphs',
  'test',
];

teachSwcUsing();

/** What was found: broken walls, and what the reader of imports failed to see. */
export interface WallsReport {
  readonly modules: number;
  readonly imports: number;
  /** `rule: from → to`, or `rule: a → b → a` for a cycle. */
  readonly broken: readonly string[];
  /** Files and imports that are there but were not read: a wall that sees nothing holds nothing. */
  readonly unseen: readonly string[];
}

/** Holds the tree under `baseDir` against the walls of `.dependency-cruiser.cjs`. */
export async function checkWalls(baseDir: string): Promise<WallsReport> {
  const files = sourceFiles(baseDir);
  if (files.length === 0) {
    return { modules: 0, imports: 0, broken: [], unseen: [`no TypeScript file in ${baseDir}`] };
  }
  const { options, forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
  const ruleSet: IFlattenedRuleSet = { forbidden };
  const { enhancedResolveOptions, ...rest } = options;
  const { output } = await cruise(
    files,
    { ...rest, baseDir, ruleSet, validate: true },
    enhancedResolveOptions,
  );
  if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with text');
  return reportOf(output, files, baseDir);
}

function sourceFiles(baseDir: string): string[] {
  const patterns = ['*.ts', ...folders.map((folder) => `${folder}/**/*.ts`)];
  return globSync(patterns, {
    cwd: baseDir,
    exclude: (path) => /(^|\/)node_modules$/.test(path),
  }).sort();
}

function reportOf(output: ICruiseResult, files: readonly string[], baseDir: string): WallsReport {
  const modules = new Map(output.modules.map((module) => [module.source, module]));
  const broken = output.summary.violations.map(({ rule, from, to, cycle }) => {
    const path = cycle === undefined ? [from, to] : [from, ...cycle.map(({ name }) => name)];
    return `${rule.name}: ${path.join(' → ')}`;
  });
  return {
    modules: files.filter((file) => modules.has(file)).length,
    imports: output.summary.totalDependenciesCruised ?? 0,
    broken: [...new Set(broken)].sort(),
    unseen: files.flatMap((file) => unseenIn(file, modules.get(file), baseDir)),
  };
}

/** A second, much simpler reader: whatever it finds, the real one must have found as well. */
function unseenIn(file: string, module: IModule | undefined, baseDir: string): string[] {
  if (module === undefined) return [file];
  const seen = new Set(module.dependencies.map((found) => found.module.replace(/^node:/, '')));
  const text = readFileSync(join(baseDir, file), 'utf8');
  const written = [
    ...text.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom\s+'([^']+)'/gm),
    ...text.matchAll(/^import\s+'([^']+)'/gm),
    ...text.matchAll(/^[^*'"`/]*\bimport\('([^']+)'\)/gm),
  ].map(([, specifier]) => (specifier ?? '').replace(/^node:/, ''));
  return written.filter((name) => !seen.has(name)).map((name) => `${file}: ${name}`);
}

async function main(): Promise<number> {
  const baseDir = resolve(import.meta.dirname, '..');
  const { modules, imports, broken, unseen } = await checkWalls(baseDir);
  for (const line of broken) console.error(`broken wall  ${line}`);
  for (const line of unseen) console.error(`not read     ${line}`);
  if (imports === 0) console.error('not read     any import at all');
  console.log(`walls: ${modules} modules, ${imports} imports, ${broken.length} broken`);
  return broken.length + unseen.length === 0 && imports > 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
