import { describe, expect, test } from '@jest/globals';
import {
  adjustableBy,
  caPathOf,
  readClientMounts,
  readMounts,
  readRepoServerMounts,
  readStrictRoots,
  verificationOf,
} from '../../agent/argocd/template.ts';
import { CLIENT_COMPONENTS, type ClientComponent } from '../../agent/model/terms.ts';
import type { Workload } from '../../agent/model/workload.ts';
import { workloadOf } from '../kit/argocd/install.ts';
import {
  asHelmRelease,
  bySubPath,
  controllerAsDeployment,
  literal,
  withArgs,
  withContainer,
  withEnv,
  withoutItem,
  withTemplate,
  withVolume,
} from '../kit/argocd/variants.ts';

const MTLS = 'argocd-repo-server-mtls';
const client = (component: ClientComponent, workload: Workload = workloadOf(component), params = {}) =>
  readClientMounts(component, workload.template, params);
const repoServer = (workload: Workload = workloadOf('repo-server'), params = {}) =>
  readRepoServerMounts(workload.template, params);

const published = (key: string, secret = MTLS) => ({
  from: 'secret',
  secret,
  key,
  optional: true,
  refresh: 'kubelet',
});

describe('the default install', () => {
  test('repo-server opens client-ca.crt and its serving pair out of their Secrets', () => {
    expect(repoServer()).toMatchObject({
      role: 'repo-server',
      clientCa: published('client-ca.crt'),
      servingCertificate: published('tls.crt', 'argocd-repo-server-tls'),
      servingKey: published('tls.key', 'argocd-repo-server-tls'),
      tlsDisabled: false,
      port: 8081,
    });
  });

  test.each(CLIENT_COMPONENTS)(
    '%s opens its pair and server-ca.crt out of the Secret and verifies nobody',
    (component) => {
      const mounts = client(component);
      expect(mounts).toMatchObject({
        role: 'client',
        certificate: published('client.crt'),
        key: published('client.key'),
        serverCa: published('server-ca.crt'),
        strictTls: false,
        plaintext: false,
        repoServerAddress: 'argocd-repo-server:8081',
      });
      expect(verificationOf(component, mounts)).toBe('none');
    },
  );

  test.each([
    ['server', 'server.repo.server.ca.cert.path'],
    ['application-controller', 'controller.repo.server.ca.cert.path'],
    ['applicationset-controller', 'applicationsetcontroller.repo.server.ca.cert.path'],
    ['notifications-controller', 'notificationscontroller.repo.server.ca.cert.path'],
  ] as const)('%s can be told to verify through the ConfigMap, by %s', (component, key) => {
    expect(adjustableBy(client(component).serverCaPath)).toEqual({ configMap: 'argocd-cmd-params-cm', key });
    const told = client(component, workloadOf(component), {
      [key]: '/app/config/reposerver/mtls/server-ca.crt',
    });
    expect(verificationOf(component, told)).toBe('ca-path');
    expect(told.serverCa).toEqual(published('server-ca.crt'));
  });

  test.each([
    ['server', '/app/config/server/tls'],
    ['application-controller', '/app/config/controller/tls'],
    ['applicationset-controller', '/app/config/reposerver/tls'],
    ['notifications-controller', '/app/config/reposerver/tls'],
  ] as const)(
    '%s with strict-tls finds its roots in the serving Secret below %s',
    (component, _directory) => {
      expect(readStrictRoots(component, workloadOf(component).template)).toEqual({
        certificate: published('tls.crt', 'argocd-repo-server-tls'),
        ca: published('ca.crt', 'argocd-repo-server-tls'),
      });
    },
  );

  test('readMounts answers by role', () => {
    expect(readMounts('repo-server', workloadOf('repo-server').template, {}).role).toBe('repo-server');
    expect(readMounts('server', workloadOf('server').template, {}).role).toBe('client');
  });
});

