/**
 * The one option list. Validation, the JSON schema and CONFIGURATION.md are all made from it.
 *
 * **Invariant:** an option that is not described here does not exist; every one has a description, and a default or the word "required".
 */
import { z } from 'zod';
import { CONFIG_API_VERSION, CONFIG_KIND } from '../model/product.ts';
import { LAYOUT_TYPES } from '../model/settings.ts';
import { CLIENT_NAMES, type ClientName } from '../model/source-role.ts';
import { COMPONENTS, MODES } from '../model/terms.ts';
import { cron, dataKey, dnsLabel, duration, keyBase, labels, objectName } from './fields.ts';
import { http } from './http-options.ts';
import { policy } from './policy-options.ts';
import { source } from './source-options.ts';
import { connections } from './vault-options.ts';

/** One value for each client that is named. */
const byClient = <T extends z.ZodType>(value: T) =>
  z.partialRecord(z.enum(Object.keys(CLIENT_NAMES) as [ClientName, ...ClientName[]]), value);

/** What may stand in `defaults` as well as in an instance. */
const shareable = {
  mode: z
    .enum(MODES)
    .describe(
      'What the agent may do: `observe` looks, plans and reports; `publish` writes Secrets and says what to restart; `manage` restarts workloads too.',
    )
    .prefault('observe'),
  labels: labels()
    .describe(
      'Free labels, on every span, metric and log line of the instance. Added to those of `defaults`.',
    )
    .prefault({}),
  state: z
    .enum(['enabled', 'disabled'])
    .describe(
      'Whether repo-server shall require client certificates. `disabled` takes mTLS away again, in the safe order.',
    )
    .prefault('enabled'),
  verification: z
    .enum(['keep', 'on'])
    .describe(
      '`keep`: clients verify the server or do not, as they are. `on`: the agent publishes `server-ca.crt` and sets the CA paths in the parameters ConfigMap. Needs `serving`.',
    )
    .prefault('keep'),
  layout: z
    .strictObject({
      type: z
        .enum(LAYOUT_TYPES)
        .describe(
          "`shared`: one client certificate for all four clients, in one Secret. `keys`: one for each client, under keys of its own in the one Secret (Option A of Argo CD's documentation). `secrets`: one for each client in a Secret of its own (Option B). The workloads' volumes have to project what the layout has: `plan` prints the patch.",
        )
        .prefault('shared'),
      previous: z
        .enum(LAYOUT_TYPES)
        .describe(
          'The layout that workloads may still be on. Its places are kept up to date until no pod reads them, then emptied; take this option out after that. Needed on the way from `secrets` only, for the rights.',
        )
        .optional(),
      keys: byClient(keyBase())
        .describe('Layout `keys`: beginning of the two key names (`.crt` and `.key` follow), by client.')
        .meta({
          allowed: `names by client: ${Object.keys(CLIENT_NAMES).join(', ')}; by default server-client, controller-client, appsetcontroller-client, notifications-client`,
        })
        .prefault({}),
      names: byClient(objectName())
        .describe('Layout `secrets`: name of the Secret, by client.')
        .meta({
          allowed: `names by client: ${Object.keys(CLIENT_NAMES).join(', ')}; by default names.mtlsSecret, "-" and the client`,
        })
        .prefault({}),
    })
    .describe('Which Secret keys the material becomes.')
    .prefault({}),
  names: z
    .strictObject({
      mtlsSecret: objectName()
        .describe('Secret that Argo CD mounts for client certificates and trust.')
        .prefault('argocd-repo-server-mtls'),
      keys: z
        .strictObject({
          clientCa: dataKey()
            .describe("CAs that vouch for clients; repo-server's.")
            .prefault('client-ca.crt'),
          clientCertificate: dataKey().describe('Client certificate and its chain.').prefault('client.crt'),
          clientKey: dataKey().describe('Private key of the client certificate.').prefault('client.key'),
          serverCa: dataKey()
            .describe("CAs that vouch for repo-server; the clients'.")
            .prefault('server-ca.crt'),
        })
        .describe('Names of the keys, where the workloads map others to the files that Argo CD reads.')
        .prefault({}),
      servingSecret: objectName()
        .describe("Secret with repo-server's serving certificate.")
        .prefault('argocd-repo-server-tls'),
      paramsConfigMap: objectName()
        .describe("ConfigMap with Argo CD's command parameters.")
        .prefault('argocd-cmd-params-cm'),
      previousSecret: objectName()
        .describe(
          "The agent's own Secret: the previous leaf, kept until its refusal was proved, then erased.",
        )
        .prefault('argocd-mtls-rotator-previous'),
      pendingSecret: objectName()
        .describe(
          "Beginning of the names of the agent's own Secrets in which a source that issues by itself (Vault PKI) keeps a pair until it is published. The role follows: `-default`, `-server`, `-serving`, …",
        )
        .prefault('argocd-mtls-rotator-pending'),
      journalConfigMap: objectName()
        .describe(
          "The agent's own ConfigMap: journal and status. Default: `argocd-mtls-rotator-` and the instance's name.",
        )
        .optional(),
      ordersConfigMap: objectName()
        .describe(
          "ConfigMap on which people approve plans and pause the instance, by annotations; the agent reads it and may not write it. Default: the journal's name and `-orders`.",
        )
        .optional(),
      workloads: z
        .partialRecord(z.enum(COMPONENTS), objectName())
        .describe(
          "Workload names, by component, where they are found neither by Argo CD's labels nor by their usual names.",
        )
        .meta({ allowed: `names by component: ${COMPONENTS.join(', ')}` })
        .prefault({}),
    })
    .describe('Names of the objects involved, where they differ from a default installation.')
    .prefault({}),
  adopt: z
    .enum(['never', 'existing'])
    .describe(
      'What happens to Secrets and keys that somebody else made: `never` holds and names the owner; `existing` takes over hand-made ones. A Secret that another controller writes is never taken over.',
    )
    .prefault('never'),
  evictions: z
    .enum(['never', 'allowed'])
    .describe(
      'Whether pods that a rollout does not replace (`OnDelete`, `partition`) may be evicted. Needs the `evictions` component of the manifests.',
    )
    .prefault('never'),
  distrust: z
    .enum(['immediately', 'with-next-restart'])
    .describe(
      "When repo-server is restarted so that it forgets an old CA. `with-next-restart` waits for a restart that happens anyway: that spares repo-server's cache, and the old CA stays trusted until then.",
    )
    .prefault('immediately'),
  propagationWait: duration({
    description:
      'From a confirmed write until every running pod is presumed to see it. Kubelets need 60 to 90 s by default; no API field tells.',
  }).prefault('3m'),
  mountMargin: duration({
    description:
      "From a confirmed write until the mount of a new pod is presumed to hold it (the kubelet's cache).",
  }).prefault('20s'),
  settle: duration({
    description: 'How long a restarted workload must have been healthy before the next step.',
  }).prefault('10s'),
  rolloutDeadline: duration({
    description: 'How long a restart may take before it counts as failed.',
    atLeast: '1s',
  }).prefault('10m'),
  callTimeout: duration({
    description: 'How long one real call to a repo-server pod may take.',
    atLeast: '100ms',
  }).prefault('5s'),
  proofInterval: duration({
    description: 'Age at which the last proof is taken again.',
    atLeast: '1s',
  }).prefault('1h'),
  previousLeafMaximum: duration({
    description:
      'How long the previous leaf is kept at most. After that its refusal is reported as not proved.',
  }).prefault('24h'),
  retry: duration({
    description: 'Delay before a failed step is tried again; it doubles each time.',
    atLeast: '100ms',
  }).prefault('10s'),
  retryMaximum: duration({
    description: 'The longest delay between two tries. At least `retry`.',
    atLeast: '100ms',
  }).prefault('5m'),
  budget: z
    .strictObject({
      restarts: z
        .int()
        .min(1)
        .max(1000)
        .describe('How many times one workload may be restarted within the window.')
        .meta({ allowed: 'a whole number from 1 to 1000' })
        .prefault(6),
      window: duration({ description: 'The time that `restarts` counts in.', atLeast: '1m' }).prefault('1h'),
    })
    .describe(
      'A limit to restarts, whatever happens. When it is used up, the agent holds in the safe state and says so.',
    )
    .prefault({}),
  policy: policy(),
};

