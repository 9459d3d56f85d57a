import KeelBase
import KeelCrypto
import KeelSystem
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

/// A clock that tests move.
final class TestClock: TimeSource {
    private let seconds = Mutex<Int64>(1_800_000_000)
    var now: Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }
    func advance(_ more: Int64) { seconds.withLock { $0 += more } }
}

/// A vault in a scratch directory, and what tests put into it.
struct VaultFixture {
    let directory: String
    var name = "vault.db"
    let key = Secret(copying: [UInt8](repeating: 0x42, count: 32))
    let clock = TestClock()
    let files = SystemFileStore()

    var path: String { "\(directory)/\(name)" }

    var restorer: VaultRestorer { VaultRestorer(path: path, files: files, keys: [key], time: clock) }

    func open(_ access: VaultAccess = .create) async throws -> Vault {
        try await Vault.open(path: path, files: files, key: key, access: access, time: clock)
    }

    func openWithoutKey(_ access: VaultAccess) async throws -> Vault {
        try await Vault.open(path: path, files: files, key: nil, access: access, time: clock)
    }

    /// Runs `body` with a new fixture.
    static func run(_ body: (VaultFixture) async throws -> Void) async throws {
        try await withScratchDirectory { directory in try await body(VaultFixture(directory: directory)) }
    }

    static func draft(_ subject: String = "desk@example.com", type: GrantType = .authorizationCode) -> GrantDraft {
        GrantDraft(profile: "m365", subject: subject, clientDigest: "client-1", type: type, run: "run-1")
    }

    static func flow(
        _ subject: String = "desk@example.com", kind: FlowDraft.Kind = .code, expires: Timestamp
    ) -> FlowDraft {
        FlowDraft(
            kind: kind, profile: "m365", subject: subject, clientDigest: "client-1", run: "run-1", expires: expires)
    }

    static func recipe(subject: String = "desk@example.com", host: String = "login.example.com") throws -> Recipe {
        Recipe(
            grantType: .authorizationCode, profile: "m365", subject: subject, issuer: "https://\(host)/t",
            tokenEndpoint: try EndpointURL(parsing: "https://\(host)/t/token?x=1"), clientID: "app-1",
            clientAuthentication: .basic,
            credentials: [.clientSecret: SecretSource(.environment("M365"), version: "1")],
            scopes: ["offline_access", "IMAP"],
            tokenParameters: ["resource": "https://mail.example.com/"], caFile: "/etc/ca.pem", marginSeconds: 600)
    }

    static func tokens(_ name: String, refresh: Bool = true, due: Timestamp? = nil) -> IssuedTokens {
        IssuedTokens(
            access: Secret(copying: "access-\(name)"), accessExpires: Timestamp(seconds: 1_800_003_600),
            refresh: refresh ? Secret(copying: "refresh-\(name)") : nil,
            scopes: ["SMTP", "IMAP", "offline_access"], renewalDue: due)
    }

    static func account(_ name: String) -> ResourceAddress { ResourceAddress(.emailAccount, name) }
}

// MARK: What somebody does who may write the file and has no key

extension VaultFixture {
    /// Where a pattern stands in the file.
    func starts(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard bytes.count >= pattern.count else { return [] }
        return (0...(bytes.count - pattern.count)).filter { start in
            bytes[start] == pattern[0] && bytes[start..<(start + pattern.count)].elementsEqual(pattern)
        }
    }

    /// Puts a text of the same length in the place of another.
    func replace(_ old: String, with new: String, in bytes: inout [UInt8]) {
        #expect(old.utf8.count == new.utf8.count)
        let found = starts(of: Array(old.utf8), in: bytes)
        #expect(!found.isEmpty, "\(old) does not stand in the file")
        for start in found { bytes.replaceSubrange(start..<(start + old.utf8.count), with: Array(new.utf8)) }
    }
}

extension Vault {
    /// A candidate whose tokens are `access-NAME` and `refresh-NAME`.
    func candidate(_ name: String, due: Timestamp? = nil) async throws -> GrantRecord {
        try await addCandidate(
            VaultFixture.draft("\(name)@example.com"), VaultFixture.recipe(subject: "\(name)@example.com"),
            VaultFixture.tokens(name, due: due))
    }
}

/// The failure's code, where a table of expectations wants just that.
func code(_ body: () async throws -> Void) async -> VaultFailure.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? VaultFailure)?.code
    }
}
