/**
 * A byte stream as lines.
 *
 * **Invariant:** memory is bounded by one line; a line longer than the limit ends the stream with an error.
 */

/** etcd's own limit for an object is 1.5 MiB; as JSON with base64 it stays below this. */
const LONGEST_LINE = 8 * 1024 * 1024;

export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    let end = rest.indexOf('\n');
    while (end >= 0) {
      const line = rest.slice(0, end).trim();
      rest = rest.slice(end + 1);
      if (line !== '') yield line;
      end = rest.indexOf('\n');
    }
    if (rest.length > LONGEST_LINE) throw new Error('a line of the stream is longer than any API object');
  }
  if (rest.trim() !== '') yield rest.trim();
}
