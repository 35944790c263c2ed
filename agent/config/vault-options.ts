/**
 * Vault and OpenBao as options: connections, and the two kinds of source that use one.
 *
 * **Invariant:** no option takes a secret; each one that opens Vault takes the name of a file.
 */
import { z } from 'zod';
import { VAULT_KEYS } from '../model/vault-spec.ts';
import { exactlyOne } from './exactly-one.ts';
import { dnsLabel, duration, filePath } from './fields.ts';

/** Mounts, roles and paths as they stand in a URL of Vault's API, so no surprises in them. */
const vaultPath = (description: string) =>
  z
    .string()
    .max(512)
    .regex(/^[\w.@-]+(\/[\w.@-]+)*$/)
    .refine((text) => text.split('/').every((part) => !/^\.+$/.test(part)))
    .meta({
      allowed: 'a path in Vault: letters, digits, "-", "_", "." and "@", parted by "/", none at its ends',
    })
    .describe(description);

const vaultName = (description: string) =>
  z
    .string()
    .max(256)
    .regex(/^[\w.@-]*\w$/)
    .meta({ allowed: 'a name in Vault: letters, digits, "-", "_", "." and "@"' })
    .describe(description);

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const auth = exactlyOne({
  kubernetes: z
    .strictObject({
      mount: vaultPath('Where the Kubernetes auth method is mounted, below `auth/`.').prefault('kubernetes'),
      role: vaultName('Role of that auth method.'),
      tokenFile: filePath(
        "The ServiceAccount's token. Use a projected one with an audience of its own where you can.",
      ).prefault(SERVICE_ACCOUNT_TOKEN),
    })
    .describe("Log in with the ServiceAccount's token.")
    .optional(),
  jwt: z
    .strictObject({
      mount: vaultPath('Where the JWT auth method is mounted, below `auth/`.').prefault('jwt'),
      role: vaultName('Role of that auth method.'),
      tokenFile: filePath('The JWT.').prefault(SERVICE_ACCOUNT_TOKEN),
    })
    .describe('Log in with a JWT that Vault verifies by itself.')
    .optional(),
  appRole: z
    .strictObject({
      mount: vaultPath('Where the AppRole auth method is mounted, below `auth/`.').prefault('approle'),
      roleId: vaultName('The RoleID.').optional(),
      roleIdFile: filePath('File with the RoleID, in place of `roleId`.').optional(),
      secretIdFile: filePath('File with the SecretID.'),
    })
    .check((context) => {
      const { roleId, roleIdFile } = context.value;
      if ((roleId === undefined) !== (roleIdFile === undefined)) return;
      context.issues.push({
        code: 'custom',
        input: context.value,
        params: {
          found: roleId === undefined ? 'neither roleId nor roleIdFile' : 'both roleId and roleIdFile',
        },
      });
    })
    .describe('Log in by AppRole. One of `roleId` and `roleIdFile` is given.')
    .meta({ allowed: 'one of roleId and roleIdFile, and secretIdFile' })
    .optional(),
  tokenFile: z
    .strictObject({ path: filePath('The token, as Vault Agent writes it.') })
    .describe('Use a token that somebody else keeps in a file. It is read at each use.')
    .optional(),
}).describe(
  'How the agent logs in. Secrets are in files, read anew at each login; never in this configuration.',
);

/** Plain HTTP gives the token away, so it is for a Vault Agent or proxy in the same pod only. */
const ADDRESS =
  /^(https:\/\/([\w-]+(\.[\w-]+)*\.?|\[[0-9a-fA-F:.]+\])|http:\/\/(localhost|127\.0\.0\.1|\[::1\]))(:\d{1,5})?\/?$/;

