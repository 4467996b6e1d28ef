import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { pemFiles } from '../key-files.ts';
import { shellWord } from '../quoting/shell.ts';

/** A POSIX shell script: openssl signs, curl asks. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [{ path: 'token.sh', contents: script(settings), mode: 0o755 }];
}

function script(settings: ExportSettings): string {
  const { certificateFile, keyFile } = pemFiles(settings);
  const ps256 = settings.alg === 'PS256';
  const [thumbprintHeader, thumbprintHash] = ps256 ? ['x5t#S256', 'sha256'] : ['x5t', 'sha1'];
  const padding = ps256 ? ' -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest' : '';
  return String.raw`#!/bin/sh
# Gets an access token with the client credentials grant and prints it.
# A certificate proves who asks: openssl signs a client assertion with its private key (RFC 7523), curl sends it.
#
#   sh token.sh
#   curl -H "Authorization: Bearer $(sh token.sh)" https://graph.microsoft.com/v1.0/users
#
# Needs curl and openssl (1.1.1 or later), and any POSIX shell. The password of an encrypted private key is taken from
# AZURE_CLIENT_CERTIFICATE_PASSWORD, or asked for. A server with a CA of its own: set CURL_CA_BUNDLE to the CA's file.
# Ends with 1 when there is no token; standard error then says why.

token_endpoint=${shellWord(settings.tokenEndpoint)}
client_id=${shellWord(settings.clientId)}
scope=${shellWord(settings.scope)}
# PEM files; both may be the same one. In the certificate's file, the certificate of the key comes first.
certificate_file=${shellWord(certificateFile)}
key_file=${shellWord(keyFile)}

fail() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

# RFC 7515 §2: base64 with - and _, without padding.
base64url() {
  openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# The inside of a JSON string.
json() {
  printf '%s' "$1" | sed 's/[\\"]/\\&/g'
}

for tool in curl openssl; do
  command -v "$tool" >/dev/null || fail "$tool is not installed"
done
[ -r "$certificate_file" ] || fail 'the certificate: its file cannot be read'
[ -r "$key_file" ] || fail 'the private key: its file cannot be read'

# openssl takes the password from the environment: as an argument, every user of this machine could see it.
if [ -z "$AZURE_CLIENT_CERTIFICATE_PASSWORD" ]; then
  AZURE_CLIENT_CERTIFICATE_PASSWORD=
  if grep -q ENCRYPTED <"$key_file"; then
    [ -t 0 ] || fail 'the private key is encrypted: set AZURE_CLIENT_CERTIFICATE_PASSWORD'
    printf 'Password of the private key: ' >&2
    trap 'stty echo; exit 1' INT TERM
    stty -echo
    IFS= read -r AZURE_CLIENT_CERTIFICATE_PASSWORD
    stty echo
    trap - INT TERM
    printf '\n' >&2
  fi
fi
export AZURE_CLIENT_CERTIFICATE_PASSWORD
password=env:AZURE_CLIENT_CERTIFICATE_PASSWORD

# Everything that the server would only call an invalid signature is found here, before anything is sent.
certificate_public_key=$(openssl x509 -pubkey -noout <"$certificate_file" 2>/dev/null) ||
  fail 'the certificate: there is none in its file (PEM)'
public_key=$(openssl pkey -pubout -passin "$password" <"$key_file" 2>/dev/null) ||
  fail 'the private key: it cannot be read (PEM), or the password is wrong'
printf '%s\n' "$public_key" | openssl rsa -pubin -noout 2>/dev/null ||
  fail 'the private key: Entra ID takes RSA keys alone'
[ "$public_key" = "$certificate_public_key" ] ||
  fail 'the private key does not belong to the certificate'
openssl pkey -check -noout -passin "$password" <"$key_file" >/dev/null 2>&1 ||
  fail 'the private key is damaged'

# ${thumbprintHeader}: the thumbprint by which the server finds the certificate among those of the application.
thumbprint=$(openssl x509 -outform DER <"$certificate_file" | openssl dgst -${thumbprintHash} -binary | base64url)
now=$(date +%s)
header=$(printf '{"alg":"${settings.alg}","typ":"JWT","${thumbprintHeader}":"%s"}' "$thumbprint" | base64url)
claims=$(printf '{"aud":"%s","iss":"%s","sub":"%s","jti":"%s","iat":%d,"nbf":%d,"exp":%d}' \
  "$(json "$token_endpoint")" "$(json "$client_id")" "$(json "$client_id")" \
  "$(openssl rand -hex 16)" "$now" "$now" "$((now + ${settings.lifetime}))" | base64url)
signature=$(printf '%s.%s' "$header" "$claims" |
  openssl dgst -sha256 -sign "$key_file" -passin "$password"${padding} -binary | base64url)
[ -n "$signature" ] || fail 'the client assertion: openssl did not sign it'

# The assertion is as good as a password for ${settings.lifetime / 60} minutes, so curl reads it from standard input. On the last line: the status.
answer=$(printf '%s.%s.%s' "$header" "$claims" "$signature" |
  curl --silent --show-error --max-time 60 --write-out '\n%{http_code}' \
    --data-urlencode grant_type=client_credentials \
    --data-urlencode "client_id=$client_id" \
    --data-urlencode "scope=$scope" \
    --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
    --data-urlencode client_assertion@- \
    "$token_endpoint") || fail 'the token request: the server did not answer'
status=$(printf '%s\n' "$answer" | tail -n 1)
body=$(printf '%s\n' "$answer" | sed '$d')
if [ "$status" != 200 ]; then
  printf '%s\n' "$body" >&2
  fail "the token request: the server answered with status $status (certgrant explain says what an AADSTS code means)"
fi
token=$(printf '%s' "$body" | tr -d '\n' | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
[ -n "$token" ] || fail 'the token request: there is no access token in the answer'
printf '%s\n' "$token"
`;
}
