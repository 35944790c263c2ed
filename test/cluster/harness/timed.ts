/** Says what is being done and how long it took. */
export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    const result = await work();
    say(`${what}: ${seconds(began)}`);
    return result;
  } catch (problem) {
    say(`${what}: FAILED after ${seconds(began)}`);
    throw problem;
  }
}

const seconds = (began: number): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;

const say = (line: string): void => {
  process.stderr.write(`[cluster] ${line}\n`);
};
