import KeelBase
import Synchronization

/// The OAuth provider: every endpoint, as values in and values out.
final class Provider: HTTPHandler {
    let clients: ClientRegistry
    let users: UserDirectory
    let tokens: TokenTable
    let refreshes: RefreshTable
    let codes: CodeTable
    let devices: DeviceTable
    let pushed: PushedRequests
    let signer = IDTokenSigner()
    let options: SandboxOptions
    let time: any TimeSource
    let log: SandboxLog
    /// Scheme, host and port; empty until the server listens, because the port may be the system's choice.
    private let origin = Mutex("")

    /// Knows the example's application for persons beside `clients`.
    init(_ options: SandboxOptions, clients: [SandboxClient], time: any TimeSource, log: SandboxLog) {
        self.options = options
        self.clients = ClientRegistry([ExampleProject.personalClient] + clients)
        users = UserDirectory(users: options.users)
        tokens = TokenTable(lifetime: options.tokenLifetime, time: time)
        refreshes = RefreshTable(options.refresh, time: time)
        codes = CodeTable(lifetime: options.codeLifetime, time: time)
        devices = DeviceTable(lifetime: options.deviceCodeLifetime, interval: options.deviceInterval, time: time)
        pushed = PushedRequests(time: time)
        self.time = time
        self.log = log
    }

    /// Tells the provider where its server listens.
    func listens(at endpoint: HostPort) { origin.withLock { $0 = "https://\(endpoint)" } }

    /// The issuer identifier.
    var issuer: String { origin.withLock { $0 } + options.issuerPath }

    func respond(to request: IncomingRequest) async -> HTTPResponse {
        let endpoint = ProviderEndpoint(at: request.path, issuerPath: options.issuerPath)
        log.record(SandboxEvent(.connection, service: endpoint?.service ?? "oauth_unknown_path"))
        var response = await answer(request, at: endpoint)
        response.headers.append(("Date", time.now.httpDate))
        return response
    }

    private func answer(_ request: IncomingRequest, at endpoint: ProviderEndpoint?) async -> HTTPResponse {
        guard let endpoint else { return HTTPResponse(status: 404) }
        guard endpoint.methods.contains(request.method) else {
            return HTTPResponse(status: 405, headers: [("Allow", endpoint.methods.joined(separator: ", "))])
        }
        switch endpoint {
        case .metadata: return metadata
        case .keys: return .json(status: 200, signer.keySet)
        case .authorization: return authorization(request)
        case .pushedAuthorization: return pushedAuthorization(request)
        case .deviceAuthorization: return deviceAuthorization(request)
        case .devicePage: return devicePage(request)
        case .token: return await mishap() ?? token(request)
        case .introspection: return introspection(request)
        case .revocation: return revocation(request)
        case .userInfo: return userInfo(request)
        }
    }

    /// What the token endpoint answers out of order; nil when it is in order.
    private func mishap() async -> HTTPResponse? {
        if options.faults.contains(.tokenUnavailable) {
            return HTTPResponse(status: 503, headers: [("Retry-After", "7")])
        }
        if options.faults.contains(.tokenHTML) {
            let page = "<!DOCTYPE html><html><title>Sign in to the network</title><p>Please accept the terms.</html>\n"
            return HTTPResponse(
                status: 200, headers: [("Content-Type", "text/html; charset=utf-8")], body: Secret(copying: page))
        }
        if options.faults.contains(.tokenSlow) { try? await Task.sleep(for: options.slowness) }
        return nil
    }

    /// Runs an endpoint for clients; a refusal is logged, by the client if it is known, and told.
    func serving(
        _ request: IncomingRequest, refusals: SandboxEvent.Name,
        _ body: (FormParameters) throws(OAuthRefusal) -> HTTPResponse
    ) -> HTTPResponse {
        var form: FormParameters?
        do throws(OAuthRefusal) {
            let parameters = try FormParameters(request)
            form = parameters
            return try body(parameters)
        } catch {
            log.record(
                SandboxEvent(
                    refusals, clientID: clients.claimedID(request, form), reason: error.code.rawValue,
                    grant: form?["grant_type"].flatMap(TokenGrant.init(rawValue:))?.name))
            return error.response
        }
    }
}
