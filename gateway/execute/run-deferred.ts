import type { CodedError } from '#contract/errors.ts';
import { toClientName } from '../operation/private-names.ts';
import { AnswerErrors } from './answer-errors.ts';
import type {
  Deferral,
  DeferredPart,
  DeferredShape,
  DeliveredPart,
  PartPlace,
} from './deferred-shape.ts';
import { DeliveredData, errorsByPlace, keyOf } from './delivered-data.ts';
import { visitPlaces } from './entities.ts';
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
  /** Settles when it was fetched, or could not be. */
  readonly over: Promise<void>;
  /** Where there is something of it to tell; null until that is known. */
  found: readonly PartPlace[] | null;
  /** Whether what stands in it is told with it, as there would be too many payloads. */
  isWhole: boolean | null;
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
  /** How many there are room for is taken from it as soon as it is known that they are told for themselves. */
  #payloadsLeft: number;
  #hasLeft = false;
  #endedBy: CodedError | null = null;

  constructor(run: Run, shape: DeferredShape, deferral: Deferral) {
    this.#shape = shape;
    this.#deferral = deferral;
    this.#payloadsLeft = shape.maxPayloads;
    this.#execution = {
      ...run,
      data: {},
      errors: new AnswerErrors(run.access?.denials),
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
    let { project } = this.#shape;
    if (this.#isTooMuchBelow(null)) {
      await Promise.all(this.#parts.map(({ over }) => over));
      this.#takeIn(null, errors);
      project = this.#shape.projectWhole();
    }
    this.#throwIfEnded();
    const text = project(data, errors, shared);
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
    const errors = new AnswerErrors(this.#execution.access?.denials);
    const fetched = this.#fetch(part, errors, parent, before);
    const running: RunningPart = {
      part,
      errors,
      parent,
      failure: null,
      hasArrived: false,
      over: fetched.then(
        () => this.#mailbox.send({ kind: 'arrived', part: running }),
        (error: unknown) => {
          running.failure = error;
          this.#mailbox.send({ kind: 'arrived', part: running });
        },
      ),
      found: null,
      isWhole: null,
      places: null,
    };
    this.#parts.push(running);
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
      const found = this.#find(running);
      const places = delivered === null ? found : found.filter(({ path }) => delivered.has(path));
      running.places = places;
      if (places.length === 0) this.#drop(running);
      announced.push(...places);
    }
    return announced;
  }

  #find(running: RunningPart): readonly PartPlace[] {
    if (running.found !== null) return running.found;
    const { part } = running;
    const found: PartPlace[] = [];
    visitPlaces(this.#execution.data, part.path, this.#shape.types, (_, trail) => {
      found.push({ part, path: trail.map(toClientSegment) });
    });
    running.found = found;
    return found;
  }

  /** Whether the parts that stand in one that is about to be told would make too many payloads. Asked once for each. */
  #isTooMuchBelow(parent: RunningPart | null): boolean {
    let payloads = 0;
    for (const running of this.#parts) {
      if (running.parent === parent) payloads += this.#find(running).length;
    }
    if (payloads > this.#payloadsLeft) return true;
    this.#payloadsLeft -= payloads;
    return false;
  }

  /** Everything that stands in a part is told with it, errors included. */
  #takeIn(parent: RunningPart | null, errors: AnswerErrors): void {
    for (const running of this.#parts.filter((each) => each.parent === parent)) {
      if (running.failure !== null) throw running.failure;
      errors.inherit(running.errors);
      for (const error of running.errors.list) errors.add(error);
      this.#takeIn(running, errors);
      this.#parts.splice(this.#parts.indexOf(running), 1);
    }
  }

  #drop(dropped: RunningPart): void {
    for (const each of [...this.#parts]) if (each.parent === dropped) this.#drop(each);
    this.#parts.splice(this.#parts.indexOf(dropped), 1);
  }

  #takeReady(): RunningPart[] {
    for (const message of this.#mailbox.takeAll()) {
      if (message.kind === 'arrived') message.part.hasArrived = true;
    }
    return this.#parts.filter((each) => {
      if (!each.hasArrived || each.places === null) return false;
      each.isWhole ??= this.#isTooMuchBelow(each);
      return !each.isWhole || this.#hasAllOf(each);
    });
  }

  #hasAllOf(parent: RunningPart): boolean {
    return this.#parts.every(
      (each) => each.parent !== parent || (each.hasArrived && this.#hasAllOf(each)),
    );
  }

  #tell(running: RunningPart): {
    readonly delivered: readonly DeliveredPart[];
    readonly announced: readonly PartPlace[];
  } {
    if (running.failure !== null) throw running.failure;
    const { part, errors, parent } = running;
    const places = running.places ?? [];
    errors.inherit((parent ?? this.#execution).errors);
    let { write } = part;
    if (running.isWhole) {
      this.#takeIn(running, errors);
      write = part.writeWhole();
    }
    const objects = new Map<string, JsonObject>();
    visitPlaces(this.#execution.data, part.path, this.#shape.types, (object, trail) => {
      objects.set(keyOf(trail.map(toClientSegment)), object);
    });
    const texts = places.map(({ path }) => {
      const object = objects.get(keyOf(path));
      return object === undefined ? null : write(object, path, errors, this.#execution.shared);
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

function toClientSegment(segment: string | number): string | number {
  return typeof segment === 'string' ? toClientName(segment) : segment;
}
