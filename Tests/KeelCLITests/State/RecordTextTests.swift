import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelState
import Testing

struct RecordTextTests {
    private static let account = ResourceAddress(.emailAccount, "support")
    private static let time = Timestamp(seconds: 1_795_000_000)
    private static let plain = TextStyle(color: false)

    private static func committed(_ change: (inout CommittedRecord) -> Void = { _ in }) -> CommittedRecord {
        let values: [(String, FieldValue)] = [
            ("server", .text("mail.example.com")), ("active", .boolean(true)), ("proof", .text("required")),
        ]
        var record = CommittedRecord(
            declared: [:],
            effective: Dictionary(uniqueKeysWithValues: values.map { ($0, EffectiveValue($1, .manifest)) }),
            committedAt: time, run: "run1")
        change(&record)
        return record
    }

    private static func setting(_ field: String, _ value: FieldValue) -> CommittedRecord {
        committed { $0.effective[field] = EffectiveValue(value, .manifest) }
    }

    private static let proof = ProofRecord(at: time, run: "run1", grant: nil, settings: "", mechanism: "XOAUTH2")
    private static let failure = FailureRecord(code: "mail.refused", message: "refused", at: time, run: "run2")
    private static let staging = StagingRecord(
        keeper: "tickets", external: ["sys_id": "a1"],
        writes: [StagedWrite(id: "account", isDone: true), StagedWrite(id: "secret", isDone: false)], at: time,
        run: "run3")

    static let marks: [(ResourceRecord, String)] = [
        (ResourceRecord(committed: committed { $0.proof = proof }), ""),
        (ResourceRecord(failure: failure), "   (never in service)   (last attempt failed)"),
        (ResourceRecord(staging: staging), "   (never in service)   (unfinished at tickets)"),
        (ResourceRecord(committed: committed { $0.proof = proof }, failure: failure), "   (last attempt failed)"),
        (ResourceRecord(committed: setting("proof", .text("deferred"))), "   (UNPROVEN, deferred)"),
        (
            ResourceRecord(committed: setting("proof", .text("deferred")), failure: failure, staging: staging),
            "   (UNPROVEN, deferred)   (last attempt failed)   (unfinished at tickets)"
        ),
        // Nobody asks an account for a proof that is switched off.
        (
            ResourceRecord(
                committed: committed {
                    $0.effective["proof"] = EffectiveValue(.text("deferred"), .manifest)
                    $0.effective["active"] = EffectiveValue(.boolean(false), .manifest)
                }), ""
        ),
    ]

    @Test(arguments: marks)
    func `what is unusual about a record is marked`(record: ResourceRecord, expected: String) throws {
        let document = StateDocument(lineage: "l", resources: [Self.account: record])
        #expect(try RecordMarks(Self.account, of: document).text(Self.plain) == expected)
    }

    @Test func `profiles and slots need no proof`() throws {
        let slot = ResourceAddress.authorization(profile: "desk", subject: "(app)")
        let document = StateDocument(lineage: "l", resources: [slot: ResourceRecord(committed: Self.committed())])
        #expect(try RecordMarks(slot, of: document).text(Self.plain).isEmpty)
    }

    @Test func `everything in a record is shown`() {
        let committed = Self.committed {
            $0.grant = "grant1"
            $0.proof = Self.proof
            $0.dependencies = [ResourceAddress(.oauthProfile, "desk")]
            $0.external = ["sys_id": "a1"]
            $0.fingerprints = ["password": Fingerprint(key: "key1", code: "5ec2e7")]
        }
        var failure = Self.failure
        failure.refused = ["password": RefusedCredential(Fingerprint(key: "key1", code: "5ec2e7"), at: failure.at)]
        let text = RecordText.text(
            Self.account, ResourceRecord(committed: committed, failure: failure, staging: Self.staging), Self.plain)
        for line in [
            "# EmailAccount/support", "  grant: grant1", "  proven: \(Self.time) by XOAUTH2, run run1",
            "  depends on: OAuthProfile/desk", "  fingerprint of password: under key key1",
            "  at its keeper: sys_id a1",
            "  committed: \(Self.time), run run1",
            "  last attempt failed: refused (mail.refused, \(Self.time), run run2)",
            "  refused, and not offered again: password", "  unfinished at tickets: begun \(Self.time), run run3",
            "  there: sys_id a1", "  write account: done", "  write secret: intended, and perhaps done",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(!text.contains("5ec2e7"))
    }

    @Test func `an account without proof is said to have none`() {
        func text(_ record: CommittedRecord) -> String {
            RecordText.text(Self.account, ResourceRecord(committed: record), Self.plain)
        }
        #expect(text(Self.setting("proof", .text("deferred"))).contains("  UNPROVEN: its proof is deferred\n"))
        #expect(!text(Self.committed()).contains("UNPROVEN"))
        let never = RecordText.text(Self.account, ResourceRecord(failure: Self.failure), Self.plain)
        #expect(never.contains("  never in service\n"))
    }
}
