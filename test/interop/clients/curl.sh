#!/bin/sh
# curl, with a client assertion that openssl signs: nothing else is needed.
# usage: curl.sh URL TENANT CLIENT_ID SCOPE KEY_FILE CERTIFICATE_FILE CA_FILE PS256|RS256
set -eu
url=$1 tenant=$2 client=$3 scope=$4 key=$5 certificate=$6 ca=$7 alg=$8
endpoint=$url/$tenant/oauth2/v2.0/token

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

case $alg in
PS256)
  hint='x5t#S256'
  print=$(openssl x509 -in "$certificate" -outform DER | openssl dgst -sha256 -binary | base64url)
  sign='-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest'
  ;;
RS256)
  hint=x5t
  print=$(openssl x509 -in "$certificate" -outform DER | openssl dgst -sha1 -binary | base64url)
  sign=
  ;;
esac
now=$(date +%s)
header=$(printf '{"alg":"%s","typ":"JWT","%s":"%s"}' "$alg" "$hint" "$print" | base64url)
claims=$(printf '{"aud":"%s","iss":"%s","sub":"%s","jti":"%s","nbf":%d,"exp":%d}' \
  "$endpoint" "$client" "$client" "$(openssl rand -hex 16)" "$now" "$((now + 300))" | base64url)
# shellcheck disable=SC2086
signature=$(printf '%s.%s' "$header" "$claims" | openssl dgst -sha256 -sign "$key" $sign -binary | base64url)

curl --silent --show-error --cacert "$ca" "$endpoint" \
  --data-urlencode grant_type=client_credentials \
  --data-urlencode "client_id=$client" \
  --data-urlencode "scope=$scope" \
  --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
  --data-urlencode "client_assertion=$header.$claims.$signature"
