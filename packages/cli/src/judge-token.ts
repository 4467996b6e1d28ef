import { type Judgement, judgeAssertion, judgeProof } from '@certgrant/authority/checks';
import { type Certificate, readKeyFile } from '@certgrant/core';
import { chooseCertificate } from './certificate-choice.ts';
import { readSource } from './input.ts';
import type { Io } from './io.ts';
import { type AuthorityValues, authorityFrom } from './options/authority.ts';
import { withPassword } from './options/credential.ts';
import { clientIdFrom, tenantFrom } from './options/identity.ts';
import type { OpeningValues } from './options/password.ts';

/** What a client assertion or a proof is held against. */
export interface JudgeValues extends OpeningValues, AuthorityValues {
  readonly cert: string | undefined;
  readonly tenant: string | undefined;
  readonly 'client-id': string | undefined;
  readonly 'object-id': string | undefined;
}

/** How the server would answer the token. What is not given is taken from the token itself, never from the environment. */
export async function judgeToken(
  token: string,
  kind: 'client-assertion' | 'proof',
  values: JudgeValues,
  io: Io,
): Promise<Judgement> {
  const { platform } = io;
  const certificate = values.cert === undefined ? undefined : await certificateFrom(values.cert, values, io);
  if (kind === 'proof') return judgeProof(token, { certificate, objectId: values['object-id'], platform });
  const namesAuthority = values.cloud !== undefined || values.authority !== undefined;
  return judgeAssertion(token, {
    certificate,
    authority: namesAuthority ? authorityFrom(values, io) : undefined,
    tenant: values.tenant === undefined ? undefined : tenantFrom(values, io),
    clientId: values['client-id'] === undefined ? undefined : clientIdFrom(values, io, 'guid'),
    platform,
  });
}

async function certificateFrom(source: string, values: OpeningValues, io: Io): Promise<Certificate> {
  const bytes = await readSource(source, '--cert', io);
  return chooseCertificate(await withPassword(values, source, io, (opening) => readKeyFile(bytes, opening)));
}
