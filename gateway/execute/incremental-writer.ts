import type { AnswerError } from './answer-errors.ts';
import type { DeliveredPart, PartPlace } from './deferred-shape.ts';

/**
 * How an answer in parts is written down: as the draft of August 2022 had it, which most clients speak
 * (`multipart/mixed;deferSpec=20220824`), or as later drafts have it, with pending and completed ids
 * (`multipart/mixed;incrementalSpec=v0.2`).
 */
export type DeferFormat = '20220824' | 'v0.2';

/** Writes payloads as JSON text. */
export interface IncrementalWriter {
  initial(
    data: string,
    errors: readonly AnswerError[],
    announced: readonly PartPlace[],
    hasNext: boolean,
  ): string;
  subsequent(
    delivered: readonly DeliveredPart[],
    announced: readonly PartPlace[],
    hasNext: boolean,
  ): string;
}

export function createIncrementalWriter(format: DeferFormat): IncrementalWriter {
  return format === '20220824' ? byPath : byId();
}

const byPath: IncrementalWriter = {
  initial: (data, errors, _, hasNext) =>
    object([`"data":${data}`, ...list('errors', errors), `"hasNext":${hasNext}`]),
  subsequent: (delivered, _, hasNext) =>
    object([
      ...texts(
        'incremental',
        delivered.map(({ part, path, text, errors }) =>
          object([
            `"data":${text}`,
            `"path":${JSON.stringify(path)}`,
            ...label(part.label),
            ...list('errors', errors),
          ]),
        ),
      ),
      `"hasNext":${hasNext}`,
    ]),
};

function byId(): IncrementalWriter {
  const ids = new Map<string, string>();
  const keyOf = ({ part, path }: PartPlace): string => JSON.stringify([part.id, path]);
  const pending = (announced: readonly PartPlace[]): string[] =>
    texts(
      'pending',
      announced.map((place) => {
        const id = String(ids.size);
        ids.set(keyOf(place), id);
        return object([
          `"id":"${id}"`,
          `"path":${JSON.stringify(place.path)}`,
          ...label(place.part.label),
        ]);
      }),
    );
  const idOf = (place: PartPlace): string => `"id":"${ids.get(keyOf(place))}"`;
  return {
    initial: (data, errors, announced, hasNext) =>
      object([
        `"data":${data}`,
        ...list('errors', errors),
        ...pending(announced),
        `"hasNext":${hasNext}`,
      ]),
    subsequent(delivered, announced, hasNext) {
      const shown = delivered.filter(({ text }) => text !== null);
      const incremental = shown.map((each) =>
        object([idOf(each), `"data":${each.text}`, ...list('errors', each.errors)]),
      );
      const completed = delivered.map((each) =>
        object([idOf(each), ...(each.text === null ? list('errors', each.errors) : [])]),
      );
      return object([
        ...pending(announced),
        ...texts('incremental', incremental),
        ...texts('completed', completed),
        `"hasNext":${hasNext}`,
      ]);
    },
  };
}

function object(members: readonly string[]): string {
  return `{${members.join(',')}}`;
}

function texts(name: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`"${name}":[${items.join(',')}]`];
}

function list(name: string, errors: readonly AnswerError[]): string[] {
  return errors.length === 0 ? [] : [`"${name}":${JSON.stringify(errors)}`];
}

function label(text: string | null): string[] {
  return text === null ? [] : [`"label":${JSON.stringify(text)}`];
}
