import type { Writer } from './place.ts';
import { escaped } from './write-leaf.ts';

/** How one field of an object is written. */
export type FieldWriting =
  /** The same text for every object. */
  | { readonly kind: 'constant'; readonly key: string; readonly text: string }
  /** Never shown to this caller. */
  | {
      readonly kind: 'denied';
      readonly key: string;
      readonly isNonNull: boolean;
      readonly point: number;
    }
  | {
      readonly kind: 'value';
      /** The client's key. */
      readonly key: string;
      /** The key of the answer that holds it. */
      readonly source: string;
      readonly coordinate: string;
      readonly isNonNull: boolean;
      readonly write: Writer;
      /** The name of its type where that is a leaf that can be written without a call, most of the time. */
      readonly leaf: string | null;
    };

/**
 * Builds the function that writes an object's fields in their order as JSON text; null when a null leaves nothing of
 * the object.
 *
 * Neighbouring leaves are written by one expression where all of them are what they should be: each `+` that is saved
 * is an object less for the garbage collector.
 */
export function buildObjectWriter(fields: readonly FieldWriting[]): Writer {
  const writers: Writer[] = [];
  const lines: string[] = [];
  let run: PlainField[] = [];
  const endRun = (ending: string): void => {
    if (run.length > 0) lines.push(writePlain(run, ending));
    else if (ending !== '') lines.push(`s += ${JSON.stringify(ending)};`);
    run = [];
  };
  fields.forEach((field, at) => {
    const prefix = `${at === 0 ? '{' : ','}${JSON.stringify(field.key)}:`;
    if (field.kind === 'constant') {
      run.push({ fits: null, parts: [{ text: prefix + field.text }], otherwise: '' });
      return;
    }
    const name = JSON.stringify(field.key);
    const onNull = field.isNonNull ? 'return null;' : `s += ${JSON.stringify(`${prefix}null`)};`;
    if (field.kind === 'denied') {
      endRun('');
      lines.push(`p.denied(d, ${name}, ${field.point});`, onNull);
      return;
    }
    writers.push(field.write);
    const value = `v${at}`;
    const source = JSON.stringify(field.source);
    // A key such as "constructor" is inherited by every object.
    const read =
      field.source in Object.prototype
        ? `Object.hasOwn(o, ${source}) ? o[${source}] : undefined`
        : `o[${source}]`;
    const whole = `
      if (${value} === undefined || ${value} === null) {
        if (${value} === undefined) p.missing(d, ${name});
        ${field.isNonNull ? `p.nonNull(d, ${name}, ${JSON.stringify(field.coordinate)});` : ''}
        ${onNull}
      } else {
        p.path[d] = ${name};
        t = w${writers.length - 1}(${value}, p, d + 1);
        if (t === null) { ${onNull} } else s += ${JSON.stringify(prefix)} + t;
      }`;
    const plain = field.leaf === null ? null : plainLeaf(field.leaf, value);
    if (plain === null) endRun('');
    lines.push(`const ${value} = ${read};`);
    if (plain === null) {
      lines.push(whole);
      return;
    }
    const quote = plain.isQuoted ? '"' : '';
    run.push({
      fits: plain.fits,
      parts: [{ text: prefix + quote }, { variable: value }, { text: quote }],
      otherwise: whole,
    });
  });
  endRun(fields.length === 0 ? '{}' : '}');
  const names = writers.map((_, index) => `w${index}`);
  // Everything put into the text is a GraphQL name or a number, names quoted.
  const build = new Function(
    'escaped',
    ...names,
    `return function (o, p, d) { let s = '', t; ${lines.join('\n')} return s; }`,
  ) as (escapes: RegExp, ...writers: Writer[]) => Writer;
  return build(escaped, ...writers);
}

type Part = { readonly text: string } | { readonly variable: string };

interface PlainField {
  /** When it can be written as `parts`; null for always. */
  readonly fits: string | null;
  readonly parts: readonly Part[];
  /** How it is written when it cannot. */
  readonly otherwise: string;
}

function writePlain(run: readonly PlainField[], ending: string): string {
  const end = { text: ending };
  const together = `s += ${concatenation([...run.flatMap(({ parts }) => parts), end])};`;
  const conditions = run.flatMap(({ fits }) => fits ?? []);
  if (conditions.length === 0) return together;
  const apart = run.map(({ fits, parts, otherwise }) => {
    const alone = `s += ${concatenation(parts)};`;
    return fits === null ? alone : `if (${fits}) { ${alone} } else { ${otherwise} }`;
  });
  return `if (${conditions.join(' && ')}) { ${together} } else {
    ${apart.join('\n')} s += ${JSON.stringify(ending)};
  }`;
}

/** The expression that joins the parts, texts that stand side by side joined here already. */
function concatenation(parts: readonly Part[]): string {
  const terms: string[] = [];
  let text = '';
  for (const part of parts) {
    if ('text' in part) {
      text += part.text;
      continue;
    }
    if (text !== '') terms.push(JSON.stringify(text));
    text = '';
    terms.push(part.variable);
  }
  if (text !== '') terms.push(JSON.stringify(text));
  return terms.join(' + ');
}

/** When nearly every value `v` of a leaf can be written as it is; null where it cannot. */
function plainLeaf(type: string, v: string): { fits: string; isQuoted: boolean } | null {
  switch (type) {
    case 'String':
    case 'ID':
      return { fits: `typeof ${v} === 'string' && !escaped.test(${v})`, isQuoted: true };
    case 'Int':
      return { fits: `typeof ${v} === 'number' && (${v} | 0) === ${v}`, isQuoted: false };
    case 'Float':
      return { fits: `Number.isFinite(${v})`, isQuoted: false };
    case 'Boolean':
      return { fits: `typeof ${v} === 'boolean'`, isQuoted: false };
    default:
      return null;
  }
}
