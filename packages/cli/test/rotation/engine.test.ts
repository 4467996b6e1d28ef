import { CertgrantError } from '@certgrant/core';
import { describe, expect, test } from 'vitest';
import { runSteps, type Step } from '../../src/rotation/engine.ts';
import { type RotationState, readState, writeState } from '../../src/rotation/state.ts';

const begun: RotationState = {
  version: 1,
  direction: 'rotate',
  tenant: 'contoso.com',
  clientId: 'client',
  authority: 'https://login.example',
  graphUrl: 'https://graph.example',
  files: { current: '/a', next: '/b', previous: '/c' },
  old: { thumbprint: 'AA' },
  new: { keyId: 'id' },
  startedAt: '2026-01-01T00:00:00.000Z',
  steps: [],
};

/** Keeps what was saved, and what was told, in one list. */
function keeper() {
  const events: (RotationState | string)[] = [];
  return {
    events,
    now: () => 0,
    save: async (state: RotationState) => void events.push(state),
    tell: ({ name }: { readonly name: string }) => void events.push(name),
  };
}

const add: Step<undefined> = {
  name: 'add',
  summary: 'add',
  done: ({ addedAt }) => addedAt !== undefined,
  run: async () => ({ addedAt: 'now' }),
};

function failing(thrown: unknown): Step<undefined> {
  return { ...add, run: () => Promise.reject(thrown) };
}

describe('runSteps', () => {
  test('runSteps keeps the state before a step and after it', async () => {
    const kept = keeper();
    const { state } = await runSteps(begun, [add], undefined, kept);
    expect(kept.events).toEqual([
      'add',
      expect.objectContaining({ steps: [expect.objectContaining({ name: 'add', unanswered: true })] }),
      expect.objectContaining({ addedAt: 'now', steps: [expect.objectContaining({ unanswered: false })] }),
      state,
    ]);
    expect(state.finishedAt).toBeDefined();
  });

  test('runSteps passes over what is done', async () => {
    const kept = keeper();
    await runSteps({ ...begun, addedAt: 'before' }, [add], undefined, kept);
    expect(kept.events).toEqual([expect.objectContaining({ addedAt: 'before', steps: [] })]);
  });

  test('runSteps ends with a pause, and keeps what was learned', async () => {
    const kept = keeper();
    const step: Step<undefined> = { ...add, run: async () => ({ pause: 'wait', change: { objectId: 'x' } }) };
    const { state, pause } = await runSteps(begun, [step, failing(new Error('not reached'))], undefined, kept);
    expect([pause, state.objectId, state.finishedAt]).toEqual(['wait', 'x', undefined]);
  });

  test.each([
    [400, false],
    [403, false],
    [429, false],
    [408, true],
    [500, true],
    [undefined, true],
  ])(
    'runSteps keeps of a step that failed with the status %s that it may have been done: %s',
    async (status, unanswered) => {
      const thrown = Object.assign(new CertgrantError('API_REFUSED', 'x: no', { fix: 'y' }), status && { status });
      const kept = keeper();
      await expect(runSteps(begun, [failing(thrown)], undefined, kept)).rejects.toBe(thrown);
      expect(kept.events.at(-1)).toMatchObject({ steps: [{ name: 'add', unanswered }] });
    },
  );

  test('runSteps does not forget an unanswered try when a later one is refused', async () => {
    const refused = Object.assign(new CertgrantError('API_REFUSED', 'x: no', { fix: 'y' }), { status: 400 });
    const steps = [{ name: 'add', startedAt: '2026-01-01T00:00:00.000Z', unanswered: true }];
    const kept = keeper();
    await expect(runSteps({ ...begun, steps }, [failing(refused)], undefined, kept)).rejects.toBe(refused);
    expect(kept.events.at(-1)).toMatchObject({ steps: [{ unanswered: true }] });
  });
});

describe('readState', () => {
  test('readState reads what writeState wrote', () => {
    expect(readState(writeState(begun), 'note')).toEqual(begun);
  });

  test.each(['', '[]', '{"version":1}', writeState(begun).replace('"steps": []', '"steps": [{}]')])(
    'readState refuses %j',
    (text) => {
      expect(() => readState(text, 'note')).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
    },
  );
});
