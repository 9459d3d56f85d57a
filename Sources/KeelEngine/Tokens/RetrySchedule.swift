import KeelBase
import KeelVault

/// When to try a renewal again that failed.
package struct RetrySchedule: Sendable {
    /// A number of a range; scripted in tests.
    let random: @Sendable (ClosedRange<Int64>) -> Int64

    package init(random: @escaping @Sendable (ClosedRange<Int64>) -> Int64 = { Int64.random(in: $0) }) {
        self.random = random
    }

    /// In seconds: the shortest wait, and the longest without anybody's doing.
    package static let shortest: Int64 = 30
    package static let longest: Int64 = 3600
    /// The longest wait that a provider is granted, in seconds.
    static let longestAsked: Int64 = 86_400

    /// Nil: not before somebody acts.
    ///
    /// What the provider asked for wins. What is likely to pass is tried again by decorrelated jitter: anywhere between the
    /// shortest wait and three times the last one, so that those which failed together do not meet again. What somebody has to
    /// mend elsewhere is tried after an hour, then twice as long each time, up to a day; that mends itself as soon as they have.
    package func retry(
        _ failureClass: FailureClass, after record: GrantRecord, asked: Int?, at now: Timestamp
    ) -> Timestamp? {
        switch failureClass {
        case .reauthorize: return nil
        case .transient, .throttled, .network, .tls:
            if let asked { return now.adding(seconds: min(max(Int64(asked), 1), Self.longestAsked)) }
            let last = Self.lastWait(record) ?? Self.shortest
            let wait = random(Self.shortest...max(Self.shortest + 1, min(last, Self.longest) * 3))
            return now.adding(seconds: min(wait, Self.longest))
        case .fixClient, .fixTenant, .fixManifest, .ambiguous:
            let doublings = min(max(record.renewalFailures, 0), 5)
            let wait = min(Int64(3600) << Int64(doublings), 86_400)
            return now.adding(seconds: wait - random(0...wait / 10))
        }
    }

    /// How long it was waited after the last failure.
    private static func lastWait(_ record: GrantRecord) -> Int64? {
        guard record.renewalFailures > 0, let due = record.renewalDue else { return nil }
        return max(shortest, due.seconds - record.updated.seconds)
    }
}
