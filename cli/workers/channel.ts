import type { ToPrimary } from './messages.ts';

/** Says something to the primary, if there still is one, and then goes on. */
export function say(message: ToPrimary, andThen: () => void = () => {}): void {
  if (process.send === undefined || !process.connected) andThen();
  else process.send(message, undefined, undefined, andThen);
}
