import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import type {
  Credential,
  ForwardedRequest,
  ForwardedResponse,
  Identity,
  IdentityEvent,
  KeyAnswer,
  Resolution,
} from '#contract/identity.ts';
import type { KeyUse } from '#contract/key-use.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';

type OnEvent = (event: IdentityEvent) => void;
type OnReset = (sequence: number) => void;

/** An identity that keeps everyone in memory and counts what it is asked. */
export class MemoryIdentity implements Identity {
  readonly asked: Credential[] = [];
  readonly forwarded: ForwardedRequest[] = [];
  readonly reported: KeyUse[] = [];
  isDown = false;
  sequence = 0;
  answer: ForwardedResponse = { status: 200, headers: {}, body: Buffer.from('{}') };
  /** While set, answers wait for it: what they say was true when they were asked. */
  gate: Promise<void> | null = null;
  readonly #callers = new Map<string, Caller>();
  readonly #listeners = new Map<object, readonly [OnEvent, OnReset?]>();

  get listeners(): number {
    return this.#listeners.size;
  }

  add(text: string, caller: Partial<Caller> = {}): void {
    this.#callers.set(text, callerWith(caller));
  }

  /** Somebody's credential reaches this environment. */
  addIn(inEnvironment: string, text: string, caller: Partial<Caller> = {}): void {
    const place = { project: 'project_1', environment: inEnvironment, ...caller };
    this.#callers.set(`${text} in ${inEnvironment}`, callerWith(place));
  }

  remove(text: string): void {
    this.#callers.delete(text);
  }

  emit(touches: IdentityEvent['touches'], id: string): void {
    this.sequence += 1;
    for (const [onEvent] of this.#listeners.values()) {
      onEvent({ sequence: this.sequence, touches, id });
    }
  }

  reset(sequence: number): void {
    this.sequence = sequence;
    for (const [, onReset] of this.#listeners.values()) onReset?.(sequence);
  }

  async resolve(credential: Credential): Promise<Resolution> {
    this.asked.push(credential);
    const { text, inEnvironment } = credential;
    const somewhere = this.#callers.get(text);
    const caller =
      inEnvironment === undefined ? somewhere : this.#callers.get(`${text} in ${inEnvironment}`);
    const asOfSequence = this.sequence;
    await this.gate;
    if (this.isDown) throw new CodedError('IDENTITY_UNAVAILABLE');
    if (caller === undefined && somewhere !== undefined) {
      const { addresses } = somewhere;
      const elsewhere = { kind: 'elsewhere', ...(addresses && { addresses }) } as const;
      return { active: false, asOfSequence, elsewhere };
    }
    return caller === undefined
      ? { active: false, asOfSequence }
      : { active: true, caller, asOfSequence };
  }

  /** Everybody may know of every key. */
  async callerOfKey(id: string): Promise<KeyAnswer> {
    if (this.isDown) throw new CodedError('IDENTITY_UNAVAILABLE');
    const caller = [...this.#callers.values()].find(({ credentialId }) => credentialId === id);
    return caller === undefined ? { kind: 'unknown' } : { kind: 'works', caller };
  }

  async forward(request: ForwardedRequest): Promise<ForwardedResponse> {
    this.forwarded.push(request);
    if (this.isDown) throw new CodedError('IDENTITY_UNAVAILABLE');
    return this.answer;
  }

  async reportUse(uses: readonly KeyUse[]): Promise<void> {
    if (this.isDown) throw new CodedError('IDENTITY_UNAVAILABLE');
    this.reported.push(...uses);
  }

  subscribe(onEvent: OnEvent, onReset?: OnReset): () => void {
    const listener = {};
    this.#listeners.set(listener, onReset === undefined ? [onEvent] : [onEvent, onReset]);
    return () => this.#listeners.delete(listener);
  }

  get toldSequence(): number {
    return this.sequence;
  }

  async toldUpTo(sequence: number, _limitMs: number): Promise<boolean> {
    return this.sequence >= sequence;
  }

  async lease(): Promise<number> {
    if (this.isDown) throw new CodedError('IDENTITY_UNAVAILABLE');
    return this.sequence;
  }
}

/** A caller by key, with what a test says of them. */
export function callerWith(members: Partial<Caller> = {}): Caller {
  return Object.freeze({
    ...anonymousCaller,
    kind: 'key' as const,
    subject: 'user_1',
    credentialId: 'key_1',
    permissions: permissionsOf(['read:all']),
    ...members,
  });
}
