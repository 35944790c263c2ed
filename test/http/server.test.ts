/** What the agent answers over HTTP. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { type HttpProviders, type HttpServer, startHttpServer } from '../../agent/http/server.ts';

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const start = async (providers: Partial<HttpProviders> = {}) => {
  server = await startHttpServer(
    { host: '127.0.0.1', port: 0 },
    {
      metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'a 1' }),
      health: () => ({ ok: true, details: [] }),
      readiness: () => ({ ok: true, details: [] }),
      ...providers,
    },
  );
  const { port } = server;
  return async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.text(),
    };
  };
};

describe('the HTTP server', () => {
  test('gives the metrics as they are', async () => {
    const get = await start();
    expect(await get('/metrics')).toEqual({ status: 200, type: 'text/plain; version=0.0.4', body: 'a 1\n' });
  });

  test('says whether the process is well and whether it is at work, each for itself, and why not', async () => {
    const get = await start({ readiness: () => ({ ok: false, details: ['payments: not observed yet'] }) });
    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await get('/readyz?verbose')).toMatchObject({
      status: 503,
      body: 'not ok\npayments: not observed yet\n',
    });
  });

  test('knows nothing else and takes nothing', async () => {
    const get = await start();
    expect(await get('/')).toMatchObject({ status: 404 });
    expect(await get('/metrics', 'POST')).toMatchObject({ status: 405 });
  });

  test('survives a provider that fails', async () => {
    const get = await start({
      metrics: async () => {
        throw new Error('secret detail');
      },
    });
    expect(await get('/metrics')).toMatchObject({ status: 500, body: 'failed\n' });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
  });

  test('finishes the answer under way when it closes', async () => {
    const asked = Promise.withResolvers<void>();
    const ready = Promise.withResolvers<{ contentType: string; body: string }>();
    const get = await start({
      metrics: () => {
        asked.resolve();
        return ready.promise;
      },
    });
    const answer = get('/metrics');
    await asked.promise;
    const closed = server?.close();
    server = undefined;
    ready.resolve({ contentType: 'text/plain', body: 'late' });
    expect(await answer).toMatchObject({ status: 200, body: 'late\n' });
    await closed;
  });

  test('says so when it can not listen', async () => {
    await start();
    await expect(
      startHttpServer(
        { host: '127.0.0.1', port: server?.port ?? 0 },
        {
          metrics: async () => ({ contentType: '', body: '' }),
          health: () => ({ ok: true, details: [] }),
          readiness: () => ({ ok: true, details: [] }),
        },
      ),
    ).rejects.toThrow('EADDRINUSE');
  });
});
