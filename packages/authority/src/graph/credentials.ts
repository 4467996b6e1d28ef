import { Hono } from 'hono';
import { examineProof } from '../checks/proof-checks.ts';
import type { Application, Credentials, ServicePrincipal } from '../directory/entities.ts';
import { registeredCertificate } from '../directory/key-credential.ts';
import { newPasswordCredential } from '../directory/password-credential.ts';
import { emptyAnswer, valueAnswer } from './answer.ts';
import { requireWriteTo } from './caller.ts';
import { badRequest, forbidden, unproven } from './graph-error.ts';
import { readKeyCredential } from './key-credentials.ts';
import {
  type GraphContext,
  type GraphEnvironment,
  objectIn,
  optionalDate,
  optionalText,
  readObject,
  requiredText,
} from './request.ts';
import { keyCredentialView, passwordCredentialView } from './views.ts';

/** The kind of objects whose credentials are changed: applications, or service principals. */
export interface CredentialHolders<T extends Application | ServicePrincipal> {
  /** The one that the URL names. */
  at(context: GraphContext): Promise<T>;
  update(holder: T, change: (holder: T) => Promise<Partial<Credentials>>, context: GraphContext): Promise<unknown>;
}

/** `addPassword`, `removePassword`, and `addKey`, `removeKey` with which an application rolls its own keys. */
export function credentialRoutes<T extends Application | ServicePrincipal>(
  holders: CredentialHolders<T>,
): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.post('/:id/addPassword', (context) => addPassword(context, holders));
  routes.post('/:id/removePassword', (context) => removePassword(context, holders));
  routes.post('/:id/addKey', (context) => addKey(context, holders));
  routes.post('/:id/removeKey', (context) => removeKey(context, holders));
  return routes;
}

type Body = Readonly<Record<string, unknown>>;

async function addPassword<T extends Application | ServicePrincipal>(
  context: GraphContext,
  holders: CredentialHolders<T>,
): Promise<Response> {
  const holder = await holders.at(context);
  requireWriteTo(context.get('caller'), holder);
  const body = await readObject(context);
  const wanted = objectIn(body.passwordCredential ?? {}, "Property 'passwordCredential'");
  if (optionalText(wanted, 'secretText') !== undefined) {
    throw badRequest("Property 'secretText' cannot be set: the secret is made here.");
  }
  const { credential, secretText } = newPasswordCredential(
    {
      displayName: optionalText(wanted, 'displayName'),
      startDateTime: optionalDate(wanted, 'startDateTime'),
      endDateTime: optionalDate(wanted, 'endDateTime'),
    },
    context.get('services').platform,
  );
  if (credential.startDateTime >= credential.endDateTime) {
    throw badRequest("Invalid value specified for property 'endDateTime' of resource: it is not after the start.");
  }
  const add = async ({ passwordCredentials }: T): Promise<Partial<Credentials>> => ({
    passwordCredentials: [...passwordCredentials, credential],
  });
  await holders.update(holder, add, context);
  return valueAnswer(context, 'microsoft.graph.passwordCredential', passwordCredentialView(credential, secretText));
}

async function removePassword<T extends Application | ServicePrincipal>(
  context: GraphContext,
  holders: CredentialHolders<T>,
): Promise<Response> {
  const holder = await holders.at(context);
  requireWriteTo(context.get('caller'), holder);
  const keyId = requiredText(await readObject(context), 'keyId');
  const remove = async ({ passwordCredentials }: T): Promise<Partial<Credentials>> => ({
    passwordCredentials: without(passwordCredentials, keyId),
  });
  await holders.update(holder, remove, context);
  return emptyAnswer(context);
}

async function addKey<T extends Application | ServicePrincipal>(
  context: GraphContext,
  holders: CredentialHolders<T>,
): Promise<Response> {
  const holder = await holders.at(context);
  const body = await readObject(context);
  await requireRolling(context, holder, body);
  if ((body.passwordCredential ?? null) !== null) {
    throw badRequest("Property 'passwordCredential' must be null for a key credential of type 'AsymmetricX509Cert'.");
  }
  const credential = await readKeyCredential(body.keyCredential, [], context.get('services'));
  const add = async (current: T): Promise<Partial<Credentials>> => {
    await requireProof(context, current, body);
    if (current.keyCredentials.some(({ keyId }) => keyId === credential.keyId)) {
      throw badRequest("Another key credential has the same value for the property 'keyId'.");
    }
    return { keyCredentials: [...current.keyCredentials, credential] };
  };
  await holders.update(holder, add, context);
  return valueAnswer(context, 'microsoft.graph.keyCredential', keyCredentialView(credential));
}

async function removeKey<T extends Application | ServicePrincipal>(
  context: GraphContext,
  holders: CredentialHolders<T>,
): Promise<Response> {
  const holder = await holders.at(context);
  const body = await readObject(context);
  await requireRolling(context, holder, body);
  const keyId = requiredText(body, 'keyId');
  const remove = async (current: T): Promise<Partial<Credentials>> => {
    await requireProof(context, current, body);
    return { keyCredentials: without(current.keyCredentials, keyId) };
  };
  await holders.update(holder, remove, context);
  return emptyAnswer(context);
}

/** Who rolls keys is the application itself, or may change it anyway; both have to bring a proof. */
async function requireRolling(
  context: GraphContext,
  holder: Application | ServicePrincipal,
  body: Body,
): Promise<void> {
  if (body.proof === undefined || body.proof === null) throw forbidden();
  if (!(await isItself(context, holder))) requireWriteTo(context.get('caller'), holder);
}

async function isItself(context: GraphContext, holder: Application | ServicePrincipal): Promise<boolean> {
  const { servicePrincipalId, tenantId } = context.get('caller');
  if (servicePrincipalId === undefined) return false;
  if (servicePrincipalId === holder.id) return true;
  const own = await context.get('services').directory.get('servicePrincipals', tenantId, servicePrincipalId);
  return own?.appId === holder.appId;
}

/** The proof is held against the keys as they are when the change is made, so that a key that was just removed proves nothing. */
async function requireProof(
  context: GraphContext,
  holder: Application | ServicePrincipal,
  { proof }: Body,
): Promise<void> {
  if (typeof proof !== 'string') throw unproven({ name: 'form', message: 'the proof is not a text' });
  const { now } = context.get('exchange');
  const certificates = await Promise.all(holder.keyCredentials.map(registeredCertificate));
  const findings = await examineProof(proof, { objectId: holder.id, certificates, now });
  const failed = findings.find(({ fault }) => fault !== undefined);
  if (failed?.fault !== undefined) throw unproven({ name: failed.name, ...failed.fault });
}

function without<C extends { readonly keyId: string }>(credentials: readonly C[], keyId: string): readonly C[] {
  const left = credentials.filter((each) => each.keyId !== keyId.toLowerCase());
  if (left.length < credentials.length) return left;
  throw badRequest(`No credential found with keyId '${keyId.slice(0, 100)}' on this object.`);
}
