import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { pemFiles } from '../key-files.ts';
import { isMicrosoftCloud } from '../microsoft-cloud.ts';
import { javaString } from '../quoting/double-quoted.ts';

/** A program in Java with MSAL. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [{ path: 'Token.java', contents: program(settings), mode: 0o644 }];
}

function program(settings: ExportSettings): string {
  const { certificateFile, keyFile } = pemFiles(settings);
  return `// Gets an access token with MSAL for Java, proving who asks with a certificate, and prints it.
//
//     java -cp 'lib/*' Token.java
//
// For Java 17 or later, with com.microsoft.azure:msal4j and what it depends on in lib/ (mvn dependency:copy-dependencies
// puts them there). MSAL signs a client assertion with the private key (RFC 7523). The password of an encrypted private
// key (PKCS#8) is taken from AZURE_CLIENT_CERTIFICATE_PASSWORD, or asked for. A server with a CA of its own: put the CA
// into a key store with keytool and name it with -Djavax.net.ssl.trustStore. Ends with 1 when there is no token;
// standard error then says why.
import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IClientCertificate;
import java.io.ByteArrayInputStream;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

public final class Token {
    private static final String AUTHORITY = ${javaString(`${settings.authority}/${settings.tenant}`)};
    private static final String CLIENT_ID = ${javaString(settings.clientId)};
    private static final String SCOPE = ${javaString(settings.scope)};
    // PEM files; both may be the same one. In the certificate's file, the certificate of the key comes first.
    private static final String CERTIFICATE_FILE = ${javaString(certificateFile)};
    private static final String KEY_FILE = ${javaString(keyFile)};
    // Whether MSAL asks Microsoft about the authority before it trusts it, which knows its own clouds alone.
    private static final boolean INSTANCE_DISCOVERY = ${isMicrosoftCloud(settings)};

    private Token() {}

    public static void main(String[] arguments) {
        try {
            System.out.println(accessToken());
        } catch (Exception error) {
            System.err.println("error: " + error.getMessage());
            System.exit(1);
        }
    }

    private static String accessToken() throws Exception {
        IClientCertificate credential = credential();
        ConfidentialClientApplication application = ConfidentialClientApplication.builder(CLIENT_ID, credential)
                .authority(AUTHORITY)
                .validateAuthority(INSTANCE_DISCOVERY)
                .instanceDiscovery(INSTANCE_DISCOVERY)
                .build();
        return application.acquireToken(ClientCredentialParameters.builder(Set.of(SCOPE)).build()).get().accessToken();
    }

    /** What MSAL signs with, checked: the server would only speak of an invalid signature. */
    private static IClientCertificate credential() throws IOException, GeneralSecurityException {
        byte[] der = block("CERTIFICATE", Files.readString(Path.of(CERTIFICATE_FILE), StandardCharsets.UTF_8));
        if (der == null) throw new InvalidKeyException("the certificate: there is none in its file (PEM)");
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        PrivateKey key = privateKey(Files.readString(Path.of(KEY_FILE), StandardCharsets.UTF_8));
        if (!(certificate.getPublicKey() instanceof RSAPublicKey publicKey)
                || !((RSAPrivateKey) key).getModulus().equals(publicKey.getModulus())) {
            throw new InvalidKeyException("the private key does not belong to the certificate");
        }
        return ClientCredentialFactory.createFromCertificate(key, certificate);
    }

    private static PrivateKey privateKey(String pem) throws GeneralSecurityException, IOException {
        KeyFactory rsa = KeyFactory.getInstance("RSA");
        byte[] plain = block("PRIVATE KEY", pem);
        if (plain != null) return rsa.generatePrivate(new PKCS8EncodedKeySpec(plain));
        byte[] encrypted = block("ENCRYPTED PRIVATE KEY", pem);
        if (encrypted == null) {
            throw new InvalidKeyException("the private key: there is none in its file (PEM, PKCS#8); "
                    + "certgrant cert convert FILE --to pem writes one");
        }
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
        // The name of the key derivation and cipher together, which getAlgName() does not give for PBES2.
        String algorithm = info.getAlgParameters().toString();
        Cipher cipher = Cipher.getInstance(algorithm);
        PBEKeySpec password = new PBEKeySpec(password());
        cipher.init(
                Cipher.DECRYPT_MODE,
                SecretKeyFactory.getInstance(algorithm).generateSecret(password),
                info.getAlgParameters());
        password.clearPassword();
        return rsa.generatePrivate(info.getKeySpec(cipher));
    }

    /** The bytes of the first block of this kind, or null. */
    private static byte[] block(String label, String pem) {
        Matcher matcher = Pattern.compile("-----BEGIN " + label + "-----([^-]+)-----END " + label + "-----").matcher(pem);
        return matcher.find() ? Base64.getMimeDecoder().decode(matcher.group(1)) : null;
    }

    private static char[] password() throws InvalidKeyException {
        String given = System.getenv("AZURE_CLIENT_CERTIFICATE_PASSWORD");
        if (given != null && !given.isEmpty()) return given.toCharArray();
        Console console = System.console();
        char[] typed = console == null ? null : console.readPassword("Password of the private key: ");
        if (typed == null) {
            throw new InvalidKeyException("the private key is encrypted: set AZURE_CLIENT_CERTIFICATE_PASSWORD");
        }
        return typed;
    }
}
`;
}
