// Gets an access token with MSAL for Go, proving who asks with a certificate, and prints it.
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
	authority = "https://login.microsoftonline.com/contoso.com"
	clientID  = "6731de76-14a6-49ae-97bc-6eba6914391e"
	scope     = "https://graph.microsoft.com/.default"
	// PEM files; both may be the same one.
	certificateFile = "/folder/daemon.pem"
	keyFile         = "/folder/daemon.pem"
	// Whether MSAL asks Microsoft about the authority before it trusts it, which knows its own clouds alone.
	instanceDiscovery = true
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
