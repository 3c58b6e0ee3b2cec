import type { FastifyInstance } from 'fastify';

/** A plugin and its checked options, as a line of castellan.config.ts. */
export interface ConfiguredPlugin {
  readonly name: string;
  /** Names of plugins that must stand before this one. */
  readonly dependsOn: readonly string[];
  register(app: FastifyInstance): void | Promise<void>;
}
