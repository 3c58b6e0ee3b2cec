import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Test } from 'tap';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The message as it came. */
  readonly source: string;
  /** Its body, decoded. */
  readonly text: string;
  readonly subject: string;
  readonly user: unknown;
}

export interface MailServer {
  readonly port: number;
  readonly received: ReceivedMail[];
  /** What identity is told of it. */
  readonly environment: {
    readonly CASTELLAN_SMTP_URL: string;
    readonly CASTELLAN_MAIL_FROM: string;
  };
  /** The token in the last message to somebody. */
  tokenFor(to: string): string;
}

/** A real SMTP server that keeps what it is given; `refusals` are answered first. */
export async function startMailServer(t: Test, refusals: number[] = []): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'p:s%' ? done(null, { user: username }) : done(new Error('no')),
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const responseCode = refusals.shift();
        if (responseCode !== undefined) {
          return done(Object.assign(new Error('ada@example.com is refused'), { responseCode }));
        }
        const source = Buffer.concat(parts).toString();
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          source,
          text: decoded(source.slice(source.indexOf('\r\n\r\n') + 4)),
          subject: /^Subject: (.*)$/m.exec(source)?.[1] ?? '',
          user: session.user,
        });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    received,
    environment: {
      CASTELLAN_SMTP_URL: `smtp://127.0.0.1:${port}`,
      CASTELLAN_MAIL_FROM: 'Castellan <no-reply@example.com>',
    },
    tokenFor(to) {
      const mail = received.findLast((each) => each.to.includes(to));
      const token = /(?:[?&]token=|^)([\w.-]{20,})$/m.exec(mail?.text ?? '')?.[1];
      if (token === undefined) throw new Error(`there is no token for ${to}: ${mail?.text}`);
      return token;
    },
  };
}

/** RFC 2045 §6.7, of ASCII text. */
function decoded(body: string): string {
  return body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replaceAll('\r\n', '\n');
}
