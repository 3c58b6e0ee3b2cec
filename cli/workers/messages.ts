import type { WorkerAnswer } from '#gateway/worker-group.ts';
import type { GatewayFlags } from '../prepare-gateway.ts';

/** What a worker is made with. */
export interface WorkerStart {
  /** Its number, from 1; one that takes another's place has the same. */
  readonly number: number;
  readonly flags: GatewayFlags;
  /** What errors and logs call the source of supergraphs. */
  readonly place: string;
  readonly supergraph: SupergraphText;
  /** The last that its predecessor answered, by topic. */
  readonly inherited: ReadonlyMap<string, unknown>;
}

/** A supergraph as the primary has read it. */
export interface SupergraphText {
  /** Counts what the source has brought since the start. */
  readonly version: number;
  readonly sdl: string;
}

/** What the primary says to a worker. Nothing but `start` before the worker is `ready`. */
export type ToWorker =
  | { readonly type: 'start'; readonly start: WorkerStart }
  | { readonly type: 'listen'; readonly port: number }
  | { readonly type: 'supergraph'; readonly id: number; readonly sdl: string }
  | { readonly type: 'ask'; readonly id: number; readonly topic: string }
  | { readonly type: 'collected'; readonly id: number; readonly answers: readonly WorkerAnswer[] }
  | { readonly type: 'ping' }
  | { readonly type: 'stop' };

/** What a worker says to the primary. */
export type ToPrimary =
  /** It could listen now. */
  | { readonly type: 'ready' }
  | { readonly type: 'serving'; readonly port: number }
  /** It cannot serve, and ends. `code` is that of a coded error. */
  | { readonly type: 'failed'; readonly code: string | null; readonly message: string }
  /** To `supergraph`. */
  | { readonly type: 'replaced'; readonly id: number; readonly isServed: boolean }
  /** To `ping`. `isDebugged` is whether its inspector is open. */
  | { readonly type: 'pong'; readonly isDebugged: boolean }
  /** To `ask`. */
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'collect'; readonly id: number; readonly topic: string };
