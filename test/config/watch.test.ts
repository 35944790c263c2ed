/** A configuration that changes while the agent runs. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ConfigKeeper } from '../../agent/config/keeper.ts';
import { ConfigError } from '../../agent/config/problem.ts';
import { type ConfigWatch, loadConfig, watchConfig } from '../../agent/config/watch.ts';
import type { RotatorSettings } from '../../agent/model/settings.ts';
import type { Clock } from '../../agent/ports.ts';

// File events come when the machine gets to them.
jest.setTimeout(30_000);

const text = (name: string): string =>
  `apiVersion: mtls-rotator/v1alpha1\nkind: RotatorConfig\ninstances:\n  - { name: ${name}, namespace: ${name}, clients: { default: { certManager: { certificate: c } } } }\n`;

const nameIn = (settings: RotatorSettings): string | undefined => settings.instances[0]?.name;

describe('the configuration in effect', () => {
  const listener = () => {
    const told: string[] = [];
    return {
      told,
      onSettings: (settings: RotatorSettings) => told.push(`settings ${nameIn(settings)}`),
      onRefused: (error: ConfigError) => told.push(`refused ${error.problems.length}`),
    };
  };

  test('can not start from a bad file', () => {
    expect(() => new ConfigKeeper('config.yaml', 'a: 1')).toThrow(ConfigError);
  });

  test('changes with a good file', () => {
    const keeper = new ConfigKeeper('config.yaml', text('one'));
    const heard = listener();
    keeper.take(text('two'), heard);
    expect(heard.told).toEqual(['settings two']);
    expect(nameIn(keeper.settings)).toBe('two');
  });

  test('stays as it was through a bad file, which is told once', () => {
    const keeper = new ConfigKeeper('config.yaml', text('one'));
    const heard = listener();
    keeper.take('a: 1', heard);
    keeper.take('a: 1', heard);
    expect(heard.told).toEqual(['refused 4']);
    expect(nameIn(keeper.settings)).toBe('one');
  });

  test('is not told anew where only a comment changed, nor where a bad change was taken back', () => {
    const keeper = new ConfigKeeper('config.yaml', text('one'));
    const heard = listener();
    keeper.take(`# a comment\n${text('one')}`, heard);
    keeper.take('a: 1', heard);
    keeper.take(text('one'), heard);
    expect(heard.told).toEqual(['refused 4']);
  });
});

describe('a mounted ConfigMap', () => {
  let directory: string;
  let opened: ConfigWatch | undefined;
  const clock: Clock = {
    now: () => 0,
    after: (_delay, callback) => {
      const timer = setTimeout(callback, 1);
      return () => clearTimeout(timer);
    },
  };

  /** As the kubelet does it: a new folder, a new link beside it, one rename. */
  const project = (version: string, content: string): void => {
    mkdirSync(join(directory, version));
    writeFileSync(join(directory, version, 'config.yaml'), content);
    symlinkSync(version, join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rotator-config-'));
    project('..v1', text('one'));
    symlinkSync('..data/config.yaml', join(directory, 'config.yaml'));
  });
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
    rmSync(directory, { recursive: true });
  });

  const start = async () => {
    const file = join(directory, 'config.yaml');
    const keeper = await loadConfig(file);
    const settings = Promise.withResolvers<RotatorSettings>();
    const refused = Promise.withResolvers<ConfigError>();
    opened = watchConfig(file, keeper, clock, { onSettings: settings.resolve, onRefused: refused.reject });
    refused.promise.catch(() => undefined);
    await opened.ready;
    return { keeper, settings: settings.promise, refused: refused.promise };
  };

  test('is taken over when the kubelet swaps its link', async () => {
    const { settings } = await start();
    project('..v2', text('two'));
    expect(nameIn(await settings)).toBe('two');
  });

  test('is refused when what the kubelet swaps in is wrong, and the one before stays', async () => {
    const { keeper, refused } = await start();
    project('..v2', 'a: 1');
    await expect(refused).rejects.toThrow(ConfigError);
    expect(nameIn(keeper.settings)).toBe('one');
  });

  test('that went away is told, and the one before stays', async () => {
    const { keeper, refused } = await start();
    unlinkSync(join(directory, '..data'));
    await expect(refused).rejects.toThrow('ENOENT');
    expect(nameIn(keeper.settings)).toBe('one');
  });
});
