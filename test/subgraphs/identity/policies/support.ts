export const DEFINE = `mutation ($organizationId: ID!, $name: String!, $grants: [GrantInput!]!) {
  defineScope(organizationId: $organizationId, name: $name, grants: $grants) { name grants { actions on } } }`;
export const REMOVE = `mutation ($organizationId: ID!, $name: String!) {
  removeScope(organizationId: $organizationId, name: $name) }`;
export const SET_ROLE = `mutation ($organizationId: ID!, $role: OrganizationRole!, $grants: [GrantInput!]) {
  setRoleGrants(organizationId: $organizationId, role: $role, grants: $grants) {
    role isNarrowed grants { actions on } } }`;

export const readPosts = { actions: ['READ'], on: 'Post' };
export const writePosts = { actions: ['CREATE', 'UPDATE'], on: 'Post' };

/** So many grants of which none covers another. */
export function manyGrants(count: number, name: string): readonly Record<string, unknown>[] {
  return Array.from({ length: count }, (_, n) => ({
    actions: ['READ'],
    on: `${name}${n}`,
    where: { n: 1 },
  }));
}
