import KeelDiagnostics
import KeelEngine
import KeelPlan

/// Shows what a run is doing, in the form that suits whoever looks: objects for programs, a view on a terminal, lines in a
/// pipe. Feed it in order, and call `finish` however the run ends.
struct ProgressReporter: Sendable {
    private let face: any ProgressFace

    /// Chooses the form.
    static func make(plan: Plan, console: Console, sources: SourceMap) -> ProgressReporter {
        if console.isJSON { return ProgressReporter(face: ProgressObjects(console: console, sources: sources)) }
        // One step is over, or waits for somebody, before a view of it could say more than its line.
        guard console.isLive, plan.steps.count > 1 else {
            return ProgressReporter(face: ProgressLines(plan: plan, console: console))
        }
        return ProgressReporter(face: ProgressView(steps: plan.steps, changes: plan.changes, style: console.errorStyle))
    }

    /// Takes in what happened, in the order in which it did.
    func show(_ events: [RunEvent]) async { await face.show(events) }

    /// Writes a line to standard error without disturbing the view.
    func remark(_ line: String) async { await face.remark(line) }

    /// Writes what is still to be said, and leaves the terminal to whoever writes next.
    func finish() async { await face.finish() }
}

/// One form of showing progress.
protocol ProgressFace: Sendable {
    func show(_ events: [RunEvent]) async
    func remark(_ line: String) async
    func finish() async
}
