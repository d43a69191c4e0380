import { join } from 'node:path';

/** The checkout, seen from build/bench. */
export const root = join(__dirname, '..', '..');
