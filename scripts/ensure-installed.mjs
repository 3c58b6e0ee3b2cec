// Runs before every npm script: installs what package-lock.json names and node_modules does not hold.
// Whatever Node the machine has must be able to run this file (the Node we want may not be installed
// yet), so: no dependencies, no TypeScript, nothing younger than Node 18.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_NODE = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (!isInstalled()) install();
refuseOldNode();

/** Whether npm's own record of node_modules agrees with the lock file. */
function isInstalled() {
  const wanted = readJson('package-lock.json');
  const present = readJson('node_modules/.package-lock.json');
  if (wanted === null) fail('package-lock.json cannot be read');
  if (present === null) return false;
  // `npm ci --omit=dev` is a whole installation too: then none of them is there.
  const development = Object.values(present.packages).some((entry) => entry.dev);
  return Object.entries(wanted.packages).every(([path, entry]) => {
    if (path === '') return true;
    const found = present.packages[path];
    if (found) return found.version === entry.version && found.integrity === entry.integrity;
    // Optional packages are those of other platforms.
    return Boolean(entry.optional || entry.devOptional || (entry.dev && !development));
  });
}

function install() {
  process.stderr.write('Installing what is missing (npm ci), once…\n');
  // Not this very process' binary: it may lie in the node_modules that npm is about to remove.
  const node = process.env.npm_node_execpath || process.execPath;
  const npm = process.env.npm_execpath;
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const [file, args] = npm ? [node, [npm, ...flags]] : ['npm', flags];
  // What npm says goes to stderr: stdout belongs to the command that follows.
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) fail(`npm cannot be run: ${error.message}`);
  if (status !== 0) fail('npm ci did not succeed; its message stands above', status || 1);
}

function refuseOldNode() {
  const bundled = existsSync(join(root, 'node_modules/.bin/node'));
  if (bundled || Number(process.versions.node.split('.')[0]) >= NEEDED_NODE) return;
  fail(`Castellan needs Node ${NEEDED_NODE} or newer; this is ${process.version}`);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'));
  } catch {
    return null;
  }
}

function fail(message, status = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}
