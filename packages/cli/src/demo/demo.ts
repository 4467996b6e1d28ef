import { join, resolve } from 'node:path';
import type { Authority } from '@certgrant/authority';
import { GraphClient } from '@certgrant/core';
import type { Command } from '../command.ts';
import { command as appRegister } from '../commands/app-register.ts';
import { command as assertion } from '../commands/assertion.ts';
import { command as certCreate } from '../commands/cert-create.ts';
import { command as certInspect } from '../commands/cert-inspect.ts';
import { command as decode } from '../commands/decode.ts';
import { command as token } from '../commands/token.ts';
import { command as verify } from '../commands/verify.ts';
import type { Io } from '../io.ts';
import { networkFrom } from '../options/network.ts';
import { writeAll } from '../output/files.ts';
import { twoColumns } from '../output/text.ts';
import { shellWord } from '../output/trust.ts';
import { capturedIo } from './captured-io.ts';
import { Narrator } from './narrator.ts';

const subject = 'demo-daemon';
const permission = 'User.Read.All';
const scope = 'https://graph.microsoft.com/.default';
const users = '/users?$select=displayName,userPrincipalName';

/** The steps of the demo. Each runs the command that it shows, in this process. */
export class Demo {
  readonly #io: Io;
  /** As it is shown and typed: relative to the current folder where that is shorter. */
  readonly #folder: string;
  readonly #narrator: Narrator;

  constructor(folder: string, io: Io) {
    this.#folder = folder;
    this.#io = io;
    this.#narrator = new Narrator(io);
  }

  async createCertificate(): Promise<void> {
    const argv = ['--subject', `CN=${subject}`, '--out', `${this.#folder}/`, '--force'];
    await this.#run(certCreate, argv);
  }

  async tell(authority: Authority): Promise<void> {
    await this.#writeAuthorityFiles(authority);
    this.#tellStart(authority);
    this.#tellCertificate();
    await this.#tellInspection();
    const clientId = await this.#tellRegistration(authority);
    const client = ['--tenant', authority.tenantId, '--client-id', clientId, '--cert', this.#file('pem')];
    const server = ['--authority', authority.url];
    const ca = ['--ca', this.#path('ca.pem')];
    await this.#tellAssertion([...client, ...server]);
    await this.#tellTokens(authority, [...client, ...server, '--scope', scope, ...ca], ca);
  }

  #tellStart({ url, tenantId }: Authority): void {
    this.#narrator.step(
      'The local authority starts: it answers like Entra ID, over TLS, on this machine.',
      this.#line('authority', ['--port', '0']),
      [`It listens on ${url} for the tenant ${tenantId}.`],
    );
  }

  #tellCertificate(): void {
    this.#narrator.step(
      'A key pair and a self-signed certificate are made for a daemon. The private key stays in its files.',
      this.#line(certCreate.name, ['--subject', 'CN=my-daemon', '--out', `${this.#folder}/`]),
      aligned([
        [this.#file('pfx'), 'private key and certificate, with a password'],
        [this.#file('password'), 'the password of the PFX'],
        [this.#file('pem'), 'private key and certificate'],
        [this.#file('cer'), 'the certificate alone: this one is uploaded'],
      ]),
    );
  }

  async #tellInspection(): Promise<void> {
    const argv = [this.#file('pfx'), '--password-file', this.#file('password')];
    const { stdout } = await this.#run(certInspect, [...argv, '--json']);
    const { certificates, keyMatches, problems } = JSON.parse(stdout);
    const [{ sha1, x5t, 'x5t#S256': x5tS256, notAfter }] = certificates;
    this.#narrator.step(
      'What is in the PFX? Servers know a certificate by its thumbprint, which is written in several ways.',
      this.#line(certInspect.name, argv),
      [
        ...aligned([
          ['SHA-1', sha1],
          ['x5t', `${x5t}  (the same in base64url)`],
          ['x5t#S256', `${x5tS256}  (SHA-256 in base64url)`],
        ]),
        `The private key ${keyMatches ? 'belongs' : 'does not belong'} to it, it is valid until ${notAfter.slice(0, 10)}, and ${
          problems.length === 0 ? 'Entra ID would find nothing wrong' : 'Entra ID would refuse it'
        }.`,
      ],
    );
  }

  async #tellRegistration({ graphUrl }: Authority): Promise<string> {
    const where = ['--graph', graphUrl, '--access-token-file', this.#path('admin-token'), '--ca', this.#path('ca.pem')];
    const argv = ['--name', subject, '--cert', this.#file('cer'), '--permission', permission, ...where];
    const { appId, objectId, servicePrincipalId, keyId } = JSON.parse(
      (await this.#run(appRegister, [...argv, '--json'])).stdout,
    );
    this.#narrator.step(
      `An application is registered with the certificate, and is granted the permission ${permission} of the Graph.`,
      this.#line(appRegister.name, argv),
      aligned([
        ['Application (client) id', appId],
        ['Object id', objectId],
        ['Service principal', servicePrincipalId],
        ['Key id', keyId],
      ]),
    );
    return appId;
  }

  async #tellAssertion(argv: readonly string[]): Promise<void> {
    const { stdout: jwt } = await this.#run(assertion, argv);
    this.#narrator.step(
      'The daemon signs a client assertion: a JWT that says who it is, for whom, and for ten minutes only. Decoded:',
      `${this.#line(assertion.name, argv)} | ${this.#line(decode.name, [])}`,
      await this.#decoded(jwt),
    );
  }

