import { largestBody } from '../checks/size.ts';

/** The body as text, or `undefined` when it is larger than {@link largestBody}: the rest is not read then. */
export async function readBody(request: Request): Promise<string | undefined> {
  const stated = request.headers.get('content-length');
  if (stated !== null) return Number(stated) <= largestBody ? request.text() : undefined;
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.length;
    // Leaving the loop cancels the stream.
    if (length > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
