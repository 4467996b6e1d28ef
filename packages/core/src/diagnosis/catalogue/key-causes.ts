import { toBase64 } from '../../lib/text-encoding.ts';
import { type Cause, lowers, proves, raises, rulesOut, says } from './entry.ts';
import {
  algorithmOf,
  chainOf,
  headerThumbprint,
  isHexText,
  isOwnThumbprint,
  onlyFor,
  raisedBy,
  usedThumbprint,
} from './signs.ts';

const strictMode = /strict mode does not take/i;

/** Why a server does not find or accept the key that signed the assertion: the mistakes that 700027 stands for. */

export const notRegistered: Cause = {
  id: 'certificate-not-registered',
  usual: 'likely',
  why: 'The certificate that signed is not among those registered on this application',
  fix: 'Compare the thumbprint that certgrant cert inspect shows with the certificates of the application, and upload this one if it is missing',
  signs: [
    onlyFor('not-found'),
    raisedBy('not-found'),
    raises(
      'The thumbprint that the server looked for is the one of the certificate at hand',
      (evidence) => isOwnThumbprint(evidence) === true,
    ),
  ],
};

export const anotherCertificate: Cause = {
  id: 'another-certificate-used',
  usual: 'unlikely',
  why: 'The client signed with another certificate than the one you look at: an old file, another store, a cached copy',
  fix: 'Find out where the client takes its certificate from, and restart it after the file was replaced',
  signs: [
    proves(
      'The thumbprint that the server names is not one of the certificate at hand',
      (evidence) => isOwnThumbprint(evidence) === false && !isHexText(usedThumbprint(evidence)),
    ),
    rulesOut(
      'The thumbprint that the server names is the one of the certificate at hand',
      (evidence) => isOwnThumbprint(evidence) === true,
    ),
  ],
};

export const wrongApplication: Cause = {
  id: 'wrong-application-or-cloud',
  usual: 'possible',
  why: 'The certificate is registered, but on another application, or on one of the same name in another tenant or cloud',
  fix: 'Check that client id, tenant and authority host belong to the application that has the certificate',
  signs: [onlyFor('not-found')],
};

export const hexText: Cause = {
  id: 'thumbprint-is-hex-text',
  usual: 'possible',
  why: 'x5t or x5t#S256 was made from the hexadecimal text of the thumbprint instead of from its bytes',
  fix: 'Encode the 20 or 32 bytes of the thumbprint in base64url, not its 40 or 64 hexadecimal digits; certgrant cert inspect shows the right value',
  signs: [
    onlyFor('not-found'),
    proves(
      'The bytes in the header are hexadecimal digits',
      (evidence) => isHexText(headerThumbprint(evidence, 'x5t')) || isHexText(headerThumbprint(evidence, 'x5t#S256')),
    ),
    proves('The bytes that the server took for a thumbprint are hexadecimal digits', (evidence) =>
      isHexText(usedThumbprint(evidence)),
    ),
    proves(
      'The bytes that the server took for a thumbprint are what hexadecimal digits give when read as base64',
      (evidence) => {
        const bytes = usedThumbprint(evidence);
        return bytes !== undefined && [30, 48].includes(bytes.length) && /^[0-9A-Fa-f]+$/.test(toBase64(bytes));
      },
    ),
    rulesOut('The thumbprint that the server names is as long as a thumbprint', (evidence) =>
      [20, 32].includes(usedThumbprint(evidence)?.length ?? 0),
    ),
  ],
};

export const sha256AsX5t: Cause = {
  id: 'sha256-under-x5t',
  usual: 'possible',
  why: 'The header has a SHA-256 thumbprint under x5t, where the server expects the SHA-1 one',
  fix: 'Send the SHA-256 thumbprint under the name x5t#S256, or the SHA-1 one under x5t',
  signs: [
    onlyFor('not-found'),
    proves('x5t has 32 bytes, as SHA-256 has', (evidence) => headerThumbprint(evidence, 'x5t')?.length === 32),
    says(/\bx5t has 32 bytes/, 'The server says that x5t has 32 bytes, as SHA-256 has'),
    rulesOut(
      'The header has no x5t of 32 bytes',
      (evidence) => evidence.assertion !== undefined && headerThumbprint(evidence, 'x5t')?.length !== 32,
    ),
    rulesOut(
      'The thumbprint that the server names is not a SHA-256 one',
      (evidence) => ![undefined, 32].includes(usedThumbprint(evidence)?.length),
    ),
  ],
};

