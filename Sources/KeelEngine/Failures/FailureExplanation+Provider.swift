import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelProviders

extension FailureExplanation {
    /// An OAuth endpoint or an issuer's metadata gave nothing usable. `grant` is that of a first request; a renewal has none.
    package func tokenFailure(
        _ failure: OAuthFailure, _ address: ResourceAddress, endpoint: String, grant: GrantType? = nil
    ) -> Diagnostic {
        let meaning = Meaning.of(failure, at: endpoint, grant: grant)
        var notes = failure.places.map { Diagnostic.Note($0.description) }
        if let wait = failure.retryAfter { notes.append(Diagnostic.Note("the provider asks to wait \(wait) s")) }
        var diagnostic = diagnostic(
            "oauth.\(failure.code)", "\(endpoint) gave no token: \(meaning.cause)", meaning, address,
            Self.field(failure.kind), answer: failure.answer.adding(failure.facts), notes: notes)
        diagnostic.failureClass = meaning.failureClass
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
    /// The meaning of an answer of this endpoint.
    static func of(_ failure: OAuthFailure, at endpoint: String, grant: GrantType?) -> Meaning {
        let host = (try? EndpointURL(parsing: endpoint))?.authority.host
        let numbers = failure.vendorCode.flatMap(ErrorCatalogue.number).map { [$0] } ?? []
        // An error that no specification knows may be one that this provider has documented.
        let error = failure.kind == .unrecognized ? failure.answer.code ?? failure.code : failure.code
        let meaning = Meaning.of(
            ErrorSigns(
                error, suberror: failure.suberror, numbers: numbers, origin: host.flatMap(ErrorOrigin.init(host:)),
                grant: grant))
        // A status that speaks of load outweighs what the body says (RFC 6585 section 4, RFC 9110 section 15.6.4).
        guard failure.transience == .transient, meaning.responsible != .nobody else { return meaning }
        return Meaning(meaning.cause, .nobody, "try again later; if it stays, " + meaning.remedy, .transient)
    }
}

extension OAuthFailure {
    /// What stands beside the error and its description, under the provider's names.
    var facts: [ServerAnswer.Fact] {
        let found: [(name: String, text: String?)] = [
            ("suberror", suberror), ("error_codes", vendorCode), ("correlation_id", correlationID),
        ]
        return found.compactMap { name, text in text.map { ServerAnswer.Fact(name, $0) } }
    }
}
