/** Generated files say what the code says. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { generatedFiles, REFRESH_COMMAND } from '../../agent/cli/generated-files.ts';

describe('generated files', () => {
  test.each([...generatedFiles()])(`%s is fresh (if not: ${REFRESH_COMMAND})`, (path, content) => {
    expect(readFileSync(path, 'utf8')).toBe(content);
  });
});
