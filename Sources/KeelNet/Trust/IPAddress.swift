import Glibc

/// An IP address in network byte order, as a subject alternative name holds it (RFC 5280 section 4.2.1.6).
struct IPAddress: Hashable, Sendable {
    /// 4 bytes, or 16.
    let octets: [UInt8]

    /// Reads a literal such as `192.0.2.1` or `2001:db8::1`; nil for anything else, names included.
    init?(_ literal: String) {
        for (family, count) in Self.families {
            var octets = [UInt8](repeating: 0, count: count)
            if unsafe inet_pton(family, literal, &octets) == 1 {
                self.octets = octets
                return
            }
        }
        return nil
    }

    /// Nil unless there are 4 or 16 bytes.
    init?(octets: some Collection<UInt8>) {
        guard Self.families.contains(where: { $0.count == octets.count }) else { return nil }
        self.octets = Array(octets)
    }

    private static let families: [(family: Int32, count: Int)] = [(AF_INET, 4), (AF_INET6, 16)]
}

extension IPAddress: CustomStringConvertible {
    /// The usual text: a dotted quad, or RFC 5952 for version 6.
    var description: String {
        var text = [UInt8](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = octets.count == 4 ? AF_INET : AF_INET6
        unsafe text.withUnsafeMutableBytes { room in
            _ = unsafe octets.withUnsafeBytes { bytes in
                unsafe inet_ntop(
                    family, bytes.baseAddress, room.baseAddress?.assumingMemoryBound(to: CChar.self),
                    socklen_t(room.count))
            }
        }
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }
}
