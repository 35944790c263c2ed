/** Every reader of what somebody else wrote. */
import type { Target } from './target.ts';
import { CONFIG } from './targets/config.ts';
import { MATERIAL } from './targets/material.ts';
import { BUNDLES, CERTIFICATES, DER, KEYS, PEM } from './targets/pki.ts';
import { PKCS12, SHAPES } from './targets/shapes.ts';
import { STATE } from './targets/state.ts';
import { VAULT_KV, VAULT_PKI } from './targets/vault.ts';

export const TARGETS: readonly Target[] = [
  PEM,
  DER,
  CERTIFICATES,
  BUNDLES,
  KEYS,
  MATERIAL,
  SHAPES,
  PKCS12,
  CONFIG,
  VAULT_KV,
  VAULT_PKI,
  STATE,
];
