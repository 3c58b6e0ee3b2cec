import { type PermissionName, scopeOfPermission } from '#contract/permissions/scope.ts';
import { parseDateTime } from '#subgraphs/kit/index.ts';
import { UsageMistake } from '../../usage-mistake.ts';

export const jsonFlag = {
  json: { type: 'boolean', description: 'prints JSON' },
} as const;

/** What a key may do, where and how long, as flags; the same for a new one and for a change. */
export const keyFlags = {
  permissions: {
    type: 'string',
    value: 'LIST',
    description: 'what it may do: read, write and admin, with commas',
  },
  scopes: {
    type: 'string',
    value: 'LIST',
    description: 'scopes by name, with commas, e.g. read:all,app:access',
  },
  grants: {
    type: 'string',
    value: 'JSON',
    description: `grants, e.g. '[{"actions":["READ"],"on":"Post"}]'`,
  },
  expires: {
    type: 'string',
    value: 'WHEN',
    description: 'how long it lives, e.g. 12h 30d 1w 1m 1y; a moment; or never',
  },
  projects: { type: 'string', value: 'IDS', description: 'the projects that it is bound to' },
  environments: {
    type: 'string',
    value: 'IDS',
    description: 'the environments that it is bound to',
  },
  networks: {
    type: 'string',
    value: 'LIST',
    description: 'where it can be used from, e.g. 203.0.113.0/24,2001:db8::/32',
  },
} as const;

type Values = { readonly [Name in keyof typeof keyFlags]?: string | undefined };

/** The input that these flags stand for. @throws UsageMistake */
export function readKeyFlags(flags: Values) {
  const { permissions, scopes, grants, expires, projects, environments, networks } = flags;
  return {
    ...(permissions !== undefined && { permissions: listOf(permissions).map(readPermission) }),
    ...(scopes !== undefined && { scopes: listOf(scopes) }),
    ...(grants !== undefined && { grants: readJsonList(grants) }),
    ...(expires !== undefined && readExpires(expires)),
    ...(projects !== undefined && { projectIds: listOrNull(projects) }),
    ...(environments !== undefined && { environments: listOrNull(environments) }),
    ...(networks !== undefined && { ipRanges: listOrNull(networks) }),
  };
}

function readPermission(text: string): PermissionName {
  const name = text.toUpperCase();
  if (Object.hasOwn(scopeOfPermission, name)) return name as PermissionName;
  throw new UsageMistake(`--permissions: ${JSON.stringify(text)} is none of read, write, admin`);
}

function readJsonList(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new UsageMistake('--grants is a JSON list of grants');
}

function readExpires(text: string): { expiresIn: string } | { expiresAt: number } {
  if (!/^\d{4}-/.test(text)) return { expiresIn: text };
  const expiresAt = parseDateTime(text);
  if (expiresAt !== null) return { expiresAt };
  throw new UsageMistake('--expires: a moment looks like 2030-01-31T08:00:00Z');
}

/** `none` takes a binding away. */
function listOrNull(text: string): readonly string[] | null {
  return text === 'none' ? null : listOf(text);
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
