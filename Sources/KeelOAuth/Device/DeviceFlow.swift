import KeelBase

/// One authorization by device code (RFC 8628): what to show a person, and when to ask whether it was done.
///
/// Time is an input, and no connection is held: any process that has the value can go on with it.
package struct DeviceFlow: Sendable {
    /// What to do next.
    package enum Step: Sendable {
        /// Ask `next` again at that time; wait for the whole difference, for clocks here tick in seconds.
        case wait(until: Timestamp)
        /// Send what `poll` makes, and hand the outcome to `receive` or `connectionFailed`.
        case poll
        case finished(IssuedTokens)
        case failed(OAuthFailure)
    }

    /// In seconds: what is assumed where the server says nothing (RFC 8628 section 3.2), and what it may say at most.
    package static let usualInterval: Int64 = 5
    static let longestInterval: Int64 = 300
    /// The usual life of a code, where the server does not say, in seconds.
    static let assumedLifetime: Int64 = 900
    static let longestLifetime: Int64 = 86_400
    /// How far silence slows the questions down, in seconds.
    static let longestPause: Int64 = 60

    package let prompt: DevicePrompt
    package let scopes: [String]
    let deviceCode: Secret
    /// Grows by five seconds each time that the server asks for it, and never shrinks (section 3.5).
    package internal(set) var interval: Int64
    var nextPoll: Timestamp
    /// Answers in a row that never came, or came from a server out of order.
    var silences = 0
    var outcome: Outcome?

    enum Outcome: Sendable {
        case finished(IssuedTokens)
        case failed(OAuthFailure)
    }

    /// What to do at this time.
    package func next(at now: Timestamp) -> Step {
        switch outcome {
        case .finished(let tokens): return .finished(tokens)
        case .failed(let failure): return .failed(failure)
        case nil: break
        }
        if now >= prompt.expiresAt { return .failed(Self.expired) }
        let due = min(nextPoll, prompt.expiresAt)
        return now >= due ? .poll : .wait(until: due)
    }

    /// The question. A client assertion works once: give a client with a new one each time.
    package func poll(_ client: TokenEndpointClient, additional: TokenRequest.Additional = []) -> HTTPRequest {
        TokenRequest.deviceCode(client, deviceCode: deviceCode, additional: additional)
    }

    /// Takes the answer to a question. `withholding` are the secrets that the request held beside the device code.
    package mutating func receive(
        _ response: HTTPResponse, at now: Timestamp, withholding: [Secret] = []
    ) -> Step {
        guard outcome == nil else { return next(at: now) }
        do throws(OAuthFailure) {
            outcome = .finished(
                try TokenResponse.interpret(
                    response, requestedScopes: scopes, at: now, withholding: withholding + [deviceCode]))
        } catch {
            switch error.kind {
            case .authorizationPending:
                silences = 0
            case .slowDown:
                silences = 0
                interval = min(interval + 5, Self.longestInterval)
            case _ where error.transience == .transient:
                silences += 1
            default:
                outcome = .failed(error)
            }
            nextPoll = now.adding(seconds: max(pause, Int64(error.retryAfter ?? 0)))
        }
        return next(at: now)
    }

    /// No answer came: the questions become rarer (section 3.5) and go on until the code expires.
    package mutating func connectionFailed(at now: Timestamp) -> Step {
        silences += 1
        nextPoll = now.adding(seconds: pause)
        return next(at: now)
    }

    /// The time between two questions now: doubled for each silence.
    private var pause: Int64 {
        let doubled = interval << Int64(min(silences, 6))
        return max(interval, min(doubled, Self.longestPause))
    }

    private static let expired = OAuthFailure(
        .expiredToken, answer: ServerAnswer(code: nil, words: ForeignText("")), evidence: .none,
        transience: .needsPerson)
}
