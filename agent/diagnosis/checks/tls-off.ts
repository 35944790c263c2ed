/**
 * TLS switched off on one side or the other: there is nothing to be mutual about.
 */
import type { Finding } from '../../model/plan.ts';
import { type Check, foundClients, foundRepoServer, isIdle, nameOf } from '../input.ts';

export const repoServerWithoutTls: Check = (input) => {
  const repoServer = foundRepoServer(input);
  if (input.settings.state === 'disabled' || repoServer?.mounts.tlsDisabled !== true) return [];
  return [
    {
      code: 'tls-disabled',
      severity: 'blocking',
      about: nameOf(repoServer.workload.ref),
      what: 'repo-server runs with --disable-tls (or reposerver.disable.tls).',
      effect:
        'It serves plain text, so that no certificate counts. With a client CA path, which is set by default since 3.5, its next pod does not even start (argo-cd issue 29661).',
      next: 'Take --disable-tls away, and the plaintext switches of the clients with it; if a service mesh does mTLS here, set state: disabled for this instance.',
      patch: undefined,
    },
  ];
};

export const plaintextClients: Check = (input) => {
  if (input.settings.state === 'disabled') return [];
  return foundClients(input).flatMap((client): readonly Finding[] =>
    client.mounts.plaintext
      ? [
          {
            code: 'plaintext-client',
            severity: isIdle(client) ? 'warning' : 'blocking',
            about: nameOf(client.workload.ref),
            what: `${client.component} dials repo-server in plain text.`,
            effect:
              'It shows no certificate and speaks no TLS: with a repo-server that does, each of its calls fails.',
            next: 'Take its plaintext switch away (argument, or *.repo.server.plaintext in argocd-cmd-params-cm).',
            patch: undefined,
          },
        ]
      : [],
  );
};
