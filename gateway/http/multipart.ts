/** How the parts of a `multipart/mixed` answer are written (RFC 2046 §5.1). */
export interface MultipartFormat {
  readonly contentType: string;
  readonly begin: string;
  write(payload: string): string;
  /** Says why the parts end before their time. */
  fail(errors: string): string;
  readonly end: string;
  readonly heartbeat: string;
}

/** An answer in parts: the payloads as they are. */
export const deferredParts = inParts('deferSpec=20220824');
export const incrementalParts = inParts('incrementalSpec=v0.2');

/**
 * The events of a subscription, each in an envelope, so that an error of the transport (`errors` beside the
 * payload) is no event; an empty part is a heartbeat (Apollo's HTTP multipart protocol, subscriptionSpec 1.0).
 */
export const subscriptionParts = format({
  contentType: 'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0',
  boundary: 'graphql',
  write: (payload) => `{"payload":${payload}}`,
  fail: (errors) => `{"payload":null,"errors":${errors}}`,
  heartbeat: '{}',
});

function inParts(spec: string): MultipartFormat {
  return format({
    contentType: `multipart/mixed; boundary="-"; ${spec}`,
    boundary: '-',
    write: (payload) => payload,
    fail: (errors) => `{"errors":${errors},"hasNext":false}`,
    heartbeat: '{}',
  });
}

interface Parts {
  readonly contentType: string;
  readonly boundary: string;
  readonly write: (payload: string) => string;
  readonly fail: (errors: string) => string;
  readonly heartbeat: string;
}

/**
 * The delimiter that ends a part is written with it, not with the next one: a client shows a part when it has
 * seen where it ends.
 */
function format({ contentType, boundary, write, fail, heartbeat }: Parts): MultipartFormat {
  const part = (body: string): string =>
    `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${body}\r\n--${boundary}`;
  return {
    contentType,
    begin: `--${boundary}`,
    write: (payload) => part(write(payload)),
    fail: (errors) => part(fail(errors)),
    end: '--\r\n',
    heartbeat: part(heartbeat),
  };
}
