import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelMail
import KeelOAuth
import KeelSystem
import KeelTestSupport
import Testing

/// Every failure says what, where, why, and who must act.
struct FailureExplanationTests {
    private static let address = ResourceAddress(.emailAccount, "desk")
    private static let server = HostPort(host: "mail.example.com", port: 993)
    private static let answer = ServerAnswer(code: "CODE", words: ForeignText("the server's words"))
    private static let fields = [
        "client.secret", "grant", "scopes", "issuer", "endpoints.token", "userName", "server", "port", "tls.caFile",
    ]

    /// An explanation that places each field on a line of its own, so that a place tells its field.
    private static func explain(
        _ body: (FailureExplanation) -> Diagnostic
    ) -> (diagnostic: Diagnostic, field: String?) {
        var sources = SourceMap()
        let file = sources.add(path: "mail.yaml", bytes: [])
        let explanation = FailureExplanation { address, fields in
            guard address == Self.address, let field = fields.first, let line = Self.fields.firstIndex(of: field)
            else { return nil }
            return SourceRange(file: file, at: SourcePosition(line: line + 1, column: 1))
        }
        let diagnostic = body(explanation)
        return (diagnostic, diagnostic.range.map { Self.fields[$0.start.line - 1] })
    }

    @Test func `no manifest is to blame for a server that is gone where its settings have worked`() {
        let proven = FailureExplanation(ofService: { $0 == Self.address })
        for (address, responsible) in [
            (Self.address, Responsible.tenantAdministrator),
            (ResourceAddress(.emailAccount, "new"), .manifestAuthor),
        ] {
            let refused = proven.serverUnreached(.refused, address, endpoint: Self.server, security: .tls)
            #expect(refused.responsible == responsible)
            let unreachable = proven.serverUnreached(.unreachable, address, endpoint: Self.server, security: .tls)
            #expect(unreachable.responsible == .operatorHere)
        }
    }

    private static func expectComplete(_ diagnostic: Diagnostic) {
        #expect(diagnostic.severity == .error)
        #expect(diagnostic.address == address)
        #expect(diagnostic.help?.isEmpty == false)
        #expect(diagnostic.responsible != nil)
        #expect(!diagnostic.message.isEmpty)
        #expect(diagnostic.message.last != ".")
    }

    static let tokenFailures: [(OAuthFailure.Kind, String, String, Responsible)] = [
        (.invalidRequest, "oauth.invalid_request", "endpoints.token", .manifestAuthor),
        (.invalidClient, "oauth.invalid_client", "client.secret", .appAdministrator),
        (.invalidGrant, "oauth.invalid_grant", "endpoints.token", .user),
        (.unauthorizedClient, "oauth.unauthorized_client", "grant", .appAdministrator),
        (.unsupportedGrantType, "oauth.unsupported_grant_type", "grant", .manifestAuthor),
        (.invalidScope, "oauth.invalid_scope", "scopes", .manifestAuthor),
        (.accessDenied, "oauth.access_denied", "endpoints.token", .user),
        (.serverError, "oauth.server_error", "endpoints.token", .nobody),
        (.temporarilyUnavailable, "oauth.temporarily_unavailable", "endpoints.token", .nobody),
        (.interactionRequired, "oauth.interaction_required", "endpoints.token", .user),
        (.loginRequired, "oauth.login_required", "endpoints.token", .user),
        (.consentRequired, "oauth.consent_required", "endpoints.token", .user),
        (.insufficientScope, "oauth.insufficient_scope", "scopes", .tenantAdministrator),
        (.unrecognized, "oauth.unrecognized_error", "endpoints.token", .appAdministrator),
        (.emptyRefusal(status: 401), "oauth.empty_refusal", "client.secret", .appAdministrator),
        (.http(status: 502), "oauth.http_error", "endpoints.token", .nobody),
        (.malformed(.bodyHTML), "oauth.malformed_response", "endpoints.token", .manifestAuthor),
        (.invalidIssuer, "oauth.invalid_issuer", "issuer", .manifestAuthor),
        (.metadataMismatch, "oauth.metadata_mismatch", "issuer", .manifestAuthor),
        (.metadataNotFound, "oauth.metadata_not_found", "issuer", .manifestAuthor),
    ]

    @Test(arguments: tokenFailures)
    func `a refused token`(kind: OAuthFailure.Kind, code: String, field: String, responsible: Responsible) {
        let status: Int? = if case .http(let status) = kind { status } else { nil }
        let failure = OAuthFailure(kind, answer: Self.answer, status: status, evidence: .none, transience: .permanent)
        let explained = Self.explain { $0.tokenFailure(failure, Self.address, endpoint: "https://login.example.com/t") }
        Self.expectComplete(explained.diagnostic)
        #expect(explained.diagnostic.code == code)
        #expect(explained.field == field)
        #expect(explained.diagnostic.responsible == responsible)
        #expect(explained.diagnostic.answer == Self.answer)
        #expect(explained.diagnostic.message.contains("https://login.example.com/t"))
    }

