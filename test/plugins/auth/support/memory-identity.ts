import { anonymousCaller, type Caller } from '#contract/caller.ts';
import { CodedError } from '#contract/errors.ts';
import type {
  Credential,
  ForwardedRequest,
  ForwardedResponse,
  Identity,
  IdentityEvent,
  Resolution,
} from '#contract/identity.ts';
import type { KeyUse } from '#contract/key-use.ts';
import { permissionsOf } from '#contract/permissions/scope.ts';

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
  readonly #listeners = new Set<(event: IdentityEvent) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  add(text: string, caller: Partial<Caller> = {}): void {
    this.#callers.set(text, callerWith(caller));
  }

  remove(text: string): void {
    this.#callers.delete(text);
  }

  emit(touches: IdentityEvent['touches'], id: string): void {
    this.sequence += 1;
    for (const listener of this.#listeners) listener({ sequence: this.sequence, touches, id });
  }

  async resolve(credential: Credential): Promise<Resolution> {
    this.asked.push(credential);
    const caller = this.#callers.get(credential.text);
    const asOfSequence = this.sequence;
    await this.gate;
    if (this.isDown) throw new CodedError('IDENTITY_UNAVAILABLE');
    return caller === undefined
      ? { active: false, asOfSequence }
      : { active: true, caller, asOfSequence };
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

  subscribe(listener: (event: IdentityEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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
