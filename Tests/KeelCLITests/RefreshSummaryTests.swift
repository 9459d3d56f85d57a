import KeelBase
import KeelDiagnostics
import KeelTestSupport
import Testing

@testable import KeelCLI
@testable import KeelEngine
@testable import KeelVault

struct RefreshSummaryTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private static func row(
        _ profile: String, _ outcome: RefreshReport.Outcome, skew: Int? = nil
    ) -> RefreshReport.Row {
        let record = GrantRecord(
            id: .random(), profile: profile, subject: "a@example.com", clientDigest: "c", issuer: nil,
            providerSubject: nil, type: .authorizationCode, scopes: [], status: .current, generation: 1, created: now,
            updated: now, retired: nil, accessExpires: nil, renewalDue: now, renewalFailures: 0, renewalProblem: nil,
            renewalProblemClass: nil, refreshHorizon: nil, run: "run")
        return RefreshReport.Row(record: record, accounts: [], outcome: outcome, elapsed: .zero, clockSkew: skew)
    }

    private static func refused(_ message: String) -> RefreshReport.Outcome {
        .failed(
            RenewalFailure(
                StepFailure(
                    Diagnostic(.error, "oauth.invalid_client", message, address: ResourceAddress(.oauthProfile, "x"))),
                .fixClient))
    }

    private static func summary(_ rows: [RefreshReport.Row]) -> RefreshSummary {
        var report = RefreshReport()
        report.rows = rows
        return RefreshSummary(report)
    }

    @Test func `a failure is explained once for each profile that met it`() {
        let rows = [
            Self.row("one", Self.refused("no")), Self.row("one", Self.refused("no")),
            Self.row("two", Self.refused("no")), Self.row("two", Self.refused("neither")),
        ]
        #expect(Self.summary(rows).diagnostics.map(\.message) == ["no", "no", "neither"])
    }

    @Test func `a clock that differs is told once for each profile`() {
        let renewed = RefreshReport.Outcome.renewed(expires: nil, next: nil)
        let rows = [
            Self.row("one", renewed, skew: -90), Self.row("one", renewed, skew: -90), Self.row("two", renewed),
        ]
        let summary = Self.summary(rows)
        #expect(summary.diagnostics.map(\.code) == ["oauth.clock_skew"])
        #expect(summary.diagnostics.first?.message.contains("90 s behind") == true)
        #expect(summary.diagnostics.first?.severity == .warning)
        #expect(summary.status == .done)
    }

    @Test func `a pass with nothing to do is idle, and one that somebody waits for is not`() {
        #expect(Self.summary([]).isIdle)
        #expect(!Self.summary([Self.row("one", .renewedElsewhere)]).isIdle)
        var report = RefreshReport()
        report.givenUp = [.init(record: Self.row("one", .renewedElsewhere).record, accounts: [])]
        #expect(!RefreshSummary(report).isIdle)
    }
}
