import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import KeelPlan
import Testing

struct ResultTableTests {
    private static func table(_ rows: [RunReport.Row]) -> String {
        RunSummary(.apply, RunReport(rows: rows)).table(TextStyle(color: false))
    }

    private static func accounts(
        _ count: Int, _ outcome: RunReport.Outcome, _ action: Action? = .create
    ) -> [RunReport.Row] { (0..<count).map { Rows.row(Rows.account("a\($0)"), outcome, action) } }

    @Test func `there is none when everything is done`() {
        #expect(Self.table([Rows.row(Rows.profile, .done)]).isEmpty)
        #expect(Self.table([]).isEmpty)
    }

    @Test func `each address has what was to be done, what became of it, and why`() {
        let table = Self.table([
            Rows.row(Rows.profile, .done, .update),
            Rows.row(Rows.slot, .pending(Rows.consent, on: Rows.slot), .replace),
            Rows.row(Rows.account("a"), .pending(nil, on: Rows.slot)),
            Rows.row(Rows.account("b"), .failed(Rows.failure(.unproven))),
            Rows.row(Rows.account("c"), .skipped(because: Rows.profile), .update),
            Rows.row(Rows.account("d"), .notReached, .delete),
            Rows.row(Rows.account("e"), .unproven),
        ])
        #expect(
            table == """

                  Resource                             Change   Result       Why
                  OAuthProfile/m365                    updated  done
                  EmailAccount/e                       created  UNPROVEN     no login: its proof is deferred
                  EmailAccount/d                       delete   not reached
                  EmailAccount/c                       update   skipped      waiting for OAuthProfile/m365, which failed
                  Authorization/m365:desk@example.com  replace  pending      desk@example.com must consent
                  EmailAccount/a                       create   pending      waiting for Authorization/m365:desk@example.com, which waits for a person
                  EmailAccount/b                       create   failed       mail.authentication_failed

                """)
    }

    @Test func `what was only needed by others is named when it failed`() {
        #expect(!Self.table([Rows.row(Rows.profile, .done, nil), Rows.row(Rows.slot, .notReached)]).contains("m365 "))
        #expect(
            Self.table([Rows.row(Rows.profile, .failed(Rows.failure(.failed, "oauth.invalid_client")), nil)]).contains(
                "oauth.invalid_client"))
    }

    @Test func `a thousand accounts that wait for one cause are one line`() {
        let cause = Rows.row(Rows.profile, .failed(Rows.failure(.failed, "oauth.invalid_client")))
        let table = Self.table([cause] + Self.accounts(1000, .skipped(because: Rows.profile)))
        #expect(table.split(separator: "\n").count == 3)
        #expect(table.contains("1000 email accounts  create  skipped  waiting for OAuthProfile/m365, which failed\n"))
    }

    static let lengths: [(rows: [RunReport.Row], lines: Int)] = [
        // A few are named; many of a kind are counted.
        (accounts(5, .skipped(because: Rows.profile)), 5),
        (accounts(6, .skipped(because: Rows.profile)), 1),
        (accounts(5, .notReached), 5),
        (accounts(6, .notReached), 1),
        (accounts(6, .pending(nil, on: Rows.slot)), 1),
        (accounts(20, .failed(Rows.failure(.unproven))), 20),
        (accounts(21, .failed(Rows.failure(.unproven))), 1),
        (accounts(20, .done) + [Rows.row(Rows.slot, .notReached)], 21),
        (accounts(21, .done) + [Rows.row(Rows.slot, .notReached)], 2),
        (accounts(11, .done) + accounts(10, .done, .update) + [Rows.row(Rows.slot, .notReached)], 3),
        // Different causes stay apart.
        (accounts(6, .skipped(because: Rows.profile)) + accounts(6, .skipped(because: Rows.slot)), 2),
    ]

    @Test(arguments: lengths)
    func `the table stays short`(rows: [RunReport.Row], lines: Int) {
        #expect(Self.table(rows).split(separator: "\n").count == lines + 1)
    }

    @Test func `no line looks like a plan or an error to tools that read logs`() {
        let table = Self.table([
            Rows.row(Rows.account("b"), .failed(Rows.failure(.failed))), Rows.row(Rows.slot, .notReached),
        ])
        for line in table.split(separator: "\n") { #expect(line.hasPrefix("  ")) }
    }
}
