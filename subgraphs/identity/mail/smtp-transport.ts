import { createTransport } from 'nodemailer';
import { CodedError } from '#contract/errors.ts';
import type { MailTransport } from './mailer.ts';

const TIMEOUT_MS = 10_000;

export interface SmtpOptions {
  /** `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. It is a secret. */
  readonly url: string;
  /** The sender: an address, or `Name <address>`. */
  readonly from: string;
  /** Refuses a server that does not encrypt; one on this machine need not. */
  readonly requireTls: boolean;
}

/**
 * Delivers over SMTP (RFC 5321), over a few connections that stay open.
 * @throws CodedError CONFIGURATION_INVALID for a URL or sender that is none; it never shows the URL
 */
export function smtpTransport({ url, from, requireTls }: SmtpOptions): MailTransport {
  const server = URL.canParse(url) ? new URL(url) : null;
  if (server === null || !/^smtps?:$/.test(server.protocol) || server.hostname === '') {
    throw new CodedError('CONFIGURATION_INVALID', 'CASTELLAN_SMTP_URL must be smtp:// or smtps://');
  }
  if (!/^(?:[^<>\r\n]{0,100}<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/.test(from)) {
    throw new CodedError(
      'CONFIGURATION_INVALID',
      'CASTELLAN_MAIL_FROM must be an address, or a name and an <address>',
    );
  }
  const secure = server.protocol === 'smtps:';
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(server.hostname);
  const transport = createTransport({
    host: server.hostname.replace(/^\[|\]$/g, ''),
    port: Number(server.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && requireTls && !isLocal,
    ...(server.username !== '' && {
      auth: {
        user: decodeURIComponent(server.username),
        pass: decodeURIComponent(server.password),
      },
    }),
    pool: true,
    maxConnections: 2,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async deliver({ to, subject, text }) {
      await transport.sendMail({
        from,
        // As an object: a text would be read as a list of addresses.
        to: { name: '', address: to },
        subject,
        text,
        // RFC 3834 §5: no vacation notice answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    },
    close: () => transport.close(),
  };
}
