import KeelBase
import KeelCrypto
import KeelTestSupport
import Testing

struct SigningKeyTests {
    private static let rsa = Secret(copying: StandardKeys.rsa)
    private static let p256 = Secret(copying: StandardKeys.p256)
    private static let message = Array("a.b".utf8)

    /// RFC 7515 appendix A.2: RS256 has one signature for a message.
    @Test func `RS256 signs as the standard does`() throws {
        let payload = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
        let token = try JSONWebToken.signed(
            Array(payload.utf8), header: Array(#"{"alg":"RS256"}"#.utf8), by: SigningKey(parsing: Self.rsa), .rs256)
        #expect(
            token.revealText()
                == "eyJhbGciOiJSUzI1NiJ9"
                + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
                + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9u"
                + "JdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eS"
                + "N9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AX"
                + "LIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")
    }

    @Test(arguments: [
        (SigningAlgorithm.rs256, "rsa.pem", "-verify public.pem -signature signature message"),
        (
            .ps256, "rsa.pem",
            "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -verify public.pem -signature signature message"
        ),
        (.es256, "p256.pem", "-verify public.pem -signature signature message"),
    ])
    func `openssl takes every signature`(algorithm: SigningAlgorithm, file: String, options: String) async throws {
        try await OpenSSL.run { openSSL in
            let key = try SigningKey(parsing: algorithm == .es256 ? Self.p256 : Self.rsa)
            let signature = try key.signature(of: Self.message, algorithm)
            #expect(signature.count == (algorithm == .es256 ? 64 : 256))
            try openSSL.write("signature", algorithm == .es256 ? Self.derSignature(signature) : signature)
            try openSSL.write("message", Self.message)
            try await openSSL("openssl pkey -in \(file) -pubout -out public.pem")
            let verdict = try await openSSL("openssl dgst -sha256 \(options)").revealText()
            #expect(verdict == "Verified OK\n")
        }
    }

    /// SEQUENCE of two INTEGERs; JOSE writes them side by side (RFC 7518 section 3.4).
    private static func derSignature(_ raw: [UInt8]) -> [UInt8] {
        let numbers = [raw[..<32], raw[32...]].flatMap { half -> [UInt8] in
            var number = Array(half.drop { $0 == 0 })
            if number.first.map({ $0 >= 0x80 }) ?? true { number.insert(0, at: 0) }
            return [0x02, UInt8(number.count)] + number
        }
        return [0x30, UInt8(numbers.count)] + numbers
    }

    @Test(arguments: [
        ("openssl rsa -in rsa.pem -traditional", SigningAlgorithm.rs256), ("openssl pkey -in rsa.pem", .rs256),
        ("openssl pkey -in rsa.pem -text", .rs256), ("openssl pkey -in rsa.pem | tr '\\n' ' '", .rs256),
        ("openssl pkey -in rsa.pem | sed 's/$/\\r/'", .rs256), ("openssl pkey -in rsa.pem | tr -d '\\n'", .rs256),
        ("openssl pkey -in rsa.pem | sed 's/PRIVATE/RSA PRIVATE/'", .rs256), ("openssl ec -in p256.pem", .es256),
        ("openssl pkey -in p256.pem", .es256),
        ("openssl ecparam -name prime256v1; cat p256.pem", .es256),
    ])
    func `the same key in every form`(script: String, algorithm: SigningAlgorithm) async throws {
        let key = try SigningKey(parsing: try await OpenSSL.run { try await $0(script) })
        #expect(key.usualAlgorithm == algorithm)
        #expect(key.certificate == nil)
        guard algorithm == .rs256 else { return }
        let signature = try SigningKey(parsing: Self.rsa).signature(of: Self.message, .rs256)
        #expect(try key.signature(of: Self.message, .rs256) == signature)
    }

    @Test(arguments: [
        (
            "openssl pkey -in rsa.pem -aes256 -passout pass:x", SigningKeyFailure.Code.encrypted,
            "encrypted with a passphrase"
        ),
        ("openssl rsa -in rsa.pem -traditional -aes256 -passout pass:x", .encrypted, "encrypted with a passphrase"),
        ("openssl genrsa 1024", .unsupported, "fewer than 2048 bits"),
        ("openssl genrsa 512", .unsupported, "fewer than 2048 bits"),
        ("openssl genpkey -algorithm ED25519", .unsupported, "EdDSA"),
        ("openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", .unsupported, "RSASSA-PSS"),
        ("openssl genpkey -algorithm X25519", .unsupported, "not used here"),
        ("openssl ecparam -genkey -noout -name secp384r1", .unsupported, "another curve"),
        ("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521", .unsupported, "another curve"),
        ("openssl pkey -in rsa.pem -outform DER", .unsupported, "binary"),
        ("openssl pkey -in rsa.pem -pubout", .missing, "only a public key"),
        ("openssl req -x509 -key rsa.pem -subj /CN=x", .missing, "a certificate without its private key"),
        ("echo note", .missing, "no private key"),
        ("cat rsa.pem p256.pem", .ambiguous, "more than one"),
        ("openssl pkey -in rsa.pem | head -5", .malformed, "cannot be read"),
        ("openssl pkey -in rsa.pem | sed 2d", .malformed, "cannot be read"),
        ("openssl pkey -in p256.pem | sed 's/END/EN/'", .malformed, "cannot be read"),
        ("openssl pkey -in rsa.pem | sed 's/$/\\\\n/'", .malformed, "\\n written out"),
        ("openssl req -x509 -key p256.pem -subj /CN=x | sed 3d; cat p256.pem", .certificateMalformed, "certificate"),
        ("openssl req -x509 -key rsa.pem -subj /CN=x; cat p256.pem", .certificateMismatch, "another key"),
    ])
    func `what cannot sign, and why`(script: String, code: SigningKeyFailure.Code, words: String) async throws {
        let pem = try await OpenSSL.run { try await $0(script) }
        let failure = try #require(throws: SigningKeyFailure.self) { _ = try SigningKey(parsing: pem) }
        #expect(failure.code == code)
        #expect(failure.description.contains(words), "\(failure)")
    }

    @Test func `a key of OpenSSH's own format is told how to be converted`() throws {
        let pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n"
        let failure = try #require(throws: SigningKeyFailure.self) { _ = try SigningKey(parsing: Secret(copying: pem)) }
        #expect(failure.code == .unsupported)
        #expect(failure.remedy.contains("ssh-keygen -p -m PKCS8"))
    }

    @Test(arguments: [
        (StandardKeys.rsa, SigningAlgorithm.es256), (StandardKeys.p256, .rs256), (StandardKeys.p256, .ps256),
    ])
    func `a key signs only with algorithms of its kind`(pem: String, algorithm: SigningAlgorithm) throws {
        let key = try SigningKey(parsing: Secret(copying: pem))
        let failure = try #require(throws: SigningKeyFailure.self) {
            _ = try key.signature(of: Self.message, algorithm)
        }
        #expect(failure.code == .algorithmMismatch)
    }