export const sha1AsX5tS256: Cause = {
  id: 'sha1-under-x5t-s256',
  usual: 'possible',
  why: 'The header has a SHA-1 thumbprint under x5t#S256, where the server expects the SHA-256 one',
  fix: 'Send the SHA-1 thumbprint under the name x5t, or the SHA-256 one under x5t#S256',
  signs: [
    onlyFor('not-found'),
    proves('x5t#S256 has 20 bytes, as SHA-1 has', (evidence) => headerThumbprint(evidence, 'x5t#S256')?.length === 20),
    says(/\bx5t#S256 has 20 bytes/, 'The server says that x5t#S256 has 20 bytes, as SHA-1 has'),
    rulesOut(
      'The header has no x5t#S256 of 20 bytes',
      (evidence) => evidence.assertion !== undefined && headerThumbprint(evidence, 'x5t#S256')?.length !== 20,
    ),
    rulesOut(
      'The thumbprint that the server names is not a SHA-1 one',
      (evidence) => ![undefined, 20].includes(usedThumbprint(evidence)?.length),
    ),
  ],
};

export const noThumbprint: Cause = {
  id: 'no-thumbprint-in-header',
  usual: 'unlikely',
  why: 'The header of the assertion does not say which certificate signed: it has neither x5t nor x5t#S256, and no kid that the server knows',
  fix: 'Put the thumbprint of the certificate into the header: x5t#S256 with PS256, x5t with RS256',
  signs: [
    onlyFor('not-found'),
    proves('The header has no thumbprint', ({ assertion }) => {
      if (assertion === undefined) return false;
      const { header } = assertion;
      return header.x5t === undefined && header['x5t#S256'] === undefined && header.kid === undefined;
    }),
    raises(
      'The server found no key and names no thumbprint',
      ({ reason, facts }) => reason === 'not-found' && facts.thumbprint === undefined,
    ),
    // It names the one in the header next, where there is one.
    says(/key was not found\., (?!Thumbprint)\S/i, 'The server looked for no thumbprint'),
    rulesOut('The server names the thumbprint that was sent', ({ facts }) => facts.thumbprint !== undefined),
    rulesOut(
      'The header has a thumbprint',
      ({ assertion }) =>
        assertion !== undefined &&
        !('kid' in assertion.header) &&
        ('x5t' in assertion.header || 'x5t#S256' in assertion.header),
    ),
  ],
};

export const chainMissing: Cause = {
  id: 'chain-not-sent',
  usual: 'possible',
  why: 'The application trusts a subject name and issuer instead of a certificate (SN/I), and the request did not carry the chain',
  fix: 'Send the certificate with its chain in the header (x5c): --send-chain, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN=true',
  signs: [
    onlyFor('not-found'),
    raises('The server says that the application may trust by name', ({ message }) =>
      /\bSNI\b|WithSendX5C/.test(message),
    ),
    rulesOut('The header carries the chain', (evidence) => chainOf(evidence) !== undefined),
    lowers(
      'The certificate at hand is self-signed, which SN/I is not used with',
      ({ certificate }) => certificate?.isSelfSigned === true,
    ),
  ],
};

export const expired: Cause = {
  id: 'certificate-expired',
  usual: 'possible',
  why: 'The certificate has expired',
  fix: 'Look at the dates with certgrant cert inspect; make a new certificate, upload it, and let the client use it',
  signs: [
    onlyFor('expired'),
    raisedBy('expired'),
    proves(
      'The key ended before the server answered',
      ({ facts: { keyEnd }, serverTime, reason }) =>
        reason === 'expired' && keyEnd !== undefined && serverTime !== undefined && Date.parse(keyEnd) <= serverTime,
    ),
    raises('The certificate at hand has expired', ({ certificate, serverTime, localTime }) => {
      const now = serverTime ?? localTime;
      return certificate !== undefined && now !== undefined && certificate.notAfter < now;
    }),
    rulesOut(
      'The key had not ended when the server answered',
      ({ facts: { keyEnd }, serverTime }) =>
        keyEnd !== undefined && serverTime !== undefined && Date.parse(keyEnd) > serverTime,
    ),
  ],
};

export const notYetValid: Cause = {
  id: 'certificate-not-yet-valid',
  usual: 'unlikely',
  why: 'The validity of the certificate has not begun yet: the machine that made it had its clock or time zone wrong, or it was made for later. The server calls that expired too',
  fix: 'Wait until the certificate is valid, or make a new one on a machine whose clock is right',
  signs: [
    onlyFor('expired'),
    raisedBy('expired'),
    proves(
      'The key begins after the time at which the server answered',
      ({ facts: { keyStart }, serverTime, reason }) =>
        reason === 'expired' && keyStart !== undefined && serverTime !== undefined && Date.parse(keyStart) > serverTime,
    ),
    raises('The certificate at hand is not valid yet', ({ certificate, serverTime, localTime }) => {
      const now = serverTime ?? localTime;
      return certificate !== undefined && now !== undefined && certificate.notBefore > now;
    }),
    rulesOut(
      'The key had begun when the server answered',
      ({ facts: { keyStart }, serverTime }) =>
        keyStart !== undefined && serverTime !== undefined && Date.parse(keyStart) <= serverTime,
    ),
  ],
};

export const wrongKey: Cause = {
  id: 'private-key-mismatch',
  usual: 'possible',
  why: 'The private key that signed is not the one of the certificate whose thumbprint the header names',
  fix: 'Check with certgrant cert inspect that the private key belongs to the certificate; take both from the same file',
  signs: [
    onlyFor('signature-mismatch'),
    raisedBy('signature-mismatch'),
    lowers('The server says that only the padding differs', ({ message }) => /signed with [RP]S256, and/.test(message)),
  ],
};

export const wrongPadding: Cause = {
  id: 'padding-does-not-fit-alg',
  usual: 'possible',
  why: 'The signature has another padding than alg says: PS256 asks for PSS, RS256 for PKCS #1 v1.5',
  fix: 'Sign with the padding that alg names; many crypto libraries use PKCS #1 v1.5 unless told otherwise',
  signs: [
    onlyFor('signature-mismatch'),
    says(/signed with [RP]S256, and its header says/, 'The server says with which algorithm it is signed'),
  ],
};

export const changed: Cause = {
  id: 'assertion-changed-after-signing',
  usual: 'unlikely',
  why: 'The assertion was changed between signing and verifying: encoded anew, wrapped, or cut while it was copied',
  fix: 'Sign the very text that is sent, header and payload joined by a dot, and post it without line breaks',
  signs: [onlyFor('signature-mismatch')],
};

export const authorityFirst: Cause = {
  id: 'ca-certificate-first',
  usual: 'unlikely',
  why: "x5c has a CA's certificate first, so that the signature is checked with the CA's key",
  fix: "Put the client's own certificate first in x5c, and the CAs after it",
  signs: [
    onlyFor('signature-mismatch'),
    rulesOut(
      'The header carries no chain',
      (evidence) => evidence.assertion !== undefined && chainOf(evidence) === undefined,
    ),
    raises('The header carries several certificates', (evidence) => (chainOf(evidence)?.length ?? 0) > 1),
    raises('The certificate at hand is one of a CA', ({ certificate }) => certificate?.isCertificateAuthority === true),
  ],
};

export const strictAlgorithm: Cause = {
  id: 'algorithm-not-for-strict-mode',
  usual: 'unlikely',
  why: 'The local authority runs in strict mode, which does not take RS256 with a SHA-1 thumbprint; Microsoft Entra ID still does',
  fix: 'Sign with PS256 and send x5t#S256, or start the authority without --strict',
  signs: [
    says(strictMode, 'The server says so'),
    rulesOut('The server does not speak of strict mode', ({ message }) => !strictMode.test(message)),
  ],
};

export const unsupportedAlgorithm: Cause = {
  id: 'algorithm-not-supported',
  usual: 'unlikely',
  why: 'The assertion is signed with an algorithm that Microsoft Entra ID does not take: it takes PS256 and RS256, and no EC keys or shared secrets',
  fix: 'Use a certificate with an RSA key, and sign with PS256',
  signs: [
    proves('The server says so', ({ reason }) => reason === 'algorithm'),
    proves(
      'alg is neither PS256 nor RS256',
      (evidence) => algorithmOf(evidence) !== undefined && !['PS256', 'RS256'].includes(algorithmOf(evidence) ?? ''),
    ),
    proves(
      'The certificate at hand has no RSA key',
      ({ certificate }) => certificate !== undefined && !certificate.keyType.startsWith('RSA'),
    ),
    onlyFor('algorithm'),
    rulesOut(
      'alg is one that it takes',
      (evidence) => ['PS256', 'RS256'].includes(algorithmOf(evidence) ?? '') && evidence.reason !== 'algorithm',
    ),
  ],
};
