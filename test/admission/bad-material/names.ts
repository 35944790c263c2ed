/** Subject alternative names, name constraints and extensions that nobody knows. */
import * as der from '../../kit/pki/der.ts';
import { type Extension, makeCa, nameConstraints, rawMaterial } from '../../kit/pki/index.ts';
import { client, HOST, leafOf, type Row, root, server, TAKEN } from './row.ts';

const UNHANDLED = 'x509: unhandled critical extension';
const CONSTRAINED = 'x509: a root or intermediate certificate is not authorized to sign for this name';

const unknown = (critical: boolean): Extension => ({
  oid: '1.3.6.1.4.1.99999.1',
  critical,
  value: der.empty(),
});
const under = (constraint: Extension, leaf: Parameters<typeof leafOf>[0] = {}) => {
  const ca = makeCa({ name: 'Narrow CA', extensions: [constraint] });
  return rawMaterial(leafOf(leaf, ca), [ca]);
};
const directoryName = (): Extension => ({
  oid: '2.5.29.30',
  critical: true,
  value: der.sequence(der.explicit(0, der.sequence(der.explicit(4, root.subject)))),
});
const mailConstraint = (): Extension => ({
  oid: '2.5.29.30',
  critical: true,
  value: der.sequence(der.explicit(0, der.sequence(der.implicit(1, Buffer.from('example.org'))))),
});
const withMail = (mail: string): Extension => ({
  oid: '2.5.29.17',
  critical: false,
  value: der.sequence(der.implicit(1, Buffer.from(mail))),
});

export const NAMES: readonly Row[] = [
  {
    name: 'no subject alternative name, the host as common name',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ name: HOST, dns: [] }), [root]),
    admission: 'san-missing',
    go: client('x509: certificate relies on legacy Common Name field'),
  },
  {
    name: 'another host than the one that is dialled',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ dns: ['argocd-server'] }), [root]),
    admission: 'san-missing',
    go: client('x509: certificate is valid for argocd-server, not argocd-repo-server'),
  },
  {
    name: 'no names, on a client that nobody dials',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ dns: [] }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a wildcard for the host',
    role: 'serving',
    by: 'kit',
    host: 'repo.argocd.svc',
    raw: () => rawMaterial(leafOf({ dns: ['*.argocd.svc'] }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a wildcard for one label too few',
    role: 'serving',
    by: 'kit',
    host: 'repo.argocd.svc',
    raw: () => rawMaterial(leafOf({ dns: ['*.svc'] }), [root]),
    admission: 'san-missing',
    go: client('x509: certificate is valid for *.svc'),
  },
  {
    name: 'a wildcard alone',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ dns: ['*'] }), [root]),
    admission: 'san-missing',
    go: client('x509: certificate is valid for *'),
  },
  {
    name: 'the host in capitals',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ dns: ['ARGOCD-Repo-Server'] }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a host with a dot at its end',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ dns: [`${HOST}.`] }), [root]),
    admission: 'san-missing',
    go: client('x509: certificate is valid for'),
  },
  {
    name: 'an address that is dialled, among the names as text',
    role: 'serving',
    by: 'kit',
    host: '10.0.0.7',
    raw: () => rawMaterial(leafOf({ dns: ['10.0.0.7'] }), [root]),
    admission: 'san-missing',
    go: client('x509: cannot validate certificate for 10.0.0.7'),
  },
  {
    name: 'a host with a NUL behind it',
    role: 'serving',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ dns: [`${HOST}\u0000.example.org`] }), [root]),
    admission: 'san-missing',
    go: client('x509: certificate is valid for'),
  },
  {
    name: 'a name constraint that permits other hosts only',
    role: 'serving',
    by: 'kit',
    raw: () => under(nameConstraints({ permittedDns: ['example.org'] })),
    admission: 'chain-broken',
    go: client(CONSTRAINED),
  },
  {
    name: "a name constraint that excludes a client's name",
    role: 'client',
    by: 'kit',
    raw: () => under(nameConstraints({ excludedDns: [HOST] })),
    admission: 'chain-broken',
    go: server(CONSTRAINED),
  },
  {
    name: 'a name constraint that permits the host',
    role: 'serving',
    by: 'kit',
    raw: () => under(nameConstraints({ permittedDns: [HOST] })),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a name constraint for addresses that the leaf does not keep',
    role: 'client',
    by: 'kit',
    raw: () =>
      under(nameConstraints({ permittedIps: [['10.0.0.0', '255.0.0.0']] }), { ips: ['192.168.0.1'] }),
    admission: 'chain-broken',
    go: server(CONSTRAINED),
  },
  {
    name: 'a name constraint of a kind that Go does not know',
    role: 'client',
    by: 'kit',
    raw: () => under(directoryName()),
    admission: 'chain-broken',
    go: server(UNHANDLED),
  },
  {
    name: 'a name constraint for mail addresses that the leaf keeps',
    role: 'client',
    by: 'kit',
    raw: () => under(mailConstraint(), { dns: [], extensions: [withMail('repo@example.org')] }),
    admission: 'chain-broken',
    go: TAKEN,
    differs:
      'Constraints for mail addresses are not judged here, so that they count as broken: between Argo CD and its repo-server nobody is known by mail.',
  },
  {
    name: 'an unknown critical extension in the leaf',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ extensions: [unknown(true)] }), [root]),
    admission: 'chain-broken',
    go: server(UNHANDLED),
  },
  {
    name: 'an unknown critical extension in the CA',
    role: 'serving',
    by: 'kit',
    raw: () => under(unknown(true)),
    admission: 'chain-broken',
    go: client(UNHANDLED),
  },
  {
    name: 'an unknown extension that is not critical',
    role: 'client',
    by: 'kit',
    raw: () => rawMaterial(leafOf({ extensions: [unknown(false)] }), [root]),
    admission: 'accepted',
    go: TAKEN,
  },
  {
    name: 'a certificate policy constraint',
    role: 'client',
    by: 'kit',
    raw: () =>
      under({ oid: '2.5.29.36', critical: true, value: der.sequence(der.implicit(1, Buffer.from([5]))) }),
    admission: 'chain-broken',
    go: TAKEN,
    differs:
      'Policies are not judged here, so that whoever constrains them is refused: better than believing what was not checked.',
  },
];
