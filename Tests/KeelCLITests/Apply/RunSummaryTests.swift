import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import KeelPlan
import Testing

struct RunSummaryTests {
    private static let style = TextStyle(color: false)
    private static let done = Rows.row(Rows.profile, .done)
    private static let unproven = Rows.row(Rows.account("a"), .failed(Rows.failure(.unproven)))
    private static let broken = Rows.row(Rows.account("b"), .failed(Rows.failure(.failed, "state.file")))
    private static let stale = Rows.row(Rows.account("c"), .failed(Rows.failure(.stale, "plan.stale")))
    private static let pending = Rows.row(Rows.slot, .pending(Rows.consent, on: Rows.slot))
    private static let waiting = Rows.row(Rows.account("d"), .pending(nil, on: Rows.slot))
    private static let missed = Rows.row(Rows.account("e"), .notReached)
    private static let deferred = Rows.row(Rows.account("f"), .unproven)

    static let codes: [(rows: [RunReport.Row], stop: Status?, allowsPending: Bool, expected: [Int32])] = [
        ([], nil, false, [0]),
        ([done], nil, false, [0]),
        // As its manifest wants it.
        ([done, deferred], nil, false, [0]),
        ([done, unproven], nil, false, [6]),
        ([unproven, broken], nil, false, [1, 6]),
        ([unproven, stale, pending], nil, false, [4, 6, 8]),
        ([done, pending, waiting], nil, false, [8]),
        ([done, pending, waiting], nil, true, [0]),
        ([pending, unproven], nil, true, [6]),
        ([done, missed], .interrupted, false, [130]),
        ([unproven, missed, pending], .terminated, false, [143, 6, 8]),
        // Everything was reached before the signal came.
        ([done], .interrupted, false, [0]),
        ([done, pending], .interrupted, false, [8]),
        ([unproven], .interrupted, false, [130, 6]),
    ]

    @Test(arguments: codes)
    func `all codes that apply are found`(
        rows: [RunReport.Row], stop: Status?, allowsPending: Bool, expected: [Int32]
    ) {
        let summary = RunSummary(.apply, RunReport(rows: rows), stop: stop, allowsPending: allowsPending)
        #expect(summary.statuses.map(\.rawValue) == expected)
        #expect(summary.status.rawValue == expected.first)
        let json = summary.json
        #expect(json["exitCode"]?.integer == expected.first.map(Int.init))
        #expect(json["exitCodes"]?.array?.compactMap(\.integer) == expected.map(Int.init))
    }

    private static func counts(_ change: (inout PlanCounts) -> Void) -> PlanCounts {
        var counts = PlanCounts()
        change(&counts)
        return counts
    }

    private static func words(
        _ rows: [RunReport.Row], _ applied: PlanCounts = PlanCounts(), of operation: RunOperation = .apply,
        isRemainder: Bool = false
    ) -> String {
        RunSummary(operation, RunReport(rows: rows, applied: applied))
            .sentence(style, pending: "mailkeel apply --pending", isRemainder: isRemainder)
    }

