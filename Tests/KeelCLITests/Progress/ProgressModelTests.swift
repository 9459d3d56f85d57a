import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import KeelPlan
import Testing

struct ProgressModelTests {
    private static func block(
        _ model: ProgressModel, at seconds: Int = 0, width: Int = 100, height: Int = 24
    ) -> [String] {
        model.block(at: .seconds(seconds), height: height, style: TextStyle(color: false)).map {
            $0.cut(to: width).text
        }
    }

    @Test func `before anything has happened it says what waits for what`() {
        let model = ProgressModel(Made.project(accounts: 12))
        #expect(
            Self.block(model) == [
                "0 of 14 done [00m00s elapsed]",
                "  12 email accounts wait for Authorization/desk:(app)",
                "  1 authorization waits for OAuthProfile/desk",
                "  1 OAuth profile waits for Authorization/desk:(app)",
            ])
    }

    @Test func `what runs is named with its time, and what it opens no longer waits`() {
        let steps = Made.project(accounts: 2)
        var model = ProgressModel(steps)
        model.take(Made.started(steps[0]), at: .zero)
        model.take(Made.done(steps[0]) + Made.started(steps[1]), at: .seconds(1))
        #expect(
            Self.block(model, at: 63) == [
                "0 of 4 done [01m03s elapsed]",
                "  1m02s  Authorization/desk:(app): authorizing at desk",
                "  2 email accounts wait for Authorization/desk:(app)",
                "  1 OAuth profile waits for Authorization/desk:(app)",
            ])
        model.take(Made.done(steps[1]) + Made.started(steps[4], steps[2], steps[3]), at: .seconds(64))
        #expect(
            Self.block(model, at: 65) == [
                "0 of 4 done [01m05s elapsed]",
                "     1s  EmailAccount/a0: logging in to mail.example.com:993",
                "     1s  recording 2 results",
                "  2 email accounts wait for Authorization/desk:(app)",
            ])
    }

    @Test func `at the end nothing runs and nothing waits`() {
        let steps = Made.project(accounts: 3)
        var model = ProgressModel(steps)
        for step in steps { model.take([.started(step), .finished(step, .done, after: .zero)], at: .seconds(1)) }
        #expect(model.counts.done == model.total)
        #expect(Self.block(model, at: 3700) == ["5 of 5 done [1h01m40s elapsed]"])
    }

    @Test func `an address counts once, by the worst that happened to it`() {
        let steps = Made.project(accounts: 3)
        var model = ProgressModel(steps)
        model.take(Made.done(steps[0], steps[1], steps[2], steps[3]), at: .zero)
        let (failing, skipped, waiting) = (steps[4], steps[5], steps[7])
        model.take(
            [
                .started(failing), .finished(failing, .failed(Made.failure), after: .zero),
                .finished(skipped, .skipped(because: failing.id), after: .zero),
                .started(steps[6]), .finished(steps[6], .pending(Made.consent), after: .zero),
                .finished(waiting, .waiting(for: steps[6].id), after: .zero),
                .finished(steps[8], .skipped(because: failing.id), after: .zero),
                .finished(steps[9], .skipped(because: failing.id), after: .zero),
            ], at: .zero)
        #expect(model.counts.done == 2)
        #expect(model.counts.failed == 1)
        #expect(model.counts.pending == 1)
        #expect(model.counts.skipped == 1)
        #expect(Self.block(model) == ["2 of 5 done, 1 failed, 1 pending, 1 skipped [00m00s elapsed]"])
    }

    @Test func `whatever is skipped for a failure waits for nothing any more`() {
        let steps = Made.project(accounts: 100)
        var model = ProgressModel(steps)
        model.take([.started(steps[0]), .finished(steps[0], .failed(Made.failure), after: .zero)], at: .zero)
        model.take(steps.dropFirst().map { .finished($0, .skipped(because: steps[0].id), after: .zero) }, at: .zero)
        #expect(Self.block(model) == ["0 of 102 done, 1 failed, 101 skipped [00m00s elapsed]"])
    }

    @Test func `a step that was cut off runs no longer, and its address is not settled`() {
        let step = Made.test(Made.account("a"))
        var model = ProgressModel([step])
        model.take([.started(step), .finished(step, .notStarted, after: .zero)], at: .zero)
        #expect(Self.block(model) == ["0 of 1 done [00m00s elapsed]"])
    }

    @Test func `of what runs eight are named, the oldest first`() {
        let steps = (0..<11).map { Made.test(Made.account("a\($0)")) }
        var model = ProgressModel(steps)
        for (index, step) in steps.enumerated() { model.take([.started(step)], at: .seconds(index)) }
        let block = Self.block(model, at: 11)
        #expect(block.count == 10)
        #expect(block[1] == "    11s  EmailAccount/a0: logging in to mail.example.com:993")
        #expect(block[8] == "     4s  EmailAccount/a7: logging in to mail.example.com:993")
        #expect(block[9] == "  and 3 more")
    }

    @Test(arguments: 0...12)
    func `the block never takes more rows than it may`(height: Int) {
        let steps = Made.project(accounts: 0) + (0..<11).map { Made.test(Made.account("a\($0)")) }
        var model = ProgressModel(steps)
        for step in steps.dropFirst(4) { model.take([.started(step)], at: .zero) }
        let block = Self.block(model, height: height)
        #expect(block.count == min(height, 12))
        if height > 1 { #expect(block.contains { $0.contains("more") || height > 10 }) }
        if height > 0 { #expect(block[0] == "0 of 13 done [00m00s elapsed]") }
    }

    @Test(arguments: 0...120)
    func `no line is wider than the terminal`(width: Int) {
        let step = Made.test(Made.account("a"))
        var model = ProgressModel([step] + Made.project(accounts: 1))
        model.take([.started(step)], at: .zero)
        for row in model.block(at: .zero, height: 24, style: TextStyle(color: true)) {
            let (text, cells) = row.cut(to: width)
            #expect(cells <= width)
            var screen = Screen(width: 1000, height: 3)
            screen.write(text)
            #expect(screen.cursor.column == cells)
        }
    }

    @Test func `wide characters take two cells, and marks on letters none`() {
        var row = ProgressRow()
        row.add("日本語e\u{301}")
        #expect(row.cut(to: 7) == ("日本語e\u{301}", 7))
        #expect(row.cut(to: 6) == ("日本…", 5))
        #expect(row.cut(to: 1) == ("…", 1))
        #expect(row.cut(to: 0) == ("", 0))
    }

    @Test func `nothing that moves a cursor gets through`() {
        var row = ProgressRow()
        row.add("a\u{1B}[2Jb\nc")
        #expect(row.cut(to: 80).text == "a\u{FFFD}[2Jb c")
    }

    @Test func `events of steps that are not in the plan harm nothing`() {
        var model = ProgressModel([])
        let step = Made.test(Made.account("a"))
        model.take([.started(step), .finished(step, .done, after: .zero)], at: .zero)
        #expect(Self.block(model) == ["0 of 0 done [00m00s elapsed]"])
    }
}
