import { type IdentityEvent, touchable } from './identity.ts';

/**
 * A place in the log of identity: the number of its last row, and that row's time. The time tells a log that was
 * restored from a backup, and went on differently, from the one that is meant.
 */
export interface FeedPosition {
  readonly sequence: number;
  readonly at: number;
}

/** The place before the first row. */
export const startOfFeed: FeedPosition = Object.freeze({ sequence: 0, at: 0 });

/**
 * What the feed says. `reset`: forget everything, events may be missing; `touched`: an event; `reached`: there is
 * nothing to be told up to here.
 */
export type FeedMessage =
  | { readonly kind: 'reset' | 'reached'; readonly position: FeedPosition }
  | {
      readonly kind: 'touched';
      readonly position: FeedPosition;
      readonly event: IdentityEvent;
    };

/** The message as a server-sent event, whose id is the position. */
export function encodeFeedMessage(message: FeedMessage): string {
  const { kind, position } = message;
  // As JSON, in which no id can end the line.
  const data = kind === 'touched' ? pick(message.event) : {};
  return `event: ${kind}\nid: ${encodePosition(position)}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The message that a server-sent event is; null when it is none, so that nothing is taken for told. */
export function decodeFeedMessage(received: {
  readonly event?: string | undefined;
  readonly id?: string | undefined;
  readonly data: string;
}): FeedMessage | null {
  const { event: kind, id, data } = received;
  const position = decodePosition(id);
  if (position === null) return null;
  if (kind === 'reset' || kind === 'reached') return { kind, position };
  if (kind !== 'touched') return null;
  const event = readEvent(data, position.sequence);
  return event === null ? null : { kind, position, event };
}

function pick({ touches, id }: IdentityEvent) {
  return { touches, id };
}

function readEvent(data: string, sequence: number): IdentityEvent | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { touches: name, id } = value as Partial<Record<string, unknown>>;
  const touches = touchable.find((each) => each === name);
  if (touches === undefined || typeof id !== 'string') return null;
  return Object.freeze({ sequence, touches, id });
}

/** A position as a `Last-Event-ID`. */
export function encodePosition({ sequence, at }: FeedPosition): string {
  return `${sequence}-${at}`;
}

export function decodePosition(text: unknown): FeedPosition | null {
  if (typeof text !== 'string') return null;
  const [, sequence, at] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  return sequence === undefined ? null : { sequence: Number(sequence), at: Number(at) };
}