    @Test(arguments: ["rsa.pem", "p256.pem"], ["", "-days 20000"])
    func `the certificate of the key is found among others`(file: String, days: String) async throws {
        try await OpenSSL.run { openSSL in
            let other = file == "rsa.pem" ? "p256.pem" : "rsa.pem"
            try await openSSL("openssl req -x509 -key \(other) -subj /CN=other -out other.crt")
            try await openSSL("openssl req -x509 -key \(file) -subj /CN=mine \(days) -out mine.crt")
            let key = try SigningKey(parsing: try await openSSL("cat other.crt \(file) mine.crt"))
            let certificate = try #require(key.certificate)
            let digest = try await openSSL("openssl x509 -in mine.crt -outform DER | openssl dgst -sha256 -binary")
            #expect(certificate.thumbprint == Base64.text(digest.reveal(), .url))
            for (option, name, time) in [
                ("-startdate", "notBefore", certificate.notBefore), ("-enddate", "notAfter", certificate.notAfter),
            ] {
                let text = try await openSSL("openssl x509 -in mine.crt -noout \(option) -dateopt iso_8601")
                    .revealText()
                #expect(text == "\(name)=\(time)\n".replacing("T", with: " "))
            }
        }
    }

    @Test func `a token names its key`() async throws {
        let pem = try await OpenSSL.run { try await $0("openssl req -x509 -key p256.pem -subj /CN=x; cat p256.pem") }
        let key = try SigningKey(parsing: pem)
        let token = try JSONWebToken.signed(.object([]), by: key, .es256, keyID: "k1")
        let header = try #require(Base64.decode(token.revealText().utf8.prefix { $0 != UInt8(ascii: ".") }, .url))
        let thumbprint = try #require(key.certificate?.thumbprint)
        #expect(
            String(decoding: header, as: UTF8.self)
                == #"{"alg":"ES256","typ":"JWT","kid":"k1","x5t#S256":"\#(thumbprint)"}"#)
    }

    @Test func `a failure holds nothing of the key`() throws {
        let broken = StandardKeys.p256.replacing("AwEH", with: "AwEI")
        let failure = try #require(throws: SigningKeyFailure.self) {
            _ = try SigningKey(parsing: Secret(copying: broken))
        }
        #expect(!"\(failure)".contains("MHcC"))
    }
}
