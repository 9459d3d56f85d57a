import KeelBase

/// Finds an authorization server's metadata from its issuer, one request at a time.
///
/// The host is the same for every place, so a connection that cannot be made ends the search; the caller reports it.
package struct MetadataDiscovery: Sendable {
    /// What to do next.
    package enum Step: Sendable {
        /// Send this and hand the response to `receive`.
        case send(HTTPRequest)
        case finished(Result<AuthorizationServerMetadata, OAuthFailure>)
    }

    /// Exactly as declared.
    package let issuer: String
    /// Where to look, in this order.
    package let candidates: [EndpointURL]
    private var places: [MetadataPlace] = []
    /// The longest wait that a place asked for, in seconds.
    private var retryAfter: Int?

    /// Throws `invalid_issuer` when `issuer` is no URL that may be asked, or has a query (RFC 8414 section 2).
    package init(issuer: String) throws(OAuthFailure) {
        let url: EndpointURL
        do {
            url = try EndpointURL(parsing: issuer)
        } catch {
            throw Self.invalid("the issuer \(error)")
        }
        guard url.query == nil else { throw Self.invalid("the issuer must not have a query") }
        self.issuer = issuer
        candidates = Self.candidates(url)
    }

    /// The first request.
    package func start() -> Step { next() }

    /// Takes the answer to the last request.
    ///
    /// A document that cannot be used is as good as none: a host may answer every unknown path with its own.
    package mutating func receive(_ response: HTTPResponse, at now: Timestamp) -> Step {
        guard places.count < candidates.count else { return next() }
        let outcome: MetadataPlace.Outcome
        switch Self.read(response, issuer) {
        case .success(let metadata): return .finished(.success(metadata))
        case .failure(let unusable): outcome = unusable.outcome
        }
        places.append(MetadataPlace(url: candidates[places.count], outcome: outcome))
        if let wait = RetryAfter.seconds(response, at: now) { retryAfter = max(retryAfter ?? 0, wait) }
        return next()
    }

    private func next() -> Step {
        guard places.count < candidates.count else { return .finished(.failure(failure)) }
        return .send(
            HTTPRequest(.get, candidates[places.count], headers: [(name: "Accept", value: "application/json")]))
    }

    /// RFC 8414 section 3.1 puts the well-known part between host and path; OpenID Connect Discovery
    /// section 4 appends it. Both drop a final slash first.
    private static func candidates(_ issuer: EndpointURL) -> [EndpointURL] {
        let path = issuer.path.hasSuffix("/") ? String(issuer.path.dropLast()) : issuer.path
        return [
            issuer.replacingPath("/.well-known/oauth-authorization-server" + path),
            issuer.replacingPath(path + "/.well-known/openid-configuration"),
        ]
    }

    private struct Unusable: Error { let outcome: MetadataPlace.Outcome }

    private static func read(
        _ response: HTTPResponse, _ issuer: String
    ) -> Result<AuthorizationServerMetadata, Unusable> {
        guard response.status == 200 else { return .failure(Unusable(outcome: .status(response.status))) }
        guard response.body.count <= TokenResponse.bodyLimit else {
            return .failure(Unusable(outcome: .notMetadata(.bodyTooLarge)))
        }
        guard let fields = JSONFields(parsing: response.body) else {
            return .failure(Unusable(outcome: .notMetadata(BodyForm(response.body).malformation)))
        }
        do {
            return .success(try AuthorizationServerMetadata(fields, issuer: issuer))
        } catch {
            return .failure(Unusable(outcome: MetadataPlace.Outcome(error)))
        }
    }

    /// What all places together mean.
    private var failure: OAuthFailure {
        var kind = OAuthFailure.Kind.metadataNotFound
        var isPassing = false
        for place in places {
            switch place.outcome {
            case .issuerMismatch: kind = .metadataMismatch
            case .status(let status): isPassing = isPassing || OAuthFailure.Kind.isPassing(status)
            case .notMetadata, .issuerMissing, .tokenEndpointMissing, .tokenEndpointUnusable: break
            }
        }
        return OAuthFailure(
            kind, answer: ServerAnswer(code: nil, words: ForeignText("")),
            transience: isPassing ? .transient : .permanent, retryAfter: retryAfter, places: places)
    }

    /// Without the text itself: a password could stand in it.
    private static func invalid(_ words: String) -> OAuthFailure {
        OAuthFailure(
            .invalidIssuer, answer: ServerAnswer(code: nil, words: ForeignText(words)), transience: .permanent)
    }
}
