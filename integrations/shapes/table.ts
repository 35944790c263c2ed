/**
 * The accepted shapes: under which names certificate, key and CA stand, as the tools that write them name them.
 *
 * **Invariant:** this is the only list of key names that are understood without configuration; what it doesn't name is named by `fields`.
 */
export interface NamedShape {
  /** Whose names they are, for people. */
  readonly of: string;
  readonly certificate: string;
  readonly key: string;
  /** What may hold the CA; the first that is there counts. */
  readonly ca: readonly string[];
  /** Further CAs: intermediates go with the leaf, self-signed ones to the CA. */
  readonly chain: readonly string[];
  /** Other forms of the same pair that the same writer puts beside it; never looked at where the pair is there. */
  readonly alongside: readonly string[];
}

export const NAMED_SHAPES: readonly NamedShape[] = [
  {
    // Kubernetes core/v1 SecretTypeTLS; ca.crt, additionalOutputFormats and keystores: cert-manager v1.21
    // internal/apis/certmanager/types_certificate.go and pkg/controller/certificates/issuing/internal/{secret,keystore}.go.
    of: 'kubernetes.io/tls',
    certificate: 'tls.crt',
    key: 'tls.key',
    ca: ['ca.crt'],
    chain: [],
    alongside: [
      'tls-combined.pem',
      'key.der',
      'keystore.p12',
      'truststore.p12',
      'keystore.jks',
      'truststore.jks',
    ],
  },
  {
    // The answer of pki/issue: Vault builtin/logical/pki/path_issue_sign.go, buildSignedCertificateResponse.
    of: "Vault's answer",
    certificate: 'certificate',
    key: 'private_key',
    ca: ['issuing_ca'],
    chain: ['ca_chain'],
    alongside: [],
  },
  {
    // The Secret that Argo CD's own manifests mount: argocd-repo-server-mtls.
    of: "Argo CD's target",
    certificate: 'client.crt',
    key: 'client.key',
    ca: ['client-ca.crt', 'server-ca.crt'],
    chain: [],
    alongside: [],
  },
  {
    // The names in spiffe-helper's own examples: `svid_file_name`, `svid_key_file_name`, `svid_bundle_file_name`.
    of: "spiffe-helper's files",
    certificate: 'svid.pem',
    key: 'svid_key.pem',
    ca: ['svid_bundle.pem'],
    chain: [],
    alongside: [],
  },
  {
    // What Istio's agent writes where OUTPUT_CERTS names a directory: istio, pkg/config/constants/constants.go.
    of: "Istio's files",
    certificate: 'cert-chain.pem',
    key: 'key.pem',
    ca: ['root-cert.pem'],
    chain: [],
    alongside: [],
  },
  {
    // eff-certbot.readthedocs.io, "Where are my certificates?". chain.pem holds intermediates, which are in fullchain.pem too; no root.
    of: "certbot's files",
    certificate: 'fullchain.pem',
    key: 'privkey.pem',
    ca: [],
    chain: [],
    alongside: ['cert.pem', 'chain.pem'],
  },
  {
    // docs.docker.com/engine/security/protect-access, and much that was made by hand after it.
    of: "Docker's files",
    certificate: 'cert.pem',
    key: 'key.pem',
    ca: ['ca.pem'],
    chain: [],
    alongside: [],
  },
];

/** Names under which somebody would look for a pair and its CA: that one of them can't be read is said, not passed over. */
export const USUAL_NAMES: readonly string[] = NAMED_SHAPES.flatMap(({ certificate, key, ca }) => [
  certificate,
  key,
  ...ca,
]);
