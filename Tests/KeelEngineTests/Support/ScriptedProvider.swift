import KeelBase
import KeelTestSupport
import Synchronization

/// An OAuth provider in memory: its token endpoint takes one secret, or a client without one where a user or an assertion
/// speaks for itself, and issues `token-1`, `token-2` and so on. It knows no refresh token.
final class ScriptedProvider: Sendable {
    static let issuer = "https://login.example.com/realm"
    static let tokenEndpoint = "https://login.example.com/token"

    private struct State {
        var secret = "first-secret"
        let password = "open sesame"
        var issued = 0
        var lifetime = 3600
        var scope: String?
        var outage: ConnectionFailure?
        var metadata: HTTPResponse?
    }

    private let state = Mutex(State())

    /// The secret that is taken from now on.
    func rotate(to secret: String) { state.withLock { $0.secret = secret } }
    /// The life of tokens issued from now on, in seconds.
    func issue(for seconds: Int) { state.withLock { $0.lifetime = seconds } }
    /// The scope that responses name; nil: none.
    func grant(scope: String?) { state.withLock { $0.scope = scope } }
    /// Nothing can be reached from now on; nil: everything can.
    func fail(_ failure: ConnectionFailure?) { state.withLock { $0.outage = failure } }
    /// What discovery finds.
    func publish(_ metadata: HTTPResponse) { state.withLock { $0.metadata = metadata } }

    /// How many tokens were issued.
    var issued: Int { state.withLock { $0.issued } }

    func answer(_ request: HTTPRequest) throws(ConnectionFailure) -> HTTPResponse {
        let exchange = ScriptedTransport.Exchange(request: request, trust: .system)
        return try state.withLock { state throws(ConnectionFailure) in
            if let outage = state.outage { throw outage }
            guard request.url.description == Self.tokenEndpoint else {
                return state.metadata ?? HTTPResponse(status: 404)
            }
            let secret = exchange.basic?.password ?? exchange.form["client_secret"]
            let grant = exchange.form["grant_type"]
            let needsSecret = grant == "client_credentials" && exchange.form["client_assertion"] == nil
            guard secret == state.secret || (secret == nil && !needsSecret) else {
                return .json(.object([.init("error", "invalid_client")]), status: 401)
            }
            let isKnown = grant != "refresh_token" && exchange.form["password"] ?? state.password == state.password
            guard isKnown else { return .json(.object([.init("error", "invalid_grant")]), status: 400) }
            state.issued += 1
            return .json(
                .present(
                    ("access_token", .string("token-\(state.issued)")), ("token_type", "Bearer"),
                    ("expires_in", .integer(state.lifetime)), ("scope", state.scope.map(JSON.string))))
        }
    }
}
