import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { pemFiles } from '../key-files.ts';
import { cString } from '../quoting/c.ts';

/** A program in C: OpenSSL 3 signs, libcurl asks. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [
    { path: 'token.c', contents: `${head(settings)}${texts}${reading}${signing(settings)}${asking}`, mode: 0o644 },
  ];
}

function head(settings: ExportSettings): string {
  const { certificateFile, keyFile } = pemFiles(settings);
  return `/*
 * Gets an access token with the client credentials grant and prints it.
 * A certificate proves who asks: OpenSSL signs a client assertion with its private key (RFC 7523), libcurl sends it.
 *
 *     cc -std=c11 -Wall -Wextra -O2 -o token token.c -lcurl -lcrypto
 *     ./token
 *
 * Needs libcurl and OpenSSL 3 (Debian: libcurl4-openssl-dev, libssl-dev) and a POSIX system. The password of an
 * encrypted private key is taken from AZURE_CLIENT_CERTIFICATE_PASSWORD, or asked for on a terminal. A server with a CA
 * of its own: set CURL_CA_BUNDLE to the CA's file. Ends with 1 when there is no token; standard error then says why.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

static const char token_endpoint[] = ${cString(settings.tokenEndpoint)};
static const char client_id[] = ${cString(settings.clientId)};
static const char scope[] = ${cString(settings.scope)};
/* PEM files; both may be the same one. In the certificate's file, the certificate of the key comes first. */
static const char certificate_file[] = ${cString(certificateFile)};
static const char key_file[] = ${cString(keyFile)};

enum { assertion_lifetime = ${settings.lifetime}, request_timeout = 60, largest_answer = 1 << 20 }; /* seconds, bytes */
`;
}

const texts = String.raw`
/* ---- Texts. What a function returns as char * belongs to the caller; NULL says that it failed. ---- */

/* printf into a new string. */
static char *format(const char *pattern, ...) {
    va_list arguments;
    va_start(arguments, pattern);
    int length = vsnprintf(NULL, 0, pattern, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text == NULL) return NULL;
    va_start(arguments, pattern);
    vsnprintf(text, (size_t)length + 1, pattern, arguments);
    va_end(arguments);
    return text;
}

/* The inside of a JSON string (RFC 8259, section 7). */
static char *json_escaped(const char *text) {
    char *escaped = malloc(6 * strlen(text) + 1);
    if (escaped == NULL) return NULL;
    char *end = escaped;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\') end += sprintf(end, "\\%c", c);
        else if (c < 0x20) end += sprintf(end, "\\u%04x", c);
        else *end++ = (char)c;
    }
    *end = '\0';
    return escaped;
}

/* RFC 7515, section 2: base64 with - and _, without padding. */
static char *base64url(const unsigned char *bytes, size_t length) {
    char *text = malloc(4 * ((length + 2) / 3) + 1);
    if (text == NULL) return NULL;
    int end = EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    while (end > 0 && text[end - 1] == '=') end--;
    text[end] = '\0';
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '+') *c = '-';
        if (*c == '/') *c = '_';
    }
    return text;
}

static char *base64url_of_text(const char *text) {
    return text == NULL ? NULL : base64url((const unsigned char *)text, strlen(text));
}
`;

const reading = String.raw`
/* ---- The certificate and its private key. ---- */

/* Called by OpenSSL for the password of an encrypted key; -1 says that there is none. */
static int password_for_key(char *password, int size, int writing, void *data) {
    (void)writing;
    (void)data;
    const char *given = getenv("AZURE_CLIENT_CERTIFICATE_PASSWORD");
    if (given != NULL && *given != '\0') {
        size_t length = strlen(given);
        if (length > (size_t)size) return -1;
        memcpy(password, given, length);
        return (int)length;
    }
    if (!isatty(STDIN_FILENO)) {
        fputs("hint: the private key is encrypted: set AZURE_CLIENT_CERTIFICATE_PASSWORD\n", stderr);
        return -1;
    }
    if (EVP_read_pw_string(password, size, "Password of the private key: ", 0) != 0) return -1;
    return (int)strlen(password);
}

static X509 *read_certificate(void) {
    FILE *file = fopen(certificate_file, "r");
    if (file == NULL) return NULL;
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    return certificate;
}

