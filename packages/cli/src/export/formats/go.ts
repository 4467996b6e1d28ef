import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { pemFiles } from '../key-files.ts';
import { isMicrosoftCloud } from '../microsoft-cloud.ts';
import { goString } from '../quoting/double-quoted.ts';

/** A program in Go with MSAL. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [{ path: 'main.go', contents: program(settings), mode: 0o644 }];
}

function program(settings: ExportSettings): string {
  const { certificateFile, keyFile } = pemFiles(settings);
  return String.raw`// Gets an access token with MSAL for Go, proving who asks with a certificate, and prints it.
//
//	go mod init token
//	go get github.com/AzureAD/microsoft-authentication-library-for-go
//	go run main.go
//
// MSAL signs a client assertion with the private key (RFC 7523), which has to be without a password: MSAL for Go opens
// none that is encrypted. A server with a CA of its own: set SSL_CERT_FILE to the CA's file (not on Windows and macOS).
// Ends with 1 when there is no token; standard error then says why.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
)

const (
	authority = ${goString(`${settings.authority}/${settings.tenant}`)}
	clientID  = ${goString(settings.clientId)}
	scope     = ${goString(settings.scope)}
	// PEM files; both may be the same one.
	certificateFile = ${goString(certificateFile)}
	keyFile         = ${goString(keyFile)}
	// Whether MSAL asks Microsoft about the authority before it trusts it, which knows its own clouds alone.
	instanceDiscovery = ${isMicrosoftCloud(settings)}
)

func main() {
	token, err := accessToken(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	fmt.Println(token)
}

func accessToken(ctx context.Context) (string, error) {
	pem, err := readFiles()
	if err != nil {
		return "", err
	}
	// The certificates and the key out of the PEM blocks.
	certificates, key, err := confidential.CertFromPEM(pem, "")
	if err != nil {
		return "", fmt.Errorf("the certificate or the private key: %w", err)
	}
	// Refuses a key that is not RSA, or that belongs to none of the certificates.
	credential, err := confidential.NewCredFromCert(certificates, key)
	if err != nil {
		return "", fmt.Errorf("the certificate or the private key: %w", err)
	}
	client, err := confidential.New(authority, clientID, credential, confidential.WithInstanceDiscovery(instanceDiscovery))
	if err != nil {
		return "", fmt.Errorf("the client: %w", err)
	}
	result, err := client.AcquireTokenByCredential(ctx, []string{scope})
	if err != nil {
		return "", fmt.Errorf("the token request: %w", err)
	}
	return result.AccessToken, nil
}

// readFiles returns the certificate and the key, one after the other.
func readFiles() ([]byte, error) {
	certificate, err := os.ReadFile(certificateFile)
	if err != nil {
		return nil, err
	}
	if keyFile == certificateFile {
		return certificate, nil
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{certificate, key}, []byte("\n")), nil
}
`;
}
