import { EventSourceParserStream } from 'eventsource-parser/stream';

/** What comes of a subscription, over server-sent events or multipart. */
export interface Stream {
  readonly status: number;
  readonly contentType: string;
  /** The next payload as JSON; null when the stream has ended as it should. */
  next(): Promise<unknown>;
  /** The whole body, where it is no stream. */
  whole(): Promise<unknown>;
}

export function readEvents(response: Response): Stream {
  const contentType = response.headers.get('content-type') ?? '';
  const isMultipart = contentType.startsWith('multipart/mixed');
  const texts = isMultipart ? readMultipart(response, contentType) : readServerSent(response);
  return {
    status: response.status,
    contentType,
    async next() {
      const { done, value } = await texts.next();
      return done ? null : JSON.parse(value);
    },
    whole: () => response.json(),
  };
}

async function* readServerSent({ body }: Response): AsyncGenerator<string> {
  const events = body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { event, data } of events ?? []) {
    if (event === 'complete') return;
    if (event !== 'next') throw new TypeError(`an event of type ${event}`);
    yield data;
  }
  throw new TypeError('the stream broke off');
}

/** Each part as soon as its delimiter has come. */
async function* readMultipart({ body }: Response, contentType: string): AsyncGenerator<string> {
  const boundary = /boundary="([^"]+)"/.exec(contentType)?.[1];
  const delimiter = `--${boundary}`;
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    for (let end = text.indexOf(delimiter); end !== -1; end = text.indexOf(delimiter)) {
      const part = text.slice(0, end);
      text = text.slice(end + delimiter.length);
      if (part !== '') yield part.split('\r\n\r\n')[1]?.trimEnd() ?? '';
    }
    if (text === '--\r\n') return;
  }
  throw new TypeError(`the stream broke off after ${text}`);
}
