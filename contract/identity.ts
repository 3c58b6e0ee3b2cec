import type { Caller } from './caller.ts';
import type { KeyUse } from './key-use.ts';

/**
 * A credential as it was presented. `text` is the secret itself: never log it, never use it as a cache key.
 * `environment` is all that somebody without any has: the id, no secret, of the environment whose public rights are
 * theirs; its caller is anonymous.
 * `inEnvironment` is what a request says of where it means to be: the id of an environment, or the name of one in the
 * project of the credential. `inProject` is the same of a project, by its id or name; without an environment it is
 * `master`, or the oldest one that the credential reaches. Its caller is there, or is none.
 * Of an `environment`, `inProject` is the id of its project, and its text may be its name in that project as well.
 * `jwt` and `opaque` are tokens of outside issuers, which an identity of ours knows nothing of.
 */
export interface Credential {
  readonly kind: 'key' | 'session' | 'environment' | 'jwt' | 'opaque';
  readonly text: string;
  readonly inEnvironment?: string;
  readonly inProject?: string;
}

/** Where a request means to be. */
export type AskedPlace = Pick<Credential, 'inEnvironment' | 'inProject'>;

/** The header in which a client says in which environment a request is. */
export const ENVIRONMENT_HEADER = 'castellan-environment';

/**
 * A credential that holds, but reaches no environment or project such as was asked for: one that is not there, or somebody
 * else's. `addresses` are those of `Caller`: from another address not even this is told.
 */
export interface Elsewhere {
  readonly kind: 'elsewhere';
  readonly addresses?: readonly string[];
}

/**
 * What identity says of a credential: whose it is, or that it is nobody's (unknown, expired, revoked).
 * `asOfSequence` is the last identity event that was certainly seen.
 * `believedForMs` is how long the answer holds from the moment of asking, where it can only end with its time: nobody
 * needs to ask again before. Without it whoever asked decides.
 */
export type Resolution =
  | {
      readonly active: true;
      readonly caller: Caller;
      readonly asOfSequence: number;
      readonly believedForMs?: number;
    }
  | {
      readonly active: false;
      readonly asOfSequence: number;
      /** Only for a credential with `inEnvironment` or `inProject`. */
      readonly elsewhere?: Elsewhere;
    };

/** Why a key that somebody may know of lets nobody in; UNUSABLE when its owner, or all that it is bound to, is gone. */
export const endedKeyStatuses = [
  'EXPIRED',
  'REVOKED',
  'DISABLED',
  'QUARANTINED',
  'UNUSABLE',
] as const;

export type EndedKeyStatus = (typeof endedKeyStatuses)[number];

/**
 * What identity says of a key by its id, to somebody: who presents it is this caller, or it lets nobody in. `unknown`
 * is one that there is not, and one that is not theirs to know of.
 */
export type KeyAnswer =
  | { readonly kind: 'works'; readonly caller: Caller }
  | { readonly kind: 'ended'; readonly status: EndedKeyStatus }
  | { readonly kind: 'unknown' };

/** What an event is about: all callers with this credential, subject, organization, project or environment. */
export const touchable = [
  'credential',
  'subject',
  'organization',
  'project',
  'environment',
] as const;

/** Something changed about a credential, a person or a policy: what is known of them must be asked again. */
export interface IdentityEvent {
  readonly sequence: number;
  readonly touches: (typeof touchable)[number];
  readonly id: string;
}

/** An HTTP exchange that a gateway passes on to identity unread (`/api/auth/*`). */
export interface ForwardedRequest {
  readonly method: string;
  /** Path and query, from the leading slash. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface ForwardedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array;
}

/**
 * The port between whoever guards a door and the identity that knows everyone.
 * One implementation runs in this process, another asks a service over HTTP.
 */
export interface Identity {
  /**
   * Whose credential this is. It settles only on an answer from the store.
   * @throws CodedError IDENTITY_UNAVAILABLE when the store or the service cannot be asked
   */
  resolve(credential: Credential): Promise<Resolution>;
  /**
   * Who a key lets in at this moment, without its text: for its owner, and for whoever governs its organization.
   * What it says is for looking at, and lets nobody in.
   * @param asker who wants to know
   * @throws CodedError IDENTITY_UNAVAILABLE
   */
  callerOfKey(id: string, asker: Caller): Promise<KeyAnswer>;
  /** Passes a sign-up, sign-in or sign-out on. @throws CodedError IDENTITY_UNAVAILABLE */
  forward(request: ForwardedRequest): Promise<ForwardedResponse>;
  /**
   * Tells how keys were used. What is told twice counts twice, so that it is never sent again: a report that is
   * lost is lost. What it says of keys that are not there is passed over.
   * @param uses at most MAX_KEY_USES
   * @throws CodedError IDENTITY_UNAVAILABLE
   */
  reportUse(uses: readonly KeyUse[]): Promise<void>;
  /**
   * Calls `listener` for every event, in order; a change that was made in this process before it is answered.
   * `onReset` is called where events may be missing: all that is remembered of callers must be asked again, and
   * what is asked from then on is known as of this number. Returns the way to stop.
   */
  subscribe(
    listener: (event: IdentityEvent) => void,
    onReset?: (sequence: number) => void,
  ): () => void;
  /** The number up to which listeners have been told everything; below 0 while they cannot be told anything. */
  readonly toldSequence: number;
  /** Settles when listeners have been told up to this number, with false when that takes longer than `limitMs`. */
  toldUpTo(sequence: number, limitMs: number): Promise<boolean>;
  /**
   * The number of the last event, read from the store for this call: whoever has been told up to it knew
   * everything at the moment of the call.
   * @throws CodedError IDENTITY_UNAVAILABLE
   */
  lease(): Promise<number>;
}

/** The header in which identity says with which event what it has just changed can be heard of. */
export const SEQUENCE_HEADER = 'castellan-sequence';

/** The number in such a header; null when there is none. */
export function readSequence(header: unknown): number | null {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : null;
}

/** The name of the session cookie; browsers accept the second only over HTTPS. */
export const SESSION_COOKIE = 'castellan.session_token';
export const SECURE_SESSION_COOKIE = `__Secure-${SESSION_COOKIE}`;

/** Whether `text` is shaped like a session of ours: 32 characters, a dot, and 32 bytes of HMAC in base64. */
export function isSessionShaped(text: string): boolean {
  return /^[0-9A-Za-z]{32}\.[0-9A-Za-z+/]{43}=$/.test(text);
}
