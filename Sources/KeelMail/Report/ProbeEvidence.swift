import KeelBase

/// What a probe has seen, for a report: only what may be trusted, so nothing that was said before a declared TLS.
package struct ProbeEvidence: Sendable, Hashable {
    /// When a stage began.
    package struct Mark: Sendable, Hashable {
        package let stage: ProbeStage
        /// Since the connection was begun, by the driver's clock.
        package let at: Duration
    }

    /// The stages in the order in which they began; with STARTTLS one may begin twice.
    package private(set) var marks: [Mark] = []
    /// When the probe was over; nil while it is not.
    package private(set) var end: Duration?
    /// Empty where it came before TLS.
    package internal(set) var greeting = ForeignText("")
    /// As announced before the login.
    package internal(set) var capabilities: [String] = []
    /// By what the server lets somebody log in; nil while it has not told.
    package internal(set) var offer: LoginOffer?
    /// By what the credential was shown; nil while it is not chosen.
    package internal(set) var method: LoginMethod?
    /// What the server said to the login, as far as it took it.
    package internal(set) var acceptance: ServerAnswer?
    /// What STARTTLS came to.
    package internal(set) var tls: TLSFacts?
    /// How long it took, from the command to the end of the handshake.
    package internal(set) var handshake: Duration?
    /// What a person should know although nothing failed.
    package internal(set) var warnings: [String] = []

    /// Where it stands, or stood when it was over.
    package var stage: ProbeStage { marks.last?.stage ?? .greeting }

    mutating func enter(_ stage: ProbeStage, at time: Duration) {
        guard marks.last?.stage != stage, end == nil else { return }
        marks.append(Mark(stage: stage, at: time))
    }

    mutating func finish(at time: Duration) { end = end ?? time }

    /// Forgets what was said before TLS.
    mutating func secured(_ facts: TLSFacts, at time: Duration) {
        tls = facts
        handshake = marks.last.map { max(.zero, time - $0.at) }
        greeting = ForeignText("")
        capabilities = []
        offer = nil
    }

    /// How long a stage took, all its parts together; nil when it was never begun.
    package func elapsed(in stage: ProbeStage) -> Duration? {
        var sum: Duration?
        for (index, mark) in marks.enumerated() where mark.stage == stage {
            let next = index + 1 < marks.count ? marks[index + 1].at : end ?? mark.at
            sum = (sum ?? .zero) + max(.zero, next - mark.at)
        }
        return sum
    }
}