    @Test func `a run that did everything is complete in Terraform's words`() {
        let applied = Self.counts {
            $0.add = 3
            $0.change = 2
            $0.destroy = 1
        }
        #expect(
            Self.words([Self.done, Self.deferred], applied)
                == "\nApply complete! Resources: 3 added, 2 changed, 1 destroyed.\n")
        #expect(Self.words([Self.done], applied, of: .destroy) == "\nDestroy complete! Resources: 1 destroyed.\n")
    }

    @Test func `what was renamed or forgotten is counted when there is some`() {
        let applied = Self.counts {
            $0.move = 2
            $0.forget = 1
        }
        #expect(
            Self.words([Self.done], applied)
                == "\nApply complete! Resources: 0 added, 0 changed, 0 destroyed, 1 forgotten. Renamed: 2.\n")
    }

    static let unfinished: [[RunReport.Row]] = [
        [unproven], [broken], [stale], [pending], [done, pending, waiting], [missed], [pending, unproven],
    ]

    @Test(arguments: unfinished)
    func `nothing that is not done is called complete`(rows: [RunReport.Row]) {
        #expect(!Self.words(rows).contains("complete!"))
        #expect(!Self.words(rows, of: .destroy).contains("complete!"))
    }

    @Test func `what waits for a person comes with the command that does it`() {
        let words = Self.words([Self.done, Self.pending, Self.waiting], Self.counts { $0.add = 1 })
        #expect(
            words.hasPrefix(
                "\nApply pending: 2 resources wait for a person. Resources: 1 added, 0 changed, 0 destroyed.\n"))
        #expect(words.hasSuffix("\n    mailkeel apply --pending\n"))
        let mixed = Self.words([Self.unproven, Self.pending])
        #expect(
            mixed.hasPrefix("\nApply incomplete. Resources: 0 added, 0 changed, 0 destroyed. What succeeded stays.\n"))
        #expect(mixed.contains("1 resource waits for a person") && mixed.hasSuffix("    mailkeel apply --pending\n"))
    }

    @Test func `only what stays approved is to be done by that command`() {
        #expect(!Self.words([Self.broken]).contains("--pending"))
        #expect(Self.words([Self.broken], isRemainder: true).contains("--pending"))
    }

    @Test func `how to act is said once`() {
        let report = RunReport(rows: [
            Self.pending, Self.waiting, Rows.row(Rows.account("g"), .pending(Rows.consent, on: Rows.account("g"))),
        ])
        #expect(RunSummary(.apply, report).instructions == ["run mailkeel authorize"])
    }

    @Test func `machines get an object for each address`() {
        let report = RunReport(rows: [
            Self.done, Self.deferred, Self.unproven, Rows.row(Rows.slot, .skipped(because: Rows.profile), nil),
            Self.pending, Self.waiting, Self.missed,
        ])
        let lines = RunSummary(.apply, report).results.map { $0.text() }
        #expect(
            lines == [
                #"{"type":"result","address":"OAuthProfile/m365","action":"create","result":"done"}"#,
                #"{"type":"result","address":"EmailAccount/f","action":"create","result":"unproven"}"#,
                #"{"type":"result","address":"EmailAccount/a","action":"create","result":"failed","code":"mail.authentication_failed","exitCode":6}"#,
                #"{"type":"result","address":"Authorization/m365:desk@example.com","result":"skipped","because":"OAuthProfile/m365"}"#,
                #"{"type":"result","address":"Authorization/m365:desk@example.com","action":"create","result":"pending","message":"desk@example.com must consent","help":"run mailkeel authorize"}"#,
                #"{"type":"result","address":"EmailAccount/d","action":"create","result":"pending","because":"Authorization/m365:desk@example.com"}"#,
                #"{"type":"result","address":"EmailAccount/e","action":"create","result":"not_reached"}"#,
            ])
    }

    @Test func `the last object has everything that was left`() {
        let report = RunReport(
            rows: [
                Self.done, Self.deferred, Self.unproven, Rows.row(Rows.account("s"), .skipped(because: Rows.profile)),
                Self.pending, Self.missed,
            ],
            applied: Self.counts { $0.add = 2 }, findings: ["something was found"])
        #expect(
            RunSummary(.apply, report, stop: .interrupted).json.text()
                == #"{"type":"summary","operation":"apply","add":2,"change":0,"destroy":0,"moved":0,"forgotten":0,"failed":1,"#
                + #""skipped":[{"address":"EmailAccount/s","because":"OAuthProfile/m365"}],"#
                + #""pending":["Authorization/m365:desk@example.com"],"unproven":["EmailAccount/f"],"#
                + #""notReached":["EmailAccount/e"],"findings":["something was found"],"exitCode":130,"exitCodes":[130,6,8]}"#
        )
    }
}