export const connections = () =>
  z
    .record(
      dnsLabel(),
      z.strictObject({
        vault: z
          .strictObject({
            address: z
              .string()
              .max(512)
              .regex(ADDRESS)
              .meta({
                allowed: 'https://host:port, without a path; http:// for the same pod only (localhost)',
              })
              .describe(
                'Where Vault or OpenBao answers. The environment variables `HTTPS_PROXY` and `NO_PROXY` are honoured.',
              ),
            namespace: vaultPath("Vault's namespace (Enterprise, OpenBao).").optional(),
            caFile: filePath(
              'CAs that vouch for Vault, PEM; read anew when it changes. Without it, those that Node knows.',
            ).optional(),
            timeout: duration({
              description: 'How long one request may take, until the last byte of its answer.',
              atLeast: '100ms',
            }).prefault('10s'),
            auth,
          })
          .describe('A Vault or an OpenBao.'),
      }),
    )
    .describe(
      'Systems that sources ask, by name. All sources of all instances that name one share its login.',
    )
    .meta({ allowed: 'connections by name: lower-case letters, digits and "-"' });

const connection = () => dnsLabel().describe('Name of one of the `connections`.');

export const vaultPki = z
  .strictObject({
    connection: connection(),
    mount: vaultPath('Where the PKI secrets engine is mounted.').prefault('pki'),
    role: vaultName('Role of the engine that signs this certificate.'),
    issuer: vaultName(
      "Name or id of the issuer. Without it, the one that the role names: the mount's default unless it says otherwise. When that becomes another CA, a new leaf is due.",
    ).optional(),
    commonName: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[\x20-\x7e]+$/)
      .meta({ allowed: 'text of at most 64 characters' })
      .describe(
        'Common name. Default: for a client certificate `argocd-` and what the source is for (`argocd-client`, `argocd-controller`, …), for the serving certificate its first DNS name.',
      )
      .optional(),
    altNames: z
      .array(
        z
          .string()
          .max(253)
          .regex(/^(\*\.)?[a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*$/)
          .meta({ allowed: 'a DNS name' }),
      )
      .max(50)
      .meta({ allowed: 'a list of DNS names' })
      .describe(
        'DNS names to ask for. A serving certificate always carries the names under which Argo CD dials repo-server too.',
      )
      .prefault([]),
    ttl: duration({ description: "Lifetime to ask for. Default: the role's.", atLeast: '1m' }).optional(),
    method: z
      .enum(['sign', 'issue'])
      .describe('`sign`: the agent makes the key and Vault never sees it. `issue`: Vault makes the key.')
      .prefault('sign'),
    key: z.enum(VAULT_KEYS).describe('Kind of the key.').prefault('ec-p256'),
    renewAt: z
      .number()
      .min(0.1)
      .max(0.9)
      .meta({ allowed: 'a number from 0.1 to 0.9' })
      .describe(
        'Fraction of its lifetime after which a leaf is renewed. Each leaf takes up to 5 % of its lifetime less, so that not all fall due at once.',
      )
      .prefault(0.66),
    poll: duration({
      description: 'How often the issuers are looked at for a change.',
      atLeast: '1s',
    }).prefault('1m'),
  })
  .describe('A certificate that the agent has issued by the PKI secrets engine of Vault or OpenBao.');

const field = (what: string) =>
  z
    .string()
    .min(1)
    .max(253)
    .meta({ allowed: 'the name of a field' })
    .describe(`Field with ${what}.`)
    .optional();

export const vaultKv = z
  .strictObject({
    connection: connection(),
    mount: vaultPath('Where the KV secrets engine (version 2) is mounted.').prefault('secret'),
    path: vaultPath('Path of the secret below the mount, without `data/`.'),
    fields: z
      .strictObject({
        certificate: field('the certificate and its chain, PEM'),
        key: field('the private key, PEM'),
        ca: field('the CAs, PEM'),
      })
      .describe('Names of the fields, where they are none of the usual ones.')
      .optional(),
    poll: duration({
      description: "How often the secret's version is looked at; its content is read when that changed.",
      atLeast: '1s',
    }).prefault('30s'),
  })
  .describe('A pair that somebody keeps in the KV secrets engine (version 2) of Vault or OpenBao.');

export type ConnectionValues = z.output<ReturnType<typeof connections>>[string];
