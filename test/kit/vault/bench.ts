/**
 * The shipped Vault sources at work on some Vault: a clock moved by hand, a cluster in memory, credentials in a folder of their own.
 *
 * **Invariant:** nothing of the product is replaced but clock and cluster; what is asked of Vault goes over the wire.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PublishedPair, SourceReading, SourceRequest } from '../../../agent/model/material.ts';
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import type {
  VaultAuth,
  VaultConnectionSettings,
  VaultKvSpec,
  VaultPkiSpec,
} from '../../../agent/model/vault-spec.ts';
import { systemClock } from '../../../agent/runtime/system-clock.ts';
import { systemRandom } from '../../../agent/runtime/system-random.ts';
import { type Connections, createConnections, createSource } from '../../../integrations/registry.ts';
import type { Source } from '../../../integrations/source.ts';
import { MemoryCluster } from '../../integrations/memory-cluster.ts';
import { ManualClock } from '../manual-clock.ts';

export interface Reachable {
  readonly address: string;
  readonly caFile: string;
}

const NAMESPACE = 'argocd';
export const PENDING = 'argocd-mtls-rotator-pending-default';

export class VaultBench {
  readonly clock: ManualClock;
  readonly cluster = new MemoryCluster();
  readonly connections: Connections;
  readonly #vault: Reachable;
  readonly #folder = mkdtempSync(join(tmpdir(), 'mtls-rotator-vault-'));

  /** @param environment for the proxy's variables */
  constructor(
    vault: Reachable,
    environment: Readonly<Record<string, string>> = {},
    start = systemClock.now(),
  ) {
    this.#vault = vault;
    this.clock = new ManualClock(start);
    this.cluster.now = () => this.clock.now();
    // Time-outs of sockets are real; everything else that looks at a clock looks at the one that is moved by hand.
    const clock = { now: () => this.clock.now(), after: systemClock.after };
    this.connections = createConnections({ clock, random: systemRandom, environment });
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Writes a credential's file, or writes it anew. */
  file(name: string, content: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, `${content}\n`, { mode: 0o600 });
    return path;
  }

  withToken(token: string): VaultAuth {
    return { method: 'tokenFile', path: this.file('token', token) };
  }

  connection(auth: VaultAuth, over: Partial<VaultConnectionSettings> = {}): VaultConnectionSettings {
    const { address, caFile } = this.#vault;
    return { name: 'bank-vault', address, caFile, namespace: undefined, timeout: 5_000, auth, ...over };
  }

  pki(
    auth: VaultAuth | VaultConnectionSettings,
    over: Partial<VaultPkiSpec> = {},
    purpose: 'client' | 'serving' = 'client',
  ): Source {
    return this.#source(this.pkiSpec(auth, over), purpose);
  }

  pkiSpec(auth: VaultAuth | VaultConnectionSettings, over: Partial<VaultPkiSpec> = {}): VaultPkiSpec {
    return {
      type: 'vaultPki',
      connection: 'address' in auth ? auth : this.connection(auth),
      mount: 'pki',
      role: 'client',
      issuer: undefined,
      commonName: 'argocd-client',
      altNames: [],
      ttl: undefined,
      method: 'sign',
      key: 'ec-p256',
      renewAt: 0.66,
      poll: 60_000,
      ...over,
    };
  }

  kv(auth: VaultAuth | VaultConnectionSettings, over: Partial<VaultKvSpec> = {}): Source {
    return this.#source(
      {
        type: 'vaultKv',
        connection: 'address' in auth ? auth : this.connection(auth),
        mount: 'secret',
        path: 'argocd/repo-client',
        fields: undefined,
        poll: 30_000,
        ...over,
      },
      'client',
    );
  }

  /** What the engine does with a pair that is ready: publishes it and erases the pending Secret. */
  publish(reading: SourceReading): PublishedPair {
    if (reading.state !== 'ready') throw new Error(`not ready: ${JSON.stringify(reading)}`);
    const { certificatePem, key, anchorsPem } = reading.raw;
    if (reading.pendingSecret !== undefined) this.cluster.dropSecret(NAMESPACE, reading.pendingSecret);
    return { certificatePem, key: SecretBytes.of(key.reveal()), anchorsPem };
  }

  /** Issues and publishes, as the engine would. */
  async obtain(source: Source, request: SourceRequest = wanting()): Promise<PublishedPair> {
    await source.issue?.('a test wants it', request);
    return this.publish(await source.read(request));
  }

  #source(spec: VaultPkiSpec | VaultKvSpec, purpose: 'client' | 'serving'): Source {
    const { cluster, clock, connections } = this;
    return createSource(
      spec,
      { cluster, clock, namespace: NAMESPACE, purpose, pendingSecret: PENDING },
      connections,
    );
  }
}

export const wanting = (published?: PublishedPair, dialledNames: readonly string[] = []): SourceRequest => ({
  published,
  dialledNames,
});
