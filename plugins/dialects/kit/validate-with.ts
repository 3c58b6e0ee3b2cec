import type { FastifySchemaCompiler } from 'fastify';
import { IsInteger, IsObject, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { CodedError } from '#contract/errors.ts';

/**
 * Checks requests against TypeBox schemas. Nothing of a body is turned into another type: `{"name": 7}` has no name.
 * What stands in a URL is text, of which a whole number may be read. A body that is not there has no properties.
 */
export const validateWith: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  const isText = httpPart === 'params' || httpPart === 'querystring';
  return (given: unknown) => {
    const value = isText ? withNumbers(schema, given) : (given ?? {});
    if (compiled.Check(value)) return { value };
    return { error: new CodedError('BAD_REQUEST', describe(compiled.Errors(value)[0])) };
  };
};

/** Only what is written as a whole number is one: `1.5` must not become 1. */
function withNumbers(schema: TSchema, given: unknown): unknown {
  if (!IsObject(schema) || typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(
    Object.entries(given).map(([name, text]: [string, unknown]) => {
      const isNumber = typeof text === 'string' && /^-?(?:0|[1-9]\d*)$/.test(text);
      return [name, isNumber && IsInteger(schema.properties[name]) ? Number(text) : text];
    }),
  );
}

type Mistake = ReturnType<ReturnType<typeof Compile>['Errors']>[number];

/** Says what is wrong in words of the request; no value of it is repeated. */
function describe(mistake: Mistake | undefined): string {
  if (mistake === undefined) return 'The request is not well formed';
  const at = mistake.instancePath.slice(1).replaceAll('/', '.');
  // What is said of a property that `additionalProperties: false` forbids.
  if (mistake.keyword === 'boolean') return `"${at}" is not known here`;
  if (mistake.keyword === 'required') {
    return `Missing: ${mistake.params.requiredProperties.join(', ')}`;
  }
  if (mistake.keyword === 'enum') {
    return `"${at}" must be one of ${mistake.params.allowedValues.join(', ')}`;
  }
  return `${at === '' ? 'The request' : `"${at}"`} ${mistake.message}`;
}
