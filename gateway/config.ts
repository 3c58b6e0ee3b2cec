import type { LevelWithSilent } from 'pino';
import type { ConfiguredPlugin } from './plugin.ts';

/** Everything that a gateway was told, checked and frozen. Secrets in it are never logged. */
export interface GatewayConfig {
  readonly host: string;
  readonly port: number;
  /** `--open`: every request has all rights and no claims are minted. Loopback only. */
  readonly open: boolean;
  readonly production: boolean;
  readonly supergraphFile: string;
  readonly trustProxy: boolean | string;
  readonly logLevel: LevelWithSilent;
  /** `iss` of the claims. */
  readonly issuer: string;
  /** A private JWK or a JWK set as JSON; the first key signs. */
  readonly signingKey: string | undefined;
  readonly identityUrl: string | undefined;
  readonly identitySecret: string | undefined;
  /** Where a subgraph is called instead of its `routing_url`, by name. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  readonly plugins: readonly ConfiguredPlugin[];
}
