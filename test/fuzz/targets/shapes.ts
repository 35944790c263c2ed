/** What a Secret holds: accepted shapes, and PKCS#12. */
import { SecretBytes } from '../../../agent/model/secret-bytes.ts';
import { readPkcs12 } from '../../../integrations/shapes/pkcs12.ts';
import { readShape } from '../../../integrations/shapes/read-shape.ts';
import { good, root } from '../../admission/bad-material/row.ts';
import { writePkcs12 } from '../../kit/pki/pkcs12.ts';
import type { Target } from '../target.ts';
import { materials } from './pki.ts';

/** Between name and value, and between entries. */
const [IS, NEXT] = ['\n# is\n', '\n# next entry\n'];
const entries = (pairs: readonly (readonly [string, string])[]): Buffer =>
  Buffer.from(pairs.map(([name, value]) => `${name}${IS}${value}`).join(NEXT));

const twice = (text: string): string => Buffer.from(text).toString('base64');
let secrets: readonly Buffer[] | undefined;

export const SHAPES: Target = {
  name: 'shapes',
  seeds: () => {
    secrets ??= [
      ...materials()
        .slice(0, 40)
        .map(({ certificate, key, anchors }) =>
          entries([
            ['tls.crt', certificate],
            ['tls.key', key],
            ['ca.crt', anchors],
          ]),
        ),
      entries([
        ['tls.crt', twice(good.pem)],
        ['tls.key', twice(good.keyPem)],
        ['ca.crt', twice(root.pem)],
      ]),
      entries([
        ['certificate', good.pem],
        ['private_key', good.keyPem],
        ['issuing_ca', root.pem],
        ['ca_chain', JSON.stringify([root.pem])],
      ]),
      entries([
        ['client.crt', good.pem],
        ['client.key', good.keyPem],
        ['client-ca.crt', root.pem],
        ['all.pem', good.pem + good.keyPem + root.pem],
      ]),
      entries([['all.pem', good.pem + good.keyPem + root.pem]]),
    ];
    return secrets;
  },
  form: 'pem',
  words: [IS, NEXT, 'tls.crt', 'ca_chain', 'certificate', '__proto__', `${NEXT}private_key${IS}`, '["', '"]'],
  read: (input) => {
    const pairs = input
      .toString('utf8')
      .split(NEXT)
      .map((entry) => entry.split(IS));
    const values = new Map(pairs.map(([name = '', value = '']) => [name, SecretBytes.of(value)]));
    readShape(values);
    readShape(values, { certificate: 'tls.crt' });
    readShape(values, { key: 'tls.key', ca: 'ca.crt' });
  },
};

const PASSWORD = 'fuzz';
let stores: readonly Buffer[] | undefined;

export const PKCS12: Target = {
  name: 'PKCS#12',
  seeds: () => {
    const store = (options: object): Buffer =>
      writePkcs12([good.key], [good.der, root.der], { password: PASSWORD, rounds: 2, ...options });
    stores ??= [
      store({}),
      store({ keyEncryption: '3des' }),
      store({ keyEncryption: '3des', certificateEncryption: 'rc2' }),
      store({ keyEncryption: 'none', mac: 'absent' }),
      store({ mac: 'absent' }),
    ];
    return stores;
  },
  form: 'der',
  words: [],
  read: (input) => {
    for (const fips of ['off', 'on'] as const)
      readPkcs12(SecretBytes.ofBytes(input), SecretBytes.of(PASSWORD), { fips, about: 'fuzz' });
  },
};
