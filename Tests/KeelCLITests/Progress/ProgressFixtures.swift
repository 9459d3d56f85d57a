import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// Steps and events of made-up runs.
enum Made {
    static let profile = ResourceAddress(.oauthProfile, "desk")
    static let slot = ResourceAddress.authorization(profile: "desk", subject: "(app)")

    static func account(_ name: String) -> ResourceAddress { ResourceAddress(.emailAccount, name) }

    static func record(
        _ address: ResourceAddress, after: [StepID] = [], proof: PlannedRecord.Proof = .earlier
    ) -> Step {
        let planned = PlannedRecord(values: .derived([:]), dependencies: [], authorization: nil, proof: proof)
        return Step(address, .record(.commit(planned)), after: after)
    }

    static func resolve(_ address: ResourceAddress) -> Step {
        Step(address, .resolve(ResolveWork(secrets: [:])), after: [])
    }

    static func authorize(_ address: ResourceAddress, after: [StepID] = []) -> Step {
        Step(address, .authorizeThere(KeeperWork(keeper: "desk")), after: after)
    }

    static func test(_ address: ResourceAddress, after: [StepID] = []) -> Step {
        let work = TestWork(
            type: .imap, endpoint: HostPort(host: "mail.example.com", port: 993), login: .grant(authorization: slot),
            mechanism: .xoauth2, userName: "desk@example.com")
        return Step(address, .test(work), after: after)
    }

    static let failure = StepFailure(Diagnostic.error("mail.authentication_failed", "it failed"))
    static let consent = PendingAction(message: "desk@example.com must consent", help: "run mailkeel authorize")

    static func done(_ steps: Step...) -> [RunEvent] { steps.map { .finished($0, .done, after: .zero) } }

    static func started(_ steps: Step...) -> [RunEvent] { steps.map { .started($0) } }

    /// A profile, its slot, and so many accounts that are tested with it.
    static func project(accounts count: Int) -> [Step] {
        let resolve = resolve(profile)
        let recorded = record(profile, after: [StepID(slot, .authorize)])
        let authorize = authorize(slot, after: [resolve.id])
        var steps = [resolve, authorize, recorded, record(slot, after: [authorize.id])]
        for index in 0..<count {
            let account = account("a\(index)")
            let test = test(account, after: [authorize.id, resolve.id])
            steps += [test, record(account, after: [test.id, recorded.id, StepID(slot, .record)])]
        }
        return steps
    }
}

/// A terminal's screen: what of ECMA-48 the view may use, and a mark where it uses more.
struct Screen {
    private(set) var width: Int
    private let height: Int
    private var rows: [[Character]] = [[]]
    private var row = 0
    private var column = 0
    /// What scrolled out at the top.
    private(set) var scrolled: [String] = []
    /// Sequences that the view must not use.
    private(set) var unknown: [String] = []

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// What is to be seen, without empty rows at the end.
    var lines: [String] {
        var lines = rows.map { String($0) }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    var cursor: (row: Int, column: Int) { (row, column) }

    mutating func write(_ text: String) {
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\u{1B}": escape(&rest)
            case "\r": column = 0
            case "\n": newLine()
            default: put(character)
            }
        }
    }

    private mutating func escape(_ rest: inout Substring) {
        var parameters = ""
        guard rest.popFirst() == "[" else { return unknown.append("escape") }
        while let next = rest.first, next.isNumber || next == ";" || next == "?" {
            parameters.append(next)
            rest.removeFirst()
        }
        switch rest.popFirst() {
        case "A": row = max(0, row - (Int(parameters) ?? 1))
        case "J" where parameters.isEmpty:
            rows[row] = Array(rows[row].prefix(column))
            rows.removeSubrange((row + 1)...)
        case "m": break
        case let other: unknown.append(parameters + (other.map(String.init) ?? ""))
        }
    }

    private mutating func put(_ character: Character) {
        if column == width { newLine() }
        while rows[row].count <= column { rows[row].append(" ") }
        rows[row][column] = character
        column += 1
    }

    private mutating func newLine() {
        column = 0
        row += 1
        if row == rows.count { rows.append([]) }
        guard rows.count > height else { return }
        scrolled.append(String(rows.removeFirst()))
        row -= 1
    }

    /// The window becomes narrower, and what no longer fits is wrapped, as most terminals do.
    mutating func narrow(to width: Int) {
        var wrapped: [[Character]] = []
        for (index, line) in rows.enumerated() {
            if index == row { row = wrapped.count }
            var rest = line[...]
            repeat {
                wrapped.append(Array(rest.prefix(width)))
                rest = rest.dropFirst(width)
            } while !rest.isEmpty
        }
        self.width = width
        rows = wrapped
    }
}
