import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import KeelPlan
import Testing

struct ProgressWordsTests {
    private static let account = Made.account("a")

    private static func narrator(_ action: Action?) -> ProgressNarrator {
        let change = action.map { Change(account, $0, found: Found(), wanted: nil, place: nil) }
        return ProgressNarrator(change.map { [$0] } ?? [], style: TextStyle(color: false))
    }

    static let actions: [(Action, String, String)] = [
        (.create, "Creating...", "Creation complete after 7s"),
        (.update, "Modifying...", "Modifications complete after 7s"),
        (.replace, "Replacing...", "Replacement complete after 7s"),
        (.delete, "Destroying...", "Destruction complete after 7s"),
        (.move, "Renaming...", "Renaming complete after 7s"),
        (.forget, "Removing from the state...", "Removal from the state complete after 7s"),
    ]

    @Test(arguments: actions)
    func `an address is begun once and complete once`(action: Action, begun: String, complete: String) {
        var narrator = Self.narrator(action)
        let (test, record) = (Made.test(Self.account), Made.record(Self.account))
        #expect(
            narrator.began(test, at: .seconds(1)) == [
                "EmailAccount/a: \(begun)", "EmailAccount/a: Logging in to mail.example.com:993...",
            ])
        #expect(
            narrator.ended(test, .done, .seconds(2), at: .seconds(3))
                == "EmailAccount/a: Proven: the login worked, after 2s")
        #expect(narrator.began(record, at: .seconds(8)).isEmpty)
        #expect(narrator.ended(record, .done, .zero, at: .seconds(8)) == "EmailAccount/a: \(complete)")
    }

    @Test func `an account without proof is said to have none`() {
        var narrator = Self.narrator(.create)
        let record = Made.record(Self.account, proof: .none)
        _ = narrator.began(record, at: .zero)
        #expect(
            narrator.ended(record, .done, .zero, at: .zero)
                == "EmailAccount/a: Creation complete after 0s, UNPROVEN: its proof is deferred")
    }

    @Test func `what fails or waits for a person says so, and what follows from it says nothing`() {
        var narrator = Self.narrator(.create)
        let test = Made.test(Self.account)
        func words(_ outcome: StepOutcome) -> String? { narrator.ended(test, outcome, .seconds(3), at: .seconds(3)) }
        #expect(words(.failed(Made.failure)) == "EmailAccount/a: Failed: logging in to mail.example.com:993, after 3s")
        #expect(words(.pending(Made.consent)) == "EmailAccount/a: Pending: desk@example.com must consent")
        #expect(words(.skipped(because: test.id)) == nil)
        #expect(words(.waiting(for: test.id)) == nil)
        #expect(words(.notStarted) == nil)
    }

    @Test func `a grant that is obtained again without another change is worth a line`() {
        var narrator = Self.narrator(nil)
        let step = Made.authorize(Made.slot)
        #expect(narrator.began(step, at: .zero) == ["Authorization/desk:(app): Authorizing at desk..."])
        #expect(
            narrator.ended(step, .done, .seconds(4), at: .seconds(4)) == "Authorization/desk:(app): Authorized after 4s"
        )
    }

    @Test func `looking up secrets is not announced`() {
        var narrator = Self.narrator(nil)
        #expect(narrator.began(Made.resolve(Made.profile), at: .zero).isEmpty)
        #expect(narrator.ended(Made.resolve(Made.profile), .done, .zero, at: .zero) == nil)
    }

    static let times: [(Int, String)] = [
        (0, "00m00s"), (9, "00m09s"), (70, "01m10s"), (3599, "59m59s"), (3600, "1h00m00s"), (90061, "25h01m01s"),
    ]

    @Test(arguments: times)
    func `times are written as Terraform writes them`(seconds: Int, text: String) {
        #expect(ProgressNarrator.clock(.seconds(seconds)) == text)
    }

    // MARK: Steps that run long

    @Test func `every ten seconds a step that still runs is named`() {
        var steps = LongSteps()
        let slow = Made.test(Self.account)
        let slower = Made.authorize(Made.slot)
        steps.began(slower, at: .seconds(1))
        steps.began(slow, at: .seconds(5))
        steps.began(Made.record(Self.account), at: .zero)
        #expect(steps.due(at: .seconds(10)).isEmpty)
        #expect(steps.due(at: .seconds(11)) == ["Authorization/desk:(app): Still authorizing... [00m10s elapsed]"])
        #expect(steps.due(at: .seconds(12)).isEmpty)
        #expect(
            steps.due(at: .seconds(26)) == [
                "Authorization/desk:(app): Still authorizing... [00m25s elapsed]",
                "EmailAccount/a: Still logging in... [00m21s elapsed]",
            ])
        steps.ended(slower)
        #expect(steps.due(at: .seconds(36)) == ["EmailAccount/a: Still logging in... [00m31s elapsed]"])
    }

    // MARK: For machines

    @Test func `each event is an object, and says all that there is to say of an outcome`() {
        let step = Made.test(Self.account)
        let sources = SourceMap()
        func object(_ outcome: StepOutcome) -> String {
            ProgressObjects.object(.finished(step, outcome, after: .milliseconds(1500)), sources).text()
        }
        let head = #""step":"EmailAccount/a#test","address":"EmailAccount/a","kind":"test""#
        #expect(ProgressObjects.object(.started(step), sources).text() == #"{"type":"step_start",\#(head)}"#)
        let end = #"{"type":"step_end",\#(head),"outcome":"#
        #expect(object(.done) == end + #""done","milliseconds":1500}"#)
        #expect(
            object(.pending(Made.consent))
                == end + #""pending","message":"desk@example.com must consent","help":"run mailkeel authorize"}"#)
        #expect(
            object(.waiting(for: StepID(Made.slot, .authorize)))
                == end + #""waiting","because":"Authorization/desk:(app)#authorize"}"#)
        #expect(object(.skipped(because: step.id)) == end + #""skipped","because":"EmailAccount/a#test"}"#)
        #expect(object(.notStarted) == end + #""not_started"}"#)
        let failed = object(.failed(Made.failure))
        #expect(
            failed.hasPrefix(end + #""failed","code":"mail.authentication_failed","milliseconds":1500,"diagnostic":{"#))
    }
}
