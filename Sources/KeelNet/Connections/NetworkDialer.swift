import KeelBase
import NIOCore
import NIOPosix
import NIOSSL
import X509

/// Connects to mail servers over TCP and TLS 1.2 or newer.
///
/// Certificates are always verified: a path to a trust anchor, dates, and the declared name, which is also what goes
/// into SNI. What is wrong is said exactly, as `ConnectionFailure.tls`.
package struct NetworkDialer: StreamDialer {
    private let roots: TrustRoots

    package init(roots: TrustRoots) { self.roots = roots }

    /// Connects and, for TLS, completes the handshake; all of it, name resolution included, within `timeout`.
    ///
    /// Throws `.closed` as soon as the task is cancelled.
    package func connect(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(ConnectionFailure) -> any ByteStream {
        try await connect(to: endpoint, security: security, through: nil, timeout: timeout)
    }

    /// The same, through a proxy where one is given.
    func connect(
        to endpoint: HostPort, security: StreamSecurity, through proxy: Proxy?, timeout: Duration
    ) async throws(ConnectionFailure) -> any ByteStream {
        let opening = Opening(
            endpoint: endpoint, proxy: proxy, verifier: try verifier(for: security),
            // A day stands for ever, which would overflow a deadline.
            timeout: TimeAmount(min(timeout, .seconds(86400))))
        return try await opening.stream()
    }

    private func verifier(for security: StreamSecurity) throws(ConnectionFailure) -> ChainVerifier? {
        switch security {
        case .clear: nil
        case .tls(let serverName, let trust):
            ChainVerifier(serverName: serverName, anchors: try roots.anchors(for: trust))
        }
    }
}

/// One attempt to open a connection.
private struct Opening: Sendable {
    let endpoint: HostPort
    let proxy: Proxy?
    /// Nil for a connection in clear.
    let verifier: ChainVerifier?
    let timeout: TimeAmount

    func stream() async throws(ConnectionFailure) -> any ByteStream {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        // Of success, failure, deadline and cancellation, the first to complete this promise is what happened.
        let outcome = loop.makePromise(of: ChannelStream.self)
        let timer = loop.scheduleTask(in: timeout) { outcome.fail(ConnectionFailure.timedOut) }
        outcome.futureResult.whenComplete { _ in timer.cancel() }
        dial(on: loop, outcome)
        do {
            return try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                outcome.fail(ConnectionFailure.closed)
            }
        } catch {
            throw ConnectionFailure(error, host: dialled.host)
        }
    }

    private func dial(on loop: any EventLoop, _ outcome: EventLoopPromise<ChannelStream>) {
        ClientBootstrap(group: loop)
            // A name may lead to several attempts at once: handlers are for the winner, and it reads only then.
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            // The timer rules; this ends an attempt that nobody waits for any more.
            .connectTimeout(timeout + .seconds(1))
            .connect(host: dialled.host, port: dialled.port)
            .whenComplete { result in
                switch result {
                case .failure(let error): outcome.fail(error)
                case .success(let channel):
                    outcome.futureResult.whenFailure { _ in channel.cut() }
                    tunnel(channel).whenComplete { result in
                        switch result {
                        case .failure(let error): outcome.fail(error)
                        case .success: set(up: channel, outcome)
                        }
                    }
                }
            }
    }

    private var dialled: HostPort { proxy?.address ?? endpoint }

    /// Asks the proxy, if there is one, for a way to the endpoint. Runs on the channel's event loop.
    private func tunnel(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let proxy else { return channel.eventLoop.makeSucceededVoidFuture() }
        let opened = channel.eventLoop.makePromise(of: Void.self)
        do {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(TunnelHandler(to: endpoint, through: proxy, opened))
            try channel.syncOptions?.setOption(.autoRead, value: true)
        } catch {
            opened.fail(error)
        }
        return opened.futureResult
    }

    /// Runs on the channel's event loop.
    private func set(up channel: any Channel, _ outcome: EventLoopPromise<ChannelStream>) {
        let opened = channel.eventLoop.makePromise(of: Void.self)
        let inbound = InboundBuffer()
        let bound = NIOLoopBound(inbound, eventLoop: channel.eventLoop)
        opened.futureResult
            .map { ChannelStream(channel, bound.value) }
            .cascade(to: outcome)
        do {
            let pipeline = channel.pipeline.syncOperations
            if let verifier {
                try pipeline.addHandlers([security(verifier, opened), OpeningHandler(opened)])
            }
            try pipeline.addHandler(inbound)
            try channel.syncOptions?.setOption(.autoRead, value: true)
            if verifier == nil { opened.succeed() }
        } catch {
            opened.fail(error)
        }
    }

    private func security(_ verifier: ChainVerifier, _ opened: EventLoopPromise<Void>) throws -> NIOSSLClientHandler {
        let name = verifier.serverName
        // SNI holds names only, and no trailing dot (RFC 6066 section 3).
        let indication = IPAddress(name) != nil ? nil : name.hasSuffix(".") ? String(name.dropLast()) : name
        guard (1...255).contains(indication?.utf8.count ?? 1) else {
            throw TLSFailure.handshake(ForeignText("no certificate can be for a name of this length"))
        }
        return try NIOSSLClientHandler(
            context: ClientSecurity.context.get(), serverHostname: indication
        ) { presented, verdict in
            // The callback cannot wait, so the verification is a task of its own; it ends by itself, as it does no I/O.
            verdict.completeWithTask {
                do throws(TLSFailure) {
                    try await verifier.verify(encoded: presented)
                    return .certificateVerified
                } catch {
                    // Before NIOSSL reports its own, general error.
                    opened.fail(ConnectionFailure.tls(error))
                    return .failed
                }
            }
        }
    }
}

extension ChainVerifier {
    /// Verifies what NIOSSL received. A leaf that cannot be parsed is refused; others then anchor nothing.
    fileprivate func verify(encoded presented: [NIOSSLCertificate]) async throws(TLSFailure) {
        var certificates: [Certificate] = []
        for encoded in presented {
            do {
                certificates.append(try Certificate(encoded))
            } catch {
                guard certificates.isEmpty else { continue }
                throw .handshake(ForeignText("the server's certificate cannot be parsed"))
            }
        }
        try await verify(certificates)
    }
}

/// What all TLS connections to mail servers share. It trusts nobody: verification is `ChainVerifier`'s.
private enum ClientSecurity {
    static let context = Result {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        // The verification callback judges the name too; NIOSSL would compare an IP literal with the peer's address.
        configuration.certificateVerification = .noHostnameVerification
        // Anchors that this context would only load in vain.
        configuration.trustRoots = .certificates([])
        // How long to wait for a peer's close_notify after our own.
        configuration.shutdownTimeout = .seconds(1)
        return try NIOSSLContext(configuration: configuration)
    }
}
