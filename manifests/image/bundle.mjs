/**
 * `npm run bundle`: lays out what the image holds under dist/image/: the compiled program and its run-time dependencies.
 *
 * **Invariant:** only packages that package-lock.json does not mark as development ones are copied, and nothing is fetched.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyLeanClient, LEAN } from './lean-client.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const image = join(root, 'dist', 'image');
/** For people and editors; nothing loads them. */
const unneeded = /\.(d\.[cm]?ts|map|md|markdown)$/i;

rmSync(image, { recursive: true, force: true });
for (const folder of ['agent', 'integrations']) {
  const from = join(root, 'dist', folder);
  if (existsSync(from)) cpSync(from, join(image, 'dist', folder), { recursive: true });
}

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
for (const [path, entry] of Object.entries(packages)) {
  if (path === '' || entry.dev || entry.devOptional || entry.link) continue;
  const from = join(root, path);
  if (!existsSync(from)) {
    if (entry.optional) continue;
    throw new Error(`${path} is not installed: run npm ci first`);
  }
  if (path === LEAN) {
    copyLeanClient(from, join(image, path));
    continue;
  }
  mkdirSync(dirname(join(image, path)), { recursive: true });
  cpSync(from, join(image, path), {
    recursive: true,
    // What is nested below has an entry, and a decision, of its own.
    filter: (source) => !unneeded.test(source) && source !== join(from, 'node_modules'),
  });
}

const { name, version, type, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(
  join(image, 'package.json'),
  `${JSON.stringify({ name, version, type, license }, undefined, 2)}\n`,
);
