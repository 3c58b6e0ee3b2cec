import {
  compilePluginSubgraph,
  type ExecutableSubgraph,
  type PluginSubgraph,
} from './plugin-subgraph.ts';

/** The subgraphs that plugins of one gateway answer. */
export interface PluginSubgraphs {
  readonly byName: ReadonlyMap<string, ExecutableSubgraph>;
  /** @throws CodedError CONFIGURATION_INVALID, TypeError for a second one of a name, and for one that comes too late */
  readonly add: (subgraph: PluginSubgraph) => void;
  /** No more come: subgraphs are about to be connected. */
  readonly close: () => void;
}

export function createPluginSubgraphs(): PluginSubgraphs {
  const byName = new Map<string, ExecutableSubgraph>();
  let isClosed = false;
  return {
    byName,
    add(subgraph) {
      const { name } = subgraph;
      if (isClosed) throw new TypeError(`the subgraph "${name}" is added after plugins registered`);
      if (byName.has(name)) throw new TypeError(`there is a plugin's subgraph "${name}" already`);
      byName.set(name, compilePluginSubgraph(subgraph));
    },
    close() {
      isClosed = true;
    },
  };
}
