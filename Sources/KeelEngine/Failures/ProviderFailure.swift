import KeelBase
import KeelOAuth

/// Why a request to a provider gave nothing usable: its answer, or why there was none.
package enum ProviderFailure: Error, Sendable {
    case answered(OAuthFailure)
    case unreached(ConnectionFailure)

    /// How long the provider asked to wait, in seconds.
    package var retryAfter: Int? {
        switch self {
        case .answered(let failure): failure.retryAfter
        case .unreached: nil
        }
    }
}
