#Requires -Version 5.1
<#
.SYNOPSIS
Gets an access token with the client credentials grant, proving who asks with a certificate, and writes it to the output.

.DESCRIPTION
Signs a client assertion with the private key (RFC 7523) and posts it to the token endpoint. .NET does all of it: nothing
has to be installed, in Windows PowerShell 5.1 (.NET Framework 4.7.2 or later) as in PowerShell 7. The password of the
private key is taken from AZURE_CLIENT_CERTIFICATE_PASSWORD, or asked for. Ends with 1 when there is no token.

.EXAMPLE
$token = .\Get-Token.ps1
Invoke-RestMethod https://graph.microsoft.com/v1.0/users -Headers @{ Authorization = "Bearer $token" }
#>
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2.0

$tokenEndpoint = 'https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token'
$clientId = '6731de76-14a6-49ae-97bc-6eba6914391e'
$scope = 'https://graph.microsoft.com/.default'
# PEM files; both may be the same one. In the certificate's file, the certificate of the key comes first.
# Windows PowerShell 5.1 opens private keys without a password alone (PKCS#8); from a PFX file it opens all.
$certificateFile = '/folder/daemon.pem'
$keyFile = '/folder/daemon.pem'

# .NET knows paths from the folder of the process, which cd does not change.
function Resolve-File([string]$Path) {
    $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

# The bytes of the first PEM block of this kind; nothing when there is none.
function Get-PemBlock([string]$Pem, [string]$Label) {
    $found = [regex]::Match($Pem, "-----BEGIN $Label-----([^-]+)-----END $Label-----")
    if ($found.Success) { , [Convert]::FromBase64String($found.Groups[1].Value) }
}

function Read-Certificate {
    $der = Get-PemBlock ([IO.File]::ReadAllText((Resolve-File $certificateFile))) 'CERTIFICATE'
    if ($null -eq $der) { throw 'the certificate: there is none in its file (PEM)' }
    New-Object System.Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList (, [byte[]]$der)
}

function Read-PrivateKey($Certificate) {
    $pem = [IO.File]::ReadAllText((Resolve-File $keyFile))
    $encrypted = $pem -match 'ENCRYPTED'
    if ($PSVersionTable.PSVersion.Major -ge 7) {
        $type = [Security.Cryptography.X509Certificates.X509Certificate2]
        $paths = (Resolve-File $certificateFile), (Resolve-File $keyFile)
        $pair = if ($encrypted) { $type::CreateFromEncryptedPemFile($paths[0], (Read-Password), $paths[1]) }
                else { $type::CreateFromPemFile($paths[0], $paths[1]) }
        return [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($pair)
    }
    $der = Get-PemBlock $pem 'PRIVATE KEY'
    if ($encrypted -or $null -eq $der) {
        throw 'the private key: Windows PowerShell reads PKCS#8 without a password; certgrant cert convert FILE --to pfx makes a PFX file'
    }
    $format = [Security.Cryptography.CngKeyBlobFormat]::Pkcs8PrivateBlob
    $key = [Security.Cryptography.CngKey]::Import([byte[]]$der, $format)
    if ($key.Algorithm -ne [Security.Cryptography.CngAlgorithm]::Rsa) { return }
    New-Object System.Security.Cryptography.RSACng -ArgumentList $key
}

function Read-Password {
    if ($env:AZURE_CLIENT_CERTIFICATE_PASSWORD) { return $env:AZURE_CLIENT_CERTIFICATE_PASSWORD }
    if ([Console]::IsInputRedirected) { throw 'the private key is encrypted: set AZURE_CLIENT_CERTIFICATE_PASSWORD' }
    $typed = Read-Host 'Password of the private key' -AsSecureString
    (New-Object System.Net.NetworkCredential -ArgumentList '', $typed).Password
}

# RFC 7515, section 2: base64 with - and _, without padding.
function ConvertTo-Base64Url([byte[]]$Bytes) {
    [Convert]::ToBase64String($Bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_')
}

function ConvertTo-JwtPart([Collections.IDictionary]$Values) {
    ConvertTo-Base64Url ([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json $Values -Compress)))
}

# A signed JWT that says who asks (RFC 7523, section 3).
function New-ClientAssertion {
    $certificate = Read-Certificate
    $privateKey = Read-PrivateKey $certificate
    if ($null -eq $privateKey) { throw 'the private key: there is none, or it is not RSA, which Entra ID asks for' }
    # x5t: the thumbprint by which the server finds the certificate among those of the application.
    $hash = [Security.Cryptography.SHA1]::Create()
    $header = [ordered]@{ alg = 'RS256'; typ = 'JWT'; 'x5t' = (ConvertTo-Base64Url ($hash.ComputeHash($certificate.RawData))) }
    $now = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
    $claims = [ordered]@{
        aud = $tokenEndpoint
        iss = $clientId
        sub = $clientId
        jti = [guid]::NewGuid().ToString()
        iat = $now
        nbf = $now
        exp = $now + 600
    }
    $signedPart = '{0}.{1}' -f (ConvertTo-JwtPart $header), (ConvertTo-JwtPart $claims)
    $bytes = [Text.Encoding]::ASCII.GetBytes($signedPart)
    $sha256 = [Security.Cryptography.HashAlgorithmName]::SHA256
    $padding = [Security.Cryptography.RSASignaturePadding]::Pkcs1
    $signature = $privateKey.SignData($bytes, $sha256, $padding)
    # The server would only speak of an invalid signature.
    $publicKey = [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPublicKey($certificate)
    if (-not $publicKey.VerifyData($bytes, $signature, $sha256, $padding)) {
        throw 'the private key does not belong to the certificate, or is damaged'
    }
    '{0}.{1}' -f $signedPart, (ConvertTo-Base64Url $signature)
}

try {
    # Windows PowerShell on an older Windows does not offer TLS 1.2 by itself.
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    $form = @{
        grant_type            = 'client_credentials'
        client_id             = $clientId
        scope                 = $scope
        client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
        client_assertion      = (New-ClientAssertion)
    }
    $answer = Invoke-RestMethod -Method Post -Uri $tokenEndpoint -Body $form -TimeoutSec 60
    $answer.access_token
} catch {
    # ErrorDetails: the body of an answer that refuses. certgrant explain says what an AADSTS code means.
    $reason = if ($_.ErrorDetails) { $_.ErrorDetails.Message } else { $_.Exception.Message }
    [Console]::Error.WriteLine("error: $reason")
    exit 1
}
