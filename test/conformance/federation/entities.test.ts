import t from 'tap';
import { keys } from './cases/keys.ts';
import { override } from './cases/override.ts';
import { provides } from './cases/provides.ts';
import { requires } from './cases/requires.ts';
import { shareable } from './cases/shareable.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, keys);
await runGraphs(t, requires);
await runGraphs(t, provides);
await runGraphs(t, override);
await runGraphs(t, shareable);
