"""azure-identity for Python with a certificate file."""

import json
import sys

from azure.identity import CertificateCredential

settings = json.loads(sys.argv[1])
credential = CertificateCredential(
    settings["tenant"],
    settings["clientId"],
    settings["pemFile"],
    authority=settings["url"],
    instance_discovery=False,
    disable_instance_discovery=True,
    send_certificate_chain=settings["sendChain"],
    connection_verify=settings["caFile"],
)
token = credential.get_token(settings["scope"])
print(json.dumps({"accessToken": token.token, "expiresOn": token.expires_on * 1000}))
