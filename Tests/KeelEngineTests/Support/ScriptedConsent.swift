import KeelBase
import KeelTestSupport
import Synchronization

/// The part of an OAuth provider in memory that a person takes part in: codes that work once, and device codes.
final class ScriptedConsent: Sendable {
    static let deviceEndpoint = "https://login.example.com/device"

    fileprivate struct State {
        var codes: Set<String> = []
        var redeemed: [String] = []
        var refusal: String?
        /// Whether the next exchange is heard, and its answer lost.
        var losesAnswer = false
        /// What the device's next questions are told, before it is given tokens.
        var ladder: [String] = []
        var refreshTokens: Set<String> = []
    }

    private let state = Mutex(State())

    /// A code that works once.
    func allow(code: String) { state.withLock { _ = $0.codes.insert(code) } }
    func refuse(with error: String) { state.withLock { $0.refusal = error } }
    func loseNextAnswer() { state.withLock { $0.losesAnswer = true } }
    func answerDevice(_ ladder: String...) { state.withLock { $0.ladder = ladder } }
    func know(refreshToken: String) { state.withLock { _ = $0.refreshTokens.insert(refreshToken) } }

    /// The codes that were exchanged, in order.
    var redeemed: [String] { state.withLock { $0.redeemed } }

    /// Nil for what the provider answers by itself.
    func answer(_ request: HTTPRequest) throws(ConnectionFailure) -> HTTPResponse? {
        let form = ScriptedTransport.Exchange(request: request, trust: .system).form
        return try state.withLock { state throws(ConnectionFailure) -> HTTPResponse? in
            if request.url.description == Self.deviceEndpoint { return Self.prompt }
            switch form["grant_type"] {
            case "authorization_code": return try state.redeem(form["code"] ?? "")
            case "urn:ietf:params:oauth:grant-type:device_code":
                guard !state.ladder.isEmpty else { return Self.tokens("device") }
                return Self.error(state.ladder.removeFirst())
            case "refresh_token":
                let token = form["refresh_token"] ?? ""
                return state.refreshTokens.contains(token) ? Self.tokens("of-\(token)") : Self.error("invalid_grant")
            default: return nil
            }
        }
    }

    private static let prompt = HTTPResponse.json(
        .object([
            .init("device_code", "the-device-code"), .init("user_code", "WDJB-MJHT"),
            .init("verification_uri", "https://login.example.com/enter"), .init("expires_in", 900),
            .init("interval", 5),
        ]))

    fileprivate static func error(_ code: String) -> HTTPResponse {
        .json(.object([.init("error", .string(code))]), status: 400)
    }

    fileprivate static func tokens(_ name: String) -> HTTPResponse {
        .json(
            .object([
                .init("access_token", .string("token-\(name)")), .init("token_type", "Bearer"),
                .init("expires_in", 3600),
                .init("refresh_token", .string("refresh-\(name)")),
            ]))
    }
}

extension ScriptedConsent.State {
    fileprivate mutating func redeem(_ code: String) throws(ConnectionFailure) -> HTTPResponse {
        redeemed.append(code)
        if losesAnswer {
            losesAnswer = false
            throw .timedOut
        }
        if let refusal { return ScriptedConsent.error(refusal) }
        return codes.remove(code) != nil ? ScriptedConsent.tokens(code) : ScriptedConsent.error("invalid_grant")
    }
}
