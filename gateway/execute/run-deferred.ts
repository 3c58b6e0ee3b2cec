import { toClientName } from '../operation/private-names.ts';
import { AnswerErrors } from './answer-errors.ts';
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
 * Whoever reads the payloads calls `leave` at the end.
 */
export async function runDeferred(
  run: Run,
  shape: DeferredShape,
  format: DeferFormat,
): Promise<{ readonly payloads: AsyncGenerator<string>; readonly leave: () => void }> {
  const deferral = await shape.draw();
  const answer = new DeferredAnswer(run, shape, deferral);
  return { payloads: answer.run(format), leave: () => answer.leave() };
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

  async *run(format: DeferFormat): AsyncGenerator<string> {
    const writer = createIncrementalWriter(format);
    const { data, errors, shared, context } = this.#execution;
    const initial = this.#deferral.initial(this.#execution);
    for (const part of this.#shape.parts) this.#start(part, null, initial);
    await initial;
    const text = this.#shape.project(data, errors, shared);
    addHookErrors(errors, context);
    const delivered = errors.list.length === 0 ? null : [{ path: [], data: JSON.parse(text) }];
    const announced = this.#announce(null, delivered);
    yield writer.initial(text, errors.list, announced, this.#hasMore());

    while (this.#hasMore()) {
      const ready = this.#takeReady();
      if (ready.length === 0) {
        const message = await this.#mailbox.next();
        if (message.kind === 'left') return;
        message.part.hasArrived = true;
        continue;
      }
      const told = ready.map((running) => this.#tell(running));
      const parts = told.flatMap((each) => each.delivered);
      const next = told.flatMap((each) => each.announced);
      yield writer.subsequent(parts, next, this.#hasMore());
    }
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
  #announce(parent: RunningPart | null, delivered: readonly Delivered[] | null): PartPlace[] {
    const announced: PartPlace[] = [];
    for (const running of [...this.#parts]) {
      if (running.parent !== parent || running.places !== null) continue;
      const { part } = running;
      const places: PartPlace[] = [];
      visitPlaces(this.#execution.data, part.path, this.#shape.types, (_, trail) => {
        const path = trail.map(toClientSegment);
        if (delivered === null || delivered.some((each) => isDelivered(each, path))) {
          places.push({ part, path });
        }
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
    const { part, errors, places, parent } = running;
    errors.inherit((parent ?? this.#execution).errors);
    const objects = new Map<string, JsonObject>();
    visitPlaces(this.#execution.data, part.path, this.#shape.types, (object, trail) => {
      objects.set(JSON.stringify(trail.map(toClientSegment)), object);
    });
    const untold = new Set(errors.list);
    const delivered = (places ?? []).map((place): DeliveredPart => {
      const own = new AnswerErrors();
      own.inherit(errors);
      const object = objects.get(JSON.stringify(place.path));
      const text =
        object === undefined ? null : part.write(object, place.path, own, this.#execution.shared);
      const fetched = [...untold].filter((error) => startsWith(error.path, place.path));
      for (const error of fetched) untold.delete(error);
      return { ...place, text, errors: [...fetched, ...own.list] };
    });
    const [first, ...others] = delivered;
    // An error without a path has to be told somewhere.
    const all =
      first === undefined
        ? delivered
        : [{ ...first, errors: [...untold, ...first.errors] }, ...others];
    this.#parts.splice(this.#parts.indexOf(running), 1);
    const announced = this.#announce(running, all.map(deliveredOf));
    return { delivered: all, announced };
  }
}

/** What a client has been given below a path. */
interface Delivered {
  readonly path: ResponsePath;
  readonly data: unknown;
}

function deliveredOf({ path, text }: DeliveredPart): Delivered {
  return { path, data: text === null ? null : JSON.parse(text) };
}

/** Whether a client that was given this much has an object at `path`. */
function isDelivered({ path: root, data }: Delivered, path: ResponsePath): boolean {
  if (!startsWith(path, root)) return false;
  let value: unknown = data;
  for (const segment of path.slice(root.length)) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return typeof value === 'object' && value !== null;
}

function startsWith(path: ResponsePath | undefined, prefix: ResponsePath): boolean {
  return (
    path !== undefined &&
    path.length >= prefix.length &&
    prefix.every((segment, index) => segment === path[index])
  );
}

function toClientSegment(segment: string | number): string | number {
  return typeof segment === 'string' ? toClientName(segment) : segment;
}
