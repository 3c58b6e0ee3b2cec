import type { CodedError } from '#contract/errors.ts';
import { toClientName } from '../operation/private-names.ts';
import { type AnswerError, AnswerErrors } from './answer-errors.ts';
import type {
  Deferral,
  DeferredPart,
  DeferredShape,
  DeliveredPart,
  PartPlace,
} from './deferred-shape.ts';
import { type ResponsePath, visitPlaces } from './entities.ts';
import type { Execution } from './execution.ts';
import { createIncrementalWriter, type DeferFormat } from './incremental-writer.ts';
import type { JsonObject } from './json.ts';
import { Mailbox } from './mailbox.ts';
import { addHookErrors, type Run } from './run-operation.ts';

/**
 * Runs an operation whose answer comes in parts: first the initial payload, then each other one when it is
 * there. A part is fetched as soon as what it needs has come, and told when the part that it stands in has been.
 *
 * Whoever reads the payloads calls `leave` at the end. `end` ends them before their time: reading them throws.
 */
export async function runDeferred(
  run: Run,
  shape: DeferredShape,
  format: DeferFormat,
): Promise<{
  readonly payloads: AsyncGenerator<string>;
  readonly leave: () => void;
  readonly end: (reason: CodedError) => void;
}> {
  const deferral = await shape.draw();
  const answer = new DeferredAnswer(run, shape, deferral);
  return {
    payloads: answer.run(format),
    leave: () => answer.leave(),
    end: (reason) => answer.end(reason),
  };
}

type Message = { readonly kind: 'arrived'; readonly part: RunningPart } | { readonly kind: 'left' };

/** A part while it is being fetched, and when it waits to be told. */
interface RunningPart {
  readonly part: DeferredPart;
  readonly errors: AnswerErrors;
  readonly parent: RunningPart | null;
  /** What fetching it threw: a mistake of ours, as subgraphs' errors are part of the answer. */
  failure: unknown;
  hasArrived: boolean;
  /** Where it will be told; null until the part that it stands in was. */
  places: readonly PartPlace[] | null;
}

class DeferredAnswer {
  readonly #shape: DeferredShape;
  readonly #deferral: Deferral;
  readonly #execution: Execution;
  readonly #mailbox = new Mailbox<Message>();
  readonly #fetched = new Map<string, PromiseWithResolvers<void>>();
  readonly #parts: RunningPart[] = [];
  #hasLeft = false;
  #endedBy: CodedError | null = null;

