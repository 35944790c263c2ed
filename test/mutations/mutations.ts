/**
 * Defects that somebody might make, each as one replaced piece of source text.
 *
 * `npm run test:mutations` makes each of them in a copy of the tree and lets the explorer, then the tests named, find it.
 *
 * **Invariant:** each `from` stands in its file exactly once (`mutations.test.ts`), so that none of them is ever made in vain.
 */
export interface Mutation {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Quick tests that are asked where the explorer finds nothing: by path. */
  readonly tests?: readonly string[];
}

export const MUTATIONS: readonly Mutation[] = [
  // Facts.
  {
    what: 'facts: notifications-controller is taken to look for its pair on every call',
    file: 'agent/argocd/facts.ts',
    from: "leaf: 'existence-at-start',\n    dialsAtStart: true,",
    to: "leaf: 'per-call',\n    dialsAtStart: true,",
  },
  {
    what: 'facts: argocd-server is taken to read its pair at its start',
    file: 'agent/argocd/facts.ts',
    from: "component: 'server',\n    leaf: 'per-call',",
    to: "component: 'server',\n    leaf: 'at-start',",
  },
  {
    what: 'facts: a subPath mount is taken to be refreshed',
    file: 'agent/argocd/reading.ts',
    from: "return refresh === 'never' ? 'at-start' : when;",
    to: 'return when;',
    tests: ['test/argocd'],
  },
  // Planner: compatibility.
  {
    what: 'planner: no publish is a risk',
    file: 'agent/plan/compatibility.ts',
    from: "return verdict === 'yes'\n          ? []",
    to: "return verdict === 'yes' || true\n          ? []",
  },
  {
    what: 'planner: what is not known to fail counts as working',
    file: 'agent/plan/compatibility.ts',
    from: "return verdict === 'yes'\n          ? []",
    to: "return verdict !== 'no'\n          ? []",
    tests: ['test/plan'],
  },
  {
    what: 'planner: a pair that may be broken counts as broken already',
    file: 'agent/plan/compatibility.ts',
    from: "const brokenAlready = earlier.left.every((l) =>\n      earlier.right.every((r) => earlier.verdict(l, r) === 'no'),\n    );",
    to: "const brokenAlready = earlier.left.some((l) =>\n      earlier.right.some((r) => earlier.verdict(l, r) !== 'yes'),\n    );",
    tests: ['test/plan'],
  },
  {
    what: 'planner: a repo-server that asks for certificates lets in who shows none',
    file: 'agent/plan/catalog.ts',
    from: "return shown === 'none' ? 'no' : accepts(trust, shown, 'client');",
    to: "return shown === 'none' ? 'yes' : accepts(trust, shown, 'client');",
  },
  // Planner: actions.
  {
    what: 'planner: a publish reaches no process that starts by chance',
    file: 'agent/plan/actions.ts',
    from: 'trust: including(world.server.trust, published.clientCa),',
    to: 'trust: world.server.trust,',
  },
  {
    what: 'planner: a publish shows at once, without the kubelet’s delay',
    file: 'agent/plan/actions.ts',
    from: 'const leaf = including(client.leaf, ...client.places.slots.map((slot) => leafIn(published, slot)));',
    to: 'const leaf = possible(...client.places.slots.map((slot) => leafIn(published, slot)));',
  },
  {
    what: 'planner: with a new server-ca.crt, what running clients verify with is forgotten',
    file: 'agent/plan/actions.ts',
    from: ': including(\n            client.pool,\n            poolAtStart(published, client),',
    to: ': possible(\n            poolAtStart(published, client),',
  },
  {
    what: 'planner: a restarted repo-server counts as proven (absence taken for proof)',
    file: 'agent/plan/actions.ts',
    from: "trust: possible<TrustId>(published.clientCa, 'unproven'),",
    to: 'trust: possible<TrustId>(published.clientCa),',
    tests: ['test/plan'],
  },
  {
    what: 'planner: waiting lets a client find the file that it missed at its start',
    file: 'agent/plan/actions.ts',
    from: "leaf: client.leaf.includes('none') ? possible(...shown, 'none') : possible(...shown),",
    to: 'leaf: possible(...shown),',
    tests: ['test/plan'],
  },
  {
    what: 'planner: a repo-server that trusts more than it shall is good enough',
    file: 'agent/plan/actions.ts',
    from: "goal.distrust === 'immediately'\n      ? isOnly(world.server.trust, published.clientCa)",
    to: "goal.distrust === 'immediately'\n      ? world.server.trust.every((id) => id === published.clientCa || covers(id, published.clientCa))",
  },
  {
    what: 'planner: clients that hold an old server-ca.crt are done',
    file: 'agent/plan/actions.ts',
    from: 'client.pool.join() === poolAfterStart(published, client).join(),\n    )',
    to: 'client.pool.length > 0,\n    )',
  },
  {
    what: 'planner: old trust goes without proof',
    file: 'agent/plan/admissible.ts',
    from: "world.server.trust.includes('unproven') &&\n  action.published.clientCa !== 'off' &&",
    to: "world.server.trust.includes('unknown') &&\n  action.published.clientCa !== 'off' &&",
    tests: ['test/plan'],
  },
  {
    what: 'planner: on the way the new CA replaces the old one (old CA dropped early)',
    file: 'agent/plan/target.ts',
    from: 'return catalog.bundle([...new Set([...alive, ...(catalog.members(to) ?? [])])]) as string as A;',
    to: 'return catalog.bundle([...new Set([...alive.slice(0, 0), ...(catalog.members(to) ?? [])])]) as string as A;',
  },
  {
    what: 'planner: restarts cost nothing',
    file: 'agent/plan/search.ts',
    from: "return action.component === 'repo-server' ? 110_000 : 100_000;",
    to: 'return 0;',
    tests: ['test/plan'],
  },
  // Planner: what is known.
  {
    what: 'evidence: a proof is complete with any one answer',
    file: 'agent/plan/infer.ts',
    from: 'leafsToProve(observation).every((leaf) =>\n      conclusive.some(',
    to: 'leafsToProve(observation).some((leaf) =>\n      conclusive.some(',
    tests: ['test/plan'],
  },
  {
    what: 'evidence: a repo-server that was not called is proven',
    file: 'agent/plan/infer.ts',
    from: "return isComplete(proof, observation) ? found : [...found, 'unproven'];",
    to: 'return found;',
  },
  {
    what: 'evidence: calls are made and not looked at',
    file: 'agent/plan/infer.ts',
    from: 'ids.filter((id) => isConsistent(id, calls, catalog));',
    to: 'ids.filter((id) => isConsistent(id, calls.slice(0, 0), catalog));',
    tests: ['test/plan'],
  },
  {
    what: 'evidence: no answer counts as a refusal',
    file: 'agent/argocd/answers.ts',
    from: "case 'unknown':\n      return 'nothing';",
    to: "case 'unknown':\n      return 'refused';",
    tests: ['test/plan', 'test/verification/evidence'],
  },
  {
    what: 'evidence: every pod is believed by what lies there now',
    file: 'agent/plan/infer.ts',
    from: 'clientCa.length === 0 ? [now] : named(erasIn(clientCa, window).eras);',
    to: 'clientCa.length === 0 ? [now] : [now];',
    tests: ['test/plan'],
  },
  {
    what: 'evidence: what the next process would load is left out',
    file: 'agent/plan/infer.ts',
    from: 'trust: possible<TrustId>(\n      published.clientCa,\n',
    to: 'trust: possible<TrustId>(\n',
    tests: ['test/plan'],
  },
  {
    what: 'evidence: running clients see a new leaf at once (a wait left out)',
    file: 'agent/plan/eras.ts',
    from: 'from: now - timing.propagationWait,\n  to: now,',
    to: 'from: now,\n  to: now,',
  },
  {
    what: 'evidence: a container that starts again in its pod is taken for a new pod',
    file: 'agent/plan/eras.ts',
    from: 'container.restartCount > 0\n      ? container.startedAt - timing.propagationWait',
    to: 'container.restartCount < 0\n      ? container.startedAt - timing.propagationWait',
    tests: ['test/plan'],
  },
  {
    what: 'evidence: clocks never differ',
    file: 'agent/plan/eras.ts',
    from: 'export const CLOCK_SKEW: Duration = 2_000;',
    to: 'export const CLOCK_SKEW: Duration = 0;',
    tests: ['test/plan'],
  },
  {
    what: 'evidence: eras end one too early',
    file: 'agent/plan/eras.ts',
    from: 'return era.since <= window.to && (next === undefined || next.since > window.from);',
    to: 'return era.since <= window.from && (next === undefined || next.since > window.from);',
    tests: ['test/plan'],
  },
  {
    what: 'evidence: clients are not asked what server CA they started with',
    file: 'agent/plan/infer-client.ts',
    from: '...client.podMounts.flatMap(({ pod, mounts }) => poolOfPod(observation, client, pod, mounts)),',
    to: '',
  },
  {
    what: 'evidence: that a client missed its file at start is forgotten',
    file: 'agent/plan/infer-client.ts',
    from: "return reading === 'existence-at-start' ? [...seen, ...atStart.filter((id) => id === 'none')] : seen;",
    to: 'return seen;',
  },
  // Steps and gates.
  {
    what: 'gate: new mounts are believed at once (a wait left out)',
    file: 'agent/plan/eras.ts',
    from: 'writtenAt + timing.mountMargin + CLOCK_SKEW + GRANULARITY;',
    to: 'writtenAt + 0 * (timing.mountMargin + CLOCK_SKEW + GRANULARITY);',
    tests: ['test/plan', 'test/rotation/changing'],
  },
  {
    what: 'gate: a rotation ends without its proof',
    file: 'agent/plan/plan.ts',
    from: 'if (rotation === undefined || rotation.provedAt !== undefined) return [...pending, ...erase];',
    to: 'if (rotation === undefined || rotation.id !== undefined) return [...pending, ...erase];',
    tests: ['test/rotation/material'],
  },
  {
    what: 'gate: the old leaf is kept for ever',
    file: 'agent/plan/plan.ts',
    from: 'const erase: readonly Step[] =\n    previous === undefined\n      ? []',
    to: 'const erase: readonly Step[] =\n    previous !== undefined\n      ? []',
  },
  {
    what: 'gate: a restart that was asked for is not recognised',
    file: 'agent/plan/steps.ts',
    from: "rolling && workload.template.annotations[ANNOTATION.restart]?.split('.')[1] === fingerprint;",
    to: "rolling && workload.template.annotations[ANNOTATION.restart]?.split('.')[0] === fingerprint;",
  },
  {
    what: 'gate: pods that terminate are gone',
    file: 'agent/rollout/health.ts',
    from: 'if (old.length > 0) {\n    return {\n      awaits',
    to: 'if (old.length > 1_000) {\n    return {\n      awaits',
    tests: ['test/rollout'],
  },
  {
    what: 'gate: a rollout is over before the controller has seen it',
    file: 'agent/rollout/health.ts',
    from: 'if (status.observedGeneration < workload.generation) {',
    to: 'if (status.observedGeneration < 0) {',
    tests: ['test/rollout'],
  },
  {
    what: 'gate: new pods need not be ready',
    file: 'agent/rollout/health.ts',
    from: 'ready.length < current.length ||\n    ready.length < workload.replicas ||\n    status.availableReplicas < workload.replicas',
    to: 'ready.length < 0',
    tests: ['test/rollout'],
  },
  {
    what: 'gate: every pod counts as started for the restart',
    file: 'agent/rollout/pods.ts',
    from: 'old: own.filter((pod) => !isNew(pod)),',
    to: 'old: own.filter((pod) => !isNew(pod) && pod.createdAt < 0),',
    tests: ['test/rollout'],
  },
  {
    what: 'gate: a failed rollout holds nothing',
    file: 'agent/plan/hold.ts',
    from: "if (rollout.state === 'failed') {",
    to: "if (rollout.state === 'failed' && workload === '') {",
    tests: ['test/rotation/rollouts'],
  },
  // Admission.
  ...(
    [
      ['a key that is not the leaf’s', 'keyBelongsToLeaf'],
      ['a leaf that has not begun', 'leafHasBegun'],
      ['a leaf that is not for clients', 'leafMayIdentifyAClient'],
      ['a leaf that no CA of the bundle signed', 'leafChainsToAnAnchor'],
    ] as const
  ).map(
    ([what, predicate]): Mutation => ({
      what: `admission: ${what} is let in`,
      file: 'agent/admission/admit.ts',
      from: `\n  ${predicate},\n`,
      to: '\n',
    }),
  ),
  // Executor.
  {
    what: 'executor: a published Secret is written whatever is there (precondition removed)',
    file: 'agent/rotation/publish.ts',
    from: 'preconditionOf(secret),',
    to: 'preconditionOf(await cluster.readSecret(settings.namespace, name)),',
  },
  {
    what: 'executor: a restart is asked for whatever was asked meanwhile (precondition removed)',
    file: 'agent/rotation/perform.ts',
    from: 'await cluster.annotateTemplate(step.workload, restartAnnotations(restart, now), preconditionOf(workload));',
    to: 'const there = (await cluster.listWorkloads(step.workload.namespace)).find(({ ref }) => ref.name === step.workload.name);\n  await cluster.annotateTemplate(step.workload, restartAnnotations(restart, now), preconditionOf(there));',
  },
  {
    what: 'executor: what a step does not name is taken away',
    file: 'agent/rotation/publish.ts',
    from: 'if (change === undefined) return present(now);',
    to: 'if (change === undefined) return undefined;',
  },
  {
    what: 'executor: nothing is remembered of what was published before',
    file: 'agent/rotation/publish.ts',
    from: '[ANNOTATION.history]: writeHistory(history),',
    to: '',
    tests: ['test/rotation/adoption'],
  },
  {
    what: 'executor: an era is dated when it was looked, an hour back',
    file: 'agent/rotation/publish.ts',
    from: '{ ...bundleEra(clientCa), since: at },',
    to: '{ ...bundleEra(clientCa), since: at - 3_600_000 },',
  },
  {
    what: 'executor: a restart does not wait for its time',
    file: 'agent/rotation/perform.ts',
    from: 'if (step.notBefore !== undefined && step.notBefore > now) {',
    to: 'if (step.notBefore !== undefined && step.notBefore < 0) {',
    tests: ['test/rotation/changing'],
  },
  {
    what: 'executor: a restart under way is asked for again',
    file: 'agent/rotation/perform.ts',
    from: "if (step.progress === 'asked') {",
    to: "if (step.progress === 'asked' && step.reason === '') {",
  },
  {
    what: 'executor: a container that started again keeps the proof of the one before',
    file: 'agent/plan/infer.ts',
    from: 'const proof = observation.proofs.find((candidate) => candidate.containerId === container.id);',
    to: 'const proof = observation.proofs.find((candidate) => candidate.podUid === pod.uid);',
  },
  {
    what: 'executor: a hold is told, and the step taken all the same',
    file: 'agent/rotation/advance.ts',
    from: "if (first?.kind !== 'prove') return { again: 'after', delay: HELD_AGAIN };",
    to: "if (first?.kind === 'erase-previous') return { again: 'after', delay: HELD_AGAIN };",
    tests: ['test/rotation/modes'],
  },
  {
    what: 'executor: a later answer without a result outweighs an earlier one that had one',
    file: 'agent/rotation/proof-memory.ts',
    from: 'if (outweighs(calls.get(name), call)) calls.set(name, call);',
    to: 'if (outweighs(undefined, call)) calls.set(name, call);',
    tests: ['test/rotation', 'test/plan'],
  },
];
