import KeelBase

/// The applications that the provider knows, and how they show who they are (RFC 6749 section 2.3.1).
struct ClientRegistry: Sendable {
    private let clients: [String: SandboxClient]
    private let judge: AssertionJudge
    /// For whom clients make their assertions.
    let audiences: @Sendable () -> [String]

    init(_ clients: [SandboxClient], _ judge: AssertionJudge, audiences: @escaping @Sendable () -> [String]) {
        self.judge = judge
        self.audiences = audiences
        self.clients = Dictionary(clients.map { ($0.id, $0) }) { _, last in last }
    }

    /// The scopes that any client may ask for, sorted.
    var scopes: [String] { Set(clients.values.flatMap(\.scopes)).sorted() }

    /// What any client may do, in the order of their list.
    var grants: [GrantType] {
        GrantType.allCases.filter { grant in clients.values.contains { $0.grants.contains(grant) } }
    }

    /// The client of that id.
    func client(_ id: String) -> SandboxClient? { clients[id] }

    /// The client that sent this request: by `client_secret_basic`, `client_secret_post` or an assertion, or, if it is a public
    /// one, by its id alone. One method at a time (RFC 6749 section 2.3).
    func authenticate(_ request: IncomingRequest, _ form: FormParameters) throws(OAuthRefusal) -> SandboxClient {
        let header = request.header("Authorization")
        let shown = [header, form["client_secret"], form["client_assertion"]].count { $0 != nil }
        guard shown <= 1 else {
            throw OAuthRefusal(.invalidRequest, "the client used two methods of authentication")
        }
        if let assertion = form["client_assertion"] { return try vouched(assertion, form) }
        if shown == 0, let id = form["client_id"], let client = clients[id], client.isPublic { return client }
        guard let shown = header.map(Self.basicCredentials) ?? Self.postedCredentials(form) else {
            throw OAuthRefusal(.invalidClient, "no readable client credentials")
        }
        if header != nil, let posted = form["client_id"], posted != shown.id {
            throw OAuthRefusal(.invalidRequest, "client_id differs from the one in the Authorization header")
        }
        guard let client = clients[shown.id], client.secret?.matches(shown.secret) == true else {
            throw OAuthRefusal(.invalidClient, "unknown client or wrong secret")
        }
        return client
    }

    /// The client that an assertion speaks for: its own (RFC 7523 section 3), or one of an issuer that vouches for it.
    private func vouched(_ text: String, _ form: FormParameters) throws(OAuthRefusal) -> SandboxClient {
        guard form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" else {
            throw OAuthRefusal(.invalidRequest, "client_assertion_type is missing or unknown")
        }
        guard let assertion = SignedAssertion(text), let issuer = assertion.claims["iss"]?.string,
            let subject = assertion.claims["sub"]?.string
        else { throw OAuthRefusal(.invalidClient, "the assertion cannot be read") }
        guard let client = clients[form["client_id"] ?? subject] else {
            throw OAuthRefusal(.invalidClient, "unknown client")
        }
        if issuer == client.id, subject == client.id, !client.keys.isEmpty {
            try judge.check(
                assertion, keys: client.keys, audiences: audiences(), longest: 3600, code: .invalidClient)
        } else if let trusted = client.trustedIssuers.first(where: { $0.issuer == issuer && $0.subject == subject }) {
            try judge.check(
                assertion, keys: trusted.keys, audiences: [trusted.audience], longest: 86400, code: .invalidClient)
        } else {
            throw OAuthRefusal(.invalidClient, "nobody known vouches for this client")
        }
        return client
    }

    /// The same, for what a public client may not do.
    func authenticateConfidential(
        _ request: IncomingRequest, _ form: FormParameters
    ) throws(OAuthRefusal) -> SandboxClient {
        let client = try authenticate(request, form)
        guard !client.isPublic else { throw OAuthRefusal(.invalidClient, "a public client may not do that") }
        return client
    }

    /// The id that the request claims, if it is a known one.
    func claimedID(_ request: IncomingRequest, _ form: FormParameters?) -> String? {
        let claimed = request.header("Authorization").flatMap(Self.basicCredentials)?.id ?? form?["client_id"]
        return claimed.flatMap { clients[$0]?.id }
    }

    private typealias Credentials = (id: String, secret: Secret)

    /// Both parts are form-encoded before they are joined, which many clients forget; for ids and secrets without
    /// special characters it makes no difference.
    private static func basicCredentials(_ header: String) -> Credentials? {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic",
            let bytes = Base64.decode(parts[1].utf8),
            let text = String(validating: bytes, as: UTF8.self),
            let colon = text.firstIndex(of: ":"),
            let id = PercentEncoding.decode(text[..<colon].utf8),
            let secret = PercentEncoding.decode(text[colon...].dropFirst().utf8)
        else { return nil }
        return (id, Secret(copying: secret))
    }

    private static func postedCredentials(_ form: FormParameters) -> Credentials? {
        guard let id = form["client_id"], let secret = form["client_secret"] else { return nil }
        return (id, Secret(copying: secret))
    }
}
