import type { ExportedFile, ExportFormat, ExportSettings } from '../format.ts';
import { pemFiles } from '../key-files.ts';
import { isMicrosoftCloud } from '../microsoft-cloud.ts';
import { csharpString } from '../quoting/double-quoted.ts';

/** A program in C# with MSAL. */
export const format: ExportFormat = { render };

function render(settings: ExportSettings): readonly ExportedFile[] {
  return [{ path: 'Program.cs', contents: program(settings), mode: 0o644 }];
}

function program(settings: ExportSettings): string {
  const { certificateFile, keyFile } = pemFiles(settings);
  return `// Gets an access token with MSAL.NET, proving who asks with a certificate, and prints it.
//
//     dotnet new console --output token, and put this file in place of its Program.cs
//     dotnet add token package Microsoft.Identity.Client
//     dotnet run --project token
//
// For .NET 6 or later. MSAL signs a client assertion with the private key (RFC 7523). The password of an encrypted
// private key is taken from AZURE_CLIENT_CERTIFICATE_PASSWORD, or asked for. A server with a CA of its own: have the
// machine trust it; on Linux SSL_CERT_FILE can name the CA's file. Ends with 1 when there is no token; standard error
// then says why.
#nullable enable
using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Tasks;
using Microsoft.Identity.Client;

internal static class Program
{
    private const string Authority = ${csharpString(`${settings.authority}/${settings.tenant}`)};
    private const string ClientId = ${csharpString(settings.clientId)};
    private const string Scope = ${csharpString(settings.scope)};

    // PEM files; both may be the same one. In the certificate's file, the certificate of the key comes first.
    private const string CertificateFile = ${csharpString(certificateFile)};
    private const string KeyFile = ${csharpString(keyFile)};

    // Whether MSAL asks Microsoft about the authority before it trusts it, which knows its own clouds alone.
    private const bool InstanceDiscovery = ${isMicrosoftCloud(settings)};

    private static async Task<int> Main()
    {
        try
        {
            using X509Certificate2 certificate = ReadCertificate();
            IConfidentialClientApplication application = ConfidentialClientApplicationBuilder
                .Create(ClientId)
                .WithAuthority(Authority, validateAuthority: InstanceDiscovery)
                .WithInstanceDiscovery(InstanceDiscovery)
                .WithCertificate(certificate)
                .Build();
            AuthenticationResult result = await application.AcquireTokenForClient(new[] { Scope }).ExecuteAsync();
            Console.WriteLine(result.AccessToken);
            return 0;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine("error: " + error.Message);
            return 1;
        }
    }

    // The certificate with its private key. .NET refuses a key that does not belong to the certificate.
    private static X509Certificate2 ReadCertificate()
    {
        string keyPem = File.ReadAllText(KeyFile);
        X509Certificate2 certificate = keyPem.Contains("ENCRYPTED")
            ? X509Certificate2.CreateFromEncryptedPemFile(CertificateFile, Password(), KeyFile)
            : X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile);
        using RSA? key = certificate.GetRSAPrivateKey();
        if (key is null)
        {
            certificate.Dispose();
            throw new CryptographicException("the private key: Entra ID takes RSA keys alone");
        }
        return certificate;
    }

    private static string Password()
    {
        string? given = Environment.GetEnvironmentVariable("AZURE_CLIENT_CERTIFICATE_PASSWORD");
        if (!string.IsNullOrEmpty(given))
        {
            return given;
        }
        if (Console.IsInputRedirected)
        {
            throw new CryptographicException("the private key is encrypted: set AZURE_CLIENT_CERTIFICATE_PASSWORD");
        }
        Console.Error.Write("Password of the private key: ");
        StringBuilder password = new();
        for (ConsoleKeyInfo pressed = Console.ReadKey(true); pressed.Key != ConsoleKey.Enter; pressed = Console.ReadKey(true))
        {
            if (pressed.Key != ConsoleKey.Backspace)
            {
                password.Append(pressed.KeyChar);
            }
            else if (password.Length > 0)
            {
                password.Length--;
            }
        }
        Console.Error.WriteLine();
        return password.ToString();
    }
}
`;
}
