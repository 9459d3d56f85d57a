import KeelBase
import Synchronization

/// The OAuth provider: metadata, token endpoint and introspection, as values in and values out.
final class Provider: HTTPHandler {
    let tokens: TokenTable
    private let clients: ClientRegistry
    private let issuerPath: String
    private let lifetime: Int
    private let faults: Set<SandboxFault>
    private let slowness: Duration
    private let time: any TimeSource
    private let log: SandboxLog
    /// Scheme, host and port; empty until the server listens, because the port may be the system's choice.
    private let origin = Mutex("")

    init(_ options: SandboxOptions, clients: [SandboxClient], time: any TimeSource, log: SandboxLog) {
        tokens = TokenTable(lifetime: options.tokenLifetime, time: time)
        self.clients = ClientRegistry(clients)
        issuerPath = options.issuerPath
        lifetime = options.tokenLifetime
        faults = options.faults
        slowness = options.slowness
        self.time = time
        self.log = log
    }

    /// Tells the provider where its server listens.
    func listens(at endpoint: HostPort) { origin.withLock { $0 = "https://\(endpoint)" } }

    /// The issuer identifier.
    var issuer: String { origin.withLock { $0 } + issuerPath }

    func respond(to request: IncomingRequest) async -> HTTPResponse {
        let endpoint = endpoint(at: request.path)
        log.record(SandboxEvent(.connection, service: endpoint.rawValue))
        var response = await answer(request, at: endpoint)
        response.headers.append(("Date", time.now.httpDate))
        return response
    }

    private enum Endpoint: String {
        case metadata = "oauth_metadata"
        case token = "oauth_token"
        case introspection = "oauth_introspection"
        case none = "oauth_unknown_path"

        var methods: [String] { self == .metadata ? ["GET", "HEAD"] : ["POST"] }
    }

    private func endpoint(at path: String) -> Endpoint {
        switch path {
        // RFC 8414 section 3.1 puts the well-known part before the issuer's path, OpenID Connect Discovery behind it.
        case "/.well-known/oauth-authorization-server" + issuerPath: .metadata
        case issuerPath + "/.well-known/openid-configuration": .metadata
        case issuerPath + "/token": .token
        case issuerPath + "/introspect": .introspection
        default: .none
        }
    }

    private func answer(_ request: IncomingRequest, at endpoint: Endpoint) async -> HTTPResponse {
        guard endpoint != .none else { return HTTPResponse(status: 404) }
        guard endpoint.methods.contains(request.method) else {
            return HTTPResponse(status: 405, headers: [("Allow", endpoint.methods.joined(separator: ", "))])
        }
        switch endpoint {
        case .metadata: return metadata
        case .token: return await mishap() ?? token(request)
        case .introspection, .none: return introspection(request)
        }
    }

    /// RFC 8414 section 2.
    private var metadata: HTTPResponse {
        let methods = JSONText.strings(["client_secret_basic", "client_secret_post"])
        return .json(
            status: 200,
            .object([
                ("issuer", .string(issuer)),
                ("token_endpoint", .string(issuer + "/token")),
                ("introspection_endpoint", .string(issuer + "/introspect")),
                ("response_types_supported", .strings(["none"])),
                ("grant_types_supported", .strings(["client_credentials"])),
                ("scopes_supported", .strings(clients.scopes)),
                ("token_endpoint_auth_methods_supported", methods),
                ("introspection_endpoint_auth_methods_supported", methods),
            ]))
    }

    /// What the token endpoint answers out of order; nil when it is in order.
    private func mishap() async -> HTTPResponse? {
        if faults.contains(.tokenUnavailable) {
            return HTTPResponse(status: 503, headers: [("Retry-After", "7")])
        }
        if faults.contains(.tokenHTML) {
            let page = "<!DOCTYPE html><html><title>Sign in to the network</title><p>Please accept the terms.</html>\n"
            return HTTPResponse(
                status: 200, headers: [("Content-Type", "text/html; charset=utf-8")], body: Secret(copying: page))
        }
        if faults.contains(.tokenSlow) { try? await Task.sleep(for: slowness) }
        return nil
    }
}

// MARK: Endpoints that need the client's credentials

extension Provider {
    /// RFC 6749 section 4.4.
    private func token(_ request: IncomingRequest) -> HTTPResponse {
        var form: FormParameters?
        do throws(OAuthRefusal) {
            let parameters = try FormParameters(request)
            form = parameters
            guard let grant = parameters["grant_type"] else {
                throw OAuthRefusal(.invalidRequest, "grant_type is missing")
            }
            let client = try clients.authenticate(request, parameters)
            guard grant == "client_credentials" else {
                throw OAuthRefusal(.unsupportedGrantType, "only client_credentials is supported")
            }
            let scopes = try ScopeList.granted(parameters["scope"], of: client.scopes)
            let (text, token) = tokens.issue(to: client, scopes: scopes)
            log.record(
                SandboxEvent(.tokenIssued, clientID: client.id, scopes: scopes, token: token.reference))
            return .json(
                status: 200,
                .object([
                    ("access_token", .string(text)), ("token_type", .string("Bearer")),
                    ("expires_in", .number(Int64(lifetime))), ("scope", .string(scopes.joined(separator: " "))),
                ]))
        } catch {
            log.record(
                SandboxEvent(
                    .tokenRefused, clientID: clients.claimedID(request, form), reason: error.code.rawValue))
            return error.response
        }
    }

    /// RFC 7662: only for clients of this provider (section 2.1).
    private func introspection(_ request: IncomingRequest) -> HTTPResponse {
        var form: FormParameters?
        do throws(OAuthRefusal) {
            let parameters = try FormParameters(request)
            form = parameters
            let client = try clients.authenticate(request, parameters)
            guard let text = parameters["token"] else { throw OAuthRefusal(.invalidRequest, "token is missing") }
            guard let token = tokens.introspect(Array(text.utf8)) else {
                log.record(SandboxEvent(.introspection, clientID: client.id, reason: "inactive"))
                return .json(status: 200, .object([("active", .bool(false))]))
            }
            log.record(
                SandboxEvent(.introspection, clientID: client.id, scopes: token.scopes, token: token.reference))
            return .json(status: 200, description(of: token))
        } catch {
            log.record(
                SandboxEvent(
                    .introspection, clientID: clients.claimedID(request, form), reason: error.code.rawValue))
            return error.response
        }
    }

    private func description(of token: IssuedToken) -> JSONText {
        .object([
            ("active", .bool(true)), ("scope", .string(token.scopes.joined(separator: " "))),
            ("client_id", .string(token.client.id)), ("sub", .string(token.client.id)),
            ("token_type", .string("Bearer")), ("iss", .string(issuer)),
            ("iat", .number(token.issuedAt.seconds)), ("exp", .number(token.expiresAt.seconds)),
        ])
    }
}
