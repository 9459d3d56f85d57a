import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelSystem
import Synchronization

/// Where the logins of a test stand, live on a terminal: how many are done, and the stage of each that runs.
final class TestProgress: Sendable {
    private let model: Mutex<TestProgressModel>
    /// Nil once the block was taken away: a late frame must not bring it back.
    private let screen = Mutex<ProgressScreen?>(ProgressScreen())
    private let style: TextStyle
    private let terminal: ProgressTerminal
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private static let interval = Duration.milliseconds(100)

    init(total: Int, style: TextStyle, terminal: ProgressTerminal = .standardError) {
        model = Mutex(TestProgressModel(total: total))
        self.style = style
        self.terminal = terminal
        start = clock.now
    }

    func began(_ stage: ProbeStage, of address: ResourceAddress) {
        let now = clock.now - start
        model.withLock { $0.began(stage, of: address, at: now) }
    }

    func awaits(_ receiver: ResourceAddress, by sender: ResourceAddress) {
        let now = clock.now - start
        model.withLock { $0.awaits(receiver, by: sender, at: now) }
    }

    func ended(_ address: ResourceAddress, passed: Bool) { model.withLock { $0.ended(address, passed: passed) } }

    /// Writes a line above the block, which stands again with the next frame.
    func remark(_ line: String) {
        let columns = terminal.size().columns
        screen.withLock { screen in terminal.write(screen?.frame([line], [], columns: columns) ?? line + "\n") }
    }

    /// Runs `body` while the block is drawn, and takes it away after.
    func drawing<Result: Sendable>(_ body: () async -> Result) async -> Result {
        let drawing = Task { while (try? await clock.sleep(for: Self.interval)) != nil { draw() } }
        defer {
            drawing.cancel()
            erase()
        }
        return await body()
    }

    private func draw() {
        let (columns, height) = terminal.size()
        let now = clock.now - start
        let rows = model.withLock { $0.block(at: now, height: ProgressScreen.room(height), style: style) }
        screen.withLock { screen in
            if let frame = screen?.frame([], rows, columns: columns) { terminal.write(frame) }
        }
    }

    private func erase() {
        let columns = terminal.size().columns
        screen.withLock { screen in
            if let frame = screen?.frame([], [], columns: columns), !frame.isEmpty { terminal.write(frame) }
            screen = nil
        }
    }
}

/// What such a block shows.
package struct TestProgressModel: Sendable {
    private let total: Int
    private var passed = 0
    private var failed = 0
    private var searched: Set<ResourceAddress> = []
    private var running: [ResourceAddress: (activity: String, start: Duration)] = [:]
    /// How many running logins are shown.
    private static let limit = 8

    package init(total: Int) { self.total = total }

    package mutating func began(_ stage: ProbeStage, of address: ResourceAddress, at now: Duration) {
        guard !searched.contains(address) else { return }
        running[address] = (stage.activity, running[address]?.start ?? now)
    }

    /// The message of `sender` is looked for.
    package mutating func awaits(_ receiver: ResourceAddress, by sender: ResourceAddress, at now: Duration) {
        // The logins that look for it are no tests of their own.
        searched.insert(receiver)
        running[receiver] = nil
        running[sender] = ("sent, waiting for it in \(receiver)", now)
    }

    package mutating func ended(_ address: ResourceAddress, passed isGood: Bool) {
        running[address] = nil
        if isGood { passed += 1 } else { failed += 1 }
    }

    package func block(at now: Duration, height: Int, style: TextStyle) -> [ProgressRow] {
        guard height > 0 else { return [] }
        var head = ProgressRow()
        head.add("\(passed + failed) of \(total) tested", style.bold)
        if failed > 0 { head.add(", \(failed) failed", style.red) }
        let entries = running.sorted { ($0.value.start, $0.key) < ($1.value.start, $1.key) }
        let room = max(0, min(Self.limit, height - 1))
        let shown = entries.count > room ? max(0, room - 1) : entries.count
        var rows = [head]
        for (address, state) in entries.prefix(shown) {
            var row = ProgressRow()
            row.add("  \(TestRow.time(now - state.start))  ", style.dim)
            row.add("\(address): \(state.activity)")
            rows.append(row)
        }
        if entries.count > shown, room > 0 {
            var row = ProgressRow()
            row.add("  and \(entries.count - shown) more", style.dim)
            rows.append(row)
        }
        return rows
    }
}

extension ProbeStage {
    /// What is being done.
    fileprivate var activity: String {
        switch self {
        case .dns, .tcp: "connecting"
        case .tls: "securing the connection"
        case .greeting: "waiting for the greeting"
        case .capability: "asking what the server can do"
        case .auth: "logging in"
        case .proof: "proving the login"
        }
    }
}