  constructor(run: Run, shape: DeferredShape, deferral: Deferral) {
    this.#shape = shape;
    this.#deferral = deferral;
    this.#execution = {
      ...run,
      data: {},
      errors: new AnswerErrors(),
      shared: new Set(),
      onFetched: (id) => this.#fetchOf(id).resolve(),
    };
  }

  leave(): void {
    this.#hasLeft = true;
    this.#mailbox.send({ kind: 'left' });
  }

  end(reason: CodedError): void {
    this.#endedBy ??= reason;
    this.leave();
  }

  async *run(format: DeferFormat): AsyncGenerator<string> {
    const writer = createIncrementalWriter(format);
    const { data, errors, shared, context } = this.#execution;
    const initial = this.#deferral.initial(this.#execution);
    for (const part of this.#shape.parts) this.#start(part, null, initial);
    await initial;
    this.#throwIfEnded();
    const text = this.#shape.project(data, errors, shared);
    addHookErrors(errors, context);
    const delivered = errors.list.length === 0 ? null : new DeliveredData([{ path: [], text }]);
    const announced = this.#announce(null, delivered);
    yield writer.initial(text, errors.list, announced, this.#hasMore());

    while (this.#hasMore()) {
      const ready = this.#takeReady();
      this.#throwIfEnded();
      if (this.#hasLeft) return;
      if (ready.length === 0) {
        const message = await this.#mailbox.next();
        if (message.kind === 'arrived') message.part.hasArrived = true;
        continue;
      }
      const told = ready.map((running) => this.#tell(running));
      const parts = told.flatMap((each) => each.delivered);
      const next = told.flatMap((each) => each.announced);
      yield writer.subsequent(parts, next, this.#hasMore());
    }
  }

  #throwIfEnded(): void {
    if (this.#endedBy !== null) throw this.#endedBy;
  }

  #hasMore(): boolean {
    return this.#parts.length > 0;
  }

  #fetchOf(id: string): PromiseWithResolvers<void> {
    let fetch = this.#fetched.get(id);
    if (fetch === undefined) {
      fetch = Promise.withResolvers();
      this.#fetched.set(id, fetch);
    }
    return fetch;
  }

  /** Fetches a part, and those within it; `before` is when the part that it stands in is there. */
  #start(part: DeferredPart, parent: RunningPart | null, before: Promise<void>): void {
    const errors = new AnswerErrors();
    const fetched = this.#fetch(part, errors, parent, before);
    const running: RunningPart = {
      part,
      errors,
      parent,
      failure: null,
      hasArrived: false,
      places: null,
    };
    this.#parts.push(running);
    fetched.then(
      () => this.#mailbox.send({ kind: 'arrived', part: running }),
      (error: unknown) => {
        running.failure = error;
        this.#mailbox.send({ kind: 'arrived', part: running });
      },
    );
    for (const nested of part.parts) this.#start(nested, running, fetched);
  }

  async #fetch(
    part: DeferredPart,
    errors: AnswerErrors,
    parent: RunningPart | null,
    before: Promise<void>,
  ): Promise<void> {
    const { steps, fetchIds } = this.#deferral;
    const step = steps.get(part.id);
    if (step === undefined) return;
    await Promise.all(
      step.after.map((id) => (fetchIds.has(id) ? this.#fetchOf(id).promise : before)),
    );
    if (this.#hasLeft) return;
    errors.inherit((parent ?? this.#execution).errors);
    await step.run({ ...this.#execution, errors });
  }

  /** Says where the parts in one that was told will be told; those that have no place are no longer waited for. */
  #announce(parent: RunningPart | null, delivered: DeliveredData | null): PartPlace[] {
    const announced: PartPlace[] = [];
    for (const running of [...this.#parts]) {
      if (running.parent !== parent || running.places !== null) continue;
      const { part } = running;
      const places: PartPlace[] = [];
      visitPlaces(this.#execution.data, part.path, this.#shape.types, (_, trail) => {
        const path = trail.map(toClientSegment);
        if (delivered?.has(path) ?? true) places.push({ part, path });
      });
      running.places = places;
      if (places.length === 0) this.#drop(running);
      announced.push(...places);
    }
    return announced;
  }

  #drop(dropped: RunningPart): void {
    for (const each of [...this.#parts]) if (each.parent === dropped) this.#drop(each);
    this.#parts.splice(this.#parts.indexOf(dropped), 1);
  }

  #takeReady(): RunningPart[] {
    for (const message of this.#mailbox.takeAll()) {
      if (message.kind === 'arrived') message.part.hasArrived = true;
    }
    return this.#parts.filter((each) => each.hasArrived && each.places !== null);
  }

  #tell(running: RunningPart): {
    readonly delivered: readonly DeliveredPart[];
    readonly announced: readonly PartPlace[];
  } {
    if (running.failure !== null) throw running.failure;
    const { part, errors, parent } = running;
    const places = running.places ?? [];
    errors.inherit((parent ?? this.#execution).errors);
    const objects = new Map<string, JsonObject>();
    visitPlaces(this.#execution.data, part.path, this.#shape.types, (object, trail) => {
      objects.set(keyOf(trail.map(toClientSegment)), object);
    });
    const texts = places.map(({ path }) => {
      const object = objects.get(keyOf(path));
      return object === undefined ? null : part.write(object, path, errors, this.#execution.shared);
    });
    const told = errorsByPlace(places, errors.list);
    const delivered = places.map(
      (place, index): DeliveredPart => ({
        ...place,
        text: texts[index] ?? null,
        errors: told[index] ?? [],
      }),
    );
    this.#parts.splice(this.#parts.indexOf(running), 1);
    const isWhole = errors.list.length === 0;
    const announced = this.#announce(running, isWhole ? null : new DeliveredData(delivered));
    return { delivered, announced };
  }
}

/** What a client has been given, as texts of objects at paths. */
class DeliveredData {
  readonly #texts: ReadonlyMap<string, string | null>;
  readonly #parsed = new Map<string, unknown>();

  constructor(objects: readonly { readonly path: ResponsePath; readonly text: string | null }[]) {
    this.#texts = new Map(objects.map(({ path, text }) => [keyOf(path), text]));
  }

  /** Whether the client has got an object at `path`. */
  has(path: ResponsePath): boolean {
    for (let length = path.length; length >= 0; length -= 1) {
      const key = keyOf(path.slice(0, length));
      const text = this.#texts.get(key);
      if (text === undefined) continue;
      if (text === null) return false;
      if (!this.#parsed.has(key)) this.#parsed.set(key, JSON.parse(text));
      return isObjectAt(this.#parsed.get(key), path.slice(length));
    }
    return false;
  }
}

function isObjectAt(root: unknown, path: ResponsePath): boolean {
  let value = root;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return typeof value === 'object' && value !== null;
}

/** The errors that belong to each place; those that belong to none are told at the first one. */
function errorsByPlace(
  places: readonly PartPlace[],
  errors: readonly AnswerError[],
): readonly (readonly AnswerError[])[] {
  const told: AnswerError[][] = places.map(() => []);
  if (errors.length === 0) return told;
  const indices = new Map(places.map(({ path }, index) => [keyOf(path), index]));
  for (const error of errors) {
    const path = error.path ?? [];
    let index = 0;
    for (let length = path.length; length > 0; length -= 1) {
      const known = indices.get(keyOf(path.slice(0, length)));
      if (known === undefined) continue;
      index = known;
      break;
    }
    told[index]?.push(error);
  }
  return told;
}

function keyOf(path: ResponsePath): string {
  return JSON.stringify(path);
}

function toClientSegment(segment: string | number): string | number {
  return typeof segment === 'string' ? toClientName(segment) : segment;
}
