import KeelBase
import KeelOAuth
import KeelTestSupport
import Testing

struct TokenIdentityTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    /// A token in the compact form; nobody looks at its signature.
    private static func token(_ claims: String, header: String = #"{"alg":"RS256"}"#) -> Secret {
        let parts = [header, claims].map { Base64.text(Array($0.utf8), .url) }
        return Secret(copying: parts.joined(separator: ".") + ".c2lnbmF0dXJl")
    }

    // MARK: ID tokens

    private static func read(
        _ claims: String, issuer: String? = "https://idp.example", nonce: String? = "n-1"
    ) throws(IDToken.Fault) -> TokenIdentity {
        try IDToken.read(
            token("{\(claims)}"), issuer: issuer, clientID: "app", nonce: nonce.map { Secret(copying: $0) }, at: now)
    }

    private static let good =
        #""iss":"https://idp.example","aud":"app","exp":1800003600,"nonce":"n-1","sub":"s-1","email":"a@b.example""#

    @Test func `an ID token for this request names who consented`() throws {
        let identity = try Self.read(Self.good + #","oid":"o","tid":"t","upn":"A@b.example","name":"Ada\nB""#)
        #expect(identity.source == .idToken && identity.issuer == "https://idp.example")
        #expect(identity.subject == "s-1" && identity.lastingSubject == "s-1" && identity.email == "a@b.example")
        #expect(identity.objectID == "o" && identity.tenantID == "t" && identity.upn == "A@b.example")
        #expect(identity.displayName?.text == "Ada B" && identity.name == "A@b.example")
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let change: (String, String)
        var fault: IDToken.Fault?
        var issuer: String? = "https://idp.example"
        var nonce: String? = "n-1"
        var testDescription: String { "\(change.0) -> \(change.1)" }
    }

    @Test(arguments: [
        Row(change: ("", "")), Row(change: (#""aud":"app""#, #""aud":["app"]"#)),
        Row(change: (#""aud":"app""#, #""aud":["app","other"],"azp":"app""#)),
        Row(change: (#""aud":"app""#, #""aud":"app","azp":"app""#)),
        Row(change: ("1800003600", "1800003600.75")), Row(change: ("1800003600", "\"1800003600\"")),
        // Clocks are five minutes apart at most.
        Row(change: ("1800003600", "1799999701")),
        Row(change: ("1800003600", "1799999700"), fault: .expired(Timestamp(seconds: 1_799_999_700))),
        Row(change: ("1800003600", "0"), fault: .expired(Timestamp(seconds: 0))),
        Row(change: ("1800003600", "1e300"), fault: .unreadable),
        Row(change: (#""exp":1800003600"#, #""x":1"#), fault: .unreadable),
        Row(change: (#""aud":"app""#, #""aud":"other""#), fault: .audienceMismatch),
        Row(change: (#""aud":"app""#, #""aud":["app","other"]"#), fault: .audienceMismatch),
        Row(change: (#""aud":"app""#, #""aud":["app"],"azp":"other""#), fault: .audienceMismatch),
        Row(change: (#""aud":"app""#, #""x":1"#), fault: .audienceMismatch),
        Row(change: (#""aud":"app""#, #""aud":"APP""#), fault: .audienceMismatch),
        Row(change: (#""nonce":"n-1""#, #""nonce":"n-2""#), fault: .nonceMismatch),
        Row(change: (#""nonce":"n-1""#, #""x":1"#), fault: .nonceMismatch),
        // A renewal brings the old nonce, or none.
        Row(change: (#""nonce":"n-1""#, #""x":1"#), nonce: nil), Row(change: ("", ""), nonce: nil),
        Row(change: (#""sub":"s-1""#, #""x":1"#), fault: .subjectMissing),
        Row(change: (#""iss":"https://idp.example","#, ""), fault: .issuerMissing),
        Row(
            change: ("https://idp.example", "https://idp.example/"),
            fault: .issuerMismatch(ForeignText("https://idp.example/"))),
        Row(change: ("https://idp.example", "https://else.example"), issuer: nil),
        Row(change: ("https://idp.example", "accounts.google.com"), issuer: "https://accounts.google.com"),
        Row(
            change: ("https://idp.example", "accounts.google.com"),
            fault: .issuerMismatch(ForeignText("accounts.google.com"))),
        Row(
            change: (#""iss":"https://idp.example""#, #""iss":"https://login.example/t-1/v2.0","tid":"t-1""#),
            issuer: "https://login.example/{tenantid}/v2.0"),
        Row(
            change: (#""iss":"https://idp.example""#, #""iss":"https://login.example/t-1/v2.0","tid":"t-2""#),
            fault: .issuerMismatch(ForeignText("https://login.example/t-1/v2.0")),
            issuer: "https://login.example/{tenantid}/v2.0"),
    ])
    func `an ID token for somebody else says nothing`(_ row: Row) throws {
        let claims = row.change.0.isEmpty ? Self.good : Self.good.replacing(row.change.0, with: row.change.1)
        if let fault = row.fault {
            #expect(throws: fault) { try Self.read(claims, issuer: row.issuer, nonce: row.nonce) }
            #expect(!fault.description.isEmpty)
        } else {
            #expect(try Self.read(claims, issuer: row.issuer, nonce: row.nonce).subject == "s-1")
        }
    }

    private static let broken: [Secret] =
        ["", "a", "a.b", "a.b.c", "a.b.c.d.e", "..", "e30.e30", "e30.W10.x", "W10.e30.x", "e30.!!!.x"].map {
            Secret(copying: $0)
        } + [token("{"), token("[]"), token("{}", header: "x"), token(#"{"sub":"a","sub":"b"}"#)]

    @Test(arguments: broken.indices)
    func `what is no signed token cannot be read`(_ index: Int) {
        #expect(throws: IDToken.Fault.unreadable) {
            try IDToken.read(Self.broken[index], issuer: nil, clientID: "app", nonce: nil, at: Self.now)
        }
        #expect(TokenIdentity(accessToken: Self.broken[index]) == nil)
    }

    @Test func `no cut of a token names somebody else`() {
        let bytes = Self.token("{\(Self.good)}").reveal()
        for count in 0..<bytes.count {
            let cut = Secret(copying: Array(bytes.prefix(count)))
            let identity = try? IDToken.read(cut, issuer: nil, clientID: "app", nonce: nil, at: Self.now)
            #expect(identity == nil || identity?.subject == "s-1")
        }
    }

    // MARK: Who it is

    struct Match: Sendable, CustomTestStringConvertible {
        let claims: String
        let wanted: String
        let match: TokenIdentity.Match
        var testDescription: String { "\(wanted) in \(claims)" }
    }

    private static let desk = "Desk.Lead@Contoso.example"

    @Test(arguments: [
        Match(claims: #""email":"desk.lead@contoso.example""#, wanted: desk, match: .matched),
        Match(claims: #""preferred_username":"desk.lead@contoso.EXAMPLE""#, wanted: desk, match: .matched),
        Match(claims: #""upn":"desk.lead@contoso.example""#, wanted: desk, match: .matched),
        Match(claims: #""unique_name":"desk.lead@contoso.example""#, wanted: desk, match: .matched),
        Match(claims: #""username":"desk.lead@contoso.example""#, wanted: desk, match: .matched),
        Match(claims: #""sub":"desk.lead@contoso.example""#, wanted: desk, match: .matched),
        // People have several addresses; one is enough.
        Match(
            claims: #""upn":"dl@contoso.onmicrosoft.example","email":"desk.lead@contoso.example""#, wanted: desk,
            match: .matched),
        Match(
            claims: #""upn":"other@contoso.example","preferred_username":"x@y.example""#, wanted: desk,
            match: .mismatched(named: "other@contoso.example")),
        Match(claims: #""sub":"s","email":"x@y.example""#, wanted: desk, match: .mismatched(named: "x@y.example")),
        Match(claims: #""sub":"s","oid":"o""#, wanted: desk, match: .unknown),
        Match(claims: #""sub":"x@y.example""#, wanted: desk, match: .mismatched(named: "x@y.example")),
        Match(claims: #""sub":"client-17@clients""#, wanted: desk, match: .unknown),
        // A display name decides nothing, whatever claim a provider puts it into.
        Match(claims: #""sub":"s","name":"Desk.Lead@Contoso.example""#, wanted: desk, match: .unknown),
        Match(claims: #""sub":"s","username":"Desk Lead""#, wanted: desk, match: .unknown),
        Match(claims: #""sub":"s","username":"Desk Lead""#, wanted: "Desk Lead", match: .unknown),
        Match(claims: #""sub":"s","preferred_username":"desk""#, wanted: desk, match: .unknown),
        // What the provider has not verified is what somebody typed.
        Match(
            claims: #""sub":"s","email":"desk.lead@contoso.example","email_verified":false"#, wanted: desk,
            match: .unknown),
        Match(
            claims: #""sub":"s","email":"desk.lead@contoso.example","email_verified":"false""#, wanted: desk,
            match: .unknown),
        Match(
            claims: #""email":"desk.lead@contoso.example","email_verified":true"#, wanted: desk, match: .matched),
        // Logins and ids, to the letter.
        Match(claims: #""sub":"user1","username":"User One""#, wanted: "user1", match: .matched),
        Match(claims: #""sub":"user1""#, wanted: "USER1", match: .unknown),
        Match(claims: #""sub":"x","preferred_username":"user1""#, wanted: "user1", match: .matched),
        Match(claims: #""sub":"x","preferred_username":"user2""#, wanted: "user1", match: .mismatched(named: "user2")),
        Match(claims: #""sub":"x","oid":"user1""#, wanted: "user1", match: .matched),
        Match(claims: #""sub":"x","email":"user1@a.example""#, wanted: "user1", match: .unknown),
        // Beyond ASCII the letters count.
        Match(
            claims: #""email":"J\u00d6RG@x.example""#, wanted: "jörg@x.example",
            match: .mismatched(named: "JÖRG@x.example")),
        // What cannot be shown as it is cannot be compared either.
        Match(claims: #""sub":"s","email":"desk.lead@contoso.example\u202e""#, wanted: desk, match: .unknown),
        Match(claims: #""sub":"s","email":" desk.lead@contoso.example""#, wanted: desk, match: .unknown),
        Match(claims: #""sub":"s","email":"a@b@c.example""#, wanted: desk, match: .unknown),
    ])
    func `an identity is matched, somebody else, or unknown`(_ row: Match) throws {
        let identity = try #require(TokenIdentity(accessToken: Self.token("{\(row.claims)}")))
        #expect(identity.match(subject: row.wanted) == row.match)
    }

    @Test func `claims without a person are no identity`() {
        #expect(TokenIdentity(accessToken: Self.token(#"{"iss":"https://idp.example","name":"Ada"}"#)) == nil)
    }

    @Test func `userinfo must name the subject of the ID token`() throws {
        let token = try Self.read(Self.good)
        func info(_ body: String) throws -> TokenIdentity {
            try Userinfo.interpret(RequestFixture.json(body), at: Self.now)
        }
        #expect(try info(#"{"sub":"s-1"}"#).isAbout(token))
        #expect(try !info(#"{"sub":"s-2"}"#).isAbout(token))
        #expect(try !info(#"{"email":"a@b.example"}"#).isAbout(token))
    }

    // MARK: Userinfo

    @Test func `userinfo is asked with the token in the header alone`() throws {
        let request = Userinfo.request(endpoint: RequestFixture.endpoint, accessToken: Secret(copying: "SECRET"))
        #expect(request.method == .get && request.body == nil)
        #expect(request.authorization?.revealText() == "Bearer SECRET")
        var shown = ""
        dump(request, to: &shown)
        #expect(!shown.contains("SECRET"))
    }

    @Test func `userinfo comes plain or signed`() throws {
        let claims = #"{"sub":"s","email":"a@b.example"}"#
        for body in [Secret(copying: claims), Self.token(claims)] {
            let identity = try Userinfo.interpret(HTTPResponse(status: 200, body: body), at: Self.now)
            #expect(identity.source == .userinfo && identity.email == "a@b.example")
        }
    }

    @Test(
        arguments: [
            (401, #"{"error":"invalid_token"}"#, .invalidToken),
            (403, #"{"error":"insufficient_scope"}"#, .insufficientScope),
            (401, "", .emptyRefusal(status: 401)), (200, "{}", .malformed(.claimsMissing)),
            (200, "<html>", .malformed(.bodyHTML)), (503, "", .http(status: 503)),
            (401, "e30.eyJzdWIiOiJzIn0.x", .http(status: 401)),
        ] as [(Int, String, OAuthFailure.Kind)])
    func `userinfo that names nobody is a failure`(_ status: Int, _ body: String, _ kind: OAuthFailure.Kind) {
        let failure = #expect(throws: OAuthFailure.self) {
            try Userinfo.interpret(RequestFixture.json(status, body), at: Self.now)
        }
        #expect(failure?.kind == kind)
    }
}
