import Glibc
import KeelBase
import KeelNet

/// A certificate authority, the file that makes it trusted, and servers that it vouches for.
struct TestAuthority {
    let authority: CertificateAuthority
    let file: TemporaryFile

    static let hour: Int64 = 3600
    static var now: Timestamp { SystemTimeSource().now }

    init(_ commonName: String = "Test Root") throws {
        authority = try CertificateAuthority(commonName: commonName, now: Self.now, validFor: 30)
        file = try TemporaryFile(authority.certificatePEM)
    }

    /// Trusts this authority and nothing else.
    var trust: Trust { Trust(caFile: file.path) }

    /// A certificate that is valid now.
    func identity(_ hosts: String...) throws -> ServerIdentity {
        try authority.issue(
            hosts: hosts, notBefore: Self.now.adding(seconds: -Self.hour),
            notAfter: Self.now.adding(seconds: Self.hour))
    }
}

/// A file that is gone with the last reference to it.
final class TemporaryFile: Sendable {
    let path: String

    init(_ text: String) throws {
        var template = Array("/tmp/keelnet-XXXXXX".utf8CString)
        let descriptor = unsafe mkstemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let bytes = Array(text.utf8)
        let written = unsafe write(descriptor, bytes, bytes.count)
        close(descriptor)
        guard descriptor >= 0, written == bytes.count else { throw CannotWrite() }
    }

    deinit { unsafe unlink(path) }

    struct CannotWrite: Error {}
}

extension HostPort {
    /// Any free port of the loopback address.
    static let anyLoopback = HostPort(host: "127.0.0.1", port: 0)
}

extension NetworkDialer {
    /// Connects; a failure without its stage.
    func open(
        to endpoint: HostPort, security: StreamSecurity, timeout: Duration
    ) async throws(ConnectionFailure) -> any DialedStream {
        do throws(DialFailure) { return try await connect(to: endpoint, security: security, timeout: timeout) } catch {
            throw error.reason
        }
    }
}

extension ByteStream {
    /// What the peer sends until it closes.
    func readAll() async throws(ConnectionFailure) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let more = try await read()
            guard !more.isEmpty else { return all }
            all += more
        }
    }

    /// Exactly `count` bytes, or fewer if the peer closes.
    func read(count: Int) async throws(ConnectionFailure) -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let more = try await read()
            guard !more.isEmpty else { break }
            all += more
        }
        return all
    }

    func write(_ text: String) async throws(ConnectionFailure) { try await write(Array(text.utf8)) }
}

extension Duration {
    /// Longer than any test takes, so that only a hang reaches it.
    static let ample = Duration.seconds(240)
}

/// Why `body` failed; nil if it did not.
func failure(_ body: () async throws(ConnectionFailure) -> Void) async -> ConnectionFailure? {
    do throws(ConnectionFailure) {
        try await body()
        return nil
    } catch {
        return error
    }
}
