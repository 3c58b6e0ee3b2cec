import t from 'tap';
import { EventMemory } from '#plugins/auth/event-memory.ts';
import { callerWith } from './support/memory-identity.ts';

t.test('an event that was forgotten counts as having touched everyone', async (t) => {
  const memory = new EventMemory(2);
  for (const sequence of [1, 2, 3]) {
    memory.add({ sequence, touches: 'subject', id: `user_${sequence}` });
  }
  const other = callerWith({ subject: 'user_9', credentialId: 'key_9' });
  t.ok(memory.touchedSince(other, 0), 'what was known before it is not believed');
  t.ok(memory.touchedAfter(other, 0));
  t.notOk(memory.touchedSince(other, 1), 'what was learnt after it is');
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
  t.ok(memory.touchedSince(callerWith({ subject: 'user_9' }), count));
  t.notOk(memory.touchedSince(callerWith(), memory.count));
  t.ok(memory.touchedAfter(callerWith(), 89));
  t.notOk(memory.touchedAfter(callerWith(), 90), 'whatever the numbers were before');
});
