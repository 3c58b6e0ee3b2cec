import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import t from 'tap';
import { readRules } from '#plugins/authorization/rules/rules.ts';
import { coordinatesOfSupergraph } from './support/guarded-graph.ts';

const page = readFileSync('docs/authorization.md', 'utf8');
const examples = [...page.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, text = '']) => text);

function rulesOf(example: string) {
  const { supergraphSdl, errors } = composeServices([
    { name: 'example', url: 'http://127.0.0.1:1', typeDefs: parse(example) },
  ]);
  if (supergraphSdl === undefined) throw new AggregateError(errors ?? [], String(errors));
  const rules = readRules(coordinatesOfSupergraph(supergraphSdl));
  return (type: string, name: string) => {
    const field = rules.coordinates.fieldOf(type, name);
    if (field === undefined) throw new Error(`there is no ${type}.${name}`);
    return { ...rules.requirementOf(field), ...rules.entryOf(field) };
  };
}

t.test('the examples of the page compose, and mean what it says', async (t) => {
  const [directives = '', policies = '', access = ''] = examples;
  t.match(rulesOf(directives)('Query', 'invoices'), { authenticated: true });
  t.same(rulesOf(directives)('Invoice', 'margin').scopes, [
    [['invoices:margin'], ['audit', 'read:all']],
  ]);
  t.same(rulesOf(policies)('Query', 'payroll').policies, [[['office-hours', 'staff']]]);
  const rules = rulesOf(access);
  t.match(rules('Mutation', 'approve'), { action: 'PUBLISH', model: { name: 'Order' } });
  t.match(rules('Mutation', 'leave'), { sessions: 'alone' });
  t.match(rules('Query', 'topOrders'), { action: 'READ', model: { name: 'Order' } });
});
