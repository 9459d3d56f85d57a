import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelProviders

extension FailureExplanation {
    /// An OAuth endpoint or an issuer's metadata gave nothing usable. `grant` is that of a first request; a renewal has none.
    package func tokenFailure(
        _ failure: OAuthFailure, _ address: ResourceAddress, endpoint: String, grant: GrantType? = nil,
        outcome: String = "gave no token"
    ) -> Diagnostic {
        let entry = failure.entry(at: endpoint, grant: grant)
        let meaning = Meaning.of(failure, entry, grant: grant)
        var notes = failure.places.map { Diagnostic.Note($0.description) }
        if let detail = failure.kind.detail { notes.append(Diagnostic.Note(detail)) }
        if let wait = failure.retryAfter { notes.append(Diagnostic.Note("the provider asks to wait \(wait) s")) }
        if let skew = failure.clockSkew { notes.append(Diagnostic.Note(Self.words(ofSkew: skew))) }
        let code = "oauth.\(failure.code)"
        // The headline's code is the protocol's; a finer one is worth a look of its own.
        if let entry, entry.name != code { notes.append(Diagnostic.Note("mailkeel explain \(entry.name) says more")) }
        var diagnostic = diagnostic(
            code, "\(endpoint) \(outcome): \(meaning.cause)", meaning, address, Self.field(failure.kind),
            answer: failure.answer.adding(failure.facts), notes: notes)
        diagnostic.failureClass = meaning.failureClass
        return diagnostic
    }

    /// What a server's clock and this machine's differ by: assertions and ID tokens hold times.
    package static func words(ofSkew seconds: Int) -> String {
        let (much, way) = (seconds.magnitude, seconds > 0 ? "ahead of" : "behind")
        return "the provider's clock is \(much) s \(way) this machine's: see whether this one is right (`date -u`)"
    }

    /// A connection to a provider failed.
    package func providerUnreached(
        _ failure: ConnectionFailure, _ address: ResourceAddress, endpoint: EndpointURL, field: String
    ) -> Diagnostic {
        var diagnostic = connection(
            failure, address, endpoint: endpoint.authority.description, field: Self.field(failure) ?? field)
        diagnostic.failureClass = FailureClass(failure)
        return diagnostic
    }

    /// The field of a profile that such a failure speaks of.
    private static func field(_ kind: OAuthFailure.Kind) -> String {
        switch kind {
        case .invalidClient, .emptyRefusal: "client.secret"
        case .unauthorizedClient, .unsupportedGrantType: "grant"
        case .invalidScope, .insufficientScope: "scopes"
        case .metadataMismatch, .metadataNotFound, .invalidIssuer: "issuer"
        default: "endpoints.token"
        }
    }
}

extension Meaning {
    /// What a failure means. The entry has the words; the class is the failure's own, which also knows the status.
    fileprivate static func of(_ failure: OAuthFailure, _ entry: ProviderError?, grant: GrantType?) -> Meaning {
        var decided = failure.classified(grant: grant) { ErrorCatalogue.failureClass(number: $0) }
        // An error outside of the specifications is clear enough where its provider has documented it.
        if failure.kind == .unrecognized, decided == .ambiguous, let entry { decided = entry.failureClass }
        let meaning = entry?.meaning ?? .unknownError
        let passes = decided == .transient || decided == .throttled
        if passes, meaning.responsible != .nobody, meaning.failureClass != decided {
            return Meaning(meaning.cause, .nobody, "try again later; if it stays, \(meaning.remedy)", decided)
        }
        let isPromised = !passes && meaning.responsible == .nobody
        return Meaning(
            meaning.cause, isPromised ? decided.responsible : meaning.responsible, meaning.remedy, decided)
    }
}

extension OAuthFailure {
    /// What the catalogue knows of it.
    fileprivate func entry(at endpoint: String, grant: GrantType?) -> ProviderError? {
        let host = (try? EndpointURL(parsing: endpoint))?.authority.host
        return ErrorCatalogue.entry(
            for: ErrorSigns(
                // An error that no specification knows may be one that this provider has documented.
                kind == .unrecognized ? answer.code ?? code : code, suberror: evidence.suberror,
                numbers: evidence.numbers, origin: host.flatMap(ErrorOrigin.init(host:)), grant: grant))
    }

    /// What stands beside the error and its description, under the provider's names.
    fileprivate var facts: [ServerAnswer.Fact] {
        let numbers = evidence.numbers.map { "\($0)" }.joined(separator: " ")
        let found: [(name: String, text: String?)] = [
            ("suberror", evidence.suberror), ("error_codes", numbers.isEmpty ? nil : numbers),
            ("trace_id", evidence.traceID), ("correlation_id", evidence.correlationID),
            ("timestamp", evidence.timestamp),
        ]
        return found.compactMap { name, text in text.map { ServerAnswer.Fact(name, $0) } }
    }
}
