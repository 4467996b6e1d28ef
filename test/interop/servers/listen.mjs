import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

/** The settings that the test gave: one JSON argument. */
export const settings = JSON.parse(process.argv[2] ?? '{}');

export const tls = {
  key: settings.keyFile && readFileSync(settings.keyFile),
  cert: settings.certificateFile && readFileSync(settings.certificateFile),
};

// Ends with the test that started it.
process.stdin.resume().on('end', () => process.exit(0));

/** Listens over TLS on a free port; the handler is made once the URL is known, since issuers carry the port. */
export async function listen(createHandler) {
  let handler = (_request, response) => response.writeHead(503).end();
  const server = createServer(tls, (request, response) => handler(request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${server.address().port}`;
  const { handle, ready } = await createHandler(url);
  handler = handle;
  console.log(JSON.stringify(ready));
}
