/**
 * The program itself, as a process: what it prints at its most talkative, its pages, its command line and its environment in `/proc`, when it is
 * asked for a plan, and when it is killed. In this tier because of `/proc`, and since it starts the program three times; it needs no cluster.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { clusterOf } from '../../kit/all-told.ts';
import { Canaries } from '../../kit/canaries.ts';
import { Installation } from '../../kit/installation/index.ts';
import { ManualClock } from '../../kit/manual-clock.ts';
import { makeCa, makeLeaf, USAGE } from '../../kit/pki/index.ts';
import { VaultStandIn } from '../../kit/vault/stand-in/server.ts';

const PROGRAM = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url));
const LIMIT = 300_000;

let vault: VaultStandIn;
let installation: Installation;
let folder: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mtls-rotator-secrecy-'));
  vault = await VaultStandIn.start();
  const clock = new ManualClock(Date.now() - 2 * 3_600_000);
  installation = await Installation.start({ clock });
  clock.advance(Date.now() - clock.now());
}, LIMIT);
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await installation.close();
  await vault.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Program {
  readonly child: ChildProcess;
  readonly printed: () => string;
  /** Until it has printed that. @throws Error where it ends first */
  readonly said: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<void>;
}

const start = (...args: readonly string[]): Program => {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH, KUBECONFIG: join(folder, 'kubeconfig'), MTLS_ROTATOR_LOG_LEVEL: 'trace' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let printed = '';
  const looks = new Set<() => void>();
  const take = (chunk: Buffer): void => {
    printed += chunk.toString();
    for (const look of looks) look();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(printed);
        if (found === null) return;
        looks.delete(look);
        resolve(found);
      };
      looks.add(look);
      look();
      void ended.then(() => reject(new Error(`it ended without saying ${pattern}:\n${printed}`)));
    });
  return { child, printed: () => printed, said, ended };
};

test(
  'a token and a key that go through the program are in nothing that it prints or shows, nor in /proc',
  async () => {
    const canaries = new Canaries();
    const ca = makeCa({ name: 'Marked CA' });
    const leaf = makeLeaf(ca, { name: 'repo-client', usages: [USAGE.client] });
    canaries.key('the key', leaf.key);
    await vault.admin.enableKv('secret');
    const token = await vault.admin.createToken(['root']);
    canaries.word('the token', token);
    writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
    vault
      .kv('secret')
      .put(
        'pair',
        { certificate: leaf.pem, private_key: leaf.keyPem, issuing_ca: ca.pem },
        Date.now() - 3_600_000,
      );
    writeFileSync(join(folder, 'kubeconfig'), installation.api.kubeconfigFor('agent'));
    const config = join(folder, 'config.yaml');
    const connection = {
      address: vault.address,
      caFile: vault.caFile,
      auth: { tokenFile: { path: join(folder, 'token') } },
    };
    writeFileSync(
      config,
      stringify({
        apiVersion: 'mtls-rotator/v1alpha1',
        kind: 'RotatorConfig',
        http: { port: 0 },
        connections: { bank: { vault: connection } },
        instances: [
          {
            name: 'marked',
            namespace: 'argocd',
            mode: 'manage',
            clients: { default: { vaultKv: { connection: 'bank', path: 'pair' } } },
          },
        ],
      }),
    );

    const agent = start('run', '--config', config);
    const [, port] = await agent.said(/"port":(\d+).*at work/);
    await agent.said(/"event":"step-ended"/);
    const proc = (file: string): string => readFileSync(`/proc/${agent.child.pid}/${file}`, 'latin1');
    const page = async (path: string): Promise<string> =>
      (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    const texts: Record<string, string> = {
      'its command line': proc('cmdline'),
      'its environment': proc('environ'),
      '/metrics': await page('/metrics'),
      '/readyz': await page('/readyz'),
      '/healthz': await page('/healthz'),
    };
    agent.child.kill('SIGKILL');
    await agent.ended;
    const plan = start('plan', '--config', config);
    await plan.ended;
    // A Vault whose errors repeat whatever it was sent and holds.
    vault.interrupt = (request, response) => {
      const said = `${request.headers['x-vault-token']} may not read ${leaf.keyPem}`;
      response.writeHead(400).end(JSON.stringify({ errors: [said] }));
      return 'handled';
    };
    const failing = start('plan', '--config', config);
    await failing.ended;
    Object.assign(texts, {
      'what it prints': agent.printed(),
      'its plan': plan.printed(),
      'its plan by a Vault that tells all': failing.printed(),
    });

    expect(texts['its command line']).toContain('run');
    expect(texts['/metrics']).toContain('mtls_rotator_');
    expect(texts['its plan']).toContain('marked');
    const everything = { ...texts, ...clusterOf(installation) };
    expect(Object.entries(everything).flatMap(([where, text]) => canaries.foundIn(where, text))).toEqual([]);
    const published = JSON.stringify(installation.secret('argocd-repo-server-mtls'));
    expect(canaries.foundIn('what is published', published)).toEqual(['what is published holds the key']);
  },
  LIMIT,
);
