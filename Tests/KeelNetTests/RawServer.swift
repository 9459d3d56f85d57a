import Dispatch
import Glibc
import KeelBase

/// A TCP server made of system calls, for what a well-behaved one never does. It serves one connection.
final class RawServer: Sendable {
    let endpoint: HostPort
    private let listening: Int32

    /// `serve` gets the accepted socket on a thread of its own, and need not close it.
    init(_ serve: @escaping @Sendable (Int32) -> Void) {
        (listening, endpoint) = Self.bound()
        listen(listening, 8)
        let listening = listening
        DispatchQueue.global().async {
            let connection = accept(listening, nil, nil)
            guard connection >= 0 else { return }
            serve(connection)
            close(connection)
        }
    }

    deinit {
        shutdown(listening, Int32(SHUT_RDWR))
        close(listening)
    }

    /// A socket with a port of its own, on which nobody listens yet.
    fileprivate static func bound() -> (Int32, HostPort) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = unsafe bind(descriptor, generic, length)
                _ = unsafe getsockname(descriptor, generic, &length)
            }
        }
        return (descriptor, HostPort(host: "127.0.0.1", port: Int(UInt16(bigEndian: address.sin_port))))
    }

    /// Makes the coming `close` send a reset and no FIN.
    static func resetOnClose(_ connection: Int32) {
        var setting = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(connection, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
    }

    static func receive(_ connection: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(connection, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    static func send(_ connection: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

/// A port that refuses, and that no other test can take meanwhile.
final class ClosedPort: Sendable {
    let endpoint: HostPort
    private let descriptor: Int32

    init() { (descriptor, endpoint) = RawServer.bound() }

    deinit { close(descriptor) }
}
