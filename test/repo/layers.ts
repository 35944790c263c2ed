/**
 * Which part of the project may know which: DESIGN's import rule as one table. To change the shape of the project, change this.
 *
 * **Invariant:** read from top to bottom, nothing imports what stands below it, integrations aside.
 */
export interface Layer {
  /** A folder or a file, from the root. The longest that a source's path begins with is its layer. */
  readonly of: string;
  /** Folders and files it may import besides itself. */
  readonly imports: readonly string[];
  /** Packages and Node's modules it may import; a `*` at the end stands for anything. */
  readonly packages: readonly string[];
  /** Data in, data out: calls no clock, timer or random source and reads neither environment nor disk. */
  readonly pure: boolean;
}

const model = ['agent/model'];
const ports = [...model, 'agent/ports.ts'];
const knowledge = [...model, 'agent/pki', 'agent/argocd'];
const rotation = [
  ...ports,
  ...knowledge,
  'agent/admission',
  'agent/layout',
  'agent/policy',
  'agent/plan',
  'agent/rollout',
  'agent/verification',
  'agent/rotation',
];

const everythingElse = [
  ...rotation,
  'agent/runtime',
  'agent/kube',
  'agent/telemetry',
  'agent/audit',
  'agent/config',
  'agent/diagnosis',
  'agent/migration',
  'agent/sidecar',
  'agent/reconcile.ts',
  'agent/instance.ts',
  'agent/fleet.ts',
  'integrations',
];

const pure = (of: string, imports: readonly string[], ...packages: readonly string[]): Layer => ({
  of,
  imports,
  packages,
  pure: true,
});
const acting = (of: string, imports: readonly string[], ...packages: readonly string[]): Layer => ({
  of,
  imports,
  packages,
  pure: false,
});

