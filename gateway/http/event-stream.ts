/** The headers of an answer as server-sent events; nobody on the way is to keep or gather them. */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const;

/** GraphQL over server-sent events, "distinct connections mode". JSON texts hold no line ends. */
export const eventStream = {
  /** A comment, so that the client sees at once that the stream is open. */
  begin: ':\n\n',
  write: (payload: string): string => `event: next\ndata: ${payload}\n\n`,
  fail: (errors: string): string => `event: next\ndata: {"errors":${errors}}\n\n`,
  /** An event without data reaches no listener of `EventSource`, so it has some. */
  end: 'event: complete\ndata: \n\n',
  heartbeat: ':\n\n',
} as const;

/** A whole event stream of payloads that are there already. */
export function writeEvents(payloads: readonly string[]): string {
  return payloads.map(eventStream.write).join('') + eventStream.end;
}
