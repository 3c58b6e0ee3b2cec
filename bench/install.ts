import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * Installs what `bench/package-lock.json` names, if it is not there yet.
 * @throws Error when npm fails, or when a package that the root has too is of another version here
 */
export function install(): void {
  const here = readJson('package.json').dependencies ?? {};
  const root = readJson('../package.json').dependencies ?? {};
  for (const [name, version] of Object.entries(here)) {
    if (name in root && root[name] !== version) {
      throw new Error(
        `bench has ${name} ${version}, the gateway ${root[name]}: make them the same`,
      );
    }
  }
  if (isInstalled()) return;
  process.stderr.write('Installing the gateways to compare with (npm ci in bench/), once…\n');
  // What npm says goes to stderr: stdout is for the results.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('npm ci in bench/ failed; its message stands above');
}

/** Whether npm's own record of node_modules agrees with the lock file. */
function isInstalled(): boolean {
  let present: PackageFile;
  try {
    present = readJson('node_modules/.package-lock.json');
  } catch {
    return false; // Never installed, or not to its end.
  }
  return Object.entries(readJson('package-lock.json').packages ?? {}).every(
    ([path, { version, optional }]) =>
      path === '' || optional === true || present.packages?.[path]?.version === version,
  );
}

interface PackageFile {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly packages?: Readonly<
    Record<string, { readonly version?: string; readonly optional?: boolean }>
  >;
}

function readJson(path: string): PackageFile {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as PackageFile;
}
