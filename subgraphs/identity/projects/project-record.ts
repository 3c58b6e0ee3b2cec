import type { Selectable } from 'kysely';
import type { EnvironmentTable, ProjectTable } from '../database/tables.ts';

/** A project as the graph shows it. `createdAt` is milliseconds since the epoch. */
export interface ProjectRecord {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly createdAt: number;
}

/** An environment as the graph shows it. `createdAt` is milliseconds since the epoch. */
export interface EnvironmentRecord {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly isProduction: boolean;
  readonly createdAt: number;
}

export const projectColumns = ['id', 'organization_id', 'name', 'created_at'] as const;

export const environmentColumns = [
  'id',
  'project_id',
  'name',
  'is_production',
  'created_at',
] as const;

export function projectOf(
  row: Pick<Selectable<ProjectTable>, (typeof projectColumns)[number]>,
): ProjectRecord {
  const { id, name } = row;
  return { id, organizationId: row.organization_id, name, createdAt: row.created_at };
}

export function environmentOf(
  row: Pick<Selectable<EnvironmentTable>, (typeof environmentColumns)[number]>,
): EnvironmentRecord {
  const { id, name } = row;
  const isProduction = row.is_production === 1;
  return { id, projectId: row.project_id, name, isProduction, createdAt: row.created_at };
}
