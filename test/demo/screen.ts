/**
 * What the demonstration prints: chapters, lines of a rotation, a count at the end of each.
 *
 * **Invariant:** fits into 100 columns; colours only where they are asked for.
 */
import { type Paint, painter, wrap } from '../../agent/cli/text.ts';
import type { Call } from '../../agent/model/evidence.ts';
import { short } from '../../agent/model/fingerprint.ts';
import type { Happening } from '../../agent/model/happening.ts';
import type { Step } from '../../agent/model/plan.ts';
import type { Instant } from '../../agent/model/terms.ts';
import { describeChange } from '../../agent/telemetry/describe.ts';

const WIDTH = 96;
/** Columns of a line of a rotation: the instant, the step. */
const INDENT = 11;
const STEP = 16;

const elapsed = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000);
  return `+${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

const headOf = (step: Step): string => (step.kind === 'rollout' ? 'restart' : step.kind);

const whatOf = (step: Step): string => {
  switch (step.kind) {
    case 'publish':
      return step.changes.map(describeChange).join('; ');
    case 'rollout':
      return `${step.component}: ${step.reason}`;
    case 'wait':
      return `${step.duration / 1000} s, until running clients are presumed to see it`;
    case 'prove':
      return 'every repo-server pod is called';
    default:
      return step.reason;
  }
};

/** The last call with each credential, from all proofs of a pod. */
const lastCalls = (happenings: readonly Happening[], pod: string): ReadonlyMap<string, Call> =>
  new Map(
    happenings.flatMap((happening) =>
      happening.type === 'pod-proved' && happening.pod === pod
        ? happening.calls.map(({ credential, ...call }): [string, Call] => [
            credential.as === 'leaf' ? credential.leaf : credential.as,
            { credential, ...call },
          ])
        : [],
    ),
  );

export class Screen {
  readonly paint: Paint;
  readonly #out: (text: string) => void;
  #chapter = 0;
  #begun: Instant = 0;

  constructor(out: (text: string) => void, colours: boolean) {
    this.#out = out;
    this.paint = painter(colours);
  }

  line(text = ''): void {
    this.#out(`${text}\n`);
  }

  /** Words, wrapped, after a column that names them. */
  entry(head: string, text: string, column = INDENT): void {
    const [first = '', ...more] = wrap(text, column, WIDTH);
    this.line(`${this.paint('bold', head.padEnd(column))}${first.trimStart()}`);
    for (const line of more) this.line(line);
  }

  chapter(title: string, why: string, now: Instant): void {
    this.#chapter += 1;
    this.#begun = now;
    this.line();
    this.line(this.paint('bold', `${this.#chapter}. ${title}`));
    for (const line of wrap(why, 3, WIDTH)) this.line(this.paint('dim', line));
  }

  /** One line of a rotation. */
  event(now: Instant, head: string, text: string): void {
    const [first = '', ...more] = wrap(text, INDENT + STEP, WIDTH);
    const when = elapsed(now - this.#begun).padStart(INDENT - 3);
    this.line(
      `${this.paint('dim', when)}   ${this.paint(head === head.toUpperCase() ? 'red' : 'cyan', head.padEnd(STEP))}${first.trimStart()}`,
    );
    for (const line of more) this.line(line);
  }

  /** The happenings that people want to see. */
  tell(happening: Happening): void {
    if (happening.type === 'step-started') {
      this.event(happening.at, headOf(happening.step), whatOf(happening.step));
    }
    if (happening.type === 'rotation-resumed') {
      this.event(
        happening.at,
        'resumed',
        `rotation ${happening.rotation.id} (${happening.rotation.changeClass}), from what the cluster shows and the journal`,
      );
    }
  }

  /** Whom each of these pods let in and whom it refused when it was called last. */
  proof(happenings: readonly Happening[], pods: readonly string[], names: ReadonlyMap<string, string>): void {
    for (const pod of pods) {
      const calls = [...lastCalls(happenings, pod)];
      const who = (result: string) =>
        calls
          .filter(([, { outcome }]) => outcome.result === result)
          .map(([id]) => names.get(id) ?? short(id))
          .join(', ');
      const verdicts = [
        ['lets in:', who('accepted')],
        ['refuses:', who('refused')],
        ['no answer to:', who('unknown')],
      ].filter(([, whom]) => whom !== '');
      this.entry(
        '   proof',
        `pod ${pod.split('-').at(-1)} ${verdicts.map((verdict) => verdict.join(' ')).join('; ')}`,
      );
    }
  }

  tally(good: boolean, text: string): void {
    this.line(`   ${this.paint(good ? 'green' : 'red', text)}`);
  }
}
