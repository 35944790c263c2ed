/**
 * Whether each component opens the files that are going to be published.
 *
 * Where the version is known to be older than 3.5 nothing is said here: {@link version} names the cause. A client that opens files of
 * another layout which are kept filled is `checks/other-layout.ts`' matter.
 */
import { CLIENT_PARAMETERS } from '../../argocd/parameters.ts';
import { adjustableBy } from '../../argocd/template.ts';
import { hasMtls } from '../../argocd/versions.ts';
import type { Finding } from '../../model/plan.ts';
import { type Check, type FoundAny, foundClients, foundRepoServer, isIdle, nameOf } from '../input.ts';
import { readsKeptPlace } from '../kept-place.ts';
import { clientNeeds, fileName, type Need, repoServerNeeds, trouble } from '../needs.ts';
import { type MissingVariable, projectionPatch } from '../projection.ts';

const MTLS_VOLUME = 'argocd-repo-server-mtls';
const SERVING_VOLUME = 'argocd-repo-server-tls';

interface Wanted {
  /** Without these the component can't do its part. */
  readonly needed: readonly Need[];
  /** All that a patch gives. */
  readonly given: readonly Need[];
  readonly volume: string;
  readonly env: readonly MissingVariable[];
  readonly effect: string;
}

function report(found: FoundAny, wanted: Wanted): readonly Finding[] {
  const { needed, given, volume, env, effect } = wanted;
  const missing = needed.filter((each) => trouble(each) !== undefined);
  const [first] = missing;
  if (first === undefined || hasMtls(found.version) === 'no') return [];
  const { component, workload } = found;
  const patch = projectionPatch({ component, workload, needs: given, broken: missing, volume, env });
  const keys = missing.map((each) => `${each.key} as ${each.path}`).join(' and ');
  return [
    {
      code: 'file-not-mounted',
      severity: isIdle(found) ? 'warning' : 'blocking',
      about: nameOf(workload.ref),
      what: `${missing.map(trouble).join('; ')}.`,
      effect,
      next:
        patch === undefined
          ? `Mount of Secret ${first.secret} ${keys}, or name what it uses in the configuration (names, layout).`
          : missing.some(({ origin }) => origin.from === 'secret')
            ? 'Name what it uses in the configuration (names, layout), with adopt: existing where somebody else filled it: it is then kept up to date while you move. Where repo-server asks for no certificates yet, just apply the patch.'
            : 'Apply the patch.',
      patch,
    },
  ];
}

/** A client that can't show its certificate is cut off as soon as repo-server asks for one. */
export const clientFiles: Check = (input) => {
  const { settings } = input;
  if (settings.state === 'disabled') return [];
  return foundClients(input).flatMap((client) => {
    if (readsKeptPlace(client.mounts, input)) return [];
    const { certificate, key, serverCa } = clientNeeds(client, input);
    const { serverCaPath } = client.mounts;
    const { caCertPath, caPathKey } = CLIENT_PARAMETERS[client.component];
    const tellable = adjustableBy(serverCaPath) !== undefined || serverCaPath.from !== 'default';
    return report(client, {
      needed: [certificate, key],
      given: [certificate, key, serverCa],
      volume: MTLS_VOLUME,
      env: tellable
        ? []
        : [{ name: caCertPath.env, configMap: settings.names.paramsConfigMap, key: caPathKey }],
      effect: `Once repo-server requires client certificates, each call is refused for want of ${fileName(certificate)}.`,
    });
  });
};

/** Without client-ca.crt repo-server silently asks for no certificate. */
export const clientCaFile: Check = (input) => {
  const repoServer = foundRepoServer(input);
  if (input.settings.state === 'disabled' || repoServer === undefined) return [];
  const { clientCa } = repoServerNeeds(repoServer, input);
  return report(
    { component: 'repo-server', ...repoServer },
    {
      needed: [clientCa],
      given: [clientCa],
      volume: MTLS_VOLUME,
      env: [],
      effect: 'repo-server goes on without asking for certificates: mTLS stays off, without a word.',
    },
  );
};

/** A serving certificate that is published, but not where repo-server looks. */
export const servingFiles: Check = (input) => {
  const repoServer = foundRepoServer(input);
  if (input.settings.serving === undefined || repoServer === undefined) return [];
  const { serving } = repoServerNeeds(repoServer, input);
  return report(
    { component: 'repo-server', ...repoServer },
    {
      needed: serving,
      given: serving,
      volume: SERVING_VOLUME,
      env: [],
      effect: 'repo-server goes on with a certificate of its own making, which no client can verify.',
    },
  );
};
