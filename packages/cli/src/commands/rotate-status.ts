import { type Command, defineCommand } from '../command.ts';
import { currentOption, currentPath } from '../options/rotation.ts';
import { rotationJson, rotationRows, statusOf, stepLines } from '../output/rotation.ts';
import { paintFor, printable, twoColumns } from '../output/text.ts';
import { loadState } from '../rotation/state-file.ts';

export const command: Command = defineCommand({
  name: 'rotate status',
  summary: 'show how the rotation of a key file stands, or the report of the last one',
  synopsis: ['--cert CURRENT [--json]'],
  description: [
    'Reads the note that certgrant rotate keeps beside the key file. Nothing is sent, and no password is needed.',
  ],
  options: { ...currentOption, json: { type: 'boolean', help: 'Print the note as one JSON document' } },
  examples: [{ purpose: 'How far is it?', line: 'certgrant rotate status --cert my-daemon.pem' }],
  exitCodes: {
    0: 'no rotation is under way: there was none, the last one is finished, or it got no further than the check',
    3: 'a rotation is under way; run certgrant rotate again, or certgrant rotate undo',
  },
  environment: { AZURE_CLIENT_CERTIFICATE_PATH: 'the key file, when --cert is not given' },
  handle: async (values, io) => {
    const state = await loadState(currentPath(values, io));
    if (state === undefined) {
      io.stdout.write(values.json ? 'null\n' : 'This key file has not been rotated.\n');
      return 0;
    }
    const status = statusOf(state);
    if (values.json) {
      io.stdout.write(`${JSON.stringify(rotationJson(state, status))}\n`);
    } else {
      const what = state.direction === 'rotate' ? 'Rotation' : 'Rotation that is taken back';
      const { bold } = paintFor(io.stdout);
      const rows = twoColumns(rotationRows(state), Number.POSITIVE_INFINITY);
      io.stdout.write(`${bold(`${what}, ${status.replace('-', ' ')}`)}\n${printable(rows)}\n\n${stepLines(state)}\n`);
    }
    return status === 'under-way' ? 3 : 0;
  },
});
