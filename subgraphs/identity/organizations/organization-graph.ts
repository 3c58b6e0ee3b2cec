import type { Clock } from '#contract/clock.ts';
import type { Resolvers } from '#subgraphs/kit/index.ts';
import type { Changes } from '../changes.ts';
import type { IdentityDatabase } from '../database/tables.ts';
import { createInvitationAnswers } from '../invitations/invitation-answers.ts';
import { createInvitationReader } from '../invitations/invitation-reader.ts';
import { createInvitations } from '../invitations/invitations.ts';
import { invitationResolvers } from '../invitations/resolvers.ts';
import type { Mailer } from '../mail/mailer.ts';
import { createEnvironmentPolicies } from '../policies/environment-policies.ts';
import { createPolicyReader } from '../policies/policy-reader.ts';
import { policyResolvers } from '../policies/resolvers.ts';
import { createRolePolicies } from '../policies/role-policies.ts';
import { createScopes } from '../policies/scopes.ts';
import { createEnvironments } from '../projects/environments.ts';
import { createProjectReader } from '../projects/project-reader.ts';
import { createProjects } from '../projects/projects.ts';
import { projectResolvers } from '../projects/resolvers.ts';
import type { IdentitySettings } from '../settings.ts';
import type { FindUser } from '../users/user-reader.ts';
import { createMemberReader } from './member-reader.ts';
import { memberResolvers } from './member-resolvers.ts';
import { createMembers } from './members.ts';
import { createOrganizations } from './organizations.ts';
import { organizationResolvers } from './resolvers.ts';
import type { SeeOrganizations } from './visible-organizations.ts';

export interface OrganizationGraphParts {
  readonly database: IdentityDatabase;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly settings: IdentitySettings;
  readonly mailer: Mailer;
  readonly findUser: FindUser;
  readonly seeOrganizations: SeeOrganizations;
}

/** What the graph knows of organizations: members, invitations, projects, environments and policies. */
export function organizationGraph(parts: OrganizationGraphParts): readonly Resolvers[] {
  const { database, changes, clock, settings, mailer, findUser, seeOrganizations } = parts;
  const memberReader = createMemberReader(database);
  const reader = createProjectReader(database);
  return [
    organizationResolvers({
      organizations: createOrganizations(changes, settings),
      seeOrganizations,
      findUser,
    }),
    memberResolvers({
      members: createMembers(changes),
      reader: memberReader,
      seeOrganizations,
      findUser,
    }),
    invitationResolvers({
      invitations: createInvitations({ database, changes, mailer, settings }),
      answers: createInvitationAnswers({ database, changes, settings }),
      list: createInvitationReader(database),
      seeOrganizations,
      findUser,
      clock,
    }),
    projectResolvers({
      database,
      projects: createProjects({ database, changes }, settings),
      environments: createEnvironments({ database, changes }, settings),
      reader,
      seeOrganizations,
    }),
    policyResolvers({
      scopes: createScopes(changes),
      roles: createRolePolicies(changes),
      environments: createEnvironmentPolicies({ database, changes }),
      reader: createPolicyReader(database),
    }),
  ];
}
