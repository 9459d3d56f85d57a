import KeelBase

/// What a test of an account came to, stage by stage.
package struct ProbeReport: Sendable, Hashable {
    package enum Outcome: String, Sendable {
        case ok, failed
        /// It was not reached, or this account has no such stage.
        case skipped
    }

    package struct Stage: Sendable, Hashable {
        package let stage: ProbeStage
        package let outcome: Outcome
        /// Nil where nothing was done or nobody looked at the clock.
        package let elapsed: Duration?
        /// One line, fit to be shown; empty where there is nothing to say.
        package let evidence: String
    }

    /// How a probe ended.
    package enum Ending: Sendable {
        case proven(LoginProof)
        case refused(MailFailure)
        /// The connection broke, or took too long.
        case broken(ConnectionFailure)
    }

    /// All seven, in the order of `ProbeStage`.
    package let stages: [Stage]
    /// What a person should know although nothing failed.
    package let warnings: [String]

    /// The stage that failed; nil when the account is proven.
    package var failed: Stage? { stages.first { $0.outcome == .failed } }

    /// How far it came: the stage that failed, or the last.
    package var reached: ProbeStage { failed?.stage ?? stages.last { $0.outcome == .ok }?.stage ?? .dns }

    /// From the first byte to the last.
    package var elapsed: Duration { stages.reduce(.zero) { $0 + ($1.elapsed ?? .zero) } }

    /// The report of a connection that could not be opened.
    package init(_ failure: DialFailure) {
        let opening = failure.opening
        stages = ProbeStage.allCases.map { stage in
            if stage == failure.stage {
                return Stage(stage: stage, outcome: .failed, elapsed: nil, evidence: Evidence.of(failure.reason))
            }
            guard stage < failure.stage, let opening else {
                return Stage(stage: stage, outcome: stage < failure.stage ? .ok : .skipped, elapsed: nil, evidence: "")
            }
            return Self.opened(stage, opening)
        }
        warnings = []
    }

    /// The report of a conversation over a connection that was opened so.
    package init(_ opening: StreamOpening, _ evidence: ProbeEvidence, _ ending: Ending) {
        let failed = Self.failedStage(evidence, ending)
        let isClear = opening.tls == nil
        stages = ProbeStage.allCases.map { stage in
            if stage == .dns || stage == .tcp || (stage == .tls && !isClear) {
                return stage == failed
                    ? Stage(
                        stage: stage, outcome: .failed, elapsed: Self.opened(stage, opening).elapsed,
                        evidence: Evidence.of(ending))
                    : Self.opened(stage, opening)
            }
            let elapsed = stage == .tls ? evidence.handshake ?? evidence.elapsed(in: .tls) : evidence.elapsed(in: stage)
            if stage == failed {
                return Stage(stage: stage, outcome: .failed, elapsed: elapsed, evidence: Evidence.of(ending))
            }
            guard Self.passed(stage, evidence, failed) else {
                return Stage(stage: stage, outcome: .skipped, elapsed: nil, evidence: "")
            }
            return Stage(stage: stage, outcome: .ok, elapsed: elapsed, evidence: Evidence.of(stage, evidence, ending))
        }
        warnings = evidence.warnings
    }

    private static func failedStage(_ evidence: ProbeEvidence, _ ending: Ending) -> ProbeStage? {
        switch ending {
        case .proven: nil
        case .refused(let failure): failure.kind.stage ?? evidence.stage
        case .broken(.injected): .tls
        case .broken: evidence.stage
        }
    }

    /// Whether a stage of the conversation was begun and did not fail. What was said in clear counts only where it led to TLS.
    private static func passed(_ stage: ProbeStage, _ evidence: ProbeEvidence, _ failed: ProbeStage?) -> Bool {
        guard evidence.marks.contains(where: { $0.stage == stage }) else {
            return stage == .capability && evidence.offer != nil
        }
        return !(failed == .tls && stage == .capability)
    }

    private static func opened(_ stage: ProbeStage, _ opening: StreamOpening) -> Stage {
        switch stage {
        case .dns:
            let address = opening.peer.map { $0.host }
            guard let time = opening.resolving else {
                let reason = opening.proxy == nil ? "an address needs no name server" : "the proxy looks it up"
                return Stage(stage: stage, outcome: .skipped, elapsed: nil, evidence: reason)
            }
            return Stage(stage: stage, outcome: .ok, elapsed: time, evidence: address ?? "")
        case .tcp:
            let peer = opening.peer.map { "\($0)" }
            let proxy = opening.proxy.map { "by the proxy \($0)" }
            return Stage(
                stage: stage, outcome: .ok, elapsed: opening.connecting,
                evidence: [peer, proxy].compactMap { $0 }.joined(separator: " "))
        default:
            return Stage(
                stage: stage, outcome: opening.tls == nil ? .skipped : .ok, elapsed: opening.handshake,
                evidence: opening.tls.map(Evidence.of) ?? "")
        }
    }
}

extension ProbeReport {
    /// `{"stages":[{"stage":"dns","outcome":"ok","milliseconds":3,"evidence":"..."}],"warnings":[]}`
    package var json: JSON {
        .object([
            .init("stages", .array(stages.map(\.json))),
            .init("warnings", .array(warnings.map(JSON.string))),
        ])
    }
}

extension ProbeReport.Stage {
    package var json: JSON {
        .present(
            ("stage", .string(stage.rawValue)), ("outcome", .string(outcome.rawValue)),
            (
                "milliseconds",
                elapsed.map { time in
                    let (seconds, attoseconds) = time.components
                    return .integer(Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
                }
            ), ("evidence", evidence.isEmpty ? nil : .string(evidence)))
    }
}
