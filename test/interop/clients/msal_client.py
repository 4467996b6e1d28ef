"""MSAL Python, as a daemon uses it."""

import json
import sys
import time

import msal

settings = json.loads(sys.argv[1])
certificate = {"private_key": open(settings["keyFile"]).read(), "thumbprint": settings["sha1"]}
if settings["sendChain"]:
    certificate["public_certificate"] = open(settings["certificateFile"]).read()
application = msal.ConfidentialClientApplication(
    settings["clientId"],
    authority=settings["url"] + "/" + settings["tenant"],
    client_credential=certificate,
    verify=settings["caFile"],
    instance_discovery=False,
)
result = application.acquire_token_for_client([settings["scope"]])
if "access_token" not in result:
    sys.exit(json.dumps(result))
print(json.dumps({"accessToken": result["access_token"], "expiresOn": (time.time() + result["expires_in"]) * 1000}))
