import { platformWith } from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import { deadlineFrom, networkEnvironment, networkFrom, networkOptions } from '../options/network.ts';
import { openingOptions, passwordEnvironment } from '../options/password.ts';
import { currentOption, currentPath, hookOption, keyFileFormat, plainSettings } from '../options/rotation.ts';
import { narrator, reportProgress } from '../output/rotation.ts';
import { beginUndo } from '../rotation/begin.ts';
import { takeLock } from '../rotation/lock.ts';
import { plainProfile } from '../rotation/next-key.ts';
import { rotationServer } from '../rotation/rotation-server.ts';
import { runRotation } from '../rotation/run-rotation.ts';
import { loadState, lockPath } from '../rotation/state-file.ts';

const options = {
  ...currentOption,
  ...hookOption,
  ...openingOptions,
  ...networkOptions,
  json: { type: 'boolean', help: 'Print one JSON document about how it stands' },
} as const;

export const command: Command = defineCommand({
  name: 'rotate undo',
  summary: 'take a rotation back, as long as the old certificate is registered',
  synopsis: ['--cert CURRENT [OPTIONS]'],
  description: [
    'Checks that the old certificate still gets a token, puts its key file back, runs the hook, and removes the new certificate from the application. Interrupted, the same command goes on. Tenant, application and authority are those of the rotation.',
  ],
  options,
  examples: [
    {
      purpose: 'The daemon does not get on with the new file',
      line: 'certgrant rotate undo --cert my-daemon.pem --hook "systemctl reload my-daemon"',
    },
  ],
  environment: {
    AZURE_CLIENT_CERTIFICATE_PATH: 'the key file, when --cert is not given',
    ...passwordEnvironment,
    ...networkEnvironment,
  },
  handle: async (values, io) => {
    const current = currentPath(values, io);
    const unlock = await takeLock(lockPath(current), platformWith(io.platform));
    try {
      const state = beginUndo(await loadState(current));
      const format = await keyFileFormat(current, values, io);
      const platform = await networkFrom(values, io);
      const server = rotationServer({ ...state, platform, deadline: deadlineFrom(values), signal: io.signal });
      const settings = { ...plainSettings, hook: values.hook };
      const tell = narrator(values.json, io);
      const source = { kind: 'generate', profile: plainProfile } as const;
      reportProgress(await runRotation({ state, settings, format, source, server, tell }, io), values.json, io);
    } finally {
      unlock();
    }
  },
});
