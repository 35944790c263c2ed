/**
 * Every source that reads Kubernetes objects, by the shipped engine on the stand-in: enabled, a leaf renewed, a CA replaced, torn half-way.
 *
 * **Invariant:** the agent works under exactly the rights that the configuration is said to need.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { rightsOf } from '../../agent/config/rights.ts';
import type { PairPlace } from '../../agent/model/object-spec.ts';
import type { InstanceSettings, SourceSpec } from '../../agent/model/settings.ts';
import type { JsonObject } from '../kit/api-server/index.ts';
import { certificate, Installation, testSettings } from '../kit/installation/index.ts';
import { type Authority, type Identity, makeCa, makeLeaf, replaceCa, USAGE } from '../kit/pki/index.ts';
import { writePkcs12 } from '../kit/pki/pkcs12.ts';
import { expectFinished } from './finished.ts';

const LIMIT = 90_000;
const NS = 'argocd';
const PLACE: PairPlace = { fields: {}, pkcs12: undefined, ca: undefined };

let installation: Installation;
afterEach(async () => {
  await installation.close();
});

const base64 = (data: Readonly<Record<string, string | Uint8Array>>): JsonObject =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );

const put = (apiVersion: string, kind: string, name: string, content: JsonObject, labels: JsonObject = {}) =>
  installation.api.objects.put({ apiVersion, kind, metadata: { name, namespace: NS, labels }, ...content });

const putSecret = (name: string, data: Readonly<Record<string, string | Uint8Array>>) =>
  put('v1', 'Secret', name, { type: 'Opaque', data: base64(data) });

const ready = (reason: string): JsonObject => ({
  conditions: [
    { type: 'Ready', status: 'True', reason, message: 'as set by the test', observedGeneration: 1 },
  ],
});

/** A source, and how its writer delivers. */
interface Kind {
  readonly spec: SourceSpec;
  readonly deliver: (identity: Identity, ca: Authority) => void;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'a Secret with names of its own and its CA in another': {
    spec: {
      type: 'secret',
      name: 'mine',
      ...PLACE,
      fields: { certificate: 'cert.pem', key: 'key.pem' },
      ca: { kind: 'Secret', name: 'root', key: 'root.pem' },
    },
    deliver: (identity, ca) => {
      putSecret('root', { 'root.pem': ca.pem });
      putSecret('mine', { 'cert.pem': identity.chainPem, 'key.pem': identity.keyPem });
    },
  },
  'a Secret with one PEM text': {
    spec: { type: 'secret', name: 'mine', ...PLACE },
    deliver: (identity, ca) => putSecret('mine', { 'all.pem': identity.keyPem + identity.chainPem + ca.pem }),
  },
  'a Secret with a PKCS#12': {
    spec: {
      type: 'secret',
      name: 'mine',
      ...PLACE,
      pkcs12: { key: 'keystore.p12', password: { secret: 'pass', key: 'password' } },
    },
    deliver: (identity, ca) => {
      putSecret('pass', { password: 'correct horse' });
      const store = writePkcs12([identity.key], [identity.der, ca.der], { password: 'correct horse' });
      putSecret('mine', { 'keystore.p12': store });
    },
  },
  'a ConfigMap': {
    spec: { type: 'configMap', name: 'legacy', ...PLACE },
    deliver: (identity, ca) => {
      put('v1', 'ConfigMap', 'legacy', {
        data: { 'tls.crt': identity.chainPem, 'tls.key': identity.keyPem, 'ca.crt': ca.pem },
      });
    },
  },
  'an ExternalSecret': {
    spec: { type: 'externalSecret', name: 'synced', target: 'synced-tls', ...PLACE },
    deliver: (identity, ca) => {
      // As Vault answers, and as `dataFrom: extract` leaves it.
      putSecret('synced-tls', {
        certificate: identity.pem,
        private_key: identity.keyPem,
        issuing_ca: ca.pem,
        ca_chain: JSON.stringify([ca.pem]),
      });
      put('external-secrets.io/v1', 'ExternalSecret', 'synced', {
        spec: { target: { name: 'synced-tls' } },
        status: ready('SecretSynced'),
      });
    },
  },
  "a Certificate by its labels, its CA in a Bundle's ConfigMap": {
    spec: certificate('unused', {
      certificate: undefined,
      labels: { app: 'repo' },
      secret: 'issued-tls',
      ca: { kind: 'ConfigMap', name: 'trust', key: 'root.pem' },
    }),
    deliver: (identity, ca) => {
      put('v1', 'ConfigMap', 'trust', { data: { 'root.pem': ca.pem } });
      putSecret('issued-tls', { 'tls.crt': identity.chainPem, 'tls.key': identity.keyPem });
      const spec = { secretName: 'issued-tls', issuerRef: { name: 'acme', kind: 'Issuer' } };
      put(
        'cert-manager.io/v1',
        'Certificate',
        'issued-abc12',
        { spec, status: ready('Ready') },
        { app: 'repo' },
      );
    },
  },
};

