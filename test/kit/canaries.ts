/**
 * Secrets that are looked for in whatever leaves the agent, in every form in which they could be dragged along.
 *
 * **Invariant:** what is looked for is the secret part alone: a public key stands in its certificate, and that may be told.
 */
import { type KeyPair, keyPem } from './pki/index.ts';

/** Fewer letters than this are found by chance. */
const LEAST = 12;

/** The base64 of the bytes, wherever among others they begin: without the letters that depend on their neighbours. */
const base64Forms = (bytes: Buffer): readonly string[] =>
  [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const inner = text.slice(
      before === 0 ? 0 : before + 1,
      bytes.length % 3 === 0 && before === 0 ? undefined : -1,
    );
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });

const formsOf = (bytes: Buffer): readonly string[] => [
  bytes.toString('hex'),
  bytes.toString('hex').toUpperCase(),
  ...base64Forms(bytes),
];

/** Private numbers of the key, as they stand in its DER. */
const secretParts = ({ privateKey }: KeyPair): readonly Buffer[] => {
  const { d, p, q } = privateKey.export({ format: 'jwk' });
  return [d, p, q].flatMap((part) => (part === undefined ? [] : [Buffer.from(part, 'base64url')]));
};

/** Pieces of the PEM's lines that hold nothing but a secret part. */
const pemPieces = (pem: string, parts: readonly Buffer[]): readonly string[] => {
  const lines = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  const der = Buffer.from(lines.join(''), 'base64');
  return parts.flatMap((part) => {
    const at = der.indexOf(part);
    if (at < 0) return [];
    const [from, to] = [Math.ceil((at * 4) / 3) + 1, Math.floor(((at + part.length) * 4) / 3) - 1];
    return lines.map((line, number) =>
      line.slice(Math.max(0, from - number * 64), Math.max(0, Math.min(64, to - number * 64))),
    );
  });
};

const escaped = (text: string): readonly string[] => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
];

export class Canaries {
  readonly #forms = new Map<string, ReadonlySet<string>>();

  /** How many secrets are looked for. */
  get size(): number {
    return this.#forms.size;
  }

  key(name: string, pair: KeyPair): void {
    const parts = secretParts(pair);
    const pieces = (['pkcs8', 'traditional'] as const).flatMap((form) =>
      pemPieces(keyPem(pair, form), parts),
    );
    this.#add(name, [
      ...parts.flatMap(formsOf),
      ...pieces,
      ...pieces.filter((piece) => piece.length >= LEAST).flatMap((piece) => base64Forms(Buffer.from(piece))),
    ]);
  }

  /** A password, a token: at least twelve letters, so that it is found nowhere by chance. */
  word(name: string, word: string): void {
    if (word.length < LEAST) throw new Error(`${name} is too short to be looked for`);
    this.#add(name, [...escaped(word), ...formsOf(Buffer.from(word))]);
  }

  #add(name: string, forms: readonly string[]): void {
    this.#forms.set(name, new Set(forms.filter((form) => form.length >= LEAST)));
  }

  /** `the log holds the key of the leaf`, for each secret that is in it in some form; never the secret. */
  foundIn(where: string, text: string): readonly string[] {
    return [...this.#forms]
      .filter(([, forms]) => [...forms].some((form) => text.includes(form)))
      .map(([name]) => `${where} holds ${name}`);
  }
}
