import type { FederationCase } from '../federation-case.ts';

/** Asked of the graph of `conditions.ts`. */
export const conditionsOnFragments: readonly FederationCase[] = [
  {
    promise: 'conditions on inline fragments, without and with a type',
    query: `query ($a: Boolean!, $b: Boolean!) {
      users { ... @include(if: $a) { label } ... on User @skip(if: $b) { score name } }
    }`,
    variables: { a: true, b: true },
    data: { users: [{ label: 'label x' }, { label: 'label y' }] },
  },
  {
    promise: 'conditions on spreads of named fragments',
    query: `query ($a: Boolean!, $b: Boolean!) { users { ...A @include(if: $a) ...B @skip(if: $b) } }
      fragment A on User { label pets { name } }
      fragment B on User { score name }`,
    variables: { a: false, b: false },
    data: {
      users: [
        { score: 1, name: 'Ann' },
        { score: 2, name: 'Bob' },
      ],
    },
    calls: ['labels', 'users'],
  },
  {
    promise: 'a field that is skipped in one fragment and not in the other is answered',
    query:
      'query ($v: Boolean!) { me { ... @skip(if: $v) { label } ... @include(if: $v) { label score } } }',
    variables: { v: true },
    data: { me: { label: 'label x', score: 1 } },
  },
  {
    promise: 'nested conditions, all true',
    query: `query ($a: Boolean!, $b: Boolean!, $c: Boolean!) {
      me @include(if: $a) { ... @include(if: $b) { pets { ... on Cat @include(if: $c) { tag lives } name } } name }
    }`,
    variables: { a: true, b: true, c: true },
    data: { me: { pets: [{ tag: 'cat c', lives: 9, name: 'Tom' }], name: 'Ann' } },
  },
  {
    promise: 'nested conditions, the innermost false',
    query: `query ($a: Boolean!, $b: Boolean!, $c: Boolean!) {
      me @include(if: $a) { ... @include(if: $b) { pets { ... on Cat @include(if: $c) { tag lives } name } } name }
    }`,
    variables: { a: true, b: true, c: false },
    data: { me: { pets: [{ name: 'Tom' }], name: 'Ann' } },
  },
  {
    promise: 'nested conditions, one in the middle false',
    query: `query ($a: Boolean!, $b: Boolean!, $c: Boolean!) {
      me @include(if: $a) { ... @include(if: $b) { pets { ... on Cat @include(if: $c) { tag lives } name } } name }
    }`,
    variables: { a: true, b: false, c: true },
    data: { me: { name: 'Ann' } },
    calls: ['users'],
  },
  {
    promise: 'conditions on types of an interface',
    query: `query ($v: Boolean!) {
      pets { ... on Cat @include(if: $v) { tag } ... on Dog @skip(if: $v) { tag } __typename @include(if: $v) }
    }`,
    variables: { v: true },
    data: { pets: [{ tag: 'cat c', __typename: 'Cat' }, { __typename: 'Dog' }] },
  },
  {
    promise: 'conditions on types of an interface, the other way',
    query: `query ($v: Boolean!) {
      pets { ... on Cat @include(if: $v) { tag } ... on Dog @skip(if: $v) { tag } __typename @include(if: $v) }
    }`,
    variables: { v: false },
    data: { pets: [{}, { tag: 'dog d' }] },
  },
  {
    promise: 'a union of which everything is skipped keeps its objects',
    query:
      'query ($v: Boolean!) { things { ... on Cat @skip(if: $v) { lives } ... on Dog @skip(if: $v) { tricks } } }',
    variables: { v: true },
    data: { things: [{}, {}] },
  },
  {
    promise: 'entities below a fragment on the root under a condition are filled (included)',
    query:
      'query ($v: Boolean!) { ... on Query @include(if: $v) { users { score } me { label } } hello }',
    variables: { v: true },
    data: { users: [{ score: 1 }, { score: 2 }], me: { label: 'label x' }, hello: 'hi' },
  },
  {
    promise: 'entities below a fragment on the root under a condition are left out (skipped)',
    query: 'query ($v: Boolean!) { ... @skip(if: $v) { users { score } me { label } } hello }',
    variables: { v: true },
    data: { hello: 'hi' },
    calls: ['users'],
  },
  {
    promise: 'a fragment on a union inside that union under a condition',
    query: `query ($v: Boolean!) {
      things { ... on Thing @include(if: $v) { ... on Cat { tag } __typename } ... on Thing @skip(if: $v) { ... on Dog { tag } } }
    }`,
    variables: { v: true },
    data: { things: [{ tag: 'cat c', __typename: 'Cat' }, { __typename: 'Dog' }] },
  },
  {
    promise: 'a fragment on an interface inside one of its types under a condition',
    query: `query ($v: Boolean!) {
      pets { ... on Cat { ... on Pet @include(if: $v) { owner { label } name } } ... on Dog { ... on Pet @skip(if: $v) { name } } }
    }`,
    variables: { v: true },
    data: { pets: [{ owner: { label: 'label x' }, name: 'Tom' }, {}] },
  },
];
