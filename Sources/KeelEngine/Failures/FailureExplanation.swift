import KeelBase
import KeelDiagnostics
import KeelMail
import KeelProviders

/// Puts a failure into words: the resource, the place in the manifest, the server's answer, the meaning, who must act.
package struct FailureExplanation: Sendable {
    /// Where the first of these fields that a manifest gives stands, else the resource; nil when no manifest was read.
    package let place: @Sendable (ResourceAddress, [String]) -> SourceRange?

    /// Whether the settings of a resource have worked before, so that no manifest is to blame for a server that is gone.
    private let hasWorked: @Sendable (ResourceAddress) -> Bool

    package init(place: @escaping @Sendable (ResourceAddress, [String]) -> SourceRange?) {
        self.place = place
        hasWorked = { _ in false }
    }

    /// For what is in service, without a look at manifests. `hasWorked` says of which resources a proof is known.
    package init(ofService hasWorked: @escaping @Sendable (ResourceAddress) -> Bool) {
        place = { _, _ in nil }
        self.hasWorked = hasWorked
    }

    /// A connection to a mail server failed.
    package func serverUnreached(
        _ failure: ConnectionFailure, _ address: ResourceAddress, endpoint: HostPort, security: ConnectionSecurity
    ) -> Diagnostic {
        // The server was right about the port: it had agreed to TLS before the handshake failed.
        if case .tls(.handshake) = failure, security == .starttls {
            return diagnostic(
                "connection.\(failure.code)", "\(endpoint) \(Meaning.noTLSAfterGoAhead.cause)",
                .noTLSAfterGoAhead, address, "server", answer: ServerAnswer(code: nil, words: failure.observation))
        }
        let field: String =
            switch failure {
            case .refused, .timedOut, .tls(.handshake): "port"
            default: "server"
            }
        return connection(failure, address, endpoint: endpoint.description, field: Self.field(failure) ?? field)
    }

    /// A login did not prove the account. `showing` is what was shown to the server.
    package func loginFailure(
        _ failure: MailFailure, _ address: ResourceAddress, endpoint: HostPort, of type: MailProtocol,
        showing: AuthenticationMethod
    ) -> Diagnostic {
        // What came before TLS was perhaps not said by the server.
        let reply = (failure.wasBeforeTLS ? nil : failure.answer).flatMap {
            MailReplyCatalogue.entry(for: MailReplySigns(type, $0, host: endpoint.host))
        }
        // A row with several causes weighs those of tokens: a password has others, and what was not shown yet has none.
        let isPlain =
            switch failure.kind {
            case .credentialNotAsked, .mechanismRefused, .channelBindingRefused: true
            default: showing == .password && Meaning.ofPassword(failure.code) != nil
            }
        let telling = reply.flatMap { isPlain && $0.failureClass == .ambiguous ? nil : $0 }
        let meaning = Meaning.ofMailFailure(
            failure.code, showing: showing, isForGood: failure.transience == .permanent
        ).refined(by: telling, mayPass: failure.transience == .transient)
        let field: String =
            switch meaning.responsible {
            case .manifestAuthor where failure.kind != .unusableUserName:
                failure.credentialWasOffered ? "userName" : "server"
            default: "userName"
            }
        var notes: [Diagnostic.Note] = []
        if let challenge = failure.challenge {
            notes.append(Diagnostic.Note("the server's challenge said: \(challenge)"))
        }
        if let detail = failure.kind.detail { notes.append(Diagnostic.Note(detail)) }
        if let telling {
            notes += telling.checklist.enumerated().map { Diagnostic.Note("\($0 + 1). \($1)") }
        }
        if let reply { notes.append(Diagnostic.Note("mailkeel explain \(reply.name) says more")) }
        return diagnostic(
            "mail.\(failure.code)", Self.refusal(by: endpoint) + meaning.cause, meaning, address, field,
            answer: failure.answer, notes: notes)
    }

    /// What stands before the cause where a server let nobody in.
    package static func refusal(by endpoint: HostPort) -> String { "\(endpoint) did not let the account in: " }

    /// A secret could not be read.
    package func secretMissing(_ failure: SecretFailure, _ address: ResourceAddress, field: String) -> Diagnostic {
        let notes = failure.complaint.isEmpty ? [] : [Diagnostic.Note("it said: \(failure.complaint)")]
        return Diagnostic(
            .error, "secret.\(failure.code.rawValue)", "\(field): \(failure.reason)",
            at: place(address, [field] + Self.alternatives(field)), notes: notes,
            help: failure.remedy, address: address, responsible: .operatorHere)
    }

    /// A credential was refused before, and is not offered again.
    package func refusedBefore(at time: Timestamp, _ address: ResourceAddress, field: String) -> Diagnostic {
        Diagnostic(
            .error, "oauth.refused_before",
            "\(field) was refused at \(time), and the same one is not offered again",
            at: place(address, [field] + Self.alternatives(field)),
            help:
                "put the right secret where it comes from; if the provider was mended instead, run again with --retry-refused",
            address: address, responsible: .appAdministrator)
    }

    /// A mail server refused a password before, and it is not offered again. `time` says when: `at 2026-11-21T08:46:39Z`.
    package func passwordRefusedBefore(
        _ time: String, _ source: SecretSource, at endpoint: HostPort, _ address: ResourceAddress
    ) -> Diagnostic {
        Diagnostic(
            .error, "mail.refused_before",
            "\(endpoint.host) refused the password \(time), and the same one is not offered again",
            at: place(address, ["password"]),
            notes: [Diagnostic.Note("a few refusals lock a mailbox")],
            help:
                "put the right password where it comes from (\(ForeignText(source.summary))); if the server was mended instead, run again with --retry-refused",
            address: address, responsible: .operatorHere)
    }

    /// Something on this machine failed.
    package func local(_ code: String, _ reason: String, help: String?, _ address: ResourceAddress?) -> Diagnostic {
        Diagnostic(.error, code, reason, help: help, address: address, responsible: .operatorHere)
    }

    func connection(
        _ failure: ConnectionFailure, _ address: ResourceAddress, endpoint: String, field: String
    ) -> Diagnostic {
        let found = Meaning.of(failure, endpoint: endpoint)
        let meaning =
            found.responsible == .manifestAuthor && hasWorked(address)
            ? Meaning(found.cause, .tenantAdministrator, found.remedy, found.failureClass) : found
        return diagnostic(
            "connection.\(failure.code)", meaning.cause, meaning, address, field,
            answer: ServerAnswer(code: nil, words: failure.observation))
    }

    /// What says the same when the field itself is not written: an endpoint may come from an issuer or a preset.
    private static func alternatives(_ field: String) -> [String] {
        switch field {
        case "endpoints.token", "issuer": ["issuer", "endpoints.token", "provider"]
        case _ where field.hasPrefix("endpoints."): ["issuer", "provider"]
        case "port", "tls.caFile": ["server", "endpoints.token", "issuer", "provider"]
        case "client.secret": ["client.id"]
        case "scopes": ["grant"]
        default: []
        }
    }

    static func field(_ failure: ConnectionFailure) -> String? {
        switch failure {
        case .tls(.untrustedIssuer), .trustUnusable: "tls.caFile"
        case .tls(.wrongKey): "tls.pin"
        case .injected: "connectionSecurity"
        default: nil
        }
    }

    func diagnostic(
        _ code: String, _ message: String, _ meaning: Meaning, _ address: ResourceAddress, _ field: String,
        answer: ServerAnswer?, notes: [Diagnostic.Note] = []
    ) -> Diagnostic {
        Diagnostic(
            .error, code, message, at: place(address, [field] + Self.alternatives(field)), notes: notes,
            help: meaning.remedy, address: address,
            answer: answer, responsible: meaning.responsible)
    }
}
