/** The keys and certificates that go into the files: name.key (PKCS#8), name.crt, both PEM. */
const algorithms = {
  rsa1024: ['RSA', 'rsa_keygen_bits:1024'],
  rsa2048: ['RSA', 'rsa_keygen_bits:2048'],
  rsa3072: ['RSA', 'rsa_keygen_bits:3072'],
  rsa4096: ['RSA', 'rsa_keygen_bits:4096'],
  rsa8192: ['RSA', 'rsa_keygen_bits:8192'],
  pss2048: ['RSA-PSS', 'rsa_keygen_bits:2048'],
  p256: ['EC', 'ec_paramgen_curve:P-256'],
  p384: ['EC', 'ec_paramgen_curve:P-384'],
  p521: ['EC', 'ec_paramgen_curve:P-521'],
  k256: ['EC', 'ec_paramgen_curve:secp256k1'],
  bp256: ['EC', 'ec_paramgen_curve:brainpoolP256r1'],
  ed25519: ['ED25519'],
  ed448: ['ED448'],
};

export function makeMaterial(place) {
  const material = {};
  const remember = (name) => {
    const [key, certificate] = [place.text(`${name}.key`), place.text(`${name}.crt`)];
    material[name] = { key: place.keyPrint(key), certificate: place.certificatePrint(certificate) };
  };
  for (const [name, [algorithm, option]] of Object.entries(algorithms)) {
    makeKey(place, name, algorithm, option);
    place.openssl(
      'req',
      '-x509',
      '-key',
      `${name}.key`,
      '-out',
      `${name}.crt`,
      '-subj',
      `/CN=${name}`,
      '-days',
      '3650',
    );
    remember(name);
  }
  for (const [name, issuer] of [['root'], ['issuing', 'root'], ['daemon', 'issuing'], ['daemonrsa', 'issuing']]) {
    makeKey(place, name, ...(algorithms[name === 'daemonrsa' ? 'rsa2048' : 'p256'] ?? []));
    issue(place, name, issuer);
    remember(name);
  }
  return material;
}

function makeKey(place, name, algorithm, option) {
  place.openssl('genpkey', '-algorithm', algorithm, ...(option ? ['-pkeyopt', option] : []), '-out', `${name}.key`);
}

function issue(place, name, issuer) {
  const subject = ['-key', `${name}.key`, '-subj', `/O=Example/CN=${name}`];
  const authority = name === 'root' || name === 'issuing';
  place.write(
    'extensions',
    `basicConstraints=critical,CA:${authority ? 'TRUE' : 'FALSE'}\nsubjectKeyIdentifier=hash\n`,
  );
  const options = ['-days', '3650', '-extfile', 'extensions', '-out', `${name}.crt`];
  place.openssl('req', '-new', ...subject, '-out', `${name}.csr`);
  const signer = issuer
    ? ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-CAcreateserial']
    : ['-key', `${name}.key`];
  place.openssl('x509', '-req', '-in', `${name}.csr`, ...signer, ...options);
}
