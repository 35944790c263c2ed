/**
 * The PKI secrets engine: issuers, one of them the default, and roles that sign.
 *
 * **Invariant:** a leaf is signed by the issuer of the path, else of the role, else by the default; what was issued stays as it is.
 */
import { randomUUID, X509Certificate } from 'node:crypto';
import {
  type Authority,
  type KeyPair,
  type KeySpec,
  keyPem,
  makeCa,
  makeKey,
  pemBlock,
  renewCaSameKey,
  USAGE,
  writeLeaf,
} from '../../pki/index.ts';
import {
  type Answer,
  type Ask,
  data,
  done,
  type Json,
  list,
  nothing,
  Refused,
  seconds,
  text,
} from './answer.ts';
import { readRequest } from './request-reader.ts';

interface Issuer {
  readonly id: string;
  name: string;
  /** Empty where Vault has the certificate only. */
  readonly keyId: string;
  readonly authority: Authority;
}

/** Vault backdates what it signs (`not_before_duration`). */
const BACKDATED = 30_000;
const DAY = 86_400_000;

const keySpec = ({ key_type, key_bits }: Json): KeySpec => {
  if (key_type === 'rsa') return `rsa-${Number(key_bits) || 2048}` as KeySpec;
  if (key_type === 'ed25519') return 'ed25519';
  return `p${Number(key_bits) || 256}` as KeySpec;
};

const lifetime = (ttl: unknown, fallback: number) => {
  const now = Math.floor(Date.now() / 1000) * 1000;
  return { notBefore: now - BACKDATED, notAfter: now + (seconds(ttl) ?? fallback) * 1000 };
};

export class Pki {
  readonly #issuers: Issuer[] = [];
  readonly #roles = new Map<string, Json>();
  /** Keys of requests for intermediates, by the text that stands for the request. */
  readonly #requests = new Map<string, KeyPair>();
  /** What some mount signed for a request, by its PEM. */
  readonly #signed: Map<string, Authority>;
  #default = '';

  constructor(signed: Map<string, Authority>) {
    this.#signed = signed;
  }

