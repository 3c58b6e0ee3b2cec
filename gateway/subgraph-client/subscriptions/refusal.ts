import { SubgraphFailure } from '../failure.ts';
import { readResult, type SubgraphResult } from '../read-result.ts';
import { notAStream } from './event-stream-reader.ts';
import type { ResultSink } from './subscription-transport.ts';

/** Whether an answer has the media type that was asked for. Some servers tell their errors in it, with status 500. */
export function isEventStream(contentType: string | string[] | undefined): boolean {
  return /^text\/event-stream\s*(;|$)/i.test(String(contentType ?? ''));
}

/**
 * Tells what a subgraph answered instead of a stream: its GraphQL errors as the one result of a stream that never
 * opened, anything else as a failure. Data is no refusal: a server that knows no subscriptions ran it as a query.
 */
export function tellRefusal(sink: ResultSink, name: string, status: number, body: string): void {
  const result = errorsIn(name, status, body);
  if (result === null) {
    sink.end(notAStream(name, status));
    return;
  }
  sink.next(result, body.length);
  sink.end(null);
}

function errorsIn(name: string, status: number, body: string): SubgraphResult | null {
  try {
    const result = readResult(name, { status, body, hasRetryAfter: false });
    return result.data === null ? result : null;
  } catch (error) {
    if (error instanceof SubgraphFailure) return null;
    throw error;
  }
}
