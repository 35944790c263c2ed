/**
 * `npm run bench:memory`: what the shipped program keeps resident, beside an Argo CD on the stand-in. Prints, never asserts.
 *
 * The program is what the image holds (`npm run bundle`), started by the image's own command line; time is real.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { PRODUCT } from '../../agent/model/product.ts';
import { decodeJournal } from '../../agent/rotation/journal.ts';
import { objectAt } from '../kit/api-server/json.ts';
import { Installation, issue } from '../kit/installation/index.ts';
import { ManualClock } from '../kit/manual-clock.ts';
import { makeCa } from '../kit/pki/index.ts';

const { env, stdout, execPath } = process;
const NAMESPACE = 'argocd';
const SECONDS_IDLE = 20;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** As the image starts the program that is laid out in dist/image: its command line and its environment. */
const image = (): {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
} => {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const [, ...words] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? '[]') as readonly string[];
  return {
    args: [...words.map((word) => word.replace(/^\/app\//, join(ROOT, 'dist/image/'))), 'run'],
    environment: Object.fromEntries(
      [...text.matchAll(/^ENV (\w+)=(.*)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
    ),
  };
};

interface Resident {
  /** All that is in memory, in MB. */
  readonly whole: number;
  /** What is this process's own; the rest is pages of Node's binary, shared by all that run it. */
  readonly own: number;
}

const residentOf = (pid: number): Resident => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024;
  return { whole: megabytes('Rss'), own: megabytes('Anonymous') };
};

const print = (when: string, { whole, own }: Resident): void =>
  void stdout.write(
    `${when.padEnd(44)} ${whole.toFixed(0).padStart(4)} MB resident, ${own.toFixed(0)} MB of it its own\n`,
  );

/** The stand-in's time goes as the program's does. */
const keepTime = (clock: ManualClock): NodeJS.Timeout =>
  setInterval(() => {
    const behind = Date.now() - clock.now();
    if (behind > 0) clock.advance(behind);
  }, 100);

const start = (folder: string, kubeconfig: string): ChildProcess => {
  const config = join(folder, 'config.yaml');
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig);
  writeFileSync(
    config,
    stringify({
      apiVersion: 'mtls-rotator/v1alpha1',
      kind: 'RotatorConfig',
      http: { port: 0 },
      // As long as the stand-in's kubelet takes.
      defaults: { propagationWait: '80s' },
      instances: [
        {
          name: 'bench',
          namespace: NAMESPACE,
          mode: 'manage',
          clients: { default: { certManager: { certificate: 'repo-client' } } },
        },
      ],
    }),
  );
  const { args, environment } = image();
  return spawn(execPath, [...args, '--config', config], {
    env: {
      ...env,
      ...environment,
      KUBECONFIG: join(folder, 'kubeconfig'),
      MTLS_ROTATOR_LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
};

const folder = mkdtempSync(join(tmpdir(), `${PRODUCT}-bench-`));
const clock = new ManualClock(Date.now() - 2 * 60 * 60_000);
const installation = await Installation.start({ clock });
const ca = makeCa({ name: 'bench' });
issue(installation.api, NAMESPACE, 'repo-client', ca, 'client');
const timer = keepTime(clock);
const program = start(folder, installation.api.kubeconfigFor('agent'));
const pid = program.pid ?? 0;
const exit = new Promise<void>((resolve) => program.once('exit', () => resolve()));

/** How many rotations ended. */
const ended = (): number => {
  const journal = installation.api.objects.get('ConfigMap', NAMESPACE, `${PRODUCT}-bench`) ?? {};
  return decodeJournal(String(objectAt(journal, 'data').journal)).record.history.length;
};

let highest: Resident = { whole: 0, own: 0 };
const look = () => {
  const now = residentOf(pid);
  if (now.whole > highest.whole) highest = now;
  return now;
};
try {
  await wait(10_000);
  print('10 s after its start', look());
  const limit = Date.now() + 6 * 60_000;
  while (ended() === 0) {
    if (Date.now() > limit) throw new Error('mTLS was not enabled within 6 minutes');
    look();
    await wait(500);
  }
  print('mTLS enabled', look());
  await wait(SECONDS_IDLE * 1_000);
  print(`${SECONDS_IDLE} s later`, look());
  print('at most', highest);
} finally {
  program.kill('SIGTERM');
  await exit;
  clearInterval(timer);
  await installation.close();
  rmSync(folder, { recursive: true, force: true });
}
