import { describe, expect, test } from '@jest/globals';
import { hasMtls, imageParts, versionOf } from '../../agent/argocd/versions.ts';

const LABEL = 'app.kubernetes.io/version';

describe('the version of a workload', () => {
  test.each([
    ['quay.io/argoproj/argocd:v3.6.1', '3.6.1'],
    ['quay.io/argoproj/argocd:v3.5.0-rc2', '3.5.0'],
    ['registry.example:5000/mirror/argocd:3.6.1@sha256:00ff', '3.6.1'],
    ['registry.example/argocd-with-plugins:v2.14.3-acme.4', '2.14.3'],
  ])('is read off %s', (image, expected) => {
    const version = versionOf(image, {}, undefined);
    expect(version.known && `${version.major}.${version.minor}.${version.patch}`).toBe(expected);
  });

  test.each([
    ['quay.io/argoproj/argocd:latest'],
    ['quay.io/argoproj/argocd@sha256:00ff'],
    ['registry.example:5000/argocd'],
    ['registry.example/argocd:1.2.3'],
    ['registry.example/argocd:v3.6'],
    ['registry.example/gitops:v3.6.1'],
    [''],
  ])('is unknown by %s', (image) => {
    expect(versionOf(image, {}, undefined).known).toBe(false);
  });

  test("comes from a label where the image doesn't tell, the template's before the workload's", () => {
    const image = 'argocd@sha256:00ff';
    expect(versionOf(image, { [LABEL]: 'v3.6.0' }, undefined)).toMatchObject({
      text: 'v3.6.0',
      from: 'label',
    });
    expect(versionOf(image, { [LABEL]: 'v3.6.0' }, { labels: { [LABEL]: 'v3.5.7' } })).toMatchObject({
      text: 'v3.5.7',
    });
  });

  test('goes by the image where image and label disagree', () => {
    expect(versionOf('argocd:v3.6.1', { [LABEL]: 'v3.4.0' }, undefined)).toMatchObject({ text: 'v3.6.1' });
  });
});

describe('repo-server mTLS', () => {
  test.each([
    ['v2.14.11', 'no'],
    ['v3.4.9', 'no'],
    ['v3.5.0-rc1', 'yes'],
    ['v3.5.0', 'yes'],
    ['v3.10.2', 'yes'],
    ['v4.0.0', 'yes'],
    ['latest', 'unknown'],
  ])('in %s: %s', (tag, expected) => {
    expect(hasMtls(versionOf(`quay.io/argoproj/argocd:${tag}`, {}, undefined))).toBe(expected);
  });
});

test('a registry port is not mistaken for a tag', () => {
  expect(imageParts('host:5000/argoproj/argocd')).toEqual({ name: 'argocd', tag: undefined });
});