const clientLeaf = (ca: Authority): Identity => makeLeaf(ca, { name: 'repo-client', usages: [USAGE.client] });

const started = async (spec: SourceSpec): Promise<Installation> => {
  const settings: Partial<InstanceSettings> = { clients: { default: spec, byComponent: {} } };
  const rules = rightsOf(testSettings(settings)).map(({ group, resource, names, verbs }) => ({
    namespaces: [NS],
    apiGroups: [group],
    resources: [resource],
    verbs,
    ...(names === 'any' ? {} : { resourceNames: names }),
  }));
  return await Installation.start({ settings, rules });
};

describe.each(Object.entries(KINDS))('%s', (_, { spec, deliver }) => {
  test(
    'enables mTLS, renews a leaf without a restart and replaces a CA with two of repo-server, and no call fails',
    async () => {
      installation = await started(spec);
      const ca = makeCa();
      deliver(clientLeaf(ca), ca);
      await installation.agent().run();
      await expectFinished(installation);
      expect(installation.restarts()).toEqual({ 'repo-server': 1, 'notifications-controller': 1 });
      const renewed = clientLeaf(ca);
      const afterEnabling = installation.api.writes.length;
      deliver(renewed, ca);
      await installation.agent().run();
      await expectFinished(installation);
      expect(installation.restarts(afterEnabling)).toEqual({});
      expect(installation.secret('argocd-repo-server-mtls')).toMatchObject({
        'client.crt': renewed.pem,
        'client.key': renewed.keyPem,
      });
      const next = replaceCa(ca);
      const afterRenewal = installation.api.writes.length;
      deliver(clientLeaf(next), next);
      await installation.agent().run();
      await expectFinished(installation);
      expect(installation.restarts(afterRenewal)).toEqual({ 'repo-server': 2 });
      expect(installation.secret('argocd-repo-server-mtls')).toMatchObject({ 'client-ca.crt': next.pem });
    },
    LIMIT,
  );
});

test(
  'a Secret that a script writes key by key is waited for, and what was published stays until the pair is whole',
  async () => {
    installation = await started({ type: 'secret', name: 'mine', ...PLACE });
    const ca = makeCa();
    const [old, renewed] = [clientLeaf(ca), clientLeaf(ca)];
    const write = (certificatePem: string, key: string) =>
      putSecret('mine', { 'tls.crt': certificatePem, 'tls.key': key, 'ca.crt': ca.pem });
    write(old.chainPem, old.keyPem);
    await installation.agent().run();
    await expectFinished(installation);
    const before = installation.secret('argocd-repo-server-mtls');
    const writes = installation.api.writes.length;
    write(renewed.chainPem, old.keyPem);
    expect(await installation.agent().run()).toEqual(['held material-waiting']);
    expect(installation.secret('argocd-repo-server-mtls')).toEqual(before);
    expect(installation.api.writes.length).toBe(writes);
    write(renewed.chainPem, renewed.keyPem);
    await installation.agent().run();
    await expectFinished(installation);
    expect(installation.secret('argocd-repo-server-mtls')).toMatchObject({ 'client.crt': renewed.pem });
  },
  LIMIT,
);
