import KeelBase
import NIOCore
import NIOSSL
import Synchronization
import X509

/// Our side of a TLS connection to a mail server: who is verified, and what was seen of the server.
final class ClientSecurity: Sendable {
    private let verifier: ChainVerifier
    private let pin: String?
    private let presented = Mutex<[Certificate]>([])

    init(serverName: String, _ trust: Trust, roots: TrustRoots) throws(ConnectionFailure) {
        verifier = ChainVerifier(serverName: serverName, anchors: try roots.anchors(for: trust))
        pin = trust.pin
    }

    /// The handler that encrypts. When the server is refused, `opened` fails with the reason.
    func handler(_ opened: EventLoopPromise<Void>) throws -> NIOSSLClientHandler {
        let name = verifier.serverName
        // SNI holds names only, and no trailing dot (RFC 6066 section 3).
        let indication = IPAddress(name) != nil ? nil : name.hasSuffix(".") ? String(name.dropLast()) : name
        guard (1...255).contains(indication?.utf8.count ?? 1) else {
            throw TLSFailure.handshake(ForeignText("no certificate can be for a name of this length"))
        }
        return try NIOSSLClientHandler(
            context: Self.context.get(), serverHostname: indication
        ) { presented, verdict in
            // The callback cannot wait, so the verification is a task of its own; it ends by itself, as it does no I/O.
            Task(executorPreference: LoopExecutor(verdict.futureResult.eventLoop)) { [self] in
                do throws(TLSFailure) {
                    try await verify(presented)
                    verdict.succeed(.certificateVerified)
                } catch {
                    // Before NIOSSL reports its own, general error.
                    opened.fail(ConnectionFailure.tls(error))
                    verdict.succeed(.failed)
                }
            }
        }
    }

    /// What the connection is, once the handshake is over.
    func facts(_ version: TLSVersion?) -> TLSFacts {
        let chain = presented.withLock { $0 }
        return TLSFacts(
            version: version == .tlsv13 ? .tls13 : .tls12, chain: chain.map { CertificateFacts($0) },
            endPoint: chain.first?.endPoint)
    }

    /// Verifies what NIOSSL received. A leaf that cannot be parsed is refused; others then anchor nothing.
    private func verify(_ encoded: [NIOSSLCertificate]) async throws(TLSFailure) {
        var certificates: [Certificate] = []
        for encoded in encoded.prefix(ChainVerifier.presentedLimit + 1) {
            do {
                certificates.append(try Certificate(encoded))
            } catch {
                guard certificates.isEmpty else { continue }
                throw .handshake(ForeignText("the server's certificate cannot be parsed"))
            }
        }
        try await verifier.verify(certificates)
        if let pin, let key = certificates.first?.keyHash, key != pin { throw .wrongKey(pinned: pin, presented: key) }
        presented.withLock { $0 = certificates }
    }

    /// What all TLS connections to mail servers share. It trusts nobody: verification is `ChainVerifier`'s.
    private static let context = Result {
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
