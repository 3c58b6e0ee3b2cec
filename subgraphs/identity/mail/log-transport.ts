import type { FastifyBaseLogger } from 'fastify';
import type { MailTransport } from './mailer.ts';

/** For a developer's own machine: mail is written to the log, with the links in it. */
export function logTransport(logger: Pick<FastifyBaseLogger, 'info'>): MailTransport {
  return {
    async deliver({ to, subject, text, kind }) {
      logger.info({ to, kind }, `mail: ${subject}\n${text}`);
    },
    close: () => undefined,
  };
}
