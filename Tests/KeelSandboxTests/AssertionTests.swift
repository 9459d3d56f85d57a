import Crypto
import CryptoExtras
import FoundationEssentials
import KeelBase
import KeelNet
import KeelSandbox
import Testing

@Suite struct `Assertions at the sandbox` {
    private static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// A sandbox whose client `c` has the key, and nothing else to show.
    private func rig(_ key: SandboxKey?) throws -> ProviderRig {
        var client = SandboxClient(id: "c", secret: nil, scopes: ["mail"])
        client.keys = [try #require(key)]
        return ProviderRig { $0.clients = [client] }
    }

    private func ask(_ rig: ProviderRig, _ assertion: String, at path: String = "/token") async -> HTTPResponse {
        await rig.post(
            path,
            [
                ("grant_type", "client_credentials"), ("client_assertion_type", Self.type),
                ("client_assertion", assertion), ("token", "x"),
            ])
    }

    @Test(arguments: Signer.Algorithm.allCases)
    func `show who a client is`(algorithm: Signer.Algorithm) async throws {
        let signer = Signer(algorithm)
        for key in [SandboxKey(pem: signer.publicPEM), SandboxKey(jwk: signer.jwk)] {
            let rig = try rig(key)
            for audience in ["", "/token"] {
                let assertion = try signer.sign(rig.claims(("aud", .string(ProviderRig.issuer + audience))))
                #expect(await ask(rig, assertion).status == 200)
                #expect(await ask(rig, assertion).error == "invalid_client")
            }
            #expect(await ask(rig, try signer.sign(rig.claims()), at: "/introspect").status == 200)
            #expect(rig.logged("token_issued", "\"client_id\":\"c\""))
        }
    }

    @Test(arguments: [
        ("iss", JSON.string("other")), ("sub", .string("other")), ("aud", .string("https://issuer.example")),
        ("aud", nil), ("exp", .integer(-1)), ("exp", .integer(7300)), ("exp", nil), ("iat", .integer(60)),
        ("nbf", .integer(60)),
    ])
    func `are refused with other claims`(name: String, value: JSON?) async throws {
        let signer = Signer(.es256)
        let rig = try rig(SandboxKey(pem: signer.publicPEM))
        let response = await ask(rig, try signer.sign(rig.claims((name, value))))
        #expect(response.status == 401)
        #expect(response.error == "invalid_client")
    }

    @Test func `are refused from another key, by another algorithm, and broken`() async throws {
        let signer = Signer(.es256)
        let rig = try rig(SandboxKey(pem: signer.publicPEM))
        let good = try signer.sign(rig.claims())
        let parts = good.split(separator: ".")
        let unsigned = Base64.text(Array(#"{"alg":"none"}"#.utf8), .url)
        for assertion in [
            try Signer(.es256).sign(rig.claims()), try Signer(.rs256).sign(rig.claims()), "a.b.c", "planted",
            "\(unsigned).\(parts[1]).", "\(parts[0]).\(parts[1]).", good + "A",
        ] {
            #expect(await ask(rig, assertion).error == "invalid_client")
        }
        #expect(await rig.post("/token", [("grant_type", "client_credentials"), ("client_id", "c")]).status == 401)
        let form = [("grant_type", "client_credentials"), ("client_assertion", good)]
        #expect(await rig.post("/token", form).error == "invalid_request")
        let both = form + [("client_assertion_type", Self.type), ("client_secret", "x")]
        #expect(await rig.post("/token", both).error == "invalid_request")
        #expect(!rig.log.joined().contains("planted"))
    }

    @Test func `must name the certificate that is registered`() async throws {
        let authority = try CertificateAuthority(commonName: "test", now: SystemTimeSource().now, validFor: 1)
        let now = SystemTimeSource().now
        let identity = try authority.issue(
            hosts: ["client"], notBefore: now.adding(seconds: -60), notAfter: now.adding(seconds: 600))
        let certificate = identity.certificateChainPEM
        let signer = Signer(try P256.Signing.PrivateKey(pemRepresentation: identity.privateKeyPEM.revealText()))
        let rig = try rig(SandboxKey(pem: certificate))
        #expect(await ask(rig, try signer.sign(rig.claims())).error == "invalid_client")
        let body = certificate.split(separator: "\n").dropFirst().prefix { !$0.hasPrefix("-") }.joined()
        let digest = Array(SHA256.hash(data: try #require(Base64.decode(body.utf8))))
        let thumbprint = JSON.string(Base64.text(digest, .url))
        #expect(await ask(rig, try signer.sign(rig.claims(), ("x5t#S256", thumbprint))).status == 200)
    }

    @Test func `may come from an issuer that vouches for the client`() async throws {
        let signer = Signer(.rs256)
        var client = SandboxClient(id: "c", secret: nil, scopes: ["mail"])
        client.trustedIssuers = [
            TrustedIssuer(
                issuer: "https://ci.example", subject: "repo:main", audience: "api://sandbox",
                keys: [try #require(SandboxKey(pem: signer.publicPEM))])
        ]
        let rig = ProviderRig { [client] in $0.clients = [client] }
        func ask(_ changes: (String, JSON?)...) async throws -> HTTPResponse {
            var claims = rig.claims(
                ("iss", "https://ci.example"), ("sub", "repo:main"), ("aud", .array(["api://sandbox"])))
            for change in changes { claims[change.0] = change.1 }
            return await rig.post(
                "/token",
                [
                    ("grant_type", "client_credentials"), ("client_id", "c"), ("client_assertion_type", Self.type),
                    ("client_assertion", try signer.sign(claims)),
                ])
        }
        #expect(try await ask().status == 200)
        #expect(try await ask(("sub", "repo:fork")).error == "invalid_client")
        #expect(try await ask(("aud", "c")).error == "invalid_client")
        #expect(try await ask(("iss", "c"), ("sub", "c")).error == "invalid_client")
    }

    @Test func `give a service account tokens for users`() async throws {
        let signer = Signer(.rs256)
        let email = "robot@sandbox.example"
        let key = try #require(SandboxKey(pem: signer.publicPEM, id: "k1"))
        let rig = ProviderRig {
            $0.serviceAccounts = [SandboxServiceAccount(email: email, keys: [key], scopes: ["mail", "mail.send"])]
        }
        func ask(_ keyID: String, _ changes: (String, JSON?)...) async throws -> HTTPResponse {
            var claims = rig.claims(
                ("iss", .string(email)), ("sub", .string(ProviderRig.user)), ("scope", "mail"),
                ("aud", .string(ProviderRig.issuer + "/token")))
            for change in changes { claims[change.0] = change.1 }
            return await rig.post(
                "/token",
                [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    ("assertion", try signer.sign(claims, ("kid", .string(keyID)))),
                ])
        }
        let answer = try await ask("k1").json
        #expect(answer["scope"] == "mail")
        #expect(answer["refresh_token"] == nil)
        #expect(rig.logged("token_issued", "\"grant\":\"jwt_bearer\"", "\"user\":\"support@sandbox.example\""))
        #expect(try await ask("k1", ("sub", nil)).status == 200)
        #expect(try await ask("k2").error == "invalid_grant")
        #expect(try await ask("k1", ("sub", "nobody@sandbox.example")).error == "invalid_grant")
        #expect(try await ask("k1", ("iss", "other@sandbox.example")).error == "invalid_grant")
        #expect(try await ask("k1", ("scope", "admin")).error == "unauthorized_client")
        #expect(try await ask("k1", ("exp", .integer(7300))).error == "invalid_grant")
        let metadata = try await rig.get("/.well-known/openid-configuration").json
        #expect(
            metadata["grant_types_supported"]?.array?.contains("urn:ietf:params:oauth:grant-type:jwt-bearer") == true)
    }

    @Test(arguments: [
        "", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "-----BEGIN CERTIFICATE-----\nMAA=\n",
    ])
    func `need keys that are some`(text: String) {
        #expect(SandboxKey(pem: text) == nil)
        #expect(SandboxKey(jwk: text) == nil)
    }
}

extension ProviderRig {
    /// The claims of an assertion by client `c`; times count from now.
    fileprivate func claims(_ changes: (String, JSON?)...) -> [String: JSON] {
        var claims: [String: JSON] = [
            "iss": "c", "sub": "c", "aud": .string(Self.issuer), "exp": 300, "iat": 0,
            "jti": .string("\(UUID())"),
        ]
        for change in changes { claims[change.0] = change.1 }
        return claims
    }
}

/// Signs by hand.
struct Signer {
    enum Algorithm: String, CaseIterable { case es256 = "ES256", rs256 = "RS256", ps256 = "PS256" }

    private let algorithm: Algorithm
    private let elliptic: P256.Signing.PrivateKey
    private static let rsa = try? _RSA.Signing.PrivateKey(keySize: .bits2048)

    init(_ algorithm: Algorithm) {
        self.algorithm = algorithm
        elliptic = P256.Signing.PrivateKey()
    }

    init(_ key: P256.Signing.PrivateKey) {
        algorithm = .es256
        elliptic = key
    }

    var publicPEM: String {
        algorithm == .es256 ? elliptic.publicKey.pemRepresentation : Self.rsa?.publicKey.pemRepresentation ?? ""
    }

    var jwk: String {
        guard algorithm != .es256 else {
            let point = Array(elliptic.publicKey.rawRepresentation)
            let (x, y) = (Base64.text(Array(point[..<32]), .url), Base64.text(Array(point[32...]), .url))
            return #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"}"#
        }
        guard let numbers = try? Self.rsa?.publicKey.getKeyPrimitives() else { return "" }
        let (n, e) = (Base64.text(Array(numbers.modulus), .url), Base64.text(Array(numbers.publicExponent), .url))
        return #"{"kty":"RSA","n":"\#(n)","e":"\#(e)"}"#
    }

    /// A compact JWS; `exp`, `iat` and `nbf` are given from now.
    func sign(_ claims: [String: JSON], _ header: (String, JSON)...) throws -> String {
        let now = Int(SystemTimeSource().now.seconds)
        let absolute = claims.map { name, value in
            (
                key: name,
                value: ["exp", "iat", "nbf"].contains(name) ? value.integer.map { .integer(now + $0) } ?? value : value
            )
        }
        let head = JSON.sorted(
            [(key: "alg", value: .string(algorithm.rawValue))] + header.map { (key: $0.0, value: $0.1) })
        let input = Base64.text(head.bytes(), .url) + "." + Base64.text(JSON.sorted(absolute).bytes(), .url)
        let digest = SHA256.hash(data: Array(input.utf8))
        let signature: [UInt8]
        switch algorithm {
        case .es256: signature = Array(try elliptic.signature(for: digest).rawRepresentation)
        case .rs256:
            signature = Array(
                try #require(Self.rsa).signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
        case .ps256: signature = Array(try #require(Self.rsa).signature(for: digest, padding: .PSS).rawRepresentation)
        }
        return input + "." + Base64.text(signature, .url)
    }
}