  async #tellTokens(authority: Authority, argv: readonly string[], ca: readonly string[]): Promise<void> {
    const traced = [...argv, '--trace', '--no-cache'];
    const { stdout: accessToken, stderr: trace } = await this.#run(token, traced);
    this.#narrator.step(
      'It posts the assertion to the token endpoint and gets an access token. What goes over the wire, secrets masked:',
      this.#line(token.name, traced),
      trace.split('\n').filter((line) => /^(> (POST| {2})|< (\d| {2}))/.test(line)),
    );
    this.#narrator.step(
      'The access token, decoded: for which API, for whom, what it may do (roles), until when.',
      `${this.#line(token.name, argv)} | ${this.#line(decode.name, [])}`,
      await this.#decoded(accessToken),
    );
    const issuer = `${authority.url}/${authority.tenantId}/v2.0`;
    const trusted = ['--issuer', issuer, '--audience', 'https://graph.microsoft.com', ...ca];
    const { stdout: verdict } = await this.#run(verify, trusted, accessToken);
    this.#narrator.step(
      "Is it genuine? Its signature is checked against the authority's published keys.",
      `${this.#line(token.name, argv)} | ${this.#line(verify.name, trusted)}`,
      verdict.trim().split('\n'),
    );
    const answer = await this.#callApi(authority, accessToken.trim());
    const header = `-H "$(${this.#line(token.name, [...argv, '--output', 'header'])})"`;
    this.#narrator.step(
      'With the access token the daemon calls the API: it lists the users of the tenant. The answer:',
      `curl --silent --cacert ${shellWord(this.#path('ca.pem'))} ${header} ${shellWord(`${authority.graphUrl}/v1.0${users}`)}`,
      JSON.stringify(answer, null, 2).split('\n'),
    );
  }

  async #callApi({ graphUrl }: Authority, accessToken: string): Promise<unknown> {
    const platform = await networkFrom({ ca: [this.#path('ca.pem')], timeout: undefined }, this.#io);
    const graph = new GraphClient({ graphUrl, accessToken: async () => accessToken, platform });
    return graph.get(users, { action: 'list users', permission, signal: this.#io.signal });
  }

  async #decoded(jwt: string): Promise<readonly string[]> {
    const { header, claims } = JSON.parse((await this.#run(decode, ['--json'], jwt)).stdout);
    const lines = (members: object): readonly string[] =>
      aligned(Object.entries(members).map(([member, value]) => [member, JSON.stringify(value)] as const)).map(
        (line) => `  ${line}`,
      );
    return ['Header', ...lines(header), 'Claims', ...lines(claims)];
  }

  async #writeAuthorityFiles({ ca, adminToken }: Authority): Promise<void> {
    const file = (name: string, text: string, secret: boolean) => ({
      path: resolve(this.#io.cwd, this.#path(name)),
      bytes: new TextEncoder().encode(text),
      secret,
    });
    await writeAll([file('ca.pem', ca, false), file('admin-token', `${adminToken}\n`, true)], { force: true });
  }

  async #run(command: Command, argv: readonly string[], stdin = ''): Promise<{ stdout: string; stderr: string }> {
    const { io, stdout, stderr } = capturedIo(this.#io, stdin);
    await command.run(argv, io);
    return { stdout: stdout(), stderr: stderr() };
  }

  /** A command line as it is typed here: through npx where that is how this one came about. */
  #line(name: string, argv: readonly string[]): string {
    const { npm_command: throughNpm } = this.#io.env;
    return [throughNpm === undefined ? 'certgrant' : 'npx certgrant', name, ...argv.map(shellWord)].join(' ');
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #file(extension: string): string {
    return this.#path(`${subject}.${extension}`);
  }
}

function aligned(rows: readonly (readonly [string, string])[]): readonly string[] {
  return twoColumns(rows, Number.POSITIVE_INFINITY, { indent: '', widest: 60 }).split('\n');
}
