import { pino } from 'pino';
import t, { type Test } from 'tap';
import { createMailer, type Mail } from '#subgraphs/identity/mail/mailer.ts';
import { openMailer } from '#subgraphs/identity/mail/open-mailer.ts';
import { smtpTransport } from '#subgraphs/identity/mail/smtp-transport.ts';
import { startMailServer } from '../../support/mail-server.ts';

const mail: Mail = {
  to: 'ada@example.com',
  subject: 'Grüße – a subject',
  text: 'Open https://app.example.com/verify?token=secret-of-the-mail\n',
  kind: 'verify-email',
};

function open(t: Test, environment: Record<string, string>, production = true) {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const mailer = openMailer({ environment, production, requireTls: true, logger });
  t.teardown(() => mailer.close());
  return { mailer, logs: () => lines.join('') };
}

t.test('mail reaches an SMTP server, with its sender, text and subject', async (t) => {
  const { received, port } = await startMailServer(t);
  const { mailer, logs } = open(t, {
    CASTELLAN_SMTP_URL: `smtp://castellan:p%3As%25@127.0.0.1:${port}`,
    CASTELLAN_MAIL_FROM: 'Castellan <no-reply@example.com>',
  });
  mailer.send(mail);
  t.strictSame(received, [], 'off the path of whoever sends');
  await mailer.idle();
  t.match(received, [{ from: 'no-reply@example.com', to: ['ada@example.com'], user: 'castellan' }]);
  t.match(received[0]?.source, /^From: Castellan <no-reply@example\.com>$/m);
  t.match(received[0]?.source, /^Subject: =\?UTF-8\?/m);
  t.match(received[0]?.source, /^Auto-Submitted: auto-generated/m);
  t.match(received[0]?.text, 'verify?token=secret-of-the-mail');
  t.equal(logs(), '');
});

t.test('an address is one address, whatever is in it', async (t) => {
  const { received, port } = await startMailServer(t);
  const { mailer } = open(t, {
    CASTELLAN_SMTP_URL: `smtp://127.0.0.1:${port}`,
    CASTELLAN_MAIL_FROM: 'no-reply@example.com',
  });
  for (const to of [
    'ada@example.com, eve@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
  ]) {
    mailer.send({ ...mail, to, subject: 'a\r\nBcc: eve@example.com' });
  }
  await mailer.idle();
  for (const { to, source } of received) {
    t.notOk(to.includes('eve@example.com'));
    t.notMatch(source, /^Bcc:/im);
  }
});

t.test('a passing refusal is tried again, one for good is not, and no log quotes it', async (t) => {
  const refusals = [451, 451];
  const { received, port } = await startMailServer(t, refusals);
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const url = `smtp://127.0.0.1:${port}`;
  const mailer = createMailer({
    transport: smtpTransport({ url, from: 'no-reply@example.com', requireTls: true }),
    logger,
    retryDelaysMs: [0, 0],
  });
  t.teardown(() => mailer.close());
  const logs = () => lines.join('');
  mailer.send(mail);
  await mailer.idle();
  t.equal(received.length, 1, 'after two refusals');
  refusals.push(550);
  mailer.send(mail);
  await mailer.idle();
  t.equal(received.length, 1, 'refused for good');
  t.strictSame(refusals, []);
  t.match(logs(), /could not be sent/);
  t.notMatch(logs(), /secret-of-the-mail|ada@example\.com/);
});

t.test('a server that does not encrypt is refused, unless it is on this machine', async (t) => {
  const { received, port } = await startMailServer(t);
  const { mailer, logs } = open(t, {
    // The same machine by a name that does not say so.
    CASTELLAN_SMTP_URL: `smtp://0.0.0.0:${port}`,
    CASTELLAN_MAIL_FROM: 'no-reply@example.com',
  });
  mailer.send(mail);
  await mailer.idle();
  t.strictSame(received, []);
  t.match(logs(), /could not be sent/);
});

t.test(
  'without a server a developer reads mail in the log, and production sends none',
  async (t) => {
    const development = open(t, {}, false);
    development.mailer.send(mail);
    await development.mailer.idle();
    t.match(development.logs(), /verify\?token=secret-of-the-mail/);
    const { mailer } = open(t, {});
    t.equal(mailer.isAvailable, false);
    t.throws(() => mailer.assertAvailable(), { code: 'MAIL_UNAVAILABLE' });
    t.throws(() => mailer.send(mail), { code: 'MAIL_UNAVAILABLE' });
  },
);

t.test('what is set wrong stops the boot, and does not show the password', async (t) => {
  for (const environment of [
    { CASTELLAN_SMTP_URL: 'smtp://u:hidden@host' },
    { CASTELLAN_MAIL_FROM: 'no-reply@example.com' },
    { CASTELLAN_SMTP_URL: 'https://u:hidden@host', CASTELLAN_MAIL_FROM: 'a@example.com' },
    { CASTELLAN_SMTP_URL: 'smtp://u:hidden@host', CASTELLAN_MAIL_FROM: 'nobody' },
    { CASTELLAN_SMTP_URL: 'smtp://u:hidden@host', CASTELLAN_MAIL_FROM: 'a@b.c\r\nBcc: d@e.f' },
  ]) {
    try {
      open(t, environment as unknown as Record<string, string>);
      t.fail(JSON.stringify(environment));
    } catch (error) {
      t.match(error, { code: 'CONFIGURATION_INVALID' });
      t.notMatch(String(error), /hidden/);
    }
  }
});

t.test('what waits is bounded, and what cannot be sent in time is given up', async (t) => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  let closed = false;
  const mailer = createMailer({
    transport: { deliver: () => new Promise(() => undefined), close: () => (closed = true) },
    logger,
    maxWaiting: 2,
  });
  for (let count = 0; count < 3; count += 1) mailer.send(mail);
  t.match(lines.join(''), /dropped/);
  await mailer.close(1);
  t.ok(closed);
});
