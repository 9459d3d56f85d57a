import KeelBase
import KeelTestSupport
import Synchronization

/// A token endpoint in memory that issues `access-2`, `access-3` and so on for `refresh-1` and those that come after it.
final class RotatingProvider: Sendable {
    enum Manner: Sendable, CaseIterable {
        /// Refresh tokens stay, as Google's.
        case staying
        /// Each refresh gives a new one, and the old ones go on working, as Microsoft's.
        case rotating
        /// Each refresh gives a new one; an old one that is shown again ends the grant (RFC 9700 section 4.14.2).
        case detectingReuse
    }

    /// What goes wrong with one answer.
    enum Mishap: Sendable {
        /// Nothing is done.
        case failing(ConnectionFailure)
        case answering(HTTPResponse)
        /// The tokens are issued, and nobody learns of them.
        case losing
        /// The same, and something in between answers.
        case hiding(HTTPResponse)
    }

    private struct State {
        var manner: Manner
        var newest = 1
        var issued = 1
        var isEnded = false
        /// How many more old tokens are taken for honest repetitions.
        var grace = 0
        var mishaps: [Mishap] = []
        var requests: [[String: String]] = []
        var lifetime = 3600
        var givesRefreshToken = true
    }

    private let state: Mutex<State>

    init(_ manner: Manner = .detectingReuse) { state = Mutex(State(manner: manner)) }

    /// What happens to the next answers.
    func order(_ mishaps: Mishap...) { state.withLock { $0.mishaps += mishaps } }
    func allow(grace: Int) { state.withLock { $0.grace = grace } }
    /// Nothing more goes wrong than has.
    func calm() { state.withLock { $0.mishaps = [] } }
    func end() { state.withLock { $0.isEnded = true } }
    func revive() { state.withLock { $0.isEnded = false } }
    func issue(for seconds: Int) { state.withLock { $0.lifetime = seconds } }
    /// The forms that came, in order.
    var requests: [[String: String]] { state.withLock { $0.requests } }
    var isEnded: Bool { state.withLock { $0.isEnded } }

    func answer(_ request: HTTPRequest) throws(ConnectionFailure) -> HTTPResponse {
        let form = ScriptedTransport.Exchange(request: request, trust: .system).form
        return try state.withLock { state throws(ConnectionFailure) in
            state.requests.append(form)
            switch state.mishaps.isEmpty ? nil : state.mishaps.removeFirst() {
            case nil: return Self.exchange(form, &state)
            case .failing(let failure)?: throw failure
            case .answering(let response)?: return response
            case .losing?:
                _ = Self.exchange(form, &state)
                throw .timedOut
            case .hiding(let response)?:
                _ = Self.exchange(form, &state)
                return response
            }
        }
    }

    private static func exchange(_ form: [String: String], _ state: inout State) -> HTTPResponse {
        guard !state.isEnded, form["grant_type"] == "refresh_token",
            let number = form["refresh_token"].flatMap({ Int($0.dropFirst("refresh-".count)) }), number <= state.newest
        else { return .refusal("invalid_grant") }
        if number < state.newest, state.manner == .detectingReuse {
            guard state.grace > 0 else {
                state.isEnded = true
                return .refusal("invalid_grant")
            }
            state.grace -= 1
        }
        if state.manner != .staying { state.newest += 1 }
        state.issued += 1
        return .json(
            .present(
                ("access_token", .string("access-\(state.issued)")), ("token_type", "Bearer"),
                ("expires_in", .integer(state.lifetime)),
                ("refresh_token", state.manner == .staying ? nil : .string("refresh-\(state.newest)"))))
    }
}

extension HTTPResponse {
    /// An error of RFC 6749 section 5.2.
    static func refusal(_ error: String, status: Int = 400, numbers: [Int] = [], suberror: String? = nil)
        -> HTTPResponse
    {
        .json(
            .present(
                ("error", .string(error)),
                ("error_codes", numbers.isEmpty ? nil : .array(numbers.map(JSON.integer))),
                ("suberror", suberror.map(JSON.string))),
            status: status)
    }
}
