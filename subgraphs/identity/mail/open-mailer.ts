import type { FastifyBaseLogger } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { logTransport } from './log-transport.ts';
import { createMailer, type Mailer } from './mailer.ts';
import { smtpTransport } from './smtp-transport.ts';

export interface OpenMailerOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly production: boolean;
  readonly requireTls: boolean;
  readonly logger: FastifyBaseLogger;
}

/**
 * The mailer that `CASTELLAN_SMTP_URL` and `CASTELLAN_MAIL_FROM` stand for. Without them mail goes to the log on a
 * developer's machine and nowhere in production, where whatever needs it is refused.
 * @throws CodedError CONFIGURATION_INVALID when one is set without the other, or is malformed
 */
export function openMailer(options: OpenMailerOptions): Mailer {
  const { environment, production, requireTls, logger } = options;
  const { CASTELLAN_SMTP_URL: url, CASTELLAN_MAIL_FROM: from } = environment;
  if (!url && !from) {
    return createMailer({ transport: production ? null : logTransport(logger), logger });
  }
  if (!url || !from) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      'CASTELLAN_SMTP_URL and CASTELLAN_MAIL_FROM must be set together',
    );
  }
  return createMailer({ transport: smtpTransport({ url, from, requireTls }), logger });
}
