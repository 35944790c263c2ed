/**
 * Every change class, its agents killed at every write: the same end and not a restart more than by one agent that lives (classes.test.ts).
 */
import { afterEach, expect, test } from '@jest/globals';
import { certificate, Installation, issue } from '../kit/installation/index.ts';
import { type Authority, makeCa, replaceCa } from '../kit/pki/index.ts';
import { type Change, killedAllAlong, type Phase } from './kills.ts';

const NS = 'argocd';
const SERVING = { serving: certificate('repo-serving') };
const VERIFYING = { ...SERVING, verification: 'on' } as const;

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

interface Class extends Change {
  readonly class: string;
  readonly restarts: Readonly<Record<string, number>>;
  /** Writes that there are to die at, at least. */
  readonly deaths: number;
}

const everyClient = (times: number) => ({
  server: times,
  'application-controller': times,
  'applicationset-controller': times,
  'notifications-controller': times,
});

/** From nothing to nothing; each change begins where the one before ended. */
const life = (): readonly Class[] => {
  let clientCa: Authority = makeCa({ name: 'Client CA' });
  let serverCa: Authority = makeCa({ name: 'Server CA' });
  const client = () => {
    const { chainPem, keyPem } = issue(installation.api, NS, 'repo-client', clientCa, 'client');
    return { 'client-ca.crt': clientCa.pem, 'client.crt': chainPem, 'client.key': keyPem };
  };
  const serving = () => {
    const { chainPem, keyPem } = issue(installation.api, NS, 'repo-serving', serverCa, 'serving');
    return { 'server-ca.crt': serverCa.pem, 'tls.crt': chainPem, 'tls.key': keyPem };
  };
  return [
    {
      class: 'enable',
      make: client,
      restarts: { 'repo-server': 1, 'notifications-controller': 1 },
      deaths: 14,
    },
    { class: 'leaf', make: client, restarts: {}, deaths: 5 },
    {
      class: 'client-ca',
      make: () => {
        clientCa = replaceCa(clientCa);
        return client();
      },
      restarts: { 'repo-server': 2 },
      deaths: 20,
    },
    {
      class: 'verify-on',
      settings: VERIFYING,
      make: serving,
      restarts: { 'repo-server': 1, ...everyClient(1) },
      deaths: 20,
    },
    {
      class: 'serving',
      settings: VERIFYING,
      make: serving,
      restarts: { 'repo-server': 1 },
      deaths: 7,
    },
    {
      class: 'server-ca',
      settings: VERIFYING,
      make: () => {
        serverCa = replaceCa(serverCa);
        return serving();
      },
      restarts: { 'repo-server': 1, ...everyClient(2) },
      deaths: 28,
    },
    {
      class: 'both',
      settings: VERIFYING,
      make: () => {
        clientCa = replaceCa(clientCa);
        serverCa = replaceCa(serverCa);
        return { ...client(), ...serving() };
      },
      restarts: { 'repo-server': 2, ...everyClient(2) },
      deaths: 36,
    },
    {
      class: 'disable',
      settings: { ...VERIFYING, state: 'disabled' },
      make: () => ({ 'client-ca.crt': undefined, 'client.crt': undefined }),
      restarts: { 'repo-server': 1 },
      deaths: 12,
    },
  ];
};

test.each<Phase>(['before', 'after'])(
  'killed %s each write of enable, leaf, client CA, verify-on, serving, server CA, both CAs and disable, the agents end it the same way',
  async (phase) => {
    installation = await Installation.start({ repoServers: 1 });
    for (const change of life()) {
      const deaths = await killedAllAlong(installation, change, phase, change.restarts);
      expect({ class: change.class, enough: deaths >= change.deaths }).toEqual({
        class: change.class,
        enough: true,
      });
    }
  },
  180_000,
);
