import KeelBase

/// CONNECT over SOCKS 5 (RFC 1928), with a user name and a password if there are any (RFC 1929). Names are the proxy's to
/// resolve: what resolves here may be another host there, and who listens to our resolver need not know where we go.
package struct SOCKSDialogue: TunnelDialogue {
    private enum State {
        case choosing, loggingIn, asking
    }

    private static let version: UInt8 = 5
    private static let noLogin: UInt8 = 0
    private static let userAndPassword: UInt8 = 2
    private static let noMethod: UInt8 = 0xFF

    private let endpoint: HostPort
    private let credentials: Proxy.Credentials?
    private var state = State.choosing
    private var received: [UInt8] = []

    /// The name of the endpoint has 1 to 255 bytes, as user name and password have.
    package init(to endpoint: HostPort, credentials: Proxy.Credentials? = nil) {
        self.endpoint = endpoint
        self.credentials = credentials
    }

    package func begin() -> [UInt8] {
        let methods = [Self.noLogin] + (credentials == nil ? [] : [Self.userAndPassword])
        return [Self.version, UInt8(methods.count)] + methods
    }

    package mutating func receive(_ bytes: [UInt8]) -> TunnelStep {
        received += bytes
        return switch state {
        case .choosing: method()
        case .loggingIn: login()
        case .asking: reply()
        }
    }

    package var hangUp: ProxyFailure.Trouble { .replied("by hanging up") }

    private static let notSOCKS = TunnelStep.fail(.replied("with something that is not SOCKS 5"))

    private mutating func method() -> TunnelStep {
        guard received.first ?? Self.version == Self.version else { return Self.notSOCKS }
        guard received.count >= 2 else { return .wait }
        // It waits for us now, so there is nothing behind an honest answer.
        guard received.count == 2 else { return Self.notSOCKS }
        defer { received = [] }
        switch (received[1], credentials) {
        case (Self.noLogin, _):
            state = .asking
            return .say(request)
        case (Self.userAndPassword, let credentials?):
            state = .loggingIn
            return .say(
                [1] + Self.counted(credentials.userName.reveal()) + Self.counted(credentials.password.reveal()))
        case (Self.noMethod, _): return .fail(.authenticationWanted)
        default: return Self.notSOCKS
        }
    }

    private mutating func login() -> TunnelStep {
        guard received.first ?? 1 == 1 else { return Self.notSOCKS }
        guard received.count >= 2 else { return .wait }
        guard received[1] == 0 else { return .fail(.authenticationWanted) }
        guard received.count == 2 else { return Self.notSOCKS }
        received = []
        state = .asking
        return .say(request)
    }

    private mutating func reply() -> TunnelStep {
        guard received.first ?? Self.version == Self.version else { return Self.notSOCKS }
        guard received.count >= 2 else { return .wait }
        // Some proxies cut a refusal short.
        guard received[1] == 0 else { return .fail(Self.trouble(received[1])) }
        guard received.count >= 5 else { return .wait }
        let length: Int
        switch received[3] {
        case 1: length = 4
        case 3: length = 1 + Int(received[4])
        case 4: length = 16
        default: return Self.notSOCKS
        }
        // Version, reply, reserved, type, the address where the proxy went out, and its port.
        let end = 4 + length + 2
        return received.count < end ? .wait : .open(rest: Array(received[end...]))
    }

    private var request: [UInt8] {
        let port = [UInt8(truncatingIfNeeded: endpoint.port >> 8), UInt8(truncatingIfNeeded: endpoint.port)]
        let address: [UInt8] =
            if let address = IPAddress(endpoint.host) {
                [address.octets.count == 4 ? 1 : 4] + address.octets
            } else {
                [3] + Self.counted(Array(endpoint.host.utf8))
            }
        return [Self.version, 1, 0] + address + port
    }

    private static func counted(_ bytes: [UInt8]) -> [UInt8] { [UInt8(clamping: bytes.count)] + bytes.prefix(255) }

    /// The replies of RFC 1928 section 6.
    private static func trouble(_ reply: UInt8) -> ProxyFailure.Trouble {
        switch reply {
        case 1: .replied("1 (general failure)")
        case 2: .replied("2 (not allowed by its rules)")
        case 3, 4: .beyond(.unreachable)
        case 5: .beyond(.refused)
        case 6: .beyond(.timedOut)
        case 7: .replied("7 (command not supported)")
        case 8: .replied("8 (address type not supported)")
        default: .replied("\(reply)")
        }
    }
}