describe('settings', () => {
  const KEY = 'server.repo.server.ca.cert.path';

  test('an argument goes before a variable, and the last of several counts', () => {
    const workload = withArgs(
      workloadOf('server'),
      '--repo-server=first:1',
      '--repo-server',
      'repo.elsewhere:9000',
      '--repo-server-ca-cert-path=/x/ca.crt',
    );
    const mounts = client('server', workload, { 'repo.server': 'configured:1', [KEY]: '/y' });
    expect(mounts.repoServerAddress).toBe('repo.elsewhere:9000');
    expect(mounts.serverCaPath).toEqual({ from: 'argument', value: '/x/ca.crt' });
    expect(adjustableBy(mounts.serverCaPath)).toBeUndefined();
  });

  test('arguments count in command as well as in args', () => {
    const workload = withContainer(workloadOf('server'), () => ({
      command: ['entrypoint.sh', 'argocd-server', '--repo-server', 'a:1'],
      args: [],
    }));
    expect(client('server', workload).repoServerAddress).toBe('a:1');
  });

  test('an empty variable means the default, an empty argument means empty', () => {
    const emptied = repoServer(workloadOf('repo-server'), { 'reposerver.client.ca.path': '' });
    expect(emptied.clientCa).toEqual(published('client-ca.crt'));
    const off = repoServer(withArgs(workloadOf('repo-server'), '--client-ca-path='));
    expect(off.clientCa).toEqual({ from: 'nowhere', path: '' });
  });

  test.each([
    ['true', true],
    ['TRUE', true],
    ['false', false],
    ['1', false],
    ['', false],
  ] as const)('a switch in the ConfigMap that reads %j is %s', (value, expected) => {
    expect(repoServer(workloadOf('repo-server'), { 'reposerver.disable.tls': value }).tlsDisabled).toBe(
      expected,
    );
  });

  test.each([
    [['--disable-tls'], true],
    [['--disable-tls=true'], true],
    [['--disable-tls=1'], true],
    [['--disable-tls=false'], false],
    [['--disable-tls', '--disable-tls=false'], false],
    [['--', '--disable-tls'], false],
  ] as const)('a switch given as %j is %s', (args, expected) => {
    expect(repoServer(withArgs(workloadOf('repo-server'), ...args)).tlsDisabled).toBe(expected);
  });

  test('notifications-controller takes its address and strict-tls by flag only', () => {
    const workload = withArgs(
      workloadOf('notifications-controller'),
      '--argocd-repo-server=elsewhere:1',
      '--argocd-repo-server-strict-tls',
    );
    const mounts = client('notifications-controller', workload, { 'repo.server': 'ignored:1' });
    expect(mounts).toMatchObject({ repoServerAddress: 'elsewhere:1', strictTls: true });
    expect(verificationOf('notifications-controller', mounts)).toBe('strict-tls');
  });

  test('the CA path goes before strict-tls, plaintext before both', () => {
    const strict = withArgs(
      workloadOf('server'),
      '--repo-server-strict-tls',
      '--repo-server-ca-cert-path=/x',
    );
    expect(verificationOf('server', client('server', strict))).toBe('ca-path');
    expect(verificationOf('server', client('server', withArgs(strict, '--repo-server-plaintext')))).toBe(
      'plaintext',
    );
  });

  test('a literal variable is told apart from one out of the ConfigMap', () => {
    const workload = withEnv(
      workloadOf('server'),
      literal('ARGOCD_SERVER_REPO_SERVER_CA_CERT_PATH', '/z/ca.crt'),
    );
    const mounts = client('server', workload, { [KEY]: '/y' });
    expect(mounts.serverCaPath).toMatchObject({ from: 'env', value: '/z/ca.crt' });
    expect(caPathOf('server', mounts)).toBe('/z/ca.crt');
  });

  test('another configuration directory moves the serving pair', () => {
    const workload = withEnv(workloadOf('repo-server'), literal('ARGOCD_APP_CONF_PATH', '/elsewhere'));
    expect(repoServer(workload).servingCertificate).toEqual({
      from: 'nowhere',
      path: '/elsewhere/reposerver/tls/tls.crt',
    });
  });
});

