import { createMailer, type Mail, type Mailer } from '#subgraphs/identity/mail/mailer.ts';

/** A mailer whose mail stays in this process. */
export interface Mailbox {
  readonly mailer: Mailer;
  /** The invitations that were sent up to now, in order. */
  invitations(): Promise<readonly Mail[]>;
  /** The token of the last invitation to an address. */
  tokenFor(email: string): Promise<string>;
}

export function createMailbox(): Mailbox {
  const mails: Mail[] = [];
  const mailer = createMailer({
    transport: {
      async deliver(mail) {
        mails.push(mail);
      },
      close: () => undefined,
    },
    logger: { warn: () => undefined, error: () => undefined },
  });
  return {
    mailer,
    async invitations() {
      await mailer.idle();
      return mails.filter(({ kind }) => kind === 'invitation');
    },
    async tokenFor(email) {
      await mailer.idle();
      const mail = mails.findLast(({ to }) => to === email);
      const token = /inv_[0-9A-Za-z]{43}/.exec(mail?.text ?? '')?.[0];
      if (token === undefined) throw new Error(`no invitation was sent to ${email}`);
      return token;
    },
  };
}
