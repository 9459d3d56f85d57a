import KeelBase
import NIOCore
import NIOSSL

/// The server's end of a connection that `StreamListener` accepted.
package final class ServedStream: ByteStream {
    private let stream: ChannelStream

    init(_ stream: ChannelStream) { self.stream = stream }

    package func read() async throws(ConnectionFailure) -> [UInt8] { try await stream.read() }

    package func write(_ bytes: [UInt8]) async throws(ConnectionFailure) { try await stream.write(bytes) }

    package func close() async { await stream.close() }

    /// Answers a TLS handshake on a stream that was in clear, after its go-ahead was written.
    ///
    /// Throws `.injected` if bytes came before it that nobody read.
    package func startTLS(as identity: ServerIdentity) async throws(ConnectionFailure) {
        let context = try NIOSSLContext.server(identity)
        try await stream.secure(accepting: .records) { _ in NIOSSLServerHandler(context: context) }
    }
}

extension NIOSSLContext {
    /// For servers with this certificate. Throws `.other` when it cannot be used.
    static func server(_ identity: ServerIdentity) throws(ConnectionFailure) -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificateChainPEM.utf8))
            let key = try NIOSSLPrivateKey(bytes: identity.privateKeyPEM.reveal(), format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.shutdownTimeout = .seconds(1)
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .other(ForeignText("the certificate or key of the server cannot be used"))
        }
    }
}
