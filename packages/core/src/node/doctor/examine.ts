import { homedir } from 'node:os';
import { CertgrantError, isCertgrantError } from '../../errors.ts';
import { cancelledError } from '../../lib/http.ts';
import { type Platform, platformWith } from '../../platform.ts';
import { type Check, type Findings, failedBy, type Outcome, type Surroundings, skipped } from './check.ts';
import { checks } from './checks.ts';
import type { DoctorOptions } from './options.ts';
import type { CheckId, CheckResult, DoctorReport } from './report.ts';
import { type Private, safeToPaste } from './safe-to-paste.ts';

const defaultTimeout = 10_000;

/** Runs the checks one after the other; see `runDoctor`. */
export async function examine(options: DoctorOptions): Promise<DoctorReport> {
  const { signal, env = process.env, onStart, onResult } = options;
  const closing: (() => Promise<void>)[] = [];
  const around: Omit<Surroundings, 'signal'> = {
    settings: () => options.settings(),
    key: options.key,
    ca: options.ca ?? [],
    expectedRoles: options.expectedRoles ?? [],
    env,
    platform: platformWith(options.platform),
    fetch: options.platform?.fetch,
    timeout: options.timeout ?? defaultTimeout,
    onEnd: (close) => closing.push(close),
  };
  let found: Partial<Findings> = {};
  /** The check to blame for a finding that is not there. */
  const missing = new Map<keyof Findings, CheckId>();
  const results: CheckResult[] = [];
  try {
    for (const check of checks) {
      if (signal?.aborted) throw cancelledError('examine', signal.reason);
      onStart?.(check.id, check.doing);
      const lacking = check.needs.find((need) => found[need] === undefined && missing.has(need));
      const culprit = lacking === undefined ? undefined : missing.get(lacking);
      const outcome =
        culprit === undefined
          ? await boundedRun(check, found, around, signal)
          : skipped(`it depends on ${culprit}, which failed`);
      found = { ...found, ...outcome.found };
      for (const given of check.gives) {
        if (!(given in found)) missing.set(given, culprit ?? check.id);
      }
      const result = resultOf(check.id, outcome, privateIn(found, env));
      results.push(result);
      onResult?.(result);
    }
  } finally {
    await Promise.all(closing.map((close) => close()));
  }
  return { ok: results.every(({ status }) => status !== 'failed'), checks: results };
}

/** A check within its time. What it throws is its finding, unless that is no error of certgrant: a fault of ours. */
async function boundedRun(
  check: Check,
  found: Partial<Findings>,
  around: Omit<Surroundings, 'signal'>,
  caller: AbortSignal | undefined,
): Promise<Outcome> {
  const { platform, timeout } = around;
  const bounds = new AbortController();
  const timer = new AbortController();
  const abort = (): void => bounds.abort(caller?.reason);
  caller?.addEventListener('abort', abort, { once: true });
  if (!check.waitsForPerson) afterTime(platform, timeout, timer.signal, () => bounds.abort(tooLong(check, timeout)));
  const ended = new Promise<never>((_, reject) => {
    bounds.signal.addEventListener('abort', () => reject(bounds.signal.reason), { once: true });
  });
  ended.catch(() => {});
  try {
    return await Promise.race([check.run(found, { ...around, signal: bounds.signal }), ended]);
  } catch (thrown) {
    if (caller?.aborted) throw cancelledError('examine', caller.reason);
    const reason: unknown = bounds.signal.aborted ? bounds.signal.reason : thrown;
    if (isCertgrantError(reason) && reason.code !== 'CANCELLED') return failedBy(reason);
    throw reason;
  } finally {
    timer.abort();
    caller?.removeEventListener('abort', abort);
    // Whatever the check has left open is closed with it.
    bounds.abort();
  }
}

function afterTime(platform: Platform, time: number, signal: AbortSignal, act: () => void): void {
  platform.delay(time, signal).then(act, () => {});
}

function tooLong({ doing }: Check, timeout: number): CertgrantError {
  return new CertgrantError('TIMEOUT', `${doing}: it was not done within ${timeout / 1000} s`, {
    fix: 'Check the network connection, the firewalls on the way and, behind a proxy, HTTPS_PROXY; then try again',
  });
}

function resultOf(id: CheckId, { status, detail, fix, code }: Outcome, secret: Private): CheckResult {
  return {
    id,
    status,
    detail: safeToPaste(detail, secret),
    ...(fix === undefined ? {} : { fix: safeToPaste(fix, secret) }),
    ...(code === undefined ? {} : { code }),
  };
}

function privateIn({ settings }: Partial<Findings>, env: Surroundings['env']): Private {
  const isText = (text: string | undefined): text is string => text !== undefined;
  return {
    homes: [env.HOME, env.USERPROFILE, homedir()].filter(isText).filter((home) => home.length > 1),
    // A plain word is left as it is: it may stand in any sentence.
    names: [settings?.tenant, settings?.clientId].filter(isText).filter((name) => /[^a-z]/i.test(name)),
  };
}