    @Test func `a provider's finer code explains, the general code stays, and a support case finds its ids`() {
        let failure = OAuthFailure(
            .invalidClient, answer: Self.answer, status: 401,
            evidence: OAuthFailure.Evidence(
                numbers: [7_000_222], suberror: "s", traceID: "t-1", correlationID: "id-7",
                timestamp: "2026-11-21 08:00:00Z"), transience: .permanent)
        let diagnostic = Self.explain { $0.tokenFailure(failure, Self.address, endpoint: "x") }.diagnostic
        #expect(diagnostic.code == "oauth.invalid_client")
        #expect(diagnostic.message.contains("the client secret has expired"))
        #expect(diagnostic.notes.map(\.message) == ["mailkeel explain AADSTS7000222 says more"])
        #expect(diagnostic.failureClass == .fixClient)
        #expect(
            diagnostic.answer?.facts == [
                ServerAnswer.Fact("suberror", "s"), ServerAnswer.Fact("error_codes", "7000222"),
                ServerAnswer.Fact("trace_id", "t-1"), ServerAnswer.Fact("correlation_id", "id-7"),
                ServerAnswer.Fact("timestamp", "2026-11-21 08:00:00Z"),
            ])
    }

    static let meanings: [(OAuthFailure.Kind, code: String, String, GrantType?, String, FailureClass)] = [
        (
            .invalidGrant, "invalid_grant", "https://oauth2.googleapis.com/token", nil, "expired or was revoked",
            .reauthorize
        ),
        (
            .invalidGrant, "invalid_grant", "https://oauth2.googleapis.com/token", .jwtBearer, "signed assertion",
            .fixManifest
        ),
        (
            .unrecognized, "admin_policy_enforced", "https://accounts.google.com/o/oauth2/v2/auth", nil,
            "administrator of Google Workspace", .fixTenant
        ),
        (.unrecognized, "weird_error", "https://login.example.com/t", nil, "a reason of its own", .ambiguous),
        (.invalidGrant, "invalid_grant", "no address", nil, "no longer accepts", .reauthorize),
    ]

    @Test(arguments: meanings)
    func `the provider that speaks and the grant that was asked for tell causes apart`(
        kind: OAuthFailure.Kind, code: String, endpoint: String, grant: GrantType?, words: String,
        failureClass: FailureClass
    ) {
        let answer = ServerAnswer(code: code, words: ForeignText(""))
        let failure = OAuthFailure(kind, answer: answer, transience: .permanent)
        let diagnostic = Self.explain { $0.tokenFailure(failure, Self.address, endpoint: endpoint, grant: grant) }
            .diagnostic
        Self.expectComplete(diagnostic)
        #expect(diagnostic.message.contains(words))
        #expect(diagnostic.failureClass == failureClass)
    }

    @Test(arguments: [(429, FailureClass.throttled), (503, .transient)])
    func `a status that speaks of load outweighs what the body says`(status: Int, failureClass: FailureClass) {
        let failure = OAuthFailure(
            .invalidClient, answer: Self.answer, status: status, evidence: .none, transience: .transient)
        let diagnostic = Self.explain { $0.tokenFailure(failure, Self.address, endpoint: "x") }.diagnostic
        #expect(diagnostic.responsible == .nobody && diagnostic.failureClass == failureClass)
        #expect(diagnostic.help?.hasPrefix("try again later") == true)
    }

    @Test func `nobody is told to wait for what will not pass`() {
        let failure = OAuthFailure(
            .http(status: 404), answer: Self.answer, status: 404, evidence: .none, transience: .permanent)
        let diagnostic = Self.explain { $0.tokenFailure(failure, Self.address, endpoint: "x") }.diagnostic
        #expect(diagnostic.responsible == .operatorHere && diagnostic.failureClass == .ambiguous)
    }

    static let connectionFailures: [(ConnectionFailure, String, provider: String, server: String, Responsible)] = [
        (.nameNotResolved(host: "h"), "name_not_resolved", "endpoints.token", "server", .manifestAuthor),
        (.refused, "connection_refused", "endpoints.token", "port", .manifestAuthor),
        (.unreachable, "network_unreachable", "endpoints.token", "server", .operatorHere),
        (.timedOut, "timed_out", "endpoints.token", "port", .nobody),
        (.closed, "connection_closed", "endpoints.token", "server", .nobody),
        (
            .tls(.expired(subject: ForeignText("s"), notAfter: Timestamp(seconds: 0))), "certificate_expired",
            "endpoints.token", "server", .tenantAdministrator
        ),
        (
            .tls(.notYetValid(subject: ForeignText("s"), notBefore: Timestamp(seconds: 0))),
            "certificate_not_yet_valid", "endpoints.token", "server", .tenantAdministrator
        ),
        (
            .tls(.untrustedIssuer(issuer: ForeignText("i"))), "certificate_untrusted", "tls.caFile", "tls.caFile",
            .operatorHere
        ),
        (
            .tls(.wrongName(expected: "a", presented: [])), "certificate_wrong_name", "endpoints.token", "server",
            .manifestAuthor
        ),
        (.tls(.handshake(ForeignText("w"))), "tls_handshake", "endpoints.token", "port", .manifestAuthor),
        (
            .trustUnusable(path: "ca.pem", ForeignText("w")), "trust_unusable", "tls.caFile", "tls.caFile",
            .operatorHere
        ),
        (
            .proxy(ProxyFailure(.refused(status: 403), variable: "HTTPS_PROXY")), "proxy_refused", "endpoints.token",
            "server", .operatorHere
        ),
        (.other(ForeignText("w")), "connection_failed", "endpoints.token", "server", .operatorHere),
    ]

    @Test(arguments: connectionFailures)
    func `a connection that failed`(
        failure: ConnectionFailure, code: String, provider: String, server: String, responsible: Responsible
    ) throws {
        let url = try EndpointURL(parsing: "https://login.example.com/token")
        let atProvider = Self.explain {
            $0.providerUnreached(failure, Self.address, endpoint: url, field: "endpoints.token")
        }
        let atServer = Self.explain {
            $0.serverUnreached(failure, Self.address, endpoint: Self.server, security: .tls)
        }
        for explained in [atProvider, atServer] {
            Self.expectComplete(explained.diagnostic)
            #expect(explained.diagnostic.code == "connection.\(code)")
            #expect(explained.diagnostic.responsible == responsible)
            #expect(explained.diagnostic.answer?.words.isEmpty == false)
        }
        #expect(atProvider.diagnostic.failureClass == FailureClass(failure))
        #expect(atServer.diagnostic.failureClass == nil)
        #expect(atProvider.field == provider)
        #expect(atServer.field == server)
    }

    static let loginFailures: [(MailFailure.Kind, offered: Bool, String, Responsible)] = [
        (.authenticationFailed, true, "userName", .tenantAdministrator),
        (.authorizationFailed, true, "userName", .tenantAdministrator),
        (.credentialExpired, true, "userName", .tenantAdministrator),
        (.mechanismNotOffered(offered: ["PLAIN"]), false, "server", .manifestAuthor),
        (.mechanismNotSupported(.plain), false, "server", .manifestAuthor),
        (.mechanismRefused, false, "userName", .tenantAdministrator),
        (.privacyRequired, true, "userName", .manifestAuthor),
        (.protocolViolation(.notAGreeting), false, "server", .manifestAuthor),
        (.closedOnCredential(bytes: 9000), true, "userName", .tenantAdministrator),
        (.temporarilyUnavailable, true, "userName", .nobody),
        (.unusableUserName, false, "userName", .manifestAuthor),
        (.postLoginRefused, true, "userName", .tenantAdministrator),
    ]

    @Test(arguments: loginFailures)
    func `a login that was refused`(
        kind: MailFailure.Kind, offered: Bool, field: String, responsible: Responsible
    ) {
        let failure = MailFailure(kind, answer: Self.answer, credentialWasOffered: offered)
        let explained = Self.explain {
            $0.loginFailure(failure, Self.address, endpoint: Self.server, of: .imap, showing: .oauth2)
        }
        Self.expectComplete(explained.diagnostic)
        #expect(explained.diagnostic.code == "mail.\(kind.code)")
        #expect(explained.field == field)
        #expect(explained.diagnostic.responsible == responsible)
        #expect(explained.diagnostic.message.hasPrefix("mail.example.com:993 "))
        if let detail = kind.detail { #expect(explained.diagnostic.notes.contains { $0.message == detail }) }
    }

    static let refusals: [(AuthenticationMethod, MailProtocol, String?, String, Responsible, String)] = [
        (.password, .imap, "AUTHENTICATIONFAILED", "no", .operatorHere, "this user name and password"),
        (.password, .pop3, "AUTH", "no", .operatorHere, "this user name and password"),
        (.password, .smtp, "535 5.7.8", "no", .operatorHere, "this user name and password"),
        (.oauth2, .smtp, "535 5.7.8", "no", .tenantAdministrator, "the server does not accept the credential"),
        (.password, .smtp, "534 5.7.9", "no", .user, "takes an application password"),
        (.oauth2, .smtp, "534 5.7.14", "no", .user, "sign in with a browser"),
        (.oauth2, .pop3, "SYS/PERM", "no", .tenantAdministrator, "the account cannot be used"),
        (.oauth2, .imap, "ALERT", "Too many simultaneous connections. (Failure)", .nobody, "more sessions are open"),
        (.oauth2, .imap, "REFERRAL", "elsewhere", .manifestAuthor, "sends to another one"),
    ]

    @Test(arguments: refusals)
    func `a refusal is spoken of by its protocol, its reply and what was shown`(
        method: AuthenticationMethod, type: MailProtocol, code: String?, words: String, responsible: Responsible,
        cause: String
    ) {
        let failure = MailFailure(
            .authenticationFailed, answer: ServerAnswer(code: code, words: ForeignText(words)),
            credentialWasOffered: true)
        let diagnostic = Self.explain {
            $0.loginFailure(failure, Self.address, endpoint: Self.server, of: type, showing: method)
        }.diagnostic
        #expect(diagnostic.message.contains(cause))
        #expect(diagnostic.responsible == responsible)
        #expect(diagnostic.notes.contains { $0.message.hasPrefix("mailkeel explain \(type.rawValue).") })
        #expect(
            method == .oauth2
                || !([diagnostic.help ?? ""] + diagnostic.notes.map(\.message)).contains {
                    $0.contains("token")
                })
    }

    @Test(arguments: [MailFailure.Kind.credentialNotAsked, .mechanismRefused, .channelBindingRefused])
    func `nothing is said against a credential that was not judged`(kind: MailFailure.Kind) {
        let failure = MailFailure(kind, answer: ServerAnswer(code: "535 5.7.8", words: ForeignText("no")))
        for method in [AuthenticationMethod.oauth2, .password] {
            let diagnostic = Self.explain {
                $0.loginFailure(failure, Self.address, endpoint: Self.server, of: .smtp, showing: method)
            }.diagnostic
            #expect(!diagnostic.message.contains("does not accept the credential"))
            #expect(!diagnostic.notes.contains { $0.message.contains("token") })
        }
    }

    @Test func `a greeting that refuses for good is no matter of time`() {
        func explained(_ transience: MailFailure.Transience) -> Diagnostic {
            let failure = MailFailure(.greetingRefused, answer: Self.answer, transience: transience)
            return Self.explain {
                $0.loginFailure(failure, Self.address, endpoint: Self.server, of: .pop3, showing: .oauth2)
            }.diagnostic
        }
        #expect(explained(.transient).responsible == .nobody)
        #expect(explained(.permanent).responsible == .tenantAdministrator)
        #expect(explained(.permanent).help?.contains("try again later") == false)
    }

    @Test func `a handshake that fails after STARTTLS was agreed to is not laid to the port`() {
        let failure = ConnectionFailure.tls(.handshake(ForeignText("wrong version number")))
        let explained = Self.explain {
            $0.serverUnreached(failure, Self.address, endpoint: Self.server, security: .starttls)
        }
        Self.expectComplete(explained.diagnostic)
        #expect(explained.diagnostic.code == "connection.tls_handshake")
        #expect(explained.field == "server")
        #expect(explained.diagnostic.responsible == .tenantAdministrator)
        #expect(explained.diagnostic.message.contains("agreed to STARTTLS"))
    }

    @Test func `only what asks for a person weighs as that`() {
        func weight(_ kind: OAuthFailure.Kind) -> StepFailure.Weight {
            let failure = OAuthFailure(kind, answer: Self.answer, transience: .permanent)
            return StepFailure(Self.explain { $0.tokenFailure(failure, Self.address, endpoint: "x") }.diagnostic).weight
        }
        #expect(weight(.invalidGrant) == .needsPerson && weight(.consentRequired) == .needsPerson)
        #expect(weight(.invalidClient) == .failed && weight(.serverError) == .failed)
    }

    @Test func `a secret that is missing is the operator's, at the field that names it`() async {
        let resolver = SecretResolver(
            environment: ProcessEnvironment([:]), processes: ScriptedPrograms(), place: "."
        ) { $0 }
        let failure = await #expect(throws: SecretFailure.self) {
            _ = try await resolver.resolve(SecretSource(.environment("NAME")), in: nil)
        }
        guard let failure else { return }
        let explained = Self.explain { $0.secretMissing(failure, Self.address, field: "client.secret") }
        Self.expectComplete(explained.diagnostic)
        #expect(explained.diagnostic.code == "secret.variable-not-set")
        #expect(explained.field == "client.secret")
        #expect(explained.diagnostic.responsible == .operatorHere)
    }
}
