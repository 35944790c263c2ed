/**
 * One client and one repo-server, both real, and what came of the client's call.
 *
 * **Invariant:** the repo-server trusts the old client CA only and serves under the first server CA, so that the client's outcome alone
 * tells which certificate it showed and which CA it trusts.
 */
import { makeCa, makeLeaf } from '../../kit/pki/index.ts';
import { until } from '../harness/wait.ts';
import { type Client, type ClientOptions, type Subject, startClient } from './client.ts';
import {
  CLIENT_CA,
  type Files,
  files,
  type RepoServer,
  replaceRepoServer,
  SERVING,
  startRepoServer,
} from './repo-server.ts';

const clientCa = makeCa({ name: 'client CA' });
const serverCa = makeCa({ name: 'server CA' });

export const OLD_LEAF = makeLeaf(clientCa);
/** Under a CA of the same name that this repo-server does not trust. */
export const NEW_LEAF = makeLeaf(makeCa({ name: 'client CA' }));
export const SERVER_CAS = { right: serverCa, wrong: makeCa({ name: 'server CA' }) } as const;
export const SERVING_LEAF = makeLeaf(serverCa, { dns: ['localhost'] });

/** Seconds: gRPC's longest pause between two tries to connect (grpc-go, backoff.DefaultConfig.MaxDelay). */
const GRPC_BACK_OFF = 120;

export type Verdict =
  /** The call was answered: the old leaf was shown, or nothing was asked for. */
  | 'answered'
  | 'shows-no-certificate'
  | 'shows-the-new-leaf'
  | 'cannot-load-its-pair'
  | 'distrusts-the-server';

const MEANINGS: readonly (readonly [RegExp, Verdict])[] = [
  [/^answered$/, 'answered'],
  [/tls: certificate required/, 'shows-no-certificate'],
  [/remote error: tls: unknown certificate authority/, 'shows-the-new-leaf'],
  [/failed to load (?:initial )?client certificate|cannot stat client cert/, 'cannot-load-its-pair'],
  [/x509: certificate signed by unknown authority/, 'distrusts-the-server'],
];

/** What repo-server's log says of a handshake that it refused. */
const REFUSALS: readonly (readonly [RegExp, Verdict])[] = [
  [/tls: client didn't provide a certificate/, 'shows-no-certificate'],
  [/ServerHandshake.* failed: .*x509: certificate signed by unknown authority/, 'shows-the-new-leaf'],
];

/**
 * What the client's words mean. A refusal may not reach it (the server closes right after its alert, and the client's write meets a
 * closed socket first): then the server's words count.
 * @throws Error with the client's words where neither means one of the verdicts.
 */
function meaningOf(said: string, refused: string): Verdict {
  const meaning =
    MEANINGS.find(([pattern]) => pattern.test(said)) ?? REFUSALS.find(([pattern]) => pattern.test(refused));
  if (meaning === undefined) throw new Error(`the client said: ${said}`);
  return meaning[1];
}

export interface Meeting {
  readonly client: Client;
  /** What the client's next call on a fresh handshake comes to. */
  verdict(): Promise<Verdict>;
}

/** A repo-server that asks for certificates (or, with `mtls: false`, for none). */
export async function repoServer(options: {
  readonly mtls: boolean;
}): Promise<{ readonly server: RepoServer; readonly on: Files }> {
  const on = files();
  if (options.mtls) on.write(CLIENT_CA, clientCa.pem);
  on.write(SERVING.certificate, SERVING_LEAF.chainPem);
  on.write(SERVING.key, SERVING_LEAF.keyPem);
  return { server: await startRepoServer(on), on };
}

/** Starts both. The client that holds one connection is made to shake hands anew before each verdict. */
export async function meet(
  subject: Subject,
  own: Files,
  mtls: boolean,
  options: ClientOptions = {},
): Promise<Meeting> {
  let { server, on } = await repoServer({ mtls });
  const client = await startClient(subject, own, server.port, options);
  return {
    client,
    verdict: async () => {
      if (subject.component === 'notifications-controller') {
        // The one connection is ended, and its last words are old by the time nobody listens: what comes next is a new handshake.
        await server.process.stop();
        await until(
          'the client to find nobody',
          GRPC_BACK_OFF,
          async () => ((await client.call()).includes('connection refused') ? true : undefined),
          50,
        );
        server = await replaceRepoServer(server, on);
      }
      const before = subject.component === 'notifications-controller' ? 0 : server.process.output().length;
      return until(
        'a call that says something',
        GRPC_BACK_OFF,
        async () => meaningOf(await client.call(), server.process.output().slice(before)),
        50,
      );
    },
  };
}
