// Prints whether `import` and `require` give the same things in one process.
import { createRequire } from 'node:module';
import * as namespace from 'fd-conduit';

const imported = { ...namespace };
const required = createRequire(import.meta.url)('fd-conduit');

const names = Object.keys(required);
const different = names.filter((name) => imported[name] !== required[name]);
const error = await imported.Conduit.connect('').catch((error) => error);
console.log(JSON.stringify({ names, different, isKnown: required.isConduitError(error) }));
