import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { copyLeanClient, ENTRIES, LEAN } from '../../manifests/image/lean-client.mjs';
import { ROOT, sourcesBelow } from '../repo/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the Kubernetes client in the image', () => {
  test('has every file of it that the program imports', () => {
    const imported = sourcesBelow('agent', 'integrations')
      .flatMap(({ imports }) => imports)
      .filter((target) => target.startsWith('@kubernetes/client-node'));
    expect([...new Set(imported)].sort()).toEqual(
      ENTRIES.map((path) => `@kubernetes/client-node/${path}`).sort(),
    );
  });

  test('loads a kubeconfig and prepares a call, without the generated API classes', async () => {
    const from = join(ROOT, LEAN);
    const to = join(folder, LEAN);
    copyLeanClient(from, to);
    symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
    // What it needs of others is found from here on up.
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules', '@kubernetes', 'node_modules'));
    const program = `
      const { KubeConfig } = await import(${JSON.stringify(join(to, 'dist/config.js'))});
      const { HttpMethod, RequestContext } = await import(${JSON.stringify(join(to, 'dist/gen/http/http.js'))});
      const { IsomorphicFetchHttpLibrary } = await import(${JSON.stringify(join(to, 'dist/gen/http/isomorphic-fetch.js'))});
      const config = new KubeConfig();
      config.loadFromOptions({
        clusters: [{ name: 'c', server: 'https://cluster.test' }],
        users: [{ name: 'u', token: 'known' }],
        contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
        currentContext: 'x',
      });
      const context = new RequestContext('https://cluster.test/api', HttpMethod.GET);
      await config.applySecurityAuthentication(context);
      const { readdirSync } = await import('node:fs');
      console.log(JSON.stringify({
        authorization: context.getHeaders().Authorization,
        sends: typeof new IsomorphicFetchHttpLibrary().send,
        generated: readdirSync(${JSON.stringify(join(to, 'dist/gen'))}).sort(),
      }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect(JSON.parse(stdout)).toEqual({
      authorization: 'Bearer known',
      sends: 'function',
      generated: [
        'auth',
        'configuration.js',
        'http',
        'index.js',
        'middleware.js',
        'rxjsStub.js',
        'servers.js',
      ],
    });
  });
});