export const LAYERS: readonly Layer[] = [
  pure('agent/model', []),
  pure('agent/ports.ts', model),
  // Parsing and checking of signatures; no keys are made there.
  pure('agent/pki', model, 'node:crypto', 'node-forge'),
  pure('agent/argocd', model),
  pure('agent/admission', knowledge),
  pure('agent/layout', knowledge),
  // Digests only.
  pure('agent/policy', knowledge, 'node:crypto'),
  pure('agent/plan', [...knowledge, 'agent/layout', 'agent/policy']),

  pure('agent/rollout', ports),
  acting(
    'agent/verification',
    ports,
    'node:crypto',
    'node:http2',
    'node:net',
    'node:tls',
    'node:util',
    'node-forge',
  ),
  pure('agent/verification/evidence.ts', [...model, 'agent/argocd']),
  pure('agent/verification/alerts.ts', model),
  acting('agent/runtime', ports, 'node:*'),
  acting('agent/http', ports, 'node:*'),
  acting('agent/kube', ports, 'node:*', '@kubernetes/client-node/dist/*'),
  acting('agent/telemetry', ports, 'node:*', '@opentelemetry/*', 'pino'),
  acting('agent/audit', ports, 'node:*'),
  acting(
    'agent/config',
    [...ports, 'agent/argocd/parameters.ts', 'agent/layout', 'agent/policy'],
    'node:*',
    'chokidar',
    'node-cron',
    'yaml',
    'zod',
  ),

  acting('integrations/source.ts', ports),
  acting('integrations/unreachable.ts', ports),
  acting('integrations/paced.ts', [...ports, 'integrations/source.ts']),
  // Where certificate and key stand in what a source holds: the one part that several integrations share.
  pure(
    'integrations/shapes',
    [...model, 'agent/pki', 'agent/admission/refuse.ts'],
    'node:crypto',
    'node-forge',
  ),
  // Named objects of the cluster, for those that read some.
  acting(
    'integrations/objects',
    [...ports, 'integrations/source.ts', 'integrations/unreachable.ts', 'integrations/shapes'],
    'node:crypto',
  ),
  // Files in mounted directories, for whoever reads some: a source, a sidecar.
  acting('integrations/mounted', [...ports, 'agent/admission/refuse.ts'], 'node:*', 'chokidar'),
  // Each knows the interface, the words and its own folder: never the plan, Kubernetes' client or another integration.
  acting(
    'integrations',
    [
      ...ports,
      'agent/pki',
      'integrations/source.ts',
      'integrations/unreachable.ts',
      'integrations/shapes',
      'integrations/objects',
      'integrations/mounted',
    ],
    'node:*',
    // Writes ASN.1 (certificate requests); keys and signatures are node:crypto's.
    'node-forge',
  ),
  // One line for each.
  acting('integrations/registry.ts', [...ports, 'integrations']),

  acting('agent/rotation', [...rotation, 'integrations/source.ts'], 'node:crypto'),
  pure('agent/diagnosis', [...rotation], 'yaml'),
  acting(
    'agent/migration',
    [...rotation, 'agent/diagnosis', 'agent/reconcile.ts', 'integrations/shapes'],
    'yaml',
  ),
  // What is found, and what is planned from it.
  pure(
    'agent/migration/findings',
    [...ports, ...knowledge, 'agent/diagnosis', 'integrations/shapes'],
    'node:crypto',
  ),
  pure(
    'agent/migration/planning',
    [...ports, ...knowledge, 'agent/layout', 'agent/diagnosis', 'agent/migration/findings'],
    'yaml',
  ),
  acting(
    'agent/migration/running',
    [...rotation, 'agent/diagnosis', 'agent/migration/findings', 'agent/migration/planning'],
    'node:crypto',
    'yaml',
  ),
  acting('agent/sidecar', [...rotation, 'integrations/mounted', 'integrations/shapes'], 'node:*', 'chokidar'),
  pure('agent/sidecar/decision', [...knowledge, 'agent/plan/compatibility.ts']),
  acting('agent/reconcile.ts', rotation),
  acting('agent/instance.ts', [...rotation, 'agent/reconcile.ts', 'integrations/source.ts']),
  acting('agent/fleet.ts', [...rotation, 'agent/reconcile.ts', 'agent/instance.ts'], 'node:util'),
  acting('agent/compose.ts', everythingElse, '@kubernetes/client-node/dist/*'),
  acting('agent/cli', everythingElse, 'node:*', 'commander', 'yaml'),
  // Answers what the commands ask for (agent/cli/services.ts), by the real parts.
  acting(
    'agent/service.ts',
    [...everythingElse, 'agent/http', 'agent/compose.ts', 'agent/cli/services.ts'],
    '@kubernetes/client-node/dist/*',
    'node-cron',
    'pino',
  ),
  acting(
    'agent/migration-service.ts',
    [...everythingElse, 'agent/compose.ts', 'agent/cli/services.ts'],
    '@kubernetes/client-node/dist/*',
    'yaml',
  ),
  acting(
    'agent/sidecar-service.ts',
    [...everythingElse, 'agent/http'],
    '@kubernetes/client-node/dist/*',
    'pino',
  ),
  acting('agent/main.ts', ['agent', 'integrations'], 'node:*'),
];

/** What makes a function's answer depend on when or where it is called, by the name it goes by in code. */
export const IMPURE: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'the clock', pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b/ },
  { what: 'a timer', pattern: /\bset(Timeout|Interval|Immediate)\b/ },
  {
    what: 'a random source',
    pattern: /\bMath\.random\b|\brandom(Bytes|UUID|Int)\b|\bgenerateKey(Pair)?(Sync)?\b/,
  },
  { what: 'the environment', pattern: /\bprocess\.(env|argv|cwd)\b/ },
];

/** Real time and randomness enter here only; everything else takes the ports. */
export const MAY_READ_CLOCK = ['agent/runtime', 'agent/main.ts', 'agent/cli'];
