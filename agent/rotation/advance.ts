/**
 * Look, plan, take the first step, and say when to look again.
 *
 * **Invariant:** nothing is remembered from one turn to the next that a killed process would miss; what is kept here serves reports only.
 */
import { ApiError } from '../model/errors.ts';
import type { StepEnd, StepNote } from '../model/happening.ts';
import type { JournalRecord, ProofRecord, RotationRecord } from '../model/journal-record.ts';
import type { Observation } from '../model/observation.ts';
import type { Plan, Step } from '../model/plan.ts';
import type { Duration, Instant } from '../model/terms.ts';
import { type Planned, planWithCatalog } from '../plan/plan.ts';
import { expiriesOf } from './expiries.ts';
import { erasePending, issue } from './issue.ts';
import { admit, begin, beginStep, close, finish, proved } from './journal.ts';
import { newRotation } from './new-rotation.ts';
import type { Next } from './next.ts';
import { observe } from './observe.ts';
import { perform } from './perform.ts';
import { isSameAdmission, PolicyMemory } from './policy-memory.ts';
import { erasePrevious } from './previous.ts';
import { prove } from './prove.ts';
import { instanceName, type RotationServices } from './services.ts';
import { isWork, stepKey } from './step-key.ts';

/** How soon a held plan is looked at again, should no watch tell of a change. */
const HELD_AGAIN: Duration = 15_000;
const UNPROVEN_AGAIN: Duration = 10_000;

const WHEN_WOKEN: Next = { again: 'when-woken' };
const AT_ONCE: Next = { again: 'at-once' };

export class Rotation {
  readonly #services: RotationServices;
  #step: { readonly step: Step; readonly key: string } | undefined;
  #notes: StepNote[] = [];
  #greeted: string | undefined;
  #refused = '[]';
  #imagined = '';
  readonly #policy = new PolicyMemory();

  constructor(services: RotationServices) {
    this.#services = services;
  }

