/**
 * The option list of a sidecar: a file of its own, since a sidecar knows one pod and not the instance.
 *
 * **Invariant:** as for the agent's options: what is not described here does not exist.
 */
import { z } from 'zod';
import { MTLS_DIRECTORY, SERVING_DIRECTORY } from '../argocd/parameters.ts';
import { CONFIG_API_VERSION, SIDECAR_CONFIG_KIND } from '../model/product.ts';
import { API_USES, RESTART_WAYS } from '../model/sidecar-settings.ts';
import { COMPONENTS } from '../model/terms.ts';
import { dataKey, directoryPath, dnsLabel, duration, labels, objectName } from './fields.ts';
import { http } from './http-options.ts';

const id = (description: string) =>
  z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .meta({ allowed: 'a numeric id' })
    .describe(description)
    .optional();

const pair = (description: string) =>
  z
    .strictObject({
      directory: directoryPath().describe('The mounted directory.'),
      certificate: dataKey()
        .describe('File of the certificate and its chain, where it has none of the usual names.')
        .optional(),
      key: dataKey().describe('File of the private key, likewise.').optional(),
      ca: dataKey().describe('File of the CAs that vouch for the certificate, likewise.').optional(),
    })
    .describe(description)
    .optional();

const ca = {
  directory: directoryPath().describe('The mounted directory.'),
  ca: dataKey().describe('The file with the CAs, PEM.').prefault('ca.crt'),
};

export const SidecarOptions = z
  .strictObject({
    apiVersion: z.literal(CONFIG_API_VERSION).describe('Version of this format.'),
    kind: z.literal(SIDECAR_CONFIG_KIND).describe('Kind of this document.'),
    instance: dnsLabel()
      .describe('Name of the Argo CD installation; on every span, metric and log line.')
      .prefault('argocd'),
    labels: labels().describe('Free labels, on every span, metric and log line.').prefault({}),
    component: z.enum(COMPONENTS).describe('The component of Argo CD in whose pod the sidecar runs.'),
    sources: z
      .strictObject({
        clientCa: z
          .array(z.strictObject(ca))
          .min(1)
          .max(20)
          .meta({ allowed: 'a list of 1 to 20 groups' })
          .describe(
            'repo-server: where the CAs stand that vouch for clients. repo-server trusts all of them together.',
          )
          .optional(),
        serving: pair("repo-server: its own pair. Without it, repo-server's certificate is left as it is."),
        client: pair('A client: its pair. `ca` has to be there too: it says under which CAs it is valid.'),
        serverCa: z
          .strictObject(ca)
          .describe(
            'A client: the CAs that vouch for repo-server. Leave it out only where this client does not verify repo-server.',
          )
          .optional(),
      })
      .describe(
        'Where certificates come from: `clientCa` and `serving` for repo-server, `client` and `serverCa` for a client.',
      ),
    output: z
      .strictObject({
        mtls: directoryPath()
          .describe(
            'Directory for `client-ca.crt`, or `client.crt`, `client.key` and `server-ca.crt`: an emptyDir that Argo CD reads at this path.',
          )
          .prefault(MTLS_DIRECTORY),
        serving: directoryPath()
          .describe("Directory for `tls.crt` and `tls.key`, repo-server's own pair.")
          .prefault(SERVING_DIRECTORY),
      })
      .describe('Where files are written: paths inside the sidecar.')
      .prefault({}),
    files: z
      .strictObject({
        mode: z
          .string()
          .regex(/^0?[0-7]{3}$/)
          .meta({ allowed: 'permission bits as octal text, such as "0440"' })
          .describe(
            "Permission bits of each file. Argo CD's container has to be able to read: same user, or the pod's `fsGroup`.",
          )
          .prefault('0440'),
        owner: id(
          'User id that files are given to. Needs the capability CHOWN; left out, they are the sidecar’s.',
        ),
        group: id('Group id that files are given to. Left out, the directory decides (`fsGroup`).'),
      })
      .describe('What files look like to the other container.')
      .prefault({}),
    dialledNames: z
      .array(z.string().min(1).max(253).meta({ allowed: 'a host name, without port' }))
      .min(1)
      .max(20)
      .meta({ allowed: 'a list of 1 to 20 host names' })
      .describe('Names that clients dial; a serving certificate has to carry all of them.')
      .prefault(['argocd-repo-server']),
    api: z
      .enum(API_USES)
      .describe(
        '`record`: pods tell each other in a ConfigMap what they hold, so that a CA can be replaced. `none`: no call to the API is made; renewals under the same CA work, everything else is held.',
      )
      .prefault('record'),
    restart: z
      .enum(RESTART_WAYS)
      .describe(
        'Where something changed that is read at start only: `evict` has the pod replaced through the Eviction API, one after the other, as PodDisruptionBudgets allow; `never` says what is pending and leaves the restart to you.',
      )
      .prefault('never'),
    names: z
      .strictObject({
        record: objectName()
          .describe('ConfigMap in which pods tell each other what they hold. One for the whole installation.')
          .prefault('argocd-mtls-rotator-sidecars'),
        lease: objectName()
          .describe(
            'Beginning of the names of the Leases by which replicas take turns; "-" and the component follow.',
          )
          .prefault('argocd-mtls-rotator-sidecar'),
      })
      .describe('Names of the objects that sidecars share.')
      .prefault({}),
    startWait: duration({
      description:
        'How long the first files of a pod wait for the API, and for a leaf to be known as trusted. After that it begins with what the sources say, and says so. A leaf that is known to be refused is never begun with.',
    }).prefault('60s'),
    settle: duration({
      description: 'How long files must have stayed as they are before a restart is asked for.',
    }).prefault('10s'),
    poll: duration({
      description:
        'How often everything is looked at again, whatever was noticed. A tenth of it while something is waited for, at least a second.',
      atLeast: '1s',
    }).prefault('20s'),
    turnDeadline: duration({
      description: 'After this a turn that was taken and came to nothing may be taken by another replica.',
      atLeast: '10s',
    }).prefault('10m'),
    http: http(8095)
      .describe('Where `/startupz`, `/healthz`, `/readyz` and `/metrics` are served.')
      .prefault({}),
  })
  .describe('Configuration of a sidecar.');

export type SidecarValues = z.output<typeof SidecarOptions>;
