import type { FastifyInstance } from 'fastify';

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Record<string, unknown>;
}

/** A GraphQL answer and the status it came with. */
export interface Answer {
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly AnswerError[];
}

export async function askSubgraph(
  app: FastifyInstance,
  headers: Record<string, string>,
  query: string,
  variables?: Record<string, unknown>,
): Promise<Answer> {
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers,
    payload: { query, variables },
  });
  return { status: response.statusCode, ...response.json<Omit<Answer, 'status'>>() };
}

/** The code of an answer's only error. */
export function codeOf(answer: Answer): unknown {
  return answer.errors?.length === 1 ? answer.errors[0]?.extensions?.code : answer.errors;
}
