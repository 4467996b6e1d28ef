import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readParameters } from '../../src/checks/parameters.ts';

it('readParameters reads a form as URLSearchParams does, however malformed it is', () => {
  const piece = fc.oneof(
    fc.constantFrom('scope', 'client_id', 'sc%6fpe', '=', '&', '+', '%', '%2', '%zz', '%C3%A9', '%ff', ' ', 'é', ';'),
    fc.string(),
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (form) => {
        const expected = new URLSearchParams(`&${form}`);
        const outcome = readParameters(form);
        for (const name of ['scope', 'client_id']) {
          const values = expected.getAll(name).filter((value) => value !== '');
          if (values.length > 1) expect(outcome).toMatchObject({ refused: { code: 9002313 } });
          else if ('value' in outcome)
            expect(outcome.value).toEqual(
              expect.objectContaining(Object.fromEntries(values.map((value) => [name, value]))),
            );
        }
      },
    ),
  );
});
