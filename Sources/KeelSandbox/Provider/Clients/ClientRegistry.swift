import KeelBase

/// The applications that the provider knows, and how they show who they are (RFC 6749 section 2.3.1).
struct ClientRegistry: Sendable {
    private let clients: [String: SandboxClient]

    init(_ clients: [SandboxClient]) {
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

    /// The client that sent this request: by `client_secret_basic` or `client_secret_post`, or, if it is a public one, by
    /// its id alone.
    func authenticate(_ request: IncomingRequest, _ form: FormParameters) throws(OAuthRefusal) -> SandboxClient {
        let header = request.header("Authorization")
        guard header == nil || form["client_secret"] == nil else {
            throw OAuthRefusal(.invalidRequest, "the client used two methods of authentication")
        }
        if header == nil, form["client_secret"] == nil, let id = form["client_id"], let client = clients[id],
            client.isPublic
        {
            return client
        }
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
