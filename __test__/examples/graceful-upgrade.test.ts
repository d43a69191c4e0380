import { join } from 'node:path';
import test from 'ava';
import { converse } from '../support/conversations.js';

test('a hundred conversations go on through three upgrades, and every byte is counted once', (t) =>
  converse(t, join(__dirname, '..', '..', 'examples', 'graceful-upgrade', 'server.js')));
