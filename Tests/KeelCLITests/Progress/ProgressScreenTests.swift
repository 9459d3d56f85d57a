import KeelCLI
import KeelDiagnostics
import Testing

struct ProgressScreenTests {
    private static func rows(_ texts: String...) -> [ProgressRow] {
        texts.map { text in
            var row = ProgressRow()
            row.add(text, TextStyle(color: true).dim)
            return row
        }
    }

    @Test func `finished lines scroll above a block that is drawn again`() {
        var screen = Screen(width: 20, height: 6)
        var view = ProgressScreen()
        screen.write(view.frame([], Self.rows("0 of 9", "  x runs"), columns: 20))
        #expect(screen.lines == ["0 of 9", "  x runs"])
        screen.write(view.frame(["x: done"], Self.rows("1 of 9", "  y runs", "  z runs"), columns: 20))
        #expect(screen.lines == ["x: done", "1 of 9", "  y runs", "  z runs"])
        screen.write(view.frame(["y: done", "z: done"], Self.rows("3 of 9"), columns: 20))
        #expect(screen.lines == ["x: done", "y: done", "z: done", "3 of 9"])
        for index in 4...9 {
            screen.write(view.frame(["line \(index)"], Self.rows("\(index) of 9", "  a"), columns: 20))
        }
        #expect(screen.lines == ["line 7", "line 8", "line 9", "9 of 9", "  a"])
        #expect(screen.scrolled == ["x: done", "y: done", "z: done", "line 4", "line 5", "line 6"])
        #expect(screen.unknown.isEmpty)
    }

    @Test func `at the end only what stays is left, and the cursor stands below it`() {
        var screen = Screen(width: 20, height: 6)
        var view = ProgressScreen()
        screen.write("before\n" + view.frame(["x: done"], Self.rows("1 of 2", "  y runs"), columns: 20))
        screen.write(view.frame(["y: done"], [], columns: 20))
        #expect(screen.lines == ["before", "x: done", "y: done"])
        #expect(screen.cursor == (3, 0))
        #expect(view.frame([], [], columns: 20).isEmpty)
    }

    @Test func `what is written below the block, as an echo of control and C, goes with it`() {
        var screen = Screen(width: 20, height: 6)
        var view = ProgressScreen()
        screen.write(view.frame([], Self.rows("1 of 2"), columns: 20))
        screen.write("^C")
        screen.write(view.frame(["stopping"], Self.rows("1 of 2"), columns: 20))
        #expect(screen.lines == ["stopping", "1 of 2"])
    }

    @Test func `a block that became too wide, when the window became narrower, is erased as it was wrapped`() {
        var screen = Screen(width: 40, height: 20)
        var view = ProgressScreen()
        screen.write(view.frame(["kept"], Self.rows("a line of thirty characters ....", "short"), columns: 40))
        screen.narrow(to: 12)
        #expect(screen.lines.count == 5)
        screen.write(view.frame([], Self.rows("a line of thirty characters ....", "short"), columns: screen.width))
        #expect(screen.lines == ["kept", "a line of …", "short"])
    }

    @Test func `a line that fills the width does not wrap`() {
        var screen = Screen(width: 10, height: 4)
        var view = ProgressScreen()
        for _ in 0..<3 { screen.write(view.frame([], Self.rows("0123456789abc", "0123456789"), columns: 10)) }
        #expect(screen.lines == ["01234567…", "01234567…"])
    }

    @Test(arguments: 1...3)
    func `terminals of next to no width are survived`(width: Int) {
        var screen = Screen(width: width, height: 4)
        var view = ProgressScreen()
        for _ in 0..<3 { screen.write(view.frame([], Self.rows("1 of 2"), columns: width)) }
        screen.write(view.frame([], [], columns: width))
        #expect(screen.lines.isEmpty)
    }
}
