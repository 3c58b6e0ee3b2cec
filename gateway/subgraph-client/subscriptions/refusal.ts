import { SubgraphFailure } from '../failure.ts';
import { readResult, type SubgraphResult } from '../read-result.ts';
import type { ResultSink } from './subscription-transport.ts';

/** Whether an answer is the stream that was asked for. */
export function isEventStream(status: number, contentType: string | string[] | undefined): boolean {
  return status === 200 && /^text\/event-stream\s*(;|$)/i.test(String(contentType ?? ''));
}

/**
 * Tells what a subgraph answered instead of a stream: its GraphQL errors as the one result of a stream that never
 * opened, anything else as a failure. Data is no refusal: a server that knows no subscriptions ran it as a query.
 */
export function tellRefusal(sink: ResultSink, name: string, status: number, body: string): void {
  const result = errorsIn(name, status, body);
  if (result === null) {
    sink.end(
      new SubgraphFailure(
        'refused',
        `The subgraph "${name}" did not answer a subscription with a stream (HTTP status ${status})`,
        { status },
      ),
    );
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
