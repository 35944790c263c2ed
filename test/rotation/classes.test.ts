/**
 * Every change class by the shipped engine on the stand-in, with real handshakes between every pair all along.
 *
 * Restarts are those of ARGOCD-MTLS's table: R of repo-server, C of each client, N of notifications-controller.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { InstanceSettings } from '../../agent/model/settings.ts';
import type { ChangeClass } from '../../agent/model/terms.ts';
import {
  certificate,
  deliver,
  Installation,
  isIssuing,
  issue,
  publishCa,
} from '../kit/installation/index.ts';
import { type Authority, makeCa, makeSelfSigned, renewCaSameKey, replaceCa } from '../kit/pki/index.ts';
import { endedRotations, expectFinished } from './finished.ts';

const LIMIT = 60_000;
const NS = 'argocd';

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const SERVING = { serving: certificate('repo-serving') };
const VERIFYING = { ...SERVING, verification: 'on' } as const;

const client = (ca: Authority) => issue(installation.api, NS, 'repo-client', ca, 'client');
const serving = (ca: Authority) => issue(installation.api, NS, 'repo-serving', ca, 'serving');

interface Case {
  readonly what: string;
  readonly class: ChangeClass;
  /** What is in force before, brought about by the agent itself. */
  readonly before: Partial<InstanceSettings> | 'nothing';
  readonly after: Partial<InstanceSettings>;
  /** @param ca of the clients, and of the server. */
  readonly change: (clientCa: Authority, serverCa: Authority) => unknown;
  readonly restarts: Readonly<Record<string, number>>;
}

const everyClient = (times: number) => ({
  server: times,
  'application-controller': times,
  'applicationset-controller': times,
  'notifications-controller': times,
});

const cases: readonly Case[] = [
  {
    what: 'mTLS enabled: repo-server and notifications-controller once',
    class: 'enable',
    before: 'nothing',
    after: {},
    change: client,
    restarts: { 'repo-server': 1, 'notifications-controller': 1 },
  },
  {
    what: 'verification of the server switched on: repo-server and each client once',
    class: 'verify-on',
    before: {},
    after: VERIFYING,
    change: (_, serverCa) => serving(serverCa),
    restarts: { 'repo-server': 1, ...everyClient(1) },
  },
  {
    what: 'client leaf renewed under the same CA: nothing restarted',
    class: 'leaf',
    before: {},
    after: {},
    change: client,
    restarts: {},
  },
  {
    what: 'client leaf under a new intermediate of the same root: nothing restarted',
    class: 'leaf',
    before: {},
    after: {},
    change: (ca) => {
      const intermediate = makeCa({ name: 'Intermediate', issuer: ca });
      issue(installation.api, NS, 'repo-client', { ...intermediate, pem: ca.pem }, 'client');
    },
    restarts: {},
  },
  {
    what: 'client CA replaced: repo-server twice, no client',
    class: 'client-ca',
    before: {},
    after: {},
    change: (ca) => client(replaceCa(ca)),
    restarts: { 'repo-server': 2 },
  },
  {
    what: 'client leaf replaced by one that signed itself, under no CA: repo-server twice, no client',
    class: 'client-ca',
    before: {},
    after: {},
    change: () => {
      const { identity, authority } = makeSelfSigned();
      deliver(installation.api, NS, 'repo-client', identity, authority);
    },
    restarts: { 'repo-server': 2 },
  },
  {
    what: 'client CA renewed with the same key: repo-server once',
    class: 'client-ca-renewed',
    before: {},
    after: {},
    change: (ca) => client(renewCaSameKey(ca)),
    restarts: { 'repo-server': 1 },
  },
  {
    what: 'serving certificate renewed under verifying clients: repo-server once',
    class: 'serving',
    before: VERIFYING,
    after: VERIFYING,
    change: (_, serverCa) => serving(serverCa),
    restarts: { 'repo-server': 1 },
  },
  {
    what: 'server CA replaced under verifying clients: repo-server once, each client twice',
    class: 'server-ca',
    before: VERIFYING,
    after: VERIFYING,
    change: (_, serverCa) => serving(replaceCa(serverCa)),
    restarts: { 'repo-server': 1, ...everyClient(2) },
  },
  {
    what: 'server CA replaced where nobody verifies: repo-server once, no client',
    class: 'server-ca',
    before: SERVING,
    after: SERVING,
    change: (_, serverCa) => serving(replaceCa(serverCa)),
    restarts: { 'repo-server': 1 },
  },
  {
    what: 'both CAs at once under verifying clients: repo-server twice, each client twice',
    class: 'both',
    before: VERIFYING,
    after: VERIFYING,
    change: (clientCa) => {
      const ca = replaceCa(clientCa);
      client(ca);
      serving(ca);
    },
    restarts: { 'repo-server': 2, ...everyClient(2) },
  },
  {
    what: 'both CAs at once where nobody verifies: repo-server twice, no client',
    class: 'both',
    before: SERVING,
    after: SERVING,
    change: (clientCa) => {
      const ca = replaceCa(clientCa);
      client(ca);
      serving(ca);
    },
    restarts: { 'repo-server': 2 },
  },
  {
    what: 'mTLS disabled: repo-server once',
    class: 'disable',
    before: {},
    after: { state: 'disabled' },
    change: () => undefined,
    restarts: { 'repo-server': 1 },
  },
];

describe('a whole change without a failed call', () => {
  test.each(cases)(
    '$what',
    async ({ class: changeClass, before, after, change, restarts }) => {
      installation = await Installation.start();
      const [clientCa, serverCa] = [makeCa({ name: 'Client CA' }), makeCa({ name: 'Server CA' })];
      if (before !== 'nothing') {
        client(clientCa);
        if (before.serving !== undefined) serving(serverCa);
        await installation.agent(before).run();
        await expectFinished(installation, before);
      }
      const writes = installation.api.writes.length;
      const ended = endedRotations(installation).length;
      change(clientCa, serverCa);
      await installation.agent(after).run();
      expect(installation.restarts(writes)).toEqual(restarts);
      expect(endedRotations(installation).slice(ended)).toHaveLength(1);
      expect(endedRotations(installation).at(-1)?.rotation.changeClass).toBe(changeClass);
      await expectFinished(installation, after);
    },
    LIMIT,
  );

  test(
    'an issuer whose CA was replaced: the leaf is asked for only when every repo-server trusts the new CA',
    async () => {
      const reissue = {
        clients: {
          default: certificate('repo-client', {
            issuerCa: { secret: 'issuer-ca', key: 'ca.crt' },
            reissue: 'when-ca-replaced',
          }),
          byComponent: {},
        },
      } as const;
      installation = await Installation.start({ settings: reissue });
      const { api } = installation;
      const ca = makeCa();
      const next = replaceCa(ca);
      publishCa(api, NS, 'issuer-ca', ca);
      client(ca);
      await installation.agent().run();
      const writes = api.writes.length;
      publishCa(api, NS, 'issuer-ca', next);
      let rolledWhenAsked: unknown;
      const steps = await installation.agent().run({
        beforeTurn: () => {
          if (rolledWhenAsked !== undefined || !isIssuing(api, NS, 'repo-client')) return;
          rolledWhenAsked = installation.restarts(writes);
          client(next);
        },
      });
      expect(rolledWhenAsked).toEqual({ 'repo-server': 1 });
      expect(steps.filter((step) => step === 'issue')).toHaveLength(1);
      expect(installation.restarts(writes)).toEqual({ 'repo-server': 2 });
      await expectFinished(installation);
    },
    LIMIT,
  );
});
