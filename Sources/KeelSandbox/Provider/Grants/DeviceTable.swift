import KeelBase
import KeelCrypto
import Synchronization

/// The devices that wait for a person (RFC 8628).
final class DeviceTable: Sendable {
    enum Verdict: Sendable {
        case approved(SandboxUser)
        case declined
    }

    struct Device: Sendable {
        let client: SandboxClient
        let scopes: [String]
        let userCode: String
        let expiresAt: Timestamp
        /// Seconds between two polls; grows by 5 with each that comes too early (section 3.5).
        var interval: Int
        var lastPoll: Timestamp?
        var verdict: Verdict?
        var isUsed = false
    }

    private let lifetime: Int
    private let interval: Int
    private let time: any TimeSource
    /// By digest of the device code.
    private let devices = Mutex<[[UInt8]: Device]>([:])

    init(lifetime: Int, interval: Int, time: any TimeSource) {
        self.lifetime = lifetime
        self.interval = interval
        self.time = time
    }

    func start(for client: SandboxClient, scopes: [String]) -> (deviceCode: String, device: Device) {
        let opaque = OpaqueToken()
        let device = Device(
            client: client, scopes: scopes, userCode: Self.userCode(),
            expiresAt: time.now.adding(seconds: Int64(lifetime)), interval: interval)
        devices.withLock { $0[opaque.digest] = device }
        return (opaque.text, device)
    }

    /// The device that shows this code, if it still waits.
    func waiting(_ userCode: String) -> Device? {
        let wanted = Self.normalized(userCode)
        let now = time.now
        return devices.withLock { devices in
            devices.values.first {
                Self.normalized($0.userCode) == wanted && $0.verdict == nil && $0.expiresAt > now
            }
        }
    }

    /// Writes the person's verdict down; false if no device waits with that code.
    func decide(_ userCode: String, _ verdict: Verdict) -> Bool {
        let wanted = Self.normalized(userCode)
        let now = time.now
        return devices.withLock { devices in
            let found = devices.first {
                Self.normalized($0.value.userCode) == wanted && $0.value.verdict == nil && $0.value.expiresAt > now
            }
            guard let digest = found?.key else { return false }
            devices[digest]?.verdict = verdict
            return true
        }
    }

    /// Lets a device wait 5 seconds longer from now on, and returns how long.
    func slowDown(_ deviceCode: String) -> Int {
        let digest = OpaqueToken.digest(of: deviceCode)
        let now = time.now
        return devices.withLock { devices in
            devices[digest]?.interval += 5
            devices[digest]?.lastPoll = now
            return devices[digest]?.interval ?? 0
        }
    }

    /// Answers a poll: the person and the scopes, or why there is nothing yet.
    func poll(
        _ deviceCode: String, by client: SandboxClient
    ) throws(OAuthRefusal) -> (user: SandboxUser, scopes: [String]) {
        let digest = OpaqueToken.digest(of: deviceCode)
        let now = time.now
        return try devices.withLock { devices throws(OAuthRefusal) in
            guard var device = devices[digest], device.client.id == client.id, !device.isUsed else {
                throw OAuthRefusal(.invalidGrant, "the device code is unknown or was used")
            }
            guard device.expiresAt > now else {
                throw OAuthRefusal(.expiredToken, "the device code has expired; start again")
            }
            defer { devices[digest] = device }
            let last = device.lastPoll
            device.lastPoll = now
            if let last, now.seconds - last.seconds < Int64(device.interval) {
                device.interval += 5
                throw OAuthRefusal(.slowDown, "wait \(device.interval) seconds between two requests")
            }
            switch device.verdict {
            case nil: throw OAuthRefusal(.authorizationPending, "nobody has approved it yet")
            case .declined: throw OAuthRefusal(.accessDenied, "the person declined")
            case .approved(let user):
                device.isUsed = true
                return (user, device.scopes)
            }
        }
    }

    /// Eight letters in two groups, none that reads like another (RFC 8628 section 6.1).
    private static func userCode() -> String {
        let alphabet = Array("BCDFGHJKLMNPQRSTVWXZ".utf8)
        let letters = RandomBytes.make(count: 8).map { alphabet[Int($0) % alphabet.count] }
        return String(decoding: letters[..<4], as: UTF8.self) + "-" + String(decoding: letters[4...], as: UTF8.self)
    }

    /// What a person typed: case and separators do not count.
    private static func normalized(_ code: String) -> String {
        String(
            decoding: code.uppercased().utf8.filter { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) },
            as: UTF8.self)
    }
}
