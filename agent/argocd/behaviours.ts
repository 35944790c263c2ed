/**
 * What one component does about one file, event by event. The rows of `facts.ts` are made from these.
 *
 * **Invariant:** every behaviour is something a check can show from outside a process: by a call, a handshake, or an exit.
 */

/** What happens to a file, and when. `later`: while the process runs. */
export type FileEvent =
  | 'good-at-start'
  | 'absent-at-start'
  /** One of several certificates in it can't be parsed. */
  | 'partly-bad-at-start'
  /** Nothing in it can be parsed, or the key doesn't fit. */
  | 'bad-at-start'
  /** The certificate without its key. */
  | 'half-at-start'
  | 'appears-later'
  | 'changes-later'
  | 'vanishes-later'
  | 'turns-bad-later'
  /** Changes, with a modification time older than that of what was loaded. */
  | 'changes-with-older-time-later';

export type Outcome =
  /** Read and used as it is. */
  | 'used'
  /** repo-server asks for no client certificate. */
  | 'mtls-off'
  /** repo-server makes itself a certificate for `localhost` and `reposerver`. */
  | 'self-signed'
  /** The client shows no certificate: calls go on only where none is required. */
  | 'no-certificate'
  /** The client accepts any repo-server. */
  | 'unverified'
  /** The good certificates count, the others are skipped without a word. */
  | 'good-part-used'
  | 'does-not-start'
  /** The process lives, each of its calls fails. */
  | 'calls-fail'
  /** The next call, or the next handshake of a long-lived connection, goes by the new content. */
  | 'used-next'
  /** Nothing changes until the process is started again. */
  | 'ignored';

export interface Behaviour {
  readonly event: FileEvent;
  readonly outcome: Outcome;
  /** Name of the check in `test/cluster/facts/checks/` that shows this on the real program. */
  readonly check: string;
}

const make =
  (subject: string) =>
  (event: FileEvent, outcome: Outcome): Behaviour => ({ event, outcome, check: `${subject}/${event}` });

const clientCa = make('client-ca');
const serving = make('serving');
const leaf = make('client-leaf');
const serverCa = make('server-ca');
const caPath = make('ca-path');
const strict = make('strict-roots');

/** What every client does about its pair once it runs, as long as the pair was there at start. */
const LEAF_LATER: readonly Behaviour[] = [
  leaf('good-at-start', 'used'),
  leaf('absent-at-start', 'no-certificate'),
  leaf('changes-later', 'used-next'),
  leaf('vanishes-later', 'no-certificate'),
  leaf('turns-bad-later', 'calls-fail'),
  leaf('changes-with-older-time-later', 'ignored'),
];

export const BEHAVIOURS = {
  clientCa: [
    clientCa('good-at-start', 'used'),
    clientCa('absent-at-start', 'mtls-off'),
    clientCa('partly-bad-at-start', 'good-part-used'),
    clientCa('bad-at-start', 'does-not-start'),
    clientCa('appears-later', 'ignored'),
    clientCa('changes-later', 'ignored'),
    clientCa('vanishes-later', 'ignored'),
    clientCa('turns-bad-later', 'ignored'),
  ],
  serving: [
    serving('good-at-start', 'used'),
    serving('absent-at-start', 'self-signed'),
    serving('half-at-start', 'self-signed'),
    serving('bad-at-start', 'does-not-start'),
    serving('appears-later', 'ignored'),
    serving('changes-later', 'ignored'),
    serving('vanishes-later', 'ignored'),
    serving('turns-bad-later', 'ignored'),
  ],
  /** A client that builds a connection for each call and none at start. */
  leafPerCall: [
    ...LEAF_LATER,
    leaf('appears-later', 'used-next'),
    leaf('bad-at-start', 'calls-fail'),
    leaf('half-at-start', 'calls-fail'),
  ],
  /**
   * argocd-server: as above, but it also builds one connection at start (server/server.go, NewArgoCDService), over which it never calls;
   * a bad pair stops it there.
   */
  leafOfServer: [
    ...LEAF_LATER,
    leaf('appears-later', 'used-next'),
    leaf('bad-at-start', 'does-not-start'),
    leaf('half-at-start', 'does-not-start'),
  ],
  /** notifications-controller: one connection for its life; whether to show a certificate is decided when it is built. */
  leafOfLongLivedClient: [
    ...LEAF_LATER,
    leaf('appears-later', 'ignored'),
    leaf('bad-at-start', 'does-not-start'),
    leaf('half-at-start', 'does-not-start'),
  ],
  serverCa: [
    serverCa('good-at-start', 'used'),
    serverCa('absent-at-start', 'calls-fail'),
    serverCa('partly-bad-at-start', 'good-part-used'),
    serverCa('bad-at-start', 'does-not-start'),
    serverCa('appears-later', 'ignored'),
    serverCa('changes-later', 'ignored'),
    serverCa('vanishes-later', 'ignored'),
    serverCa('turns-bad-later', 'ignored'),
  ],
  caPath: [caPath('absent-at-start', 'unverified'), caPath('good-at-start', 'used')],
  strictRoots: [
    strict('good-at-start', 'used'),
    strict('absent-at-start', 'calls-fail'),
    strict('bad-at-start', 'does-not-start'),
    strict('appears-later', 'ignored'),
    strict('changes-later', 'ignored'),
    strict('vanishes-later', 'ignored'),
    strict('turns-bad-later', 'ignored'),
  ],
} as const satisfies Readonly<Record<string, readonly Behaviour[]>>;
