import Dispatch
import Glibc
import KeelBase

/// A bare TCP connection to a loopback server, so that a test says every byte itself.
///
/// Its calls block, so they run on a queue of their own, which gets a thread at once: those of Swift's pool are needed
/// by the server under test, and the shared queues of Dispatch add theirs only one a second.
package final class LoopbackSocket: Sendable {
    /// A system call that failed.
    package struct Failure: Error, CustomStringConvertible {
        package let call: String
        package let code: Int32
        package var description: String { "\(call): \(unsafe String(cString: strerror(code)))" }
    }

    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Connects over IPv4.
    package static func connect(to endpoint: HostPort) async throws -> LoopbackSocket {
        try await blocking {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw Failure(call: "socket", code: errno) }
            let connection = LoopbackSocket(descriptor: descriptor)
            // A hung test should end with an error and not with the suite's patience.
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(endpoint.port).bigEndian
            address.sin_addr.s_addr = unsafe inet_addr(endpoint.host)
            let result = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else { throw Failure(call: "connect", code: errno) }
            return connection
        }
    }

    /// Sends all of `bytes`.
    package func send(_ bytes: [UInt8]) async throws {
        try await Self.blocking { [self] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { throw Failure(call: "send", code: errno) }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// The next bytes; empty when the peer has closed.
    package func receive() async throws -> [UInt8] {
        try await Self.blocking { [self] in
            var buffer = [UInt8](repeating: 0, count: 16384)
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count >= 0 else { throw Failure(call: "recv", code: errno) }
            return Array(buffer.prefix(count))
        }
    }

    /// Everything until the peer closes.
    package func receiveAll() async throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let more = try await receive()
            guard !more.isEmpty else { return all }
            all += more
        }
    }

    private static func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "loopback-socket").async { continuation.resume(with: Result { try body() }) }
        }
    }
}
