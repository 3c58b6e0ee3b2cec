import t from 'tap';
import { abstractTypes } from './cases/abstract-types.ts';
import { directives } from './cases/directives.ts';
import { federation1 } from './cases/federation-1.ts';
import { inaccessible } from './cases/inaccessible.ts';
import { interfaceObject } from './cases/interface-object.ts';
import { intersections } from './cases/intersections.ts';
import { runGraphs } from './run-graphs.ts';

await runGraphs(t, interfaceObject);
await runGraphs(t, abstractTypes);
await runGraphs(t, inaccessible);
await runGraphs(t, intersections);
await runGraphs(t, federation1);
await runGraphs(t, directives);
