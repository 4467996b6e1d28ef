import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { pemFiles } from '../key-files.ts';
import { isMicrosoftCloud } from '../microsoft-cloud.ts';
import { pythonString } from '../quoting/double-quoted.ts';

/** A program in Python with MSAL. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [{ path: 'token_by_certificate.py', contents: program(settings), mode: 0o644 }];
}

function program(settings: ExportSettings): string {
  const { certificateFile, keyFile } = pemFiles(settings);
  return `"""Gets an access token with MSAL for Python, proving who asks with a certificate, and prints it.

    python3 -m pip install msal
    python3 token_by_certificate.py

MSAL signs a client assertion with the private key (RFC 7523). It decides on the algorithm by itself: RS256 for the
thumbprint that every version of it takes. The password of an encrypted private key is taken from
AZURE_CLIENT_CERTIFICATE_PASSWORD, or asked for. A server with a CA of its own: set REQUESTS_CA_BUNDLE to the CA's file.
Ends with 1 when there is no token; standard error then says why.
"""

import getpass
import os
import sys

import msal
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

AUTHORITY = ${pythonString(`${settings.authority}/${settings.tenant}`)}
CLIENT_ID = ${pythonString(settings.clientId)}
SCOPE = ${pythonString(settings.scope)}
# PEM files; both may be the same one. In the certificate's file, the certificate of the key comes first.
CERTIFICATE_FILE = ${pythonString(certificateFile)}
KEY_FILE = ${pythonString(keyFile)}
# Whether MSAL asks Microsoft about the authority before it trusts it, which knows its own clouds alone.
INSTANCE_DISCOVERY = ${isMicrosoftCloud(settings) ? 'True' : 'False'}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def password_for(key_pem):
    if b"ENCRYPTED" not in key_pem:
        return None
    password = os.environ.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
    if not password:
        if not sys.stdin.isatty():
            sys.exit("error: the private key is encrypted: set AZURE_CLIENT_CERTIFICATE_PASSWORD")
        password = getpass.getpass("Password of the private key: ")
    return password


def client_credential():
    """What MSAL signs with, checked: the server would only speak of an invalid signature."""
    try:
        certificate_pem, key_pem = read(CERTIFICATE_FILE), read(KEY_FILE)
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except (OSError, ValueError) as error:
        sys.exit(f"error: the certificate or the private key cannot be read: {error}")
    password = password_for(key_pem)
    try:
        key = serialization.load_pem_private_key(key_pem, password and password.encode())
    except (TypeError, ValueError):
        sys.exit("error: the private key: it cannot be read (PEM), or the password is wrong")
    if not isinstance(key, rsa.RSAPrivateKey):
        sys.exit("error: the private key: Entra ID takes RSA keys alone")
    if key.public_key().public_numbers() != certificate.public_key().public_numbers():
        sys.exit("error: the private key does not belong to the certificate")
    return {
        # The key alone: MSAL does not look for it in a file with a certificate before it.
        "private_key": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        # By which the server finds the certificate among those of the application.
        "thumbprint": certificate.fingerprint(hashes.SHA1()).hex(),
    }


def main():
    try:
        application = msal.ConfidentialClientApplication(
            CLIENT_ID,
            authority=AUTHORITY,
            client_credential=client_credential(),
            instance_discovery=INSTANCE_DISCOVERY,
        )
        result = application.acquire_token_for_client(scopes=[SCOPE])
    except (requests.RequestException, ValueError) as error:
        sys.exit(f"error: the token request: {error}")
    if "access_token" not in result:
        sys.exit(f"error: the token request: {result.get('error')}: {result.get('error_description')}")
    print(result["access_token"])


if __name__ == "__main__":
    main()
`;
}