  handle(ask: Ask, rest: string): Answer {
    const { method, body } = ask;
    const [head = '', second = '', third, fourth] = rest.split('/');
    switch (head) {
      case 'root':
        return second === 'generate' ? this.#root(third === 'existing', body) : this.#signIntermediate(body);
      case 'intermediate':
        return second === 'generate' ? this.#request(body) : this.#import(text(body.certificate));
      case 'issuers':
        return data({ keys: this.#issuers.map(({ id }) => id) });
      case 'config':
        this.#default = this.#byReference(text(body.default)).id;
        return done;
      case 'roles':
        if (method === 'POST') this.#roles.set(second, body);
        else return data({ issuer_ref: 'default', ...this.#roleOr(second, nothing()) });
        return done;
      case 'sign':
      case 'issue':
        return this.#issue(head, second, undefined, body);
      case 'issuer':
        if (third === 'sign' || third === 'issue') return this.#issue(third, fourth ?? '', second, body);
        return this.#issuer(ask, second);
      default:
        throw new Refused(404, 'unsupported path');
    }
  }

  #issuer({ method, body }: Ask, reference: string): Answer {
    const found = this.#byReference(reference);
    if (method === 'POST') found.name = text(body.issuer_name);
    return data({
      issuer_id: found.id,
      issuer_name: found.name,
      key_id: found.keyId,
      certificate: found.authority.pem,
      ca_chain: this.#chainOf(found.authority),
    });
  }

  #add(authority: Authority, keyId: string, name: string): Issuer {
    const added = { id: randomUUID(), name, keyId, authority };
    this.#issuers.push(added);
    if (this.#default === '' && keyId !== '') this.#default = added.id;
    return added;
  }

  #root(isExisting: boolean, body: Json): Answer {
    const dates = lifetime(body.ttl, 365 * DAY);
    const present = isExisting ? this.#issuers.find(({ keyId }) => keyId === body.key_ref) : undefined;
    const authority =
      present === undefined
        ? makeCa({ name: text(body.common_name), key: keySpec(body), ...dates })
        : renewCaSameKey(present.authority, dates);
    const added = this.#add(authority, present?.keyId ?? randomUUID(), text(body.issuer_name));
    return data({ issuer_id: added.id, key_id: added.keyId, certificate: authority.pem });
  }

  #request(body: Json): Answer {
    const csr = `request ${randomUUID()}`;
    this.#requests.set(csr, makeKey(keySpec(body)));
    PENDING.set(csr, this.#requests.get(csr) as KeyPair);
    return data({ csr });
  }

  #signIntermediate(body: Json): Answer {
    const key = PENDING.get(text(body.csr));
    if (key === undefined) throw new Refused(400, 'csr contains no data');
    const { authority } = this.#byReference('default');
    const made = makeCa({
      name: text(body.common_name),
      key,
      issuer: authority,
      ...lifetime(body.ttl, 365 * DAY),
    });
    this.#signed.set(made.pem.trim(), made);
    this.#signed.set(authority.pem.trim(), authority);
    return data({ certificate: made.pem.trim(), issuing_ca: authority.pem.trim() });
  }

  #import(pems: string): Answer {
    const mapping = (pems.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []).map(
      (pem) => {
        const authority = this.#signed.get(pem);
        if (authority === undefined) throw new Refused(400, 'unable to find a key for the certificate');
        const hasKey = [...this.#requests.values()].includes(authority.key);
        const added = this.#add(authority, hasKey ? randomUUID() : '', '');
        return [added.id, added.keyId];
      },
    );
    return data({ mapping: Object.fromEntries(mapping) });
  }

  #issue(method: 'sign' | 'issue', roleName: string, reference: string | undefined, body: Json): Answer {
    const role = this.#roleOr(roleName, new Refused(400, `unknown role: ${roleName}`));
    const { authority } = this.#byReference(reference ?? (text(role.issuer_ref) || 'default'));
    const made = method === 'issue' ? makeKey(keySpec(role)) : undefined;
    const request =
      made === undefined
        ? readRequest(text(body.csr))
        : {
            publicKey: made.publicKey,
            commonName: text(body.common_name),
            dns: list(body.alt_names),
            ips: list(body.ip_sans),
          };
    const { commonName, dns, ips } = request;
    for (const name of [commonName, ...dns])
      if (!isAllowed(role, name)) throw new Refused(400, `common name ${name} not allowed by this role`);
    const key: KeyPair = made ?? { ...authority.key, publicKey: request.publicKey };
    const usages = [
      ...(role.server_flag === false ? [] : [USAGE.server]),
      ...(role.client_flag === false ? [] : [USAGE.client]),
    ];
    const dates = lifetime(body.ttl ?? role.ttl, 3600);
    const names = { name: commonName, dns: [...new Set([commonName, ...dns])], ips };
    const leaf = pemBlock('CERTIFICATE', writeLeaf(authority, { ...names, usages, ...dates }, key));
    return data({
      certificate: leaf.trim(),
      issuing_ca: authority.pem.trim(),
      ca_chain: this.#chainOf(authority),
      ...(made === undefined ? {} : { private_key: keyPem(made) }),
    });
  }

  #roleOr(name: string, refusal: Refused): Json {
    const role = this.#roles.get(name);
    if (role === undefined) throw refusal;
    return role;
  }

  #byReference(reference: string): Issuer {
    const id = reference === 'default' ? this.#default : reference;
    const found = this.#issuers.find((one) => one.id === id || (one.name !== '' && one.name === id));
    if (found === undefined) throw new Refused(500, `unable to find PKI issuer for reference: ${reference}`);
    return found;
  }

  /** The issuer, then every other one of the mount that vouches for what is in the chain so far. */
  #chainOf({ pem, certificate }: Authority): readonly string[] {
    const chain = [{ pem, certificate }];
    for (const { certificate: child } of chain) {
      const parents = this.#issuers.filter(
        ({ authority }) =>
          authority.certificate.subjectDer === child.issuerDer &&
          !chain.some((known) => known.pem === authority.pem) &&
          signed(child.pem, authority),
      );
      chain.push(...parents.map(({ authority }) => authority));
    }
    return chain.map((one) => one.pem.trim());
  }
}

/** Requests travel from one mount to another. */
const PENDING = new Map<string, KeyPair>();

const signed = (pem: string, parent: Authority): boolean =>
  new X509Certificate(pem).verify(parent.key.publicKey);

const isAllowed = (role: Json, name: string): boolean =>
  role.allow_any_name !== false ||
  list(role.allowed_domains).some(
    (domain) =>
      (role.allow_bare_domains === true && name === domain) ||
      (role.allow_subdomains === true && name.endsWith(`.${domain}`)),
  );
