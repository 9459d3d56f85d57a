import KeelBase

/// Where in the conversation a probe stands: which answer of the server is awaited.
enum ProbePhase: Sendable, Equatable {
    case idle
    case greeting
    case capability
    case startTLS
    /// The go-ahead came; not a byte may come before TLS stands.
    case handshake
    /// The login was begun; the server must ask for the credential.
    case prompt
    /// The credential was shown, or an exchange is under way: its verdict is awaited.
    case verdict
    /// Logged in; a command that only the account's own session is allowed is under way, or what it was asked for besides.
    case proof
    case leaving
    case over

    /// The stage of a report; nil when it is over.
    var stage: ProbeStage? {
        switch self {
        case .idle, .greeting: .greeting
        case .capability: .capability
        case .startTLS, .handshake: .tls
        case .prompt, .verdict: .auth
        case .proof, .leaving: .proof
        case .over: nil
        }
    }
}
