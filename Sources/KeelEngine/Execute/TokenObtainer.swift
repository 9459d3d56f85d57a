import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan

/// Asks token endpoints: the one place where OAuth's machines meet the network.
package struct TokenObtainer: Sendable {
    private let transport: any HTTPTransport
    private let time: any TimeSource
    private let explanation: FailureExplanation
    /// How long one request may take, handshake included.
    private static let timeout = Duration.seconds(30)

    package init(transport: any HTTPTransport, time: any TimeSource, explanation: FailureExplanation) {
        self.transport = transport
        self.time = time
        self.explanation = explanation
    }

    /// Finds an issuer's metadata (RFC 8414, OpenID Connect Discovery) at the issuer itself.
    package func discover(
        issuer: String, trust: Trust, for address: ResourceAddress
    ) async throws(StepFailure) -> DiscoveredMetadata {
        var discovery: MetadataDiscovery
        do throws(OAuthFailure) {
            discovery = try MetadataDiscovery(issuer: issuer)
        } catch {
            throw StepFailure(explanation.tokenFailure(error, address, endpoint: ForeignText(issuer).text))
        }
        var step = discovery.start()
        var last = HTTPResponse(status: 0)
        while case .send(let request) = step {
            last = try await response(to: request, trust: trust, for: address, field: "issuer")
            step = discovery.receive(last, at: time.now)
        }
        guard case .finished(let result) = step else { preconditionFailure("a discovery sends or is finished") }
        do throws(OAuthFailure) {
            return DiscoveredMetadata(try result.get(), last)
        } catch {
            throw StepFailure(explanation.tokenFailure(error, address, endpoint: ForeignText(issuer).text))
        }
    }

    /// Asks for tokens: the one way of every grant to a token endpoint.
    ///
    /// `scopes` are what was asked for, which an answer need not repeat; `secrets` are those of the request, which no words
    /// of the provider may show. What the endpoint said stays with the failure, for whoever has to act upon its class.
    /// `grant` is that of a first request: the same error means another thing where there is no grant yet.
    package func send(
        _ request: HTTPRequest, scopes: [String], withholding secrets: [Secret], trust: Trust,
        for address: ResourceAddress, grant: GrantType? = nil
    ) async throws(StepFailure) -> IssuedTokens {
        let response = try await response(to: request, trust: trust, for: address, field: "endpoints.token")
        do throws(OAuthFailure) {
            return try TokenResponse.interpret(
                response, requestedScopes: scopes, at: time.now, withholding: secrets)
        } catch {
            throw refusal(error, by: request.url, for: address, grant: grant)
        }
    }

    /// The answer of an endpoint of a provider, whatever it is.
    package func response(
        to request: HTTPRequest, trust: Trust, for address: ResourceAddress, field: String
    ) async throws(StepFailure) -> HTTPResponse {
        do throws(ConnectionFailure) {
            return try await transport.send(request, trust: trust, timeout: Self.timeout)
        } catch {
            var failure = StepFailure(
                explanation.providerUnreached(error, address, endpoint: request.url, field: field))
            failure.provider = .unreached(error)
            throw failure
        }
    }

    /// The failure that an answer stands for; `outcome` is what the endpoint did, or did not do.
    package func refusal(
        _ failure: OAuthFailure, by endpoint: EndpointURL, for address: ResourceAddress, grant: GrantType? = nil,
        outcome: String = "gave no token"
    ) -> StepFailure {
        var refusal = StepFailure(
            explanation.tokenFailure(
                failure, address, endpoint: endpoint.description, grant: grant, outcome: outcome))
        refusal.provider = .answered(failure)
        return refusal
    }

    /// Asks for the tokens of a grant that no person is needed for.
    package func obtain(
        _ terms: GrantTerms, for profile: ResourceAddress
    ) async throws(StepFailure) -> IssuedTokens {
        let request: HTTPRequest?
        do throws(CredentialFailure) {
            request = try terms.request(at: time.now)
        } catch {
            throw StepFailure(explanation.credentialUnusable(error, profile))
        }
        guard let request else {
            throw StepFailure(
                explanation.local(
                    "engine.needs-person", "\(terms.grant.rawValue) needs a person", help: nil, profile))
        }
        do throws(StepFailure) {
            return try await send(
                request, scopes: terms.scopes, withholding: terms.credentials.withheld, trust: terms.trust,
                for: profile, grant: terms.grant)
        } catch {
            // One profile asks for many people, and the place that is shown is the profile's.
            guard terms.grant != .clientCredentials else { throw error }
            var failure = error
            failure.diagnostic.notes.append(Diagnostic.Note("asked for \(ForeignText(terms.subject))"))
            throw failure
        }
    }
}
