import type { KeyPolicy } from '#subgraphs/identity/api-keys/key-policy.ts';
import { defineCommand } from '../../command.ts';
import { UsageMistake } from '../../usage-mistake.ts';
import { withOperator } from '../../with-operator.ts';
import { jsonFlag } from './key-flags.ts';

const flags = {
  as: { type: 'string', value: 'E-MAIL', description: 'the person whose own organization it is' },
  organization: { type: 'string', value: 'ID', description: 'or the organization' },
  'default-expires': {
    type: 'string',
    value: 'HOW-LONG',
    description: 'how long a key lives when nothing is asked for, e.g. 30d',
  },
  'max-expires': { type: 'string', value: 'HOW-LONG', description: 'the longest life, e.g. 1y' },
  'allow-never': {
    type: 'string',
    value: 'YES-OR-NO',
    description: 'whether a key may be without an end',
  },
  'max-personal-keys': { type: 'string', value: 'N', description: 'live keys of a person' },
  'max-account-keys': {
    type: 'string',
    value: 'N',
    description: 'live keys of a service account',
  },
  ...jsonFlag,
} as const;

export const command = defineCommand({
  name: 'keys policy',
  summary:
    'Shows or sets what an organization asks of its keys; `default` leaves it to the deployment',
  flags,
  run: (values, io) =>
    withOperator(io, 'keys policy', async (operator) => {
      const { as: email, organization: organizationId, json } = values;
      if ((email === undefined) === (organizationId === undefined)) {
        throw new UsageMistake('say which: --organization ID or --as E-MAIL');
      }
      const of = email === undefined ? { organizationId: organizationId ?? '' } : { email };
      const input = readPolicyFlags(values);
      const policy =
        Object.keys(input).length === 0
          ? await operator.policy(of)
          : await operator.updatePolicy(of, input);
      return textOf(policy, json === true);
    }),
});

type Values = { readonly [Name in keyof typeof flags]?: string | boolean | undefined };

/** @throws UsageMistake */
function readPolicyFlags(values: Values) {
  const read = <T>(flag: keyof typeof flags, member: string, parse: (text: string) => T) => {
    const text = values[flag];
    if (typeof text !== 'string') return {};
    return { [member]: text === 'default' ? null : parse(text) };
  };
  const countOf = (flag: string) => (text: string) => {
    if (!/^\d{1,9}$/.test(text)) throw new UsageMistake(`--${flag} is a number, or default`);
    return Number(text);
  };
  const asItIs = (text: string) => text;
  return {
    ...read('default-expires', 'defaultExpiresIn', asItIs),
    ...read('max-expires', 'maxExpiresIn', asItIs),
    ...read('allow-never', 'allowNever', readYesOrNo),
    ...read('max-personal-keys', 'maxPersonalKeys', countOf('max-personal-keys')),
    ...read('max-account-keys', 'maxServiceAccountKeys', countOf('max-account-keys')),
  };
}

function readYesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw new UsageMistake('--allow-never is yes, no or default');
}

function textOf(policy: KeyPolicy, json: boolean): string {
  if (json) return `${JSON.stringify(policy)}\n`;
  const facts = [
    ['Organization', policy.organizationId],
    ['Keys end after', policy.defaultExpiresIn ?? 'what is asked for'],
    ['At the latest after', policy.maxExpiresIn ?? 'any time'],
    ['Keys without an end', policy.allowNever ? 'allowed' : 'not allowed'],
    ['Keys of a person', policy.maxPersonalKeys],
    ['Keys of a service account', policy.maxServiceAccountKeys],
  ];
  return facts.map(([label, value]) => `${label}  ${value}\n`).join('');
}
