import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import KeelPlan
import Synchronization
import Testing

/// Whatever was drawn in between, and however often: at the end there is what should stay.
struct ProgressViewTests {
    private final class Drawing: Sendable {
        let text = Mutex("")

        var terminal: ProgressTerminal {
            ProgressTerminal(write: { more in self.text.withLock { $0 += more } }, size: { (80, 24) })
        }

        func screen() -> Screen {
            var screen = Screen(width: 80, height: 24)
            screen.write(text.withLock { $0 })
            return screen
        }
    }

    private static func view(_ steps: [Step], _ drawing: Drawing) -> ProgressView {
        ProgressView(steps: steps, changes: [], style: TextStyle(color: true), terminal: drawing.terminal)
    }

    @Test func `what ended stays, and the terminal is left clean`() async {
        let drawing = Drawing()
        let steps = [Made.test(Made.account("a")), Made.test(Made.account("b"))]
        let view = Self.view(steps, drawing)
        await view.show(Made.started(steps[0], steps[1]))
        await view.show([.finished(steps[0], .done, after: .seconds(2))])
        await view.show([.finished(steps[1], .failed(Made.failure), after: .seconds(1))])
        await view.finish()
        let screen = drawing.screen()
        #expect(
            screen.lines == [
                "EmailAccount/a: Proven: the login worked, after 2s",
                "EmailAccount/b: Failed: logging in to mail.example.com:993, after 1s",
            ])
        #expect(screen.cursor == (2, 0))
        #expect(screen.unknown.isEmpty)
    }

    @Test func `a run that is cut off leaves it clean too`() async {
        let drawing = Drawing()
        let step = Made.test(Made.account("a"))
        let view = Self.view([step], drawing)
        await view.show([.started(step)])
        await view.remark("stopping")
        await view.finish()
        await view.finish()
        #expect(drawing.screen().lines == ["stopping"])
    }

    @Test func `remarks are written before, during and after a run`() async {
        let drawing = Drawing()
        let step = Made.test(Made.account("a"))
        let view = Self.view([step], drawing)
        await view.remark("before")
        await view.show([.started(step)])
        await view.remark("during")
        await view.finish()
        await view.remark("after")
        #expect(drawing.screen().lines == ["before", "during", "after"])
    }
}
