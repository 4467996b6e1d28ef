import { getFips } from 'node:crypto';
import { type Check, defineCheck, passed, warned } from '../check.ts';
import type { DoctorSettings } from '../options.ts';

/** Variables that certgrant reads by itself; those of the network have their own checks. */
const own = [
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
  'AZURE_CLIENT_SEND_CERTIFICATE_CHAIN',
  'AZURE_AUTHORITY_HOST',
];

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variables that change what is sent, or what other tools would send. */
export const environment: Check = defineCheck({
  id: 'environment',
  doing: 'look at the environment variables',
  run: ({ settings }, { env }) => {
    const set = own.filter((name) => env[name]);
    const fips = getFips() === 1 ? '; OpenSSL is in FIPS mode' : '';
    const detail = `${set.length === 0 ? 'no AZURE_ variable is set' : `set: ${set.join(', ')}`}${fips}`;
    const problems = findProblems(env, settings);
    const [first] = problems;
    if (first === undefined) return passed(detail);
    return warned(`${problems.map(({ problem }) => problem).join('; ')}; ${detail}`, first.fix);
  },
});

interface Problem {
  readonly problem: string;
  readonly fix: string;
}

/** What is set and does not do what one may think. */
function findProblems(env: Environment, settings: DoctorSettings | undefined): readonly Problem[] {
  const problems: Problem[] = [];
  const differs = (name: string, used: string | undefined): boolean =>
    Boolean(env[name]) && used !== undefined && env[name]?.trim().toLowerCase() !== used.toLowerCase();
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    problems.push({
      problem:
        'NODE_TLS_REJECT_UNAUTHORIZED=0 has Node trust every server, so that anybody on the way can read the token',
      fix: 'Unset NODE_TLS_REJECT_UNAUTHORIZED and add the CA instead: --ca FILE or NODE_EXTRA_CA_CERTS',
    });
  }
  if (differs('AZURE_TENANT_ID', settings?.tenant)) problems.push(overruled('AZURE_TENANT_ID', 'tenant'));
  if (differs('AZURE_CLIENT_ID', settings?.clientId)) problems.push(overruled('AZURE_CLIENT_ID', 'client id'));
  if (env.AZURE_CLIENT_SECRET) {
    problems.push({
      problem: 'AZURE_CLIENT_SECRET is set, which the Azure SDKs take before the certificate',
      fix: 'Unset AZURE_CLIENT_SECRET where the certificate is meant; certgrant itself does not read it',
    });
  }
  if (!/^(true|1|false|0|)$/i.test(env.AZURE_CLIENT_SEND_CERTIFICATE_CHAIN ?? '')) {
    problems.push({
      problem: 'AZURE_CLIENT_SEND_CERTIFICATE_CHAIN is neither true nor false, and counts as false',
      fix: 'Set it to true or to 1, or unset it',
    });
  }
  return problems;
}

function overruled(variable: string, what: string): Problem {
  return {
    problem: `${variable} names another ${what} than the one that is used`,
    fix: `Check which one is meant: an option wins over ${variable}`,
  };
}
