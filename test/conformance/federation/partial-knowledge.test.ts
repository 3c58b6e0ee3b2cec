import t from 'tap';
import { partialKnowledge } from './cases/partial-knowledge.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, partialKnowledge);
