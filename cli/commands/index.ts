import type { Command, FlagTable } from '../command.ts';

/** A command before it is needed: nothing of it is loaded until it runs, so that others start fast. */
interface CommandEntry {
  readonly summary: string;
  load(): Promise<{ readonly command: Command<FlagTable> }>;
}

/** Commands of one thing: `keys list`, `keys create`. */
export interface CommandGroup {
  readonly summary: string;
  readonly commands: CommandTable;
}

export type CommandTable = Readonly<Record<string, CommandEntry | CommandGroup>>;

/** All the commands, in the order in which `--help` lists them. */
export const commands: CommandTable = {
  start: {
    summary: 'Runs everything in one process: gateway, identity and content',
    load: () => import('./start.ts'),
  },
  gateway: {
    summary: 'Runs a gateway alone, in front of any composed supergraph',
    load: () => import('./gateway.ts'),
  },
  identity: {
    summary: 'Runs the identity service alone; gateways reach it with IDENTITY_URL',
    load: () => import('./identity.ts'),
  },
  content: {
    summary: 'Runs the example subgraph alone',
    load: () => import('./content.ts'),
  },
  init: {
    summary: 'Makes the first person: the owner, with a password and a key that are shown once',
    load: () => import('./init.ts'),
  },
  keys: {
    summary: 'Lists, makes, imports, changes, rotates and revokes API keys, straight in the store',
    commands: {
      list: { summary: 'Lists API keys, the newest first', load: () => import('./keys/list.ts') },
      show: { summary: 'Shows what is known of an API key', load: () => import('./keys/show.ts') },
      create: {
        summary: 'Makes an API key, which is shown once',
        load: () => import('./keys/create.ts'),
      },
      update: {
        summary: 'Changes what an API key is called, may do, where, and how long',
        load: () => import('./keys/update.ts'),
      },
      rotate: {
        summary: 'Gives an API key another text, which is shown once',
        load: () => import('./keys/rotate.ts'),
      },
      revoke: {
        summary: 'Ends an API key, and what was made with it',
        load: () => import('./keys/revoke.ts'),
      },
      release: {
        summary: 'Lets a disabled or quarantined API key in again',
        load: () => import('./keys/release.ts'),
      },
      import: {
        summary: 'Takes in API keys of another system, by their hashes',
        load: () => import('./keys/import.ts'),
      },
      policy: {
        summary: 'Shows or sets what an organization asks of its keys',
        load: () => import('./keys/policy.ts'),
      },
      'revoke-all': {
        summary: 'Ends all API keys of an owner, and what was made with them',
        load: () => import('./keys/revoke-all.ts'),
      },
    },
  },
  'service-accounts': {
    summary: 'Lists, makes, suspends and removes those who are no people, straight in the store',
    commands: {
      list: {
        summary: 'Lists service accounts, the newest first',
        load: () => import('./service-accounts/list.ts'),
      },
      create: {
        summary: 'Makes a service account',
        load: () => import('./service-accounts/create.ts'),
      },
      suspend: {
        summary: 'Stops a service account: its keys are refused until it is resumed',
        load: () => import('./service-accounts/suspend.ts'),
      },
      resume: {
        summary: 'Lets a suspended service account go on',
        load: () => import('./service-accounts/resume.ts'),
      },
      remove: {
        summary: 'Removes a service account for good and revokes its keys',
        load: () => import('./service-accounts/remove.ts'),
      },
    },
  },
  audit: {
    summary: 'Checks and exports what happened to keys, sessions, people and policies',
    commands: {
      verify: {
        summary: 'Checks that nobody has changed the audit log',
        load: () => import('./audit/verify.ts'),
      },
      export: {
        summary: 'Writes the audit log as JSON lines, oldest first',
        load: () => import('./audit/export.ts'),
      },
    },
  },
  compose: {
    summary: 'Composes supergraph.yaml into supergraph.graphql, offline',
    load: () => import('./compose.ts'),
  },
  docs: {
    summary: 'Writes the generated pages of docs/',
    load: () => import('./docs.ts'),
  },
};
