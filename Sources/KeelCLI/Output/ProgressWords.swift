import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// What a step is doing, in words.
struct ProgressActivity: Equatable {
    /// `logging in`
    let verb: String
    /// `to imap.example.com:993`; empty where there is nothing more to say.
    let detail: String
    /// Whether it may take long enough to be worth a line when it begins.
    let isAnnounced: Bool

    init(_ step: Step) {
        switch step.work {
        case .resolve: self.init("reading secrets", isAnnounced: false)
        case .discover(let work): self.init("discovering endpoints", "of \(work.asWritten)", isAnnounced: false)
        case .verifyClient: self.init("asking whether the client is accepted", isAnnounced: false)
        case .authorize(let work):
            switch work.way {
            case .adopt: self.init("authorizing", "by an earlier consent")
            case .request, .refresh, .consent: self.init("authorizing", "by \(work.client.grant.rawValue)")
            }
        case .test(let work): self.init("logging in", "to \(work.endpoint)")
        case .record: self.init("recording", isAnnounced: false)
        case .revoke: self.init("revoking", "what was replaced or removed")
        case .stage(let work): self.init("staging", "at \(work.keeper)")
        case .authorizeThere(let work): self.init("authorizing", "at \(work.keeper)")
        case .proveThere(let work): self.init("testing", "at \(work.keeper)")
        case .activate(let work): self.init("putting into service", "at \(work.keeper)")
        case .verifyRecord(let work): self.init("reading back", "at \(work.keeper)", isAnnounced: false)
        }
    }

    private init(_ verb: String, _ detail: String = "", isAnnounced: Bool = true) {
        self.verb = verb
        self.detail = TerminalText.clean(detail)
        self.isAnnounced = isAnnounced
    }

    var words: String { detail.isEmpty ? verb : "\(verb) \(detail)" }

    /// `Logging in to imap.example.com:993...`
    var announcement: String { words.prefix(1).uppercased() + words.dropFirst() + "..." }
}

/// The lines of a run that stay: what began, and what came of it. Wording follows Terraform's, which tools parse.
package struct ProgressNarrator {
    private let actions: [ResourceAddress: Action]
    private let style: TextStyle
    /// When the first step of an address started, from the run's start.
    private var started: [ResourceAddress: Duration] = [:]

    package init(_ changes: [Change], style: TextStyle) {
        self.style = style
        actions = Dictionary(changes.map { ($0.address, $0.action) }) { first, _ in first }
    }

    /// What to say when a step starts.
    package mutating func began(_ step: Step, at now: Duration) -> [String] {
        let address = step.id.address
        var lines: [String] = []
        if started[address] == nil {
            started[address] = now
            if let action = actions[address] { lines.append(line(address, action.words.present + "...")) }
        }
        let activity = ProgressActivity(step)
        if activity.isAnnounced { lines.append(line(address, activity.announcement)) }
        return lines
    }

    /// What to say when a step has ended; nil: nothing. What was skipped is said at the end of the run, once for a cause.
    package mutating func ended(_ step: Step, _ outcome: StepOutcome, _ elapsed: Duration, at now: Duration) -> String?
    {
        let address = step.id.address
        let since = now - (started[address] ?? now - elapsed)
        switch outcome {
        case .done:
            switch step.work {
            case .test, .proveThere:
                return line(address, "\(style.green("Proven")): the login worked, after \(Self.seconds(elapsed))")
            case .record(let work):
                guard let action = actions[address] else { return nil }
                let unproven =
                    work.isUnproven(at: address) ? ", \(style.yellow("UNPROVEN")): its proof is deferred" : ""
                return line(address, "\(action.words.past) complete after \(Self.seconds(since))\(unproven)")
            case .authorize, .authorizeThere:
                guard actions[address] == nil else { return nil }
                return line(address, "\(style.green("Authorized")) after \(Self.seconds(elapsed))")
            case .resolve, .discover, .verifyClient, .stage, .activate, .verifyRecord, .revoke: return nil
            }
        case .failed(let failure):
            let activity = ProgressActivity(step).words
            let stage = failure.stage.map { " at \($0.rawValue)" } ?? ""
            let answer = failure.stage == nil ? nil : failure.diagnostic.answer
            let words = answer.map { "; the server said: \($0)" } ?? ""
            return line(
                address, "\(style.red("Failed"))\(stage): \(activity), after \(Self.seconds(elapsed))\(words)")
        case .pending(let action):
            return line(address, "\(style.yellow("Pending")): \(TerminalText.clean(action.message))")
        case .skipped, .waiting, .notStarted: return nil
        }
    }

    /// What to say of a step that runs long.
    static func still(_ step: Step, after elapsed: Duration) -> String {
        "\(TerminalText.clean(step.id.address.description)): Still \(ProgressActivity(step).verb)... [\(clock(elapsed)) elapsed]"
    }

    private func line(_ address: ResourceAddress, _ words: String) -> String {
        "\(TerminalText.clean(address.description)): \(words)"
    }

    // MARK: Times

    static func seconds(_ duration: Duration) -> String { "\(duration.components.seconds)s" }

    /// `00m10s`, and `1h00m10s` from the first hour on.
    package static func clock(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let hours = seconds < 3600 ? "" : "\(seconds / 3600)h"
        return "\(hours)\(two(seconds / 60 % 60))m\(two(seconds % 60))s"
    }
}

extension Action {
    fileprivate var words: (present: String, past: String) {
        switch self {
        case .create: ("Creating", "Creation")
        case .update: ("Modifying", "Modifications")
        case .replace: ("Replacing", "Replacement")
        case .delete: ("Destroying", "Destruction")
        case .move: ("Renaming", "Renaming")
        case .forget: ("Removing from the state", "Removal from the state")
        }
    }
}

extension RecordWork {
    /// Whether an account is committed that nothing has proven.
    fileprivate func isUnproven(at address: ResourceAddress) -> Bool {
        guard case .commit(let planned) = self else { return false }
        return planned.proof == .none && address.kind == .emailAccount
    }
}
