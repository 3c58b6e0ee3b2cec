import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { CodedError } from '#contract/errors.ts';
import { type CommandIo, defineCommand } from '../command.ts';
import type { LoadedSubgraph } from '../compose/compose-supergraph.ts';
import { loadSchema } from '../compose/load-schema.ts';
import { reportErrors, reportHints } from '../compose/report.ts';
import { readSupergraphConfig, type SubgraphConfig } from '../compose/supergraph-config.ts';
import { writeAtomically } from '../write-atomically.ts';

export const command = defineCommand({
  name: 'compose',
  summary: 'Composes supergraph.yaml into supergraph.graphql, offline',
  flags: {
    config: {
      type: 'string',
      value: 'FILE',
      description: "the list of subgraphs, in rover's format",
      default: 'supergraph.yaml',
    },
    output: {
      type: 'string',
      value: 'FILE',
      description: 'where the supergraph goes; beside the config unless told',
    },
    check: { type: 'boolean', description: 'writes nothing and fails when the file differs' },
  },
  async run(flags, io) {
    const config = resolve(io.cwd, flags.config);
    const output =
      flags.output === undefined
        ? join(dirname(config), 'supergraph.graphql')
        : resolve(io.cwd, flags.output);
    const { subgraphs, federationVersion } = readSupergraphConfig(config, io.env, io.cwd);
    const loaded = await loadAll(subgraphs, io.cwd);
    // Composition takes a moment to load: a mistake before it is told at once.
    const { composeSupergraph } = await import('../compose/compose-supergraph.ts');
    const composed = composeSupergraph(loaded, federationVersion);
    if (composed.kind === 'errors') {
      io.stderr.write(reportErrors(composed.errors));
      return 1;
    }
    io.stderr.write(reportHints(composed.hints));
    const name = relative(io.cwd, output);
    const before = await readFile(output, 'utf8').catch(() => null);
    if (flags.check) return check(before === composed.sdl, name, flags, io);
    // A gateway may be watching the file: what has not changed is not written.
    if (before !== composed.sdl) await write(output, name, composed.sdl);
    const names = subgraphs.map((subgraph) => subgraph.name).join(', ');
    io.stdout.write(`${name}  ${before === composed.sdl ? 'unchanged' : 'composed'} (${names})\n`);
    return 0;
  },
});

function check(
  same: boolean,
  name: string,
  flags: { readonly config: string; readonly output?: string | undefined },
  io: CommandIo,
): number {
  if (same) {
    io.stdout.write(`${name}  is what ${flags.config} composes to\n`);
    return 0;
  }
  const given = [
    ...(flags.config === 'supergraph.yaml' ? [] : ['--config', flags.config]),
    ...(flags.output === undefined ? [] : ['--output', flags.output]),
  ];
  const again = ['npm run compose', ...(given.length > 0 ? ['--', ...given] : [])].join(' ');
  io.stderr.write(`${name} is not what ${flags.config} composes to; run: ${again}\n`);
  return 1;
}

/** Reads all the schemas, and tells of all that cannot be read rather than of the first. */
async function loadAll(
  subgraphs: readonly SubgraphConfig[],
  cwd: string,
): Promise<LoadedSubgraph[]> {
  const outcomes = await Promise.allSettled(
    subgraphs.map(async (subgraph) => ({
      name: subgraph.name,
      routingUrl: subgraph.routingUrl,
      document: await loadSchema(subgraph, cwd),
    })),
  );
  const failures = outcomes.flatMap((o) => (o.status === 'rejected' ? [o.reason as unknown] : []));
  const unforeseen = failures.find((failure) => !(failure instanceof CodedError));
  if (unforeseen !== undefined) throw unforeseen;
  if (failures.length > 0) {
    const messages = failures.map((failure) => (failure as CodedError).message);
    throw new CodedError('SUPERGRAPH_CONFIG_INVALID', messages.join('\n'));
  }
  return outcomes.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : []));
}

async function write(output: string, name: string, sdl: string): Promise<void> {
  try {
    await writeAtomically(output, sdl);
  } catch (cause) {
    const message = `${name} cannot be written: ${(cause as Error).message}`;
    throw new CodedError('CONFIGURATION_INVALID', message, { cause });
  }
}
