import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelSystem

/// What a run is doing, live on a terminal: what has ended scrolls by, and below it stands what runs and what waits.
package actor ProgressView: ProgressFace {
    private var model: ProgressModel
    private var narrator: ProgressNarrator
    private var screen = ProgressScreen()
    private let style: TextStyle
    private let terminal: ProgressTerminal
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant?
    /// Lines that are still to be printed.
    private var lines: [String] = []
    /// Whether the block shows less than is known.
    private var isBehind = false
    /// The second that the block shows.
    private var shownSecond: Int64 = 0
    private var drawing: Task<Void, Never>?

    /// Runs that end sooner get no block: it would only flicker.
    private static let patience = Duration.milliseconds(300)
    /// Faster than anybody reads, and slow enough to cost nothing.
    private static let interval = Duration.milliseconds(100)

    package init(
        steps: [Step], changes: [Change], style: TextStyle, terminal: ProgressTerminal = .standardError
    ) {
        model = ProgressModel(steps)
        narrator = ProgressNarrator(changes, style: style)
        self.style = style
        self.terminal = terminal
    }

    package func show(_ events: [RunEvent]) {
        let now = elapsed()
        model.take(events, at: now)
        for event in events {
            switch event {
            // What begins is seen in the block.
            case .started(let step): _ = narrator.began(step, at: now)
            case .finished(let step, let outcome, let elapsed):
                if let line = narrator.ended(step, outcome, elapsed, at: now) { lines.append(line) }
            }
        }
        isBehind = true
        if drawing == nil { drawing = Task { await draw() } }
    }

    package func remark(_ line: String) {
        lines.append(line)
        isBehind = true
        drawFrame()
    }

    package func finish() {
        drawing?.cancel()
        drawing = nil
        terminal.write(screen.frame(lines, [], columns: terminal.size().columns))
        lines = []
    }

    private func elapsed() -> Duration {
        let now = clock.now
        guard let start else {
            start = now
            return .zero
        }
        return now - start
    }

    private func draw() async {
        while (try? await clock.sleep(for: Self.interval)) != nil { drawFrame() }
    }

    private func drawFrame() {
        let now = elapsed()
        let second = now.components.seconds
        guard isBehind || second != shownSecond else { return }
        let (columns, height) = terminal.size()
        let isPatient = drawing == nil || now < Self.patience
        let room = ProgressScreen.room(height)
        let rows = isPatient ? [] : model.block(at: now, height: room, style: style)
        isBehind = isPatient && drawing != nil
        shownSecond = second
        let frame = screen.frame(lines, rows, columns: columns)
        lines = []
        if !frame.isEmpty { terminal.write(frame) }
    }
}

/// A terminal to draw on.
package struct ProgressTerminal: Sendable {
    let write: @Sendable (String) -> Void
    /// Asked at each draw, because people resize their windows.
    let size: @Sendable () -> (columns: Int, rows: Int)

    package init(
        write: @escaping @Sendable (String) -> Void, size: @escaping @Sendable () -> (columns: Int, rows: Int)
    ) {
        self.write = write
        self.size = size
    }

    /// Standard error. One that does not know its size is as large as terminals always were.
    package static let standardError = ProgressTerminal(
        write: { _ = StandardStream.error.write($0) },
        size: { Terminal.size(StandardStream.error.rawValue) ?? (80, 24) })
}
