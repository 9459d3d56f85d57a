import KeelBase
import KeelCrypto
import KeelOAuth
import KeelTestSupport
import Testing

struct ServiceAccountTests {
    private static func file(_ changes: [String: JSON?] = [:]) -> Secret {
        var members: [String: JSON] = [
            "type": "service_account", "project_id": "desk-123", "private_key_id": "0123abcd",
            "private_key": .string(StandardKeys.rsa), "client_email": "robot@desk-123.iam.gserviceaccount.com",
            "client_id": "1154", "token_uri": "https://oauth2.googleapis.com/token",
            "universe_domain": "googleapis.com",
        ]
        for (name, value) in changes { members[name] = value }
        return Secret(copying: JSON.sorted(members).bytes(.pretty))
    }

    @Test func `the file says who signs, by which key, and where`() throws {
        let account = try ServiceAccount(parsing: Self.file())
        #expect(account.email == "robot@desk-123.iam.gserviceaccount.com")
        #expect(account.clientID == "1154")
        #expect(account.projectID == "desk-123")
        #expect(account.keyID == "0123abcd")
        #expect(account.tokenEndpoint.description == "https://oauth2.googleapis.com/token")
    }

    @Test(arguments: [nil, "https://other.example/token"])
    func `it acts for a mailbox`(audience: String?) throws {
        let assertion = try ServiceAccount(parsing: Self.file()).assertion(
            subject: "support@example.com", scopes: ["https://mail.google.com/"], audience: audience,
            at: Timestamp(seconds: 1_800_000_000))
        let parts = assertion.revealText().split(separator: ".")
        let header = try JSON(parsing: try #require(Base64.decode(parts[0].utf8, .url)))
        let claims = try JSON(parsing: try #require(Base64.decode(parts[1].utf8, .url)))
        #expect(header == .present(("alg", "RS256"), ("typ", "JWT"), ("kid", "0123abcd")))
        #expect(claims["iss"] == "robot@desk-123.iam.gserviceaccount.com")
        #expect(claims["sub"] == "support@example.com")
        #expect(claims["scope"] == "https://mail.google.com/")
        #expect(claims["aud"] == .string(audience ?? "https://oauth2.googleapis.com/token"))
    }

    @Test(
        arguments: [
            (["type": "authorized_user"], ServiceAccountFailure.Code.wrongType, "credentials of a user"),
            (["type": "external_account"], .wrongType, "another identity"),
            (["type": "se\u{1B}[2J"], .wrongType, "its type is"),
            (["type": nil], .memberMissing, "it has no type"),
            (["type": nil, "installed": .object([])], .wrongType, "an OAuth client"),
            (["type": nil, "web": .object([])], .wrongType, "an OAuth client"),
            (["client_email": nil], .memberMissing, "it has no client_email"),
            (["client_email": 7], .memberMissing, "it has no client_email"),
            (["client_email": ""], .memberMissing, "it has no client_email"),
            (["token_uri": nil], .memberMissing, "it has no token_uri"),
            (["token_uri": "http://oauth2.example/token"], .badEndpoint, "its token_uri must be https"),
            (["private_key": nil], .memberMissing, "it has no private_key"),
            (["private_key": "AIza"], .badKey, "no private key"),
            (["private_key": .string(StandardKeys.rsa.replacing("\n", with: "\\n"))], .badKey, "\\n written out"),
        ] as [([String: JSON?], ServiceAccountFailure.Code, String)])
    func `a file that cannot be used says why`(
        changes: [String: JSON?], code: ServiceAccountFailure.Code, words: String
    ) throws {
        let failure = try #require(throws: ServiceAccountFailure.self) {
            _ = try ServiceAccount(parsing: Self.file(changes))
        }
        #expect(failure.code == code)
        #expect(failure.description.contains(words), "\(failure)")
        #expect(!failure.description.contains("\u{1B}"))
    }

    @Test(arguments: ["", "null", "[]", "-----BEGIN PRIVATE KEY-----", "{\"type\":"])
    func `what is no JSON object is none`(text: String) throws {
        let failure = try #require(throws: ServiceAccountFailure.self) {
            _ = try ServiceAccount(parsing: Secret(copying: text))
        }
        #expect(failure.code == .notJSON)
        #expect(failure.description.contains("not a JSON object"))
    }
}
