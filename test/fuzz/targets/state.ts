/** What the agent reads back of what it wrote: the journal and the history of a Secret. Anybody with the right may have written there. */
import { readHistory } from '../../../agent/layout/history.ts';
import { decodeJournal } from '../../../agent/rotation/journal.ts';
import type { Target } from '../target.ts';

const history = {
  clientCa: [
    { since: 0, bundle: 'a', anchors: ['a'] },
    { since: 5, bundle: 'b', anchors: ['a', 'b'] },
  ],
  leafs: { 'argocd-repo-server-mtls/client.crt': [{ since: 0, leaf: 'a' }] },
  serving: [{ since: 0, leaf: 'a' }],
  caPath: [{ since: 0, components: ['server'] }],
};
const journal = {
  version: 1,
  rotation: {
    id: 'r1',
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    class: 'leaf',
    startedAt: 0,
    restarts: [],
  },
  history: [],
  lastProof: { at: 0, accepted: 1, refused: 1 },
};

export const STATE: Target = {
  name: 'journal and history',
  seeds: () => [history, journal].map((value) => Buffer.from(JSON.stringify(value))),
  form: 'text',
  words: [
    '"since":',
    '"version":2',
    '"__proto__":{"polluted":true},',
    'null,',
    '{"since":1e999},',
    '[',
    '{"a":'.repeat(5000),
  ],
  read: (input) => {
    readHistory(input.toString('utf8'));
    decodeJournal(input.toString('utf8'));
    if (Object.hasOwn(Object.prototype, 'polluted')) throw new Error('Object.prototype was changed');
  },
};
