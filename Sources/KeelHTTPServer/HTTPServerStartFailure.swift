import Glibc
import KeelBase
import NIOCore

/// Why a loopback server could not start.
package enum HTTPServerStartFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address is not a literal loopback address; nothing was opened.
    case notLoopback(HostPort)
    /// Somebody else listens there.
    case addressInUse(HostPort)
    /// This user may not listen there (ports below 1024).
    case permissionDenied(HostPort)
    /// The certificate or its key cannot be used.
    case identityUnusable(ForeignText)
    /// The caller was cancelled meanwhile.
    case cancelled
    /// Anything else, in the system's words.
    case other(HostPort, ForeignText)

    init(binding address: HostPort, _ error: any Error) {
        self =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: .addressInUse(address)
            case EACCES, EPERM: .permissionDenied(address)
            default: .other(address, ForeignText("\(error)"))
            }
    }

    package var description: String {
        switch self {
        case .notLoopback(let address): "\(address) is not a literal loopback address such as 127.0.0.1"
        case .addressInUse(let address): "\(address) is in use by another program"
        case .permissionDenied(let address): "this user may not listen on \(address)"
        case .identityUnusable(let reason): "the server's certificate or key cannot be used: \(reason)"
        case .cancelled: "cancelled before the server had started"
        case .other(let address, let reason): "cannot listen on \(address): \(reason)"
        }
    }
}
