import { CertgrantError, isCertgrantError } from '@certgrant/core';
import { expect, it } from 'vitest';

it('isCertgrantError knows errors of another copy of the class', () => {
  const foreign = Object.assign(new Error('x'), { [Symbol.for('certgrant.error')]: true });
  expect(isCertgrantError(foreign)).toBe(true);
  expect(isCertgrantError(new CertgrantError('USAGE', 'x', { fix: 'y' }))).toBe(true);
  expect(isCertgrantError(new Error('x'))).toBe(false);
});

it('CertgrantError keeps the error that it explains and does not print its brand', () => {
  const cause = new Error('lower');
  const error = new CertgrantError('TIMEOUT', 'post token request: no answer', { fix: 'Try again', cause });
  expect(error.cause).toBe(cause);
  expect(Object.keys(error)).toEqual(['name', 'code', 'fix']);
});
