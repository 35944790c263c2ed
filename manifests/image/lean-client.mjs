/**
 * The part of @kubernetes/client-node that the program reaches: kubeconfig, authentication, TLS and the HTTP library.
 *
 * Its kubeconfig (dist/config.js, client-node 2.0.1) takes two names from an index that also loads a class for every API of Kubernetes:
 * 20 MB of source, none of which is ever called here. In the image that index holds the two names.
 *
 * **Invariant:** what the package's own files say is copied as it is; the one file that is written anew says so in its first line.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Where the package lies, by package-lock.json. */
export const LEAN = 'node_modules/@kubernetes/client-node';

/** As imported by agent/kube; test/manifests/image.test.ts compares. */
export const ENTRIES = ['dist/config.js', 'dist/gen/http/http.js', 'dist/gen/http/isomorphic-fetch.js'];

const INDEX = 'dist/gen/index.js';
const INDEX_TEXT = `// Changed by argocd-mtls-rotator's image: the generated API classes are left out (manifests/image/lean-client.mjs).
export { createConfiguration } from './configuration.js';
export * from './servers.js';
`;

const importsOf = (text) => [...text.matchAll(/\bfrom\s+["'](\.[^"']+)["']/g)].map((match) => match[1]);

/** Copies what the entries reach from the package in folder `from` to folder `to`. */
export const copyLeanClient = (from, to) => {
  const waiting = ['package.json', 'LICENSE', ...ENTRIES];
  const seen = new Set();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = path === INDEX ? INDEX_TEXT : readFileSync(join(from, path), 'utf8');
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), text);
    if (path.endsWith('.js'))
      waiting.push(...importsOf(text).map((target) => normalize(join(dirname(path), target))));
  }
};
