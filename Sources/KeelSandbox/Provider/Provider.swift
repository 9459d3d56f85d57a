import KeelBase
import KeelHTTPServer
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
    let signer: IDTokenSigner
    let judge: AssertionJudge
    let faults: FaultBoard
    let options: SandboxOptions
    let time: any TimeSource
    let log: SandboxLog
    private let origin: Origin

    /// Knows the example's application for persons beside `clients`.
    init(_ options: SandboxOptions, clients: [SandboxClient], time: any TimeSource, log: SandboxLog) {
        self.options = options
        let judge = AssertionJudge(time: time)
        let origin = Origin()
        self.judge = judge
        self.origin = origin
        // The issuer, and each place to which a client may send one (RFC 7523 section 3, RFC 9126 section 2).
        let paths = [""] + ProviderEndpoint.allCases.filter { $0.methods == ["POST"] }.map(\.path)
        self.clients = ClientRegistry([ExampleProject.personalClient] + clients, judge) { [path = options.issuerPath] in
            paths.map { origin.text + path + $0 }
        }
        users = UserDirectory(users: options.users)
        let signer = IDTokenSigner()
        self.signer = signer
        let describe: @Sendable (IssuedToken) -> String = { [path = options.issuerPath] token in
            signer.sign(token.claims(issuer: origin.text + path), type: "at+jwt")
        }
        tokens = TokenTable(
            lifetime: options.tokenLifetime, time: time, text: options.tokensAreJWT ? describe : nil)
        refreshes = RefreshTable(options.refresh, time: time)
        codes = CodeTable(lifetime: options.codeLifetime, time: time)
        devices = DeviceTable(lifetime: options.deviceCodeLifetime, interval: options.deviceInterval, time: time)
        pushed = PushedRequests(time: time)
        faults = FaultBoard(options.faults)
        self.time = time
        self.log = log
    }

    /// Tells the provider where its server listens.
    func listens(at endpoint: HostPort) { origin.text = "https://\(endpoint)" }

    /// The issuer identifier.
    var issuer: String { origin.text + options.issuerPath }

    /// Another address of this provider, by another host's name.
    var otherOrigin: String {
        let text = origin.text
        guard let colon = text.lastIndex(of: ":") else { return text }
        return "https://" + SandboxCertificates.otherHost + text[colon...]
    }

    func respond(to request: IncomingRequest) async -> HTTPResponse {
        let endpoint = ProviderEndpoint(at: request.path, issuerPath: options.issuerPath)
        log.record(SandboxEvent(.connection, service: endpoint?.service ?? "oauth_unknown_path"))
        var response = await answer(request, at: endpoint)
        let skew = endpoint?.isOfTests == true ? nil : met(.providerDateSkew, at: endpoint ?? .token)
        response.headers.append(("Date", time.now.adding(seconds: Int64(skew?.number ?? 0)).httpDate))
        return response
    }

    private func answer(_ request: IncomingRequest, at endpoint: ProviderEndpoint?) async -> HTTPResponse {
        guard let endpoint else { return HTTPResponse(status: 404) }
        guard endpoint.methods.contains(request.method) else {
            return HTTPResponse(status: 405, headers: [("Allow", endpoint.methods.joined(separator: ", "))])
        }
        if endpoint.faultPrefix == nil { return work(request, at: endpoint) }
        let grant = request.method == "POST" ? (try? FormParameters(request)).flatMap(TokenGrant.init)?.name : nil
        if let slow = met(.tokenSlow, at: endpoint, grant: grant) {
            try? await Task.sleep(for: .milliseconds(slow.number))
        }
        if let mishap = mishap(at: endpoint, grant: grant) { return mishap }
        let response = work(request, at: endpoint)
        if met(.tokenDropped, at: endpoint, grant: grant) != nil { return .hangUp }
        if let delay = met(.tokenDelayed, at: endpoint, grant: grant) {
            try? await Task.sleep(for: .milliseconds(delay.number))
        }
        if let pause = met(.tokenTrickle, at: endpoint, grant: grant) {
            return response.trickling(.milliseconds(pause.number))
        }
        return response
    }

    private func work(_ request: IncomingRequest, at endpoint: ProviderEndpoint) -> HTTPResponse {
        switch endpoint {
        case .metadata: metadata()
        case .keys: .json(status: 200, signer.keySet)
        case .authorization: authorization(request)
        case .pushedAuthorization: pushedAuthorization(request)
        case .deviceAuthorization: deviceAuthorization(request)
        case .devicePage: devicePage(request)
        case .token: token(request)
        case .introspection: introspection(request)
        case .revocation: revocation(request)
        case .userInfo: userInfo(request)
        case .redirected: redirected()
        case .faults: orderFault(request)
        case .calm: calm()
        case .counts: counts
        case .ending: endGrants(request)
        }
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
                    grant: form.flatMap(TokenGrant.init)?.name))
            return error.response
        }
    }
}

/// Scheme, host and port; empty until the server listens, because the port may be the system's choice.
private final class Origin: Sendable {
    private let value = Mutex("")

    var text: String {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
