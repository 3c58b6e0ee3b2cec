import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse } from 'graphql';
import { configurationInvalid } from './errors.ts';

/** The documents that somebody has listed before any client asked. */
export interface TrustedDocuments {
  /** The text under an id of the manifest, or under its SHA-256 in lower-case hex. */
  get(id: string): string | undefined;
  /** Whether this very text is one of them. */
  holds(text: string): boolean;
}

export const noTrustedDocuments: TrustedDocuments = Object.freeze({
  get: () => undefined,
  holds: () => false,
});

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * Reads a manifest: Apollo's `apollo-persisted-query-manifest`, version 1, or a plain JSON map of id to document.
 * @throws CodedError CONFIGURATION_INVALID naming the file, and the id of a document that is none
 */
export async function readManifest(file: string): Promise<TrustedDocuments> {
  const entries = entriesOf(file, await readJson(file));
  const byId = new Map<string, string>();
  for (const [id, text] of entries) {
    checkDocument(file, id, text);
    const other = byId.get(id);
    if (other !== undefined && other !== text) {
      throw configurationInvalid(`${file}: two documents have the id "${id}"`);
    }
    byId.set(id, text);
  }
  const texts = new Set(byId.values());
  for (const text of texts) {
    const hash = sha256Hex(text);
    // An id that looks like the hash of something else stays what the manifest says.
    if (!byId.has(hash)) byId.set(hash, text);
  }
  return { get: (id) => byId.get(id), holds: (text) => texts.has(text) };
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw configurationInvalid(`${file}: the manifest cannot be read (${code})`, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw configurationInvalid(`${file}: the manifest is not JSON`, error);
  }
}

function entriesOf(file: string, manifest: unknown): readonly (readonly [string, unknown])[] {
  if (!isObject(manifest)) throw configurationInvalid(`${file}: the manifest is not a JSON object`);
  if (typeof manifest.format !== 'string' || 'version' in manifest === false) {
    return Object.entries(manifest);
  }
  if (manifest.format !== 'apollo-persisted-query-manifest' || manifest.version !== 1) {
    throw configurationInvalid(
      `${file}: its format is neither a map of id to document nor apollo-persisted-query-manifest 1`,
    );
  }
  if (!Array.isArray(manifest.operations)) {
    throw configurationInvalid(`${file}: "operations" is not a list`);
  }
  return manifest.operations.map((operation: unknown, index) => {
    if (!isObject(operation) || typeof operation.id !== 'string') {
      throw configurationInvalid(`${file}: operations[${index}] has no "id"`);
    }
    return [operation.id, operation.body] as const;
  });
}

function checkDocument(file: string, id: string, text: unknown): asserts text is string {
  if (typeof text !== 'string') {
    throw configurationInvalid(`${file}: what stands under "${id}" is not a document`);
  }
  try {
    parse(text, { noLocation: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw configurationInvalid(`${file}: the document "${id}" is not GraphQL: ${reason}`, error);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
