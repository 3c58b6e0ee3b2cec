import { randomFillSync } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The members of W3C trace context that a call to a subgraph carries. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/**
 * The trace context of one call: the client's trace, continued under an id of this call; null when the client
 * sent none that is valid (W3C Trace Context, §3.2).
 */
export function continueTrace({
  traceparent,
  tracestate,
}: IncomingHttpHeaders): TraceHeaders | null {
  if (typeof traceparent !== 'string') return null;
  const [, version, traceId, parentId, flags, rest] = pattern.exec(traceparent) ?? [];
  if (traceId === undefined || flags === undefined || version === 'ff') return null;
  if (version === '00' && rest !== undefined) return null;
  if (/^0+$/.test(traceId) || parentId === '0000000000000000') return null;
  // Whatever version came: ours is 00, with the flags that we know.
  const known = (Number.parseInt(flags, 16) & KNOWN_FLAGS).toString(16).padStart(2, '0');
  const continued = `00-${traceId}-${newParentId()}-${known}`;
  return typeof tracestate === 'string' && tracestate.length <= MAX_STATE_LENGTH
    ? { traceparent: continued, tracestate }
    : { traceparent: continued };
}

/**
 * The trace context of one call where the client began none. The trace has the id of the request, so that all
 * its calls belong together and logs can be found by either.
 * @param requestId a UUID, which has as many hexadecimal digits as the id of a trace
 */
export function startTrace(requestId: string): TraceHeaders {
  return { traceparent: `00-${withoutDashes(requestId)}-${newParentId()}-01` };
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** `sampled` and `random`. */
const KNOWN_FLAGS = 0b11;
/** What a participant has to pass on; a longer one is dropped (W3C Trace Context, §3.3.1.5). */
const MAX_STATE_LENGTH = 512;

/** The digits of a UUID. */
function withoutDashes(uuid: string): string {
  return (
    uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18) + uuid.slice(19, 23) + uuid.slice(24)
  );
}

const ID_DIGITS = 16;
const pool = Buffer.allocUnsafe(4_096);
let digits = '';
let used = 0;

/** Random digits are drawn many at a time: asking for eight bytes costs as much as asking for thousands. */
function newParentId(): string {
  if (used === digits.length) {
    digits = randomFillSync(pool).toString('hex');
    used = 0;
  }
  used += ID_DIGITS;
  return digits.slice(used - ID_DIGITS, used);
}
