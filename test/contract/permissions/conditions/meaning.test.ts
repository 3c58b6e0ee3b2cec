import fc from 'fast-check';
import t from 'tap';
import type { Condition } from '#contract/permissions/conditions/condition.ts';
import {
  conditionText,
  encodeCondition,
} from '#contract/permissions/conditions/encode-condition.ts';
import { evaluate } from '#contract/permissions/conditions/evaluate-condition.ts';
import { implies } from '#contract/permissions/conditions/implies.ts';
import { readCondition } from '#contract/permissions/conditions/read-condition.ts';
import { simplify } from '#contract/permissions/conditions/simplify-condition.ts';
import { combinedLimits } from '#contract/permissions/limits.ts';
import { plainTruth } from '../support/plain-evaluator.ts';
import { record, type Written, writtenCondition } from '../support/random-conditions.ts';

const runs = { numRuns: 1_000 };

/** The condition, or null where nothing can meet it: that is told to whoever writes it. */
function readOrNull(written: Written): Condition | null {
  try {
    return readCondition(written, 'where', combinedLimits);
  } catch (error) {
    if (/nothing can meet/.test(String(error))) return null;
    throw error;
  }
}

t.test('a condition is true of the records that it was written for, and of no others', async () => {
  fc.assert(
    fc.property(writtenCondition, fc.array(record, { minLength: 5 }), (written, records) => {
      const condition = readOrNull(written);
      return records.every(
        (each) =>
          (condition !== null && evaluate(condition, each) === true) ===
          (plainTruth(written, each) === true),
      );
    }),
    runs,
  );
});

t.test('a negation is true where the condition is false, and nowhere else', async () => {
  fc.assert(
    fc.property(writtenCondition, fc.array(record, { minLength: 5 }), (written, records) => {
      const condition = readOrNull({ _not: written });
      return records.every(
        (each) =>
          (condition !== null && evaluate(condition, each) === true) ===
          (plainTruth(written, each) === false),
      );
    }),
    runs,
  );
});

t.test('what was read and encoded is read again as the same', async () => {
  fc.assert(
    fc.property(writtenCondition, (written) => {
      const condition = readOrNull(written);
      if (condition === null) return;
      const json = JSON.parse(JSON.stringify(encodeCondition(condition)));
      const again = readCondition(json, 'where', combinedLimits);
      if (conditionText(again) !== conditionText(condition)) throw new Error('another condition');
      if (conditionText(simplify(condition)) !== conditionText(condition)) {
        throw new Error('it can be simplified once more');
      }
    }),
    runs,
  );
});

t.test('both spellings of the connectives are one', async (t) => {
  const ours = { _or: [{ a: 1 }, { _and: [{ b_gt: 2 }, { _not: { c: null } }] }] };
  const theirs = { OR: [{ a: 1 }, { AND: [{ b_gt: 2 }, { NOT: [{ c: null }] }] }] };
  const text = conditionText(readCondition(theirs, 'where', combinedLimits));
  t.equal(text, conditionText(readCondition(ours, 'where', combinedLimits)));
  t.equal(text, '{"_or":[{"a":1},{"b_gt":2,"c_not":null}]}');
});

t.test('when a condition implies another, no record meets the first alone', async (t) => {
  let proofs = 0;
  fc.assert(
    fc.property(
      writtenCondition,
      writtenCondition,
      fc.array(record, { minLength: 10, maxLength: 20 }),
      (one, other, records) => {
        const [a, b] = [readOrNull(one), readOrNull(other)];
        if (a === null || b === null) return true;
        if (!implies(a, b)) return true;
        proofs += 1;
        return records.every((each) => evaluate(a, each) !== true || evaluate(b, each) === true);
      },
    ),
    { numRuns: 5_000 },
  );
  t.ok(proofs > 20, `${proofs} were proven`);
});