describe('volumes', () => {
  test('subPath mounts are marked as never refreshed', () => {
    const mounts = client('server', bySubPath(workloadOf('server'), 'client.crt', 'client.key'));
    expect(mounts.certificate).toEqual({ ...published('client.crt'), refresh: 'never' });
    expect(mounts.serverCa).toMatchObject({ from: 'nowhere' });
  });

  test('a file left out of the items is not projected, and its Secret is named', () => {
    expect(client('server', withoutItem(workloadOf('server'), 'server-ca.crt')).serverCa).toEqual({
      from: 'not-projected',
      secret: MTLS,
      path: '/app/config/reposerver/mtls/server-ca.crt',
    });
  });

  test('items map other keys to the files (one Secret, keys for each component)', () => {
    const workload = withVolume(workloadOf('server'), MTLS, {
      type: 'secret',
      name: MTLS,
      optional: true,
      items: [
        { key: 'server-client.crt', path: 'client.crt' },
        { key: 'server-client.key', path: './client.key' },
      ],
    });
    expect(client('server', workload)).toMatchObject({
      certificate: published('server-client.crt'),
      key: published('server-client.key'),
      serverCa: { from: 'not-projected' },
    });
  });

  test('a Secret without items shows every key under its own name (one Secret for each component)', () => {
    const workload = withVolume(workloadOf('server'), MTLS, {
      type: 'secret',
      name: `${MTLS}-server`,
      optional: false,
      items: undefined,
    });
    expect(client('server', workload).certificate).toEqual({
      ...published('client.crt', `${MTLS}-server`),
      optional: false,
    });
  });

  test('projected volumes are looked through, source by source', () => {
    const workload = withVolume(workloadOf('server'), MTLS, {
      type: 'projected',
      sources: [
        { type: 'other', kind: 'serviceAccountToken' },
        { type: 'configMap', name: 'cas', optional: false, items: [{ key: 'ca', path: 'server-ca.crt' }] },
        { type: 'secret', name: 'leaf', optional: true, items: [{ key: 'tls.crt', path: 'client.crt' }] },
      ],
    });
    expect(client('server', workload)).toMatchObject({
      certificate: published('tls.crt', 'leaf'),
      key: { from: 'not-projected', secret: 'leaf' },
      serverCa: { from: 'config-map', configMap: 'cas', key: 'ca', refresh: 'kubelet' },
    });
  });

  test('a path out of an emptyDir or a CSI driver is foreign: nothing can be published there', () => {
    const workload = withVolume(workloadOf('server'), MTLS, { type: 'other', kind: 'csi' });
    expect(client('server', workload).certificate).toEqual({ from: 'foreign', volume: MTLS, kind: 'csi' });
  });

  test('the deepest mount above a path decides, also where it hides a better one', () => {
    const workload = withContainer(workloadOf('server'), (container) => ({
      mounts: [
        ...container.mounts,
        { volume: 'tmp', path: '/app/config/reposerver/mtls/client.crt/', subPath: 'x', readOnly: false },
      ],
    }));
    expect(client('server', workload)).toMatchObject({
      certificate: { from: 'foreign', kind: 'emptyDir' },
      key: published('client.key'),
    });
  });

  test('a directory mounted by subPath of a whole Secret finds no file below a key', () => {
    const workload = withContainer(workloadOf('server'), (container) => ({
      mounts: container.mounts.map((mount) =>
        mount.volume === MTLS ? { ...mount, subPath: 'mtls' } : mount,
      ),
    }));
    expect(client('server', workload).certificate).toMatchObject({ from: 'not-projected', secret: MTLS });
  });

  test("upstream's controller-as-Deployment opens nothing and can't be told a CA path", () => {
    const mounts = client('application-controller', controllerAsDeployment().deployment);
    expect(mounts.certificate).toEqual({ from: 'nowhere', path: '/app/config/reposerver/mtls/client.crt' });
    expect(adjustableBy(mounts.serverCaPath)).toBeUndefined();
  });
});

describe('which container is Argo CD', () => {
  test('sidecars and init containers are not', () => {
    const workload = withTemplate(workloadOf('repo-server'), (template) => ({
      ...template,
      containers: [
        {
          name: 'plugin',
          image: 'alpine:3',
          command: ['/var/run/argocd/argocd-cmp-server'],
          args: [],
          env: [],
          mounts: [],
          preStop: undefined,
        },
        ...template.containers,
      ],
    }));
    expect(repoServer(workload).clientCa).toEqual(published('client-ca.crt'));
  });

  test("argo-helm's short container names are", () => {
    const workload = withContainer(asHelmRelease('server', 'acme'), () => ({ args: [], command: [] }));
    expect(client('server', workload).certificate).toEqual(published('client.crt'));
  });

  test('a template without any is read as opening nothing', () => {
    const workload = withContainer(workloadOf('server'), () => ({
      name: 'x',
      image: 'nginx:1',
      args: ['nginx'],
    }));
    expect(client('server', workload).certificate).toMatchObject({ from: 'nowhere' });
  });
});
