import { resolve } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { CodedError } from '#contract/errors.ts';
import { definePlugin } from '#gateway/plugin.ts';
import { configurationInvalid, notTrusted } from './errors.ts';
import { type Documents, findDocument } from './find-document.ts';
import { identify, type Parameters } from './identify.ts';
import { options } from './options.ts';
import { RegisteredDocuments } from './registered-documents.ts';
import { noTrustedDocuments, readManifest } from './trusted-documents.ts';

/** What became of the identifiers of one HTTP request, which may be a batch. */
interface Outcome {
  /** Why an operation has no document, by the text that stands in its place. */
  readonly refusals: Map<string, CodedError>;
  /** Hashes under which to keep texts that prove valid. */
  readonly registrations: Map<string, string>;
}

/** Operations by identifier: automatic persisted queries, and a manifest of trusted documents. */
export const persistedOperations = definePlugin({
  name: 'persisted-operations',
  options,
  async register(app, { automatic, manifest, onlyPersisted, ...bounds }) {
    if (onlyPersisted && manifest === undefined) {
      throw configurationInvalid('onlyPersisted needs a manifest');
    }
    const documents: Documents = {
      trusted: manifest === undefined ? noTrustedDocuments : await readManifest(resolve(manifest)),
      registered: automatic && !onlyPersisted ? new RegisteredDocuments(bounds) : null,
      onlyPersisted,
    };
    const outcomes = new WeakMap<FastifyRequest, Outcome>();
    /** By the context of an operation: what to keep when its document has proved valid. */
    const proposals = new WeakMap<object, { readonly hash: string; readonly text: string }>();

    // After the body is read, before anything asks for its query: Mercurius refuses a request without one.
    app.addHook('preHandler', (request, _reply, done) => {
      if (request.routeOptions.config.isGraphql === true && request.validationError === undefined) {
        for (const [index, parameters] of parametersOf(request).entries()) {
          fillIn(documents, parameters, index, () => outcomeOf(outcomes, request));
        }
      }
      done();
    });

    app.castellan.addHook('onParameters', (parameters, context) => {
      const identifier = identify(parameters);
      if (identifier === null) return;
      const { text, register } = findDocument(documents, identifier, parameters.query);
      parameters.query = text;
      if (register !== null) proposals.set(context, { hash: register, text });
    });

    app.castellan.addHook('preParsing', (_schema, source, context) => {
      const outcome = outcomes.get(context.request);
      if (outcome !== undefined) {
        const refusal = outcome.refusals.get(source);
        if (refusal !== undefined) {
          // It may be found a moment later: nobody on the way is to keep this answer.
          context.reply.header('cache-control', 'no-store');
          throw refusal;
        }
        const hash = outcome.registrations.get(source);
        if (hash !== undefined) proposals.set(context, { hash, text: source });
      }
      // Here and not only above, as documents come by other roads than HTTP's parameters too.
      if (!onlyPersisted || context.isInternal === true) return;
      if (!documents.trusted.holds(source)) throw notTrusted();
    });

    const { registered } = documents;
    if (registered === null) return;
    // Runs for valid documents alone, so that nonsense does not push out what is used.
    app.castellan.addHook('preExecution', (_schema, _document, context) => {
      const proposal = proposals.get(context);
      if (proposal !== undefined) registered.keep(proposal.hash, proposal.text);
      return undefined;
    });
  },
});

function parametersOf({ method, body, query }: FastifyRequest): readonly Parameters[] {
  const parameters = method === 'GET' ? query : body;
  const list: readonly unknown[] = Array.isArray(parameters) ? parameters : [parameters];
  return list.filter((each): each is Parameters => typeof each === 'object' && each !== null);
}

/** Puts the document in the place of its identifier, or a text that stands for the reason why there is none. */
function fillIn(
  documents: Documents,
  parameters: Parameters,
  index: number,
  outcome: () => Outcome,
): void {
  try {
    const identifier = identify(parameters);
    if (identifier === null) return;
    const { text, register } = findDocument(documents, identifier, parameters.query);
    parameters.query = text;
    if (register !== null) outcome().registrations.set(text, register);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    // Of a batch, only this operation fails.
    parameters.query = `# operation ${index} has no document`;
    outcome().refusals.set(parameters.query, error);
  }
}

function outcomeOf(outcomes: WeakMap<FastifyRequest, Outcome>, request: FastifyRequest): Outcome {
  const known = outcomes.get(request);
  if (known !== undefined) return known;
  const outcome: Outcome = { refusals: new Map(), registrations: new Map() };
  outcomes.set(request, outcome);
  return outcome;
}
