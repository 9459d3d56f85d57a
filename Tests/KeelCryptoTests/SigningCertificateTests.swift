import KeelBase
import KeelCrypto
import KeelTestSupport
import Testing

struct SigningCertificateTests {
    /// RFC 8705 appendix A, figures 5 and 6; a certificate of version 1.
    private static let standard =
        "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwE"
        + "bXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGG"
        + "WvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUa"
        + "KlLR50Q2DmFfQj1L+SY="

    @Test func `the thumbprint is the standard's`() throws {
        let der = try #require(Base64.decode(Self.standard.utf8))
        let certificate = try #require(SigningCertificate(der: der))
        #expect(certificate.thumbprint == "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0")
        #expect(certificate.notBefore.description == "2018-10-18T12:37:09Z")
        #expect(certificate.notAfter.description == "2022-05-02T12:37:09Z")
    }

    @Test func `what is cut off is no certificate`() throws {
        let der = try #require(Base64.decode(Self.standard.utf8))
        for length in 0..<der.count { #expect(SigningCertificate(der: Array(der.prefix(length))) == nil) }
    }

    /// Whatever a disk or an editor made of the file, it is read or refused.
    @Test func `a file with any one byte changed is read or refused`() {
        let file = Array(
            (StandardKeys.p256 + "-----BEGIN CERTIFICATE-----\n\(Self.standard)\n-----END CERTIFICATE-----\n").utf8)
        for index in file.indices {
            for byte in [0x2D, file[index] ^ 1] {
                var changed = file
                changed[index] = byte
                _ = try? SigningKey(parsing: Secret(copying: changed))
            }
        }
    }
}
