import { assertionClaims } from './refusals/assertion-claims.ts';
import { assertionForm } from './refusals/assertion-form.ts';
import { assertionKey } from './refusals/assertion-key.ts';
import type { Refusal } from './refusals/refusal.ts';
import { requests } from './refusals/requests.ts';

/** Every refusal that the local authority knows, each by a mistake that leads to it. */
export const refusals: readonly Refusal[] = [...assertionForm, ...assertionKey, ...assertionClaims, ...requests];
