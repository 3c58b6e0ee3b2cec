import { readSubgraphs } from './test/conformance/authorization/suite/read-suite.ts';
import { composeSubgraphs } from './test/conformance/authorization/suite/serve-subgraphs.ts';
console.log(composeSubgraphs(readSubgraphs(process.argv[2] ?? 'menagerie'), 1));
