import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModule } from '../processes.ts';

/** The running subgraphs and the supergraph that they compose to. */
export interface Graph {
  readonly folder: string;
  readonly supergraphFile: string;
  readonly urls: Readonly<Record<string, string>>;
  /** Removes the folder; processes are stopped by `stopAll`. */
  remove(): Promise<void>;
}

export async function startGraph(): Promise<Graph> {
  const subgraphs = startModule(import.meta.resolve('./serve-subgraphs.ts'));
  // What serve-subgraphs.ts sends.
  const { urls, supergraphSdl } = (await subgraphs.ask({})) as {
    urls: Readonly<Record<string, string>>;
    supergraphSdl: string;
  };
  const folder = await mkdtemp(join(tmpdir(), 'castellan-bench-'));
  const supergraphFile = join(folder, 'supergraph.graphql');
  await writeFile(supergraphFile, supergraphSdl);
  return { folder, supergraphFile, urls, remove: () => rm(folder, { recursive: true }) };
}
