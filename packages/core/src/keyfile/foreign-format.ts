import { CertgrantError } from '../errors.ts';

interface Foreign {
  readonly what: string;
  readonly fix: string;
}

const keystoreFix =
  'Convert it with: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12';

/** Binary files that people take for key files, by their first octets. */
const signatures: readonly (readonly [start: readonly number[], foreign: Foreign])[] = [
  [[0xfe, 0xed, 0xfe, 0xed], { what: 'a Java keystore of the old kind (JKS)', fix: keystoreFix }],
  [[0xce, 0xce, 0xce, 0xce], { what: 'a Java keystore of the kind JCEKS', fix: keystoreFix }],
  [
    [0x1e, 0xf1, 0xb5, 0xb0],
    {
      what: 'a Microsoft private key file (PVK)',
      fix: 'Convert it with: openssl rsa -inform PVK -in FILE -out NEW.pem',
    },
  ],
  [[0x50, 0x4b, 0x03, 0x04], { what: 'a ZIP archive', fix: 'Unpack it and give the key file inside' }],
  [[0x1f, 0x8b], { what: 'a gzip file', fix: 'Unpack it and give the key file inside' }],
  [[0x25, 0x50, 0x44, 0x46], { what: 'a PDF document', fix: 'Give the PFX or PEM file itself' }],
  [
    [...'SQLite format 3'].map((letter) => letter.charCodeAt(0)),
    {
      what: 'an SQLite database, such as those of Firefox and NSS',
      fix: 'Export the key from it, for example with: pk12util -d DIRECTORY -n NAME -o NEW.p12',
    },
  ],
];

/** Text files that people take for key files, by how they begin. */
const beginnings: readonly (readonly [start: RegExp, foreign: Foreign])[] = [
  [
    /^\s*<(!doctype|html|head|body)/i,
    { what: 'a web page, perhaps that of a login in front of the download', fix: 'Download the file itself again' },
  ],
  [/^\s*</, { what: 'an XML document', fix: 'Export the key as PFX or PEM' }],
  [
    /^PuTTY-User-Key-File/,
    { what: 'a PuTTY key', fix: 'Convert it with: puttygen FILE -O private-openssh-pem, then add its certificate' },
  ],
  [
    /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|---- BEGIN SSH2) /,
    { what: 'an SSH public key', fix: 'Give the private key and its X.509 certificate as PFX or PEM' },
  ],
];

/**
 * PEM blocks that are keys of another world, by their label, or by its end after a `*` or its beginning before one. Not
 * regular expressions: to compile them would cost a short command half a millisecond.
 */
const labels: readonly (readonly [label: string, foreign: Foreign])[] = [
  [
    'OPENSSH PRIVATE KEY',
    {
      what: 'an OpenSSH private key',
      fix: 'Convert a copy of it with: ssh-keygen -p -m PKCS8 -f COPY, then give its certificate too',
    },
  ],
  ['PGP *', { what: 'an OpenPGP key', fix: 'Use an X.509 certificate with its private key' }],
  ['DSA PRIVATE KEY', { what: 'a DSA private key', fix: 'Use a certificate with an RSA key of 2048 bits or more' }],
  ['*PUBLIC KEY', { what: 'a public key', fix: 'Give the file with the private key and its certificate' }],
  [
    '*CERTIFICATE REQUEST',
    { what: 'a certificate signing request', fix: 'Give the certificate that was issued for it, with the private key' },
  ],
  ['*CRL', { what: 'a certificate revocation list', fix: 'Give the private key with its certificate' }],
  ['*PARAMETERS', { what: 'parameters', fix: 'Give the private key with its certificate' }],
];

/** Recognises a binary file of another kind by its first octets. */
export function foreignBinary(bytes: Uint8Array): Foreign | undefined {
  return signatures.find(([start]) => start.every((octet, index) => bytes[index] === octet))?.[1];
}

/** Recognises a text of another kind by how it begins. */
export function foreignText(text: string): Foreign | undefined {
  return beginnings.find(([start]) => start.test(text))?.[1];
}

/** Recognises a PEM block that is no use by its label. */
export function foreignLabel(label: string): Foreign | undefined {
  const isMeant = (pattern: string): boolean => {
    if (pattern.startsWith('*')) return label.endsWith(pattern.slice(1));
    return pattern.endsWith('*') ? label.startsWith(pattern.slice(0, -1)) : label === pattern;
  };
  return labels.find(([pattern]) => isMeant(pattern))?.[1];
}

/** The whole file is something else. */
export function foreignFormat({ what, fix }: Foreign): CertgrantError {
  return new CertgrantError('FORMAT_UNSUPPORTED', `read key file: it is ${what}, not a key file that certgrant reads`, {
    fix,
  });
}