  /** Only looks: what the `plan` command prints. */
  async plan(): Promise<Plan> {
    const { observation } = await observe(this.#services);
    return planWithCatalog(observation).plan;
  }

  /**
   * One turn: at most one step.
   * @throws ApiError, RotatorError; the world is then as it was, or one write further.
   */
  async advance(): Promise<Next> {
    const { observation, journal } = await observe(this.#services);
    const planned = planWithCatalog(observation);
    const { plan } = planned;
    this.#tell({ type: 'observed', plan, expiries: expiriesOf(observation), rotation: journal.rotation });
    if (journal.closing !== undefined) return await this.#handOver(journal);
    this.#policy.see(plan, observation.at);
    this.#greet(journal);
    this.#tellRefusals(observation);
    const [first] = plan.steps;
    if (plan.hold !== undefined) {
      this.#tell({ type: 'held', hold: plan.hold, plan });
      if (plan.hold.code === 'mode-observe') this.#imagine(observation, plan);
      // A proof writes nothing to the world: it is never held.
      if (first?.kind !== 'prove') return { again: 'after', delay: HELD_AGAIN };
    }
    if (first === undefined) {
      return journal.rotation === undefined
        ? await this.#rest(observation, planned, journal)
        : await this.#finish(journal);
    }
    // A rotation begins with its first piece of work: what is proved before may show that there is none, or that none may be done.
    const isBeforehand = first.kind === 'prove' || first.kind === 'issue';
    if (journal.rotation === undefined && (isBeforehand || !plan.steps.some(isWork)))
      return await this.#tend(first, observation, planned, journal);
    return await this.#take(first, observation, planned, journal);
  }

  async #take(step: Step, observation: Observation, planned: Planned, before: JournalRecord): Promise<Next> {
    const started =
      before.rotation === undefined
        ? await this.#start(observation, planned.plan, before)
        : await this.#admit(planned.plan, before);
    this.#tellOpened(started);
    const journal = await this.#enter(step, started);
    const { rotation } = journal;
    if (rotation === undefined) return AT_ONCE;
    const began = this.#services.clock.now();
    const performed = await perform(
      { services: this.#services, observation, planned, journal, rotation },
      step,
    ).catch((error: unknown) => {
      this.#tellFailure(rotation, step, began, error);
      throw error;
    });
    if (performed.journal !== undefined) await this.#services.journal.write(performed.journal);
    if (performed.hold !== undefined) {
      this.#tell({ type: 'held', hold: performed.hold, plan: planned.plan });
      return { again: 'after', delay: HELD_AGAIN };
    }
    if (performed.waiting !== undefined)
      this.#note(rotation, step, performed.waiting.text, performed.waiting.until);
    return performed.next;
  }

  /** What is done without a rotation: a proof that is missing, an old leaf left behind, somebody's pods on their way. */
  async #tend(step: Step, observation: Observation, planned: Planned, journal: JournalRecord): Promise<Next> {
    if (step.kind === 'prove') return await this.#proveAtRest(observation, planned, journal);
    if (step.kind === 'erase-previous') {
      await erasePrevious(this.#services.cluster, this.#services.settings, observation.stored.previous);
      return AT_ONCE;
    }
    if (step.kind === 'issue') return await issue(this.#services, observation, step);
    if (step.kind === 'erase-pending') {
      await erasePending(this.#services, step.secret);
      return AT_ONCE;
    }
    return { again: 'after', delay: UNPROVEN_AGAIN };
  }

  async #rest(observation: Observation, planned: Planned, journal: JournalRecord): Promise<Next> {
    const { clock, settings } = this.#services;
    const age = clock.now() - (journal.lastProof?.at ?? Number.NEGATIVE_INFINITY);
    if (age < settings.timing.proofInterval || planned.world.published.clientCa === 'off') return WHEN_WOKEN;
    return await this.#proveAtRest(observation, planned, journal);
  }

  async #proveAtRest(observation: Observation, planned: Planned, journal: JournalRecord): Promise<Next> {
    const { record } = await prove(this.#services, observation, planned.catalog, undefined);
    this.#tell({ type: 'proof', proof: record });
    if (this.#isNews(record, journal.lastProof)) {
      await this.#services.journal.write(proved(journal, record, 'between'));
    }
    return record.result === 'unknown' ? { again: 'after', delay: UNPROVEN_AGAIN } : AT_ONCE;
  }

  /** A process that starts proves everything anew; what it finds is written down only where it says more than what is there. */
  #isNews(record: ProofRecord, last: ProofRecord | undefined): boolean {
    if (last === undefined || last.result !== record.result) return true;
    return record.result !== 'unknown' && record.at - last.at >= this.#services.settings.timing.proofInterval;
  }

  async #start(observation: Observation, plan: Plan, journal: JournalRecord): Promise<JournalRecord> {
    const { random, clock } = this.#services;
    const rotation = newRotation(observation, plan, random, clock.now());
    const next = begin(journal, rotation);
    await this.#services.journal.write(next);
    this.#greeted = rotation.id;
    this.#tellStart(rotation, observation, plan);
    return next;
  }

  /** In a rotation whose goal has changed, what lets the new one be reached. */
  async #admit({ policy }: Plan, journal: JournalRecord): Promise<JournalRecord> {
    if (policy.admission === undefined || isSameAdmission(policy.admission, journal.rotation?.admission))
      return journal;
    const next = admit(journal, policy.admission);
    await this.#services.journal.write(next);
    return next;
  }

