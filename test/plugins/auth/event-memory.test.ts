import t from 'tap';
import { EventMemory } from '#plugins/auth/event-memory.ts';
import { callerWith } from './support/memory-identity.ts';

t.test('an event that was forgotten counts as having touched everyone', async (t) => {
  const memory = new EventMemory(2);
  for (const sequence of [1, 2, 3]) {
    memory.add({ sequence, touches: 'subject', id: `user_${sequence}` });
  }
  const other = callerWith({ subject: 'user_9', credentialId: 'key_9' });
  const knowing = (count: number) => ({ count, sequence: 9 });
  t.ok(memory.outdates(other, knowing(0)), 'what was known before it is not believed');
  t.ok(memory.outdatesNobody({ count: 0, sequence: 9 }));
  t.ok(memory.touchedAfter(other, 0));
  t.notOk(memory.outdates(other, knowing(1)), 'what was learnt after it is');
  t.notOk(memory.touchedAfter(other, 1));
});

t.test('an event told late does not undo a later one', async (t) => {
  const memory = new EventMemory();
  memory.add({ sequence: 9, touches: 'credential', id: 'key_1' });
  memory.add({ sequence: 4, touches: 'credential', id: 'key_1' });
  t.ok(memory.touchedAfter(callerWith(), 8));
  t.notOk(memory.touchedAfter(callerWith(), 9));
});

t.test('after a reset everybody counts as touched, and only what is newer is not', async (t) => {
  const memory = new EventMemory();
  memory.add({ sequence: 100, touches: 'subject', id: 'user_1' });
  const { count } = memory;
  memory.reset(90);
  const before = { count, sequence: 200 };
  t.ok(memory.outdates(callerWith({ subject: 'user_9' }), before), 'also with a higher number');
  t.ok(memory.outdatesNobody(before));
  const after = { count: memory.count, sequence: 0 };
  t.notOk(memory.outdates(callerWith(), after));
  t.notOk(memory.outdatesNobody(after));
  t.ok(memory.touchedAfter(callerWith(), 89));
  t.notOk(memory.touchedAfter(callerWith(), 90), 'whatever the numbers were before');
});

t.test('an answer knows of what came before it was asked for, or is as of', async (t) => {
  const memory = new EventMemory();
  memory.add({ sequence: 5, touches: 'credential', id: 'key_1' });
  t.ok(memory.outdates(callerWith(), { count: 0, sequence: 4 }));
  t.notOk(memory.outdates(callerWith(), { count: 1, sequence: 4 }), 'asked for after it');
  t.notOk(memory.outdates(callerWith(), { count: 0, sequence: 5 }), 'as of it');
  const other = callerWith({ credentialId: 'key_2' });
  t.notOk(memory.outdates(other, { count: 0, sequence: 4 }), 'and not about others');
  t.ok(memory.outdatesNobody({ count: 0, sequence: 4 }), 'who may be anybody');
  t.notOk(memory.outdatesNobody({ count: 0, sequence: 5 }));
  t.notOk(memory.outdatesNobody({ count: 1, sequence: 4 }));
});
