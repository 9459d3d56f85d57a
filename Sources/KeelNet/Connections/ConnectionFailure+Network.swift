import AsyncHTTPClient
import Glibc
import KeelBase
import NIOCore
import NIOPosix
import NIOSSL

extension ConnectionFailure {
    /// What an error of the network libraries means for a connection to `host`.
    init(_ error: any Error, host: String) {
        self =
            switch error {
            case let failure as ConnectionFailure: failure
            case let failure as TLSFailure: .tls(failure)
            case let error as NIOConnectionError: Self.dialing(error, host)
            case let error as IOError: Self.system(error)
            case let error as ChannelError: Self.channel(error)
            case is SocketAddressError: .nameNotResolved(host: host)
            case let error as NIOSSLError: Self.transportSecurity(error)
            case let error as BoringSSLError: .tls(.handshake(ForeignText(error.reason)))
            case let error as NIOSSLExtraError: .tls(.handshake(ForeignText(String(describing: error))))
            case let error as HTTPClientError: Self.client(error)
            case is CancellationError: .closed
            case let error as NIOTooManyBytesError:
                .other(ForeignText("the answer is larger than \(error.maxBytes ?? 0) bytes"))
            default: .other(ForeignText(String(describing: error)))
            }
    }

    /// What an error means for a connection to `host`, or through a proxy: then it is the proxy that was dialled.
    init(_ error: any Error, host: String, through proxy: Proxy?) {
        let failure = ConnectionFailure(error, host: proxy?.address.host ?? host)
        guard let proxy else {
            self = failure
            return
        }
        switch (error as? HTTPClientError, failure) {
        case (.proxyAuthenticationRequired?, _): self = proxy.failure(.authenticationWanted)
        case (.invalidProxyResponse?, _): self = proxy.failure(.refused(status: nil))
        // The proxy was reached, and said nothing.
        case (.socksHandshakeTimeout?, _), (.httpProxyHandshakeTimeout?, _): self = proxy.failure(.beyond(.timedOut))
        case (.connectTimeout?, _), (nil, .nameNotResolved), (nil, .refused), (nil, .unreachable):
            self = proxy.failure(.unreached(failure))
        default: self = failure
        }
    }

    /// The addresses of a name may each have failed in their own way; the most telling one speaks.
    private static func dialing(_ error: NIOConnectionError, _ host: String) -> ConnectionFailure {
        let failures = error.connectionErrors.map { ConnectionFailure($0.error, host: host) }
        if failures.contains(.refused) { return .refused }
        return failures.last ?? .nameNotResolved(host: host)
    }

    private static func system(_ error: IOError) -> ConnectionFailure {
        switch error.errnoCode {
        case ECONNREFUSED: .refused
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL: .unreachable
        case ETIMEDOUT: .timedOut
        case ECONNRESET, ECONNABORTED, EPIPE, ENOTCONN, EBADF: .closed
        default: .other(ForeignText(unsafe String(cString: strerror(error.errnoCode))))
        }
    }

    private static func channel(_ error: ChannelError) -> ConnectionFailure {
        switch error {
        case .connectTimeout: .timedOut
        case .ioOnClosedChannel, .alreadyClosed, .inputClosed, .outputClosed, .eof: .closed
        default: .other(ForeignText(String(describing: error)))
        }
    }

    private static func transportSecurity(_ error: NIOSSLError) -> ConnectionFailure {
        switch error {
        // An end without close_notify may be an attacker's (RFC 8446 section 6.1), so it is no orderly end.
        case .uncleanShutdown: .closed
        case .handshakeFailed(let reason): .tls(.handshake(ForeignText(reason.reason)))
        default: .tls(.handshake(ForeignText(String(describing: error))))
        }
    }

    private static func client(_ error: HTTPClientError) -> ConnectionFailure {
        switch error {
        case .connectTimeout, .deadlineExceeded, .readTimeout, .writeTimeout, .tlsHandshakeTimeout,
            .getConnectionFromPoolTimeout:
            .timedOut
        case .remoteConnectionClosed, .uncleanShutdown, .cancelled, .alreadyShutdown: .closed
        default: .other(ForeignText(error.shortDescription))
        }
    }
}

extension BoringSSLError {
    /// The library's reason without its numbers and source lines: `wrong version number`.
    var reason: String {
        guard case .sslError(let stack) = self, let first = stack.first else { return String(describing: self) }
        let text = first.description
        guard let mark = text.firstRange(of: "OPENSSL_internal:") else {
            return String(text.trimmingPrefix("Error: ").drop { $0 == " " })
        }
        let name = text[mark.upperBound...].prefix { $0 != " " }
        return name.lowercased().split(separator: "_").joined(separator: " ")
    }
}
