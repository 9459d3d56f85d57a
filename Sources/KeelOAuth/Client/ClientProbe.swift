import KeelBase
import KeelCrypto

/// Finds out whether a provider accepts a client, without a person and without a grant.
package enum ClientProbe {
    /// What an answer proves. Where it proves nothing, that is said.
    package enum Verdict: Sendable {
        /// The provider took the client for who it says it is.
        case accepted
        /// It did not, or it refuses what the profile asks for.
        case refused(OAuthFailure)
        /// The answer fits a good client and a bad one.
        case ambiguous(OAuthFailure)
    }

    /// What a probe learned of a provider's numbers: see `OAuthFailure.classified`.
    package typealias Known = (_ number: Int) -> FailureClass?

    /// The token of `refresh`: no provider ever issued it, and whoever reads a provider's log sees what it was.
    package static let dummyToken = "mailkeel-client-check-this-is-not-a-token"

    // MARK: A pushed authorization request (RFC 9126)

    /// Pushes what a person would be sent with, and starts nothing: the request lapses by itself.
    package static func pushedRequest(
        _ client: TokenEndpointClient, endpoint: EndpointURL, _ request: AuthorizationRequest,
        random: (_ count: Int) -> Secret = RandomBytes.secret(count:)
    ) -> HTTPRequest {
        func word() -> Secret { Secret(copying: Base64.encode(random(16).reveal(), .url)) }
        var form = FormEncoding()
        // A pushed request holds it whatever the authentication (section 2.1).
        if !client.clientID.isEmpty { form.add("client_id", client.clientID) }
        form.append(
            request.parameters(
                ProofKey(random: random(32)), state: word(), nonce: request.asksForIdentity ? word() : nil))
        return .form(form, from: client, to: endpoint)
    }

    /// The server authenticates the client before it looks at the request (section 2), so that even another refusal than of
    /// the client is a fault of the profile.
    package static func pushedVerdict(
        _ response: HTTPResponse, at now: Timestamp, withholding: [Secret] = [], known: Known = { _ in nil }
    ) -> Verdict {
        do throws(OAuthFailure) {
            let fields = try response.successFields(at: now, withholding: withholding)
            guard fields.text("request_uri") != nil else {
                throw OAuthFailure(malformed: .requestURIMissing, response, at: now)
            }
            return .accepted
        } catch {
            return verdict(error, known)
        }
    }

    // MARK: A device's request (RFC 8628)

    /// The verdict on the answer to `DeviceFlow.request`, whose code is then left to lapse.
    package static func deviceVerdict(
        _ response: HTTPResponse, at now: Timestamp, withholding: [Secret] = [], known: Known = { _ in nil }
    ) -> Verdict {
        do throws(OAuthFailure) {
            _ = try DeviceFlow(answer: response, scopes: [], at: now, withholding: withholding)
            return .accepted
        } catch {
            return verdict(error, known)
        }
    }

    // MARK: A refresh with a token that is none

    package static func refreshRequest(
        _ client: TokenEndpointClient, scopes: [String], additional: TokenRequest.Additional = []
    ) -> HTTPRequest {
        TokenRequest.refresh(
            client, refreshToken: Secret(copying: dummyToken), scopes: scopes, additional: additional)
    }

    /// A provider that speaks of the token has accepted the client (RFC 6749 section 5.2 keeps two errors for the two), as
    /// long as no number beside it names another fault. One that says neither proves nothing.
    package static func refreshVerdict(
        _ response: HTTPResponse, at now: Timestamp, withholding: [Secret] = [], known: Known = { _ in nil }
    ) -> Verdict {
        do throws(OAuthFailure) {
            _ = try TokenResponse.interpret(response, requestedScopes: [], at: now, withholding: withholding)
            // Tokens for a token that is none: whatever this is, it proves nothing about the client.
            return .ambiguous(OAuthFailure(malformed: .tokensForNothing, response, at: now))
        } catch {
            guard error.status != 429, error.status != 503 else { return .ambiguous(error) }
            switch error.kind {
            case .invalidGrant, .invalidToken: return tokenVerdict(error, known)
            // The token is no more than a word to this server, or this client renews nothing: no judgement of the client,
            // unless a number says more.
            case .invalidRequest, .unauthorizedClient, .unsupportedGrantType:
                let isTold = error.evidence.numbers.contains {
                    !OAuthFailure.malformed.contains($0) && known($0) != nil
                }
                return isTold ? verdict(error, known) : .ambiguous(error)
            default: return verdict(error, known)
            }
        }
    }

    /// Whether the token alone was refused. A number that nobody knows, or that calls the request malformed, may be said before
    /// anybody looked at the client.
    private static func tokenVerdict(_ failure: OAuthFailure, _ known: Known) -> Verdict {
        switch failure.numbered(known) {
        case .reauthorize: .accepted
        case .fixClient, .fixTenant, .fixManifest: .refused(failure)
        case nil where failure.evidence.numbers.isEmpty: .accepted
        case .transient, .throttled, .network, .tls, .ambiguous, nil: .ambiguous(failure)
        }
    }

    private static func verdict(_ failure: OAuthFailure, _ known: Known) -> Verdict {
        switch failure.classified(known: known) {
        case .fixClient, .fixTenant, .fixManifest: .refused(failure)
        case .transient, .throttled, .reauthorize, .network, .tls, .ambiguous: .ambiguous(failure)
        }
    }
}
