/**
 * What is wrong with the private keys that were found, and what could not be opened.
 */
import { type FoundKey, keyPlaceText, objectPlaceText } from '../../model/migration-findings.ts';
import type { Finding } from '../../model/plan.ts';
import { openedObjects } from './components.ts';
import type { Question } from './problems.ts';

const placesOf = ({ places }: FoundKey): string => places.map(keyPlaceText).join(', ');

/** The same key in two places is one key; what fits nothing is most often the rest of a renewal that was done by hand. */
export const lonelyKeys: Question = ({ keys }) =>
  keys
    .filter(({ state }) => state === 'alone')
    .map(
      (key): Finding => ({
        code: 'key-fits-nothing',
        severity: 'warning',
        about: placesOf(key),
        what: `The private key (${key.kind}) there belongs to none of the certificates that were found.`,
        effect: 'Whoever opens it together with a certificate beside it fails; a migration does not use it.',
        next: 'Find the certificate that it belongs to (--search-namespace), or take it away once nothing mounts it.',
        patch: undefined,
      }),
    );

export const closedKeys: Question = ({ keys }) =>
  keys
    .filter(({ state }) => state === 'encrypted' || state === 'unreadable')
    .map(
      (key): Finding => ({
        code: key.state === 'encrypted' ? 'key-encrypted' : 'key-unreadable',
        severity: 'warning',
        about: placesOf(key),
        what: `The private key there is ${key.state === 'encrypted' ? 'encrypted' : 'damaged'}.`,
        effect: 'Argo CD can not use it, and neither can a migration: what it belongs to is not known.',
        next:
          key.state === 'encrypted'
            ? 'Where it is the key of the root: decrypt it into a Secret (openssl pkey -in … -out …).'
            : 'Write it anew from where it came.',
        patch: undefined,
      }),
    );

export const exposedKeys: Question = ({ keys }) =>
  keys
    .filter(({ exposed }) => exposed)
    .map(
      (key): Finding => ({
        code: 'key-in-config-map',
        severity: 'warning',
        about: placesOf(key),
        what: `A private key (${key.kind}) stands in a ConfigMap.`,
        effect:
          'Everybody who may read ConfigMaps has it, and may call repo-server with it for as long as its CA is trusted.',
        next: 'Migrate, which issues new keys into Secrets; and where it is a key of a CA, plan to replace that CA afterwards.',
        patch: undefined,
      }),
    );

export const closedStores: Question = ({ stores }) =>
  stores.map(
    ({ place, form, why }): Finding => ({
      code: form === 'damaged PEM' ? 'pem-damaged' : 'keystore-closed',
      severity: form === 'damaged PEM' ? 'warning' : 'info',
      about: keyPlaceText(place),
      what: `It holds ${form === 'damaged PEM' ? 'PEM that is damaged' : `a ${form}`}: ${why}`,
      effect:
        form === 'damaged PEM'
          ? 'Go skips such a block without a word: a CA in it is not trusted.'
          : 'What it holds is not in the picture.',
      next:
        form === 'damaged PEM'
          ? 'Write it anew from where it came.'
          : 'Where the root is in it, put it beside as PEM (openssl pkcs12 -in … -nodes).',
      patch: undefined,
    }),
  );

/** By hand into `data` what should have gone into `stringData`, or the other way round. */
export const encodedTwice: Question = ({ wrapped, components }) => {
  const opened = openedObjects(components);
  const objects = new Map<string, string[]>();
  for (const place of wrapped)
    objects.set(objectPlaceText(place), [...(objects.get(objectPlaceText(place)) ?? []), place.key]);
  return [...objects].map(
    ([about, keys]): Finding => ({
      code: 'base64-twice',
      severity: 'warning',
      about,
      what: `base64 is put on twice under ${keys.join(', ')}.`,
      effect: opened.has(about)
        ? 'Argo CD opens it and finds base64 where PEM should be: repo-server does not start with it, and clients can not load it.'
        : 'Whoever mounts it finds base64 where PEM should be.',
      next: 'Nothing by hand: a migration reads it all the same and fills a Secret of its own rightly.',
      patch: undefined,
    }),
  );
};
