import type { AnswerError } from './answer-errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/** What a client is not told of a subgraph's inside. */
const privateExtensions = new Set(['stacktrace', 'exception', 'stack', 'originalError']);

/** A subgraph's error with its own message and extensions, and the subgraph's name. */
export function toAnswerError(error: JsonObject, subgraph: string): AnswerError {
  const own = isJsonObject(error.extensions) ? error.extensions : {};
  const extensions: JsonObject = {};
  for (const [name, value] of Object.entries(own)) {
    if (!privateExtensions.has(name)) extensions[name] = value;
  }
  return {
    message: typeof error.message === 'string' ? error.message : 'The subgraph gave no message',
    extensions: { ...extensions, service: subgraph },
  };
}
