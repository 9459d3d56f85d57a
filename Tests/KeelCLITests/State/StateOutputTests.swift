import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelState
import Testing

struct StateOutputTests {
    private static let time = Timestamp(seconds: 1_795_000_000)
    private static let holder = LockRecord(
        id: "id1", operation: "apply", who: "ci@runner7", version: "1.0.0", created: time,
        info: "pid 4711, https://ci.example.com/job/7", path: ".mailkeel/state.json")

    @Test func `a lock is shown in the eight lines that Terraform prints`() {
        #expect(
            LockText.block(Self.holder) == """
                Lock Info:
                  ID:        id1
                  Path:      .mailkeel/state.json
                  Operation: apply
                  Who:       ci@runner7
                  Version:   1.0.0
                  Created:   \(Self.time)
                  Info:      pid 4711, https://ci.example.com/job/7

                """)
    }

    @Test func `who finds the lock held learns which process to look at, and on which machine`() {
        #expect(LockText.help(Self.holder).contains("end it (pid 4711 on runner7)"))
        #expect(LockText.help(Self.holder).contains("--lock-timeout"))
        #expect(LockText.help(nil).contains("end it, "))
        var foreign = Self.holder
        foreign.info = ""
        #expect(LockText.help(foreign).contains("end it, "))
    }

    @Test func `a lock that a living process holds is not freed, and it says by what it is`() {
        let failure = StateFailure(.locked, path: "state.json", "it is held", holder: Self.holder)
        let help = LockText.refusal(failure).help
        #expect(help?.contains("(pid 4711 on runner7)") == true)
    }

    private static func entry(
        _ serial: Int, current: Bool = false, damage: String? = nil, written: Bool = true
    ) -> HistoryEntry {
        HistoryEntry(
            serial: serial,
            written: written ? Written(run: "run\(serial)", operation: "apply", who: "ci@runner7", at: time) : nil,
            lineage: "l", path: "history/state.\(serial).json", bytes: serial * 1000, isCurrent: current, damage: damage
        )
    }

    @Test func `the history stands in columns, with the state in service and what cannot be read marked`() {
        let table = HistoryTable([
            Self.entry(12, current: true), Self.entry(9, damage: "line 3: a value was expected", written: false),
            Self.entry(0, written: false),
        ])
        #expect(
            table.text(TextStyle(color: false)) == """
                SERIAL  WRITTEN               BY          OPERATION  RUN      SIZE  FILE
                    12  \(Self.time)  ci@runner7  apply      run12  11 KiB  history/state.12.json  (current)
                     9  -                     -           -          -       8 KiB  history/state.9.json  (unreadable: line 3: a value was expected)
                     0  -                     -           -          -         0 B  history/state.0.json

                """)
    }

    @Test func `for machines each state is an object`() {
        let objects = HistoryTable([Self.entry(2, current: true), Self.entry(1, damage: "torn", written: false)])
            .objects
        #expect(
            objects.map { $0.text() } == [
                #"{"serial":2,"current":true,"at":"\#(Self.time)","who":"ci@runner7","operation":"apply","run":"run2","lineage":"l","bytes":2000,"file":"history/state.2.json"}"#,
                #"{"serial":1,"current":false,"lineage":"l","bytes":1000,"file":"history/state.1.json","unreadable":"torn"}"#,
            ])
    }
}
