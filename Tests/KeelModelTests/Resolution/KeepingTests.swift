import KeelBase
import KeelModel
import Testing

struct KeepingTests {
    private static let pin = "jV54RY1EPxNKwrQKIa5QMGDNPSbj3VwLPtXaHiEE8y8="
    private static let labels = EffectiveSpec.labelsField

    private static func account(_ more: String..., metadata: String = "") throws -> EffectiveAccount {
        let lines = ["userName: u@x", "oauthProfile: m365"] + more
        let text = Manifest.document("EmailAccount", "a", lines, metadata: metadata)
        return try #require(Loaded(Manifest.m365 + text).account("a"))
    }

    private static func keeping(
        _ fields: Set<String>, _ committed: EffectiveAccount, in wanted: EffectiveAccount
    ) -> EffectiveAccount {
        wanted.keeping(fields, of: (committed.spec.declared, committed.spec.effective))
    }

    @Test func `all that may be kept makes the committed account again`() throws {
        let committed = try Self.account(
            "type: smtp", "server: old.example.com", "port: 2525", "connectionSecurity: starttls", "mechanism: PLAIN",
            "from: o@x", "userLabel: Old", "active: false", "debug: true", "tls: { caFile: old.pem, pin: \(Self.pin) }",
            metadata: ", labels: { team: old }")
        let wanted = try Self.account("type: smtp", metadata: ", labels: { team: new, more: x }")
        let kept = Self.keeping(AccountField.ignorableNames, committed, in: wanted)
        #expect(kept.spec.declared == committed.spec.declared)
        #expect(kept.spec.effective == committed.spec.effective)
        #expect(kept.endpoint == HostPort(host: "old.example.com", port: 2525))
        #expect(
            kept.security == .starttls && kept.mechanism == .plain
                && kept.trust == Trust(caFile: "old.pem", pin: Self.pin))
        #expect(!kept.active && kept.debug)
        #expect(kept.authorization == wanted.authorization && kept.profile == wanted.profile)
        #expect(kept.spec.place == wanted.spec.place)
    }

    @Test func `what is absent there is absent here`() throws {
        let committed = try Self.account("type: smtp")
        let wanted = try Self.account("type: smtp", "from: n@x", metadata: ", labels: { team: new }")
        let kept = Self.keeping(["from", Self.labels], committed, in: wanted)
        #expect(kept.spec.value("from") == nil && kept.spec.effective["from"] == nil)
        #expect(kept.spec.declared["from"] == nil && !kept.spec.isDeclared("from"))
        #expect(kept.spec.value(Self.labels) == nil && kept.spec.declared[Self.labels] == nil)
    }

    @Test func `values keep their origin, and other fields their wanted value`() throws {
        let committed = try Self.account("type: imap")
        let wanted = try Self.account("type: imap", "server: new.example.com", "port: 1993", "debug: true")
        let kept = Self.keeping(["server"], committed, in: wanted)
        #expect(kept.spec.origin("server") == committed.spec.origin("server"))
        #expect(kept.spec.origin("port") == .manifest)
        #expect(kept.endpoint == HostPort(host: "outlook.office365.com", port: 1993) && kept.debug)
    }

    @Test(arguments: [
        ["userName"], ["type", "oauthProfile", "authentication"], ["lifecycle.preventDestroy"], ["nothing"],
    ])
    func `what says which account it is, is not kept`(fields: Set<String>) throws {
        let committed = try Self.account("type: smtp", "authorizedAs: boss@x", "lifecycle: { preventDestroy: true }")
        let wanted = try Self.account("type: imap")
        let kept = Self.keeping(fields, committed, in: wanted)
        #expect(kept.spec.declared == wanted.spec.declared && kept.spec.effective == wanted.spec.effective)
        #expect(kept.type == .imap)
    }

    @Test func `a committed record without a server keeps nothing`() throws {
        let wanted = try Self.account("type: imap", "debug: true")
        let kept = wanted.keeping(["server", "debug"], of: (declared: [:], effective: [:]))
        #expect(kept.spec.effective == wanted.spec.effective && kept.endpoint == wanted.endpoint && kept.debug)
    }
}
