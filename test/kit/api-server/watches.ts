/**
 * Open watches: each a stream of JSON lines that starts where its client asks.
 *
 * **Invariant:** a watcher sees every change that its selector matches after its start, once and in order; an object that stops to
 * match is a deletion to it.
 */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../agent/ports.ts';
import { type JsonObject, objectAt, textAt } from './json.ts';
import type { Kind } from './kinds.ts';
import type { Selector } from './selectors.ts';
import { expired } from './status.ts';
import type { Change, Store } from './store.ts';

export interface WatchRequest {
  readonly user: string;
  readonly kind: Kind;
  readonly namespace: string;
  readonly selector: Selector;
  /** Undefined or '0': from the present state, which is sent first. */
  readonly resourceVersion: string | undefined;
  readonly bookmarks: boolean;
  /** Milliseconds after which the server ends the watch; undefined: never. */
  readonly limit: number | undefined;
  /** What becomes of an object before it is sent (PartialObjectMetadata). */
  readonly present: (object: JsonObject) => JsonObject;
}

interface Open {
  readonly request: WatchRequest;
  readonly response: ServerResponse;
  readonly send: (type: string, object: JsonObject) => void;
}

export class Watches {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #open = new Set<Open>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    store.listen((change) => {
      for (const open of [...this.#open]) this.#offer(open, change);
    });
  }

  /** Watches that are connected now. */
  get count(): number {
    return this.#open.size;
  }

  start(request: WatchRequest, response: ServerResponse): void {
    const send = (type: string, object: JsonObject): void => {
      response.write(`${JSON.stringify({ type, object })}\n`);
    };
    const open: Open = { request, response, send };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const cancel =
      request.limit === undefined ? undefined : this.#clock.after(request.limit, () => response.end());
    response.on('close', () => {
      cancel?.();
      this.#open.delete(open);
    });
    const { resourceVersion, kind, namespace, selector } = request;
    if (resourceVersion === undefined || resourceVersion === '0' || resourceVersion === '') {
      for (const object of this.#store.list(kind, namespace)) {
        if (selector(object)) send('ADDED', request.present(object));
      }
      if (request.bookmarks) this.#bookmark(open);
    } else {
      const missed = this.#store.since(Number(resourceVersion));
      if (missed === undefined) {
        // A watch that starts too far back is answered with 200 and an ERROR event (apiserver cacher).
        send(
          'ERROR',
          expired(`too old resource version: ${resourceVersion} (${this.#store.version})`).status,
        );
        response.end();
        return;
      }
      for (const change of missed) this.#offer(open, change);
    }
    this.#open.add(open);
  }

  /** Tells every watcher how far it is, as the real server does about once a minute. */
  bookmark(): void {
    for (const open of this.#open) if (open.request.bookmarks) this.#bookmark(open);
  }

  /** Ends matching watches: `end` as a server's time-out does, `cut` as a dying connection, `gone` with a 410. */
  disconnect(how: 'end' | 'cut' | 'gone', which: (request: WatchRequest) => boolean = () => true): number {
    const chosen = [...this.#open].filter(({ request }) => which(request));
    for (const open of chosen) {
      const { response, send } = open;
      this.#open.delete(open);
      if (how === 'cut') response.destroy();
      else {
        if (how === 'gone')
          send('ERROR', expired('The resourceVersion for the provided watch is too old.').status);
        response.end();
      }
    }
    return chosen.length;
  }

  #bookmark({ request, send }: Open): void {
    const { kind } = request;
    send('BOOKMARK', {
      kind: kind.kind,
      apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
      metadata: { resourceVersion: String(this.#store.version), creationTimestamp: null },
    });
  }

  #offer({ request, send }: Open, change: Change): void {
    if (change.kind !== request.kind) return;
    if (textAt(objectAt(change.object, 'metadata'), 'namespace') !== request.namespace) return;
    const was = change.before !== undefined && request.selector(change.before);
    const is = change.type !== 'DELETED' && request.selector(change.object);
    if (is) send(was ? 'MODIFIED' : 'ADDED', request.present(change.object));
    else if (was) send('DELETED', request.present(change.object));
  }
}
