import { dictionary } from '@zxcvbn-ts/language-common';

/** Passwords that many people have, in lower case: some fifty thousand from breaches, kept up by zxcvbn-ts. */
export const commonPasswords: ReadonlySet<string> = new Set(
  dictionary['passwords-common'].map((password) => password.toLowerCase()),
);