static EVP_PKEY *read_key(void) {
    FILE *file = fopen(key_file, "r");
    if (file == NULL) return NULL;
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, password_for_key, NULL);
    fclose(file);
    return key;
}

/* Whether the numbers of the key fit together: a damaged key makes signatures that nobody can verify. */
static int is_sound(EVP_PKEY *key) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    int sound = context != NULL && EVP_PKEY_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return sound;
}

/* NULL when the key can sign an assertion that Entra ID takes; otherwise what is wrong. */
static const char *fault_of(const X509 *certificate, EVP_PKEY *key) {
    if (certificate == NULL) return "the certificate: its file cannot be read, or there is none in it (PEM)";
    if (key == NULL) return "the private key: it cannot be read (PEM), or the password is wrong";
    if (!EVP_PKEY_is_a(key, "RSA")) return "the private key: Entra ID takes RSA keys alone";
    if (X509_check_private_key(certificate, key) != 1) return "the private key does not belong to the certificate";
    if (!is_sound(key)) return "the private key is damaged";
    return NULL;
}
`;

function signing({ alg }: ExportSettings): string {
  const ps256 = alg === 'PS256';
  const padding = ps256
    ? ` &&
             EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1`
    : ` &&
             EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PADDING) == 1`;
  const [name, hash] = ps256 ? ['x5t#S256', 'EVP_sha256()'] : ['x5t', 'EVP_sha1()'];
  return String.raw`
/* ---- The client assertion. ---- */

/* ${alg} of the text (RFC 7518, section 3), as base64url. */
static char *signature_of(const char *text, EVP_PKEY *key) {
    char *encoded = NULL;
    unsigned char *signature = NULL;
    size_t length = 0;
    EVP_PKEY_CTX *settings = NULL; /* belongs to the context */
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int ready = context != NULL && EVP_DigestSignInit(context, &settings, EVP_sha256(), NULL, key) == 1${padding};
    const unsigned char *bytes = (const unsigned char *)text;
    if (ready && EVP_DigestSign(context, NULL, &length, bytes, strlen(text)) == 1) signature = malloc(length);
    if (signature != NULL && EVP_DigestSign(context, signature, &length, bytes, strlen(text)) == 1) {
        encoded = base64url(signature, length);
    }
    free(signature);
    EVP_MD_CTX_free(context);
    return encoded;
}

/* The thumbprint is how the server finds the certificate among those of the application. */
static char *assertion_header(const X509 *certificate) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (X509_digest(certificate, ${hash}, digest, &length) != 1) return NULL;
    char *thumbprint = base64url(digest, length);
    char *header = thumbprint == NULL ? NULL
        : format("{\"alg\":\"${alg}\",\"typ\":\"JWT\",\"${name}\":\"%s\"}", thumbprint);
    free(thumbprint);
    return header;
}

static char *assertion_claims(void) {
    unsigned char random[16];
    if (RAND_bytes(random, sizeof random) != 1) return NULL;
    long long now = (long long)time(NULL);
    char *audience = json_escaped(token_endpoint);
    char *client = json_escaped(client_id);
    char *id = base64url(random, sizeof random);
    char *claims = audience == NULL || client == NULL || id == NULL ? NULL
        : format("{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",\"jti\":\"%s\",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld}",
                 audience, client, client, id, now, now, now + assertion_lifetime);
    free(audience);
    free(client);
    free(id);
    return claims;
}

/* A signed JWT that says who asks (RFC 7523, section 3). */
static char *client_assertion(const X509 *certificate, EVP_PKEY *key) {
    char *header_text = assertion_header(certificate);
    char *claims_text = assertion_claims();
    char *header = base64url_of_text(header_text);
    char *claims = base64url_of_text(claims_text);
    char *signed_part = header == NULL || claims == NULL ? NULL : format("%s.%s", header, claims);
    char *signature = signed_part == NULL ? NULL : signature_of(signed_part, key);
    char *assertion = signature == NULL ? NULL : format("%s.%s", signed_part, signature);
    free(header_text);
    free(claims_text);
    free(header);
    free(claims);
    free(signed_part);
    free(signature);
    return assertion;
}
`;
}

const asking = String.raw`
/* ---- The token request. ---- */