  #tellOpened({ rotation }: JournalRecord): void {
    const past = this.#policy.takeOpened();
    if (past !== undefined && rotation !== undefined)
      this.#tell({ type: 'policy-opened', rotation, ...past });
  }

  #tellStart(rotation: RotationRecord, observation: Observation, plan: Plan): void {
    this.#tell({ type: 'rotation-started', rotation, plan, resumed: false });
    this.#tell({ type: 'detected', rotation, changedAt: rotation.detectedAt, source: rotation.source });
    this.#tell({
      type: 'validated',
      rotation,
      startedAt: observation.at,
      fingerprints: [...plan.goal.clientCa, ...plan.goal.leafs],
    });
  }

  /** In mode observe: the trace of what would be done, once for each plan. Nothing of it is in the journal. */
  #imagine(observation: Observation, plan: Plan): void {
    const { random, clock } = this.#services;
    const name = plan.steps.map(stepKey).join('; ');
    if (name === this.#imagined) return;
    this.#imagined = name;
    const rotation = newRotation(observation, plan, random, clock.now());
    this.#tellStart(rotation, observation, plan);
    this.#tell({
      type: 'rotation-ended',
      rotation: { ...rotation, finishedAt: clock.now(), result: 'observed', proof: 'not-taken' },
    });
  }

  /** Takes up a step, or goes on with it: its start outlives the process that began it. */
  async #enter(step: Step, journal: JournalRecord): Promise<JournalRecord> {
    const key = stepKey(step);
    if (journal.rotation?.step?.key === key) {
      this.#step = { step, key };
      return journal;
    }
    const next = beginStep(journal, step, this.#services.clock.now());
    await this.#services.journal.write(next);
    this.#endStep(journal.rotation, { result: 'done' });
    this.#step = { step, key };
    if (next.rotation !== undefined) this.#tell({ type: 'step-started', rotation: next.rotation, step });
    return next;
  }

  #endStep(rotation: RotationRecord | undefined, end: StepEnd): void {
    const startedAt = rotation?.step?.startedAt;
    if (
      rotation !== undefined &&
      startedAt !== undefined &&
      this.#step?.key === rotation.step?.key &&
      this.#step !== undefined
    ) {
      this.#tell({ type: 'step-ended', rotation, step: this.#step.step, startedAt, notes: this.#notes, end });
    }
    this.#step = undefined;
    this.#notes = [];
  }

  /** One try of a step that came to nothing; the step itself goes on. A lost precondition is the world moving on, not a failure. */
  #tellFailure(rotation: RotationRecord, step: Step, startedAt: Instant, error: unknown): void {
    if (error instanceof ApiError && error.reason === 'conflict') return;
    const end: StepEnd = { result: 'failed', error: error instanceof Error ? error.message : String(error) };
    this.#tell({ type: 'step-ended', rotation, step, startedAt, notes: [], end });
  }

  async #finish(journal: JournalRecord): Promise<Next> {
    const { clock } = this.#services;
    const proof = journal.lastProof?.result === 'proven' ? 'taken' : 'partly-taken';
    const finished = finish(journal, clock.now(), 'succeeded', proof);
    await this.#services.journal.write(finished);
    this.#endStep(journal.rotation, { result: 'done' });
    return await this.#handOver(finished);
  }

  /** The root span is exported before the journal forgets it: told twice after a crash, under the same ids, never not at all. */
  async #handOver(journal: JournalRecord): Promise<Next> {
    if (journal.closing !== undefined) this.#tell({ type: 'rotation-ended', rotation: journal.closing });
    if (journal.lastProof !== undefined) this.#tell({ type: 'proof', proof: journal.lastProof });
    await this.#services.reporter.flush();
    await this.#services.journal.write(close(journal));
    return AT_ONCE;
  }

  /** What an earlier process left: its last proof, and a rotation that it began. */
  #greet({ rotation, lastProof }: JournalRecord): void {
    if (this.#greeted === undefined && lastProof !== undefined)
      this.#tell({ type: 'proof', proof: lastProof });
    const name = rotation?.id ?? 'nothing';
    if (rotation !== undefined && this.#greeted !== name) this.#tell({ type: 'rotation-resumed', rotation });
    this.#greeted = name;
  }

  /** Once for each refusal, not once for each look at it. */
  #tellRefusals({ clientMaterials, serving }: Observation): void {
    const refused = [...clientMaterials.map(({ reading }) => reading), serving].flatMap((reading) =>
      reading?.state === 'refused' ? [reading] : [],
    );
    const name = JSON.stringify(refused);
    if (name === this.#refused) return;
    this.#refused = name;
    for (const { source, refusal } of refused) this.#tell({ type: 'refused', source, refusal });
  }

  #note(rotation: RotationRecord, step: Step, text: string, until: number | undefined): void {
    if (this.#notes.at(-1)?.text === text) return;
    const note: StepNote = { at: this.#services.clock.now(), text };
    this.#notes = [...this.#notes, note].slice(-50);
    this.#tell({ type: 'step-progress', rotation, step, note, until });
  }

  #tell(happening: Telling): void {
    const { reporter, settings, clock } = this.#services;
    reporter.tell({ ...happening, instance: instanceName(settings), at: clock.now() });
  }
}

type Happening = Parameters<RotationServices['reporter']['tell']>[0];
type Telling = Happening extends infer H ? (H extends Happening ? Omit<H, 'instance' | 'at'> : never) : never;
