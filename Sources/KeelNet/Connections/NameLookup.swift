import Glibc

/// Turns host names into addresses.
package struct NameLookup: Sendable {
    /// The addresses that are asked for; each family by itself, so that one can be used while the other is awaited.
    package enum Family: Sendable, CaseIterable {
        case version6, version4
    }

    /// The addresses of `host` as literals, the best first; none if it has none. It may block.
    let addresses: @Sendable (_ host: String, _ family: Family) -> [String]

    package init(_ addresses: @escaping @Sendable (_ host: String, _ family: Family) -> [String]) {
        self.addresses = addresses
    }

    /// The system's resolver: what `/etc/nsswitch.conf` says, in the order of RFC 6724.
    package static let system = NameLookup { host, family in
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = family == .version6 ? AF_INET6 : AF_INET
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { unsafe freeaddrinfo(list) }
        var found: [String] = []
        var next = unsafe list
        while let entry = unsafe next {
            if let literal = unsafe literal(entry.pointee), !found.contains(literal) { found.append(literal) }
            unsafe next = entry.pointee.ai_next
        }
        return found
    }

    /// With the interface of a link-local address behind `%`.
    private static func literal(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let length = socklen_t(text.count)
        guard unsafe getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
