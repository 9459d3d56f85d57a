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
    /// long as it does not name a fault of the client beside it. One that says neither proves nothing.
    package static func refreshVerdict(
        _ response: HTTPResponse, at now: Timestamp, withholding: [Secret] = [], known: Known = { _ in nil }
    ) -> Verdict {
        do throws(OAuthFailure) {
            _ = try TokenResponse.interpret(response, requestedScopes: [], at: now, withholding: withholding)
            // Tokens for a token that is none: whatever this is, it proves nothing about the client.
            return .ambiguous(OAuthFailure(malformed: .tokensForNothing, response, at: now))
        } catch {
            switch error.kind {
            case .invalidGrant, .invalidToken: return tokenVerdict(error, known)
            // The token is no more than a word to this server, so a complaint about the request is no judgement of the client.
            case .invalidRequest where error.evidence.numbers.compactMap(known).isEmpty: return .ambiguous(error)
            default: return verdict(error, known)
            }
        }
    }

    /// Whether the token alone was refused. Numbers are finer than the error beside them, and one that nobody knows may speak
    /// of a request that was refused before anybody looked at the client.
    private static func tokenVerdict(_ failure: OAuthFailure, _ known: Known) -> Verdict {
        let isExplained =
            failure.evidence.numbers.isEmpty || failure.evidence.numbers.contains { known($0) == .reauthorize }
        guard failure.classified(known: known) == .reauthorize else { return verdict(failure, known) }
        return isExplained ? .accepted : .ambiguous(failure)
    }

    private static func verdict(_ failure: OAuthFailure, _ known: Known) -> Verdict {
        switch failure.classified(known: known) {
        case .fixClient, .fixTenant, .fixManifest: .refused(failure)
        case .transient, .throttled, .reauthorize, .network, .tls, .ambiguous: .ambiguous(failure)
        }
    }
}
