export type ScenarioName = 'big' | 'mid' | 'small';

const fragments = `
fragment UserParts on User { id username name }
fragment ReviewParts on Review { id body }
fragment ProductParts on Product { inStock name price shippingEstimate upc weight }`;

/** Products by the reviews of their reviewers: each level asks another subgraph. */
const reviewers = `author { ...UserParts reviews { ...ReviewParts product { ...ProductParts } } }`;

/** The operations that are measured, from an answer of tens of kilobytes to one of a few words. */
export const operations: Readonly<Record<ScenarioName, string>> = {
  big: `query Big {
  users {
    ...UserParts
    reviews {
      ...ReviewParts
      product { ...ProductParts reviews { ...ReviewParts ${reviewers} } }
    }
  }
  topProducts { ...ProductParts reviews { ...ReviewParts ${reviewers} } }
}
${fragments}`,
  mid: `query Mid {
  topProducts(first: 2) {
    upc
    name
    price
    inStock
    shippingEstimate
    reviews { id body author { name username } }
  }
}`,
  small: 'query Small { me { id name username } }',
};

export const scenarioNames = Object.keys(operations) as readonly ScenarioName[];