export const InstanceOptions = z
  .strictObject({
    name: dnsLabel().describe(
      'Name of the instance, unique in the file; on every span, metric and log line.',
    ),
    namespace: dnsLabel().describe('Namespace of the Argo CD installation. One instance a namespace.'),
    ...shareable,
    clients: z
      .strictObject({
        default: source('Source of the client certificate of every client that has none of its own.'),
        server: source('Source of the client certificate of argocd-server.').optional(),
        controller: source('Source of the client certificate of the application controller.').optional(),
        applicationset: source(
          'Source of the client certificate of the applicationset controller.',
        ).optional(),
        notifications: source('Source of the client certificate of the notifications controller.').optional(),
      })
      .describe('Where client certificates, and the CAs that vouch for them, come from.'),
    serving: source(
      "Source of repo-server's serving certificate. Without it, the serving certificate is left as it is.",
    ).optional(),
  })
  .describe('One Argo CD installation.');

/** Only its structure is used: the values are merged into each instance and validated there. */
const DefaultOptions = z
  .strictObject(shareable)
  .partial()
  .describe('Options for every instance that does not set them itself.');

export const DocumentOptions = z
  .strictObject({
    apiVersion: z.literal(CONFIG_API_VERSION).describe('Version of this format.'),
    kind: z.literal(CONFIG_KIND).describe('Kind of this document.'),
    defaults: DefaultOptions.optional(),
    connections: connections().optional(),
    sweep: cron()
      .describe('When everything is looked at again, whatever the watches said.')
      .prefault('*/5 * * * *'),
    http: http(8080)
      .describe(
        'Where `/metrics`, `/healthz` and `/readyz` are served. A change needs a restart of the agent.',
      )
      .prefault({}),
    instances: z
      .array(InstanceOptions)
      .min(1)
      .max(200)
      .meta({ allowed: 'a list of 1 to 200 instances' })
      .describe('The Argo CD installations to look after.'),
  })
  .describe('Configuration of argocd-mtls-rotator.');

export type InstanceValues = z.output<typeof InstanceOptions>;
