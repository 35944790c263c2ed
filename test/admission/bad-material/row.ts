/**
 * One kind of bad (or odd, but sound) material: how it is made, what admission says, and what Argo CD's programs would say if it were
 * published as it came.
 *
 * **Invariant:** what is expected of Go is not taken from our own reading of Go: `npm run bad-material` asks Argo CD's own code.
 */
import type { RawMaterial } from '../../../agent/model/material.ts';
import type { RefusalCode } from '../../../agent/model/refusal.ts';
import type { Instant } from '../../../agent/model/terms.ts';
import type { Purpose } from '../../../agent/pki/verify.ts';
import { type LeafOptions, makeCa, makeLeaf, rawMaterial } from '../../kit/pki/index.ts';

export interface Row {
  /** What is wrong with it, or odd. */
  readonly name: string;
  /** Whose pair it is: a client's or repo-server's. */
  readonly role: Purpose;
  /** What wrote it. */
  readonly by: 'kit' | 'node-forge' | 'OpenSSL';
  readonly raw: () => RawMaterial;
  /** {@link NOON} where left out. */
  readonly at?: Instant;
  /** What a client dials; {@link HOST} where left out. */
  readonly host?: string;
  readonly admission: RefusalCode | 'accepted';
  /** Each side's own objection, as a part of its words; `fine` where it has none. */
  readonly go: { readonly client: string; readonly server: string };
  /** Why admission says something else than Go; there only where it does. */
  readonly differs?: string;
}

export const NOON: Instant = Date.UTC(2026, 5, 1, 12);
export const HOST = 'argocd-repo-server';

/** Both sides take it. */
export const TAKEN = { client: 'fine', server: 'fine' } as const;
/** The client alone objects, or the server alone. */
export const client = (said: string) => ({ client: said, server: 'fine' });
export const server = (said: string) => ({ client: 'fine', server: said });
export const goTakes = ({ go }: Row): boolean => go.client === 'fine' && go.server === 'fine';

/** Why sound material that is written oddly is accepted: what is published is not what came. */
export const WRITTEN_ANEW =
  'Published is not what came: certificates and key are written anew, in order and as clean PEM, and that Go takes.';

/** The CA of every row that does not need one of its own. */
export const root = makeCa({ name: 'Repo CA' });
export const between = makeCa({ name: 'Between', issuer: root });

export const leafOf = (options: LeafOptions = {}, issuer = root) =>
  makeLeaf(issuer, { name: 'repo-client', dns: [HOST], ...options });

export const good = leafOf();
export const goodRaw = (rest: Partial<RawMaterial> = {}): RawMaterial => rawMaterial(good, [root], rest);
