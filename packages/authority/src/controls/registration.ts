import { CertgrantError, isCertgrantError } from '@certgrant/core';
import { asSettingsError, type Registered, type Registration, register } from '../directory/register.ts';
import { seedApplication } from '../seed.ts';
import type { Services } from '../services.ts';
import { Fields } from './fields.ts';

/**
 * Registers an application in the first tenant.
 *
 * @throws {CertgrantError} `SETTINGS_INVALID`, `FORMAT_MALFORMED`, `CERTIFICATE_MISSING`
 */
export async function registerApplication(
  { directory, adminTenantId, platform }: Services,
  registration: Registration,
): Promise<Registered> {
  try {
    return await register(directory, adminTenantId, registration, platform);
  } catch (thrown) {
    throw asSettingsError(thrown);
  }
}

/** A registration as JSON has it: like an application of a seed, with certificates in PEM in place of files. */
export function registrationIn(body: unknown): Registration {
  const { certificate, secret, appRoleAssignmentRequired, ...rest } = new Fields(body, 'register application').members;
  const own = new Fields({ certificate, secret, appRoleAssignmentRequired }, 'register application');
  try {
    return {
      ...seedApplication({ displayName: 'daemon', ...rest }, ''),
      certificate: own.text('certificate'),
      // Random, and told in the answer.
      secret: own.boolean('secret') === true ? true : undefined,
      appRoleAssignmentRequired: own.boolean('appRoleAssignmentRequired'),
    };
  } catch (thrown) {
    if (!isCertgrantError(thrown) || thrown.code !== 'SETTINGS_INVALID') throw thrown;
    const fault = thrown.message.replace(/^read seed: /, '');
    throw new CertgrantError(thrown.code, `register application: ${fault}`, { fix: thrown.fix, cause: thrown });
  }
}
