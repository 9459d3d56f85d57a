import Glibc
import KeelBase

/// Keeps a port of this machine from being given to anybody else, and listens on it for nobody: who connects is refused.
final class HeldPort: Sendable {
    private let descriptor: Int32
    /// With the port that the system chose if 0 was asked for.
    let endpoint: HostPort

    /// Nil if the port cannot be had; also for an address of IPv6.
    ///
    /// Without SO_REUSEADDR: with it, the system would give the port to the next server that asks for any free one.
    init?(_ endpoint: HostPort) {
        guard let port = UInt16(exactly: endpoint.port) else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard unsafe inet_pton(AF_INET, endpoint.host, &address.sin_addr) == 1 else { return nil }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0, named == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.endpoint = HostPort(host: endpoint.host, port: Int(UInt16(bigEndian: address.sin_port)))
    }

    deinit { close(descriptor) }
}
