import {
  CertgrantError,
  httpRequest,
  type Platform,
  parseJsonObject,
  platformWith,
  readKeyFile,
  type VerifiedToken,
  type VerifyTokenOptions,
  verifyToken,
} from '@certgrant/core';
import { chooseCertificate } from '../certificate-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import { readSource, readTextSource } from '../input.ts';
import type { Io } from '../io.ts';
import { secondsFrom } from '../options/assertion.ts';
import { checkedUrl } from '../options/authority.ts';
import { withPassword } from '../options/credential.ts';
import { networkEnvironment, networkFrom, networkOptions } from '../options/network.ts';
import { type OpeningValues, openingOptions, passwordEnvironment } from '../options/password.ts';
import { tokenFrom, tokenOperand } from '../options/token-text.ts';
import { paintFor, printable, wrap } from '../output/text.ts';
import { usageError } from '../usage.ts';

const options = {
  issuer: {
    type: 'string',
    value: 'URL',
    help: 'The issuer that must have issued it; its published keys are fetched (OpenID or RFC 8414 discovery)',
  },
  jwks: {
    type: 'string',
    value: 'FILE',
    help: 'A JWK set or a single JWK with the keys to trust: a path, a URL, - or env:NAME',
  },
  cert: { type: 'string', value: 'FILE', help: 'The certificate whose key must have signed it, as for an assertion' },
  ...openingOptions,
  audience: { type: 'string', value: 'TEXT', help: 'The claim aud must hold this' },
  tolerance: {
    type: 'string',
    value: 'TIME',
    help: 'How far clocks may be apart, in seconds or like 5m (default: 60s)',
  },
  json: { type: 'boolean', help: 'Print one JSON document: valid, key, reason, reasonCode, notes' },
  ca: networkOptions.ca,
} as const;

export const command: Command = defineCommand({
  name: 'verify',
  summary: 'check the signature and the times of a token',
  synopsis: ['[TOKEN] --issuer URL [OPTIONS]', '[TOKEN] --jwks FILE [OPTIONS]', '[TOKEN] --cert FILE [OPTIONS]'],
  description: [
    'Checks that a token was signed with a key that you trust and is valid now, and says with which key. A key in the header of the token itself is never taken as proof, and no address in it is called.',
    'Access tokens for Microsoft Graph that have a nonce in the header can be verified by Graph alone.',
  ],
  operands: tokenOperand,
  maximumOperands: 1,
  options,
  examples: [
    {
      purpose: 'An access token of Entra ID for your own API',
      line: 'certgrant verify --issuer https://login.microsoftonline.com/contoso.com/v2.0 --audience api://my-api < token.txt',
    },
    {
      purpose: 'Is this assertion signed with my certificate?',
      line: 'certgrant assertion --tenant contoso.com --client-id 6731de76-14a6-49ae-97bc-6eba6914391e --cert my-daemon.pem | certgrant verify --cert my-daemon.cer',
    },
    { purpose: 'Against keys in a file', line: 'certgrant verify --jwks keys.json < token.txt' },
  ],
  exitCodes: { 0: 'the token holds', 1: 'the token does not hold, or the keys could not be had' },
  environment: { ...passwordEnvironment, ...networkEnvironment },
  handle: async (values, io, [operand]) => {
    const { ca, audience, tolerance } = values;
    const platform = await networkFrom({ ca, timeout: undefined }, io);
    const trusted = await trustedFrom(values, platform, io);
    const { token } = await tokenFrom(operand, io);
    const verified = await verifyToken(token, {
      ...trusted,
      audience,
      clockTolerance: tolerance === undefined ? undefined : secondsFrom(tolerance, '--tolerance', 86_400),
      platform,
      signal: io.signal,
    });
    io.stdout.write(values.json ? `${JSON.stringify(verificationJson(verified))}\n` : inWords(verified, io));
    return verified.valid ? 0 : 1;
  },
});

interface TrustValues extends OpeningValues {
  readonly issuer: string | undefined;
  readonly jwks: string | undefined;
  readonly cert: string | undefined;
}

type Trusted = Pick<VerifyTokenOptions, 'issuer' | 'jwks' | 'certificate'>;

async function trustedFrom(values: TrustValues, platform: Partial<Platform>, io: Io): Promise<Trusted> {
  const { issuer, jwks, cert } = values;
  const given = [issuer, jwks, cert].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw usageError(
      given.length === 0 ? 'verify: there is nothing to verify against' : 'verify: there are several things to trust',
      'Give one of --issuer URL, --jwks FILE and --cert FILE',
    );
  }
  if (issuer !== undefined) return { issuer };
  if (jwks !== undefined) {
    if (/^https?:/i.test(jwks)) return { jwks: await fetchJwks(jwks, platform, io) };
    return { jwks: parseJwks(await readTextSource(jwks, '--jwks', io)) };
  }
  const source = String(cert);
  const bytes = await readSource(source, '--cert', io);
  const contents = await withPassword(values, source, io, (opening) => readKeyFile(bytes, opening));
  return { certificate: await chooseCertificate(contents) };
}

async function fetchJwks(text: string, platform: Partial<Platform>, io: Io): Promise<object> {
  const action = 'read key set';
  const url = checkedUrl(text, '--jwks', io);
  return parseJsonObject(
    await httpRequest({ url, action, platform: platformWith(platform), signal: io.signal }),
    action,
  );
}

function parseJwks(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below: the parser's own words quote the file, which may hold a private key.
  }
  throw new CertgrantError('FORMAT_MALFORMED', 'read --jwks: the file is not JSON', {
    fix: 'Give a JWK set: {"keys":[…]}; for a certificate use --cert',
  });
}

/** What `--json` prints; programs rely on these names. */
function verificationJson(verified: VerifiedToken): object {
  const { valid, key, notes } = verified;
  const reason = valid ? {} : { reason: verified.reason.message, reasonCode: verified.reason.code };
  return { valid, ...(key === undefined ? {} : { key }), ...reason, notes };
}

function inWords(verified: VerifiedToken, io: Io): string {
  const { green, red } = paintFor(io.stdout);
  const { key, notes, valid } = verified;
  const { columns } = io.stdout;
  const verdict = valid
    ? `${green('valid')}: the signature and the times hold`
    : `${red('not valid')}: ${printable(verified.reason.message)}`;
  const lines = [wrap(verdict, columns)];
  if (key !== undefined) {
    const names = [
      key.kid === undefined ? [] : `kid ${key.kid}`,
      key.thumbprint === undefined ? [] : `certificate ${key.thumbprint}`,
      key.alg,
      key.url === undefined ? `from the ${key.source}` : `from ${key.url}`,
    ].flat();
    lines.push(wrap(`${valid ? 'Signed' : 'Tried'} with the key ${printable(names.join(', '))}`, columns));
  }
  lines.push(...notes.map((note) => wrap(`Note: ${printable(note)}`, columns)));
  return `${lines.join('\n')}\n`;
}
