/**
 * Other input out of sound input.
 *
 * **Invariant:** the same chance makes the same input; no input grows beyond {@link LARGEST}.
 */
import { pemBlock } from '../kit/pki/index.ts';
import type { Chance } from '../kit/random.ts';
import { mutateDer } from './mutate-der.ts';
import type { Target } from './target.ts';

/** Beyond what a Secret, a ConfigMap or an answer of Vault holds. */
export const LARGEST = 2 * 1024 * 1024 + 1024;

/** Nothing, ends of lines, look-alikes of what readers look for, names that JavaScript knows, and numbers at the edge. */
const WORDS = [
  '\u0000',
  '\uFEFF',
  '\r',
  '\r\n',
  ' ',
  '\t',
  '\u00a0',
  '\u2028',
  '\u2010',
  '\u0410',
  '\u202e',
  '\ud800',
  '"',
  '\\',
  '{}',
  '[]',
  '=',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '-----BEGIN CERTIFICATE-----\n',
  '-----END CERTIFICATE-----\n',
  '-----BEGIN PRIVATE KEY-----\n',
  '-----END PRIVATE KEY-----\n',
  '-----BEGIN ',
  '-----',
  '-1',
  '0',
  '1e999',
  '9007199254740993',
  '99999999999999999999',
];

type Change = (input: Buffer, chance: Chance, target: Target) => Buffer;

const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts).subarray(0, LARGEST);
const range = (input: Buffer, chance: Chance): readonly [number, number] => {
  const from = chance.below(input.length + 1);
  const most = chance.pick([2, 16, 256, 4096]);
  return [from, Math.min(input.length, from + chance.below(most))];
};
const wordOf = (chance: Chance, target: Target): Buffer =>
  Buffer.from(chance.pick(chance.next() < 0.5 && target.words.length > 0 ? target.words : WORDS));

const flip: Change = (input, chance) => {
  if (input.length === 0) return input;
  const output = Buffer.from(input);
  const at = chance.below(output.length);
  output[at] = (output[at] ?? 0) ^ (1 << chance.below(8));
  return output;
};
const cut: Change = (input, chance) => {
  const [from, to] = range(input, chance);
  return joined(input.subarray(0, from), input.subarray(to));
};
const insert: Change = (input, chance, target) => {
  const at = chance.below(input.length + 1);
  return joined(input.subarray(0, at), wordOf(chance, target), input.subarray(at));
};
const overwrite: Change = (input, chance, target) => {
  const at = chance.below(input.length + 1);
  const word = wordOf(chance, target);
  return joined(input.subarray(0, at), word, input.subarray(at + word.length));
};
const repeat: Change = (input, chance) => {
  const [from, to] = range(input, chance);
  const times = chance.pick([2, 3, 10, 100, 3000]);
  const part = input.subarray(from, to);
  const most = Math.max(1, Math.floor(LARGEST / Math.max(1, part.length)));
  return joined(
    input.subarray(0, to),
    ...Array<Buffer>(Math.min(times, most)).fill(part),
    input.subarray(to),
  );
};
const truncate: Change = (input, chance) => input.subarray(0, chance.below(input.length + 1));
const splice: Change = (input, chance, target) => {
  const other = chance.pick(target.seeds());
  return joined(
    input.subarray(0, chance.below(input.length + 1)),
    other.subarray(chance.below(other.length + 1)),
  );
};

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\n([A-Za-z0-9+/=\n]+)-----END [A-Z0-9 ]+-----\n?/g;

/** The DER in one of the blocks. */
const inside: Change = (input, chance) => {
  const text = input.toString('latin1');
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length === 0) return input;
  const [whole, label = '', body = ''] = chance.pick(blocks);
  const der = mutateDer(Buffer.from(body, 'base64'), chance);
  return Buffer.from(
    text.replace(whole, () => pemBlock(label, der)),
    'latin1',
  ).subarray(0, LARGEST);
};
const withinDer: Change = (input, chance) => mutateDer(input, chance).subarray(0, LARGEST);

const BLIND: readonly Change[] = [flip, cut, insert, overwrite, repeat, truncate, splice];
const KNOWING: Readonly<Record<Target['form'], Change>> = { text: insert, pem: inside, der: withinDer };

/** One input for a target. */
export const mutated = (target: Target, chance: Chance): Buffer => {
  let input = chance.pick(target.seeds());
  for (let times = 1 + chance.below(4); times > 0; times -= 1) {
    const change = chance.next() < 0.6 ? KNOWING[target.form] : chance.pick(BLIND);
    input = change(input, chance, target);
  }
  return input;
};
