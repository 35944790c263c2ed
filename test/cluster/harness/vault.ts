/**
 * Vault's own core (parts/vault), in memory, over TLS of a CA of its own. Beside the cluster it listens on the bridge address,
 * where pods reach it; alone, for its contract, on loopback: no Kubernetes, no root, nothing of the cluster's.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCa, makeLeaf, USAGE } from '../../kit/pki/index.ts';
import { daemonReady, startDaemon } from './daemon.ts';
import { program } from './parts.ts';
import { network, ports, state } from './settings.ts';
import { VaultAdmin } from './vault-admin.ts';
import { until } from './wait.ts';

export interface Vault {
  /** `https://host:port` */
  readonly address: string;
  /** PEM, and the file that it is in: what a client of Vault must trust. */
  readonly ca: string;
  readonly caFile: string;
  readonly admin: VaultAdmin;
}

export interface LoneVault extends Vault {
  /** Also its files are gone. */
  stop(): Promise<void>;
}

const clusterAddress = `https://${network.host}:${ports.vault}`;
const clusterFolder = (): string => state('vault');

/** Beside the cluster, as one of its daemons: it ends with the cluster. */
export async function startVault(): Promise<Vault> {
  const args = prepare(clusterFolder(), network.host, ports.vault);
  startDaemon({ name: 'vault', command: await program('vault'), args });
  await daemonReady('vault', 30, () => isWritten(clusterFolder()));
  return clusterVault();
}

/** The one that runs beside the cluster. */
export function clusterVault(): Vault {
  if (!isWritten(clusterFolder())) throw new Error('no Vault runs beside the cluster: npm run cluster:up');
  return opened(clusterFolder(), clusterAddress);
}

/** On loopback, as a child of this process, on a free port. */
export async function startVaultAlone(): Promise<LoneVault> {
  const folder = mkdtempSync(join(tmpdir(), 'mtls-rotator-vault-'));
  const port = await freePort();
  const args = prepare(folder, '127.0.0.1', port);
  const child = spawn(await program('vault'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const remember = (chunk: Buffer): void => {
    log = (log + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', remember);
  child.stderr.on('data', remember);
  const withUs = (): boolean => child.kill('SIGKILL');
  process.once('exit', withUs);
  const stop = async (): Promise<void> => {
    await ended(child);
    process.off('exit', withUs);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('Vault to be unsealed', 30, () => {
      if (child.exitCode !== null) return true;
      return isWritten(folder) ? true : undefined;
    });
    if (child.exitCode !== null) throw new Error(`Vault ended with ${child.exitCode}`);
    return { ...opened(folder, `https://127.0.0.1:${port}`), stop };
  } catch (problem) {
    await stop();
    throw new Error(`${problem instanceof Error ? problem.message : String(problem)}\n${log}`);
  }
}

const files = (folder: string) => ({
  ca: join(folder, 'ca.crt'),
  certificate: join(folder, 'tls.crt'),
  key: join(folder, 'tls.key'),
  rootToken: join(folder, 'root-token'),
  unsealKey: join(folder, 'unseal-key'),
});

function prepare(folder: string, host: string, port: number): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ca = makeCa({ name: 'Vault API CA' });
  const { chainPem, keyPem } = makeLeaf(ca, {
    name: 'vault',
    ips: [host],
    dns: ['vault', 'localhost'],
    usages: [USAGE.server],
  });
  const at = files(folder);
  writeFileSync(at.ca, ca.pem);
  writeFileSync(at.certificate, chainPem);
  writeFileSync(at.key, keyPem, { mode: 0o600 });
  return [
    `--listen=${host}:${port}`,
    `--tls-cert-file=${at.certificate}`,
    `--tls-key-file=${at.key}`,
    `--root-token-file=${at.rootToken}`,
    `--unseal-key-file=${at.unsealKey}`,
  ];
}

/** The root token is the last that Vault writes, once it listens and is unsealed. */
const isWritten = (folder: string): boolean => {
  const { rootToken } = files(folder);
  return existsSync(rootToken) && readFileSync(rootToken, 'utf8') !== '';
};

function opened(folder: string, address: string): Vault {
  const at = files(folder);
  const text = (file: string): string => readFileSync(file, 'utf8');
  const ca = text(at.ca);
  const admin = new VaultAdmin({ address, ca, token: text(at.rootToken), unsealKey: text(at.unsealKey) });
  return { address, ca, caFile: at.ca, admin };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port on loopback'));
      });
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(hard);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
