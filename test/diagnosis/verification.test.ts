import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { dialledHost } from '../../agent/argocd/address.ts';
import { preflight } from '../../agent/diagnosis/preflight.ts';
import {
  changed,
  IDENTITIES,
  type InputParts,
  inputOf,
  ready,
  storedParams,
  storedSecret,
} from '../kit/argocd/preflight.ts';
import { literal, withArgs, withContainer, withEnv, withoutItem } from '../kit/argocd/variants.ts';
import { makeLeaf } from '../kit/pki/index.ts';

const PATH = '/app/config/reposerver/mtls/server-ca.crt';
const KEY = 'server.repo.server.ca.cert.path';
const found = (parts: InputParts, code: string) =>
  preflight(inputOf(parts)).filter((finding) => finding.code === code);
const told = storedParams({ [KEY]: PATH });
const KEEP = { settings: { verification: 'keep' } } as const;

describe('clients that do not verify repo-server', () => {
  test('are one warning, all named', () => {
    expect(found(KEEP, 'server-unverified')).toMatchObject([
      {
        severity: 'warning',
        what: expect.stringMatching(/^server, application-controller, .* accept any repo-server/),
      },
    ]);
  });

  test('are none where verification is to be switched on, or mTLS off', () => {
    expect(found({}, 'server-unverified')).toEqual([]);
    expect(found({ settings: { verification: 'keep', state: 'disabled' } }, 'server-unverified')).toEqual([]);
  });

  test('one that verifies already is not named', () => {
    expect(found({ ...KEEP, params: told }, 'server-unverified')[0]?.what).not.toMatch(/^server/);
  });

  test('a client that cannot be told through the ConfigMap blocks, with the variable it lacks as a patch', () => {
    const workloads = changed('argocd-server', (workload) =>
      withContainer(workload, (container) => ({
        env: container.env.filter(({ name }) => !name.includes('CA_CERT_PATH')),
      })),
    );
    const [finding] = found({ workloads }, 'ca-path-out-of-reach');
    expect(finding?.severity).toBe('blocking');
    expect(parse(finding?.patch ?? '').spec.template.spec.containers[0].env).toMatchObject([
      {
        name: 'ARGOCD_SERVER_REPO_SERVER_CA_CERT_PATH',
        value: null,
        valueFrom: { configMapKeyRef: { key: KEY } },
      },
    ]);
    expect(found({ ...KEEP, workloads }, 'ca-path-out-of-reach')).toEqual([]);
  });

  test('strict-tls is a warning, until a CA path goes before it', () => {
    const workloads = changed('argocd-server', (workload) => withArgs(workload, '--repo-server-strict-tls'));
    expect(found({ ...KEEP, workloads }, 'strict-tls')).toMatchObject([{ severity: 'warning' }]);
    expect(found({ ...KEEP, workloads, params: told }, 'strict-tls')).toEqual([]);
  });
});

describe('a CA path', () => {
  test('to a file that is not mounted blocks: the next process trusts nobody', () => {
    const workloads = changed('argocd-server', (workload) => withoutItem(workload, 'server-ca.crt'));
    expect(found({ workloads, params: told }, 'ca-file-missing')).toMatchObject([{ severity: 'blocking' }]);
  });

  test('to a file that is mounted but not published is a warning, unless a source is about to fill it', () => {
    expect(found({ ...KEEP, params: told, serving: null }, 'ca-file-missing')).toMatchObject([
      { severity: 'warning' },
    ]);
    expect(found({ params: told }, 'ca-file-missing')).toEqual([]);
    const mtls = storedSecret('argocd-repo-server-mtls', { 'server-ca.crt': 'x' });
    expect(found({ ...KEEP, params: told, serving: null, mtls }, 'ca-file-missing')).toEqual([]);
  });

  test('to a file that the agent cannot publish blocks where it is to replace the serving certificate', () => {
    const workloads = changed('argocd-server', (workload) =>
      withEnv(
        withContainer(workload, (container) => ({
          env: container.env.filter(({ name }) => !name.includes('CA_CERT_PATH')),
        })),
        literal('ARGOCD_SERVER_REPO_SERVER_CA_CERT_PATH', '/tmp/ca.crt'),
      ),
    );
    expect(found({ workloads }, 'ca-file-elsewhere')).toMatchObject([{ severity: 'blocking' }]);
    expect(found({ ...KEEP, workloads, serving: null }, 'ca-file-elsewhere')).toEqual([]);
  });
});

describe('the serving certificate', () => {
  const nameless = makeLeaf(IDENTITIES.ca, { name: 'argocd-repo-server' });
  const published = (text: string) => storedSecret('argocd-repo-server-tls', { 'tls.crt': text });

  test('without the dialled name blocks where clients verify: a common name does not count', () => {
    expect(found({ serving: ready(nameless, IDENTITIES.ca) }, 'serving-name-missing')).toMatchObject([
      { severity: 'blocking', what: expect.stringContaining('argocd-repo-server, which clients dial') },
    ]);
  });

  test('without the dialled name is a warning where nobody verifies', () => {
    expect(
      found({ ...KEEP, serving: null, servingSecret: published(nameless.pem) }, 'serving-name-missing'),
    ).toMatchObject([{ severity: 'warning' }]);
  });

  test('is held against every address that some client dials', () => {
    const workloads = changed('argocd-notifications-controller', (workload) =>
      withArgs(workload, '--argocd-repo-server=repo.elsewhere:8081'),
    );
    const [finding] = found({ workloads }, 'serving-name-missing');
    expect(finding?.next).toBe('Issue it with the DNS name repo.elsewhere.');
  });

  test('is taken as published only where no source is to replace it', () => {
    expect(found({ servingSecret: published(nameless.pem) }, 'serving-name-missing')).toEqual([]);
  });

  test('that cannot be read blocks: repo-server would not start again', () => {
    const garbage = { ...KEEP, serving: null, servingSecret: published('no certificate') };
    expect(found(garbage, 'serving-unreadable')).toMatchObject([{ severity: 'blocking' }]);
  });

  test('that repo-server makes itself is a warning where a client verifies it', () => {
    expect(found({ ...KEEP, serving: null, params: told }, 'serving-self-signed')).toMatchObject([
      { severity: 'warning' },
    ]);
    expect(found({ ...KEEP, serving: null }, 'serving-self-signed')).toEqual([]);
  });
});

test.each([
  ['argocd-repo-server:8081', 'argocd-repo-server'],
  ['argocd-repo-server', 'argocd-repo-server'],
  ['dns:///repo.argocd.svc:8081', 'repo.argocd.svc'],
  ['dns://1.1.1.1/repo:8081', 'repo'],
  ['[fd00::1]:8081', 'fd00::1'],
  ['10.0.0.1:8081', '10.0.0.1'],
])('who dials %s verifies %s', (address, host) => {
  expect(dialledHost(address)).toBe(host);
});