struct answer {
    char *text; /* ends with a NUL; NULL before anything has come */
    size_t length;
};

/* Called by libcurl with each part of the answer; fewer bytes than it gave stop it. */
static size_t keep(char *part, size_t size, size_t count, void *data) {
    struct answer *answer = data;
    size_t length = size * count;
    if (length > largest_answer - answer->length) return 0;
    char *longer = realloc(answer->text, answer->length + length + 1);
    if (longer == NULL) return 0;
    memcpy(longer + answer->length, part, length);
    answer->text = longer;
    answer->length += length;
    longer[answer->length] = '\0';
    return length;
}

/* The body of the request (RFC 7523, section 2.2). */
static char *form(CURL *curl, const char *assertion) {
    char *id = curl_easy_escape(curl, client_id, 0);
    char *wanted = curl_easy_escape(curl, scope, 0);
    char *body = id == NULL || wanted == NULL ? NULL
        : format("grant_type=client_credentials&client_id=%s&scope=%s"
                 "&client_assertion_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Aclient-assertion-type%%3Ajwt-bearer"
                 "&client_assertion=%s", id, wanted, assertion);
    curl_free(id);
    curl_free(wanted);
    return body;
}

/* Posts the form; the status of the answer, or 0 when there is none. */
static long post(CURL *curl, const char *body, struct answer *answer) {
    const char *authorities = getenv("CURL_CA_BUNDLE");
    char reason[CURL_ERROR_SIZE] = "";
    long status = 0;
    int ready = curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_URL, token_endpoint) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)request_timeout) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK &&
                (authorities == NULL || *authorities == '\0' ||
                 curl_easy_setopt(curl, CURLOPT_CAINFO, authorities) == CURLE_OK);
    if (!ready || curl_easy_perform(curl) != CURLE_OK ||
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK) {
        fprintf(stderr, "%s\n", reason);
        return 0;
    }
    return status;
}

/* Prints the value of "access_token": a token is of characters that JSON never escapes (RFC 6750, section 2.1). */
static int print_token(const char *json) {
    const char *name = "\"access_token\"";
    const char *at = strstr(json, name);
    if (at == NULL) return 0;
    at += strlen(name);
    at += strspn(at, " \t\r\n:");
    if (*at != '"') return 0;
    size_t length = strcspn(at + 1, "\"");
    return length > 0 && printf("%.*s\n", (int)length, at + 1) > 0 && fflush(stdout) == 0;
}

/* NULL when the token is printed; otherwise what went wrong. */
static const char *ask(const char *assertion) {
    const char *fault = NULL;
    struct answer answer = {NULL, 0};
    CURL *curl = curl_easy_init();
    char *body = curl == NULL ? NULL : form(curl, assertion);
    if (body == NULL) {
        fault = "the token request: there is not enough memory";
    } else {
        long status = post(curl, body, &answer);
        if (status == 0) {
            fault = "the token request: the server did not answer";
        } else if (status != 200) {
            fprintf(stderr, "%s\n", answer.text == NULL ? "" : answer.text);
            fault = "the token request: the server refused it (certgrant explain says what an AADSTS code means)";
        } else if (answer.text == NULL || !print_token(answer.text)) {
            fault = "the token request: there is no access token in the answer";
        }
    }
    free(body);
    free(answer.text);
    curl_easy_cleanup(curl);
    return fault;
}

int main(void) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fputs("error: libcurl does not start\n", stderr);
        return EXIT_FAILURE;
    }
    X509 *certificate = read_certificate();
    EVP_PKEY *key = certificate == NULL ? NULL : read_key();
    /* Everything that the server would only call an invalid signature is found here, before anything is sent. */
    const char *fault = fault_of(certificate, key);
    char *assertion = fault == NULL ? client_assertion(certificate, key) : NULL;
    if (fault == NULL) {
        fault = assertion == NULL ? "the client assertion: OpenSSL did not sign it" : ask(assertion);
    }
    if (fault != NULL) fprintf(stderr, "error: %s\n", fault);
    if (assertion != NULL) OPENSSL_cleanse(assertion, strlen(assertion));
    free(assertion);
    EVP_PKEY_free(key);
    X509_free(certificate);
    curl_global_cleanup();
    return fault == NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
`;
