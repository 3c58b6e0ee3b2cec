import { setTimeout } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { CodedError } from '#contract/errors.ts';

/** One message to one person. `text` may hold a link that opens something: never log it where others read. */
export interface Mail {
  /** One address, without a name. */
  readonly to: string;
  readonly subject: string;
  /** Plain text, lines ended by `\n`. */
  readonly text: string;
  /** What it is about, for logs. */
  readonly kind:
    | 'verify-email'
    | 'account-exists'
    | 'reset-password'
    | 'change-email'
    | 'security-notice'
    | 'invitation'
    | 'key-expiry'
    | 'key-disuse';
}

/** Hands mail to the next hop. It settles when that has taken it, and rejects when it has not. */
export interface MailTransport {
  deliver(mail: Mail): Promise<void>;
  close(): void;
}

/** The port to people's mailboxes. */
export interface Mailer {
  /** Whether mail can be sent at all. */
  readonly isAvailable: boolean;
  /**
   * Refuses what needs mail where there is none. Ask before looking anybody up: the answer must not depend on it.
   * @throws CodedError MAIL_UNAVAILABLE
   */
  assertAvailable(): void;
  /**
   * Takes the message over and returns at once, so that the time of an answer does not tell whether anything was
   * sent. What cannot be delivered is logged, without its text.
   * @throws CodedError MAIL_UNAVAILABLE where nothing can be sent
   */
  send(mail: Mail): void;
  /**
   * Tries once to hand the message over, and says whether it was taken; for whoever tries again later themselves. It
   * passes those that wait.
   */
  attempt(mail: Mail): Promise<boolean>;
  /** Settles once everything that was taken over has been delivered or given up. */
  idle(): Promise<void>;
  /** Delivers what it can within `graceMs`, then lets go of the transport. */
  close(graceMs?: number): Promise<void>;
}

export interface MailerOptions {
  /** Null: features that need mail are refused. */
  readonly transport: MailTransport | null;
  readonly logger: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  /** Messages that wait at most; more are dropped, and said so in the log. */
  readonly maxWaiting?: number;
  /** How long to wait before each further try. */
  readonly retryDelaysMs?: readonly number[];
}

const MAX_CONCURRENT = 4;
/** Long enough for a server that puts strangers off for a minute. */
const RETRY_DELAYS_MS = [2_000, 20_000, 90_000];
const CLOSE_GRACE_MS = 5_000;

/** A mailer over a transport: a bounded queue of this process. What waits is lost when the process is killed. */
export function createMailer(options: MailerOptions): Mailer {
  const { transport, logger, maxWaiting = 1_000, retryDelaysMs = RETRY_DELAYS_MS } = options;
  const waiting: Mail[] = [];
  const running = new Set<Promise<void>>();

  function assertAvailable(): void {
    if (transport === null) throw new CodedError('MAIL_UNAVAILABLE');
  }

  function pump(to: MailTransport): void {
    while (running.size < MAX_CONCURRENT) {
      const mail = waiting.shift();
      if (mail === undefined) return;
      const delivery = deliver(to, mail).finally(() => {
        running.delete(delivery);
        pump(to);
      });
      running.add(delivery);
    }
  }

  async function deliver(to: MailTransport, mail: Mail): Promise<void> {
    const delays = [...retryDelaysMs];
    for (;;) {
      try {
        return await to.deliver(mail);
      } catch (error) {
        const reason = reasonOf(error);
        const delay = delays.shift();
        if (delay === undefined || isFinal(error)) {
          logger.error({ kind: mail.kind, reason }, 'a message could not be sent');
          return;
        }
        logger.warn({ kind: mail.kind, reason }, 'a message could not be sent yet');
        await setTimeout(delay, undefined, { ref: false });
      }
    }
  }

  async function idle(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
  }

  return {
    isAvailable: transport !== null,
    assertAvailable,
    send(mail) {
      if (transport === null) throw new CodedError('MAIL_UNAVAILABLE');
      if (waiting.length >= maxWaiting) {
        logger.error({ kind: mail.kind }, 'a message was dropped: too many wait to be sent');
        return;
      }
      waiting.push(mail);
      // Not in this turn: what a transport does at once must not show in the time of the answer either.
      setImmediate(() => pump(transport));
      // Counted as running from here, so that `idle` waits for it.
      const handedOver = new Promise<void>((resolve) => setImmediate(resolve)).finally(() =>
        running.delete(handedOver),
      );
      running.add(handedOver);
    },
    async attempt(mail) {
      if (transport === null) return false;
      try {
        await transport.deliver(mail);
        return true;
      } catch (error) {
        const reason = reasonOf(error);
        logger.warn({ kind: mail.kind, reason }, 'a message could not be sent yet');
        return false;
      }
    },
    idle,
    async close(graceMs = CLOSE_GRACE_MS) {
      const done = new AbortController();
      const limit = setTimeout(graceMs, undefined, { signal: done.signal }).catch(() => undefined);
      await Promise.race([idle(), limit]);
      done.abort();
      const count = waiting.splice(0).length + running.size;
      if (count > 0) logger.error({ count }, 'messages were not sent before the end');
      transport?.close();
    },
  };
}

/** RFC 5321 §4.2.1: a 5yz answer is for good. */
function isFinal(error: unknown): boolean {
  const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
  return code >= 500;
}

/** A server's own words can quote the message and its recipient. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const code = 'code' in error ? String(error.code) : error.name;
  return 'responseCode' in error ? `${code} ${String(error.responseCode)}` : code;
}
