import KeelBase
import KeelModel

/// How much is left of the time that a refresh token has while nobody uses it.
struct RemainingTime {
    /// When it ends.
    let end: Timestamp
    /// How much of it has passed, in hundredths.
    let percent: Int64
    /// Whether the grant was renewed in the later half of that time: then renewals do not move its end.
    let isRenewedLately: Bool

    /// Nil where no end is known.
    init?(of facts: GrantFacts, _ profile: EffectiveProfile, at now: Timestamp) {
        guard let horizon = facts.horizon else { return nil }
        let whole = max(1, profile.refreshTokenLifetime ?? horizon.end.seconds - horizon.since.seconds)
        let start = horizon.end.seconds - whole
        end = horizon.end
        percent = min(100, max(0, (now.seconds - start) * 100 / whole))
        isRenewedLately = horizon.since.seconds - start > whole / 2
    }

    /// From here on it is no longer left to the next renewal.
    var isNearlyOver: Bool { percent >= 95 }
    /// The parts at which a plan mentions it.
    var mark: Int64? { [80, 50].first { percent >= $0 } }
}
