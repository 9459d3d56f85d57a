import KeelBase
import KeelOAuth
import KeelVault

/// When a grant is to be renewed, from what its last renewal gave.
///
/// A grant that somebody uses has its access token renewed before it lapses; one that nobody uses is kept alive: its refresh
/// token is used at a third of its life. What is issued in one minute is spread, by a number that follows from `seed`, so that
/// it does not come due in one minute again and again.
package struct RenewalSchedule: Sendable {
    /// The margin that a recipe asks for beyond the usual one, in seconds.
    var margin = Self.usualMargin
    /// How long a refresh token lives that nobody uses; nil: not known, or there is none.
    var refreshLifetime: Int64?
    /// Whether an access token can be had only by a refresh token, which dies if it is not used.
    var hasRefreshToken = false
    /// What the spread follows from: an id that does not change.
    let seed: String

    /// Ten minutes: some servers refuse a token that has less left (`501 5.5.127 Token will expire soon`).
    static let usualMargin: Int64 = 600
    /// What is taken for the life of a refresh token of which nobody said how long it lives, in seconds: 30 days. It is renewed
    /// every ten days then, and the shortest life that a provider is known to give to tokens in production is a month.
    package static let carefulLifetime: Int64 = 30 * 86_400

    /// For a stored grant.
    init(_ basis: RenewalBasis) {
        self.init(basis.recipe.recipe, seed: basis.record.id.text)
    }

    package init(_ recipe: Recipe, seed: String) {
        self.seed = seed
        margin = max(Self.usualMargin, Int64(recipe.marginSeconds))
        hasRefreshToken = recipe.grantType.needsPerson
        refreshLifetime = recipe.refreshTokenLifetime
    }

    /// Seconds before its end at which a token counts as lapsed: the margin, or a fifth of a short life.
    static func margin(_ obtained: Timestamp, _ expires: Timestamp, atMost limit: Int64 = usualMargin) -> Int64 {
        max(0, min(limit, (expires.seconds - obtained.seconds) / 5))
    }

    /// How far the clocks of two machines that share a vault may be apart, in seconds.
    private static let clockTolerance: Int64 = 300

    /// Whether it was written by a clock that was ahead, so that nothing which was reckoned from it can be believed.
    static func isFuture(_ written: Timestamp, at now: Timestamp) -> Bool {
        written.seconds - now.seconds > clockTolerance
    }

    /// Whether a token is good for at least its margin. Of one that was obtained in the future nobody knows when it lapses: the
    /// clock was wrong then.
    func isFresh(_ token: AccessToken, at now: Timestamp) -> Bool {
        guard !Self.isFuture(token.obtained, at: now) else { return false }
        guard let expires = token.expires else { return true }
        return expires.seconds - now.seconds > Self.margin(token.obtained, expires, atMost: margin)
    }

    /// When to renew a grant that somebody uses: before the margin begins, earlier by up to a tenth of the life.
    package func due(forUse expires: Timestamp, obtained: Timestamp) -> Timestamp {
        let margin = Self.margin(obtained, expires, atMost: margin)
        let spread = max(0, expires.seconds - obtained.seconds) / 10
        return expires.adding(seconds: -margin - share(of: spread))
    }

    /// When to renew a grant that nobody uses; nil: never, a new token costs no more than an old one.
    package func dueToKeepAlive(from now: Timestamp) -> Timestamp? {
        guard hasRefreshToken else { return nil }
        let third = (refreshLifetime ?? Self.carefulLifetime) / 3
        return now.adding(seconds: third - share(of: third / 10))
    }

    /// When the refresh token dies if nobody uses it from now on; nil: not known.
    func horizon(from now: Timestamp) -> Timestamp? {
        guard hasRefreshToken, let refreshLifetime else { return nil }
        return now.adding(seconds: refreshLifetime)
    }

    /// A part of `whole` that follows from the seed alone (FNV-1a): even, and the same in every process.
    private func share(of whole: Int64) -> Int64 {
        guard whole > 0 else { return 0 }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in seed.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        // Its low bits are the even ones.
        return Int64((hash ^ (hash >> 32)) % UInt64(whole))
    }
}

extension RenewalSchedule {
    /// What the vault keeps of an answer.
    ///
    /// `isUsed`: somebody waits for the access token, or has just obtained the grant; then the next one is made in time too.
    func stored(_ issued: KeelOAuth.IssuedTokens, at now: Timestamp, isUsed: Bool = true) -> KeelVault.IssuedTokens {
        let use = due(forUse: issued.expiresAt, obtained: now)
        let keepAlive = dueToKeepAlive(from: now)
        return KeelVault.IssuedTokens(
            access: issued.accessToken, accessExpires: issued.expiresAt,
            refresh: hasRefreshToken ? issued.refreshToken : nil, refreshHorizon: horizon(from: now),
            scopes: issued.grantedScopes, renewalDue: isUsed ? min(use, keepAlive ?? use) : keepAlive)
    }
}

extension Recipe {
    /// What the vault keeps of the answer that begins a grant, which has no id yet: its slot is as good to spread by.
    package func tokens(of issued: KeelOAuth.IssuedTokens, at now: Timestamp) -> KeelVault.IssuedTokens {
        RenewalSchedule(self, seed: "\(profile):\(subject)").stored(issued, at: now)
    }
}
