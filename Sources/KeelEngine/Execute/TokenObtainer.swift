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

    /// Finds an issuer's metadata (RFC 8414, OpenID Connect Discovery).
    package func discover(
        issuer: String, trust: Trust, for address: ResourceAddress
    ) async throws(StepFailure) -> AuthorizationServerMetadata {
        var discovery: MetadataDiscovery
        do throws(OAuthFailure) {
            discovery = try MetadataDiscovery(issuer: issuer)
        } catch {
            throw StepFailure(explanation.tokenFailure(error, address, endpoint: ForeignText(issuer).text))
        }
        var step = discovery.start()
        while case .send(let request) = step {
            do throws(ConnectionFailure) {
                let response = try await transport.send(request, trust: trust, timeout: Self.timeout)
                step = discovery.receive(response, at: time.now)
            } catch {
                throw StepFailure(explanation.providerUnreached(error, address, endpoint: request.url, field: "issuer"))
            }
        }
        guard case .finished(let result) = step else { preconditionFailure("a discovery sends or is finished") }
        do throws(OAuthFailure) {
            return try result.get()
        } catch {
            throw StepFailure(explanation.tokenFailure(error, address, endpoint: ForeignText(issuer).text))
        }
    }

    /// Obtains a token for the application itself.
    package func clientCredentials(
        _ client: TokenEndpointClient, secret: Secret?, scopes: [String], parameters: [String: String], trust: Trust,
        for address: ResourceAddress
    ) async throws(StepFailure) -> IssuedTokens {
        let additional = parameters.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        let request = TokenRequest.clientCredentials(client, scopes: scopes, additional: additional)
        let response: HTTPResponse
        do throws(ConnectionFailure) {
            response = try await transport.send(request, trust: trust, timeout: Self.timeout)
        } catch {
            throw StepFailure(
                explanation.providerUnreached(error, address, endpoint: request.url, field: "endpoints.token"))
        }
        do throws(OAuthFailure) {
            return try TokenResponse.interpret(
                response, requestedScopes: scopes, at: time.now, withholding: secret.map { [$0] } ?? [])
        } catch {
            throw StepFailure(explanation.tokenFailure(error, address, endpoint: client.tokenEndpoint.description))
        }
    }
}
