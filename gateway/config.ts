import { access } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Type } from 'typebox';
import { CodedError } from '#contract/errors.ts';
import { readOptions } from '#contract/options.ts';
import type { ConfiguredPlugin } from './configured-plugin.ts';
import type { CastellanConfig, GatewaySettings } from './settings.ts';

/** Everything that a gateway was told, checked and frozen. Secrets in it are never logged. */
export interface GatewayConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** `--open`: every request has all rights and no claims are minted. Loopback only. */
  readonly open: boolean;
  readonly production: boolean;
  /** A file, or an http or https URL. */
  readonly supergraph: string;
  readonly trustProxy: boolean | string;
  readonly logLevel: (typeof logLevels)[number];
  /** `iss` of the claims. */
  readonly issuer: string;
  /** A private JWK or a JWK set as JSON; the first key signs. */
  readonly signingKey: string | undefined;
  readonly identityUrl: string | undefined;
  readonly identitySecret: string | undefined;
  /** Where a subgraph is called instead of its `routing_url`: by name, upper case, other characters as `_`. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly plugins: readonly ConfiguredPlugin[];
  readonly settings: GatewaySettings;
}

const logLevels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

const environmentSchema = Type.Object({
  HOST: Type.String({ minLength: 1, default: '127.0.0.1' }),
  PORT: Type.String({ default: '4000' }),
  TRUST_PROXY: Type.String({ default: 'false' }),
  LOG_LEVEL: Type.String({ default: 'info' }),
  CASTELLAN_ISSUER: Type.String({ minLength: 1, default: 'castellan' }),
});

export interface ConfigSource {
  readonly flags: {
    readonly port?: string | undefined;
    readonly host?: string | undefined;
    readonly open?: boolean | undefined;
    readonly supergraph?: string | undefined;
  };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly castellan: CastellanConfig;
}

/**
 * Puts flags, environment and castellan.config.ts together; a flag beats the environment.
 * @throws CodedError CONFIGURATION_INVALID for the first value that is not valid, naming it
 */
export function readConfig({ flags, env, castellan }: ConfigSource): GatewayConfig {
  const set = Object.fromEntries(
    Object.keys(environmentSchema.properties)
      .map((name) => [name, env[name]])
      // An empty variable is one that was not set.
      .filter(([, value]) => value !== undefined && value !== ''),
  );
  const { HOST, PORT, TRUST_PROXY, LOG_LEVEL, CASTELLAN_ISSUER } = readOptions(
    environmentSchema,
    set,
    'environment',
  );
  const host = flags.host ?? HOST;
  const open = flags.open ?? false;
  if (open && !isLoopback(host)) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `--open gives every request all rights, so it listens on loopback only, not on ${host}`,
    );
  }
  return Object.freeze({
    host,
    port: readPort(flags.port ?? PORT, flags.port === undefined ? 'PORT' : '--port'),
    open,
    production: env.NODE_ENV === 'production',
    supergraph: flags.supergraph ?? 'supergraph.graphql',
    trustProxy: TRUST_PROXY === 'true' ? true : TRUST_PROXY === 'false' ? false : TRUST_PROXY,
    logLevel: readLogLevel(LOG_LEVEL),
    issuer: CASTELLAN_ISSUER,
    signingKey: env.CASTELLAN_SIGNING_KEY || undefined,
    identityUrl: readUrl(env.IDENTITY_URL, 'IDENTITY_URL'),
    identitySecret: env.IDENTITY_SECRET || undefined,
    subgraphUrls: readSubgraphUrls(env),
    plugins: castellan.plugins,
    settings: castellan.settings,
  });
}

/** Loads castellan.config.ts. @throws CodedError CONFIGURATION_INVALID when it is missing or broken */
export async function loadCastellanConfig(file: string): Promise<CastellanConfig> {
  const place = path.basename(file);
  try {
    await access(file);
  } catch (error) {
    throw new CodedError('CONFIGURATION_INVALID', `${file} does not exist`, { cause: error });
  }
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CodedError('CONFIGURATION_INVALID', `${place}: ${reason}`, { cause: error });
  }
  const config = (loaded as { default?: Partial<CastellanConfig> }).default;
  if (!Array.isArray(config?.plugins) || config.settings === undefined) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `${place}: the default export must be made with defineConfig(…)`,
    );
  }
  return { plugins: config.plugins, settings: config.settings };
}

/** How CASTELLAN_SUBGRAPH_<NAME>_URL spells a subgraph's name. */
export function environmentNameOf(subgraph: string): string {
  return subgraph.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function readSubgraphUrls(env: ConfigSource['env']): Readonly<Record<string, string>> {
  const urls: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const subgraph = /^CASTELLAN_SUBGRAPH_(.+)_URL$/.exec(name)?.[1];
    const url = subgraph === undefined ? undefined : readUrl(value, name);
    if (subgraph !== undefined && url !== undefined) urls[subgraph] = url;
  }
  return Object.freeze(urls);
}

function readUrl(value: string | undefined, name: string): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) {
    throw new CodedError('CONFIGURATION_INVALID', `${name} must be an http or https URL`);
  }
  return value;
}

function readPort(value: string, name: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65_535)) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `${name} must be a port from 0 to 65535, not "${value}"`,
    );
  }
  return port;
}

function readLogLevel(value: string): GatewayConfig['logLevel'] {
  const level = logLevels.find((each) => each === value);
  if (level === undefined) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      `LOG_LEVEL must be one of ${logLevels.join(', ')}, not "${value}"`,
    );
  }
  return level;
}
