/** All kinds of bad material. */
import { ALGORITHMS } from './algorithms.ts';
import { CHAINS } from './chains.ts';
import { DATES } from './dates.ts';
import { ENCODINGS } from './encodings.ts';
import { EXTENSIONS } from './extensions.ts';
import { FORGE } from './forge.ts';
import { NAMES } from './names.ts';
import { OPENSSL } from './openssl.ts';
import { PAIRS } from './pairs.ts';
import type { Row } from './row.ts';
import { TEXTS } from './texts.ts';

export const BAD_MATERIAL: readonly Row[] = [
  ...PAIRS,
  ...TEXTS,
  ...CHAINS,
  ...NAMES,
  ...DATES,
  ...ALGORITHMS,
  ...ENCODINGS,
  ...EXTENSIONS,
  ...OPENSSL,
  ...FORGE,
];
