/**
 * What whoever looks after Vault is to do, as commands.
 *
 * **Invariant:** a private key goes through a pipe, never into an argument, a file or this text.
 *
 * Sources: Vault API, PKI secrets engine: `issuers/import/bundle` takes `pem_bundle`; the CLI reads a value of `-` from standard input.
 */
import {
  type FoundCertificate,
  type KeyPlace,
  keyPlaceText,
  type MigrationFindings,
} from '../../model/migration-findings.ts';
import type { VaultChoice } from './choice.ts';
import { placeOf } from './places.ts';
import type { IssuingCa } from './way.ts';

/** Prints one value; a ConfigMap's is text already, a value that is in base64 twice is decoded twice. */
const valueCommand = (place: KeyPlace, { wrapped }: MigrationFindings): string => {
  const { kind, namespace, name, key } = place;
  const twice = wrapped.some((each) => keyPlaceText(each) === keyPlaceText(place));
  const decode = `${kind === 'Secret' ? ' | base64decode' : ''}${twice ? ' | base64decode' : ''}`;
  return `kubectl -n ${namespace} get ${kind.toLowerCase()} ${name} -o go-template='{{index .data "${key}"${decode}}}{{"\\n"}}'`;
};

const importing = (
  findings: MigrationFindings,
  root: FoundCertificate,
  vault: VaultChoice,
  ca: IssuingCa,
): readonly string[] => {
  const certificates = [ca.certificate, root].flatMap((each) => placeOf(each, findings.namespace) ?? []);
  const places = new Map([...certificates, ca.keyFrom].map((place) => [keyPlaceText(place), place]));
  const values = [...places.values()].map((place) => valueCommand(place, findings)).join('; ');
  return [
    `vault secrets enable -path=${vault.mount} pki    # where it is not there yet`,
    `(${values}) | vault write ${vault.mount}/issuers/import/bundle pem_bundle=-`,
  ];
};

const policy = ({ mount, role }: VaultChoice, serving: boolean): string => {
  const roles = [`${role}-client`, ...(serving ? [`${role}-serving`] : [])];
  const paths = roles.flatMap((each) => [
    `path "${mount}/roles/${each}" { capabilities = ["read"] }`,
    `path "${mount}/sign/${each}" { capabilities = ["update"] }`,
  ]);
  return `printf '%s\\n' ${paths.map((path) => `'${path}'`).join(' ')} | vault policy write ${role} -`;
};

export const vaultInstructions = (
  findings: MigrationFindings,
  root: FoundCertificate,
  vault: VaultChoice,
  ca: IssuingCa | undefined,
  serving: readonly string[],
): readonly string[] => {
  const { mount, role, authMount, authRole } = vault;
  return [
    ...(ca === undefined
      ? [
          `vault list -detailed ${mount}/issuers    # has to show ${root.subject}, whose key was not found here`,
        ]
      : importing(findings, root, vault, ca)),
    `vault write ${mount}/roles/${role}-client allowed_domains=argocd-client allow_bare_domains=true key_type=ec server_flag=false ttl=720h`,
    ...(serving.length === 0
      ? []
      : [
          `vault write ${mount}/roles/${role}-serving allowed_domains=${serving.join(',')} allow_bare_domains=true key_type=ec client_flag=false ttl=720h`,
        ]),
    policy(vault, serving.length > 0),
    `vault write auth/${authMount}/role/${authRole} bound_service_account_names=argocd-mtls-rotator bound_service_account_namespaces=argocd-mtls-rotator token_policies=${role} token_ttl=20m`,
  ];
};
