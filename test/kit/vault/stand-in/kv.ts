/**
 * The KV secrets engine, version 2.
 *
 * **Invariant:** versions count up and are never reused while the secret's metadata is there.
 */
import { type Answer, type Ask, data, done, type Json, nothing } from './answer.ts';

interface Version {
  readonly data: Json;
  readonly createdAt: string;
  deletedAt: string;
}

export class Kv {
  readonly #secrets = new Map<string, Version[]>();

  /** A new version, written at `at`. */
  put(path: string, content: Json, at: number): string {
    const createdAt = new Date(at).toISOString();
    this.#secrets.set(path, [
      ...(this.#secrets.get(path) ?? []),
      { data: content, createdAt, deletedAt: '' },
    ]);
    return createdAt;
  }

  forget(path: string): void {
    this.#secrets.delete(path);
  }

  handle({ method, query, body }: Ask, rest: string): Answer {
    const [, kind = '', path = ''] = /^(data|metadata)\/(.+)$/.exec(rest) ?? [];
    const versions = this.#secrets.get(path);
    const latest = versions?.length ?? 0;
    if (kind === 'data' && method === 'POST') {
      const createdAt = this.put(path, body.data as Json, Date.now());
      return data({ version: latest + 1, created_time: createdAt });
    }
    if (versions === undefined) throw nothing();
    const number = Number(query.get('version') ?? 0) || latest;
    const version = versions[number - 1];
    if (version === undefined) throw nothing();
    if (method === 'DELETE') {
      if (kind === 'metadata') this.forget(path);
      else version.deletedAt = new Date().toISOString();
      return done;
    }
    if (kind === 'metadata')
      return data({
        current_version: latest,
        versions: Object.fromEntries(
          versions.map(({ createdAt, deletedAt }, index) => [
            String(index + 1),
            { created_time: createdAt, deletion_time: deletedAt, destroyed: false },
          ]),
        ),
      });
    const metadata = { version: number, created_time: version.createdAt, deletion_time: version.deletedAt };
    return version.deletedAt === ''
      ? data({ data: version.data, metadata })
      : { status: 404, body: { data: { data: null, metadata } } };
  }
}
